#include <putki/core/error.hpp>
#include <putki/forecast/revenue_distribution.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <numbers>

using namespace putki;

TEST_CASE("atoms give exact steps, their quantiles and both tails") {
  const auto revenue = RevenueDistribution::from_atoms({30, 10, 10, 20}, {0.25, 0.2, 0.3, 0.25});
  CHECK(revenue.cdf(9.99) == 0);
  CHECK(revenue.cdf(10) == Approx(0.5));
  CHECK(revenue.cdf(19.99) == Approx(0.5));
  CHECK(revenue.cdf(30) == 1);
  CHECK(revenue.probability_at_least(10) == 1);
  CHECK(revenue.probability_at_least(10.01) == Approx(0.5));
  CHECK(revenue.probability_at_least(30) == Approx(0.25));
  CHECK(revenue.probability_at_least(30.01) == Approx(0).margin(1e-15));
  CHECK(revenue.quantile(0) == 10);
  CHECK(revenue.quantile(0.5) == 10);
  CHECK(revenue.quantile(0.51) == 20);
  CHECK(revenue.quantile(1) == 30);
  CHECK(revenue.mean() == Approx(17.5));
  CHECK(revenue.sd() == Approx(std::sqrt(0.5 * 7.5 * 7.5 + 0.25 * 2.5 * 2.5 + 0.25 * 12.5 * 12.5)));
}

TEST_CASE("no revenue for certain is the default") {
  const RevenueDistribution revenue;
  CHECK(revenue.mean() == 0);
  CHECK(revenue.sd() == 0);
  CHECK(revenue.cdf(0) == 1);
  CHECK(revenue.cdf(-1) == 0);
  CHECK(revenue.probability_at_least(0) == 1);
  CHECK(revenue.quantile(0.5) == 0);
}

TEST_CASE("a cosine series of the normal law reproduces its cdf and quantiles") {
  const double mean = 1000, sd = 50, lower = 500, upper = 1500;
  std::vector<double> coefficients;
  for (int k = 0; k < 200; ++k) {
    const double w = k * std::numbers::pi / (upper - lower);
    coefficients.push_back(2 * std::exp(-w * w * sd * sd / 2) * std::cos(w * (mean - lower)));
  }
  const auto revenue = RevenueDistribution::from_cosine(lower, upper, coefficients, mean, sd);
  const auto normal = [&](double x) { return 0.5 * std::erfc(-(x - mean) / sd / std::numbers::sqrt2); };
  for (double x = 700; x <= 1300; x += 7) CHECK(revenue.cdf(x) == Approx(normal(x)).margin(1e-12));
  CHECK(revenue.quantile(0.5) == Approx(mean));
  CHECK(revenue.quantile(0.9) == Approx(mean + 1.2815515655446004 * sd));  // qnorm(.9)
  CHECK(revenue.cdf(0) == 0);
  CHECK(revenue.cdf(2000) == 1);
  CHECK(revenue.shifted(100).quantile(0.9) == Approx(mean + 100 + 1.2815515655446004 * sd));
}

TEST_CASE("moving a distribution moves every figure but its spread") {
  const auto revenue = RevenueDistribution::from_sample({1, 2, 3, 4}).shifted(10);
  CHECK(revenue.mean() == Approx(12.5));
  CHECK(revenue.sd() == Approx(std::sqrt(1.25)));
  CHECK(revenue.cdf(12) == Approx(0.5));
  CHECK(revenue.quantile(0.75) == 13);
  CHECK(revenue.form() == RevenueDistribution::Form::sample);
}

TEST_CASE("what is no distribution is refused") {
  CHECK_THROWS_AS(RevenueDistribution::from_atoms({}, {}), InvalidArgument);
  CHECK_THROWS_AS(RevenueDistribution::from_atoms({1, 2}, {1}), InvalidArgument);
  CHECK_THROWS_AS(RevenueDistribution::from_atoms({1, std::nan("")}, {1, 1}), InvalidArgument);
  CHECK_THROWS_AS(RevenueDistribution::from_atoms({1, 2}, {1, -0.1}), InvalidArgument);
  CHECK_THROWS_AS(RevenueDistribution::from_atoms({1, 2}, {0, 0}), InvalidArgument);
  CHECK_THROWS_AS(RevenueDistribution::from_cosine(2, 1, {1}, 0, 1), InvalidArgument);
  CHECK_THROWS_AS(RevenueDistribution().quantile(1.5), InvalidArgument);
  CHECK_THROWS_AS(RevenueDistribution().quantile(std::nan("")), InvalidArgument);
}
