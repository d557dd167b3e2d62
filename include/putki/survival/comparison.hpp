#pragma once
/// \file
/// Two groups side by side: difference of shares and of means with limits, probability of improvement, what could be
/// detected, how many are needed.
///
/// Shares are cumulative incidences by a horizon h, others competing, opens censored. A censored estimate is no count
/// of successes among trials, but it is worth one: F with variance V says as much as a proportion of
///
///     trials = F (1 - F) / V        (without censoring exactly the number of observations)
///
/// where F is 0 or 1 and V therefore 0: those at risk at h over the share still open then (Peto's effective size).
/// With them every method for proportions applies. A tool that shows won / (won + lost) of the deals closed so far
/// gives its test more trials than it has, and the wrong share: see funnel/change.hpp.
///
/// Limits of a difference square and add the distances to Wilson's limits of each share (Newcombe 1998, method 10; for
/// estimates that are no proportions Zou & Donner 2008): they hold their level for small groups and for shares of 0 and
/// 1, where estimate +- 1.96 standard errors has no width.
///
/// Probability of improvement: P(p_second > p_first) with independent Beta posteriors from a Beta prior for each and
/// the effective trials. The default is Jeffreys' prior, Beta(1/2, 1/2). It is a belief, not a p-value: calibrated when
/// the prior is (simulated in the tests), and one to one half when there are no data. To look at it every day and stop
/// when it passes 95 % still finds changes that are none; for that see confidence_sequence.hpp.
///
/// Sample sizes are those of the two-sided test of two proportions by the normal approximation, without continuity
/// correction (Fleiss, Levin & Paik 2003, section 4.3), n in the first and r n in the second group:
///
///     n = (z_alpha sqrt((1 + 1/r) P (1 - P)) + z_power sqrt(p1 (1 - p1) + p2 (1 - p2) / r))^2 / (p1 - p2)^2
///
/// with P = (p1 + r p2) / (1 + r); z_alpha the two-sided quantile of level. R's power.prop.test is the case r = 1.
///
/// Pure functions; microseconds, `probability_of_improvement` 50 us, `incidence_share` O(n log n). Stated per function:
/// what throws InvalidArgument.

#include <putki/core/interval.hpp>
#include <putki/stats/durations.hpp>

#include <optional>

namespace putki {

/// A cumulative incidence as a proportion of so many trials.
struct IncidenceShare {
  double probability = 0;
  double std_error = 0;
  double trials = 0;  ///< effective; 0: nothing known, any share is possible
};

/// Ends of `cause` by `horizon`. InvalidArgument: as aalen_johansen, cause not in 1 .. cause_count, horizon NaN.
IncidenceShare incidence_share(const Durations& durations, int cause, double horizon);
/// Wilson's; [0, 1] without trials. InvalidArgument: as wilson_interval.
Interval share_interval(const IncidenceShare& share, double level = 0.95);

/// Second minus first.
struct Difference {
  double value = 0;
  double std_error = 0;
  Interval interval{0, 0};
};
/// Independent groups. Without trials in a group that group's share may be anything. InvalidArgument: as
/// wilson_interval.
Difference share_difference(const IncidenceShare& first, const IncidenceShare& second, double level = 0.95);
/// Means of independent groups, such as restricted means: limits +- z standard errors. InvalidArgument: a number not
/// finite, a standard error below 0, level not between 0 and 1.
Difference mean_difference(double first, double first_std_error, double second, double second_std_error,
                           double level = 0.95);

/// Beta(wins, losses) before the data.
struct BetaPrior {
  double wins = 0.5;
  double losses = 0.5;
};
/// P(share of the second > share of the first). To 6 digits. InvalidArgument: shares outside [0, 1], trials not finite
/// or below 0, prior not finite or not above 0.
double probability_of_improvement(const IncidenceShare& first, const IncidenceShare& second,
                                  const BetaPrior& prior = {});

/// Of a two-sided test.
struct TestPlan {
  double level = 0.95;  ///< 1 - alpha
  double power = 0.8;   ///< chance to find a difference that is there
};
/// Observations needed in the first group (not rounded) when the second is `ratio` times as large. InvalidArgument:
/// probabilities outside [0, 1] or equal, ratio not above 0, level not in (0, 1), power not in (0.5, 1).
double sample_needed(double first, double second, const TestPlan& plan = {}, double ratio = 1);
/// The smallest share of the second group above `first` (below it: `smaller_share_detectable`) that so many in the
/// groups would find with the power of the plan; nothing when not even 1 (0) would. InvalidArgument: first outside
/// [0, 1], sizes not finite or below 0, plan as above.
std::optional<double> larger_share_detectable(double first, double first_size, double second_size,
                                              const TestPlan& plan = {});
std::optional<double> smaller_share_detectable(double first, double first_size, double second_size,
                                               const TestPlan& plan = {});
/// Ends (in both groups together) with which a log-rank test finds a hazard ratio: z^2 / (pi (1 - pi) log^2 ratio), pi
/// the share of observations in the second group (Schoenfeld 1983). InvalidArgument: ratio not above 0 or 1, share not
/// in (0, 1), plan as above.
double ends_needed(double hazard_ratio, const TestPlan& plan = {}, double share_in_second = 0.5);

}  // namespace putki
