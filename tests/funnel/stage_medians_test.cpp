#include <putki/funnel/stage_medians.hpp>

#include "random_log.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <map>

using namespace putki;
using std::chrono::hours;

namespace {

struct NaiveStays {
  std::vector<double> closed;
  std::vector<double> open;
};

std::map<StageId, NaiveStays> naive_stays(const std::vector<test::DealHistory>& histories, Timestamp instant) {
  std::map<StageId, NaiveStays> stays;
  for (const auto& history : histories)
    for (const auto& visit : test::naive_visits(history, instant)) {
      NaiveStays& of = stays[visit.stage];
      if (visit.next == kNoStage)
        of.open.push_back(static_cast<double>((instant - visit.entered).count()) / 86'400e6);
      else
        of.closed.push_back(static_cast<double>((visit.left - visit.entered).count()) / 86'400e6);
    }
  return stays;
}

std::optional<double> naive_median(std::vector<double> values) {
  if (values.empty()) return std::nullopt;
  std::sort(values.begin(), values.end());
  return 0.5 * (values[(values.size() - 1) / 2] + values[values.size() / 2]);
}

// Kaplan-Meier from its definition: at each distinct age of an end, those with at least that age are at risk. Where the
// curve rests at one half, the middle of that stretch.
std::optional<double> naive_kaplan_meier_median(const NaiveStays& stays) {
  std::vector<double> ages = stays.closed;
  std::sort(ages.begin(), ages.end());
  ages.erase(std::unique(ages.begin(), ages.end()), ages.end());
  double survival = 1;
  std::optional<double> rests_from;
  for (const double age : ages) {
    const auto still = [&](double other) { return other >= age; };
    const auto at_risk = std::count_if(stays.closed.begin(), stays.closed.end(), still) +
                         std::count_if(stays.open.begin(), stays.open.end(), still);
    const auto ends = std::count(stays.closed.begin(), stays.closed.end(), age);
    survival *= static_cast<double>(at_risk - ends) / static_cast<double>(at_risk);
    if (rests_from) return 0.5 * (*rests_from + age);
    if (survival < 0.5 - 1e-9) return age;
    if (survival < 0.5 + 1e-9) rests_from = age;
  }
  if (!rests_from) return std::nullopt;
  double last = ages.back();
  for (const double age : stays.open) last = std::max(last, age);
  return 0.5 * (*rests_from + last);
}

// By sorting or by one pass, in which few visits are all kept one by one.
void check_medians(const AsOf& view, const std::vector<test::DealHistory>& histories,
                   const StageMediansOptions& options) {
  auto stays = naive_stays(histories, view.instant());
  const auto same = [](std::optional<double> a, std::optional<double> b) {
    REQUIRE(a.has_value() == b.has_value());
    if (a) REQUIRE(*a == Approx(*b).epsilon(1e-12));
  };
  std::size_t timed = 0;
  for (const StageMedian& median : stage_medians(view, options)) {
    ++timed;
    const NaiveStays& of = stays[median.stage];
    REQUIRE(!view.graph().is_terminal(median.stage));
    REQUIRE(median.closed == of.closed.size());
    REQUIRE(median.still_there == of.open.size());
    same(median.closed_median_days, naive_median(of.closed));
    same(median.median_days, naive_kaplan_meier_median(of));
  }
  REQUIRE(timed == view.graph().stages_of(StageKind::open).size() + view.graph().stages_of(StageKind::on_hold).size());
}

}  // namespace

TEST_CASE("Medians of all stages are those of the definition, with ties, loops and reopened deals") {
  std::mt19937 random(61);
  const StageGraph b2b = StageGraph::b2b_template();
  const StageGraph two = StageGraph::Builder().stage("Lead").stage("Wait", StageKind::on_hold).build();
  for (const StageGraph& graph : {b2b, two})
    for (int round = 0; round < 1500; ++round) {
      const auto histories = test::random_histories(
          random, graph,
          {.deals = 1 + round % 40, .most_changes = 1 + round % 9, .date_only = round % 5 == 0, .amounts = true});
      const AsOf view(test::build_log(graph, histories), test::kFirstInstant + hours{6 * (random() % 260)});
      check_medians(view, histories, {.threads = 1U + round % 2, .sort_up_to = round % 3 == 0 ? 1'000U : 0U});
    }
}

TEST_CASE("Medians hold from microseconds to decades, in many stages and with many visits to each") {
  std::mt19937 random(62);
  for (const int stages : {1, 3, 200}) {
    StageGraph::Builder builder;
    for (int s = 0; s < stages; ++s) builder.stage("S" + std::to_string(s));
    const StageGraph graph = builder.stage("Won", StageKind::won).build();
    std::lognormal_distribution<double> stay(20, 6);
    for (int round = 0; round < 3; ++round) {
      std::vector<test::DealHistory> histories;
      for (int d = 0; d < 1500; ++d) {
        test::DealHistory history{.name = "deal " + std::to_string(d), .region = "", .changes = {}};
        Timestamp time = test::kFirstInstant + std::chrono::microseconds{random()};
        for (int i = 0; i < 3; ++i) {
          history.changes.push_back({time, static_cast<StageId>(random() % graph.stage_count())});
          time += std::chrono::microseconds{static_cast<std::int64_t>(std::min(stay(random), 8e14))};
        }
        histories.push_back(std::move(history));
      }
      const AsOf view(test::build_log(graph, histories), test::kFirstInstant + hours{24 * 365 * (1 + 20 * round)});
      check_medians(view, histories, {.threads = 2, .sort_up_to = 0});
      check_medians(view, histories, {.threads = 2});
    }
  }
}

TEST_CASE("The median counts those still there, that of closed visits does not") {
  const StageGraph graph = StageGraph::b2b_template();
  // Left after 1, 2 and 4 days; two are there after 3 and one after 9. At risk: 6, 5, and 2 at day 4.
  std::vector<test::DealHistory> histories;
  for (const auto& [entry, leave] : {std::pair{0, 1}, {0, 2}, {0, 4}, {6, -1}, {6, -1}, {0, -1}}) {
    test::DealHistory history{.name = "deal " + std::to_string(histories.size()), .region = "", .changes = {}};
    history.changes.push_back({test::kFirstInstant + hours{24 * entry}, StageId{0}});
    if (leave > 0) history.changes.push_back({test::kFirstInstant + hours{24 * (entry + leave)}, StageId{1}});
    histories.push_back(std::move(history));
  }
  const auto medians = stage_medians(AsOf(test::build_log(graph, histories), test::kFirstInstant + hours{24 * 9}));
  CHECK(medians[0].closed == 3);
  CHECK(medians[0].still_there == 3);
  CHECK(medians[0].closed_median_days == 2.0);
  CHECK(medians[0].median_days == 4.0);  // 5/6, 4/6, then 4/6 x 1/2
}

TEST_CASE("Counting into bins finds the medians that sorting finds, also where many are open or the sample misleads") {
  std::mt19937 random(63);
  const StageGraph graph = StageGraph::b2b_template();
  std::lognormal_distribution<double> stay(std::log(6 * 86'400e6), 1.2);
  for (const int trouble : {0, 1, 2}) {
    EventLogBuilder builder(graph);
    for (int d = 0; d < 60'000; ++d) {
      const DealId deal = builder.deal("deal " + std::to_string(d));
      Timestamp time = test::kFirstInstant + std::chrono::minutes{random() % (60 * 24 * 200)};
      for (std::uint16_t stage = 0; stage < 4; ++stage) {
        builder.add({.deal = deal, .time = time, .stage = StageId{stage}});
        // The sample takes blocks of 32 deals at even strides: these are alike, and unlike all others.
        const double slower = trouble == 1 && d % (60'000 / 512) < 32 ? 50 : 1;
        time += std::chrono::microseconds{static_cast<std::int64_t>(slower * stay(random))};
        if (trouble == 2) time = std::chrono::floor<Days>(time) + hours{24};  // ties
      }
    }
    const AsOf view(builder.build(), test::kFirstInstant + hours{24 * 210});
    const auto sorted = stage_medians(view), counted = stage_medians(view, {.threads = 1, .sort_up_to = 0}),
               twice = stage_medians(view, {.threads = 2, .sort_up_to = 0});
    for (std::size_t s = 0; s < sorted.size(); ++s) {
      REQUIRE(counted[s].closed == sorted[s].closed);
      REQUIRE(counted[s].still_there == sorted[s].still_there);
      REQUIRE(counted[s].closed_median_days == sorted[s].closed_median_days);
      REQUIRE(counted[s].median_days.has_value() == sorted[s].median_days.has_value());
      if (sorted[s].median_days) REQUIRE(*counted[s].median_days == Approx(*sorted[s].median_days).epsilon(1e-4));
      REQUIRE(twice[s].median_days == counted[s].median_days);
    }
  }
}

TEST_CASE("Without visits there are no medians") {
  for (const StageMedian& median : stage_medians(AsOf::end_of(EventLog(StageGraph::b2b_template())))) {
    CHECK(median.closed == 0);
    CHECK_FALSE(median.median_days);
    CHECK_FALSE(median.closed_median_days);
  }
  const StageGraph ends = StageGraph::Builder().stage("Won", StageKind::won).build();
  CHECK(stage_medians(AsOf::end_of(EventLog(ends))).empty());
}
