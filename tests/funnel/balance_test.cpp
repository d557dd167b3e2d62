#include <putki/funnel/balance.hpp>

#include <putki/core/error.hpp>
#include <putki/core/random.hpp>

#include "random_log.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <map>

using namespace putki;
using std::chrono::hours;

namespace {

StageGraph balanced_graph() {
  return StageGraph::Builder()
      .stage("Lead")
      .stage("Parked", StageKind::on_hold)
      .stage("Offer")
      .stage("Won", StageKind::won)
      .stage("Lost", StageKind::lost)
      .build();
}

Timestamp balance_day(int day) {
  return test::kFirstInstant + hours{24 * day};
}

int balance_day_number(Timestamp time) {
  return static_cast<int>((std::chrono::floor<Days>(time) - Day{std::chrono::year{2012} / 1 / 1}).count());
}

bool balance_closed(const StageGraph& graph, StageId stage) {
  return graph.stage(stage).name == "Won" || graph.stage(stage).name == "Lost";
}

struct NaivePeriodCount {
  std::uint64_t created = 0, reopened = 0, won = 0, lost = 0, open = 0;
};

/// By the number of the week; 2012-01-01 is a Sunday, so that week 1 begins on day 1.
std::map<int, NaivePeriodCount> naive_weeks(const StageGraph& graph, const std::vector<test::DealHistory>& histories,
                                            Timestamp instant) {
  std::map<int, NaivePeriodCount> weeks;
  const auto week = [](Timestamp time) { return (balance_day_number(time) + 6) / 7; };
  for (const auto& history : histories) {
    const auto visits = test::naive_visits(history, instant);
    if (!visits.empty()) ++weeks[week(visits.front().entered)].created;
    for (const auto& visit : visits) {
      if (!balance_closed(graph, visit.stage)) continue;
      ++(graph.stage(visit.stage).name == "Won" ? weeks[week(visit.entered)].won : weeks[week(visit.entered)].lost);
      if (visit.next != kNoStage) ++weeks[week(visit.left)].reopened;
    }
  }
  for (int w = 0; w < 12; ++w) {
    const Timestamp end = std::min(instant, balance_day(7 * w + 1) - std::chrono::microseconds{1});
    for (const auto& history : histories) {
      const auto visits = test::naive_visits(history, end);
      if (!visits.empty() && !balance_closed(graph, visits.back().stage)) ++weeks[w].open;
    }
  }
  return weeks;
}

/// Chances of moving by age, worked out by asking of every age who was at risk.
class NaiveMoveChances {
 public:
  NaiveMoveChances(const StageGraph& graph, const std::vector<test::DealHistory>& histories, Timestamp instant) {
    const int today = balance_day_number(instant);
    for (const auto& history : histories)
      for (const auto& visit : test::naive_visits(history, instant)) {
        if (balance_closed(graph, visit.stage)) continue;
        const bool moved = visit.next != kNoStage;
        visits_[index(visit.stage)].push_back(
            {(moved ? balance_day_number(visit.left) : today) - balance_day_number(visit.entered), visit.next});
      }
    for (const auto& [stage, visits] : visits_) {
      oldest_[stage] = 0;
      for (int age = 0; age < 100; ++age)
        if (at_risk(stage, age) >= 10) oldest_[stage] = age;
    }
  }
  double chance(std::size_t stage, int age, StageId next) const {
    if (!visits_.contains(stage)) return 0;
    const int oldest = oldest_.at(stage);
    double moves = 0, exposure = 0;
    for (int a = std::min(age, oldest); a < (age < oldest ? age + 1 : 100); ++a) {
      exposure += at_risk(stage, a);
      for (const auto& [at, to] : visits_.at(stage)) moves += at == a && to == next ? 1 : 0;
    }
    return exposure > 0 ? moves / exposure : 0;
  }

 private:
  int at_risk(std::size_t stage, int age) const {
    int n = 0;
    for (const auto& [at, next] : visits_.at(stage)) n += at > age || (at == age && next != kNoStage) ? 1 : 0;
    return n;
  }
  std::map<std::size_t, std::vector<std::pair<int, StageId>>> visits_;
  std::map<std::size_t, int> oldest_;
};

}  // namespace

TEST_CASE("Inflow and closings per week are those of a naive count, and the open deals add up") {
  const StageGraph graph = balanced_graph();
  std::mt19937 random(51);
  for (int round = 0; round < 1500; ++round) {
    const auto histories = test::random_histories(random, graph, {.deals = 12});
    const Timestamp instant = balance_day(0) + hours{6 * (random() % 250)};
    const PeriodCounts counts = period_counts(AsOf(test::build_log(graph, histories), instant));
    auto naive = naive_weeks(graph, histories, instant);
    const auto open = counts.open_at_ends();
    std::uint64_t created = 0, naive_created = 0;
    for (std::size_t i = 0; i < counts.periods.size(); ++i) {
      const PeriodCount& count = counts.periods[i];
      if (i > 0) REQUIRE(count.period.begin == counts.periods[i - 1].period.end);
      const NaivePeriodCount& expected = naive[(balance_day_number(count.period.begin) + 6) / 7];
      REQUIRE(count.created == expected.created);
      REQUIRE(count.reopened == expected.reopened);
      REQUIRE(count.won == expected.won);
      REQUIRE(count.lost == expected.lost);
      REQUIRE(open[i] == expected.open);
      created += count.created;
      const bool full = balance_day_number(count.period.end) <= balance_day_number(instant) &&
                        count.period.begin >= std::chrono::floor<Days>(counts.known_from);
      REQUIRE(counts.is_full(i) == full);
    }
    for (const auto& [week, count] : naive) naive_created += count.created;
    REQUIRE(created == naive_created);
  }
}

TEST_CASE("Counts of segments sum to those of the whole") {
  const StageGraph graph = balanced_graph();
  std::mt19937 random(52);
  for (int round = 0; round < 200; ++round) {
    const AsOf view(test::build_log(graph, test::random_histories(random, graph)), balance_day(50));
    for (const PeriodUnit unit : {PeriodUnit::day, PeriodUnit::week, PeriodUnit::month, PeriodUnit::quarter}) {
      PeriodCounts sum;
      for (const AsOfPart& part : view.split_by("region")) sum.merge(period_counts(part.view, unit));
      REQUIRE(sum == period_counts(view, unit));
    }
  }
}

TEST_CASE("The projection is the mean of many simulated futures") {
  const StageGraph graph = balanced_graph();
  std::mt19937 random(53);
  const int first = 40, today = 50, horizon = 21, runs = 1500;
  for (int round = 0; round < 12; ++round) {
    const auto histories = test::random_histories(random, graph, {.deals = 40, .most_changes = 5});
    const auto projected = project_stages(AsOf(test::build_log(graph, histories), balance_day(today)),
                                          balance_day(first), {.weeks_ahead = 3});
    const NaiveMoveChances chances(graph, histories, balance_day(today));
    struct Present {
      std::size_t stage;
      int age;
    };
    std::vector<Present> open;
    std::map<std::size_t, double> rate;
    for (const auto& history : histories) {
      const auto visits = test::naive_visits(history, balance_day(today));
      if (visits.empty()) continue;
      if (!balance_closed(graph, visits.back().stage))
        open.push_back({index(visits.back().stage), today - balance_day_number(visits.back().entered)});
      if (balance_day_number(visits.front().entered) >= first && !balance_closed(graph, visits.front().stage))
        rate[index(visits.front().stage)] += 1.0 / (today - first);
    }
    std::vector<std::vector<std::vector<double>>> table(5);  // [stage][age][next]
    for (std::size_t s = 0; s < 3; ++s)
      for (int age = 0; age < 100; ++age) {
        table[s].emplace_back();
        for (std::size_t next = 0; next < 5; ++next)
          table[s].back().push_back(chances.chance(s, age, static_cast<StageId>(next)));
      }
    std::map<std::pair<std::size_t, int>, std::pair<double, double>> sums;  // stage, week: sum, sum of squares
    for (int run = 0; run < runs; ++run) {
      RandomStream stream(static_cast<std::uint64_t>(round), static_cast<std::uint64_t>(run));
      std::vector<Present> deals = open;
      for (int day = 1; day <= horizon; ++day) {
        for (const auto& [stage, mean] : rate)
          for (std::uint64_t n = stream.poisson(mean); n > 0; --n) deals.push_back({stage, 0});
        std::vector<Present> left;
        for (Present deal : deals) {
          for (bool moved = true; moved;) {
            moved = false;
            double u = stream.uniform();
            for (std::size_t next = 0; next < 5 && !moved; ++next) {
              u -= table[deal.stage][static_cast<std::size_t>(std::min(deal.age, 99))][next];
              if (u < 0) {
                deal = {next, 0};
                moved = true;
              }
            }
            if (deal.stage >= 3) moved = false;
          }
          ++deal.age;
          if (deal.stage < 3) left.push_back(deal);
        }
        deals = std::move(left);
        if (day % 7 != 0) continue;
        for (std::size_t s = 0; s < 3; ++s) {
          const auto here = static_cast<double>(
              std::count_if(deals.begin(), deals.end(), [&](const Present& d) { return d.stage == s; }));
          sums[{s, day / 7}].first += here;
          sums[{s, day / 7}].second += here * here;
        }
      }
    }
    for (const StageProjection& stage : projected)
      for (int week = 1; week <= 3; ++week) {
        const auto [sum, squares] = sums[{index(stage.stage), week}];
        const double mean = sum / runs;
        const double error = std::sqrt((squares / runs - mean * mean) / runs);
        INFO("round " << round << ", stage " << index(stage.stage) << ", week " << week);
        CHECK(std::abs(stage.expected[static_cast<std::size_t>(week - 1)] - mean) < 4 * error + 1e-9);
      }
  }
}

TEST_CASE("A stage whose inflow stops runs dry, and one that nobody leaves clogs") {
  // until day 60 a lead a day, a week in Lead, then a week in Offer; after it nothing new
  const StageGraph graph = balanced_graph();
  std::vector<test::DealHistory> histories;
  for (int day = 0; day < 70; ++day) {
    const Timestamp at = balance_day(day) + hours{9};
    test::DealHistory history{.name = "deal " + std::to_string(day), .region = "", .changes = {}};
    if (day < 60)
      history.changes = {{at, StageId{0}}, {at + hours{24 * 7}, StageId{2}}, {at + hours{24 * 14}, StageId{3}}};
    else
      history.changes = {{at, StageId{3}}};  // the log goes on
    histories.push_back(history);
  }
  const EventLog log = test::build_log(graph, histories);
  const Balance result = balance(AsOf(log, balance_day(64)), balance_day(60), {.weeks_ahead = 4, .usual_days = 28});
  const auto stage = [&](std::size_t i) { return result.stages[i]; };
  REQUIRE(result.stages.size() == 3);
  CHECK(stage(0).present == 3);  // of days 57, 58, 59
  // days 37 .. 60 saw 7 at their start, then one fewer each day: (24 * 7 + 6 + 5 + 4 + 3) / 28
  CHECK(stage(0).usual == Approx((24 * 7 + 6 + 5 + 4 + 3) / 28.0));
  CHECK(stage(0).expected[0] == Approx(0).margin(1e-12));
  CHECK(stage(0).dry_in_week == 1);
  CHECK(stage(2).expected[0] == Approx(3));  // the three leads have moved on, all seven offers are won
  CHECK(stage(2).expected[1] == Approx(0).margin(1e-12));
  CHECK(stage(2).dry_in_week == 1);
  CHECK_FALSE(stage(1).dry_in_week);  // parked: usually empty

  const Balance filling = balance(AsOf(log, balance_day(5)), balance_day(0), {.weeks_ahead = 4});
  CHECK(filling.stages[0].clogs_in_week == 1);  // nobody has left yet
  CHECK(filling.stages[0].expected[3] == Approx(5 + 28));
}

TEST_CASE("Partial periods stay out of the tests; a doubled inflow is found with its week") {
  const StageGraph graph = balanced_graph();
  std::vector<test::DealHistory> histories;
  int number = 0;
  // from Thursday 2012-01-05 (day 4) on: two a day, five a day from Monday day 92 on; each closes after three days
  for (int day = 4; day < 124; ++day)
    for (int i = 0; i < (day < 92 ? 2 : 5); ++i) {
      const Timestamp at = balance_day(day) + hours{8 + i};
      histories.push_back({.name = std::to_string(number++),
                           .region = "",
                           .changes = {{at, StageId{0}}, {at + hours{72}, i % 2 == 0 ? StageId{3} : StageId{4}}}});
    }
  const Balance result = balance(AsOf(test::build_log(graph, histories), balance_day(124)), balance_day(92));
  CHECK_FALSE(result.counts.is_full(0));
  CHECK_FALSE(result.counts.is_full(result.counts.periods.size() - 1));
  CHECK(result.full_periods.front().begin == Day{std::chrono::year{2012} / 1 / 9});
  REQUIRE(result.earlier);
  REQUIRE(result.recent);
  CHECK(result.earlier->periods == 12);
  CHECK(result.earlier->inflow == 12 * 14);
  CHECK(result.recent->periods == 4);
  CHECK(result.recent->inflow == 4 * 35);
  CHECK(result.inflow.trend->ratio == Approx(2.5));
  CHECK(result.inflow.trend->p_value < 1e-6);
  CHECK(result.in_against_out->first_count == 140);
  CHECK(result.in_against_out->second_count == 140 - 3 * 5 + 3 * 2);
  REQUIRE_FALSE(result.inflow.alarms.empty());
  CHECK(result.inflow.alarms.front().direction == ShiftDirection::up);
  CHECK(result.full_periods[result.inflow.alarms.front().began].begin == Day{std::chrono::year{2012} / 4 / 2});
  CHECK(result.inflow.steady->periods == 16);
}

TEST_CASE("Balance without deals has no periods, no tests and nothing to project") {
  const AsOf empty(EventLog(balanced_graph()), balance_day(30));
  const Balance result = balance(empty, balance_day(2));
  CHECK(result.counts == PeriodCounts{});
  CHECK_FALSE(result.recent);
  CHECK_FALSE(result.in_against_out);
  CHECK_FALSE(result.inflow.steady);
  CHECK(result.inflow.charts.empty());
  REQUIRE(result.stages.size() == 3);
  CHECK(result.stages[0].expected.back() == 0);
  CHECK_FALSE(result.stages[0].dry_in_week);
}

TEST_CASE("A balance without sense is refused") {
  const AsOf view(EventLog(balanced_graph()), balance_day(30));
  CHECK_THROWS_WITH(balance(view, balance_day(30)), Catch::Contains("must be before the second"));
  const auto refused = [&](const BalanceOptions& options) {
    CHECK_THROWS_AS(balance(view, balance_day(2), options), InvalidArgument);
  };
  refused({.fiscal_start_month = 13});
  refused({.shift = 1});
  refused({.least_run_length = 1});
  refused({.least_baseline = 1});
  refused({.weeks_ahead = 105});
  refused({.usual_days = 0});
  refused({.dry_share = 1.1});
  refused({.clog_share = std::nan("")});
  PeriodCounts one{.as_of = balance_day(1), .periods = {PeriodCount{}}},
      other{.as_of = balance_day(2), .periods = {PeriodCount{}}};
  CHECK_THROWS_AS(one.merge(other), InvalidArgument);
  CHECK_THROWS_AS(one.is_full(1), InvalidArgument);
}
