#pragma once
/// \file
/// What every purchase model answers: how a customer's purchases will go on when nobody says that they ended.
///
/// A customer of a shop does not cancel; he buys for a while and then no more, and nobody sees when. The models
/// (BG/NBD, MBG/NBD, Pareto/NBD, BG/BB) infer it from three numbers, the count x of repeat purchases, the time t_x of
/// the last one and the customer's age T. All share one vocabulary, stated here once:
///
/// - `probability_alive(customer)`: will ever be able to buy again. "Active" in a CRM means bought within 90 days; that
///   calls the yearly buyer lost and the daily one, silent for 80 days, safe.
/// - `expected_purchases(customer, horizon)`: purchases in (now, now + horizon]; in (now + h1, now + h2] it is the
///   difference of two. Without a customer: repeat purchases of a newcomer since the first purchase.
/// - `purchase_probabilities(customer, horizon, most)`: P(0), .., P(most) of the number of those purchases; what is
///   missing to 1 lies above. Without a customer: of a newcomer, the mass function of the papers.
/// - `discounted_purchases(customer, rate)`: expected residual purchases without end, each worth e^(-rate t) at its
/// time
///   t from now (discrete models: (1 + rate)^-t for the t-th opportunity from now): DERT of Fader & Hardie; times the
///   expected spend per purchase it is the residual lifetime value. Without a customer: of a newcomer, after the first
///   purchase, which adds 1 if it is to count. The rate is per unit of the model's time: see `rate_per_unit`.
/// - `simulate(customer, horizon, stream, times)`: appends the times of one possible future in (0, horizon], ascending,
///   drawn from what the history leaves open; without a customer, a newcomer's. It ends where `times` has a million.
///
/// Horizons, rates and times are in the model's unit (weeks unless said otherwise), 0 <= horizon < infinity,
/// 0 < rate < infinity; customers' records are in days. Everything else: InvalidArgument. A newcomer is one with x = 0
/// and T = 0: the answers agree.
///
/// Models are values of a few hundred bytes, without data inside, safe to read from several threads. `fit()` holds
/// parameters, standard errors and how the fit went.

#include <putki/core/random.hpp>
#include <putki/stats/purchase_statistics.hpp>

#include <concepts>
#include <cstddef>
#include <span>
#include <vector>

namespace putki {

template <class Model>
concept PurchaseModel = requires(const Model& model, const typename Model::Customer& customer, double number,
                                 std::size_t most, RandomStream& stream, std::vector<double>& times,
                                 std::span<const double> parameters) {
  { model.probability_alive(customer) } -> std::same_as<double>;
  { model.expected_purchases(number) } -> std::same_as<double>;
  { model.expected_purchases(customer, number) } -> std::same_as<double>;
  { model.purchase_probabilities(number, most) } -> std::same_as<std::vector<double>>;
  { model.purchase_probabilities(customer, number, most) } -> std::same_as<std::vector<double>>;
  { model.discounted_purchases(number) } -> std::same_as<double>;
  { model.discounted_purchases(customer, number) } -> std::same_as<double>;
  model.simulate(number, stream, times);
  model.simulate(customer, number, stream, times);
  { model.with_parameters(parameters) } -> std::same_as<Model>;
};

/// The continuous rate per unit of time that discounts as much as `annual` does in a year of 365.25 days:
/// ln(1 + annual) days_per_unit / 365.25. InvalidArgument unless annual > -1, finite, and days_per_unit > 0.
double rate_per_unit(double annual, double days_per_unit);

}  // namespace putki
