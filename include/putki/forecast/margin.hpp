#pragma once
/// \file
/// The share of revenue that stays, where a value is asked for as margin.

namespace putki {

/// Of the sale that wins a customer, and of what he brings later: hardware sold at 0.2 and serviced at 0.6. 1 and 1:
/// values are revenue. Each 0 to 1.
struct Margin {
  double sales = 1;
  double later = 1;
  bool is_revenue() const { return sales == 1 && later == 1; }
  friend bool operator==(const Margin&, const Margin&) = default;
};

}  // namespace putki
