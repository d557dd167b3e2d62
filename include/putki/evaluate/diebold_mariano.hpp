#pragma once
/// \file
/// Is one forecast better than another, or was it luck? The test of Diebold & Mariano (1995).
///
/// Two forecasts of the same outcomes have the losses a_t and b_t; d_t = a_t - b_t has mean 0 when neither is better.
/// Forecasts h steps ahead overlap, so d is correlated over h - 1 steps, and the variance of its mean takes the
/// autocovariances gamma_k (divided by n) up to that lag with Bartlett's weights, which cannot make it negative (Newey
/// & West 1987):
///
///     V = (gamma_0 + 2 sum_{k=1}^{h-1} (1 - k / h) gamma_k) / n.
///
/// The statistic mean(d) / sqrt(V) is scaled by sqrt((n + 1 - 2h + h (h - 1) / n) / n) and compared with Student's t of
/// n - 1 degrees of freedom (Harvey, Leybourne & Newbold 1997). With few origins the test is weak: a large p-value does
/// not say that the forecasts are equally good.

#include <cstddef>
#include <span>

namespace putki {

struct DieboldMariano {
  double mean_difference;  ///< mean(a) - mean(b): below 0 when a is better
  double statistic;        ///< corrected; infinite when all differences are equal and not 0
  double p_value;          ///< two-sided
  std::size_t count;
};

/// Losses at the same origins, in order of time. `steps_ahead` is h: how many origins fall into one horizon, rounded up
/// (28 days every 7 days: 4). All differences 0: statistic 0, p-value 1. Pure function, O(n h).
/// InvalidArgument: sizes differ, a loss that is not finite, steps below 1. NotEnoughData: fewer than 2 origins, or not
/// more than h.
DieboldMariano diebold_mariano(std::span<const double> loss_a, std::span<const double> loss_b, int steps_ahead = 1);

}  // namespace putki
