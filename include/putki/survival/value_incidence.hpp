#pragma once
/// \file
/// Money per deal by an age: the value-weighted Aalen-Johansen estimator.
///
/// Each observation brings a value at its end (an amount when won, 0 when lost); those still open are censored. The
/// mean brought by the horizon, per observation that entered, is
///
///     M = sum over times t <= h of S(t-) (values of the ends at t) / Y(t)
///
/// with S the share without any end: an end is weighed up for those who were lost from sight before it. With every
/// value 1 it is the cumulative incidence. Dividing the money won by all deals, open ones too, as reports do, makes
/// every young cohort look poor.
///
/// weighted_incidence.hpp weighs deals by an amount known from the start and answers in shares of it; here values need
/// be known at the end alone, as amounts are in real exports, and the answer is in money.
///
/// `influence[i]` is what observation i adds to the error of M; with it, errors of products and ratios follow by adding
/// up. The standard error is the root of the sum of squares (infinitesimal jackknife); with values all 1 it is that of
/// aalen_johansen.hpp, without censoring that of a plain mean (with divisor n):
///
///     influence_i = sum S(t-) / Y (value_i dN_i - Y_i dA) - sum (M(h) - M(t)) (dN_i - Y_i dL) / (Y (1 - dL))
///
/// over t <= h, where N_i counts the end of i, Y_i its being at risk, dA = values / Y and dL = ends / Y at t.
///
/// Cost: O(n log n). Pure function. Empty input: mean 0, error 0. Left truncation is refused. Sources: Robins &
/// Rotnitzky 1992 (inverse weighting by the chance to be seen); Bang & Tsiatis 2000, "Estimating medical costs with
/// censored data".

#include <putki/stats/durations.hpp>

#include <vector>

namespace putki {

struct ValueIncidence {
  double mean = 0;
  double std_error = 0;
  std::vector<double> influence;  ///< one per observation; they sum to 0
};

/// `values[i]` counts when observation i ends (any cause) by `horizon`. InvalidArgument: as aalen_johansen, sizes
/// differ, a value not finite, horizon NaN, left truncation.
ValueIncidence value_incidence(const Durations& durations, const std::vector<double>& values, double horizon);

}  // namespace putki
