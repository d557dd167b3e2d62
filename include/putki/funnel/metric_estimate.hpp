#pragma once
/// \file
/// A figure of the funnel with how sure it is, and figures of counts and values.

#include <putki/core/interval.hpp>
#include <putki/core/money.hpp>

#include <cstdint>
#include <optional>

namespace putki {

/// An estimate, its standard error and 95 % limits. Error and limits are absent where the data cannot show them (one
/// observation, a figure that is only counted).
struct MetricEstimate {
  double value = 0;
  std::optional<double> std_error = std::nullopt;
  std::optional<Interval> interval = std::nullopt;
  friend bool operator==(const MetricEstimate&, const MetricEstimate&) = default;
};

/// A number of deals and what they are worth; those without a known amount are counted, not taken for zero.
struct CountAndValue {
  std::uint64_t deals = 0;
  Money value{};                      ///< of the deals whose amount is known
  std::uint64_t unknown_amounts = 0;  ///< of `deals`
  /// kNoAmount: a deal without a known amount.
  void add(Money amount) {
    ++deals;
    if (amount == kNoAmount)
      ++unknown_amounts;
    else
      value += amount;
  }
  void merge(const CountAndValue& other) {
    deals += other.deals;
    value += other.value;
    unknown_amounts += other.unknown_amounts;
  }
  friend bool operator==(const CountAndValue&, const CountAndValue&) = default;
};

}  // namespace putki
