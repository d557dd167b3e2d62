#pragma once
/// \file
/// Days and instants.
///
/// `Day` is a calendar date without a zone (proleptic Gregorian); `Timestamp` an instant in UTC with microsecond
/// resolution (what PostgreSQL and most exports carry). Which day an instant falls on is a question for a `TimeZone`;
/// nothing here reads a clock or a locale. Everything here may be called from several threads.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace putki {

using Day = std::chrono::sys_days;
using Days = std::chrono::days;
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

/// Elapsed time from `from` to `to` in real days of 86,400 s (fractions kept, negative when `to` is earlier).
inline double elapsed_days(Timestamp from, Timestamp to) {
  return static_cast<double>((to - from).count()) / 86'400e6;
}

/// `2012-01-13`. Years outside 0000..9999 carry a sign, as ISO 8601 wants: `+10000-01-01`, `-0001-12-31`.
std::string to_string(Day day);
/// `2012-01-13T08:15:30Z`, with `.ffffff` before the Z when the fraction is not zero; years as for a Day.
std::string to_string(Timestamp instant);
/// Strict `YYYY-MM-DD`, 5 ns; nothing for anything else, including days that do not exist (`2011-02-29`), signs,
/// blanks and the empty text.
std::optional<Day> parse_day(std::string_view text);

}  // namespace putki
