#include "core/log_mass.hpp"

#include <boost/math/special_functions/gamma.hpp>
#include <boost/multiprecision/cpp_bin_float.hpp>
#include <catch2/catch.hpp>

using namespace putki;

namespace {

// The textbook formulas at 50 digits.
using Exact = boost::multiprecision::cpp_bin_float_50;

Exact log_factorial(Exact n) {
  return boost::math::lgamma(Exact(n + 1));
}

double exact_log_poisson(double k, double mean) {
  return static_cast<double>(k * log(Exact(mean)) - mean - log_factorial(k));
}

double exact_log_binomial(double k, double trials, double probability) {
  const Exact p(probability);
  return static_cast<double>(log_factorial(trials) - log_factorial(k) - log_factorial(trials - k) + k * log(p) +
                             (trials - k) * log(1 - p));
}

}  // namespace

TEST_CASE("log Poisson masses agree with 50 digits, small counts and huge means included") {
  for (const double mean : {0.2, 3.0, 15.5, 1e3, 1e9, 1e15}) {
    const double deviation = std::sqrt(mean);
    for (const double distance : {-6.0, -2.0, -0.3, 0.0, 0.4, 3.0, 8.0}) {
      const double k = std::floor(mean + distance * deviation);
      if (k < 0.0) continue;
      CAPTURE(k, mean);
      CHECK(log_poisson_mass(k, mean) == Approx(exact_log_poisson(k, mean)).epsilon(1e-13).margin(1e-13));
    }
  }
  for (double k = 0.0; k <= 30.0; ++k) {
    CAPTURE(k);
    CHECK(log_poisson_mass(k, 9.0) == Approx(exact_log_poisson(k, 9.0)).epsilon(1e-13).margin(1e-13));
  }
}

TEST_CASE("log binomial masses agree with 50 digits, the ends included") {
  for (const double trials : {1.0, 10.0, 40.0, 1e4, 1e10}) {
    for (const double probability : {1e-3, 0.1, 0.5}) {
      for (const double share : {0.0, 0.01, 0.1, 0.5, 0.9, 1.0}) {
        const double k = std::floor(trials * share);
        CAPTURE(k, trials, probability);
        CHECK(log_binomial_mass(k, trials, probability) ==
              Approx(exact_log_binomial(k, trials, probability)).epsilon(1e-13).margin(1e-13));
      }
    }
  }
}
