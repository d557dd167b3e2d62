#pragma once
/// \file
/// Proper scores: how good a forecast was, once the outcome is known.
///
/// Every score here is a loss (smaller is better), and all but coverage and PIT are proper: whoever believes a
/// distribution cannot do better in expectation than by stating it (Gneiting & Raftery 2007). Revenue scores are in
/// currency units. Single scores; average them over origins. Two forecasts are compared by
/// `diebold_mariano.hpp`, probabilities by `reliability.hpp` too.
///
/// Pure functions. An outcome, probability or level that is not finite or outside its range: InvalidArgument.

#include <putki/core/interval.hpp>
#include <putki/forecast/revenue_distribution.hpp>

#include <cstddef>
#include <span>

namespace putki {

/// Continuous ranked probability score: the integral over x of (P(revenue <= x) - 1{actual <= x})^2, which is
/// E|X - actual| - E|X - X'| / 2. For a forecast that is certain it is the absolute error.
///
/// Closed form for all three forms of a distribution. Discrete and sample: the sum over the steps of the cdf, exact (a
/// sample is scored as the distribution it is, with 1 / n^2 in the second term). Cosine: the integral of the series,
/// exact to 1e-12 of the window's width plus what the window leaves out. Cost: O(atoms) or O(terms).
double crps(const RevenueDistribution& forecast, double actual);

/// The CRPS to expect if the outcome came from the forecast itself: E|X - X'| / 2, the integral of F (1 - F). The least
/// that any forecast can expect to reach in a world that is as uncertain as the forecast says; a mean score far above
/// it is a miss, one near it just luck, good or bad. Accuracy and cost as for `crps`.
double expected_crps(const RevenueDistribution& forecast);

/// Loss of one quantile: p (actual - quantile) above it, (1 - p) (quantile - actual) below. 0 < p < 1. Twice its
/// integral over p is the CRPS.
double pinball_loss(double quantile, double p, double actual);

/// From quantile((1 - level) / 2) to quantile((1 + level) / 2); holds at least `level` of the distribution.
/// 0 < level < 1.
Interval central_interval(const RevenueDistribution& forecast, double level);

/// Width, plus 2 / (1 - level) times the distance by which the outcome lies outside (Gneiting & Raftery 2007, eq. 43).
/// 0 < level < 1, lower <= upper.
double interval_score(const Interval& interval, double level, double actual);

struct Coverage {
  std::size_t inside = 0;  ///< outcomes within their closed interval
  std::size_t total = 0;
  double share = 0;  ///< inside / total; 0 when there is none
  /// Wilson limits of the share, as if outcomes were independent: horizons that overlap make them too narrow.
  Interval limits{0, 1};
};

/// How many outcomes fell into their intervals. Sizes must agree.
Coverage coverage(std::span<const Interval> intervals, std::span<const double> actuals, double confidence = 0.95);

/// Probability integral transform: P(X < actual) + share_of_atom P(X = actual). When forecasts are right, PITs are
/// uniform on [0, 1] if each share of the atom is an independent uniform number (randomised PIT). The default, one half
/// (mid PIT), keeps the mean of 1/2 without chance; where atoms matter, such as much probability of no revenue at all,
/// it scatters less than uniform. 0 <= share_of_atom <= 1.
double pit(const RevenueDistribution& forecast, double actual, double share_of_atom = 0.5);

/// (probability - happened)^2, of an event forecast with this probability (Brier 1950). In [0, 1].
double brier_score(double probability, bool happened);

/// -log of the probability given to what happened; infinite when it was held impossible.
double log_score(double probability, bool happened);

}  // namespace putki
