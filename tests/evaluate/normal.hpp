#pragma once
// The normal distribution as a Fourier-cosine series, and its CRPS (Gneiting & Raftery 2007, eq. 21).

#include <putki/forecast/revenue_distribution.hpp>

#include <cmath>
#include <complex>
#include <functional>
#include <numbers>
#include <vector>

namespace putki::test {

/// The series on [lower, upper] of the distribution with this characteristic function.
inline RevenueDistribution cosine_of(const std::function<std::complex<double>(double)>& phi, double lower, double upper,
                                     int terms, double mean, double sd) {
  std::vector<double> coefficients;
  for (int k = 0; k < terms; ++k) {
    const double w = k * std::numbers::pi / (upper - lower);
    coefficients.push_back(2 * (phi(w) * std::polar(1.0, -w * lower)).real());
  }
  return RevenueDistribution::from_cosine(lower, upper, coefficients, mean, sd);
}

/// On `sds` standard deviations either side of the mean.
inline RevenueDistribution normal_as_cosine(double mean, double sd, double sds = 8) {
  const auto phi = [&](double w) { return std::exp(std::complex<double>(-sd * sd * w * w / 2, mean * w)); };
  return cosine_of(phi, mean - sds * sd, mean + sds * sd, static_cast<int>(8 * sds), mean, sd);
}

inline double normal_crps(double mean, double sd, double actual) {
  const double z = (actual - mean) / sd;
  const double density = std::exp(-z * z / 2) / std::sqrt(2 * std::numbers::pi);
  return sd * (z * std::erf(z / std::numbers::sqrt2) + 2 * density - std::numbers::inv_sqrtpi);
}

}  // namespace putki::test
