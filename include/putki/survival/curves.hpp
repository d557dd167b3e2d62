#pragma once
/// \file
/// Kaplan-Meier, Nelson-Aalen and Aalen-Johansen.
///
/// All three are step functions, right-continuous: the value at t includes ends at t. Ties: ends come before censoring
/// at the same time. With left truncation an observation is at risk on (entry, time]. Empty input: survival 1,
/// incidence 0, standard errors 0, quantiles absent. Cost O(n log n), O(distinct times x causes) kept.
///
/// Variances. Kaplan-Meier: Greenwood. Nelson-Aalen: sum d / Y^2 (Poisson). Aalen-Johansen: the multinomial Greenwood
/// recursion Cov(dA) = (diag(h) - h h') / Y, which without truncation equals the infinitesimal jackknife that R's
/// survfit reports.
///
/// Sources: Kaplan & Meier 1958; Aalen 1978; Aalen & Johansen 1978; Andersen, Borgan, Gill & Keiding 1993, IV.4.

#include <putki/core/interval.hpp>
#include <putki/stats/durations.hpp>

#include <optional>
#include <vector>

namespace putki {

enum class IntervalKind { plain, log, log_log };

class SurvivalCurve {
 public:
  double survival(double time) const;
  double std_error(double time) const;
  /// Limits clipped to [0, 1].
  Interval interval(double time, double level = 0.95, IntervalKind kind = IntervalKind::log_log) const;
  /// Nelson-Aalen cumulative hazard and its standard error.
  double cumulative_hazard(double time) const;
  double cumulative_hazard_std_error(double time) const;
  /// Smallest t with survival(t) <= 1 - p; where survival equals 1 - p on a flat stretch, its midpoint (as R does).
  /// Absent when never reached.
  std::optional<double> quantile(double p) const;
  /// Limits by inverting the pointwise interval (Brookmeyer & Crowley 1982); a side never reached is absent.
  struct QuantileLimits {
    std::optional<double> lower, upper;
  };
  QuantileLimits quantile_limits(double p, double level = 0.95, IntervalKind kind = IntervalKind::log_log) const;
  /// Area under the curve to `horizon`, and its standard error.
  double restricted_mean(double horizon) const;
  double restricted_mean_std_error(double horizon) const;

  std::vector<double> times;      ///< distinct times of ends or censoring, ascending
  std::vector<double> at_risk;    ///< just before each
  std::vector<double> ends;       ///< at each
  std::vector<double> values;     ///< survival at each
  std::vector<double> greenwood;  ///< running sum of d / (Y (Y - d))
  std::vector<double> hazard;     ///< running sum of d / Y
  std::vector<double> hazard_variance;
};

class CumulativeIncidence {
 public:
  /// Probability that the end was of `cause` (1 .. cause_count) by `time`, and its standard error. Cause 0: still
  /// without end.
  double probability(int cause, double time) const;
  double std_error(int cause, double time) const;
  /// On the log(-log) scale (Kalbfleisch & Prentice 2002); [0, 0] before the first end.
  Interval interval(int cause, double time, double level = 0.95) const;
  int cause_count() const { return static_cast<int>(incidence.size()) - 1; }

  std::vector<double> times;
  std::vector<double> at_risk;
  std::vector<std::vector<double>> incidence;  ///< [cause][time]; row 0 is survival
  std::vector<std::vector<double>> variance;   ///< same shape
};

/// Any cause above 0 is the end. InvalidArgument: sizes differ, times not finite or below 0, entry >= time, cause out
/// of range.
SurvivalCurve kaplan_meier(const Durations& durations);
CumulativeIncidence aalen_johansen(const Durations& durations);
/// From counts, on whole days: the value at day a includes ends at age a.
SurvivalCurve kaplan_meier(const CountedDurations& durations);
CumulativeIncidence aalen_johansen(const CountedDurations& durations);

}  // namespace putki
