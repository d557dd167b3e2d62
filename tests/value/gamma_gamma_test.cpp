#include <putki/value/gamma_gamma.hpp>

#include <putki/core/error.hpp>

#include "value/mixing.hpp"
#include "value/real_customers.hpp"

#include <catch2/catch.hpp>

#include <cmath>

using namespace putki;

TEST_CASE("Gamma-Gamma on the CDNOW sample agrees with the paper") {
  const auto customers = test::cdnow_statistics();
  const GammaGamma model = fit_gamma_gamma(customers.spend());
  CHECK(model.fit().info.converged);
  CHECK(model.fit().customers == 946);
  CHECK(model.left_out() == 0);
  CHECK(model.p() == Approx(6.25).margin(.005));
  CHECK(model.q() == Approx(3.74).margin(.005));
  CHECK(model.gamma() == Approx(15.44).margin(.01));
  CHECK(model.fit().info.log_likelihood == Approx(-4055.918).margin(.001));
  // By hand from the printed parameters: 6.25 * 15.44 / 2.74.
  CHECK(model.expected_spend() == Approx(35.2).margin(.1));
}

TEST_CASE("Gamma-Gamma agrees with brute force over nu") {
  const double p = 2.3, q = 3.1, gamma = 15;
  const GammaGamma model(p, q, gamma);
  const auto rates = test::gamma_nodes(q, gamma, .02);
  for (const SpendCell customer : {SpendCell{1, {2000}}, SpendCell{3, {4500}}, SpendCell{12, {12000}}}) {
    const double x = customer.purchases, total = customer.total.units(), mean = total / x;
    double all = 0, spend = 0;
    for (const auto& [nu, weight] : rates) {
      // The mean of x amounts is Gamma(p x, nu x).
      const double density = std::exp(p * x * std::log(nu * x) + (p * x - 1) * std::log(mean) - nu * x * mean -
                                      boost::math::lgamma(p * x));
      all += weight * density;
      spend += weight * density * p / nu;
    }
    CellCounts<SpendCell> one;
    one.add(customer);
    CHECK(model.log_likelihood(one) == Approx(std::log(all)).margin(1e-8));
    CHECK(model.expected_spend(customer) == Approx(spend / all).epsilon(1e-8));

    RandomStream stream(5, 1);
    double sum = 0;
    const int draws = 40000;
    for (int i = 0; i < draws; ++i) sum += model.simulate_total(model.simulate_mean(customer, stream), 2, stream) / 2;
    CHECK(sum / draws == Approx(spend / all).epsilon(.02));
  }
}

TEST_CASE("Means drawn from a law of any shape are finite, and purchases can be drawn around them") {
  // A gamma variable of shape 0.001 is below the smallest double half of the time.
  const GammaGamma model(1, .001, 10);
  RandomStream stream(6, 1);
  for (int i = 0; i < 1000; ++i) {
    const double mean = model.simulate_mean(stream);
    CHECK(std::isfinite(mean));
    CHECK_NOTHROW(model.simulate_total(mean, 1, stream));
  }
}

TEST_CASE("Gamma-Gamma is the same in any currency") {
  CellCounts<SpendCell> dear;
  const auto customers = test::cdnow_statistics();
  for (const auto& [cell, count] : customers.spend().cells())
    dear.add({cell.purchases, {cell.total.minor * 100}}, count);
  const GammaGamma model = fit_gamma_gamma(customers.spend()), other = fit_gamma_gamma(dear);
  CHECK(other.p() == Approx(model.p()).epsilon(1e-8));
  CHECK(other.q() == Approx(model.q()).epsilon(1e-8));
  CHECK(other.gamma() == Approx(100 * model.gamma()).epsilon(1e-8));
}

TEST_CASE("Gamma-Gamma recovers what made the data, within its standard errors") {
  const GammaGamma truth(4, 3, 30);
  int inside = 0;
  for (std::uint64_t round = 0; round < 40; ++round) {
    RandomStream stream(9, round);
    CellCounts<SpendCell> customers;
    for (int i = 0; i < 500; ++i) {
      const auto x = 1 + stream.poisson(1.5);
      customers.add(
          {static_cast<int>(x), Money::from_units(truth.simulate_total(truth.simulate_mean(stream), x, stream))});
    }
    const GammaGamma model = fit_gamma_gamma(customers);
    const std::array known{4., 3., 30.};
    for (std::size_t i = 0; i < 3; ++i) {
      const Interval limits = model.fit().interval(i, .8);
      inside += limits.lower <= known[i] && known[i] <= limits.upper;
    }
  }
  CHECK(inside >= 80);  // of 120, 96 expected; the three of a round go together
  CHECK(inside <= 112);
}

TEST_CASE("Gamma-Gamma says what it cannot do") {
  CellCounts<SpendCell> customers;
  CHECK_THROWS_AS(fit_gamma_gamma(customers), NotEnoughData);
  customers.add({2, {0}}, 3);
  customers.add({1, {-500}});
  CHECK_THROWS_AS(fit_gamma_gamma(customers), NotEnoughData);
  customers.add({1, {1000}});
  const GammaGamma one = fit_gamma_gamma(customers);
  CHECK(one.left_out() == 4);
  CHECK(one.fit().std_errors.empty());
  CHECK_FALSE(one.fit().info.warnings.empty());
  CHECK_THROWS_AS(GammaGamma(0, 1, 1), InvalidArgument);
  CHECK_THROWS_AS(GammaGamma(1, 1, std::nan("")), InvalidArgument);
  const GammaGamma heavy(2, .5, 1);
  CHECK(heavy.expected_spend() == std::numeric_limits<double>::infinity());
  CHECK(std::isfinite(heavy.expected_spend({1, {100}})));
  CHECK(heavy.expected_spend({1, {-100}}) == heavy.expected_spend({1, {0}}));
}
