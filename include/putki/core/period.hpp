#pragma once
/// \file
/// Calendar periods: ISO weeks (Monday to Sunday), months, quarters, years, the latter two from a fiscal start month.
/// A period is half-open: `begin` is its first day, `end` the first day after it.

#include <putki/core/time.hpp>

#include <string>
#include <vector>

namespace putki {

enum class PeriodUnit { day, week, month, quarter, year };

struct Period {
  Day begin;
  Day end;
  friend bool operator==(const Period&, const Period&) = default;
};

/// The period that contains `day`. `fiscal_start_month` 1..12 moves quarters and years; InvalidArgument outside it.
Period period_containing(Day day, PeriodUnit unit, unsigned fiscal_start_month = 1);
/// `[begin, end)` cut at period borders; first and last may be partial. Empty when begin >= end.
std::vector<Period> split_into_periods(Day begin, Day end, PeriodUnit unit, unsigned fiscal_start_month = 1);
/// `day|week|month|quarter|year`; InvalidArgument names the text and the allowed words.
PeriodUnit parse_period_unit(std::string_view text);
std::string to_string(PeriodUnit unit);

}  // namespace putki
