#pragma once
// What a deal was last known to be worth, by its events [first, last); kNoAmount when nothing says. Exports zero the
// amount when a deal is lost; the three rules differ in how far they believe a zero.

#include <putki/events/event_log.hpp>

#include <cstdint>
#include <span>

namespace putki {

// Whatever the last amount says.
inline Money last_amount_of(std::span<const Money> amounts, std::uint32_t first, std::uint32_t last) {
  while (last > first)
    if (amounts[--last] != kNoAmount) return amounts[last];
  return kNoAmount;
}

// A zero in a row of a lost stage is no amount.
inline Money last_amount_unless_emptied(const EventLog& log, std::uint32_t first, std::uint32_t last) {
  const auto amounts = log.amounts();
  const auto stages = log.stages();
  while (last > first) {
    --last;
    if (amounts[last] == kNoAmount) continue;
    if (amounts[last].minor != 0 || log.graph().kind(stages[last]) != StageKind::lost) return amounts[last];
  }
  return kNoAmount;
}

// Of a deal lost, no zero is an amount, wherever it stands.
inline Money worth_of(const EventLog& log, std::uint32_t first, std::uint32_t last, bool lost) {
  const auto amounts = log.amounts();
  while (last > first) {
    const Money amount = amounts[--last];
    if (amount != kNoAmount && !(lost && amount.minor == 0)) return amount;
  }
  return kNoAmount;
}

}  // namespace putki
