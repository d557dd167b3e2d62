#include <putki/value/pareto_nbd.hpp>

#include "value/mixing.hpp"
#include "value/real_customers.hpp"

#include <boost/math/quadrature/gauss_kronrod.hpp>

#include <catch2/catch.hpp>

#include <cmath>

using namespace putki;

namespace {

// The behaviour of one customer whose lambda and mu are known.
struct ParetoStory {
  double x, t, age;
  double alive(double lambda, double mu) const { return std::pow(lambda, x) * std::exp(-(lambda + mu) * age); }
  double left(double lambda, double mu) const {
    const double both = lambda + mu;
    return std::pow(lambda, x) * mu / both * (std::exp(-both * t) - std::exp(-both * age));
  }
};

// The likelihood of the papers, in 2F1, by its own series; alpha >= beta (Fader & Hardie 2005, note 009).
double paper_log_likelihood(double r, double alpha, double s, double beta, double x, double t, double age) {
  const auto hypergeometric = [](double a, double b, double c, double z) {
    double term = 1, sum = 1;
    for (double k = 0; k < 20000 && term > 1e-18 * sum; ++k) sum += term *= (a + k) * (b + k) / ((c + k) * (k + 1)) * z;
    return sum;
  };
  const double both = r + s + x;
  const bool first = alpha >= beta;
  const double larger = std::max(alpha, beta), apart = std::abs(alpha - beta), b = first ? s + 1 : r + x;
  const auto f = [&](double at) {
    return hypergeometric(both, b, both + 1, apart / (larger + at)) / std::pow(larger + at, both);
  };
  const double braces = 1 / (std::pow(alpha + age, r + x) * std::pow(beta + age, s)) + s / both * (f(t) - f(age));
  return boost::math::lgamma(r + x) - boost::math::lgamma(r) + r * std::log(alpha) + s * std::log(beta) +
         std::log(braces);
}

}  // namespace

TEST_CASE("Pareto/NBD on the CDNOW sample agrees with the published fits") {
  const auto customers = test::cdnow_statistics();
  const ParetoNbd model = fit_pareto_nbd(customers.purchases());
  CHECK(model.fit().info.converged);
  CHECK(model.fit().info.warnings.empty());
  CHECK(model.fit().info.log_likelihood == Approx(-9594.976).margin(.001));
  CHECK(model.log_likelihood(customers.purchases()) == Approx(model.fit().info.log_likelihood).epsilon(1e-12));
  // Published fits stopped where the likelihood is flat: the maximum is 5e-6 above that, 0.003 standard errors away.
  const std::array published{.55315, 10.57633, .60625, 11.67150};
  const std::array errors{.0476264, .8427222, .1872594, 6.2105448};
  const double there = model.with_parameters(published).log_likelihood(customers.purchases());
  CHECK(there == Approx(-9594.976).margin(.001));
  CHECK(there < model.fit().info.log_likelihood);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(std::abs(model.fit().values[i] - published[i]) < .003 * errors[i]);
    CHECK(model.fit().std_errors[i] == Approx(errors[i]).epsilon(2e-4));
  }
  // Of the BTYD package's walkthrough: x = 26, t_x = 30.86, T = 31 weeks, the next 52 weeks; a newcomer's first 52.
  CHECK(model.expected_purchases({26, 216, 217}, 52) == Approx(25.456).margin(.005));
  CHECK(model.probability_alive({26, 216, 217}) == Approx(.9979).margin(.0001));
  CHECK(model.expected_purchases(52) == Approx(1.4737).margin(.001));
}

TEST_CASE("The 39-week forecast of the CDNOW sample, by past purchases, agrees with BTYD") {
  // Expected purchases per customer of those with 0 .. 6 and 7 or more, from the walkthrough of the BTYD package.
  const std::array expected{.1385, .5996, 1.1957, 1.7144, 2.3988, 2.9073, 3.8187, 6.4033};
  const ParetoNbd model = fit_pareto_nbd(test::cdnow_statistics().purchases());
  std::array<double, 8> sum{}, number{};
  for (const auto& customer : test::cdnow_sample()) {
    const auto group = static_cast<std::size_t>(std::min(customer.history.repeats, 7));
    sum[group] += model.expected_purchases(test::cell(customer.history), 39);
    number[group] += 1;
  }
  double total = 0, published = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    CHECK(sum[i] / number[i] == Approx(expected[i]).epsilon(.01));
    total += sum[i];
    published += expected[i] * number[i];
  }
  CHECK(total == Approx(published).epsilon(.002));
}

TEST_CASE("Pareto/NBD agrees with brute force over lambda and mu") {
  const auto parameters =
      GENERATE(std::array{.8, 10.6, .6, 11.7}, std::array{1.5, 4., 1., 30.}, std::array{.9, 40., 2.5, 6.});
  const auto [r, alpha, s, beta] = parameters;
  const ParetoNbd model(r, alpha, s, beta, 1);
  const auto rates = test::gamma_nodes(r, alpha), ends = test::gamma_nodes(s, beta);
  for (const PurchaseCell customer :
       {PurchaseCell{0, 0, 0}, PurchaseCell{0, 0, 40}, PurchaseCell{2, 30, 39}, PurchaseCell{9, 20, 60}}) {
    const ParetoStory story{static_cast<double>(customer.repeats), static_cast<double>(customer.recency_days),
                            static_cast<double>(customer.age_days)};
    const auto alive = [&](double lambda, double mu) { return story.alive(lambda, mu); };
    const double here = test::mixed(rates, ends, alive);
    const double all =
        here + test::mixed(rates, ends, [&](double lambda, double mu) { return story.left(lambda, mu); });
    CellCounts<PurchaseCell> one;
    one.add(customer);
    CHECK(model.log_likelihood(one) == Approx(std::log(all)).margin(1e-6));
    CHECK(model.log_likelihood(one) ==
          Approx(paper_log_likelihood(r, alpha, s, beta, story.x, story.t, story.age)).margin(1e-8));
    CHECK(model.probability_alive(customer) == Approx(here / all).epsilon(1e-6));
    for (const double horizon : {39., 400.}) {
      const auto of = [&](auto&& f) {
        return test::mixed(rates, ends, [&](double lambda, double mu) { return alive(lambda, mu) * f(lambda, mu); }) /
               all;
      };
      CHECK(model.expected_purchases(customer, horizon) == Approx(of([&](double lambda, double mu) {
                                                             return -lambda * std::expm1(-mu * horizon) / mu;
                                                           })).epsilon(1e-6));
      CHECK(model.discounted_purchases(customer, 1 / horizon) ==
            Approx(of([&](double lambda, double mu) { return lambda / (mu + 1 / horizon); })).epsilon(1e-6));
      const auto masses = model.purchase_probabilities(customer, horizon, 6);
      for (int k : {0, 1, 6}) {
        // Alive at the end and k bought; or ended at y, a Poisson number up to then: a gamma integral over y.
        const auto mass = [&](double lambda, double mu) {
          const double both = lambda + mu;
          const double poisson =
              std::exp(k * std::log(lambda * horizon) - both * horizon - boost::math::lgamma(k + 1.0));
          return poisson + mu / both * std::pow(lambda / both, k) * boost::math::gamma_p(k + 1.0, both * horizon);
        };
        CHECK(masses[static_cast<std::size_t>(k)] == Approx(of(mass) + (k == 0 ? 1 - here / all : 0)).epsilon(1e-6));
      }
    }
  }
}

TEST_CASE("Pareto/NBD agrees with adaptive quadrature and stays finite at the ends") {
  for (const auto& parameters :
       {std::array{.5, 10., .6, 12.}, std::array{3., 1e-3, .1, 50.}, std::array{.01, 50., 8., 1e-2},
        std::array{1e-6, 1., 1e-6, 1.}, std::array{200., 5., 100., 900.}})
    for (const PurchaseCell customer :
         {PurchaseCell{0, 0, 272}, PurchaseCell{1, 1, 70000}, PurchaseCell{30, 100, 200},
          PurchaseCell{10000, 69000, 70000}, PurchaseCell{10000, 10, 70000}, PurchaseCell{3, 70, 70}}) {
      const double r = parameters[0], alpha = parameters[1], s = parameters[2], beta = parameters[3];
      const ParetoNbd model(r, alpha, s, beta);
      const double x = customer.repeats, last = customer.recency_days / 7., age = customer.age_days / 7.;
      const double z = r + x, end = -z * std::log(alpha + age) - s * std::log(beta + age);
      // Odds of having left, in the unit of the first term, over ln(y - t_x): both ends then have room.
      const auto odds = [&](double w) {
        const double y = last + std::exp(w);
        return std::exp(std::min(700., w - z * std::log(alpha + y) - (s + 1) * std::log(beta + y) - end));
      };
      const double alive = model.probability_alive(customer);
      CHECK((alive >= 0 && alive <= 1));
      if (age > last) {
        double left = 0;
        const double high = std::log(age - last), low = high - 45;
        for (int i = 0; i < 180; ++i)
          left += boost::math::quadrature::gauss_kronrod<double, 31>::integrate(odds, low + .25 * i,
                                                                                low + .25 * (i + 1), 0, 0);
        if (s * left < 1e200) CHECK(alive == Approx(1 / (1 + s * left)).epsilon(1e-9));
      } else {
        CHECK(alive == 1);
      }
      for (const double horizon : {0., 1e-6, 1., 1e4}) {
        const double expected = model.expected_purchases(customer, horizon);
        CHECK(std::isfinite(expected));
        CHECK(expected >= 0);
        CHECK(expected <= z / (alpha + age) * horizon * (1 + 1e-9));
      }
      const auto masses = model.purchase_probabilities(customer, 39, 5);
      for (const double mass : masses) CHECK((mass >= 0 && mass <= 1 + 1e-9));
    }
}

TEST_CASE("Pareto/NBD expectations pass smoothly through s = 1") {
  const auto value = [](double s) { return ParetoNbd(.5, 6, s, 8, 1).expected_purchases(100); };
  CHECK(value(1) == Approx(.5 / 6 * 8 * std::log1p(100. / 8)).epsilon(1e-14));
  for (const double by : {1e-9, 1e-6, 1e-4})
    CHECK(value(1) == Approx(.5 * (value(1 - by) + value(1 + by))).epsilon(1e-7));
}
