#include "value/log_gamma.hpp"

#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <boost/math/special_functions/trigamma.hpp>

#include <cmath>

namespace putki {
namespace {

constexpr double kMostSummed = 24;

// ln Gamma(z) less its Stirling formula (z - 1/2) ln z - z + ln(2 pi) / 2; z >= 16.
double stirling_rest(double z) {
  const double square = z * z;
  return (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - (1.0 / 1680 - 1.0 / 1188 / square) / square) / square) / square) / z;
}

}  // namespace

double log_gamma_ratio(double z, double by) {
  if (by <= kMostSummed && by == std::floor(by)) {
    double product = 1, sum = 0;
    for (double j = 0; j < by; ++j) {
      product *= z + j;
      if (product > 1e250 || product < 1e-250) {
        sum += std::log(product);
        product = 1;
      }
    }
    return sum + std::log(product);
  }
  if (z < 16) return boost::math::lgamma(z + by) - boost::math::lgamma(z);
  return (z - 0.5) * std::log1p(by / z) + by * (std::log(z + by) - 1) + stirling_rest(z + by) - stirling_rest(z);
}

LogGammaStep log_gamma_step(double z, double by) {
  LogGammaStep step{.value = log_gamma_ratio(z, by)};
  if (by <= kMostSummed && by == std::floor(by)) {
    for (double j = 0; j < by; ++j) {
      const double inverse = 1 / (z + j);
      step.first += inverse;
      step.second -= inverse * inverse;
    }
    return step;
  }
  step.first = boost::math::digamma(z + by) - boost::math::digamma(z);
  step.second = boost::math::trigamma(z + by) - boost::math::trigamma(z);
  return step;
}

}  // namespace putki
