#include "ingest/yearly_rule.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/in_quotes.hpp"

namespace putki::detail {
namespace {

namespace chrono = std::chrono;

constexpr int kLargestNumber = 100'000;

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& letter : result)
    if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
  return result;
}

std::vector<std::string_view> split(std::string_view text, char mark) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find(mark);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

/// A whole number with an optional sign; nothing when it is none or far too large.
std::optional<int> number(std::string_view text) {
  if (!text.empty() && text.front() == '+') {
    text.remove_prefix(1);
    if (text.empty() || text.front() == '-') return std::nullopt;
  }
  int value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return std::clamp(value, -kLargestNumber, kLargestNumber);
}

unsigned weekday_of(Day day) {
  return chrono::weekday{day}.iso_encoding();
}

template <class T>
void keep_one_each(std::vector<T>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

/// Adds the named weekdays of [begin, end).
void add_weekdays(std::vector<Day>& days, const YearlyRule::Weekday& wanted, Day begin, Day end) {
  const Day first = begin + Days{(wanted.weekday + 7 - weekday_of(begin)) % 7};
  const Day last = end - Days{1} - Days{(weekday_of(end - Days{1}) + 7 - wanted.weekday) % 7};
  if (wanted.nth == 0)
    for (Day day = first; day < end; day += Days{7}) days.push_back(day);
  const Day nth = wanted.nth > 0 ? first + Days{7 * (wanted.nth - 1)} : last + Days{7 * (wanted.nth + 1)};
  if (wanted.nth != 0 && nth >= begin && nth < end) days.push_back(nth);
}

}  // namespace

std::optional<Day> parse_basic_day(std::string_view text) {
  if (text.size() != 8 || text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  const int digits = number(text.substr(0, 4)).value(), of_year = number(text.substr(4)).value();
  const chrono::year_month_day date{chrono::year{digits}, chrono::month{static_cast<unsigned>(of_year / 100)},
                                    chrono::day{static_cast<unsigned>(of_year % 100)}};
  if (digits < 1 || !date.ok()) return std::nullopt;
  return Day{date};
}

YearlyRule parse_yearly_rule(std::string_view text, const std::function<void(const std::string&)>& refuse) {
  const std::string rule_text = upper(text);
  YearlyRule rule;
  bool yearly = false;
  std::vector<std::string_view> seen;
  for (const std::string_view part : split(rule_text, ';')) {
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos)
      refuse("RRULE " + in_quotes(text) + " has the part " + in_quotes(part) + "; parts are NAME=value");
    const std::string_view name = part.substr(0, equals), value = part.substr(equals + 1);
    const auto wrong = [&](const std::string& allowed) {
      refuse("RRULE " + in_quotes(text) + ": " + std::string(name) + " is " + in_quotes(value) + "; " + allowed);
    };
    if (std::find(seen.begin(), seen.end(), name) != seen.end())
      refuse("RRULE " + in_quotes(text) + " has " + in_quotes(name) + " twice");
    seen.push_back(name);
    // A list of numbers within limits, none of them 0.
    const auto numbers = [&](int least, int most, const std::string& allowed, auto&& add) {
      for (const std::string_view item : split(value, ',')) {
        const std::optional<int> given = number(item);
        if (!given || *given < least || *given > most || *given == 0) wrong(allowed);
        add(*given);
      }
    };
    if (name == "FREQ") {
      if (value != "YEARLY") wrong("only YEARLY is read");
      yearly = true;
    } else if (name == "INTERVAL") {
      numbers(1, kLargestNumber, "a whole number from 1 is needed", [&](int given) { rule.interval = given; });
    } else if (name == "COUNT") {
      numbers(1, kLargestNumber, "a whole number from 1 is needed", [&](int given) { rule.count = given; });
    } else if (name == "UNTIL") {
      rule.until = parse_basic_day(value.substr(0, value.find('T')));
      if (!rule.until) wrong("a day as YYYYMMDD is needed");
    } else if (name == "BYMONTH") {
      numbers(1, 12, "months 1 to 12 are allowed",
              [&](int given) { rule.months.push_back(static_cast<unsigned>(given)); });
    } else if (name == "BYMONTHDAY") {
      numbers(-31, 31, "days 1 to 31 and -31 to -1 are allowed", [&](int given) { rule.month_days.push_back(given); });
    } else if (name == "BYDAY") {
      constexpr std::array<std::string_view, 7> kNames = {"MO", "TU", "WE", "TH", "FR", "SA", "SU"};
      for (const std::string_view item : split(value, ',')) {
        const std::string_view weekday = item.size() < 2 ? item : item.substr(item.size() - 2);
        const auto found = std::find(kNames.begin(), kNames.end(), weekday);
        const std::optional<int> nth = item.size() > 2 ? number(item.substr(0, item.size() - 2)) : 0;
        if (found == kNames.end() || !nth || (item.size() > 2 && *nth == 0) || *nth < -53 || *nth > 53)
          wrong("weekdays such as MO, 1MO or -1FR are allowed");
        rule.weekdays.push_back({*nth, static_cast<unsigned>(found - kNames.begin()) + 1});
      }
    } else if (name != "WKST") {  // the week's first day matters to rules of weeks alone
      refuse("RRULE " + in_quotes(text) + " has " + in_quotes(name) +
             "; read are FREQ=YEARLY, INTERVAL, COUNT, UNTIL, BYMONTH, BYMONTHDAY, BYDAY");
    }
  }
  if (!yearly) refuse("RRULE " + in_quotes(text) + " has no FREQ; FREQ=YEARLY is needed");
  if (rule.count && rule.until) refuse("RRULE " + in_quotes(text) + " has both COUNT and UNTIL; one is allowed");
  const bool numbered =
      std::any_of(rule.weekdays.begin(), rule.weekdays.end(), [](const auto& weekday) { return weekday.nth != 0; });
  if (numbered && !rule.month_days.empty())
    refuse("RRULE " + in_quotes(text) + " has BYMONTHDAY and numbered weekdays; one of them is allowed");
  keep_one_each(rule.months);
  keep_one_each(rule.month_days);
  keep_one_each(rule.weekdays);
  return rule;
}

std::size_t YearlyRule::work_a_year() const {
  return std::max<std::size_t>(months.size(), 12) * std::max<std::size_t>(month_days.size() + weekdays.size(), 1);
}

std::vector<Day> YearlyRule::days_of(int of_year, Day start) const {
  const chrono::year_month_day first{start};
  const chrono::year this_year{of_year};
  std::vector<Day> days;
  const auto is_weekday = [&](Day day) {
    return weekdays.empty() || std::any_of(weekdays.begin(), weekdays.end(),
                                           [&](const Weekday& wanted) { return wanted.weekday == weekday_of(day); });
  };
  if (!weekdays.empty() && month_days.empty() && months.empty()) {
    for (const Weekday& wanted : weekdays)
      add_weekdays(days, wanted, Day{this_year / 1 / 1}, Day{this_year / 12 / 31} + Days{1});
  } else {
    std::vector<unsigned> in_months = months;
    if (in_months.empty() && month_days.empty()) in_months = {static_cast<unsigned>(first.month())};
    if (in_months.empty())
      for (unsigned month = 1; month <= 12; ++month) in_months.push_back(month);
    for (const unsigned month : in_months) {
      const chrono::month in_month{month};
      const Day begin{this_year / in_month / 1};
      const int length = static_cast<int>(
          static_cast<unsigned>(chrono::year_month_day_last{this_year / in_month / chrono::last}.day()));
      if (!weekdays.empty() && month_days.empty()) {
        for (const Weekday& wanted : weekdays) add_weekdays(days, wanted, begin, begin + Days{length});
        continue;
      }
      std::vector<int> numbers = month_days;
      if (numbers.empty()) numbers = {static_cast<int>(static_cast<unsigned>(first.day()))};
      for (const int given : numbers) {
        const int of_month = given > 0 ? given : length + 1 + given;
        if (of_month < 1 || of_month > length) continue;
        const Day day = begin + Days{of_month - 1};
        if (is_weekday(day)) days.push_back(day);
      }
    }
  }
  keep_one_each(days);
  return days;
}

}  // namespace putki::detail
