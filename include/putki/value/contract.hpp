#pragma once
/// \file
/// sBG and beta-discrete-Weibull: how long customers under contract stay.
///
/// At the end of each period a customer renews or leaves, and everybody sees it. In the shifted beta-geometric model
/// (Fader & Hardie 2007) he leaves each time with his own probability theta ~ Beta(alpha, beta); retention rises with
/// age only because those likely to leave have left. In the beta-discrete-Weibull (Fader, Hardie, Liu, Davin &
/// Steenburgh 2018) the customer's own chance changes with age too, (1 - theta)^(n^c), down for c < 1, up for c > 1:
///
///     S(n) = P(n renewals or more) = B(alpha, beta + n) / B(alpha, beta)           sBG
///     S(n) = B(gamma, delta + n^c) / B(gamma, delta)                               BdW; c = 1 is the sBG
///
/// A customer who left after n renewals contributes ln(S(n) - S(n + 1)), one still here ln S(n), whenever he started;
/// one who came under observation after m renewals has S(m) divided out. So cohorts of different age are fitted
/// together. A CRM's "1 / churn rate" takes the average chance for everybody's and forever, and undervalues the base.
///
/// Time is in contract periods. Discount rates are per period, above 0. Kaplan-Meier (survival/kaplan_meier.hpp) is the
/// check without a model. Values, safe to read from several threads. Cost: microseconds; a fit 1 us a cell and step.

#include <putki/value/parameter_fit.hpp>

#include <putki/stats/purchase_statistics.hpp>

#include <cstdint>
#include <span>

namespace putki {

/// Whether the customer's own chance to leave is the same at every renewal.
enum class RenewalChance { constant, by_age };

template <RenewalChance chance>
class ContractModel {
 public:
  /// Known parameters, all above 0: alpha, beta of the sBG; gamma, delta, c of the BdW. InvalidArgument otherwise.
  explicit ContractModel(std::span<const double> values);
  explicit ContractModel(ParameterFit fit);
  ContractModel with_parameters(std::span<const double> values) const { return ContractModel(values); }
  const ParameterFit& fit() const { return fit_; }

  double log_likelihood(const TenureStatistics& customers) const;
  /// S(renewals), 1 at 0. InvalidArgument when below 0 (as all counts here).
  double survival(double renewals) const;
  /// P(`further` more renewals | `survived` made): S(survived + further) / S(survived).
  double survival_after(double survived, double further) const;
  /// Share of those with renewal - 1 renewals that make the next: S(renewal) / S(renewal - 1), renewal 1 or more. A
  /// CRM's retention rate, but of one age.
  double retention(double renewal) const;
  /// Renewals expected among the next `periods` of a customer who has made `survived`.
  double expected_renewals(double survived, double periods) const;
  /// DERL: the renewals to come of a customer who has made `survived` and is due to decide now, the one now due at full
  /// worth, the next times 1 / (1 + rate), ..: sum_t S(survived + 1 + t) / S(survived) (1 + rate)^-t. Times the
  /// contract's price it is the residual lifetime value.
  double discounted_renewals(double survived, double rate) const;
  /// DEL: the periods of a newcomer, the first at full worth: sum_t S(t) (1 + rate)^-t.
  double discounted_periods(double rate) const;
  /// Further renewals in one possible future, `most` at most.
  std::uint64_t simulate(double survived, std::uint64_t most, RandomStream& stream) const;

 private:
  double heterogeneity_a() const { return fit_.values[0]; }
  double heterogeneity_b() const { return fit_.values[1]; }
  double exponent() const { return chance == RenewalChance::by_age ? fit_.values[2] : 1; }
  ParameterFit fit_;
};

using Sbg = ContractModel<RenewalChance::constant>;
using BetaDiscreteWeibull = ContractModel<RenewalChance::by_age>;

/// Maximum likelihood. NotEnoughData when nobody left. Where only one age of leaving is seen the parameters are not
/// decided: a fit with warnings.
Sbg fit_sbg(const TenureStatistics& customers, const ValueFitOptions& options = {});
BetaDiscreteWeibull fit_beta_discrete_weibull(const TenureStatistics& customers, const ValueFitOptions& options = {});

}  // namespace putki
