#include <putki/core/error.hpp>
#include <putki/core/period.hpp>

#include "core/in_quotes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace putki {
namespace {

constexpr std::array kUnitNames{"day", "week", "month", "quarter", "year"};

void check_day(Day day) {
  using namespace std::chrono;
  if (day < Day{year{1} / 1 / 1} || day > Day{year{9999} / 12 / 31}) {
    throw InvalidArgument("no period of day " + to_string(day) + ": years 1 to 9999 are allowed");
  }
}

// The `length` months that contain `day`, counted from the fiscal start month.
Period months_containing(Day day, int length, unsigned fiscal_start_month) {
  using namespace std::chrono;
  const year_month_day date{day};
  const int months_into_year =
      (static_cast<int>(static_cast<unsigned>(date.month())) + 12 - static_cast<int>(fiscal_start_month)) % 12;
  const year_month first = date.year() / date.month() - months{months_into_year % length};
  return {Day{first / 1}, Day{(first + months{length}) / 1}};
}

}  // namespace

Period period_containing(Day day, PeriodUnit unit, unsigned fiscal_start_month) {
  check_day(day);
  if (fiscal_start_month < 1 || fiscal_start_month > 12) {
    throw InvalidArgument(fmt::format("fiscal start month {}: 1 to 12 are allowed", fiscal_start_month));
  }
  switch (unit) {
    case PeriodUnit::day:
      break;
    case PeriodUnit::week: {
      const Day monday = day - (std::chrono::weekday{day} - std::chrono::Monday);
      return {monday, monday + Days{7}};
    }
    case PeriodUnit::month:
      return months_containing(day, 1, 1);
    case PeriodUnit::quarter:
      return months_containing(day, 3, fiscal_start_month);
    case PeriodUnit::year:
      return months_containing(day, 12, fiscal_start_month);
  }
  return {day, day + Days{1}};
}

std::vector<Period> split_into_periods(Day begin, Day end, PeriodUnit unit, unsigned fiscal_start_month) {
  std::vector<Period> periods;
  while (begin < end) {
    const Day next = std::min(end, period_containing(begin, unit, fiscal_start_month).end);
    periods.push_back({begin, next});
    begin = next;
  }
  return periods;
}

PeriodUnit parse_period_unit(std::string_view text) {
  const auto name = std::ranges::find(kUnitNames, text);
  if (name == kUnitNames.end()) {
    throw InvalidArgument("period " + detail::in_quotes(text) + " is none of day, week, month, quarter, year");
  }
  return static_cast<PeriodUnit>(name - kUnitNames.begin());
}

std::string to_string(PeriodUnit unit) {
  return kUnitNames.at(static_cast<std::size_t>(unit));
}

}  // namespace putki
