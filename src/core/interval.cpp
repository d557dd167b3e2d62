#include <putki/core/error.hpp>
#include <putki/core/interval.hpp>

#include "core/normal_quantile.hpp"

#include <fmt/format.h>
#include <boost/math/special_functions/beta.hpp>

#include <algorithm>
#include <cmath>

namespace putki {
namespace {

// Double is enough for 10 digits, and twelve times as fast as Boost's default of long double inside.
constexpr boost::math::policies::policy<boost::math::policies::promote_double<false>> kInDouble;

void check(double successes, double trials, double level) {
  // Written so that NaN fails too.
  if (!(successes >= 0.0 && successes <= trials && std::isfinite(trials))) {
    throw InvalidArgument(
        fmt::format("{} successes of {} trials: 0 <= successes <= trials, finite, is allowed", successes, trials));
  }
  if (!(level > 0.0 && level < 1.0)) {
    throw InvalidArgument(fmt::format("interval level {}: above 0 and below 1 is allowed", level));
  }
}

}  // namespace

Interval wilson_interval(double successes, double trials, double level) {
  check(successes, trials, level);
  if (trials == 0.0) return {0.0, 1.0};
  const double z = normal_quantile_from_centre(0.5 * level);
  const double share = successes / trials;
  const double centre = share + z * z / (2.0 * trials);
  const double half_width = z * std::sqrt((share * (1.0 - share) + z * z / (4.0 * trials)) / trials);
  const double scale = 1.0 + z * z / trials;
  return {successes == 0.0 ? 0.0 : std::max(0.0, (centre - half_width) / scale),
          successes == trials ? 1.0 : std::min(1.0, (centre + half_width) / scale)};
}

Interval jeffreys_interval(double successes, double trials, double level) {
  check(successes, trials, level);
  const double tail = 0.5 * (1.0 - level);
  const double a = successes + 0.5;
  const double b = trials - successes + 0.5;
  return {successes == 0.0 ? 0.0 : boost::math::ibeta_inv(a, b, tail, kInDouble),
          successes == trials ? 1.0 : boost::math::ibetac_inv(a, b, tail, kInDouble)};
}

}  // namespace putki
