#include "value/log_gamma.hpp"

#include "value/expectation.hpp"

#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <boost/math/special_functions/trigamma.hpp>

#include <catch2/catch.hpp>

#include <cmath>

using namespace putki;

TEST_CASE("Ratios of gamma functions and their derivatives agree with Boost in long double") {
  for (const double z : {1e-6, .3, 1., 7.5, 15.9, 16.1, 300., 1e6})
    for (const double by : {0., 1., 2., 24., 25., .5, 3.7, 1e4}) {
      CAPTURE(z, by);
      const long double from = z, to = static_cast<long double>(z) + by;
      const auto step = log_gamma_step(z, by);
      const auto exact = static_cast<double>(boost::math::lgamma(to) - boost::math::lgamma(from));
      CHECK(step.value == Approx(exact).epsilon(1e-12).margin(1e-13));
      CHECK(log_gamma_ratio(z, by) == step.value);
      CHECK(step.first == Approx(static_cast<double>(boost::math::digamma(to) - boost::math::digamma(from)))
                              .epsilon(1e-8)
                              .margin(1e-13));
      CHECK(step.second == Approx(static_cast<double>(boost::math::trigamma(to) - boost::math::trigamma(from)))
                               .epsilon(1e-6)
                               .margin(1e-13));
    }
  // Where differences of logarithms of the gamma function have no digit left: ln(z) + .. to first order.
  CHECK(log_gamma_ratio(1e15, .5) == Approx(.5 * std::log(1e15)).epsilon(1e-14));
}

TEST_CASE("Expectations over a beta distribution agree with their closed forms") {
  for (const double a : {1e-3, .5, 1., 4., 2000.})
    for (const double b : {1e-3, .5, 1., 4., 2000.}) {
      CAPTURE(a, b);  // p itself is not constant in the far tail, as is asked: a digit less at the corners
      const auto of = [&](auto&& f) { return beta_expectation(a, b, 1, 1, f); };
      CHECK(of([](double p, double) { return p; }) == Approx(a / (a + b)).epsilon(1e-11));
      CHECK(of([](double p, double q) { return p * q; }) == Approx(a * b / ((a + b) * (a + b + 1))).epsilon(1e-11));
    }
  // E (1 + p / scale)^-1 with p uniform: scale ln(1 + 1 / scale)
  for (const double scale : {1e-8, 1e-3, 1., 100.})
    CHECK(beta_expectation(1, 1, scale, 1, [&](double p, double) { return 1 / (1 + p / scale); }) ==
          Approx(scale * std::log1p(1 / scale)).epsilon(1e-11));
}

TEST_CASE("Expectations at an exponential time agree with their closed forms") {
  for (const double rate : {1e-6, .01, 1., 50.}) {
    CHECK(at_exponential_time(rate, 1, [](double t) { return t; }) == Approx(1 / rate).epsilon(1e-12));
    // E (1 - e^-t) = 1 / (1 + rate)
    CHECK(at_exponential_time(rate, 1, [](double t) { return -std::expm1(-t); }) ==
          Approx(1 / (1 + rate)).epsilon(1e-9));
  }
}
