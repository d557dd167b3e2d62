#include "survival/limits.hpp"

#include <putki/core/error.hpp>

#include "core/normal_quantile.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace putki::survival_detail {

double normal_width(double level) {
  if (!(level > 0.0 && level < 1.0))
    throw InvalidArgument(fmt::format("level is {}; allowed: between 0 and 1, both excluded", level));
  return normal_quantile_from_centre(0.5 * level);
}

Interval probability_limits(double estimate, double std_error, double width, IntervalKind kind) {
  const double reach = width * std_error;
  switch (kind) {
    case IntervalKind::plain:
      return {std::max(0.0, estimate - reach), std::min(1.0, estimate + reach)};
    case IntervalKind::log:
      return {estimate * std::exp(-reach / estimate), std::min(1.0, estimate * std::exp(reach / estimate))};
    case IntervalKind::log_log:
      break;
  }
  const double log_estimate = std::log(estimate);
  const double power = std::exp(reach / (estimate * -log_estimate));
  return {std::exp(log_estimate * power), std::exp(log_estimate / power)};
}

std::optional<std::size_t> step_at(std::span<const double> times, double time) {
  if (std::isnan(time)) throw InvalidArgument("time is NaN; allowed: a number");
  const auto after = std::upper_bound(times.begin(), times.end(), time);
  if (after == times.begin()) return std::nullopt;
  return static_cast<std::size_t>(after - times.begin()) - 1;
}

}  // namespace putki::survival_detail
