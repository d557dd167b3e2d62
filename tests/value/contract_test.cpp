#include <putki/value/contract.hpp>

#include <putki/core/error.hpp>

#include "value/mixing.hpp"
#include "value/real_customers.hpp"

#include <catch2/catch.hpp>

#include <cmath>

using namespace putki;

namespace {

/// 1,000 customers of a segment of the paper (column 1 or 2), seen for `years`.
TenureStatistics paper_segment(std::size_t column, std::size_t years) {
  const auto rows = test::numbers_of("retention.csv");
  TenureStatistics customers;
  const auto here = [&](std::size_t year) { return static_cast<std::uint64_t>(std::lround(rows[year][column] * 10)); };
  for (std::size_t year = 1; year <= years; ++year)
    customers.add({.survived = static_cast<int>(year) - 1, .ended = true}, here(year - 1) - here(year));
  customers.add({.survived = static_cast<int>(years)}, here(years));
  return customers;
}

}  // namespace

TEST_CASE("sBG on seven years of the paper's segments agrees with it and foretells the other five") {
  const Sbg high_end = fit_sbg(paper_segment(1, 7)), regular = fit_sbg(paper_segment(2, 7));
  CHECK(high_end.fit().values[0] == Approx(.668).margin(.0005));
  CHECK(high_end.fit().values[1] == Approx(3.806).margin(.0005));
  CHECK(high_end.fit().info.log_likelihood == Approx(-1611.158).margin(.001));
  CHECK(regular.fit().values[0] == Approx(.704).margin(.0005));
  CHECK(regular.fit().values[1] == Approx(1.182).margin(.0005));
  CHECK(regular.fit().info.log_likelihood == Approx(-1680.265).margin(.001));
  CHECK(high_end.fit().names == std::vector<std::string>{"alpha", "beta"});
  const auto rows = test::numbers_of("retention.csv");
  for (std::size_t year = 8; year <= 12; ++year) {
    CHECK(high_end.survival(static_cast<double>(year)) == Approx(rows[year][1] / 100).margin(.02));
    CHECK(regular.survival(static_cast<double>(year)) == Approx(rows[year][2] / 100).margin(.02));
  }
  // Retention of the first year is beta / (alpha + beta), and rises.
  CHECK(regular.retention(1) == Approx(1.182 / 1.886).margin(.0005));
  for (double n = 1; n < 20; ++n) CHECK(regular.retention(n + 1) > regular.retention(n));
}

TEST_CASE("The beta-discrete-Weibull fits no worse than the sBG, and at c = 1 is it") {
  for (const std::size_t segment : {1u, 2u}) {
    const TenureStatistics customers = paper_segment(segment, 7);
    const Sbg sbg = fit_sbg(customers);
    const BetaDiscreteWeibull bdw = fit_beta_discrete_weibull(customers);
    CHECK(bdw.fit().info.converged);
    CHECK(bdw.fit().info.log_likelihood >= sbg.fit().info.log_likelihood);
    const auto& values = sbg.fit().values;
    const BetaDiscreteWeibull same(std::array{values[0], values[1], 1.});
    CHECK(same.log_likelihood(customers) == Approx(sbg.fit().info.log_likelihood).epsilon(1e-12));
    CHECK(same.discounted_renewals(3, .1) == Approx(sbg.discounted_renewals(3, .1)).epsilon(1e-10));
    CHECK(same.discounted_renewals(3, .0001) == Approx(sbg.discounted_renewals(3, .0001)).epsilon(1e-6));
  }
}

TEMPLATE_TEST_CASE("Survival, renewals and discounted renewals agree with brute force over theta", "", Sbg,
                   BetaDiscreteWeibull) {
  const double c = std::is_same_v<TestType, Sbg> ? 1 : GENERATE(.6, 1.7);
  const std::array all{.7, 1.2, c};
  const TestType model(std::span<const double>(all.data(), std::is_same_v<TestType, Sbg> ? 2 : 3));
  const auto chances = test::beta_nodes(.7, 1.2, .1);
  const auto survival = [&](double n) {
    double sum = 0;
    for (const auto& [theta, weight] : chances) sum += weight * std::pow(1 - theta, n == 0 ? 0 : std::pow(n, c));
    return sum;
  };
  for (const double n : {0., 1., 2., 7., 30.}) {
    CHECK(model.survival(n) == Approx(survival(n)).epsilon(1e-7));
    CHECK(model.survival_after(n, 3) == Approx(survival(n + 3) / survival(n)).epsilon(1e-7));
    double renewals = 0, discounted = 0;
    for (double t = 0; t < 300; ++t) {
      if (t < 50) renewals += survival(n + 1 + t) / survival(n);
      discounted += survival(n + 1 + t) / survival(n) * std::pow(1.1, -t);
    }
    CHECK(model.expected_renewals(n, 50) == Approx(renewals).epsilon(1e-7));
    CHECK(model.discounted_renewals(n, .1) == Approx(discounted).epsilon(1e-6));
  }
  double worth = 0;
  for (double t = 0; t < 300; ++t) worth += survival(t) * std::pow(1.1, -t);
  CHECK(model.discounted_periods(.1) == Approx(worth).epsilon(1e-6));

  RandomStream stream(3, 4);
  const int draws = 20000;
  double sum = 0;
  for (int i = 0; i < draws; ++i) sum += static_cast<double>(model.simulate(2, 50, stream));
  CHECK(sum / draws == Approx(model.expected_renewals(2, 50)).epsilon(.03));
}

TEMPLATE_TEST_CASE("Cohorts of different age, censored and truncated, are fitted together", "", Sbg,
                   BetaDiscreteWeibull) {
  const bool by_age = std::is_same_v<TestType, BetaDiscreteWeibull>;
  const std::array truth{.9, 3., .8};
  const TestType model(std::span<const double>(truth.data(), by_age ? 3 : 2));
  TenureStatistics customers;
  RandomStream stream(8, 1);
  for (int i = 0; i < 30000; ++i) {
    // Started `age` periods ago; those of the list of three periods ago are seen from there on.
    const int age = 1 + i % 12, entered = i % 2 == 0 ? std::max(0, age - 3) : 0;
    const int survived = static_cast<int>(model.simulate(0, static_cast<std::uint64_t>(age), stream));
    if (survived >= age)
      customers.add({.survived = age, .entered = entered});
    else if (survived >= entered)
      customers.add({.survived = survived, .ended = true, .entered = entered});
  }
  ParameterFit fit;
  if constexpr (std::is_same_v<TestType, Sbg>)
    fit = fit_sbg(customers).fit();
  else
    fit = fit_beta_discrete_weibull(customers).fit();
  CHECK(fit.info.converged);
  for (std::size_t i = 0; i < fit.values.size(); ++i)
    CHECK(std::abs(fit.values[i] - truth[i]) < 3.5 * fit.std_errors[i]);
  CHECK(fit.std_errors[0] < .3);
}

TEST_CASE("Contract models say what they cannot do and stay finite") {
  CHECK_THROWS_AS(fit_sbg({}), NotEnoughData);
  TenureStatistics customers;
  customers.add({.survived = 3}, 10);
  CHECK_THROWS_AS(fit_sbg(customers), NotEnoughData);
  CHECK_THROWS_AS(fit_beta_discrete_weibull(customers), NotEnoughData);
  customers.add({.survived = 0, .ended = true}, 1);
  const Sbg one = fit_sbg(customers);  // two numbers, one parameter to tell
  CHECK(std::isfinite(one.fit().info.log_likelihood));
  CHECK_FALSE(one.fit().info.warnings.empty());
  CHECK_THROWS_AS(Sbg(std::array{1., 0.}), InvalidArgument);
  CHECK_THROWS_AS(Sbg(std::array{1., 1., 1.}), InvalidArgument);
  const Sbg model(std::array{1e-3, 1e4});
  CHECK_THROWS_AS(model.survival(-1), InvalidArgument);
  CHECK_THROWS_AS(model.retention(0), InvalidArgument);
  CHECK_THROWS_AS(model.discounted_renewals(0, 0), InvalidArgument);
  CHECK(model.survival(1e4) == Approx(std::pow(.5, 1e-3)).epsilon(1e-6));
  for (const double c : {.05, 1., 3.}) {
    const BetaDiscreteWeibull far(std::array{.5, .01, c});
    CHECK(far.survival(1e4) >= 0);
    CHECK(std::isfinite(far.discounted_renewals(1e4, 1e-6)));
    CHECK(far.expected_renewals(0, 1e6) <= 1e6);
  }
}
