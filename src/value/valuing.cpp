#include "value/valuing.hpp"

#include <putki/core/error.hpp>
#include <putki/value/value_forecast.hpp>

#include <algorithm>
#include <cmath>

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

void set_limits(CustomerBaseValue& base, const std::vector<Future>& futures) {
  const auto limits = [&](ValueTotal& total, double Future::*part) {
    std::vector<double> sample;
    for (const Future& future : futures) sample.push_back(future.*part);
    const Interval interval = summarised(total.mean, std::move(sample)).interval(0.8);
    total.q10 = interval.lower;
    total.q90 = interval.upper;
  };
  limits(base.purchases, &Future::purchases);
  if (base.residual_value) limits(*base.residual_value, &Future::value);
}

}  // namespace putki
