#pragma once
/// \file
/// Time to an end when some have not ended yet: Kaplan-Meier and Nelson-Aalen.
///
/// A deal that is still open has not failed; it tells only that its end lies beyond the day we look. The Kaplan-Meier
/// curve S(t) is the share that lasts longer than t, using every observation for exactly as long as it was seen.
///
/// Time is in the unit of the durations: real days from exact ones, whole days from counts. Curves are step functions,
/// right-continuous: the value at t includes ends at t. Ties: an end comes before a censoring at the same time, so who
/// is censored at t was at risk at t. With left truncation an observation is at risk on (entry, time].
///
///     S(t) = prod (1 - d_i / Y_i)        Greenwood: Var S = S^2 sum d_i / (Y_i (Y_i - d_i))
///     H(t) = sum d_i / Y_i                          Var H = sum d_i / Y_i^2
///
/// over times t_i <= t with d_i ends among Y_i at risk. They agree with R's `survfit` to rounding, truncated or not.
///
/// Cost: O(n log n) to build; O(distinct times) kept and per quantile or restricted mean, O(log) per value.
/// Values, safe to read from several threads. Empty input: survival 1, hazard 0, standard errors 0, no quantiles.
///
/// Sources: Kaplan & Meier 1958; Greenwood 1926; Nelson 1972; Aalen 1978; Brookmeyer & Crowley 1982; Klein &
/// Moeschberger 2003, chapter 4.

#include <putki/core/interval.hpp>
#include <putki/stats/durations.hpp>

#include <optional>
#include <vector>

namespace putki {

/// The scale on which a limit is estimate +- z standard errors. R's default is `log`; `log_log` keeps its level best in
/// small samples and never leaves [0, 1].
enum class IntervalKind { plain, log, log_log };

/// Two values of a curve this close are the same step when a quantile is looked for: R's tolerance.
inline constexpr double kSameSurvival = 1.4901161193847656e-8;

class SurvivalCurve {
 public:
  /// S(time): 1 before the first time, the last value after the last one. InvalidArgument when time is NaN (as all
  /// questions below).
  double survival(double time) const;
  /// Standard error of S(time); 0 where S is 0 or 1.
  double std_error(double time) const;
  /// Pointwise limits, within [0, 1]. Where S is still 1: [1, 1]. Where S has come to 0 Greenwood's formula has no
  /// spread to offer (R answers NA): the lower limit is 0, the upper one that of the last time with S > 0, or 1 when
  /// there is none. InvalidArgument unless 0 < level < 1.
  Interval interval(double time, double level = 0.95, IntervalKind kind = IntervalKind::log_log) const;

  /// Nelson-Aalen cumulative hazard and its standard error.
  double cumulative_hazard(double time) const;
  double cumulative_hazard_std_error(double time) const;

  /// The time by which a share `p` has ended: smallest t with S(t) <= 1 - p; where S equals 1 - p on a flat stretch,
  /// its midpoint (for the last stretch: up to the last time seen), equality within 1.5e-8, all as R's `quantile`.
  /// Absent when never reached. InvalidArgument unless 0 < p <= 1.
  std::optional<double> quantile(double p) const;
  /// Limits of a quantile by inverting the pointwise interval: the same search on its lower and on its upper limits. A
  /// side never reached is absent. O(distinct times).
  struct QuantileLimits {
    std::optional<double> lower, upper;
  };
  QuantileLimits quantile_limits(double p, double level = 0.95, IntervalKind kind = IntervalKind::log_log) const;

  /// Mean of min(T, horizon): the area under the curve from 0 to `horizon`, the last value held to the horizon when
  /// that lies beyond the last time (as R does). InvalidArgument unless horizon is finite and >= 0.
  double restricted_mean(double horizon) const;
  /// Its standard error: sqrt of sum A_i^2 d_i / (Y_i (Y_i - d_i)), A_i the area from t_i to the horizon.
  double restricted_mean_std_error(double horizon) const;

  std::vector<double> times;            ///< distinct times of ends or censoring, ascending
  std::vector<double> at_risk;          ///< just before each
  std::vector<double> ends;             ///< at each
  std::vector<double> values;           ///< survival at each
  std::vector<double> greenwood;        ///< running sum of d / (Y (Y - d)), without the terms where d = Y
  std::vector<double> hazard;           ///< running sum of d / Y
  std::vector<double> hazard_variance;  ///< running sum of d / Y^2
};

/// Any cause above 0 is the end. InvalidArgument names the index and value of the first bad observation: sizes differ,
/// a time not finite or below 0, entry not finite or not before its time, a cause outside 0 .. cause_count.
SurvivalCurve kaplan_meier(const Durations& durations);
/// From counts: times are whole days, the value at day a includes ends at age a. Ends where the last was at risk.
/// InvalidArgument: sizes differ, counts not finite, below 0 or with more ends than at risk.
SurvivalCurve kaplan_meier(const CountedDurations& durations);

}  // namespace putki
