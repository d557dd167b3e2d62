#include <putki/stats/durations.hpp>

#include <putki/core/error.hpp>

#include "random_log.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace putki;
using std::chrono::hours;

namespace {

// (time, cause) in any order.
std::multiset<std::pair<double, int>> observations(const Durations& durations) {
  std::multiset<std::pair<double, int>> set;
  for (std::size_t i = 0; i < durations.size(); ++i) set.emplace(durations.time[i], durations.cause[i]);
  return set;
}

double days_between(Timestamp from, Timestamp to) {
  return static_cast<double>((to - from).count()) / (24.0 * 3600 * 1'000'000);
}

int cause_of(StageId stage) {
  return stage == kNoStage ? 0 : static_cast<int>(index(stage)) + 1;
}

}  // namespace

TEST_CASE("Visit and deal durations are those of a naive walk over the histories") {
  const StageGraph graph = StageGraph::b2b_template();
  std::mt19937 random(21);
  for (int round = 0; round < 40; ++round) {
    const auto histories = test::random_histories(random, graph);
    const Timestamp instant = test::kFirstInstant + hours{6 * (random() % 260)};
    const AsOf view(test::build_log(graph, histories), instant);
    std::vector<std::multiset<std::pair<double, int>>> visits(graph.stage_count());
    std::multiset<std::pair<double, int>> deals;
    for (const auto& history : histories) {
      const auto stays = test::naive_visits(history, instant);
      for (const auto& visit : stays)
        visits[index(visit.stage)].emplace(days_between(visit.entered, visit.next == kNoStage ? instant : visit.left),
                                           cause_of(visit.next));
      if (stays.empty()) continue;
      const auto end =
          std::find_if(stays.begin(), stays.end(), [&](const auto& v) { return graph.is_terminal(v.stage); });
      if (end == stays.end()) {
        deals.emplace(days_between(stays.front().entered, instant), 0);
      } else {
        deals.emplace(days_between(stays.front().entered, end->entered), cause_of(end->stage));
      }
    }
    for (std::size_t s = 0; s < graph.stage_count(); ++s) {
      const Durations durations = visit_durations(view, static_cast<StageId>(s));
      REQUIRE(observations(durations) == visits[s]);
      REQUIRE(durations.entry.empty());
      REQUIRE(durations.cause_count == static_cast<int>(graph.stage_count()));
    }
    REQUIRE(observations(deal_durations(view)) == deals);
  }
}

TEST_CASE("Counted durations are a life table of whole days") {
  const StageGraph graph = StageGraph::b2b_template();
  std::mt19937 random(22);
  for (int round = 0; round < 40; ++round) {
    const auto histories = test::random_histories(random, graph);
    const Timestamp instant = test::kFirstInstant + hours{6 * (random() % 260)};
    const int cap = round % 2 == 0 ? 100 : 5;
    StageStatistics statistics(graph, {.cap_days = cap});
    statistics.update(AsOf(test::build_log(graph, histories), instant));
    for (std::size_t s = 0; s < graph.stage_count(); ++s) {
      const auto stage = static_cast<StageId>(s);
      if (graph.is_terminal(stage)) continue;
      const CountedDurations counted = counted_durations(statistics, stage);
      REQUIRE(counted.time.size() == static_cast<std::size_t>(cap) + 1);
      for (int day = 0; day <= cap; ++day) {
        double at_risk = 0;
        std::vector<double> ends(graph.stage_count());
        for (const auto& history : histories)
          for (const auto& visit : test::naive_visits(history, instant)) {
            if (visit.stage != stage) continue;
            const bool open = visit.next == kNoStage;
            const auto entered = std::chrono::floor<Days>(visit.entered);
            const auto age = (std::chrono::floor<Days>(open ? instant : visit.left) - entered).count();
            at_risk += open ? age > day : age >= day;
            if (!open) ends[index(visit.next)] += age == day;
          }
        const auto i = static_cast<std::size_t>(day);
        REQUIRE(counted.time[i] == day);
        REQUIRE(counted.at_risk[i] == at_risk);
        for (std::size_t to = 0; to < ends.size(); ++to) REQUIRE(counted.ends[to][i] == ends[to]);
      }
    }
  }
}

TEST_CASE("No deals, no durations; stages not of the graph are refused") {
  const StageGraph graph = StageGraph::b2b_template();
  const AsOf view = AsOf::end_of(EventLog(graph));
  CHECK(visit_durations(view, StageId{0}).size() == 0);
  CHECK(deal_durations(view).size() == 0);
  CHECK(counted_durations(StageStatistics(graph), StageId{0}).at_risk == std::vector<double>(731));
  CHECK_THROWS_AS(visit_durations(view, StageId{99}), InvalidArgument);
  CHECK_THROWS_AS(visit_durations(view, kNoStage), InvalidArgument);
  CHECK_THROWS_AS(counted_durations(StageStatistics(graph), StageId{99}), InvalidArgument);
  CHECK_THROWS_AS(counted_durations(StageStatistics(), StageId{0}), InvalidArgument);
}
