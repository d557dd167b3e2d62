#include <putki/core/error.hpp>
#include <putki/core/random.hpp>
#include <putki/evaluate/baselines.hpp>
#include <putki/evaluate/chain_ladder.hpp>

#include "deals.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>

using namespace putki;
using namespace putki::test;

namespace {

std::vector<double> points_of(const RevenueDistribution& distribution) {
  return {distribution.points().begin(), distribution.points().end()};
}

/// Deals that live `days_to_win` days, with what each brings; the history begins with day 0.
struct Sale {
  double created;
  double won;
  double amount;
};
EventLog log_of(const std::vector<Sale>& sales) {
  LogOfDeals log(small_graph());
  log.deal({{-0.5, kLead}});
  for (const Sale& sale : sales) log.deal({{sale.created, kLead, sale.amount}, {sale.won, kWon}});
  return log.build();
}

AsOf view_on(const EventLog& log, int day) {
  return AsOf(log, kMonday + Days{day});
}

std::vector<Sale> random_sales(std::uint64_t seed, int count, int days, double mean_life) {
  RandomStream random(seed, 3);
  std::vector<Sale> sales;
  for (int i = 0; i < count; ++i) {
    const double created = random.uniform() * days;
    sales.push_back({created, created + random.exponential() * mean_life, std::round(random.exponential() * 1000)});
  }
  return sales;
}

}  // namespace

TEST_CASE("past windows are those that begin on the same weekday") {
  // 10 on day 0, 20 on day 1, .. won at noon
  std::vector<Sale> sales;
  for (int day = 0; day < 40; ++day) sales.push_back({day + 0.1, day + 0.5, 10.0 * (day + 1)});
  const EventLog log = log_of(sales);
  // As of day 24 (a Thursday), 3 days ahead: windows from the days 17, 10 and 3 on.
  CHECK(points_of(past_windows(view_on(log, 24), 3)) == std::vector<double>{150, 360, 570});
  // 14 days ahead: windows from the days 10 and 3 on.
  CHECK(points_of(past_windows(view_on(log, 24), 14)) == std::vector<double>{1470, 2450});
  // Longer than the history: its mean per day, 125.
  CHECK(points_of(past_windows(view_on(log, 24), 30)) == std::vector<double>{3750});
}

TEST_CASE("past windows are those of a count day by day") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto sales = random_sales(seed, 60, 80, 9);
    const AsOf view = view_on(log_of(sales), 75);
    const int horizon = 1 + static_cast<int>(seed);
    std::vector<double> expected;
    for (int begin = 75 - 7; begin >= 0; begin -= 7) {
      if (begin + horizon > 75) continue;
      double sum = 0;
      for (const Sale& sale : sales)
        if (sale.won > begin && sale.won <= begin + horizon) sum += sale.amount;
      expected.push_back(sum);
    }
    const RevenueDistribution windows = past_windows(view, horizon);
    const auto oracle = RevenueDistribution::from_sample(expected);
    CHECK(windows.mean() == Approx(oracle.mean()));
    CHECK(points_of(windows) == points_of(oracle));
  }
}

TEST_CASE("the run rate is the last four weeks' revenue per day, with the spread of past windows") {
  std::vector<Sale> sales;
  for (int day = 0; day < 60; ++day) sales.push_back({day + 0.1, day + 0.5, day < 30 ? 100.0 : 50.0 + day});
  const AsOf view = view_on(log_of(sales), 60);
  double last_four_weeks = 0;
  for (int day = 32; day < 60; ++day) last_four_weeks += 50.0 + day;
  const RevenueDistribution rate = run_rate(view, 14), windows = past_windows(view, 14);
  CHECK(rate.mean() == Approx(last_four_weeks / 2));
  CHECK(rate.sd() / rate.mean() == Approx(windows.sd() / windows.mean()));
  // Ten days of history are all there is to go by.
  CHECK(run_rate(view_on(log_of(sales), 10), 14).mean() == Approx(1400));
  CHECK(run_rate(view_on(log_of(sales), 10), 14).sd() == 0);
}

TEST_CASE("the stage-weighted pipeline, worked by hand") {
  LogOfDeals deals(small_graph());
  deals.deal({{0, kLead, 100}, {1, kOffer}, {2, kWon}});
  deals.deal({{0, kLead, 300}, {1, kOffer}, {2, kWon}});
  deals.deal({{0, kLead, 500}, {1, kOffer}, {2, kLost}});
  deals.deal({{0, kLead, 500}, {2, kLost}});
  deals.deal({{0, kLead, 500}, {9, kWon}});  // open on day 5
  deals.deal({{0, kLead}, {4, kOffer}});     // no amount: 200, the mean of the won
  const AsOf view = view_on(deals.build(), 5);
  // Leads: 2 of 4 won; offers: 2 of 3.
  const RevenueDistribution revenue = stage_weighted(view, 14);
  CHECK(revenue.mean() == Approx(500.0 / 2 + 200 * 2.0 / 3));
  CHECK(revenue.cdf(1) == Approx(1.0 / 2 * 1 / 3));
  CHECK(revenue.cdf(201) == Approx(1.0 / 2));
  CHECK(revenue.cdf(501) == Approx(1.0 / 2 + 1.0 / 2 * 1 / 3));
  CHECK(revenue.cdf(701) == Approx(1));
  CHECK(stage_weighted(view, 700).mean() == revenue.mean());
}

TEST_CASE("the stage-weighted pipeline is the sum over all outcomes of its deals") {
  RandomStream random(8, 1);
  for (int round = 0; round < 20; ++round) {
    LogOfDeals deals(small_graph());
    const int won = 1 + static_cast<int>(random.below(5)), lost = 1 + static_cast<int>(random.below(5));
    for (int i = 0; i < won; ++i) deals.deal({{0, kLead, 1000}, {2, kWon}});
    for (int i = 0; i < lost; ++i) deals.deal({{0, kLead, 1000}, {2, kLost}});
    const double p = static_cast<double>(won) / (won + lost);
    std::vector<double> sums{0}, weights{1};
    double total = 0;
    for (int i = 0; i < 8; ++i) {
      const double amount = std::round(random.exponential() * 1e4) + 1;
      total += amount;
      deals.deal({{1, kLead, amount}});
      for (std::size_t k = sums.size(); k-- > 0;) {
        sums.push_back(sums[k] + amount);
        weights.push_back(weights[k] * p);
        weights[k] *= 1 - p;
      }
    }
    const RevenueDistribution revenue = stage_weighted(view_on(deals.build(), 5), 7);
    const auto oracle = RevenueDistribution::from_atoms(sums, weights);
    CHECK(revenue.mean() == Approx(oracle.mean()));
    CHECK(revenue.sd() == Approx(oracle.sd()).epsilon(1e-3));
    const double step = total / 4096;
    for (const double x : oracle.points()) {
      // every jump is within eight steps of its place
      CHECK(revenue.cdf(x + 8 * step) >= oracle.cdf(x) - 1e-9);
      CHECK(revenue.cdf(x - 8 * step) <= oracle.cdf(x) + 1e-9);
    }
  }
}

TEST_CASE("the chain ladder baseline is Mack's when no new deals come") {
  // 20 weeks, deals of the first 9 only: the last eight cohorts that have a quarter of their wins are empty.
  const auto sales = random_sales(5, 4000, 9 * 7, 30);
  const EventLog log = log_of(sales);
  for (const int weeks : {1, 3, 6}) {
    Matrix triangle(20, 20);
    for (const Sale& sale : sales) {
      const auto row = static_cast<std::size_t>(sale.created / 7);
      for (auto j = static_cast<std::size_t>(sale.won / 7) - row; j + row < 20; ++j) triangle(row, j) += sale.amount;
    }
    const Reserve due = reserves(fit_chain_ladder(triangle), weeks).total;
    const RevenueDistribution revenue = chain_ladder(view_on(log, 140), 7 * weeks);
    CHECK(revenue.mean() == Approx(due.amount));
    CHECK(revenue.sd() == Approx(due.standard_error).epsilon(0.03));  // 400 steps cut the tail a little
    // log-normal: log(95 % point / median) is 1.645 sigma
    const double sigma = std::sqrt(std::log1p(std::pow(due.standard_error / due.amount, 2)));
    CHECK(std::log(revenue.quantile(0.95) / revenue.quantile(0.5)) == Approx(1.6449 * sigma).epsilon(0.03));
  }
}

TEST_CASE("the chain ladder baseline goes on steadily where business is steady") {
  // Every week one deal of each life from 0 to 4 weeks: 5 x 100 a week from the fifth week on.
  std::vector<Sale> sales;
  for (int week = 0; week < 130; ++week)
    for (int life = 0; life < 5; ++life) sales.push_back({7.0 * week + 1, 7.0 * (week + life) + 2, 100});
  const EventLog log = log_of(sales);
  for (const int day : {210, 700})  // by weeks and by four-week months
    for (const int horizon : {7, 10, 28, 70}) {
      INFO("day " << day << ", " << horizon << " days");
      const RevenueDistribution revenue = chain_ladder(view_on(log, day), horizon);
      CHECK(revenue.mean() == Approx(500.0 / 7 * horizon).epsilon(0.01));
      CHECK(revenue.sd() < 0.01 * revenue.mean());
    }
}

TEST_CASE("cohorts too young to have booked anything take the mean of older ones") {
  // Nothing is won in the two weeks of creation and after; then 70 each.
  std::vector<Sale> sales;
  for (int week = 0; week < 20; ++week) sales.push_back({7.0 * week + 1, 7.0 * week + 15, 70});
  const EventLog log = log_of(sales);
  CHECK(chain_ladder(view_on(log, 140), 7).mean() == Approx(70));
  CHECK(chain_ladder(view_on(log, 140), 14).mean() == Approx(140));
  CHECK(chain_ladder(view_on(log, 140), 35).mean() == Approx(350));
}

TEST_CASE("baselines are 0 for certain without history, and finite with little of it") {
  const EventLog none(small_graph());
  const EventLog one = LogOfDeals(small_graph()).deal({{0.5, kLead, 100}, {1.5, kWon}}).build();
  const EventLog open = LogOfDeals(small_graph()).deal({{0.5, kLead, 100}}).build();
  for (const Baseline baseline : kBaselines) {
    INFO(name(baseline));
    CHECK(baseline_forecast(baseline, AsOf(none, kMonday), 7).mean() == 0);
    CHECK(baseline_forecast(baseline, AsOf(one, kMonday), 7).mean() == 0);  // before anything is known
    for (const int day : {1, 2, 3, 10, 40})
      for (const EventLog& log : {one, open}) {
        const RevenueDistribution revenue = baseline_forecast(baseline, view_on(log, day), 7);
        CHECK(std::isfinite(revenue.mean()));
        CHECK(revenue.mean() >= 0);
        CHECK(std::isfinite(revenue.quantile(0.9)));
      }
    CHECK_THROWS_AS(baseline_forecast(baseline, AsOf(one, kMonday), 0), InvalidArgument);
    CHECK_THROWS_AS(baseline_forecast(baseline, AsOf(one, kMonday), 3'661), InvalidArgument);
  }
}

TEST_CASE("baselines read dates as they read times of day") {
  // Records of a date stand at its 00:00 and are known at a view of that day; here the same deals half a day earlier.
  RandomStream random(9, 1);
  LogOfDeals dates(small_graph()), times(small_graph());
  for (int i = 0; i < 300; ++i) {
    const double created = static_cast<double>(random.below(120)),
                 won = created + static_cast<double>(random.below(30));
    const double amount = static_cast<double>(1 + random.below(1000));
    dates.deal({{created, kLead, amount}, {won, kWon}});
    times.deal({{created - 0.5, kLead, amount}, {won - 0.5, kWon}});
  }
  // the first day is known as a whole in both
  dates.deal({{-1, kLead}});
  times.deal({{-2.5, kLead}});
  const EventLog by_date = dates.build(), by_time = times.build();
  REQUIRE(by_date.date_only());
  for (const Baseline baseline : kBaselines)
    for (const int horizon : {7, 28})
      CHECK(baseline_forecast(baseline, view_on(by_date, 100), horizon).mean() ==
            Approx(baseline_forecast(baseline, view_on(by_time, 100), horizon).mean()));
}
