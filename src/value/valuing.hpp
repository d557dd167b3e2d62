#pragma once
// What the valuations of purchasers and of contracts share: checks, discounting, the draws of the totals.

#include <putki/value/customer_base.hpp>
#include <putki/value/customer_revenue.hpp>

#include <cmath>
#include <optional>
#include <type_traits>
#include <vector>

namespace putki {

// InvalidArgument as customer_base.hpp says.
void check_options(const CustomerBaseOptions& options);
void check_annual_discount(double annual_discount);
void check_unseen(unsigned unseen);

// BG/BB: purchases at most once a period, discounted by the period.
template <class Model>
inline constexpr bool kBuysByPeriod = std::is_same_v<typename Model::Customer, OpportunityCell>;
// The rate that the model's discounted_purchases takes.
template <class Model>
double model_rate(double annual_discount, double days_per_unit) {
  const double continuous = rate_per_unit(annual_discount, days_per_unit);
  return kBuysByPeriod<Model> ? std::expm1(continuous) : continuous;
}

// Where futures end when money loses value at this rate: worth 1/10,000 of today's, 100 years at most.
double longest_future_days(double annual_discount);

// From the view to the next renewal of a contract, in periods: half a period, on average.
inline constexpr double kUntilRenewal = 0.5;
// Fees of so many renewals, the first `first` periods from now, at a continuous rate per period.
double worth_of_renewals(double renewals, double first, double rate);

// What the customers whose fee is known pay on average; nothing without any. InvalidArgument: a fee that is not finite.
std::optional<double> mean_fee(const std::vector<ContractRecord>& customers);

// The samples of the totals, whose expectations are there already.
void draw_totals(CustomerBaseValue& base, const CustomerRevenue::Records& records, const CustomerBaseOptions& options);

}  // namespace putki
