#pragma once
/// \file
/// A confidence or credible interval, and the two standard ones for a proportion.

namespace putki {

struct Interval {
  double lower;
  double upper;
  friend bool operator==(const Interval&, const Interval&) = default;
};

/// Wilson score interval for `successes` of `trials` (Wilson 1927). No trials: [0, 1].
Interval wilson_interval(double successes, double trials, double level = 0.95);
/// Jeffreys interval: equal-tailed Beta(s + 1/2, n - s + 1/2), with 0 or 1 where s is 0 or n (Brown, Cai & DasGupta
/// 2001).
Interval jeffreys_interval(double successes, double trials, double level = 0.95);

}  // namespace putki
