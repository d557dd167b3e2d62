#include <putki/survival/confidence_sequence.hpp>

#include <putki/core/error.hpp>

#include <fmt/format.h>
#include <boost/math/special_functions/gamma.hpp>

#include <cmath>

namespace putki {
namespace {

double log_beta(double a, double b) {
  using boost::math::lgamma;
  return lgamma(a) + lgamma(b) - lgamma(a + b);
}

// Successes and trials of one group, and the logarithm of its martingale at p.
struct Stream {
  double successes, trials, log_mixture;

  Stream(double s, double n)
      : successes(s), trials(n), log_mixture(log_beta(s + 0.5, n - s + 0.5) - log_beta(0.5, 0.5)) {}

  double log_martingale(double p) const {
    const double failures = trials - successes;
    double log_likelihood = 0.0;
    if (successes > 0) log_likelihood += successes * std::log(p);
    if (failures > 0) log_likelihood += failures * std::log1p(-p);
    return log_mixture - log_likelihood;
  }
  // Where the slope of log_martingale is `slope` > 0: the root above s / n of slope p^2 + (n - slope) p - s = 0.
  double where_slope_is(double slope) const {
    const double b = trials - slope;
    const double root = std::sqrt(b * b + 4.0 * slope * successes);
    // the form without cancellation
    const double p = b > 0 ? 2.0 * successes / (b + root) : (root - b) / (2.0 * slope);
    return std::min(1.0, std::max(0.0, p));
  }
  Stream mirrored() const { return {trials - successes, trials}; }
};

// Greatest p_up - p_down with the product of martingales below 1 / alpha. At it both have the same slope but for the
// sign, and both logarithms grow with it, so one unknown is left.
double greatest_difference(const Stream& up, const Stream& down, double log_limit) {
  const Stream fall = down.mirrored();  // q = 1 - p_down, to be made as large as possible
  const double size = up.trials + fall.trials + 1.0;
  double low = std::log(1e-9), high = std::log(1e9 * size);
  for (int i = 0; i < 100; ++i) {
    const double middle = 0.5 * (low + high);
    const double slope = std::exp(middle);
    const double reached =
        up.log_martingale(up.where_slope_is(slope)) + fall.log_martingale(fall.where_slope_is(slope));
    // written so that an infinite one is beyond
    (reached < log_limit ? low : high) = middle;
  }
  const double slope = std::exp(high);
  return up.where_slope_is(slope) + fall.where_slope_is(slope) - 1.0;
}

}  // namespace

Interval always_valid_difference(double first_successes, double first_trials, double second_successes,
                                 double second_trials, double level) {
  const auto valid = [](double s, double n) { return s >= 0.0 && s <= n && std::isfinite(n); };
  if (!valid(first_successes, first_trials) || !valid(second_successes, second_trials))
    throw InvalidArgument(fmt::format("{} successes of {} and {} of {}: 0 <= successes <= trials, finite, is allowed",
                                      first_successes, first_trials, second_successes, second_trials));
  if (!(level > 0.0 && level < 1.0))
    throw InvalidArgument(fmt::format("level is {}; allowed: between 0 and 1, both excluded", level));
  const double log_limit = -std::log1p(-level);
  const Stream first(first_successes, first_trials), second(second_successes, second_trials);
  return {-greatest_difference(first, second, log_limit), greatest_difference(second, first, log_limit)};
}

}  // namespace putki
