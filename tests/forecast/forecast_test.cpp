#include <putki/core/error.hpp>
#include <putki/forecast/forecast.hpp>

#include "forecast/known_pipelines.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

using namespace putki;

namespace {

/// Distribution of a sum on the integers 0 .. size - 1: open deals convolved one by one, new wins by Panjer's recursion
/// (Panjer 1981: P(0) = e^-L, P(n) = L/n sum_j j f_j P(n - j)).
std::vector<double> sum_by_convolution(const std::vector<std::pair<double, int>>& deals, double new_wins,
                                       const std::vector<double>& amount, std::size_t size) {
  std::vector<double> sum(size);
  sum[0] = std::exp(-new_wins);
  for (std::size_t n = 1; n < size; ++n) {
    double total = 0;
    for (std::size_t j = 1; j < amount.size() && j <= n; ++j) total += static_cast<double>(j) * amount[j] * sum[n - j];
    sum[n] = new_wins / static_cast<double>(n) * total;
  }
  for (const auto& [p, value] : deals)
    for (std::size_t n = size; n-- > 0;) {
      sum[n] *= 1 - p;
      if (n >= static_cast<std::size_t>(value)) sum[n] += p * sum[n - static_cast<std::size_t>(value)];
    }
  return sum;
}

const ForecastOptions kOneDay{.horizon_days = 1, .parameter_draws = 0};

}  // namespace

TEST_CASE("three deals come out as their eight discrete steps") {
  const ForecastModel model = known_model({0.5, 0.2, 0.9}, 0, AmountDistribution());
  OpenPipeline pipeline = known_pipeline();
  pipeline.deals = {{"a", StageId{0}, 3, 12'345.67}, {"b", StageId{1}, 0, 8'200.0}, {"c", StageId{2}, 400, 50'000.1}};
  const Forecast result = forecast(model, pipeline, kOneDay);
  const RevenueDistribution& revenue = result.total.revenue;
  CHECK(revenue.form() == RevenueDistribution::Form::discrete);
  CHECK(revenue.points().size() == 8);
  CHECK(revenue.cdf(0) == Approx(0.5 * 0.8 * 0.1));
  CHECK(revenue.cdf(8'199.99) == Approx(0.5 * 0.8 * 0.1));
  CHECK(revenue.cdf(8'200) == Approx(0.5 * 0.8 * 0.1 + 0.5 * 0.2 * 0.1));
  CHECK(revenue.probability_at_least(50'000.1) == Approx(0.9));
  CHECK(revenue.mean() == Approx(0.5 * 12'345.67 + 0.2 * 8'200 + 0.9 * 50'000.1));
  CHECK(result.total.open_wins == Approx(1.6));
}

TEST_CASE("the inversion equals convolution and Panjer's recursion on integer amounts") {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    RandomStream random(seed, 0);
    std::vector<double> win;
    for (int i = 0; i < 4; ++i) win.push_back(seed % 3 == 0 ? 0.02 * random.uniform() : random.uniform());
    const double new_wins = seed % 4 == 0 ? 0 : 12 * random.uniform();
    const std::size_t deal_count = seed % 5 == 0 ? random.below(4) : random.below(300);
    const int largest = 1 + static_cast<int>(random.below(40));
    std::vector<double> drawn;
    for (int i = 0; i < 30; ++i)
      drawn.push_back(1.0 + static_cast<double>(random.below(static_cast<std::uint64_t>(largest))));
    const AmountDistribution amounts = AmountDistribution::from_values(drawn);
    std::vector<double> density(static_cast<std::size_t>(largest) + 1);
    for (const double value : drawn) density[static_cast<std::size_t>(value)] += 1.0 / 30;

    const ForecastModel model = known_model(win, new_wins / win[0], amounts);
    OpenPipeline pipeline = known_pipeline();
    std::vector<std::pair<double, int>> deals;
    for (std::size_t i = 0; i < deal_count; ++i) {
      const std::size_t stage = random.below(4);
      const int value = 1 + static_cast<int>(random.below(static_cast<std::uint64_t>(largest)));
      pipeline.deals.push_back({"d", static_cast<StageId>(stage), static_cast<int>(random.below(9)), value});
      deals.emplace_back(win[stage], value);
    }
    const RevenueDistribution revenue = forecast(model, pipeline, kOneDay).total.revenue;
    const auto expected =
        sum_by_convolution(deals, new_wins, density, static_cast<std::size_t>(largest) * (deal_count + 80) + 1);
    double cdf = 0, worst = 0, mean = 0;
    for (std::size_t n = 0; n < expected.size(); ++n) {
      cdf += expected[n];
      mean += expected[n] * static_cast<double>(n);
      worst = std::max(worst, std::abs(revenue.cdf(static_cast<double>(n)) - cdf));
    }
    INFO("seed " << seed << ", " << deal_count << " deals, " << new_wins << " new wins, amounts to " << largest);
    CHECK(worst < 1e-8);
    CHECK(revenue.mean() == Approx(mean).margin(1e-6));
  }
}

TEST_CASE("many deals of uneven size agree with convolution on a fine lattice") {
  // Amounts of 1 .. 400 times an odd factor have no common step coarse enough, so the cosine series answers;
  // convolution works in units of the factor.
  const double unit = 137.03;
  RandomStream random(5, 0);
  const std::vector<double> win{0.3, 0.05, 0.6, 0.15};
  OpenPipeline pipeline = known_pipeline();
  std::vector<std::pair<double, int>> deals;
  for (int i = 0; i < 1500; ++i) {
    const std::size_t stage = random.below(4);
    const int value = 1 + static_cast<int>(std::exp(4 + 0.8 * random.normal()));
    pipeline.deals.push_back({"d", static_cast<StageId>(stage), 1, value * unit});
    deals.emplace_back(win[stage], value);
  }
  pipeline.deals.push_back({"odd", StageId{0}, 1, 0.01});  // breaks the common step
  const RevenueDistribution revenue =
      forecast(known_model(win, 0, AmountDistribution()), pipeline, kOneDay).total.revenue;
  REQUIRE(revenue.form() == RevenueDistribution::Form::cosine);
  std::size_t size = 1;
  for (const auto& deal : deals) size += static_cast<std::size_t>(deal.second);
  const auto expected = sum_by_convolution(deals, 0, {}, size);
  double below = 0, worst = 0;
  for (std::size_t n = 0; n < size; ++n) {
    // Between steps the smooth series runs through the middle of each atom.
    worst = std::max(worst, std::abs(revenue.cdf(static_cast<double>(n) * unit) - (below + expected[n] / 2)));
    below += expected[n];
  }
  CHECK(worst < 1e-6);
}

TEST_CASE("a huge deal among many small ones makes two humps of the right weight") {
  const ForecastModel model = known_model({0.3, 0.4}, 0, AmountDistribution());
  OpenPipeline pipeline = known_pipeline();
  RandomStream random(8, 0);
  double small = 0;
  for (int i = 0; i < 2000; ++i) {
    pipeline.deals.push_back({"d", StageId{0}, 1, 100 + 900 * random.uniform()});
    small += *pipeline.deals.back().amount;
  }
  pipeline.deals.push_back({"whale", StageId{1}, 1, 7'654'321.09});
  const RevenueDistribution revenue = forecast(model, pipeline, kOneDay).total.revenue;
  CHECK(revenue.cdf(small) == Approx(0.6).margin(1e-6));
  CHECK(revenue.probability_at_least(7'654'321) == Approx(0.4).margin(1e-6));
  CHECK(revenue.mean() == Approx(0.3 * small + 0.4 * 7'654'321.09));
}

TEST_CASE("few new wins keep the chance of no revenue at all") {
  const ForecastModel model = known_model({0.5}, 0.8, AmountDistribution::from_values({1234.56, 777.77, 90'000.01}));
  const RevenueDistribution revenue = forecast(model, known_pipeline(), kOneDay).total.revenue;
  CHECK(revenue.cdf(0) == Approx(std::exp(-0.4)).margin(1e-9));
  CHECK(revenue.mean() == Approx(0.4 * (1234.56 + 777.77 + 90'000.01) / 3));
}

TEST_CASE("an open deal without amount brings what won deals brought") {
  const ForecastModel model = known_model({0.25}, 0, AmountDistribution::from_values({100, 300}));
  OpenPipeline pipeline = known_pipeline();
  pipeline.deals = {{"unknown", StageId{0}, 1, std::nullopt}};
  const RevenueDistribution revenue = forecast(model, pipeline, kOneDay).total.revenue;
  CHECK(revenue.cdf(0) == Approx(0.75));
  CHECK(revenue.cdf(100) == Approx(0.875));
  CHECK(revenue.cdf(299) == Approx(0.875));
  CHECK(revenue.cdf(300) == Approx(1));
}

TEST_CASE("an empty pipeline without inflow forecasts nothing for certain") {
  const Forecast result = forecast(known_model({0.5}, 0, AmountDistribution()), known_pipeline(), {.horizon_days = 30});
  CHECK(result.total.revenue.mean() == 0);
  CHECK(result.total.revenue.cdf(0) == 1);
}

TEST_CASE("periods are cut at the horizon's own days, which for a log of dates begin after the day of the forecast") {
  // One deal, won on the first day of the horizon for certain: 1 July as of 30 June in a log of dates.
  const ForecastModel model = known_model({1.0}, 0, AmountDistribution::from_values({100}));
  OpenPipeline pipeline = known_pipeline();
  pipeline.as_of = *parse_day("2024-06-30");
  pipeline.first_day = pipeline.booked_since = *parse_day("2024-07-01");
  pipeline.deals.push_back({"d", StageId{0}, 0, 100.0});
  Forecast result = forecast(model, pipeline, {.horizon_days = 40, .period = PeriodUnit::month});
  REQUIRE(result.periods.size() == 2);
  CHECK(result.periods[0].period == Period{*parse_day("2024-07-01"), *parse_day("2024-08-01")});
  CHECK(result.periods[0].revenue.mean() == Approx(100));
  CHECK(result.total.period == Period{*parse_day("2024-07-01"), *parse_day("2024-08-10")});

  pipeline.first_day = pipeline.booked_since = pipeline.as_of;  // with times of day, 30 June is still to come
  result = forecast(model, pipeline, {.horizon_days = 40, .period = PeriodUnit::month});
  CHECK(result.periods[0].period == Period{*parse_day("2024-06-30"), *parse_day("2024-07-01")});
  CHECK(result.periods[0].revenue.mean() == Approx(100));

  pipeline.first_day = pipeline.as_of + Days{2};
  CHECK_THROWS_AS(forecast(model, pipeline, {.horizon_days = 40}), InvalidArgument);
}

TEST_CASE("periods share the horizon: means and parts add up to the total, booked money included") {
  const ForecastModel model = known_model({0.02, 0.05}, 3, AmountDistribution::from_values({100, 250, 400}));
  OpenPipeline pipeline = known_pipeline();
  for (int i = 0; i < 50; ++i) pipeline.deals.push_back({"d", static_cast<StageId>(i % 2), i, 100.0 + i});
  pipeline.booked_since = *parse_day("2024-04-01");
  pipeline.bookings = {{*parse_day("2024-04-10"), 5000}, {*parse_day("2024-04-20"), 250}};
  for (const PeriodUnit unit : {PeriodUnit::day, PeriodUnit::week, PeriodUnit::month, PeriodUnit::quarter}) {
    const Forecast result = forecast(model, pipeline, {.horizon_days = 75, .period = unit});
    double mean = 0, open = 0, created = 0, booked = 0;
    Day next = pipeline.booked_since;
    for (const PeriodForecast& period : result.periods) {
      CHECK(period.period.begin == next);
      next = period.period.end;
      mean += period.revenue.mean();
      open += period.open.mean;
      created += period.not_yet_created.mean;
      booked += period.booked.mean;
      CHECK(period.revenue.mean() == Approx(period.open.mean + period.not_yet_created.mean + period.booked.mean));
    }
    CHECK(next == pipeline.first_day + Days{75});
    CHECK(mean == Approx(result.total.revenue.mean()));
    CHECK(open == Approx(result.total.open.mean));
    CHECK(created == Approx(result.total.not_yet_created.mean));
    CHECK(booked == Approx(5250));
    CHECK(result.total.revenue.cdf(5249) == 0);
  }
}

TEST_CASE("the same seed gives the same bits at any thread count") {
  std::vector<Matrix> posterior(4);
  ForecastModel model = known_model({0.02, 0.05}, 3, AmountDistribution::from_values({100.5, 250, 400}));
  posterior[0] = Matrix(1, 3, 4.0);
  posterior[1] = Matrix(1, 3, 2.0);
  const StageModel& stages = model.stages.stages();
  model.stages = DatedModel(StageModel(stages.hazards(), posterior, stages.entry_shares()));
  OpenPipeline pipeline = known_pipeline();
  for (int i = 0; i < 50; ++i) pipeline.deals.push_back({"d", static_cast<StageId>(i % 2), i, 100.0 + i * 1.37});
  const Forecast one = forecast(model, pipeline, {.horizon_days = 20, .threads = 1});
  const Forecast many = forecast(model, pipeline, {.horizon_days = 20, .threads = 4});
  const Forecast other = forecast(model, pipeline, {.horizon_days = 20, .seed = 2});
  for (const double p : {0.1, 0.5, 0.9}) CHECK(one.total.revenue.quantile(p) == many.total.revenue.quantile(p));
  CHECK(one.total.revenue.quantile(0.5) != other.total.revenue.quantile(0.5));
}

TEST_CASE("input that cannot be is refused with what was given") {
  using Catch::Matchers::Contains;
  const ForecastModel model = known_model({0.5}, 0, AmountDistribution());
  OpenPipeline pipeline = known_pipeline();
  CHECK_THROWS_WITH(forecast(model, pipeline, {.horizon_days = 0}), Contains("0 days"));
  CHECK_THROWS_WITH(forecast(model, pipeline, {.horizon_days = 1'000'000}), Contains("1000000 days"));
  CHECK_THROWS_WITH(forecast(model, pipeline, {.horizon_days = 5, .parameter_draws = -1}),
                    Contains("-1 parameter draws"));
  pipeline.deals = {{"late", StageId{1}, 0, 1.0}};
  CHECK_THROWS_WITH(forecast(model, pipeline, kOneDay), Contains("'late'"));
  pipeline.deals = {{"strange", StageId{70}, 0, 1.0}};
  CHECK_THROWS_WITH(forecast(model, pipeline, kOneDay), Contains("stage 70"));
  pipeline.deals = {{"negative", StageId{0}, 0, -5.0}};
  CHECK_THROWS_WITH(forecast(model, pipeline, kOneDay), Contains("-5"));
  pipeline.deals = {{"nan", StageId{0}, 0, std::numeric_limits<double>::quiet_NaN()}};
  CHECK_THROWS_AS(forecast(model, pipeline, kOneDay), InvalidArgument);
}

TEST_CASE("a forecast can be stopped") {
  ForecastOptions options{.horizon_days = 5};
  options.progress = [](double) { return false; };
  CHECK_THROWS_AS(forecast(known_model({0.5}, 1, AmountDistribution::from_values({10})), known_pipeline(), options),
                  Cancelled);
}
