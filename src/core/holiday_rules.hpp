#pragma once
// The rules of law by which a country's public holidays fall.

#include <boost/date_time/gregorian/gregorian_types.hpp>

#include <limits>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

namespace putki::detail {

using Date = boost::gregorian::date;

Date easter(int year);

// Days from Easter Sunday.
struct FromEaster {
  int days;
  Date get_date(int year) const { return easter(year) + boost::gregorian::days(days); }
};

// The weekday on or next after a day of the year.
struct WeekdayFrom {
  boost::gregorian::greg_weekday weekday;
  boost::gregorian::partial_date from;
  Date get_date(int year) const {
    return boost::gregorian::first_kday_after(weekday).get_date(from.get_date(static_cast<unsigned short>(year)) -
                                                                boost::gregorian::days(1));
  }
};

using DateRule = std::variant<boost::gregorian::partial_date, boost::gregorian::nth_kday_of_month,
                              boost::gregorian::last_kday_of_month, FromEaster, WeekdayFrom>;

Date date_in(const DateRule& rule, int year);

// What becomes of a holiday on a Saturday or Sunday.
enum class OnWeekend {
  stays,
  next_free_weekday,  // and the next weekday that is no holiday itself is one
  nearest_weekday,    // and the Friday before, or the Monday after, is one
  day_before_sunday,  // a Sunday's is the Saturday instead
};

struct HolidayRule {
  std::string_view name;
  DateRule rule;
  int since = 0;  // years
  int until = std::numeric_limits<int>::max();
  OnWeekend on_weekend = OnWeekend::stays;
};

// In alphabetical order.
std::span<const std::string_view> countries_with_rules();
// Empty for a country without rules.
std::vector<HolidayRule> holiday_rules(std::string_view country);

}  // namespace putki::detail
