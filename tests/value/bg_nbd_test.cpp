#include <putki/value/bg_nbd.hpp>

#include <putki/core/error.hpp>

#include "value/mixing.hpp"
#include "value/real_customers.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <cmath>
#include <type_traits>
#include <utility>

using namespace putki;

namespace {

// The behaviour of one customer whose lambda and p are known, straight from the story of the model.
template <class Model>
struct BgStory {
  static constexpr bool kToss = std::is_same_v<Model, MbgNbd>;
  double x, t, age;
  double alive(double lambda, double p) const {
    return std::pow(1 - p, x + kToss) * std::pow(lambda, x) * std::exp(-lambda * age);
  }
  double left(double lambda, double p) const {
    if (!kToss && x == 0) return 0;
    return p * std::pow(1 - p, x + kToss - 1) * std::pow(lambda, x) * std::exp(-lambda * t);
  }
  // of somebody who is alive now
  static double purchases(double lambda, double p, double horizon) { return -std::expm1(-lambda * p * horizon) / p; }
  static double discounted(double lambda, double p, double rate) { return lambda / (lambda * p + rate); }
  static double mass(double lambda, double p, double horizon, int k) {
    const double mean = lambda * horizon;
    const double poisson = std::exp(k * std::log(mean) - mean - boost::math::lgamma(k + 1.0));
    const double more = k == 0 ? 0 : boost::math::gamma_p(static_cast<double>(k), mean);
    return std::pow(1 - p, k) * poisson + (k == 0 ? 0 : p * std::pow(1 - p, k - 1) * more);
  }
};

template <class Model>
Model fitted() {
  if constexpr (std::is_same_v<Model, BgNbd>)
    return fit_bg_nbd(test::cdnow_statistics().purchases());
  else
    return fit_mbg_nbd(test::cdnow_statistics().purchases());
}

}  // namespace

TEST_CASE("BG/NBD on the CDNOW sample agrees with the paper") {
  const BgNbd model = fit_bg_nbd(test::cdnow_statistics().purchases());
  CHECK(model.fit().info.converged);
  CHECK(model.fit().info.warnings.empty());
  CHECK(model.fit().customers == 2357);
  CHECK(model.r() == Approx(.2426).margin(.00005));
  CHECK(model.alpha() == Approx(4.4136).margin(.00005));
  CHECK(model.a() == Approx(.7929).margin(.00005));
  CHECK(model.b() == Approx(2.4259).margin(.00005));
  CHECK(model.fit().info.log_likelihood == Approx(-9582.4292).margin(.0001));
  CHECK(model.log_likelihood(test::cdnow_statistics().purchases()) ==
        Approx(model.fit().info.log_likelihood).epsilon(1e-12));
  // The authors' spreadsheet, as quoted by the tests of the Python package lifetimes: the first customer of the sample,
  // x = 2, t_x = 30.43, T = 38.86, in the next 39 weeks; newcomers in so many weeks.
  CHECK(model.expected_purchases({2, 213, 272}, 39) == Approx(1.226).margin(.0005));
  const std::array<std::pair<double, double>, 5> newcomers{
      {{1 / 7., .0078}, {1, .0532}, {3, .1506}, {223 / 7., 1.0405}, {32, 1.0437}}};
  for (const auto& [weeks, expected] : newcomers)
    CHECK(model.expected_purchases(weeks) == Approx(expected).margin(.00005001));
  // In 78 weeks the spreadsheet has 1.8576: the paper's formula with its 2F1 cut after 150 terms. All of it is more.
  const auto formula = [&](double t, int terms) {
    const double r = model.r(), a = model.a(), b = model.b(), z = t / (model.alpha() + t);
    double term = 1, sum = 1;
    for (int k = 0; k < terms; ++k) sum += term *= (r + k) * (b + k) / ((a + b - 1 + k) * (k + 1)) * z;
    return (a + b - 1) / (a - 1) * (1 - std::pow(1 - z, r) * sum);
  };
  CHECK(formula(78, 150) == Approx(1.8576).margin(.00005));
  CHECK(model.expected_purchases(78) == Approx(formula(78, 2000)).epsilon(1e-10));
}

TEST_CASE("MBG/NBD on the CDNOW sample agrees with BTYDplus") {
  // As quoted by the tests of lifetimes.
  const MbgNbd model = fit_mbg_nbd(test::cdnow_statistics().purchases());
  CHECK(model.r() == Approx(.525).margin(.0006));
  CHECK(model.alpha() == Approx(6.183).margin(.0006));
  CHECK(model.a() == Approx(.891).margin(.0006));
  CHECK(model.b() == Approx(1.614).margin(.0006));
}

TEMPLATE_TEST_CASE("BG/NBD and MBG/NBD agree with brute force over lambda and p", "", BgNbd, MbgNbd) {
  const auto parameters = GENERATE(std::array{.8, 4.4136, .7929, 2.4259}, std::array{1.5, 10., 1., 1.});
  const auto [r, alpha, a, b] = parameters;
  const TestType model(r, alpha, a, b, 1);
  const auto rates = test::gamma_nodes(r, alpha), chances = test::beta_nodes(a, b);
  for (const PurchaseCell customer :
       {PurchaseCell{0, 0, 0}, PurchaseCell{0, 0, 40}, PurchaseCell{2, 30, 39}, PurchaseCell{9, 20, 60}}) {
    const BgStory<TestType> story{static_cast<double>(customer.repeats), static_cast<double>(customer.recency_days),
                                  static_cast<double>(customer.age_days)};
    const auto alive = [&](double lambda, double p) { return story.alive(lambda, p); };
    const double here = test::mixed(rates, chances, alive);
    const double all =
        here + test::mixed(rates, chances, [&](double lambda, double p) { return story.left(lambda, p); });
    CellCounts<PurchaseCell> one;
    one.add(customer);
    CHECK(model.log_likelihood(one) == Approx(std::log(all)).margin(1e-6));
    CHECK(model.probability_alive(customer) == Approx(here / all).epsilon(1e-6));
    for (const double horizon : {39., 400.}) {
      const auto of = [&](auto&& f) {
        return test::mixed(rates, chances, [&](double lambda, double p) { return alive(lambda, p) * f(lambda, p); }) /
               all;
      };
      CHECK(model.expected_purchases(customer, horizon) ==
            Approx(of([&](double lambda, double p) { return story.purchases(lambda, p, horizon); })).epsilon(1e-6));
      CHECK(model.discounted_purchases(customer, 1 / horizon) == Approx(of([&](double lambda, double p) {
                                                                   return story.discounted(lambda, p, 1 / horizon);
                                                                 })).epsilon(1e-6));
      if (horizon > 100) continue;
      const auto masses = model.purchase_probabilities(customer, horizon, 6);
      for (int k : {0, 1, 6})
        CHECK(masses[static_cast<std::size_t>(k)] ==
              Approx(of([&](double lambda, double p) { return story.mass(lambda, p, horizon, k); }) +
                     (k == 0 ? 1 - here / all : 0))
                  .epsilon(1e-6));
    }
  }
}

TEST_CASE("BG/NBD expectations are the paper's formula where it has no pole, and smooth through a = 1") {
  // E X(t) of the paper in 2F1, as its integral representation by a plain sum (Euler): a > 1 here.
  const auto value = [](double a, double t) { return BgNbd(.5, 6, a, 2, 1).expected_purchases(t); };
  for (const double t : {10., 1000., 1e4}) {
    const double below = value(1 - 1e-7, t), at = value(1, t), above = value(1 + 1e-7, t);
    CHECK(at == Approx(.5 * (below + above)).epsilon(1e-12));
    CHECK(below > at);
    CHECK(at > above);
    CHECK(below == Approx(above).epsilon(1e-5));
  }
}

TEMPLATE_TEST_CASE("BG/NBD and MBG/NBD stay finite at the ends", "", BgNbd, MbgNbd) {
  for (const double tiny : {1e-8, 1e-3, 1., 1e3})
    for (const double b : {1e-3, 1., 1e4})
      for (const PurchaseCell customer : {PurchaseCell{0, 0, 0}, PurchaseCell{10000, 69000, 70000},
                                          PurchaseCell{10000, 10, 70000}, PurchaseCell{1, 1, 70000}}) {
        const TestType model(tiny, 10, tiny, b);
        const double alive = model.probability_alive(customer);
        CHECK((alive >= 0 && alive <= 1));
        for (const double horizon : {0., 1e-6, 1., 1e4}) {
          const double expected = model.expected_purchases(customer, horizon);
          CHECK(std::isfinite(expected));
          CHECK(expected >= 0);
          // Nobody buys more than the undying.
          CHECK(expected <= (model.r() + customer.repeats) * horizon / (10 + customer.age_days / 7.) * (1 + 1e-9));
        }
        CellCounts<PurchaseCell> one;
        one.add(customer);
        CHECK(std::isfinite(model.log_likelihood(one)));
      }
}

TEMPLATE_TEST_CASE("The series and the integral of an expectation agree where they meet", "", BgNbd) {
  // Long horizons go by the integral, short ones by the series: increments stay smooth across.
  const TestType model(.7, 5, .6, 1.7, 1);
  double before = model.expected_purchases(1.), step = before;
  for (double t = 1.02; t < 2e4; t *= 1.02) {
    const double now = model.expected_purchases(t), grown = (now - before) / (t - t / 1.02);
    CHECK(grown < step * (1 + 1e-9));  // the rate of purchases of a dwindling cohort falls
    CHECK(grown > step * .95);
    before = now;
    step = grown;
  }
}

// Newcomer's purchases until t: E S_N of the N that an undying customer makes, S_k = E (1 - q^k) / p by its recurrence,
// masses of N by their logarithms. Terms are positive: no cancellation.
double expected_by_masses(double r, double alpha, double a, double b, double t) {
  const double log_step = std::log(t / (alpha + t));
  double log_mass = -r * std::log1p(t / alpha), survival = 1, bought = 0, sum = 0;
  const double mean = r * t / alpha, most = mean + 40 * (1 + std::sqrt(mean)) + 60 * t / alpha;
  for (int k = 1; k < most; ++k) {
    log_mass += log_step + std::log(r + k - 1) - std::log(k);
    bought += survival;
    survival *= (b + k - 1) / (a + b + k - 1);
    sum += std::exp(log_mass) * bought;
  }
  return sum;
}

TEST_CASE("BG/NBD expectations where nearly all buy at the same rate are those of the Poisson process, and fast") {
  for (const double rate : {0.002, 0.1, 3.0})
    for (const auto& [a, b] : {std::pair{0.3, 2.0}, std::pair{0.9, 40.0}, std::pair{60.0, 900.0}})
      for (const double t : {1.0, 52.0, 400.0}) {
        // Poisson masses of the same sum
        double log_mass = -rate * t, survival = 1, bought = 0, limit = 0;
        for (int k = 1; k < 3000; ++k) {
          log_mass += std::log(rate * t) - std::log(k);
          bought += survival;
          survival *= (b + k - 1) / (a + b + k - 1);
          limit += std::exp(log_mass) * bought;
        }
        INFO("rate " << rate << ", a " << a << ", b " << b << ", t " << t);
        CHECK(BgNbd(4e9, 4e9 / rate, a, b, 1).expected_purchases(t) == Approx(limit).epsilon(1e-6));
        CHECK(BgNbd(1e13, 1e13 / rate, a, b, 1).expected_purchases(t) == Approx(limit).epsilon(1e-9));
        for (const double r : {0.4, 30.0, 400.0, 5000.0, 1e6})
          CHECK(BgNbd(r, r / rate, a, b, 1).expected_purchases(t) ==
                Approx(expected_by_masses(r, r / rate, a, b, t)).epsilon(1e-9));
      }
  // E lambda / (lambda p + d), p uniform: ln(1 + lambda / d)
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < 50; ++i)
    CHECK(BgNbd(4e9, 4e9 / 0.1, 1, 1, 1).discounted_purchases(0.003) == Approx(std::log1p(0.1 / 0.003)).epsilon(1e-7));
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds{1});
}
