#pragma once
/// \file
/// What each segment's newcomers bring later, looked up once.

#include <putki/value/customer_segments.hpp>

#include <map>
#include <string>
#include <string_view>

namespace putki {

class NewcomerWorth {
 public:
  NewcomerWorth(const CustomerSegments& customers, double annual_discount)
      : customers_(&customers), annual_discount_(annual_discount) {}
  /// At the day of winning, for a sale of this size. Revenue.
  double later(std::string_view segment, double sale) {
    const CustomerSegment& of = customers_->of(segment);
    const auto [place, is_new] = worth_.try_emplace(&of, 0.0);
    if (is_new) place->second = of.revenue.residual_value_of_newcomer(annual_discount_);
    return place->second * scale(of, sale);
  }
  /// How many times an average newcomer's purchases.
  static double scale(const CustomerSegment& of, double sale) { return of.fee ? sale / *of.fee : 1.0; }

 private:
  const CustomerSegments* customers_;
  double annual_discount_;
  std::map<const CustomerSegment*, double> worth_;
};

}  // namespace putki
