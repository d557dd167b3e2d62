#pragma once
// What a deal was last known to be worth.

#include <putki/core/money.hpp>

#include <cstdint>
#include <span>

namespace putki {

// Of its events [first, last); kNoAmount when none gave an amount.
inline Money last_amount_of(std::span<const Money> amounts, std::uint32_t first, std::uint32_t last) {
  while (last > first)
    if (amounts[--last] != kNoAmount) return amounts[last];
  return kNoAmount;
}

}  // namespace putki
