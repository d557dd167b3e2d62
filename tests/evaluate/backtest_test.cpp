#include <putki/core/random.hpp>
#include <putki/evaluate/backtest.hpp>
#include <putki/stats/wins.hpp>

#include "deals.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace putki;
using namespace putki::test;

namespace {

struct Row {
  std::size_t deal;
  double day;
  StageId stage;
  double amount;
};

/// A pipeline at work: three deals a day, 60 % of which reach an offer and half of those are won.
std::vector<Row> working_pipeline(int days, std::uint64_t seed) {
  RandomStream random(seed, 1);
  std::vector<Row> rows;
  for (std::size_t deal = 0; deal < static_cast<std::size_t>(3 * days); ++deal) {
    double day = random.uniform() * days;
    const double amount = std::round(1e5 * std::exp(random.normal())) / 100;
    rows.push_back({deal, day, kLead, amount});
    day += 6 * random.exponential();
    if (random.uniform() < 0.4) {
      rows.push_back({deal, day, kLost, amount});
      continue;
    }
    rows.push_back({deal, day, kOffer, amount * 1.1});
    day += 9 * random.exponential();
    rows.push_back({deal, day, random.uniform() < 0.5 ? kWon : kLost, amount});
  }
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.day < b.day; });
  return rows;
}

EventLog log_of(const std::vector<Row>& rows) {
  EventLogBuilder builder(small_graph());
  for (const Row& row : rows)
    builder.add({.deal = builder.deal(std::to_string(row.deal)),
                 .time = instant_of(row.day),
                 .stage = row.stage,
                 .amount = Money::from_units(row.amount)});
  return builder.build();
}

/// Always the same coin: 0 or `high`.
Forecaster coin(double high) {
  return [high](const AsOf&, std::span<const int> horizons) {
    return std::vector<RevenueDistribution>(horizons.size(), RevenueDistribution::from_atoms({0, high}, {1, 1}));
  };
}

void check_same_forecast(const BacktestOrigin& a, const BacktestOrigin& b) {
  CHECK(a.as_of == b.as_of);
  CHECK(a.mean == b.mean);
  CHECK(a.q10 == b.q10);
  CHECK(a.q90 == b.q90);
  CHECK(a.expected_crps == b.expected_crps);
  for (std::size_t i = 0; i < kBaselines.size(); ++i) CHECK(a.baselines[i].mean == b.baselines[i].mean);
}

void check_same(const Backtest& a, const Backtest& b) {
  REQUIRE(a.horizons.size() == b.horizons.size());
  for (std::size_t h = 0; h < a.horizons.size(); ++h) {
    CHECK(a.horizons[h].crps == b.horizons[h].crps);
    CHECK(a.horizons[h].bias == b.horizons[h].bias);
    REQUIRE(a.horizons[h].origins.size() == b.horizons[h].origins.size());
    for (std::size_t i = 0; i < a.horizons[h].origins.size(); ++i) {
      check_same_forecast(a.horizons[h].origins[i], b.horizons[h].origins[i]);
      CHECK(a.horizons[h].origins[i].actual == b.horizons[h].origins[i].actual);
      CHECK(a.horizons[h].origins[i].pit == b.horizons[h].origins[i].pit);
    }
  }
}

}  // namespace

TEST_CASE("origins are those whose horizon lies inside what the log knows") {
  const EventLog log = log_of(working_pipeline(100, 1));
  const Day known = log.time_zone().day_of(*log.last_time());
  const auto origins_of = [&](const BacktestOptions& options) {
    std::vector<std::size_t> counts;
    for (const HorizonRecord& horizon : backtest(log, options).horizons) {
      counts.push_back(horizon.origins.size());
      for (std::size_t i = 0; i < horizon.origins.size(); ++i)
        CHECK(horizon.origins[i].as_of == options.from + Days{static_cast<int>(i) * options.every_days});
    }
    return counts;
  };
  BacktestOptions options{.from = kMonday + Days{30}, .forecaster = coin(1), .threads = 1};
  options.to = options.from + Days{35};
  CHECK(origins_of(options) == std::vector<std::size_t>{5, 4, 2});
  options.to = options.from + Days{34};
  CHECK(origins_of(options) == std::vector<std::size_t>{4, 3, 1});
  options.to = options.from + Days{20};
  options.horizons = {28, 14};
  CHECK(origins_of(options) == std::vector<std::size_t>{0, 1});
  // The log's own end, or a later one, when the log is said to know so much.
  options = {.from = known - Days{10}, .every_days = 1, .horizons = {3}, .forecaster = coin(1), .threads = 1};
  CHECK(origins_of(options) == std::vector<std::size_t>{8});
  options.to = known + Days{5};
  CHECK(origins_of(options) == std::vector<std::size_t>{13});
}

TEST_CASE("outcomes and scores of a backtest, worked by hand") {
  const EventLog log = LogOfDeals(small_graph())
                           .deal({{0.5, kLead, 40}, {10.5, kWon}})
                           .deal({{0.5, kLead, 60}, {14, kWon, 70}, {16, kWon, 5000}})  // on the border; corrected
                           .deal({{0.5, kLead, 30}, {14.5, kWon}})
                           .deal({{0.5, kLead, 500}, {40, kLost}})
                           .build();
  const Backtest result = backtest(
      log,
      {.from = kMonday + Days{7}, .to = kMonday + Days{28}, .horizons = {7}, .forecaster = coin(100), .threads = 1});
  REQUIRE(result.horizons.size() == 1);
  const HorizonRecord& record = result.horizons[0];
  CHECK(record.days == 7);
  REQUIRE(record.origins.size() == 3);
  // A coin for 0 or 100: outcome y inside scores 25, 110 scores 35.
  const std::vector<double> actual{110, 30, 0}, crps{35, 25, 25}, pit{1, 0.5, 0.25};
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(record.origins[i].actual == actual[i]);
    CHECK(record.origins[i].crps == Approx(crps[i]));
    CHECK(record.origins[i].pit == Approx(pit[i]));
    CHECK(record.origins[i].mean == 50);
    CHECK(record.origins[i].q10 == 0);
    CHECK(record.origins[i].q90 == 100);
    CHECK(record.origins[i].expected_crps == Approx(25));
  }
  CHECK(record.crps == Approx(85.0 / 3));
  CHECK(record.mae == Approx((60 + 20 + 50) / 3.0));
  CHECK(record.bias == Approx((-60 + 20 + 50) / 3.0));
  CHECK(record.mean_actual == Approx(140.0 / 3));
  CHECK(record.coverage80.inside == 2);
  CHECK(record.coverage80.total == 3);
  CHECK(record.width80 == 100);
  CHECK(record.expected_crps == Approx(25));
  // Run rate: nothing won before day 7; 110 in 14 days (13 whole ones); 140 in 20.
  const BaselineRecord& run_rate = record.baselines[0];
  CHECK(record.origins[0].baselines[0].mean == 0);
  CHECK(record.origins[1].baselines[0].mean == Approx(110.0 / 13 * 7));
  CHECK(record.origins[2].baselines[0].mean == Approx(140.0 / 20 * 7));
  CHECK(run_rate.mae == Approx((110 + std::abs(110.0 / 13 * 7 - 30) + 49) / 3));
  CHECK(run_rate.skill == Approx(1 - record.crps / run_rate.crps));
  REQUIRE(run_rate.test);
  CHECK(run_rate.test->mean_difference == Approx(record.crps - run_rate.crps));
}

TEST_CASE("the test against a baseline heeds how far horizons overlap") {
  const EventLog log = log_of(working_pipeline(200, 2));
  const Backtest result = backtest(
      log, {.from = kMonday + Days{60}, .every_days = 3, .horizons = {7}, .forecaster = coin(20'000), .threads = 1});
  const HorizonRecord& record = result.horizons[0];
  std::vector<double> own, theirs;
  for (const BacktestOrigin& origin : record.origins) {
    own.push_back(origin.crps);
    theirs.push_back(origin.baselines[2].crps);
  }
  REQUIRE(record.baselines[2].test);
  CHECK(record.baselines[2].test->p_value == diebold_mariano(own, theirs, 3).p_value);
}

TEST_CASE("outcomes are those of a count of the rows") {
  const auto rows = working_pipeline(150, 3);
  const Backtest result =
      backtest(log_of(rows), {.from = kMonday + Days{20}, .every_days = 5, .horizons = {4, 30}, .forecaster = coin(1)});
  for (const HorizonRecord& horizon : result.horizons)
    for (const BacktestOrigin& origin : horizon.origins) {
      const double begin = static_cast<double>((origin.as_of - kMonday).count());
      double sum = 0;
      for (const Row& row : rows)
        if (row.stage == kWon && row.day > begin && row.day <= begin + horizon.days) sum += row.amount;
      CHECK(origin.actual == Approx(sum));
    }
}

TEST_CASE("nothing after an origin changes its forecast by a bit") {
  const auto rows = working_pipeline(120, 4);
  const int origin = 84;
  const BacktestOptions options{.from = kMonday + Days{origin},
                                .to = kMonday + Days{origin + 28},
                                .every_days = 28,
                                .forecast = {.horizon_days = 1, .parameter_draws = 8},
                                .threads = 1};
  const Backtest honest = backtest(log_of(rows), options);
  const auto first_late =
      std::find_if(rows.begin(), rows.end(), [&](const Row& row) { return row.day > origin; }) - rows.begin();
  REQUIRE(first_late > 100);
  REQUIRE(rows.size() - static_cast<std::size_t>(first_late) > 50);
  const auto check = [&](const std::vector<Row>& changed) {
    const Backtest other = backtest(log_of(changed), options);
    for (std::size_t h = 0; h < honest.horizons.size(); ++h) {
      REQUIRE(other.horizons[h].origins.size() == 1);
      check_same_forecast(honest.horizons[h].origins[0], other.horizons[h].origins[0]);
    }
  };
  SECTION("later rows deleted") {
    const std::vector<Row> early(rows.begin(), rows.begin() + first_late);
    check(early);
    CHECK(backtest(log_of(early), options).horizons[0].origins[0].actual == 0);
  }
  SECTION("later rows shuffled among deals and stages, with other amounts, some deleted") {
    RandomStream random(10, 1);
    for (int round = 0; round < 5; ++round) {
      std::vector<Row> changed(rows);
      for (std::size_t i = changed.size() - 1; i > static_cast<std::size_t>(first_late); --i) {
        const std::size_t j = static_cast<std::size_t>(first_late) + random.below(i - first_late + 1);
        std::swap(changed[i].deal, changed[j].deal);
        changed[i].stage = static_cast<StageId>(random.below(5));
        changed[i].amount = static_cast<double>(random.below(100'000));
      }
      changed.resize(changed.size() - random.below(40));
      check(changed);
    }
  }
  SECTION("rows in another order in the file") {
    auto changed = rows;
    std::stable_sort(changed.begin(), changed.end(), [](const Row& a, const Row& b) { return a.deal < b.deal; });
    check(changed);
    // and the later ones shuffled among their places, so that deals are met in another order
    RandomStream random(11, 1);
    std::vector<std::size_t> late;
    for (std::size_t i = 0; i < changed.size(); ++i)
      if (changed[i].day > origin) late.push_back(i);
    for (std::size_t i = late.size() - 1; i > 0; --i) std::swap(changed[late[i]], changed[late[random.below(i + 1)]]);
    check(changed);
  }
}

TEST_CASE("a backtest forecasts what would have been forecast on the day") {
  const EventLog log = log_of(working_pipeline(90, 9));
  const BacktestOptions options{.from = kMonday + Days{56},
                                .every_days = 10,
                                .horizons = {7, 21},
                                .forecast = {.horizon_days = 1, .parameter_draws = 8, .seed = 3}};
  for (const HorizonRecord& horizon : backtest(log, options).horizons)
    for (const BacktestOrigin& origin : horizon.origins) {
      const AsOf view(log, origin.as_of);
      const RevenueDistribution revenue = forecast(fit_forecast_model(view), OpenPipeline::as_of_view(view),
                                                   {.horizon_days = horizon.days, .parameter_draws = 8, .seed = 3})
                                              .total.revenue;
      CHECK(origin.mean == revenue.mean());
      CHECK(origin.q10 == revenue.quantile(0.1));
      CHECK(origin.crps == crps(revenue, origin.actual));
    }
}

TEST_CASE("a backtest does not depend on the thread count") {
  const EventLog log = log_of(working_pipeline(120, 5));
  BacktestOptions options{.from = kMonday + Days{60},
                          .every_days = 14,
                          .horizons = {7, 21},
                          .forecast = {.horizon_days = 1, .parameter_draws = 8},
                          .threads = 1};
  const Backtest one = backtest(log, options);
  for (const unsigned threads : {2U, 5U}) {
    options.threads = threads;
    check_same(one, backtest(log, options));
  }
}

TEST_CASE("a backtest reports its progress and stops when told") {
  const EventLog log = log_of(working_pipeline(120, 6));
  std::vector<double> shares;
  BacktestOptions options{.from = kMonday + Days{40}, .forecaster = coin(1), .threads = 2};
  options.progress = [&](double share) {
    shares.push_back(share);
    return true;
  };
  backtest(log, options);
  REQUIRE(!shares.empty());
  CHECK(std::is_sorted(shares.begin(), shares.end()));
  CHECK(shares.back() == 1);
  // putki's own forecaster learns first
  shares.clear();
  options.forecaster = {};
  options.forecast.parameter_draws = 2;
  options.from = kMonday + Days{84};
  backtest(log, options);
  CHECK(std::is_sorted(shares.begin(), shares.end()));
  CHECK(shares.back() == 1);
  CHECK(std::any_of(shares.begin(), shares.end(), [](double share) { return share > 0 && share < 0.5; }));
  options.progress = [](double share) { return share < 0.3; };
  CHECK_THROWS_AS(backtest(log, options), Cancelled);
}

TEST_CASE("a backtest before the history begins forecasts nothing") {
  const EventLog log = log_of(working_pipeline(30, 7));
  const Backtest result = backtest(log, {.from = kMonday - Days{20},
                                         .to = kMonday + Days{10},
                                         .horizons = {7},
                                         .forecast = {.horizon_days = 1, .parameter_draws = 8},
                                         .threads = 1});
  REQUIRE(result.horizons[0].origins.size() == 4);
  CHECK(result.horizons[0].origins[0].mean == 0);
  CHECK(result.horizons[0].origins[0].crps == 0);
  CHECK(result.horizons[0].origins[0].actual == 0);
}

TEST_CASE("a backtest refuses what it cannot do, in one line") {
  const EventLog log = log_of(working_pipeline(60, 8));
  const Day from = kMonday + Days{30};
  CHECK_THROWS_WITH(backtest(log, {.from = from, .every_days = 0}), "origins every 0 days; allowed are 1 to 3660");
  CHECK_THROWS_WITH(backtest(log, {.from = from, .horizons = {}}), "no horizon to test; give at least one");
  CHECK_THROWS_WITH(backtest(log, {.from = from, .horizons = {0}}), "horizon is 0 days; allowed are 1 to 3660");
  CHECK_THROWS_WITH(backtest(log, {.from = from, .to = from - Days{1}}),
                    "origins from 2024-01-31 to 2024-01-30: the end is before the beginning");
  CHECK_THROWS_WITH(backtest(log, {.from = from, .to = from + Days{6}}),
                    "no horizon of 7 days fits between 2024-01-31 and 2024-02-06, the last instant allowed");
  CHECK_THROWS_AS(backtest(log, {.from = from + Days{400}}), NotEnoughData);
  CHECK_THROWS_AS(backtest(EventLog(small_graph()), {.from = from}), NotEnoughData);
  const Forecaster lazy = [](const AsOf&, std::span<const int>) { return std::vector<RevenueDistribution>{}; };
  CHECK_THROWS_WITH(backtest(log, {.from = from, .horizons = {7}, .forecaster = lazy}),
                    "a forecaster gave 0 distributions for 1 horizons");
}
