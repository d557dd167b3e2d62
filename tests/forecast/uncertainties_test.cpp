#include <putki/core/error.hpp>
#include <putki/forecast/simulation.hpp>

#include "forecast/known_pipelines.hpp"
#include "forecast/shaken_pipelines.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <map>

using namespace putki;

namespace {

double variance(const Forecast& result) {
  return result.total.revenue.sd() * result.total.revenue.sd();
}

}  // namespace

TEST_CASE("variance parts sum to the variance of revenue, period by period") {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const auto [model, pipeline] = shaken_pipeline(seed, 12, 0.25);
    const Forecast result =
        forecast(model, pipeline, {.horizon_days = 20, .period = PeriodUnit::week, .parameter_draws = 16});
    for (const PeriodForecast& period : result.periods) {
      const double sd = period.revenue.sd();
      INFO("seed " << seed << ", from " << to_string(period.period.begin));
      CHECK(period.variance.total() == Approx(sd * sd).epsilon(2e-4));  // a lattice keeps the mean, not quite the sd
      CHECK(period.variance.common_shock > 0);
      CHECK(period.variance.parameters > 0);
    }
    CHECK(result.total.variance.total() == Approx(variance(result)).epsilon(2e-4));
  }
}

TEST_CASE("turned off in their order, each uncertainty takes its part with it") {
  const auto [model, pipeline] = shaken_pipeline(3, 15, 0.2);
  ForecastOptions options{.horizon_days = 14, .parameter_draws = 32};
  const VarianceParts all = forecast(model, pipeline, options).total.variance;
  options.uncertain.amounts = false;
  Forecast result = forecast(model, pipeline, options);
  CHECK(variance(result) == Approx(all.wins + all.common_shock + all.parameters).epsilon(2e-4));
  CHECK(result.total.variance.amounts == Approx(0).margin(1e-6));
  CHECK(result.total.variance.wins == Approx(all.wins));
  options.uncertain.wins = false;
  result = forecast(model, pipeline, options);
  CHECK(variance(result) == Approx(all.common_shock + all.parameters));
  CHECK(result.total.variance.total() == Approx(all.common_shock + all.parameters));
  options.uncertain.common_shock = false;
  result = forecast(model, pipeline, options);
  CHECK(result.total.variance.common_shock == 0);
  // Without a shock each draw is at its own unshifted chances: nearly, not wholly, the mean over the shock.
  CHECK(variance(result) == Approx(all.parameters).epsilon(0.05));
  options.uncertain.parameters = false;
  result = forecast(model, pipeline, options);
  CHECK(variance(result) == 0);
  CHECK(result.total.revenue.mean() == Approx(result.total.open.mean + result.total.not_yet_created.mean));
}

TEST_CASE("variance parts equal brute force over every outcome of three deals under a shock") {
  // Day-one wins with known chances; amounts 100 or 500, unknown for one deal. The shock's nodes come from the
  // textbook rule: five points of N(0, 1) and E exp(shift) = 1.
  const double p[] = {0.3, 0.6, 0.2}, size = 0.4;
  ForecastModel model = known_model({p[0], p[1], p[2]}, 0, AmountDistribution::from_values({100, 500}));
  model.shock = CommonShock::of_size(size);
  OpenPipeline pipeline = known_pipeline();
  pipeline.deals = {{"a", StageId{0}, 1, 1000.0}, {"b", StageId{1}, 1, std::nullopt}, {"c", StageId{2}, 1, 700.0}};

  const double nodes[] = {-2.8569700138728056, -1.3556261799742657, 0, 1.3556261799742657, 2.8569700138728056},
               weights[] = {0.011257411327720691, 0.22207592200561263, 0.53333333333333333, 0.22207592200561263,
                            0.011257411327720691};
  double inner = 0, wins = 0, mean = 0, shock = 0;
  double means[5];
  for (int z = 0; z < 5; ++z) {
    double chance[3];
    for (int i = 0; i < 3; ++i) {
      const double odds = p[i] / (1 - p[i]) * std::exp(size * nodes[z] - size * size / 2);
      chance[i] = odds / (1 + odds);
    }
    double first = 0, second = 0;
    for (int outcome = 0; outcome < 8; ++outcome) {
      double weight = 1;
      for (int i = 0; i < 3; ++i) weight *= outcome >> i & 1 ? chance[i] : 1 - chance[i];
      const double fixed = (outcome & 1 ? 1000.0 : 0.0) + (outcome & 4 ? 700.0 : 0.0);
      const double low = fixed + (outcome & 2 ? 100.0 : 0.0), high = fixed + (outcome & 2 ? 500.0 : 0.0);
      const double given = (low + high) / 2;
      inner += weights[z] * weight * (0.5 * (low - given) * (low - given) + 0.5 * (high - given) * (high - given));
      first += weight * given;
      second += weight * given * given;
    }
    wins += weights[z] * (second - first * first);
    mean += weights[z] * first;
    means[z] = first;
  }
  for (int z = 0; z < 5; ++z) shock += weights[z] * (means[z] - mean) * (means[z] - mean);

  const VarianceParts parts = forecast(model, pipeline, {.horizon_days = 1, .parameter_draws = 0}).total.variance;
  CHECK(parts.amounts == Approx(inner));
  CHECK(parts.wins == Approx(wins));
  CHECK(parts.common_shock == Approx(shock));
  CHECK(parts.parameters == Approx(0).margin(1e-9));
}

TEST_CASE("variance parts of new deals equal sums over their number") {
  // N Poisson with mean 2.4, amounts 100, 300 or 1000: E Var and Var E over n = 0 .. 60.
  const ForecastModel model = known_model({0.4}, 6, AmountDistribution::from_values({100, 300, 1000}));
  const double mean = (100 + 300 + 1000) / 3.0, spread = (100 * 100 + 300 * 300 + 1000 * 1000) / 3.0 - mean * mean;
  double probability = std::exp(-2.4), number = 0, squares = 0;
  for (int n = 0; n <= 60; ++n) {
    number += probability * n;
    squares += probability * n * n;
    probability *= 2.4 / (n + 1);
  }
  const VarianceParts parts =
      forecast(model, known_pipeline(), {.horizon_days = 1, .parameter_draws = 0}).total.variance;
  CHECK(parts.amounts == Approx(number * spread));
  CHECK(parts.wins == Approx((squares - number * number) * mean * mean));
  CHECK(parts.common_shock == 0);
}

TEST_CASE("with wins off a forecast is what deals bring in expectation, given their amounts") {
  // Two deals of unknown amount 100, 200 or 600 in one stage and one in another, 250 known: 27 equally likely sums.
  const ForecastModel model = known_model({0.5, 0.25}, 2, AmountDistribution::from_values({100, 200, 600}));
  OpenPipeline pipeline = known_pipeline();
  pipeline.deals = {{"a", StageId{0}, 1, std::nullopt},
                    {"b", StageId{0}, 3, std::nullopt},
                    {"c", StageId{1}, 1, std::nullopt},
                    {"d", StageId{1}, 1, 250.0}};
  const ForecastOptions options{.horizon_days = 1, .parameter_draws = 0, .uncertain = {.wins = false}};
  std::map<double, double> sums;
  double mean = 0, square = 0;
  for (const double a : {100, 200, 600})
    for (const double b : {100, 200, 600})
      for (const double c : {100, 200, 600}) {
        const double revenue = 0.5 * (a + b) + 0.25 * (c + 250) + 0.5 * 2 * 300;
        sums[revenue] += 1.0 / 27;
        mean += revenue / 27;
        square += revenue * revenue / 27;
      }
  const Forecast result = forecast(model, pipeline, options);
  CHECK(result.total.revenue.mean() == Approx(mean));
  CHECK(result.total.revenue.sd() == Approx(std::sqrt(square - mean * mean)).epsilon(1e-5));
  CHECK(result.total.variance.amounts == Approx(square - mean * mean));
  CHECK(result.total.variance.wins == 0);
  double below = 0;
  for (const auto& [revenue, probability] : sums) {
    CHECK(result.total.revenue.cdf(revenue - 1) == Approx(below).margin(1e-9));
    below += probability;
    CHECK(result.total.revenue.cdf(revenue + 1) == Approx(below).margin(1e-9));
  }
}

TEST_CASE("simulations heed the switches as the exact forecast does", "[parallel]") {
  const auto [model, pipeline] = shaken_pipeline(5, 30, 0.25);
  constexpr std::size_t kDraws = 16 * 1000;
  for (int off = 0; off < 16; ++off) {
    const ForecastOptions options{.horizon_days = 10,
                                  .parameter_draws = 16,
                                  .uncertain = {.wins = (off & 1) == 0,
                                                .amounts = (off & 2) == 0,
                                                .parameters = (off & 4) == 0,
                                                .common_shock = (off & 8) == 0}};
    const Forecast exact = forecast(model, pipeline, options);
    const Simulation simulated = simulate(model, pipeline, options, {.draws = kDraws, .threads = 2});
    const double sd = exact.total.revenue.sd();
    INFO("off: " << off);
    CHECK(std::abs(simulated.total.mean() - exact.total.revenue.mean()) <=
          5 * sd / std::sqrt(kDraws) + 1e-12 * exact.total.revenue.mean());
    // The sd of a sample sd is near sd x sqrt((kurtosis - 1) / 4n); kurtosis here is below 9.
    CHECK(std::abs(simulated.total.sd() - sd) <=
          5 * sd * std::sqrt(2.0 / kDraws) + 1e-4 * sd + 1e-12 * exact.total.revenue.mean());
  }
}
