#include "value/valuing.hpp"

#include <putki/core/error.hpp>
#include <putki/core/parallel.hpp>

#include "value/revenue_records.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace putki {
namespace {

constexpr double kSmallestDiscount = 1e-4;
constexpr double kLongestYears = 100;
constexpr double kDaysPerYear = 365.25;

}  // namespace

void check_options(const CustomerBaseOptions& options) {
  const auto positive = [](double value) { return value > 0 && std::isfinite(value); };
  if (!positive(options.horizon)) {
    throw InvalidArgument("horizon is " + std::to_string(options.horizon) + "; a number above 0 is allowed");
  }
  check_annual_discount(options.annual_discount);
  if (!positive(options.days_per_unit)) {
    throw InvalidArgument("a unit of " + std::to_string(options.days_per_unit) + " days; more than 0 are allowed");
  }
  if (options.draws < 20) {
    throw InvalidArgument("intervals from " + std::to_string(options.draws) + " draws; 20 or more are allowed");
  }
}

void check_annual_discount(double annual_discount) {
  if (!(annual_discount > 0 && std::isfinite(annual_discount))) {
    throw InvalidArgument("annual discount is " + std::to_string(annual_discount) +
                          "; a number above 0 is allowed, such as 0.15");
  }
}

void check_unseen(unsigned unseen) {
  if (unseen > 1) throw InvalidArgument(std::to_string(unseen) + " renewals unseen; 0 and 1 are allowed");
}

double longest_future_days(double annual_discount) {
  return std::min(-std::log(kSmallestDiscount) / rate_per_unit(annual_discount, 1), kLongestYears * kDaysPerYear);
}

double worth_of_renewals(double renewals, double first, double rate) {
  return std::exp(-first * rate) * -std::expm1(-rate * renewals) / -std::expm1(-rate);
}

std::optional<double> mean_fee(const std::vector<ContractRecord>& customers) {
  double fees = 0, payers = 0;
  for (const ContractRecord& customer : customers) {
    if (!customer.fee) continue;
    if (!std::isfinite(*customer.fee)) {
      throw InvalidArgument("fee " + std::to_string(*customer.fee) + " of customer " + customer.customer +
                            "; a finite amount is allowed");
    }
    fees += *customer.fee;
    ++payers;
  }
  return payers > 0 ? std::optional(fees / payers) : std::nullopt;
}

void draw_totals(CustomerBaseValue& base, const CustomerRevenue::Records& records, const CustomerBaseOptions& options) {
  std::vector<double> purchases(options.draws), values(options.draws);
  parallel_for(
      options.draws,
      [&](std::size_t d) {
        RandomStream stream(options.seed, d);
        const CustomersFuture future = records.draw(stream)->future(options.horizon, options.annual_discount, stream);
        purchases[d] = future.purchases;
        values[d] = future.value;
      },
      options.threads, options.progress);
  base.purchases = summarised(base.purchases.expected, std::move(purchases));
  if (base.residual_value) base.residual_value = summarised(base.residual_value->expected, std::move(values));
}

}  // namespace putki
