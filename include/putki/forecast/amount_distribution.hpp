#pragma once
/// \file
/// What a won deal brings: the empirical distribution of amounts, in currency units.
///
/// A weighted set of atoms, ascending. Used for deals not yet created and for open deals whose amount is not known.
/// No amounts: a single atom at 0.

#include <putki/core/random.hpp>
#include <putki/events/as_of.hpp>

#include <vector>

namespace putki {

class AmountDistribution {
 public:
  AmountDistribution() : values_{0.0}, cumulative_{1.0} {}
  /// InvalidArgument: a value below 0 or not finite.
  static AmountDistribution from_values(std::vector<double> values);
  /// Amounts of the deals won in the view, as last known when they were won; zero and unknown amounts left out. When no
  /// won deal has an amount: the last known amounts of all deals, else a single atom at 0.
  static AmountDistribution of_won_deals(const AsOf& view);

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
