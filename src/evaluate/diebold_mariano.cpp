#include <putki/core/error.hpp>
#include <putki/evaluate/diebold_mariano.hpp>

#include <fmt/format.h>
#include <boost/math/distributions/students_t.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace putki {

DieboldMariano diebold_mariano(std::span<const double> loss_a, std::span<const double> loss_b, int steps_ahead) {
  if (loss_a.size() != loss_b.size())
    throw InvalidArgument(fmt::format("{} losses against {}; there must be as many", loss_a.size(), loss_b.size()));
  if (steps_ahead < 1) throw InvalidArgument(fmt::format("{} steps ahead; 1 or more are needed", steps_ahead));
  const std::size_t count = loss_a.size(), lags = static_cast<std::size_t>(steps_ahead);
  for (std::size_t t = 0; t < count; ++t)
    if (!std::isfinite(loss_a[t]) || !std::isfinite(loss_b[t]))
      throw InvalidArgument(fmt::format("losses {} and {} at origin {}: both must be finite", loss_a[t], loss_b[t], t));
  if (count < 2 || count <= lags)
    throw NotEnoughData(fmt::format("comparing forecasts {} steps ahead needs more than {} origins; given are {}",
                                    steps_ahead, std::max(lags, std::size_t{1}), count));

  const auto n = static_cast<double>(count), h = static_cast<double>(steps_ahead);
  std::vector<double> difference(count);
  double mean = 0, largest = 0;
  for (std::size_t t = 0; t < count; ++t) {
    difference[t] = loss_a[t] - loss_b[t];
    mean += difference[t] / n;
    largest = std::max(largest, std::abs(difference[t]));
  }
  double variance = 0;
  for (std::size_t k = 0; k < lags; ++k) {
    double covariance = 0;
    for (std::size_t t = k; t < count; ++t) covariance += (difference[t] - mean) * (difference[t - k] - mean) / n;
    variance += (k == 0 ? 1.0 : 2.0 * (1 - static_cast<double>(k) / h)) * covariance / n;
  }

  DieboldMariano test{.mean_difference = mean, .statistic = 0, .p_value = 1, .count = count};
  if (largest == 0) return test;
  // Equal differences leave no variance but rounding.
  if (!(variance > 1e-28 * largest * largest)) {
    test.statistic = std::copysign(std::numeric_limits<double>::infinity(), mean);
    test.p_value = 0;
    return test;
  }
  test.statistic = mean / std::sqrt(variance) * std::sqrt((n + 1 - 2 * h + h * (h - 1) / n) / n);
  const boost::math::students_t student(n - 1);
  test.p_value = 2 * boost::math::cdf(boost::math::complement(student, std::abs(test.statistic)));
  return test;
}

}  // namespace putki
