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
  if (!positive(options.annual_discount)) {
    throw InvalidArgument("annual discount is " + std::to_string(options.annual_discount) +
                          "; a number above 0 is allowed, such as 0.15");
  }
  if (!positive(options.days_per_unit)) {
    throw InvalidArgument("a unit of " + std::to_string(options.days_per_unit) + " days; more than 0 are allowed");
  }
  if (options.draws < 20) {
    throw InvalidArgument("intervals from " + std::to_string(options.draws) + " draws; 20 or more are allowed");
  }
}

double longest_future(double rate, const CustomerBaseOptions& options) {
  return std::min(-std::log(kSmallestDiscount) / rate, kLongestYears * kDaysPerYear / options.days_per_unit);
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
