#include "ingest/calendar_json.hpp"

#include <putki/core/holidays.hpp>
#include <putki/ingest/icalendar.hpp>

#include <algorithm>
#include <array>
#include <iterator>

namespace putki::detail {
namespace {

constexpr std::array<std::string_view, 7> kWeekdays = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                       "Friday", "Saturday", "Sunday"};
constexpr std::bitset<7> kSaturdayAndSunday{0b1100000};
constexpr Day kFirstDay{};
constexpr Day kEndDay = std::chrono::year{2100} / 1 / 1;

std::bitset<7> read_weekend(const JsonValue& list) {
  std::bitset<7> weekend;
  for (const JsonValue& value : list.items())
    weekend.set(value.choice<std::size_t>({{kWeekdays[0], 0},
                                           {kWeekdays[1], 1},
                                           {kWeekdays[2], 2},
                                           {kWeekdays[3], 3},
                                           {kWeekdays[4], 4},
                                           {kWeekdays[5], 5},
                                           {kWeekdays[6], 6}}));
  if (weekend.all()) list.refuse("has all seven weekdays; at least one must be worked");
  return weekend;
}

Day read_day(const JsonValue& value) {
  const std::optional<Day> day = parse_day(value.text());
  if (!day) value.refuse_value("a day as \"YYYY-MM-DD\" is needed");
  if (*day < kFirstDay || *day >= kEndDay) value.refuse_value("days of 1970 to 2099 are allowed");
  return *day;
}

std::vector<Day> holidays_of(std::string_view country) {
  std::vector<Day> days;
  for (int year = kFirstHolidayYear; year <= kLastHolidayYear; ++year)
    for (const Holiday& holiday : public_holidays(country, year)) days.push_back(holiday.day);
  return days;
}

bool is_in(std::bitset<7> weekend, Day day) {
  return weekend[std::chrono::weekday{day}.iso_encoding() - 1];
}

}  // namespace

BusinessCalendar read_calendar(const JsonValue& object, const std::filesystem::path* folder) {
  object.only_keys({"country", "weekend", "holidays", "ics"});
  std::vector<Day> holidays;
  if (const auto given = object.member("country")) {
    const std::span<const std::string_view> countries = holiday_countries();
    const std::string country = given->text();
    if (std::ranges::find(countries, country) == countries.end())
      given->refuse_choice(country, {countries.begin(), countries.end()});
    holidays = holidays_of(country);
  }
  std::bitset<7> weekend = kSaturdayAndSunday;
  if (const auto given = object.member("weekend")) weekend = read_weekend(*given);
  if (const auto given = object.member("holidays"))
    for (const JsonValue& value : given->items()) holidays.push_back(read_day(value));
  if (const auto given = object.member("ics")) {
    const std::string name = given->text();
    if (name.empty()) given->refuse("is empty; the name of an iCalendar file is needed");
    if (name.find('\0') != std::string::npos) given->refuse_value("the name of an iCalendar file is needed");
    if (folder == nullptr)
      given->refuse("names a file beside the definition's own; this definition was not read from a file");
    const std::vector<Day> days = read_icalendar_days_off(*folder / std::u8string(name.begin(), name.end()));
    holidays.insert(holidays.end(), days.begin(), days.end());
  }
  return BusinessCalendar(weekend, holidays);
}

nlohmann::ordered_json calendar_json(const BusinessCalendar& calendar) {
  const std::bitset<7> weekend = calendar.weekend();
  std::vector<Day> off;
  for (Day day = kFirstDay; day < kEndDay; day += Days{1})
    if (!calendar.is_business_day(day) && !is_in(weekend, day)) off.push_back(day);

  std::string_view country;
  std::vector<Day> unexplained = off;
  for (const std::string_view candidate : holiday_countries()) {
    std::vector<Day> holidays = holidays_of(candidate);
    std::erase_if(holidays, [&](Day day) { return is_in(weekend, day); });
    holidays.erase(std::unique(holidays.begin(), holidays.end()), holidays.end());
    if (!std::ranges::includes(off, holidays) || off.size() - holidays.size() >= unexplained.size()) continue;
    country = candidate;
    unexplained.clear();
    std::ranges::set_difference(off, holidays, std::back_inserter(unexplained));
  }

  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  if (!country.empty()) json["country"] = country;
  json["weekend"] = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < kWeekdays.size(); ++i)
    if (weekend[i]) json["weekend"].push_back(kWeekdays[i]);
  if (unexplained.empty()) return json;
  json["holidays"] = nlohmann::ordered_json::array();
  for (const Day day : unexplained) json["holidays"].push_back(to_string(day));
  return json;
}

}  // namespace putki::detail
