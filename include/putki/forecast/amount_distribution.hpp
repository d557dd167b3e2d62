#pragma once
/// \file
/// What a won deal brings: the distribution of amounts, in currency units.
///
/// A weighted set of atoms, ascending. Used for deals not yet created and for open deals whose amount is not known. No
/// amounts: a single atom at 0.
///
/// *Empirical*: the amounts of the won deals. *Log-normal*: fitted to their logarithms by maximum likelihood, the
/// variance shrunk to a usual one when they are few,
///
///     sigma^2 = (sum (log a - m)^2 + 4 x 0.8^2) / (n + 4),
///
/// and cut into slices of equal probability, each an atom at its own mean, so that the mean is that of the law.
/// *Automatic*: empirical from 30 amounts on; with fewer, n of them, the empirical atoms with weight n / 30 and the
/// log-normal with the rest, scaled to the mean of the amounts: few amounts leave out the large ones that may come, but
/// say what to expect without bias.

#include <putki/core/random.hpp>
#include <putki/events/as_of.hpp>

#include <vector>

namespace putki {

enum class AmountForm { automatic, empirical, log_normal };

struct AmountOptions {
  AmountForm form = AmountForm::automatic;
  /// Amounts from which on `automatic` is empirical.
  int enough = 30;
};

class AmountDistribution {
 public:
  AmountDistribution() : values_{0.0}, cumulative_{1.0} {}
  /// InvalidArgument: a value below 0 or not finite.
  static AmountDistribution from_values(std::vector<double> values);
  /// Weights are scaled to sum to 1. InvalidArgument: sizes differ, a value or weight below 0 or not finite, no weight
  /// above 0 among values given.
  static AmountDistribution from_weighted(std::vector<double> values, std::vector<double> weights);
  /// Log-normal with this mean and deviation of the logarithm, in `atoms` slices. InvalidArgument: a mean or deviation
  /// below 0 or not finite, a deviation above 5, no atoms.
  static AmountDistribution log_normal(double mean, double log_deviation, int atoms = 64);
  /// In the form asked for, from amounts of which zeros are left out; so for one segment's won deals. No amounts: a
  /// single atom at 0. InvalidArgument: a value below 0 or not finite, `enough` below 1.
  static AmountDistribution fitted(std::vector<double> amounts, const AmountOptions& options);
  /// Amounts of the deals won in the view, as last known when they were won; zero and unknown amounts left out. When no
  /// won deal has an amount: the last known amounts of all deals, else a single atom at 0.
  static AmountDistribution of_won_deals(const AsOf& view, const AmountOptions& options = {});

  /// This one with weight 1 - share and another, say that of all segments, with `share`. InvalidArgument: a share
  /// outside [0, 1].
  AmountDistribution mixed_with(const AmountDistribution& other, double share) const;

  const std::vector<double>& values() const { return values_; }
  /// Probability of an amount up to values()[i]; the last is 1.
  const std::vector<double>& cumulative() const { return cumulative_; }
  double probability(std::size_t i) const { return cumulative_[i] - (i > 0 ? cumulative_[i - 1] : 0.0); }
  /// E[amount^order]
  double moment(int order) const;
  double mean() const { return moment(1); }
  /// The mean for certain: one atom.
  AmountDistribution at_mean() const;
  /// Every amount times `factor`. InvalidArgument: below 0 or not finite.
  AmountDistribution scaled(double factor) const;
  double sample(RandomStream& random) const;

 private:
  std::vector<double> values_;
  std::vector<double> cumulative_;
};

}  // namespace putki
