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

// The likelihood of the papers, in 2F1, by its own series (Fader & Hardie 2005, note 009).
template <class Real>
Real paper_log_likelihood(Real r, Real alpha, Real s, Real beta, Real x, Real t, Real age) {
  const auto hypergeometric = [](Real a, Real b, Real c, Real z) {
    Real term = 1, sum = 1;
    for (Real k = 0; k < 20000 && term > Real(1e-20) * sum; ++k)
      sum += term *= (a + k) * (b + k) / ((c + k) * (k + 1)) * z;
    return sum;
  };
  const Real both = r + s + x;
  const Real larger = std::max(alpha, beta), apart = std::abs(alpha - beta), b = alpha >= beta ? s + 1 : r + x;
  const auto f = [&](Real at) {
    return hypergeometric(both, b, both + 1, apart / (larger + at)) / std::pow(larger + at, both);
  };
  const Real braces = 1 / (std::pow(alpha + age, r + x) * std::pow(beta + age, s)) + s / both * (f(t) - f(age));
  Real value = r * std::log(alpha) + s * std::log(beta) + std::log(braces);
  for (Real j = 0; j < x; ++j) value += std::log(r + j);
  return value;
}

// Of the CDNOW sample.
long double long_log_likelihood(const std::vector<double>& at) {
  long double sum = 0;
  test::cdnow_statistics().purchases().for_each([&](const PurchaseCell& cell, std::uint64_t count) {
    sum += static_cast<long double>(count) * paper_log_likelihood<long double>(at[0], at[1], at[2], at[3], cell.repeats,
                                                                               cell.recency_days / 7.0L,
                                                                               cell.age_days / 7.0L);
  });
  return sum;
}

}  // namespace

TEST_CASE("Pareto/NBD on the CDNOW sample agrees with the published fits") {
  const auto customers = test::cdnow_statistics();
  const ParetoNbd model = fit_pareto_nbd(customers.purchases());
  CHECK(model.fit().info.converged);
  CHECK(model.fit().info.warnings.empty());
  CHECK(model.fit().info.log_likelihood == Approx(-9594.976).margin(.001));
  CHECK(model.log_likelihood(customers.purchases()) == Approx(model.fit().info.log_likelihood).epsilon(1e-12));
  // CLVTools, tests/testthat/test_correctness_pnbd.R: parameters, errors and -9594.976.
  const std::array published{.55315, 10.57633, .60625, 11.67150};
  const std::array errors{.0476264, .8427222, .1872594, 6.2105448};
  const double there = model.with_parameters(published).log_likelihood(customers.purchases());
  CHECK(there == Approx(-9594.976).margin(.001));
  CHECK(there < model.fit().info.log_likelihood);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(std::abs(model.fit().values[i] - published[i]) < .003 * errors[i]);
    CHECK(model.fit().std_errors[i] == Approx(errors[i]).epsilon(2e-4));
  }
  // Walkthrough of the R package BTYD, customer 1516 of the sample, the next 52 weeks; a newcomer's first 52.
  CHECK(model.expected_purchases({26, 216, 217}, 52) == Approx(25.45647).margin(.002));
  CHECK(model.probability_alive({26, 216, 217}) == Approx(.997874).margin(2e-6));
  CHECK(model.expected_purchases(52) == Approx(1.473).margin(.0005));
}

TEST_CASE("The maximum on the CDNOW sample is above where published fits stopped") {
  // The likelihood is flat there. In long double, by the papers' formula, which shares nothing with the library's.
  const ParetoNbd model = fit_pareto_nbd(test::cdnow_statistics().purchases());
  const long double top = long_log_likelihood(model.fit().values);
  CHECK(static_cast<double>(top) == Approx(model.fit().info.log_likelihood).epsilon(0).margin(1e-8));
  const std::vector<std::vector<double>> published{{.55315, 10.57633, .60625, 11.67150},          // CLVTools
                                                   {.5533971, 10.5801985, .6060625, 11.6562237},  // BTYD
                                                   {.553, 10.578, .606, 11.669}};  // Fader, Hardie & Lee 2005
  for (const auto& point : published) {
    const auto lower = static_cast<double>(top - long_log_likelihood(point));
    CAPTURE(point, lower);
    CHECK(lower > 1e-7);
    CHECK(lower < 1e-3);
  }
  // Nor is there more to gain near it, along any parameter.
  for (std::size_t i = 0; i < 4; ++i)
    for (const double by : {.999, .9999, 1.0001, 1.001}) {
      auto moved = model.fit().values;
      moved[i] *= by;
      CHECK(long_log_likelihood(moved) < top);
    }
}

TEST_CASE("Pareto/NBD expects of silent customers what BTYD's walkthrough does") {
  // The more a customer once bought, the less his silence of 19 weeks leaves to expect. BTYD stopped a little short of
  // the maximum (its first search at .5533971, 10.5801985, .6060625, 11.6562237): digits after the third differ.
  const ParetoNbd model = fit_pareto_nbd(test::cdnow_statistics().purchases());
  const std::array<std::pair<int, double>, 4> silent{
      {{10, .7062289}, {15, .1442396}, {20, .02250658}, {25, .00309267}}};
  for (const auto& [x, expected] : silent)
    CHECK(model.expected_purchases({x, 140, 273}, 52) == Approx(expected).epsilon(.001));
}

TEST_CASE("The 39-week forecast of the CDNOW sample, by past purchases, agrees with BTYD") {
  // Its walkthrough: expected and actual purchases per customer of those with 0 .. 6 and 7 or more, and their number.
  const std::array expected{.138, .600, 1.196, 1.714, 2.399, 2.907, 3.819, 6.403};
  const std::array actual{.237, .697, 1.393, 1.560, 2.532, 2.947, 3.862, 6.359};
  const std::array customers{1411, 439, 214, 100, 62, 38, 29, 64};
  const ParetoNbd model = fit_pareto_nbd(test::cdnow_statistics().purchases());
  std::array<double, 8> sum{}, number{}, bought{};
  for (const auto& customer : test::cdnow_sample()) {
    const auto group = static_cast<std::size_t>(std::min(customer.history.repeats, 7));
    sum[group] += model.expected_purchases(test::cell(customer.history), 39);
    number[group] += 1;
    bought[group] += customer.holdout;
  }
  double total = 0, published = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    CHECK(number[i] == customers[i]);
    CHECK(bought[i] / number[i] == Approx(actual[i]).margin(.0005001));
    CHECK(sum[i] / number[i] == Approx(expected[i]).margin(.001));
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
