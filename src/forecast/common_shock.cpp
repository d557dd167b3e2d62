#include <putki/core/error.hpp>
#include <putki/forecast/common_shock.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace putki {
namespace {

constexpr std::array<double, 8> kSizes{0, 0.03, 0.06, 0.10, 0.15, 0.20, 0.27, 0.35};
constexpr double kPriorMedian = 0.10, kPriorLogDeviation = 0.35;
/// Size 0 has no logarithm; the prior takes it for this.
constexpr double kSmallestSize = 0.01;
constexpr std::array<double, 4> kDrifts{0.05, 0.10, 0.20, 0.30};
constexpr double kDriftScale = 0.10;
constexpr std::array<double, 4> kDriftHalfLives{2, 4, 8, 16};
constexpr double kNoDrift = 0.9;
constexpr double kDaysOfShock = 7;
/// From the middle of the last week to the first day of the horizon.
constexpr double kFirstDay = 4;

double prior_of_size(double size) {
  const double z = std::log(std::max(size, kSmallestSize) / kPriorMedian) / kPriorLogDeviation;
  return std::exp(-0.5 * z * z);
}

double prior_of_drift(double drift) {
  double sum = 0;
  for (const double other : kDrifts) sum += std::exp(-0.5 * other * other / (kDriftScale * kDriftScale));
  return std::exp(-0.5 * drift * drift / (kDriftScale * kDriftScale)) / sum;
}

}  // namespace

CommonShock::Point::Shift CommonShock::Point::over(int begin, int end) const {
  const double days = end - begin;
  const double shock = size * std::sqrt(std::min(1.0, kDaysOfShock / days)), variance_of_shock = shock * shock;
  if (drift == 0) return {-0.5 * variance_of_shock, shock};

  // r^k by multiplication; E exp(mean of u) is kept at the mean of the days' own expectations.
  const double r = std::exp2(-1 / (kDaysOfShock * half_life_weeks)), stationary = drift * drift;
  double power = std::pow(r, begin + kFirstDay), sum_of_powers = 0, mean_factor = 0, sum_of_pairs = 0, lag = 1;
  for (int k = begin; k < end; ++k, power *= r) {
    sum_of_powers += power;
    const double mean = -0.5 * stationary + power * (level + 0.5 * stationary);
    const double variance_of_day = stationary + power * power * (variance - stationary);
    mean_factor += std::exp(mean + 0.5 * variance_of_day);
    sum_of_pairs += k == begin ? days : 2 * (days - (k - begin)) * lag;
    lag *= r;
  }
  const double share = sum_of_powers / days;
  const double spread =
      std::max((variance - stationary) * share * share + stationary * sum_of_pairs / (days * days), 0.0);
  return {std::log(mean_factor / days) - 0.5 * (spread + variance_of_shock), std::sqrt(spread + variance_of_shock)};
}

double CommonShock::mean_size() const {
  double mean = 0;
  for (const Point& point : points) mean += point.weight * point.size;
  return mean;
}

double CommonShock::expected_factor() const {
  double mean = points.empty() ? 1 : 0;
  for (const Point& point : points) {
    const auto [shift, sd] = point.over(0, static_cast<int>(kDaysOfShock));
    mean += point.weight * std::exp(shift + 0.5 * sd * sd);
  }
  return mean;
}

CommonShock::Point CommonShock::typical() const {
  Point mean{.weight = 1, .size = 0, .drift = 0, .half_life_weeks = 0, .level = 0, .variance = 0};
  if (points.empty()) return mean;
  double inverse_half_life = 0, strayed = 0, square = 0, with_drift = 0;
  for (const Point& point : points) {
    mean.size += point.weight * point.size;
    if (point.drift == 0) continue;
    with_drift += point.weight;
    inverse_half_life += point.weight / point.half_life_weeks;
    strayed += point.weight * point.drift * point.drift;
    mean.level += point.weight * point.level;
    square += point.weight * (point.variance + point.level * point.level);
  }
  mean.drift = std::sqrt(strayed);
  mean.half_life_weeks = with_drift > 0 ? with_drift / inverse_half_life : 1;
  mean.variance = std::max(square - mean.level * mean.level, 0.0);
  return mean;
}

CommonShock CommonShock::prior() {
  CommonShock shock;
  for (const double size : kSizes) {
    shock.points.push_back({.weight = kNoDrift * prior_of_size(size), .size = size});
    for (const double drift : kDrifts)
      for (const double half_life : kDriftHalfLives)
        shock.points.push_back({.weight = (1 - kNoDrift) * prior_of_size(size) * prior_of_drift(drift) /
                                          static_cast<double>(kDriftHalfLives.size()),
                                .size = size,
                                .drift = drift,
                                .half_life_weeks = half_life,
                                .level = -0.5 * drift * drift,
                                .variance = drift * drift});
  }
  double sum = 0;
  for (const Point& point : shock.points) sum += point.weight;
  for (Point& point : shock.points) point.weight /= sum;
  return shock;
}

CommonShock CommonShock::of_size(double size) {
  if (!(size >= 0) || !std::isfinite(size))
    throw InvalidArgument(fmt::format("common shock of size {}; it must be 0 or more", size));
  return {{{.weight = 1, .size = size}}};
}

}  // namespace putki
