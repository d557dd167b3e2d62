#include <putki/core/error.hpp>
#include <putki/forecast/joint.hpp>

#include "forecast/known_pipelines.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

using namespace putki;

namespace {

Simulation four_draws() {
  Simulation simulation;
  simulation.periods.resize(3);
  simulation.revenue = Matrix(4, 3);
  const double values[4][3] = {{1, 10, 5}, {2, 20, 5}, {3, 20, 5}, {4, 30, 5}};
  for (std::size_t draw = 0; draw < 4; ++draw)
    for (std::size_t p = 0; p < 3; ++p) simulation.revenue(draw, p) = values[draw][p];
  return simulation;
}

constexpr double kAny = -std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("four draws counted by hand") {
  const Simulation simulation = four_draws();
  const double both[] = {2, 20, 5}, first[] = {4, kAny, kAny}, none[] = {5, kAny, kAny};
  CHECK(probability_of_all(simulation, both).probability == 0.75);
  CHECK(probability_of_any_short(simulation, both).probability == 0.25);
  CHECK(probability_of_all(simulation, first).probability == 0.25);
  CHECK(probability_of_all(simulation, none).probability == 0);
  CHECK(probability_of_all(simulation, none).limits.upper > 0.4);  // four draws say little
  const std::size_t outer[] = {0, 1};
  const RevenueDistribution sum = revenue_of(simulation, outer);
  CHECK(sum.mean() == Approx(22.5));
  CHECK(sum.cdf(22) == 0.5);
  const Matrix correlation = period_correlation(simulation);
  // Deviations -1.5 -.5 .5 1.5 and -10 0 0 10: 30 / sqrt(5 x 200).
  CHECK(correlation(0, 1) == Approx(30 / std::sqrt(1000.0)));
  CHECK(correlation(1, 0) == correlation(0, 1));
  CHECK(correlation(2, 2) == 1);
  CHECK(correlation(0, 2) == 0);
}

TEST_CASE("a deal that can be won once binds periods: both reach its amount never, one of them as often as known") {
  // One deal of 100, won each day with 0.1 and lost with 0.45: 2 days in the first period, 5 in the second.
  const ForecastModel model = known_model({0.1}, 0, AmountDistribution());
  OpenPipeline pipeline = known_pipeline();  // a Wednesday
  pipeline.as_of = pipeline.first_day = pipeline.booked_since = *parse_day("2024-05-04");
  pipeline.deals = {{"a", StageId{0}, 0, 100.0}};
  const Simulation simulation =
      simulate(model, pipeline, {.horizon_days = 7, .period = PeriodUnit::week, .parameter_draws = 0},
               {.draws = 40'000, .threads = 1});
  REQUIRE(simulation.periods.size() == 2);
  const double both[] = {100, 100}, first[] = {100, kAny};
  CHECK(probability_of_all(simulation, both).probability == 0);
  const double known = 0.1 * (1 + 0.45);
  CHECK(probability_of_all(simulation, first).probability == Approx(known).margin(5 * std::sqrt(known / 40'000)));
  CHECK(period_correlation(simulation)(0, 1) < 0);
  const std::size_t whole[] = {0, 1};
  CHECK(revenue_of(simulation, whole).mean() == Approx(simulation.total.mean()));
}

TEST_CASE("questions that do not fit the simulation are refused") {
  const Simulation simulation = four_draws();
  const double one[] = {1}, strange[] = {1, 2, std::nan("")};
  CHECK_THROWS_AS(probability_of_all(simulation, one), InvalidArgument);
  CHECK_THROWS_AS(probability_of_all(simulation, strange), InvalidArgument);
  const std::size_t beyond[] = {3}, twice[] = {1, 1};
  CHECK_THROWS_AS(revenue_of(simulation, beyond), InvalidArgument);
  CHECK_THROWS_AS(revenue_of(simulation, twice), InvalidArgument);
  CHECK_THROWS_AS(revenue_of(simulation, {}), InvalidArgument);
}
