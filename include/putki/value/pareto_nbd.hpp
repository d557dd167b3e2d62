#pragma once
/// \file
/// Pareto/NBD: purchases at random while alive, and a lifetime that may end at any moment.
///
/// A customer buys as a Poisson process of rate lambda until an exponential lifetime of rate mu ends. Customers differ:
/// lambda ~ Gamma(r, rate alpha), mu ~ Gamma(s, rate beta), independent (Schmittlein, Morrison & Colombo 1987).
///
///     L(x, t_x, T) = Gamma(r + x) / Gamma(r) alpha^r beta^s { (alpha + T)^-(r+x) (beta + T)^-s
///                    + s int_{t_x}^T (alpha + y)^-(r+x) (beta + y)^-(s+1) dy }:
///
/// lambda^x e^(-(lambda + mu) T) when alive at T, int mu lambda^x e^(-(lambda + mu) y) dy when the life ended at y
/// since t_x, integrated over the two distributions. The papers write the integral as a difference of two 2F1, which
/// loses its digits for large x; here it is integrated as it stands, by Gauss-Legendre in ln(min(alpha, beta) + y),
/// where it is smooth, on pieces that fall by no more than e^8: about 12 digits for any x, and so are its derivatives.
///
/// Given alive now, lambda ~ Gamma(r + x, alpha + T) and mu ~ Gamma(s, beta + T): the future of a customer is P(alive)
/// times that of a newcomer with those parameters, E X(t) = r beta / alpha (1 - (beta / (beta + t))^(s-1)) / (s - 1),
/// which has no pole at s = 1 (a logarithm there).
///
/// Vocabulary, units and errors: purchase_model.hpp; a PurchaseCell is in days. Cost: P(alive) and expectations some
/// 0.5 us, a fit about 10 us per distinct customer. Safe for x, T / alpha and 1 / parameter to 1e6.

#include <putki/value/parameter_fit.hpp>
#include <putki/value/purchase_model.hpp>

namespace putki {

class ParetoNbd {
 public:
  using Customer = PurchaseCell;
  /// Known parameters, all above 0. InvalidArgument otherwise.
  ParetoNbd(double r, double alpha, double s, double beta, double days_per_unit = 7);
  /// Of a fit of this model.
  ParetoNbd(ParameterFit fit, double days_per_unit);
  /// The same model with other values, in the order r, alpha, s, beta; without standard errors.
  ParetoNbd with_parameters(std::span<const double> values) const;

  double r() const { return fit_.values[0]; }
  double alpha() const { return fit_.values[1]; }
  double s() const { return fit_.values[2]; }
  double beta() const { return fit_.values[3]; }
  double days_per_unit() const { return days_per_unit_; }
  const ParameterFit& fit() const { return fit_; }

  double log_likelihood(const CellCounts<PurchaseCell>& customers) const;
  double probability_alive(const PurchaseCell& customer) const;
  double expected_purchases(double horizon) const;
  double expected_purchases(const PurchaseCell& customer, double horizon) const;
  /// expected_purchases of each of these customers, in their order; the same to 11 digits, to 9 where shapes are 1e4.
  /// Customers of one x share their integrals: for many customers.
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

/// Maximum likelihood. NotEnoughData: nobody, or nobody with a repeat purchase.
ParetoNbd fit_pareto_nbd(const CellCounts<PurchaseCell>& customers, const ValueFitOptions& options = {});

}  // namespace putki
