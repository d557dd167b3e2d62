#pragma once
/// \file
/// An amount of money in integer minor units (1/100 of the currency unit), so that sums are exact and independent of
/// their order.
///
/// The currency itself is the caller's; putki never converts. Range: +-9.2e16 units; sums are not checked, so keep what
/// is added up inside it. A plain value of 8 bytes; default: 0.

#include <putki/core/error.hpp>

#include <compare>
#include <cstdint>
#include <limits>

namespace putki {

struct Money {
  std::int64_t minor = 0;

  /// Nearest minor unit of `units * 100`, halves away from zero. InvalidArgument unless within +-9.2e16; so also for
  /// NaN.
  static constexpr Money from_units(double units);
  /// Nearest double; exact to the cent up to 4.5e13 units.
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

/// "No amount known" in columns. Not a number: it is compared, never added.
inline constexpr Money kNoAmount{std::numeric_limits<std::int64_t>::min()};

constexpr Money Money::from_units(double units) {
  if (!(units >= -9.2e16 && units <= 9.2e16)) {
    throw InvalidArgument("an amount of " + std::to_string(units) + ": -9.2e16 to 9.2e16 is allowed");
  }
  const double scaled = units * 100.0;
  const auto whole = static_cast<std::int64_t>(scaled);
  // The difference is exact; adding one half to `scaled` itself would round a second time.
  const double rest = scaled - static_cast<double>(whole);
  return Money{whole + (rest >= 0.5 ? 1 : rest <= -0.5 ? -1 : 0)};
}

}  // namespace putki
