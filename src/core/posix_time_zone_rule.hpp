#pragma once

#include <putki/core/time.hpp>

#include <chrono>
#include <optional>
#include <string_view>

namespace putki {

// One date of a POSIX rule: when, in a given year, clocks change.
struct PosixChange {
  enum class Kind {
    weekday_of_month,  // Mm.w.d: weekday d of week w (5: the last) of month m
    day_without_leap,  // Jn: 1..365, 29 February never counted
    day_with_leap,     // n: 0..365, 29 February counted
  };
  Kind kind{};
  unsigned month = 0;
  unsigned week = 0;
  unsigned weekday = 0;
  int day_of_year = 0;
  std::chrono::seconds time{};  // since 00:00 of that day, on the clock in force before the change

  Day day_in(std::chrono::year year) const;
};

// `std offset [dst [offset] , start[/time] , end[/time]]`; offsets local minus UTC (the text has them the other way).
struct PosixRule {
  std::string_view standard_name;
  std::chrono::seconds standard_offset{};
  struct Summer {
    std::chrono::seconds offset{};
    PosixChange begin;
    PosixChange end;
  };
  std::optional<Summer> summer;
};

// The whole of `text` as a rule; nothing when any of it is not. `standard_name` is a part of `text`.
std::optional<PosixRule> parse_posix_rule(std::string_view text);

}  // namespace putki
