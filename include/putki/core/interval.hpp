#pragma once
/// \file
/// A confidence or credible interval, and the two standard ones for a proportion.
///
/// Both need no normal approximation of the proportion itself and stay inside [0, 1]; they differ little from 40 trials
/// on. Trials and successes may be fractions (weighted counts). Pure functions. Accuracy: 10 significant digits or more
/// up to a million trials. Cost: Wilson 20 ns, Jeffreys 2 us.
///
/// Both throw InvalidArgument unless 0 <= successes <= trials, all finite, and 0 < level < 1.

namespace putki {

struct Interval {
  double lower;
  double upper;
  friend bool operator==(const Interval&, const Interval&) = default;
};

/// Wilson score interval for `successes` of `trials` (Wilson 1927), two-sided at `level`, without continuity
/// correction. Lower is exactly 0 with no successes, upper exactly 1 with nothing else. No trials: [0, 1].
Interval wilson_interval(double successes, double trials, double level = 0.95);

/// Jeffreys interval: equal-tailed quantiles of Beta(s + 1/2, n - s + 1/2), with 0 or 1 as the limit where s is 0 or n
/// (Brown, Cai & DasGupta 2001). No trials: [0, 1].
Interval jeffreys_interval(double successes, double trials, double level = 0.95);

}  // namespace putki
