#include <putki/core/error.hpp>
#include <putki/core/holidays.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/holiday_rules.hpp"
#include "core/in_quotes.hpp"

namespace putki {
namespace {

using detail::HolidayRule;
using detail::OnWeekend;

Day to_day(const detail::Date& date) {
  return std::chrono::year{date.year()} / static_cast<int>(date.month()) / static_cast<int>(date.day());
}

bool is_weekend(Day day) {
  return std::chrono::weekday{day}.iso_encoding() >= 6;
}

std::vector<HolidayRule> rules_of(std::string_view country) {
  std::vector<HolidayRule> rules = detail::holiday_rules(country);
  if (rules.empty()) {
    throw InvalidArgument(fmt::format("no holiday rules for country {}; known are {}", detail::in_quotes(country),
                                      fmt::join(detail::countries_with_rules(), ", ")));
  }
  return rules;
}

void check_year(int year) {
  if (year < kFirstHolidayYear || year > kLastHolidayYear) {
    throw InvalidArgument(
        fmt::format("holidays of the year {}; allowed: {} to {}", year, kFirstHolidayYear, kLastHolidayYear));
  }
}

// The holidays by the rules for `year`, of which an observed day may fall into the year before.
std::vector<Holiday> by_rules_for(const std::vector<HolidayRule>& rules, int year) {
  std::vector<Holiday> holidays;
  std::vector<std::pair<std::size_t, OnWeekend>> on_weekend;  // of holidays
  std::set<Day> taken;
  for (const HolidayRule& rule : rules) {
    if (year < rule.since || year > rule.until) continue;
    Day day = to_day(detail::date_in(rule.rule, year));
    if (rule.on_weekend == OnWeekend::day_before_sunday && std::chrono::weekday{day} == std::chrono::Sunday)
      day -= Days{1};
    if (is_weekend(day)) on_weekend.emplace_back(holidays.size(), rule.on_weekend);
    taken.insert(day);
    holidays.push_back({day, std::string(rule.name)});
  }
  for (const auto& [i, substitute] : on_weekend) {
    const Holiday holiday = holidays[i];
    Day day = holiday.day;
    if (substitute == OnWeekend::next_free_weekday) {
      while (is_weekend(day) || taken.contains(day)) day += Days{1};
      taken.insert(day);
      holidays.push_back({day, holiday.name + " (substitute day)"});
    } else if (substitute == OnWeekend::nearest_weekday) {
      day += std::chrono::weekday{day} == std::chrono::Saturday ? Days{-1} : Days{1};
      holidays.push_back({day, holiday.name + " (observed)"});
    }
  }
  return holidays;
}

std::vector<Holiday> holidays_in(const std::vector<HolidayRule>& rules, int year) {
  std::vector<Holiday> holidays = by_rules_for(rules, year);
  const std::vector<Holiday> next = by_rules_for(rules, year + 1);
  holidays.insert(holidays.end(), next.begin(), next.end());
  std::erase_if(holidays, [year](const Holiday& holiday) {
    return std::chrono::year_month_day{holiday.day}.year() != std::chrono::year{year};
  });
  std::ranges::stable_sort(holidays, {}, &Holiday::day);
  return holidays;
}

}  // namespace

std::span<const std::string_view> holiday_countries() {
  return detail::countries_with_rules();
}

std::vector<Holiday> public_holidays(std::string_view country, int year) {
  const std::vector<HolidayRule> rules = rules_of(country);
  check_year(year);
  return holidays_in(rules, year);
}

Day easter_sunday(int year) {
  if (year < 1583 || year > 9999)
    throw InvalidArgument(fmt::format("Easter of the year {}; allowed: 1583 to 9999", year));
  return to_day(detail::easter(year));
}

BusinessCalendar business_calendar(std::string_view country, int first_year, int last_year) {
  const std::vector<HolidayRule> rules = rules_of(country);
  check_year(first_year);
  check_year(last_year);
  if (last_year < first_year) {
    throw InvalidArgument(
        fmt::format("business calendar from {} to {}: the last year is before the first", first_year, last_year));
  }
  std::vector<Day> days;
  for (int year = first_year; year <= last_year; ++year) {
    for (const Holiday& holiday : holidays_in(rules, year)) days.push_back(holiday.day);
  }
  return BusinessCalendar::weekdays(days);
}

}  // namespace putki
