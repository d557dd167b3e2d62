#pragma once
// Names of calendar periods where there is little room: 2012-01, 2012 Q1, 2012, and a week or day by its first day.

#include <putki/core/period.hpp>
#include <putki/core/time.hpp>

#include <string>

namespace putki {

inline std::string period_label(const Period& period, PeriodUnit unit) {
  const std::string begin = to_string(period.begin);
  const std::string year = begin.substr(0, begin.size() - 6);
  if (unit == PeriodUnit::month) return begin.substr(0, begin.size() - 3);
  if (unit == PeriodUnit::year) return year;
  if (unit != PeriodUnit::quarter) return begin;
  const unsigned month = static_cast<unsigned>(std::chrono::year_month_day(period.begin).month());
  return year + " Q" + std::to_string((month + 2) / 3);
}

}  // namespace putki
