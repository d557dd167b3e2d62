#include "core/holiday_rules.hpp"

#include <array>

namespace putki::detail {
namespace {

using namespace boost::gregorian;
using Nth = nth_kday_of_month;
using Last = last_kday_of_month;
using On = partial_date;
using Rules = std::vector<HolidayRule>;

// A day given once.
HolidayRule once(std::string_view name, On day, int year) {
  return {name, day, year, year};
}

// Feiertagsgesetze of the Laender, as far as they agree.
Rules germany() {
  return {{"New Year's Day", On(1, Jan)},
          {"Good Friday", FromEaster{-2}},
          {"Easter Monday", FromEaster{1}},
          {"Labour Day", On(1, May)},
          {"Ascension Day", FromEaster{39}},
          {"Whit Monday", FromEaster{50}},
          {"Day of German Unity", On(3, Oct)},
          once("Reformation Day", On(31, Oct), 2017),  // its 500th year
          {"Day of Repentance and Prayer", WeekdayFrom{Wednesday, On(16, Nov)}, 0, 1994},
          {"Christmas Day", On(25, Dec)},
          {"Second Day of Christmas", On(26, Dec)}};
}

Rules denmark() {
  return {{"New Year's Day", On(1, Jan)},          {"Maundy Thursday", FromEaster{-3}},
          {"Good Friday", FromEaster{-2}},         {"Easter Sunday", FromEaster{0}},
          {"Easter Monday", FromEaster{1}},        {"Great Prayer Day", FromEaster{26}, 0, 2023},
          {"Ascension Day", FromEaster{39}},       {"Whit Sunday", FromEaster{49}},
          {"Whit Monday", FromEaster{50}},         {"Christmas Day", On(25, Dec)},
          {"Second Day of Christmas", On(26, Dec)}};
}

// The eves: laki saadettyjen maaraaikain laskemisesta (150/1930), section 5.
Rules finland() {
  return {{"New Year's Day", On(1, Jan)},
          {"Epiphany", On(6, Jan)},
          {"Good Friday", FromEaster{-2}},
          {"Easter Sunday", FromEaster{0}},
          {"Easter Monday", FromEaster{1}},
          {"May Day", On(1, May)},
          {"Ascension Day", FromEaster{39}},
          {"Whit Sunday", FromEaster{49}},
          {"Midsummer Eve", WeekdayFrom{Friday, On(19, Jun)}},
          {"Midsummer Day", WeekdayFrom{Saturday, On(20, Jun)}},
          {"All Saints' Day", WeekdayFrom{Saturday, On(31, Oct)}},
          {"Independence Day", On(6, Dec)},
          {"Christmas Eve", On(24, Dec)},
          {"Christmas Day", On(25, Dec)},
          {"Second Day of Christmas", On(26, Dec)}};
}

// Code du travail, L3133-1.
Rules france() {
  return {{"New Year's Day", On(1, Jan)}, {"Easter Monday", FromEaster{1}},  {"Labour Day", On(1, May)},
          {"Victory Day", On(8, May)},    {"Ascension Day", FromEaster{39}}, {"Whit Monday", FromEaster{50}},
          {"National Day", On(14, Jul)},  {"Assumption", On(15, Aug)},       {"All Saints' Day", On(1, Nov)},
          {"Armistice Day", On(11, Nov)}, {"Christmas Day", On(25, Dec)}};
}

// Banking and Financial Dealings Act 1971, and proclamations: days given once, and days moved to meet them.
Rules england_and_wales() {
  constexpr int kOpen = std::numeric_limits<int>::max();
  constexpr std::string_view kEarlyMay = "Early May bank holiday";
  constexpr std::string_view kSpring = "Spring bank holiday";
  return {{"New Year's Day", On(1, Jan), 0, kOpen, OnWeekend::next_free_weekday},
          {"Good Friday", FromEaster{-2}},
          {"Easter Monday", FromEaster{1}},
          once("Wedding of the Duke of Cambridge", On(29, Apr), 2011),
          {kEarlyMay, Nth(Nth::first, Monday, May), 0, 1994},
          once(kEarlyMay, On(8, May), 1995),  // 50 years of peace
          {kEarlyMay, Nth(Nth::first, Monday, May), 1996, 2019},
          once(kEarlyMay, On(8, May), 2020),  // 75
          {kEarlyMay, Nth(Nth::first, Monday, May), 2021},
          once("Coronation of King Charles III", On(8, May), 2023),
          {kSpring, Last(Monday, May), 0, 2001},
          once("Golden Jubilee", On(3, Jun), 2002),
          once(kSpring, On(4, Jun), 2002),
          {kSpring, Last(Monday, May), 2003, 2011},
          once(kSpring, On(4, Jun), 2012),
          once("Diamond Jubilee", On(5, Jun), 2012),
          {kSpring, Last(Monday, May), 2013, 2021},
          once(kSpring, On(2, Jun), 2022),
          once("Platinum Jubilee", On(3, Jun), 2022),
          {kSpring, Last(Monday, May), 2023},
          {"Summer bank holiday", Last(Monday, Aug)},
          once("State Funeral of Queen Elizabeth II", On(19, Sep), 2022),
          {"Christmas Day", On(25, Dec), 0, kOpen, OnWeekend::next_free_weekday},
          {"Boxing Day", On(26, Dec), 0, kOpen, OnWeekend::next_free_weekday},
          once("Millennium Eve", On(31, Dec), 1999)};
}

Rules netherlands() {
  Rules rules = {{"New Year's Day", On(1, Jan)},
                 {"Easter Sunday", FromEaster{0}},
                 {"Easter Monday", FromEaster{1}},
                 {"Queen's Day", On(30, Apr), 0, 2013, OnWeekend::day_before_sunday},
                 {"King's Day", On(27, Apr), 2014, std::numeric_limits<int>::max(), OnWeekend::day_before_sunday},
                 {"Ascension Day", FromEaster{39}},
                 {"Whit Sunday", FromEaster{49}},
                 {"Whit Monday", FromEaster{50}},
                 {"Christmas Day", On(25, Dec)},
                 {"Second Day of Christmas", On(26, Dec)}};
  for (int year = 1995; year <= 2100; year += 5) rules.push_back(once("Liberation Day", On(5, May), year));
  return rules;
}

Rules norway() {
  return {
      {"New Year's Day", On(1, Jan)},    {"Maundy Thursday", FromEaster{-3}}, {"Good Friday", FromEaster{-2}},
      {"Easter Sunday", FromEaster{0}},  {"Easter Monday", FromEaster{1}},    {"Labour Day", On(1, May)},
      {"Constitution Day", On(17, May)}, {"Ascension Day", FromEaster{39}},   {"Whit Sunday", FromEaster{49}},
      {"Whit Monday", FromEaster{50}},   {"Christmas Day", On(25, Dec)},      {"Second Day of Christmas", On(26, Dec)}};
}

// Lag (1989:253) om allmanna helgdagar; the eves: lag (1930:173) om berakning av lagstadgad tid.
Rules sweden() {
  return {{"New Year's Day", On(1, Jan)},
          {"Epiphany", On(6, Jan)},
          {"Good Friday", FromEaster{-2}},
          {"Easter Sunday", FromEaster{0}},
          {"Easter Monday", FromEaster{1}},
          {"May Day", On(1, May)},
          {"Ascension Day", FromEaster{39}},
          {"Whit Sunday", FromEaster{49}},
          {"Whit Monday", FromEaster{50}, 0, 2004},
          {"National Day", On(6, Jun), 2005},
          {"Midsummer Eve", WeekdayFrom{Friday, On(19, Jun)}},
          {"Midsummer Day", WeekdayFrom{Saturday, On(20, Jun)}},
          {"All Saints' Day", WeekdayFrom{Saturday, On(31, Oct)}},
          {"Christmas Eve", On(24, Dec)},
          {"Christmas Day", On(25, Dec)},
          {"Second Day of Christmas", On(26, Dec)},
          {"New Year's Eve", On(31, Dec)}};
}

// 5 U.S.C. 6103.
Rules united_states() {
  constexpr int kOpen = std::numeric_limits<int>::max();
  constexpr OnWeekend kObserved = OnWeekend::nearest_weekday;
  return {{"New Year's Day", On(1, Jan), 0, kOpen, kObserved},
          {"Birthday of Martin Luther King, Jr.", Nth(Nth::third, Monday, Jan)},
          {"Washington's Birthday", Nth(Nth::third, Monday, Feb)},
          {"Memorial Day", Last(Monday, May)},
          {"Juneteenth", On(19, Jun), 2021, kOpen, kObserved},
          {"Independence Day", On(4, Jul), 0, kOpen, kObserved},
          {"Labor Day", Nth(Nth::first, Monday, Sep)},
          {"Columbus Day", Nth(Nth::second, Monday, Oct)},
          {"Veterans Day", On(11, Nov), 0, kOpen, kObserved},
          {"Thanksgiving Day", Nth(Nth::fourth, Thursday, Nov)},
          {"Christmas Day", On(25, Dec), 0, kOpen, kObserved}};
}

struct Country {
  std::string_view code;
  Rules (*rules)();
};
constexpr std::array<Country, 9> kCountries = {{{"DE", germany},
                                                {"DK", denmark},
                                                {"FI", finland},
                                                {"FR", france},
                                                {"GB", england_and_wales},
                                                {"NL", netherlands},
                                                {"NO", norway},
                                                {"SE", sweden},
                                                {"US", united_states}}};
constexpr std::array<std::string_view, kCountries.size()> kCodes = [] {
  std::array<std::string_view, kCountries.size()> codes{};
  for (std::size_t i = 0; i < codes.size(); ++i) codes[i] = kCountries[i].code;
  return codes;
}();

}  // namespace

std::span<const std::string_view> countries_with_rules() {
  return kCodes;
}

std::vector<HolidayRule> holiday_rules(std::string_view country) {
  for (const Country& one : kCountries) {
    if (one.code == country) return one.rules();
  }
  return {};
}

Date date_in(const DateRule& rule, int year) {
  return std::visit([year](const auto& one) -> Date { return one.get_date(static_cast<unsigned short>(year)); }, rule);
}

// The anonymous Gregorian algorithm, with the letters of Meeus.
Date easter(int year) {
  const int a = year % 19;
  const int b = year / 100, c = year % 100;
  const int d = b / 4, e = b % 4;
  const int f = (b + 8) / 25;
  const int g = (b - f + 1) / 3;
  const int h = (19 * a + b - d - g + 15) % 30;
  const int i = c / 4, k = c % 4;
  const int l = (32 + 2 * e + 2 * i - h - k) % 7;
  const int m = (a + 11 * h + 22 * l) / 451;
  const int n = (h + l - 7 * m + 114) / 31, p = (h + l - 7 * m + 114) % 31;
  return {static_cast<unsigned short>(year), static_cast<unsigned short>(n), static_cast<unsigned short>(p + 1)};
}

}  // namespace putki::detail
