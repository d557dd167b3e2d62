#pragma once

#include <putki/value/parameter_fit.hpp>

#include "core/trust_region.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace putki {

// A maximum over coordinates of any sign.
struct CoordinateFit {
  std::vector<double> at;
  Matrix covariance;     // the inverse information where that decides everything; else see kUndecidedDeviation
  bool decided = false;  // by the data
  FitInfo info;
};
// Newton's method from `start`, no further from it than a limit: what still rises there has no maximum, and a warning
// says so by `names`.
CoordinateFit fit_coordinates(std::span<const std::string> names, std::vector<double> start,
                              const SmoothFunction& log_likelihood, const ValueFitOptions& options);

// Maximises a log-likelihood of positive parameters over their logarithms. `log_likelihood` takes the parameters
// themselves and fills the derivatives by them; the chain rule is applied here.
ParameterFit fit_positive(std::vector<std::string> names, std::vector<double> start,
                          const SmoothFunction& log_likelihood, const ValueFitOptions& options);

// Parameters that were given: InvalidArgument unless all are finite and above 0.
ParameterFit given_parameters(std::vector<std::string> names, std::span<const double> values, const char* model);
// The covariance and standard errors of positive parameters from those of their logarithms; `decided` as above.
void set_log_covariance(ParameterFit& fit, Matrix log_covariance, bool decided);
// InvalidArgument unless the fit is of the parameters of these names, and they are such.
void check_values(const ParameterFit& fit, const std::vector<std::string>& names, const char* model);
void check_options(const ValueFitOptions& options);
void check_days_per_unit(double days_per_unit);

// Value, gradient and Hessian of ln sum_j e^(l_j):
//   gradient = G / S, Hessian = Q / S - (G / S)(G / S)', with S = sum e^l, G = sum e^l g, Q = sum e^l (H + g g').
// Terms are scaled by the largest l so far, so that no l is too large or too small.
template <std::size_t N>
class LogSum {
 public:
  using Vector = std::array<double, N>;
  using Square = std::array<std::array<double, N>, N>;  // only row >= column is used

  void add(double l, const Vector& g, const Square& h) {
    if (l > largest_) rescale(l);
    const double e = std::exp(l - largest_);
    sum_ += e;
    for (std::size_t i = 0; i < N; ++i) {
      g_[i] += e * g[i];
      for (std::size_t j = 0; j <= i; ++j) q_[i][j] += e * (h[i][j] + g[i] * g[j]);
    }
  }
  double value() const { return largest_ + std::log(sum_); }
  // Adds `weight` times the derivatives; only the lower triangle of the Hessian.
  void add_to(double weight, std::span<double> gradient, Matrix& hessian) const {
    Vector mean;
    for (std::size_t i = 0; i < N; ++i) {
      mean[i] = g_[i] / sum_;
      gradient[i] += weight * mean[i];
      for (std::size_t j = 0; j <= i; ++j) hessian(i, j) += weight * (q_[i][j] / sum_ - mean[i] * mean[j]);
    }
  }

 private:
  void rescale(double l) {
    const double down = std::exp(largest_ - l);
    sum_ *= down;
    for (std::size_t i = 0; i < N; ++i) {
      g_[i] *= down;
      for (std::size_t j = 0; j <= i; ++j) q_[i][j] *= down;
    }
    largest_ = l;
  }
  double largest_ = -INFINITY;
  double sum_ = 0;
  Vector g_{};
  Square q_{};
};

inline void mirror_lower_triangle(Matrix& hessian) {
  for (std::size_t i = 0; i < hessian.rows(); ++i)
    for (std::size_t j = 0; j < i; ++j) hessian(j, i) = hessian(i, j);
}

}  // namespace putki
