#include <putki/value/bg_bb.hpp>

#include <putki/core/error.hpp>

#include "value/mixing.hpp"
#include "value/real_customers.hpp"

#include <catch2/catch.hpp>

#include <cmath>

using namespace putki;

TEST_CASE("BG/BB on the donations agrees with the paper") {
  const BgBb model = fit_bg_bb(test::donations());
  CHECK(model.fit().info.converged);
  CHECK(model.fit().customers == 11104);
  CHECK(model.alpha() == Approx(1.204).margin(.0005));
  CHECK(model.beta() == Approx(.750).margin(.0005));
  CHECK(model.gamma() == Approx(.657).margin(.0005));
  CHECK(model.delta() == Approx(2.783).margin(.001));
  CHECK(model.fit().info.log_likelihood == Approx(-33225.58).margin(.005));
  // Expected donations 2002-2006 by (x, t_x), two corners of the paper's table as we have it; the quadrature below is
  // what they rest on.
  CHECK(model.expected_purchases({0, 0, 6}, 5) == Approx(.07).margin(.005));
  CHECK(model.expected_purchases({6, 6, 6}, 5) == Approx(3.75).margin(.01));
  // As quoted by the tests of lifetimes: table 6, the chance of being alive in 2002, and of the authors' spreadsheet
  // the donations to come of all in five years, and the donors of 0 and of 6 repeat gifts expected in six.
  CHECK(model.probability_alive({0, 0, 6}) == Approx(.11).margin(.005));
  CHECK(model.probability_alive({2, 4, 6}) == Approx(.59).margin(.005));
  CHECK(model.probability_alive({6, 6, 6}) == Approx(.93).margin(.005));
  double total = 0;
  test::donations().for_each([&](const OpportunityCell& cell, std::uint64_t count) {
    total += static_cast<double>(count) * model.expected_purchases(cell, 5);
  });
  CHECK(total == Approx(12884.2).margin(.5));
  const auto masses = model.purchase_probabilities(6, 6);
  CHECK(11104 * masses[0] == Approx(3454.9).margin(.5));
  CHECK(11104 * masses[6] == Approx(1253.1).margin(.5));
}

TEST_CASE("BG/BB agrees with brute force over p and theta") {
  const auto parameters = GENERATE(std::array{1.204, .75, .657, 2.783}, std::array{.8, 2., 1., 1.});
  const auto [alpha, beta, gamma, delta] = parameters;
  const BgBb model(alpha, beta, gamma, delta);
  const auto chances = test::beta_nodes(alpha, beta), ends = test::beta_nodes(gamma, delta);
  for (const OpportunityCell cell :
       {OpportunityCell{0, 0, 0}, OpportunityCell{0, 0, 6}, OpportunityCell{2, 3, 6}, OpportunityCell{4, 6, 6}}) {
    const int x = cell.purchases, n = cell.opportunities;
    const auto alive = [&](double p, double theta) {
      return std::pow(p, x) * std::pow(1 - p, n - x) * std::pow(1 - theta, n);
    };
    const double here = test::mixed(chances, ends, alive);
    const double all = here + test::mixed(chances, ends, [&](double p, double theta) {
                         double sum = 0;
                         for (int i = cell.recency; i < n; ++i)
                           sum += std::pow(p, x) * std::pow(1 - p, i - x) * theta * std::pow(1 - theta, i);
                         return sum;
                       });
    OpportunityStatistics one;
    one.add(cell);
    CHECK(model.log_likelihood(one) == Approx(std::log(all)).margin(1e-6));
    const auto of = [&](auto&& f) {
      return test::mixed(chances, ends, [&](double p, double theta) { return alive(p, theta) * f(p, theta); }) / all;
    };
    CHECK(model.probability_alive(cell) == Approx(of([](double, double theta) { return 1 - theta; })).epsilon(1e-6));
    for (const int horizon : {0, 1, 5, 1500}) {
      const auto expected = [&](double p, double theta) {
        return p * (1 - theta) * -std::expm1(horizon * std::log1p(-theta)) / theta;
      };
      CHECK(model.expected_purchases(cell, horizon) == Approx(of(expected)).epsilon(1e-6).margin(1e-14));
    }
    for (const double rate : {.1, .001})
      CHECK(model.discounted_purchases(cell, rate) ==
            Approx(of([&](double p, double theta) { return p * (1 - theta) / (rate + theta); })).epsilon(1e-6));
    const auto masses = model.purchase_probabilities(cell, 4, 5);
    double sum = 0;
    for (int k = 0; k <= 5; ++k) {
      const auto mass = [&](double p, double theta) {
        double total = 0, choose = 1;  // C(i, k)
        for (int i = k; i <= 4; ++i) {
          total += choose * std::pow(p, k) * std::pow(1 - p, i - k) * std::pow(1 - theta, i) * (i < 4 ? theta : 1);
          choose *= (i + 1.) / (i + 1 - k);
        }
        return total;
      };
      CHECK(masses[static_cast<std::size_t>(k)] ==
            Approx(of(mass) + (k == 0 ? 1 - here / all : 0)).epsilon(1e-6).margin(1e-14));
      sum += masses[static_cast<std::size_t>(k)];
    }
    CHECK(sum == Approx(1).epsilon(1e-12));
  }
}

TEST_CASE("BG/BB says what it cannot do and stays finite") {
  CHECK_THROWS_AS(fit_bg_bb({}), NotEnoughData);
  OpportunityStatistics customers;
  customers.add({0, 0, 6}, 9);
  CHECK_THROWS_AS(fit_bg_bb(customers), NotEnoughData);
  CHECK_THROWS_AS(BgBb(1, 1, 1, -1), InvalidArgument);
  const BgBb model(1e-3, 1e3, 1e-3, 10);
  CHECK_THROWS_AS(model.expected_purchases(1.5), InvalidArgument);
  CHECK_THROWS_AS(model.expected_purchases({3, 2, 6}, 1), InvalidArgument);
  CHECK_THROWS_AS(model.discounted_purchases(0), InvalidArgument);
  for (const OpportunityCell cell : {OpportunityCell{10000, 10000, 10000}, OpportunityCell{1, 1, 10000}}) {
    CHECK((model.probability_alive(cell) >= 0 && model.probability_alive(cell) <= 1));
    CHECK(std::isfinite(model.expected_purchases(cell, 1e4)));
    CHECK(model.expected_purchases(cell, 1e4) <= 1e4);
  }
}
