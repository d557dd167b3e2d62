#include <putki/core/error.hpp>
#include <putki/forecast/running_total.hpp>

#include "forecast/known_pipelines.hpp"

#include <catch2/catch.hpp>

#include <vector>

using namespace putki;

namespace {

/// Two deals and 1.5 new ones a day, from a Wednesday on.
struct Known {
  ForecastModel model = known_model({0.3, 0.05}, 1.5, AmountDistribution::from_values({100, 300}));
  OpenPipeline pipeline = known_pipeline();
  ForecastOptions options{.horizon_days = 20, .period = PeriodUnit::week, .parameter_draws = 8};
  Known() { pipeline.deals = {{"a", StageId{0}, 1, 10'000.0}, {"b", StageId{1}, 3, 2'000.0}}; }
};

}  // namespace

TEST_CASE("a running total is the forecast of all days up to the end of its period") {
  Known known;
  known.model.shock = CommonShock::of_size(0.3);
  known.pipeline.booked_since = known.pipeline.first_day - Days{10};
  known.pipeline.bookings = {{known.pipeline.first_day - Days{2}, 750.0}};
  const std::vector<PeriodForecast> running = running_totals(known.model, known.pipeline, known.options);
  const Forecast whole = forecast(known.model, known.pipeline, known.options);
  REQUIRE(running.size() == whole.periods.size());
  REQUIRE(running.size() == 4);
  for (std::size_t i = 0; i < running.size(); ++i) {
    CHECK(running[i].period.begin == whole.periods.front().period.begin);
    CHECK(running[i].period.end == whole.periods[i].period.end);
    CHECK(running[i].booked.mean == 750);
  }
  CHECK(running.back().revenue.mean() == Approx(whole.total.revenue.mean()).epsilon(1e-12));
  for (const double p : {0.1, 0.5, 0.9})
    CHECK(running.back().revenue.quantile(p) == Approx(whole.total.revenue.quantile(p)).epsilon(1e-9));
  CHECK(running.front().revenue.mean() == Approx(whole.periods.front().revenue.mean()).epsilon(1e-12));
}

TEST_CASE("running totals of independent deals add up the means of their periods") {
  const Known known;
  const std::vector<PeriodForecast> running = running_totals(known.model, known.pipeline, known.options);
  const Forecast whole = forecast(known.model, known.pipeline, known.options);
  double sum = 0, before = 0;
  for (std::size_t i = 0; i < running.size(); ++i) {
    sum += whole.periods[i].revenue.mean();
    CHECK(running[i].revenue.mean() == Approx(sum).epsilon(1e-9));
    CHECK(running[i].revenue.quantile(0.9) >= before);
    before = running[i].revenue.quantile(0.9);
  }
}

TEST_CASE("a running total is that of a horizon which ends with it") {
  Known known;
  const std::vector<PeriodForecast> running = running_totals(known.model, known.pipeline, known.options);
  const auto ends_with_second = [&] {
    ForecastOptions shorter = known.options;
    shorter.period.reset();
    shorter.horizon_days = static_cast<int>((running[1].period.end - known.pipeline.first_day).count());
    return forecast(known.model, known.pipeline, shorter).total.revenue;
  };
  CHECK(running[1].revenue.mean() == Approx(ends_with_second().mean()).epsilon(1e-9));
  CHECK(running[1].revenue.quantile(0.9) == Approx(ends_with_second().quantile(0.9)).epsilon(1e-6));

  // A shock moves the odds of the new deals of the whole horizon, so that these differ a little.
  known.model.shock = CommonShock::of_size(0.3);
  const RevenueDistribution shifted = running_totals(known.model, known.pipeline, known.options)[1].revenue;
  CHECK(shifted.mean() == Approx(ends_with_second().mean()).epsilon(2e-3));
  CHECK(shifted.mean() != Approx(running[1].revenue.mean()).epsilon(1e-6));
}

TEST_CASE("the running total of one period, or of nothing, is the forecast") {
  Known known;
  known.options.period.reset();
  const std::vector<PeriodForecast> one = running_totals(known.model, known.pipeline, known.options);
  REQUIRE(one.size() == 1);
  CHECK(one[0].revenue.mean() == forecast(known.model, known.pipeline, known.options).total.revenue.mean());

  const ForecastModel nothing = known_model({0.3}, 0, AmountDistribution());
  const auto empty = running_totals(nothing, known_pipeline(), {.horizon_days = 14, .period = PeriodUnit::week});
  REQUIRE(empty.size() == 3);
  CHECK(empty.back().revenue.quantile(0.99) == 0);
  CHECK_THROWS_AS(running_totals(nothing, known_pipeline(), {.horizon_days = 0}), InvalidArgument);
}
