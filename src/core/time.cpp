#include <putki/core/time.hpp>

#include <fmt/format.h>

#include <cstdint>
#include <cstdlib>

namespace putki {
namespace {

struct CivilDate {
  std::int64_t year;
  unsigned month;
  unsigned day;
};

// Hinnant, "chrono-Compatible Low-Level Date Algorithms". In 64 bits, since a Timestamp reaches the year 294,247 and
// std::chrono::year stops at 32,767.
CivilDate civil_date(std::int64_t days_since_1970) {
  const std::int64_t days = days_since_1970 + 719'468;  // since 0000-03-01
  const std::int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  const auto day_of_era = static_cast<unsigned>(days - era * 146'097);
  const unsigned year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned shifted_month = (5 * day_of_year + 2) / 153;  // March is 0
  const unsigned month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  const std::int64_t year = static_cast<std::int64_t>(year_of_era) + era * 400 + (month <= 2 ? 1 : 0);
  return {year, month, day_of_year - (153 * shifted_month + 2) / 5 + 1};
}

// The number that `digits` spells, or -1.
int digits_value(std::string_view digits) {
  int value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return -1;
    value = 10 * value + (c - '0');
  }
  return value;
}

}  // namespace

std::string to_string(Day day) {
  const CivilDate date = civil_date(day.time_since_epoch().count());
  const char* sign = date.year < 0 ? "-" : date.year > 9999 ? "+" : "";
  return fmt::format("{}{:04}-{:02}-{:02}", sign, std::llabs(date.year), date.month, date.day);
}

std::string to_string(Timestamp instant) {
  constexpr std::chrono::microseconds day_length = Days{1};
  // Not floor<Days>, which overflows on the first day of Timestamp's range.
  Day day{Days{instant.time_since_epoch() / day_length}};
  std::chrono::microseconds since_midnight = instant.time_since_epoch() % day_length;
  if (since_midnight.count() < 0) {
    since_midnight += day_length;
    day -= Days{1};
  }
  const std::chrono::hh_mm_ss time{since_midnight};
  const auto fraction = time.subseconds().count();
  return fmt::format("{}T{:02}:{:02}:{:02}{}Z", to_string(day), time.hours().count(), time.minutes().count(),
                     time.seconds().count(), fraction == 0 ? "" : fmt::format(".{:06}", fraction));
}

std::optional<Day> parse_day(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const int year = digits_value(text.substr(0, 4));
  const int month = digits_value(text.substr(5, 2));
  const int day = digits_value(text.substr(8, 2));
  if (year < 0 || month < 0 || day < 0) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return std::nullopt;
  return Day{date};
}

}  // namespace putki
