#pragma once
/// \file
/// From the amount an open deal shows to the one it is won at: discounts at closing, optimism, placeholders.
///
/// Among the won deals whose amount was known while they were open, each tells a ratio r = final / last known while
/// open. The revision is a few atoms of r with probabilities; an open deal of amount a that is won brings a r. Sources
/// and cautions:
///
/// - *No change* gets the weight of `prior_deals` deals besides those that did not change, so that few deals say
///   little; when no deal changed, the revision is none at all.
/// - *Atoms*: deals unchanged are one; the others, sorted, are cut into at most five groups of equal size, each an atom
///   at its mean ratio, so that the mean ratio is kept. Ratios are held between 0.1 and 10: a slip of the decimal point
///   must not be applied to all deals.
/// - *Placeholders*: an amount that at least five won deals showed while open, and of which four in five were then won
///   at more than twice or less than half of it (1 or 1,000 for everything), says nothing. Such deals are no ratios,
///   and open deals that show it are of unknown amount.
/// - A won deal whose final amount is missing keeps the last known (r = 1). One won at 0 is left out here, since a zero
///   is more often an empty field than a gift; it books 0, as it is recorded.
///
/// A value; safe to read from several threads. Cost: one pass over the events. No won deals: no revision.

#include <putki/core/random.hpp>
#include <putki/events/as_of.hpp>

#include <optional>
#include <vector>

namespace putki {

struct AmountRevisionOptions {
  /// Deals' worth of belief that amounts do not change.
  double prior_deals = 10;
};

struct AmountRevision {
  std::vector<double> ratios = {};        ///< ascending; empty: amounts stay as they are
  std::vector<double> weights = {};       ///< sum to 1
  std::vector<double> placeholders = {};  ///< ascending: amounts that say nothing

  /// InvalidArgument: prior_deals below 0 or not finite.
  static AmountRevision of_won_deals(const AsOf& view, const AmountRevisionOptions& options = {});

  bool is_none() const { return ratios.empty(); }
  /// The same mean ratio, for certain.
  AmountRevision at_mean() const;
  /// E[r^order]; 1 when there is no revision.
  double moment(int order) const;
  /// An open deal's amount, nothing when it is not known or a placeholder.
  std::optional<double> usable(std::optional<double> amount) const;
  /// What a deal of this usable amount is won at. No number is drawn when there is no revision.
  double sample(double amount, RandomStream& random) const;
  /// InvalidArgument: sizes differ, a ratio or weight below 0 or not finite, weights that do not sum to 1.
  void check() const;
};

}  // namespace putki
