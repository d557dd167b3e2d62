#pragma once
/// \file
/// Calendar periods: days, ISO weeks (Monday to Sunday), months, quarters, years, the latter two from a fiscal start
/// month.
///
/// A period is half-open: `begin` is its first day, `end` the first day after it. Days are local calendar days; a
/// `TimeZone` makes instants of them. All functions are pure, take a few ns per period, and throw InvalidArgument for
/// days outside the years 1 to 9999.

#include <putki/core/time.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace putki {

enum class PeriodUnit { day, week, month, quarter, year };

struct Period {
  Day begin;  ///< first day
  Day end;    ///< first day after
  friend bool operator==(const Period&, const Period&) = default;
};

/// The period that contains `day`. `fiscal_start_month` 1..12 is the month in which a year begins, and so moves years
/// and the quarters in them (4: years from 1 April; 2: quarters from 1 February, May, August, November); the other
/// units do not heed it. InvalidArgument outside 1..12.
Period period_containing(Day day, PeriodUnit unit, unsigned fiscal_start_month = 1);

/// `[begin, end)` cut at period borders, in order; the first and last may be partial. Empty when begin >= end.
std::vector<Period> split_into_periods(Day begin, Day end, PeriodUnit unit, unsigned fiscal_start_month = 1);

/// `day|week|month|quarter|year`; InvalidArgument names the text and the allowed words.
PeriodUnit parse_period_unit(std::string_view text);
/// The word that `parse_period_unit` reads.
std::string to_string(PeriodUnit unit);

}  // namespace putki
