#include <putki/funnel/action_plan.hpp>

#include <putki/core/error.hpp>
#include <putki/core/random.hpp>
#include <putki/ingest/csv_reader.hpp>

#include "random_log.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <map>
#include <set>

using namespace putki;
using std::chrono::hours;

namespace {

struct PlannedStay {
  double days;
  StageId next;
};

// Aalen-Johansen by its definition: share of each next stage after `age` (-1: from the beginning), and when.
struct NaiveNext {
  std::map<StageId, std::vector<std::pair<double, double>>> masses;  // (day, mass)
  double still = 1;
};

NaiveNext naive_next(const std::vector<PlannedStay>& stays, double age) {
  std::set<double> times;
  for (const PlannedStay& stay : stays)
    if (stay.next != kNoStage && stay.days > age) times.insert(stay.days);
  NaiveNext result;
  for (const double time : times) {
    double at_risk = 0;
    std::map<StageId, double> ends;
    for (const PlannedStay& stay : stays) {
      at_risk += stay.days >= time;
      if (stay.days == time && stay.next != kNoStage) ++ends[stay.next];
    }
    const double before = result.still;
    for (const auto& [next, count] : ends) {
      result.masses[next].push_back({time, before * count / at_risk});
      result.still -= before * count / at_risk;
    }
  }
  return result;
}

double sum_of(const std::vector<std::pair<double, double>>& masses) {
  double sum = 0;
  for (const auto& [time, mass] : masses) sum += mass;
  return sum;
}

test::DealHistory planned_history(std::string name, std::vector<std::pair<int, std::size_t>> changes) {
  test::DealHistory result{.name = std::move(name), .region = "", .changes = {}};
  for (const auto& [day, stage] : changes)
    result.changes.push_back({test::kFirstInstant + hours{24 * day}, static_cast<StageId>(stage)});
  return result;
}

}  // namespace

TEST_CASE("What comes next, when, and what remains equal a walk through the histories") {
  const StageGraph graph = StageGraph::b2b_template();
  std::mt19937 random(81);
  std::size_t absent = 0, present = 0, many_ways = 0;
  for (int round = 0; round < 1'500; ++round) {
    const auto histories = test::random_histories(random, graph, {.deals = 5 + round % 30});
    const Timestamp instant = test::kFirstInstant + hours{6 * (random() % 260)};
    const double age = round % 2 == 0 ? 0.0 : 0.5 * static_cast<double>(random() % 20);
    const ActionPlan plan =
        action_plan(AsOf(test::build_log(graph, histories), instant), {.at_age_days = age, .continuations = 1'000});
    std::map<StageId, std::vector<PlannedStay>> stays;
    std::map<StageId, std::map<std::vector<StageId>, std::array<std::uint64_t, 3>>> ways;
    for (const auto& history : histories) {
      const auto visits = test::naive_visits(history, instant);
      std::size_t end = 0;
      while (end < visits.size() && !graph.is_terminal(visits[end].stage)) ++end;
      for (std::size_t i = 0; i < visits.size(); ++i) {
        const auto& visit = visits[i];
        stays[visit.stage].push_back(
            {elapsed_days(visit.entered, visit.next == kNoStage ? instant : visit.left), visit.next});
        if (i >= end) continue;
        std::vector<StageId> way;
        for (std::size_t j = i + 1; j < end; ++j) way.push_back(visits[j].stage);
        const std::size_t kind = end == visits.size() ? 2 : graph.kind(visits[end].stage) == StageKind::won ? 0 : 1;
        ++ways[visit.stage][way][kind];
      }
    }
    REQUIRE(plan.stages.size() == 5);
    std::array<std::array<double, 7>, 5> moves{};
    std::array<double, 5> means{};
    std::array<bool, 5> left_by_any{};
    for (std::size_t s = 0; s < 5; ++s) {
      const StagePlan& stage = plan.stages[s];
      const auto& seen = stays[stage.stage];
      REQUIRE(stage.visits == seen.size());
      const NaiveNext naive = naive_next(seen, age == 0 ? -1 : age);
      REQUIRE(stage.still_here == Approx(naive.still).margin(1e-12));
      REQUIRE(stage.next.size() == naive.masses.size());
      for (const NextStage& next : stage.next) {
        const auto& masses = naive.masses.at(next.stage);
        const double all = sum_of(masses);
        REQUIRE(next.probability == Approx(all).margin(1e-12));
        REQUIRE(next.limits.lower <= all + 1e-12);
        REQUIRE(next.limits.upper >= all - 1e-12);
        for (const auto& [part, quartile] : {std::pair{0.25, next.q25}, {0.5, next.q50}, {0.75, next.q75}}) {
          double by_then = 0, before = 0;
          for (const auto& [time, mass] : masses) {
            by_then += time <= quartile ? mass : 0;
            before += time < quartile ? mass : 0;
          }
          REQUIRE(by_then >= part * all - 1e-9);
          REQUIRE(before < part * all + 1e-9);
        }
      }
      const NaiveNext fresh = naive_next(seen, -1);
      for (const auto& [next, masses] : fresh.masses) moves[s][index(next)] = sum_of(masses) / (1 - fresh.still);
      left_by_any[s] = !fresh.masses.empty();
      // area under the share still there, up to the longest stay
      double longest = 0;
      for (const PlannedStay& stay : seen) longest = std::max(longest, stay.days);
      means[s] = longest * fresh.still;
      for (const auto& [next, masses] : fresh.masses)
        for (const auto& [time, mass] : masses) means[s] += mass * time;
      // continuations: every way that ended, with its counts
      std::size_t ended = 0;
      for (const auto& [way, counts] : ways[stage.stage]) ended += counts[0] + counts[1] > 0;
      REQUIRE(stage.ways == ways[stage.stage].size());
      REQUIRE(stage.continuations.size() == ended);
      many_ways += ended > 3;
      for (const Continuation& way : stage.continuations) {
        const auto& counts = ways[stage.stage].at(way.stages);
        REQUIRE(way.won == counts[0]);
        REQUIRE(way.lost == counts[1]);
        REQUIRE(way.open == counts[2]);
      }
      for (std::size_t i = 1; i < stage.continuations.size(); ++i)
        REQUIRE(stage.continuations[i - 1].won >= stage.continuations[i].won);
    }
    // Every way counted out, step by step, until next to nothing is left on the way.
    for (std::size_t s = 0; s < 5; ++s) {
      std::array<double, 5> here{};
      here[s] = 1;
      double days = 0, visits = 0, won = 0, stuck = 0, going = 1;
      for (int step = 0; step < 20'000 && going > 1e-13; ++step) {
        std::array<double, 5> then{};
        for (std::size_t i = 0; i < 5; ++i) {
          if (here[i] == 0) continue;
          days += here[i] * means[i];
          visits += here[i];
          if (!left_by_any[i]) stuck += here[i];
          won += here[i] * moves[i][5];
          for (std::size_t j = 0; j < 5; ++j) then[j] += here[i] * moves[i][j];
        }
        here = then;
        going = 0;
        for (const double mass : here) going += mass;
      }
      const bool known = stuck == 0 && going <= 1e-13;
      REQUIRE(plan.stages[s].expected_days.has_value() == known);
      (known ? present : absent) += 1;
      if (!known) continue;
      REQUIRE(*plan.stages[s].expected_days == Approx(days).epsilon(1e-8));
      REQUIRE(*plan.stages[s].expected_visits == Approx(visits).epsilon(1e-8));
      REQUIRE(*plan.stages[s].win_ever == Approx(won).margin(1e-9));
    }
  }
  CHECK(present > 2'000);
  CHECK(absent > 200);
  CHECK(many_ways > 300);
}

TEST_CASE("Remaining time and visits by hand") {
  // Lead -> Talk always, 2 days; Talk -> Lead in one of four visits, else won (2) or lost (1), 4 days.
  const StageGraph graph = StageGraph::linear(std::vector<std::string>{"Lead", "Talk"});
  const std::vector<test::DealHistory> histories{planned_history("a", {{0, 0}, {2, 1}, {6, 0}, {8, 1}, {12, 2}}),
                                                 planned_history("b", {{0, 0}, {2, 1}, {6, 2}}),
                                                 planned_history("c", {{0, 0}, {2, 1}, {6, 3}})};
  const ActionPlan plan = action_plan(AsOf::end_of(test::build_log(graph, histories)));
  // visits to Talk until the end: 1 / (1 - 1/4) = 4/3, to Lead from Talk 1/3
  CHECK(*plan.stages[1].expected_visits == Approx(4.0 / 3 + 1.0 / 3));
  CHECK(*plan.stages[1].expected_days == Approx(4.0 * 4 / 3 + 2.0 / 3));
  CHECK(*plan.stages[0].expected_days == Approx(2 + 4.0 * 4 / 3 + 2.0 / 3));
  CHECK(*plan.stages[0].win_ever == Approx(2.0 / 3));
  CHECK(plan.stages[0].unresolved == 0);
  REQUIRE(plan.stages[0].continuations.size() == 2);
  // Talk alone: the second visit of a, and b, c
  CHECK(plan.stages[0].continuations[0].stages == std::vector<StageId>{StageId{1}});
  CHECK(plan.stages[0].continuations[0].won == 2);
  CHECK(plan.stages[0].continuations[0].lost == 1);
  CHECK(plan.stages[0].continuations[0].win_limits == wilson_interval(2, 3));
  CHECK(plan.stages[0].continuations[1].stages == std::vector<StageId>{StageId{1}, StageId{0}, StageId{1}});
}

TEST_CASE("The latest useful day is where loss becomes the likelier end") {
  const StageGraph graph = StageGraph::linear(std::vector<std::string>{"Lead"});
  // Of a hundred, ten a day are won on days 1 .. 6, and forty are lost on days 11 .. 20, four a day: with w wins left,
  // w < 40 from 30 wins on, after day 3.
  std::vector<test::DealHistory> histories;
  for (int i = 0; i < 60; ++i) histories.push_back(planned_history("w" + std::to_string(i), {{0, 0}, {1 + i / 10, 1}}));
  for (int i = 0; i < 40; ++i) histories.push_back(planned_history("l" + std::to_string(i), {{0, 0}, {11 + i / 4, 2}}));
  const StagePlan lead = action_plan(AsOf::end_of(test::build_log(graph, histories))).stages[0];
  REQUIRE(lead.latest_useful_day.has_value());
  CHECK(*lead.latest_useful_day == 3);
  CHECK(lead.advance_then == Approx(30.0 / 70));
  CHECK(lead.lost_then == Approx(40.0 / 70));
  // With twenty times fewer deals the same shares may be noise.
  std::vector<test::DealHistory> few;
  for (std::size_t i = 0; i < histories.size(); i += 20) few.push_back(histories[i]);
  CHECK_FALSE(action_plan(AsOf::end_of(test::build_log(graph, few)), {.least_at_risk = 2})
                  .stages[0]
                  .latest_useful_day.has_value());
}

TEST_CASE("Noise alone rarely makes a latest useful day; a true one is found") {
  const StageGraph graph = StageGraph::linear(std::vector<std::string>{"Lead"});
  const auto found = [&](double win_rate, double later_loss_rate, std::uint64_t seed) {
    EventLogBuilder builder(graph);
    RandomStream random(82, seed);
    const auto at = [](double days) {
      return test::kFirstInstant + std::chrono::microseconds(std::llround(days * 86'400e6));
    };
    for (int i = 0; i < 200; ++i) {
      const DealId deal = builder.deal(std::to_string(i));
      const double entered = 30 * random.uniform();
      const double won = random.exponential() / win_rate;
      double lost = random.exponential() / 0.05;
      if (lost > 10) lost = 10 + random.exponential() / later_loss_rate;
      builder.add({.deal = deal, .time = at(entered), .stage = StageId{0}});
      builder.add(
          {.deal = deal, .time = at(entered + std::min(won, lost)), .stage = won < lost ? StageId{1} : StageId{2}});
    }
    return action_plan(AsOf(builder.build(), at(60))).stages[0].latest_useful_day;
  };
  // The second: with u = exp(-0.15 (10 - a)) left until day 10, A = 2/3 (1 - u) + u/6 and L = 1/3 (1 - u) + 5u/6 cross
  // at u = 1/3, a = 2.68.
  int false_alarms = 0, hits = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    false_alarms += found(0.05, 0.05, seed).has_value();  // the two are alike at every age
    const auto day = found(0.1, 0.5, 1'000 + seed);       // see below
    hits += day.has_value() && *day >= 1 && *day <= 6;
  }
  CHECK(false_alarms <= 20);  // 5 %; 3 % of them here
  CHECK(hits >= 350);
}

TEST_CASE("An action plan of nothing is empty, ways too long are counted apart, and bad options are refused") {
  const StageGraph graph = StageGraph::b2b_template();
  const AsOf empty = AsOf::end_of(EventLog(graph));
  const ActionPlan plan = action_plan(empty);
  REQUIRE(plan.stages.size() == 5);
  CHECK(plan.stages[0].next.empty());
  CHECK(plan.stages[0].still_here == 1);
  CHECK_FALSE(plan.stages[0].expected_days.has_value());
  CHECK_THROWS_AS(action_plan(empty, {.at_age_days = -1}), InvalidArgument);
  CHECK_THROWS_AS(action_plan(empty, {.at_age_days = std::nan("")}), InvalidArgument);
  CHECK_THROWS_AS(action_plan(empty, {.least_at_risk = 1}), InvalidArgument);
  CHECK_THROWS_AS(action_plan(empty, {.continuations = 1'001}), InvalidArgument);

  std::vector<std::pair<int, std::size_t>> there_and_back;
  for (int day = 0; day < 40; ++day) there_and_back.push_back({day, static_cast<std::size_t>(day % 2)});
  there_and_back.push_back({40, 5});
  const std::vector<test::DealHistory> histories{planned_history("long", there_and_back)};
  const ActionPlan looping = action_plan(AsOf::end_of(test::build_log(graph, histories)));
  CHECK(looping.stages[0].longer.won == 12);  // of its 20 visits those followed by 17 stages or more: 39, 37, .. 17
  CHECK(looping.stages[0].ways == 8);

  const StageGraph no_win = StageGraph::Builder().stage("A").stage("B").build();
  std::mt19937 random(83);
  CHECK_FALSE(action_plan(AsOf::end_of(test::build_log(no_win, test::random_histories(random, no_win))))
                  .stages[0]
                  .expected_days.has_value());
  StageGraph::Builder builder;
  for (int i = 0; i < 198; ++i) builder.stage("S" + std::to_string(i));
  const StageGraph wide = builder.stage("Won", StageKind::won).stage("Lost", StageKind::lost).build();
  CHECK(action_plan(AsOf::end_of(test::build_log(wide, test::random_histories(random, wide, {.deals = 200}))))
            .stages.size() == 198);
}
