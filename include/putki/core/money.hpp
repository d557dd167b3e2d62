#pragma once
/// \file
/// An amount of money in integer minor units (1/100 of the currency unit), so that sums are exact and independent of
/// their order. The currency itself is the caller's; putki never converts. Range: +-9.2e16 units.

#include <compare>
#include <cstdint>
#include <limits>

namespace putki {

struct Money {
  std::int64_t minor = 0;

  /// Nearest minor unit, halves away from zero.
  static constexpr Money from_units(double units) {
    return Money{static_cast<std::int64_t>(units * 100.0 + (units < 0 ? -0.5 : 0.5))};
  }
  constexpr double units() const { return static_cast<double>(minor) / 100.0; }

  constexpr Money& operator+=(Money other) {
    minor += other.minor;
    return *this;
  }
  constexpr Money& operator-=(Money other) {
    minor -= other.minor;
    return *this;
  }
  friend constexpr Money operator+(Money a, Money b) { return Money{a.minor + b.minor}; }
  friend constexpr Money operator-(Money a, Money b) { return Money{a.minor - b.minor}; }
  friend constexpr auto operator<=>(Money, Money) = default;
};

/// "No amount known" in columns.
inline constexpr Money kNoAmount{std::numeric_limits<std::int64_t>::min()};

}  // namespace putki
