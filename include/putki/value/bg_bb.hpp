#pragma once
/// \file
/// BG/BB: purchases at most once in each of a row of periods (yearly donations, weekly shows, seasons).
///
/// At the beginning of each period a customer leaves for good with probability theta; while he is here he buys with
/// probability p. Customers differ: p ~ Beta(alpha, beta), theta ~ Beta(gamma, delta), independent (Fader, Hardie &
/// Shang 2010). For x purchases, the last at t_x, in n periods, summed over the period i in which he may have left:
///
///     L = B(alpha + x, beta + n - x) / B(alpha, beta) B(gamma, delta + n) / B(gamma, delta)
///         + sum_{i = t_x}^{n - 1} B(alpha + x, beta + i - x) / B(alpha, beta) B(gamma + 1, delta + i) / B(gamma,
///         delta)
///
/// Vocabulary and errors: purchase_model.hpp. The unit of time is the period: horizons are whole numbers of periods,
/// simulated times 1 .. horizon. `probability_alive` is, as in the paper, that of being alive at the beginning of
/// period n + 1 (so the newcomer's is delta / (gamma + delta)); `discounted_purchases` is the paper's DERT, a purchase
/// in period n + k being worth (1 + rate)^-k. Cost: a fit 0.1 us per cell, period and step.

#include <putki/value/parameter_fit.hpp>
#include <putki/value/purchase_model.hpp>

namespace putki {

class BgBb {
 public:
  using Customer = OpportunityCell;
  /// Known parameters, all above 0. InvalidArgument otherwise.
  BgBb(double alpha, double beta, double gamma, double delta);
  explicit BgBb(ParameterFit fit);
  /// The same model with other values, in the order alpha, beta, gamma, delta; without standard errors.
  BgBb with_parameters(std::span<const double> values) const;

  double alpha() const { return fit_.values[0]; }
  double beta() const { return fit_.values[1]; }
  double gamma() const { return fit_.values[2]; }
  double delta() const { return fit_.values[3]; }
  const ParameterFit& fit() const { return fit_; }

  double log_likelihood(const OpportunityStatistics& customers) const;
  double probability_alive(const OpportunityCell& customer) const;
  double expected_purchases(double horizon) const;
  double expected_purchases(const OpportunityCell& customer, double horizon) const;
  std::vector<double> purchase_probabilities(double horizon, std::size_t most) const;
  std::vector<double> purchase_probabilities(const OpportunityCell& customer, double horizon, std::size_t most) const;
  double discounted_purchases(double rate) const;
  double discounted_purchases(const OpportunityCell& customer, double rate) const;
  void simulate(double horizon, RandomStream& stream, std::vector<double>& times) const;
  void simulate(const OpportunityCell& customer, double horizon, RandomStream& stream,
                std::vector<double>& times) const;

 private:
  ParameterFit fit_;
};

/// Maximum likelihood. NotEnoughData: nobody, or nobody with a purchase.
BgBb fit_bg_bb(const OpportunityStatistics& customers, const ValueFitOptions& options = {});

}  // namespace putki
