#pragma once
/// \file
/// BG/NBD and MBG/NBD: purchases at random while alive, and a chance to stop after each purchase.
///
/// A customer buys as a Poisson process of rate lambda and, after each purchase, drops out with probability p.
/// Customers differ: lambda ~ Gamma(r, rate alpha), p ~ Beta(a, b), independent. In the BG/NBD (Fader, Hardie & Lee
/// 2005) the first purchase has no such toss, so that whoever never came back is alive for certain; in the MBG/NBD
/// (Batislam, Denizel & Filiztekin 2007) it has one. Prefer the latter where many buy once.
///
///     L(x, t_x, T) = Gamma(r + x) / Gamma(r) alpha^r B(a, b + x + m) / B(a, b)
///                    { (alpha + T)^-(r+x) + d (alpha + t_x)^-(r+x) },   d = a / (b + x + m - 1)
///
/// with m = 0, and d = 0 where x = 0, for BG/NBD; m = 1 for MBG/NBD: (1-p)^(x+m) lambda^x e^(-lambda T) when alive at
/// T, p (1-p)^(x+m-1) lambda^x e^(-lambda t_x) when not, integrated over the two distributions.
///
/// Given alive now, lambda ~ Gamma(r + x, alpha + T) and p ~ Beta(a, b + x + m) are independent again, so the future of
/// a customer is P(alive) times that of a newcomer of the BG/NBD with those parameters. A newcomer who never dropped
/// out would have bought k times by t with the negative binomial mass w_k, z = t / (alpha + t); so
///
///     E X(t) = sum_k w_k S_k,  S_k = E[1 + q + .. + q^(k-1)] = sum_{j<k} (b)_j / (a + b)_j,  q = 1 - p,
///
/// all terms positive: no pole at a = 1, as the papers' formula in 2F1 has. Where the series is long, E[(1 - (1 + p t /
/// alpha)^-r) / p] over the beta distribution is integrated instead.
///
/// Vocabulary, units and errors: purchase_model.hpp; a PurchaseCell is in days. Cost: fit 1 ms per 1,000 distinct
/// customers or less; an expectation about 0.5 us; discounted 0.1 ms. Safe for x, T / alpha and 1 / parameter to 1e9.

#include <putki/value/parameter_fit.hpp>
#include <putki/value/purchase_model.hpp>

#include <array>

namespace putki {

/// Whether the first purchase, too, may be the last.
enum class FirstToss { no, yes };

template <FirstToss toss>
class BetaGeometricNbd {
 public:
  using Customer = PurchaseCell;
  /// Known parameters, all above 0. InvalidArgument otherwise.
  BetaGeometricNbd(double r, double alpha, double a, double b, double days_per_unit = 7);
  /// Of a fit of this model.
  BetaGeometricNbd(ParameterFit fit, double days_per_unit);
  /// The same model with other values, in the order r, alpha, a, b; without standard errors.
  BetaGeometricNbd with_parameters(std::span<const double> values) const;

  double r() const { return fit_.values[0]; }
  double alpha() const { return fit_.values[1]; }
  double a() const { return fit_.values[2]; }
  double b() const { return fit_.values[3]; }
  double days_per_unit() const { return days_per_unit_; }
  const ParameterFit& fit() const { return fit_; }

  double log_likelihood(const CellCounts<PurchaseCell>& customers) const;
  double probability_alive(const PurchaseCell& customer) const;
  double expected_purchases(double horizon) const;
  double expected_purchases(const PurchaseCell& customer, double horizon) const;
  /// expected_purchases of each of these customers, in their order; the same to 13 digits. What depends on x alone is
  /// made once: best by ascending x, and for many customers.
  std::vector<double> expected_purchases_of_each(std::span<const PurchaseCell> customers, double horizon) const;
  std::vector<double> purchase_probabilities(double horizon, std::size_t most) const;
  std::vector<double> purchase_probabilities(const PurchaseCell& customer, double horizon, std::size_t most) const;
  double discounted_purchases(double rate) const;
  double discounted_purchases(const PurchaseCell& customer, double rate) const;
  void simulate(double horizon, RandomStream& stream, std::vector<double>& times) const;
  void simulate(const PurchaseCell& customer, double horizon, RandomStream& stream, std::vector<double>& times) const;

 private:
  ParameterFit fit_;
  double days_per_unit_;
};

using BgNbd = BetaGeometricNbd<FirstToss::no>;
using MbgNbd = BetaGeometricNbd<FirstToss::yes>;

/// Maximum likelihood. NotEnoughData: nobody, or nobody with a repeat purchase (the rate is then 0 or everybody left,
/// which the data cannot tell). Customers too alike to estimate how they differ give a fit with warnings.
BgNbd fit_bg_nbd(const CellCounts<PurchaseCell>& customers, const ValueFitOptions& options = {});
MbgNbd fit_mbg_nbd(const CellCounts<PurchaseCell>& customers, const ValueFitOptions& options = {});

}  // namespace putki
