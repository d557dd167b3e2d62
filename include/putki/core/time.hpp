#pragma once
/// \file
/// Days and instants.
///
/// `Day` is a calendar date without a zone; `Timestamp` an instant in UTC with microsecond resolution (what PostgreSQL
/// and most exports carry). Which day an instant falls on is a question for a `TimeZone`; nothing here reads a clock.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace putki {

using Day = std::chrono::sys_days;
using Days = std::chrono::days;
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

/// Elapsed time from `from` to `to` in real days of 86,400 s (fractions kept).
inline double elapsed_days(Timestamp from, Timestamp to) {
  return static_cast<double>((to - from).count()) / 86'400e6;
}

/// `2012-01-13`
std::string to_string(Day day);
/// `2012-01-13T08:15:30Z`, with `.ffffff` when the fraction is not zero
std::string to_string(Timestamp instant);
/// Strict `YYYY-MM-DD`; nothing for anything else, including days that do not exist.
std::optional<Day> parse_day(std::string_view text);

}  // namespace putki
