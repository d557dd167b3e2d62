#include <putki/core/error.hpp>
#include <putki/core/random.hpp>
#include <putki/evaluate/scores.hpp>

#include "evaluate/normal.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <vector>

using namespace putki;
using namespace putki::test;

namespace {

/// E|X - y| - E|X - X'| / 2 by double sums over atoms.
double energy_crps(const std::vector<double>& values, const std::vector<double>& weights, double y) {
  double total = 0, distance = 0, spread = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    total += weights[i];
    distance += weights[i] * std::abs(values[i] - y);
    for (std::size_t j = 0; j < values.size(); ++j) spread += weights[i] * weights[j] * std::abs(values[i] - values[j]);
  }
  return distance / total - spread / total / total / 2;
}

const double kNaN = std::numeric_limits<double>::quiet_NaN();

}  // namespace

TEST_CASE("CRPS of atoms and of samples is the energy form") {
  RandomStream random(1, 1);
  for (int round = 0; round < 200; ++round) {
    const std::size_t n = 1 + random.below(12);
    std::vector<double> values, weights;
    for (std::size_t i = 0; i < n; ++i) {
      values.push_back(static_cast<double>(random.below(9)) * 100);  // some tie
      weights.push_back(random.uniform());
    }
    // below, above, on and between the atoms
    for (const double y : {-50.0, 0.0, 120.5, 300.0, 800.0, 1e4}) {
      const auto atoms = RevenueDistribution::from_atoms(values, weights);
      CHECK(crps(atoms, y) == Approx(energy_crps(values, weights, y)).margin(1e-9));
      const auto sample = RevenueDistribution::from_sample(values);
      CHECK(crps(sample, y) == Approx(energy_crps(values, std::vector<double>(n, 1.0), y)).margin(1e-9));
    }
  }
}

TEST_CASE("CRPS of a certain forecast is the absolute error") {
  const auto certain = RevenueDistribution::from_atoms({250}, {1});
  CHECK(crps(certain, 100) == 150);
  CHECK(crps(certain, 250) == 0);
  CHECK(crps(certain, 1000) == 750);
  CHECK(expected_crps(certain) == 0);
  CHECK(crps(RevenueDistribution(), 7) == 7);
}

TEST_CASE("CRPS of a coin toss, worked by hand") {
  // 0 or 100 with probability 1/4 and 3/4; outcome 100: 100 (1/4)^2; outcome 0: 100 (3/4)^2; outcome 40: 40 / 16 + 60 *
  // 9 / 16
  const auto toss = RevenueDistribution::from_atoms({0, 100}, {1, 3});
  CHECK(crps(toss, 100) == Approx(6.25));
  CHECK(crps(toss, 0) == Approx(56.25));
  CHECK(crps(toss, 40) == Approx(2.5 + 33.75));
  CHECK(crps(toss, -10) == Approx(66.25));
  CHECK(expected_crps(toss) == Approx(100 * 0.25 * 0.75));
}

TEST_CASE("CRPS of a cosine series is the normal formula where the series is a normal") {
  for (const double sds : {7.0, 10.0, 40.0}) {
    for (const double sd : {1.0, 3e5}) {
      const double mean = 5 * sd;
      const auto series = normal_as_cosine(mean, sd, sds);
      REQUIRE(series.form() == RevenueDistribution::Form::cosine);
      // the last two lie outside the window
      for (const double z : {-2.5, -0.3, 0.0, 1.0, 4.0, -sds - 5, sds + 1})
        CHECK(crps(series, mean + z * sd) == Approx(normal_crps(mean, sd, mean + z * sd)).epsilon(1e-10));
      CHECK(expected_crps(series) == Approx(sd * std::numbers::inv_sqrtpi).epsilon(1e-10));
    }
  }
}

TEST_CASE("CRPS of a cosine series is R's integral where the series is a gamma") {
  const auto phi = [](double w) { return std::pow(std::complex<double>(1, -2 * w), -4); };
  // A gamma is not smooth at 0, so this series takes many terms.
  const auto series = cosine_of(phi, 0, 100, 4000, 8, 4);
  CHECK(crps(series, 3) == Approx(2.90913974672).epsilon(1e-8));
  CHECK(crps(series, 8) == Approx(0.938369037011).epsilon(1e-8));
  CHECK(crps(series, 20) == Approx(9.86710098219).epsilon(1e-8));
  CHECK(expected_crps(series) == Approx(2.1875).epsilon(1e-8));
}

TEST_CASE("the expected CRPS is the mean of the CRPS over the forecast's own outcomes") {
  RandomStream random(2, 1);
  for (int round = 0; round < 50; ++round) {
    std::vector<double> values, weights;
    for (std::size_t i = 0; i < 1 + random.below(10); ++i) {
      values.push_back(random.uniform() * 1e6);
      weights.push_back(random.uniform());
    }
    const auto forecast = RevenueDistribution::from_atoms(values, weights);
    double mean = 0, below = 0;
    for (std::size_t i = 0; i < forecast.points().size(); ++i) {
      mean += (forecast.cumulative()[i] - below) * crps(forecast, forecast.points()[i]);
      below = forecast.cumulative()[i];
    }
    CHECK(expected_crps(forecast) == Approx(mean).margin(1e-6));
  }
}

TEST_CASE("CRPS is proper: no other forecast expects less than the truth") {
  RandomStream random(3, 1);
  const std::vector<double> values{0, 10, 25, 70};
  const auto forecast_of = [&](std::vector<double> weights) {
    return RevenueDistribution::from_atoms(values, std::move(weights));
  };
  const std::vector<double> truth{0.4, 0.3, 0.2, 0.1};
  for (int round = 0; round < 100; ++round) {
    const auto other = forecast_of({random.uniform(), random.uniform(), random.uniform(), random.uniform()});
    double expected = 0;
    for (std::size_t i = 0; i < values.size(); ++i) expected += truth[i] * crps(other, values[i]);
    CHECK(expected >= expected_crps(forecast_of(truth)));
  }
}

TEST_CASE("twice the mean pinball loss over quantiles is the CRPS") {
  const auto forecast = RevenueDistribution::from_sample({3, 8, 1, 8, 20, 41, 2, 9});
  for (const double actual : {0.0, 8.0, 11.0, 60.0}) {
    double sum = 0;
    constexpr int kSteps = 8000;  // a multiple of 8: quantiles change between points only
    for (int i = 0; i < kSteps; ++i) {
      const double p = (i + 0.5) / kSteps;
      sum += pinball_loss(forecast.quantile(p), p, actual);
    }
    CHECK(2 * sum / kSteps == Approx(crps(forecast, actual)).epsilon(1e-6));
  }
  CHECK(pinball_loss(100, 0.9, 130) == Approx(27));
  CHECK(pinball_loss(100, 0.9, 70) == Approx(3));
}

TEST_CASE("the interval score charges width and ten times what lies outside an 80 % interval") {
  const Interval interval{100, 150};
  CHECK(interval_score(interval, 0.8, 120) == Approx(50));
  CHECK(interval_score(interval, 0.8, 100) == Approx(50));
  CHECK(interval_score(interval, 0.8, 90) == Approx(50 + 100));
  CHECK(interval_score(interval, 0.8, 153) == Approx(50 + 30));
}

TEST_CASE("a central interval holds at least its level") {
  const auto forecast = RevenueDistribution::from_atoms({0, 10, 20, 30, 40}, {0.3, 0.1, 0.2, 0.3, 0.1});
  const Interval half = central_interval(forecast, 0.5);
  CHECK(half.lower == 0);
  CHECK(half.upper == 30);
  for (const double level : {0.1, 0.5, 0.8, 0.95}) {
    const Interval interval = central_interval(forecast, level);
    CHECK(forecast.cdf(interval.upper) - (1 - forecast.probability_at_least(interval.lower)) >= level - 1e-12);
  }
}

TEST_CASE("coverage counts outcomes on the borders and carries Wilson limits") {
  const std::vector<Interval> intervals{{0, 1}, {0, 1}, {0, 1}, {0, 1}, {5, 5}};
  const std::vector<double> actuals{0, 1, 1.5, -0.1, 5};
  const Coverage result = coverage(intervals, actuals);
  CHECK(result.inside == 3);
  CHECK(result.total == 5);
  CHECK(result.share == Approx(0.6));
  CHECK(result.limits == wilson_interval(3, 5));
  CHECK(coverage({}, {}).share == 0);
  CHECK(coverage({}, {}).limits == Interval{0, 1});
}

TEST_CASE("PIT is the cdf, with a share of the atom where there is one") {
  const auto atoms = RevenueDistribution::from_atoms({0, 10, 20}, {0.5, 0.2, 0.3});
  CHECK(pit(atoms, 0) == Approx(0.25));
  CHECK(pit(atoms, 0, 0) == Approx(0).margin(1e-15));
  CHECK(pit(atoms, 0, 1) == Approx(0.5));
  CHECK(pit(atoms, 10) == Approx(0.6));
  CHECK(pit(atoms, 15) == Approx(0.7));
  CHECK(pit(atoms, -1) == 0);
  CHECK(pit(atoms, 21) == 1);
  const auto series = normal_as_cosine(100, 10);
  CHECK(pit(series, 110) == Approx(0.841344746068543));
}

TEST_CASE("randomised PITs of a forecast with atoms are uniform") {
  const auto forecast = RevenueDistribution::from_atoms({0, 10, 20}, {0.6, 0.1, 0.3});
  RandomStream random(4, 1);
  constexpr int kDraws = 100'000, kBins = 20;
  std::vector<int> bins(kBins);
  double mid = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double actual = forecast.quantile(random.uniform());
    ++bins[static_cast<std::size_t>(pit(forecast, actual, random.uniform()) * kBins)];
    mid += pit(forecast, actual) / kDraws;
  }
  double chi_square = 0;
  for (const int n : bins) chi_square += std::pow(n - kDraws / kBins, 2) / (kDraws / kBins);
  CHECK(chi_square < 43.8);  // 99.9 % point of chi-square, 19 degrees of freedom
  CHECK(mid == Approx(0.5).margin(0.004));
}

TEST_CASE("Brier and log score of a probability") {
  CHECK(brier_score(0.7, true) == Approx(0.09));
  CHECK(brier_score(0.7, false) == Approx(0.49));
  CHECK(log_score(0.25, true) == Approx(1.386294361119891));
  CHECK(log_score(0.25, false) == Approx(0.287682072451781));
  CHECK(log_score(1, true) == 0);
  CHECK(log_score(1, false) == std::numeric_limits<double>::infinity());
  CHECK(log_score(1e-20, false) == Approx(1e-20));
}

TEST_CASE("scores refuse what is no outcome, probability or level") {
  const RevenueDistribution forecast;
  CHECK_THROWS_AS(crps(forecast, kNaN), InvalidArgument);
  CHECK_THROWS_AS(crps(forecast, std::numeric_limits<double>::infinity()), InvalidArgument);
  CHECK_THROWS_AS(pit(forecast, kNaN), InvalidArgument);
  CHECK_THROWS_AS(pit(forecast, 0, 1.5), InvalidArgument);
  CHECK_THROWS_AS(pinball_loss(1, 0, 1), InvalidArgument);
  CHECK_THROWS_AS(pinball_loss(1, 0.5, kNaN), InvalidArgument);
  CHECK_THROWS_AS(central_interval(forecast, 1), InvalidArgument);
  CHECK_THROWS_AS(interval_score({2, 1}, 0.8, 1), InvalidArgument);
  CHECK_THROWS_AS(interval_score({1, 2}, 1.0, 1), InvalidArgument);
  CHECK_THROWS_AS(brier_score(kNaN, true), InvalidArgument);
  CHECK_THROWS_AS(log_score(-0.1, true), InvalidArgument);
  CHECK_THROWS_WITH(coverage(std::vector<Interval>{{0, 1}}, {}), "1 intervals and 0 outcomes; there must be as many");
}
