#pragma once
// What the valuations of purchasers and of contracts share: checks, the futures drawn, limits of totals.

#include <putki/value/customer_base.hpp>

namespace putki {

// InvalidArgument as customer_base.hpp says.
void check_options(const CustomerBaseOptions& options);
void check_annual_discount(double annual_discount);
void check_unseen(unsigned unseen);

// Where futures end when money loses value at this rate: worth 1/10,000 of today's, 100 years at most.
double longest_future_days(double annual_discount);

// From the view to the next renewal of a contract, in periods: half a period, on average.
inline constexpr double kUntilRenewal = 0.5;
// Fees of so many renewals, the first `first` periods from now, at a continuous rate per period.
double worth_of_renewals(double renewals, double first, double rate);

// One possible future of all customers.
struct Future {
  double purchases = 0;
  double value = 0;
};

// The 10 % and 90 % points of the totals.
void set_limits(CustomerBaseValue& base, const std::vector<Future>& futures);

}  // namespace putki
