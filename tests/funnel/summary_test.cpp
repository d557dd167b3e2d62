#include <putki/funnel/summary.hpp>

#include "random_log.hpp"

#include <catch2/catch.hpp>

#include <cmath>

using namespace putki;
using std::chrono::hours;

namespace {

const CurvePoint& point(const FunnelSummary& summary, std::size_t outcome, std::size_t age) {
  return summary.outcomes.at(outcome).curve.points.at(age);
}

}  // namespace

TEST_CASE("Where nothing was won yet the limits are exact, beyond what was watched nothing is said") {
  // 30 deals of day 0 and 10 of day 15, as of day 20: on day 16 one of the first is lost; nothing is won.
  const StageGraph graph = StageGraph::b2b_template();
  std::vector<test::DealHistory> histories;
  for (int d = 0; d < 40; ++d) {
    histories.push_back({.name = std::to_string(d), .region = "", .changes = {}});
    histories.back().changes.push_back({test::kFirstInstant + hours{24 * (d < 30 ? 0 : 15)}, StageId{0}});
  }
  histories[0].changes.push_back({test::kFirstInstant + hours{24 * 16}, StageId{6}});
  const FunnelSummary summary = summarize_funnel(
      AsOf(test::build_log(graph, histories), test::kFirstInstant + hours{24 * 20}), {.days = {5, 10, 18, 20, 21}});
  // Exact upper limit of none of n: 1 - 0.025^(1/n). All 40 were watched for 5 days, 30 for 10.
  CHECK(point(summary, 0, 0).probability == 0);
  CHECK(point(summary, 0, 0).interval.lower == 0);
  CHECK(point(summary, 0, 0).interval.upper == Approx(0.0880973));  // binom.test(0, 40)
  CHECK(point(summary, 0, 1).interval.upper == Approx(0.1157033));  // binom.test(0, 30)
  CHECK(point(summary, 1, 1).probability == 0);
  CHECK(point(summary, 1, 2).probability == Approx(1.0 / 30));
  CHECK(point(summary, 1, 2).interval.lower > 0);
  CHECK(point(summary, 1, 3).known);
  CHECK_FALSE(point(summary, 1, 4).known);
  CHECK_FALSE(point(summary, 0, 4).known);
}

TEST_CASE("Where all ended alike the limits are exact too, and known for good") {
  const StageGraph graph = StageGraph::b2b_template();
  std::vector<test::DealHistory> histories;
  for (int d = 0; d < 10; ++d)
    histories.push_back(
        {.name = std::to_string(d),
         .region = "",
         .changes = {{test::kFirstInstant, StageId{0}}, {test::kFirstInstant + hours{24 * (1 + d % 2)}, StageId{5}}}});
  const FunnelSummary summary =
      summarize_funnel(AsOf(test::build_log(graph, histories), test::kFirstInstant + hours{24 * 4}), {.days = {3, 90}});
  for (std::size_t age : {0U, 1U}) {
    CHECK(point(summary, 0, age).known);
    CHECK(point(summary, 0, age).probability == Approx(1));
    CHECK(point(summary, 0, age).interval.lower == Approx(0.6915029));  // binom.test(10, 10)
    CHECK(point(summary, 0, age).interval.upper == 1);
    CHECK(point(summary, 1, age).probability == 0);
    CHECK(point(summary, 1, age).interval.upper == Approx(0.3084971));
  }
}

TEST_CASE("Limits always hold their estimate, and a point is known where a deal is old enough to have shown it") {
  const StageGraph graph = StageGraph::b2b_template();
  std::mt19937 random(51);
  for (int round = 0; round < 300; ++round) {
    const auto histories = test::random_histories(random, graph, {.deals = static_cast<int>(random() % 12)});
    const Timestamp instant = test::kFirstInstant + hours{6 * (random() % 280)};
    const FunnelSummary summary = summarize_funnel(AsOf(test::build_log(graph, histories), instant));
    // The longest a deal was watched, until its end or the view.
    double longest = -1, left = 0, deals = 0;
    for (const auto& history : histories) {
      if (history.changes.front().time > instant) continue;
      Timestamp end = instant;
      bool ended = false;
      for (const auto& change : history.changes)
        if (!ended && change.time <= instant && graph.is_terminal(change.stage)) end = change.time, ended = true;
      longest = std::max(longest, elapsed_days(history.changes.front().time, end));
      left += !ended;
      ++deals;
    }
    for (const OutcomeSummary& outcome : summary.outcomes)
      for (const CurvePoint& p : outcome.curve.points) {
        if (p.days <= longest) REQUIRE(p.known);
        if (p.days > longest && left == deals) REQUIRE_FALSE(p.known);  // nothing has ended
        if (left == 0 && deals > 0) REQUIRE(p.known);                   // everything has
        REQUIRE(p.interval.lower <= p.probability + 1e-12);
        REQUIRE(p.interval.upper >= p.probability - 1e-12);
      }
  }
}
