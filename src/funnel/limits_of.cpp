#include "funnel/limits_of.hpp"

#include <boost/math/distributions/students_t.hpp>
#include <boost/math/special_functions/beta.hpp>

#include <algorithm>
#include <cmath>

namespace putki {

MetricEstimate plain_estimate(double value, double std_error) {
  return {value, std_error, Interval{value - kNormal95 * std_error, value + kNormal95 * std_error}};
}

MetricEstimate positive_estimate(double value, double std_error) {
  if (value <= 0) return plain_estimate(value, std_error);
  const double factor = std::exp(kNormal95 * std_error / value);
  return {value, std_error, Interval{value / factor, value * factor}};
}

MetricEstimate share_estimate(double value, double std_error, std::size_t followed) {
  if (value <= 0) return {0.0, 0.0, exact_limits_of_none(followed)};
  // A share summed from steps may miss 1 by rounding.
  if (value >= 1 - 1e-12) return {1.0, 0.0, exact_limits_of_all(followed)};
  const double log_value = std::log(value);
  const double power = std::exp(kNormal95 * std_error / (value * -log_value));
  return {value, std_error, Interval{std::exp(log_value * power), std::exp(log_value / power)}};
}

Interval exact_limits_of_none(std::size_t trials) {
  if (trials == 0) return {0, 1};
  return {0, -std::expm1(std::log(0.025) / static_cast<double>(trials))};
}

Interval exact_limits_of_all(std::size_t trials) {
  return {1 - exact_limits_of_none(trials).upper, 1};
}

double combined_std_error(const std::vector<std::pair<double, const std::vector<double>*>>& parts) {
  double sum = 0;
  for (std::size_t i = 0; !parts.empty() && i < parts.front().second->size(); ++i) {
    double moved = 0;
    for (const auto& [slope, influence] : parts) moved += slope * (*influence)[i];
    sum += moved * moved;
  }
  return std::sqrt(sum);
}

double student_95(double freedom) {
  return boost::math::quantile(boost::math::students_t(freedom), 0.975);
}

double median_of(std::span<const double> sorted) {
  const std::size_t n = sorted.size();
  return 0.5 * (sorted[(n - 1) / 2] + sorted[n / 2]);
}

std::optional<Interval> median_limits(std::span<const double> sorted) {
  // The l-th smallest and l-th largest hold the median unless fewer than l lie on one side of it: 2 P(Bin(n, 1/2) < l),
  // and P(Bin(n, 1/2) < l) = I_1/2(n - l + 1, l).
  const std::size_t n = sorted.size();
  const auto misses = [&](std::size_t l) {
    return boost::math::ibeta(static_cast<double>(n - l + 1), static_cast<double>(l), 0.5);
  };
  if (n < 6) return std::nullopt;
  std::size_t good = 1, bad = n / 2 + 1;
  while (bad - good > 1) {
    const std::size_t middle = good + (bad - good) / 2;
    (misses(middle) <= 0.025 ? good : bad) = middle;
  }
  return Interval{sorted[good - 1], sorted[n - good]};
}

}  // namespace putki
