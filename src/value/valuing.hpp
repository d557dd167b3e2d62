#pragma once
// What the valuations of purchasers and of contracts share: checks, the futures drawn, limits of totals.

#include <putki/value/customer_base.hpp>

namespace putki {

// InvalidArgument as customer_base.hpp says.
void check_options(const CustomerBaseOptions& options);

// How far a future is drawn, in units of the model's time, when value falls at `rate` a unit (continuously).
double longest_future(double rate, const CustomerBaseOptions& options);

// One possible future of all customers.
struct Future {
  double purchases = 0;
  double value = 0;
};

// The 10 % and 90 % points of the totals.
void set_limits(CustomerBaseValue& base, const std::vector<Future>& futures);

}  // namespace putki
