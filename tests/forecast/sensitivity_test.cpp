#include <putki/core/error.hpp>
#include <putki/forecast/sensitivity.hpp>
#include <putki/forecast/what_if.hpp>

#include "forecast/known_pipelines.hpp"
#include "forecast/shaken_pipelines.hpp"

#include <catch2/catch.hpp>

#include <cmath>

using namespace putki;

namespace {

Changes pulled(const Lever& lever, const StageGraph& graph, double steps) {
  switch (lever.kind) {
    case Lever::Kind::conversion:
      return {.conversions = {
                  {.from = graph.stage(lever.from).name, .to = graph.stage(lever.to).name, .points = 0.01 * steps}}};
    case Lever::Kind::delay:
      return {.delays = {{graph.stage(lever.from).name, 1 - 0.01 * steps}}};
    case Lever::Kind::inflow:
      return {.inflow = 1 + 0.01 * steps};
    case Lever::Kind::amounts:
      break;
  }
  return {.amounts = 1 + 0.01 * steps};
}

}  // namespace

TEST_CASE("every lever equals differences of forecasts, loops and same-day moves and weekdays and shock included") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const auto shaken = shaken_pipeline(seed, 8, seed % 3 == 0 ? 0.0 : 0.3, seed % 2 == 0,
                                        seed % 3 == 1 ? Clock::business : Clock::calendar);
    const ForecastModel& model = shaken.model;
    // Expectations need no inversion, which is most of a forecast's cost.
    const ForecastOptions options{
        .horizon_days = 11, .parameter_draws = seed % 4 == 0 ? 0 : 6, .uncertain = {.wins = false, .amounts = false}};
    const std::vector<Lever> all = levers(model, shaken.pipeline, options);
    const auto mean_at = [&](const Lever& lever, double steps) {
      const Changes changes = pulled(lever, model.stages.graph(), steps);
      const PeriodForecast total = forecast(changed(model, changes), changed(shaken.pipeline, changes), options).total;
      return total.open.mean + total.not_yet_created.mean;
    };
    const double whole = mean_at(all.front(), 0);
    for (const Lever& lever : all) {
      // Central differences of two widths, the error of the second order taken out (Richardson).
      constexpr double kSteps = 0.02;
      const double narrow = (mean_at(lever, kSteps) - mean_at(lever, -kSteps)) / (2 * kSteps),
                   wide = (mean_at(lever, 2 * kSteps) - mean_at(lever, -2 * kSteps)) / (4 * kSteps);
      INFO("seed " << seed << ", kind " << static_cast<int>(lever.kind) << " from " << index(lever.from) << " to "
                   << index(lever.to));
      CHECK(lever.money == Approx((4 * narrow - wide) / 3).epsilon(1e-6).margin(1e-9 * whole));
    }
    for (std::size_t i = 1; i < all.size(); ++i) CHECK(std::abs(all[i].money) <= std::abs(all[i - 1].money));
  }
}

TEST_CASE("one point of a known conversion is worth a hundredth of what it converts") {
  // Won with 0.3 on the day, else lost with 0.35 or still there: shares 0.3 / 0.65 and 0.35 / 0.65. One point more of
  // the share moves 0.0065 of the deals present on the one day of the horizon.
  const ForecastModel model = known_model({0.3}, 4, AmountDistribution::from_values({200}));
  OpenPipeline pipeline = known_pipeline();
  pipeline.deals = {{"a", StageId{0}, 1, 10'000.0}};
  const std::vector<Lever> all = levers(model, pipeline, {.horizon_days = 1, .parameter_draws = 0});
  REQUIRE(all.size() == 5);
  for (const Lever& lever : all) {
    if (lever.kind == Lever::Kind::conversion) {
      const bool wins = lever.to == StageId{1};
      CHECK(lever.now == Approx(wins ? 0.3 / 0.65 : 0.35 / 0.65));
      CHECK(lever.money == Approx((wins ? 1 : -1) * 0.0065 * (10'000 + 4 * 200)));
    }
    if (lever.kind == Lever::Kind::inflow) CHECK(lever.money == Approx(0.01 * 0.3 * 4 * 200));
    if (lever.kind == Lever::Kind::amounts) CHECK(lever.money == Approx(0.01 * 0.3 * 10'800));
    if (lever.kind == Lever::Kind::delay) {
      CHECK(lever.now == Approx(0.35 / 0.65));
      // Days (1 - L) / L: 1 % less of them is d(days) = -dL / L^2, and 0.3 / 0.65 of those who leave win.
      CHECK(lever.money == Approx(0.3 / 0.65 * 0.01 * 0.35 / 0.65 * 0.65 * 0.65 * 10'800));
    }
  }
}

TEST_CASE("levers of an empty pipeline are worth nothing, and impossible input is refused") {
  const ForecastModel model = known_model({0.3}, 0, AmountDistribution());
  for (const Lever& lever : levers(model, known_pipeline(), {.horizon_days = 10})) CHECK(lever.money == 0);
  CHECK_THROWS_AS(levers(model, known_pipeline(), {.horizon_days = 0}), InvalidArgument);
}

TEST_CASE("levers do not depend on the thread count", "[parallel]") {
  const auto [model, pipeline] = shaken_pipeline(5, 20, 0.2);
  const std::vector<Lever> one = levers(model, pipeline, {.horizon_days = 10, .threads = 1}),
                           four = levers(model, pipeline, {.horizon_days = 10, .threads = 4});
  REQUIRE(one.size() == four.size());
  for (std::size_t i = 0; i < one.size(); ++i) CHECK(one[i].money == four[i].money);
}
