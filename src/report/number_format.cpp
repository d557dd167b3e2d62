#include "report/number_format.hpp"

#include <putki/core/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace putki {
namespace {

constexpr const char* kNoBreak = "\u00A0";

struct LocaleMarks {
  std::string_view name, decimal, thousands;
  bool currency_first;
};
constexpr std::array<LocaleMarks, 6> kLocales = {{{"de-DE", ",", ".", false},
                                                  {"en-GB", ".", ",", true},
                                                  {"en-US", ".", ",", true},
                                                  {"fi-FI", ",", kNoBreak, false},
                                                  {"fr-FR", ",", "\u202F", false},
                                                  {"sv-SE", ",", kNoBreak, false}}};

constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

const LocaleMarks& marks_of(std::string_view name) {
  std::string allowed;
  for (const LocaleMarks& marks : kLocales) {
    if (marks.name == name) return marks;
    allowed += (allowed.empty() ? "" : ", ") + std::string(marks.name);
  }
  throw InvalidArgument(fmt::format("locale is '{}'; allowed are {}", name, allowed));
}

Json words(std::initializer_list<const char*> list) {
  Json array = Json::array();
  for (const char* word : list) array.push_back(word);
  return array;
}

Json time_locale(Language language) {
  if (language == Language::finnish)
    return {{"dateTime", "%A %-d.%-m.%Y klo %H.%M"},
            {"date", "%-d.%-m.%Y"},
            {"time", "%H.%M"},
            {"periods", words({"ap.", "ip."})},
            {"days", words({"sunnuntai", "maanantai", "tiistai", "keskiviikko", "torstai", "perjantai", "lauantai"})},
            {"shortDays", words({"su", "ma", "ti", "ke", "to", "pe", "la"})},
            {"months", words({"tammikuu", "helmikuu", "maaliskuu", "huhtikuu", "toukokuu", "kesäkuu", "heinäkuu",
                              "elokuu", "syyskuu", "lokakuu", "marraskuu", "joulukuu"})},
            {"shortMonths", words({"tammi", "helmi", "maalis", "huhti", "touko", "kesä", "heinä", "elo", "syys", "loka",
                                   "marras", "joulu"})}};
  return {{"dateTime", "%A %-d %B %Y %H:%M"},
          {"date", "%-d %b %Y"},
          {"time", "%H:%M"},
          {"periods", words({"AM", "PM"})},
          {"days", words({"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"})},
          {"shortDays", words({"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"})},
          {"months", words({"January", "February", "March", "April", "May", "June", "July", "August", "September",
                            "October", "November", "December"})},
          {"shortMonths", words({"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"})}};
}

}  // namespace

void check_figure_options(const FigureOptions& options) {
  static_cast<void>(NumberFormat(options));
}

NumberFormat::NumberFormat(const FigureOptions& options) : language_(options.language) {
  const bool finnish = options.language == Language::finnish;
  const LocaleMarks& marks = marks_of(options.locale.empty() ? (finnish ? "fi-FI" : "en-US") : options.locale);
  decimal_ = marks.decimal;
  thousands_ = marks.thousands;
  percent_ = kNoBreak + std::string("%");
  if (options.currency.empty()) return;
  // A code is set off from the number, a sign before it is not.
  const bool is_code = options.currency.size() > 1 && static_cast<unsigned char>(options.currency.front()) < 0x80;
  if (marks.currency_first)
    prefix_ = options.currency + (is_code ? kNoBreak : "");
  else
    suffix_ = kNoBreak + options.currency;
}

std::string NumberFormat::number(double value, int decimals) const {
  if (!std::isfinite(value)) return "–";
  // Halves go away from zero here; printing alone would send them to the even digit.
  const double scale = std::pow(10, decimals), whole = std::round(std::abs(value) * scale);
  std::string digits = fmt::format("{:.{}f}", whole < 0x1p52 ? whole / scale : std::abs(value), decimals);
  const bool is_zero = std::none_of(digits.begin(), digits.end(), [](char c) { return c > '0' && c <= '9'; });
  const std::size_t point = std::min(digits.find('.'), digits.size());
  std::string text = value < 0 && !is_zero ? "-" : "";
  for (std::size_t i = 0; i < point; ++i) {
    if (i > 0 && (point - i) % 3 == 0) text += thousands_;
    text += digits[i];
  }
  if (point < digits.size()) text += decimal_ + digits.substr(point + 1);
  return text;
}

std::string NumberFormat::money(double value, int decimals) const {
  if (!std::isfinite(value)) return "–";
  const std::string text = number(value, decimals);
  return text.front() == '-' ? '-' + prefix_ + text.substr(1) + suffix_ : prefix_ + text + suffix_;
}

std::string NumberFormat::share(double value, int decimals) const {
  return std::isfinite(value) ? number(100 * value, decimals) + percent_ : "–";
}

std::string NumberFormat::day(Day day) const {
  const std::chrono::year_month_day date(day);
  const int year = static_cast<int>(date.year());
  const unsigned month = static_cast<unsigned>(date.month()), of_month = static_cast<unsigned>(date.day());
  if (language_ == Language::finnish) return fmt::format("{}.{}.{}", of_month, month, year);
  return fmt::format("{} {} {}", of_month, kMonths[month - 1], year);
}

std::string NumberFormat::day_of_year(Day day) const {
  const std::chrono::year_month_day date(day);
  const unsigned month = static_cast<unsigned>(date.month()), of_month = static_cast<unsigned>(date.day());
  if (language_ == Language::finnish) return fmt::format("{}.{}.", of_month, month);
  return fmt::format("{} {}", of_month, kMonths[month - 1]);
}

std::string NumberFormat::period(const Period& period, bool short_days) const {
  const auto name = [&](Day day) { return short_days ? day_of_year(day) : NumberFormat::day(day); };
  const Day last = period.end - Days(1);
  return last <= period.begin ? name(period.begin) : name(period.begin) + " – " + name(last);
}

std::string NumberFormat::cell(const FigureCell& cell) const {
  if (cell.kind == FigureCell::Kind::text) return cell.text;
  if (!cell.number) return "–";
  const double value = *cell.number;
  switch (cell.kind) {
    case FigureCell::Kind::money:
      return money(value);
    case FigureCell::Kind::share:
      return share(value);
    case FigureCell::Kind::days:
      return number(value, 1);
    case FigureCell::Kind::day:
      return day(Day(Days(static_cast<int>(value))));
    case FigureCell::Kind::number: {
      const double size = std::abs(value);
      return number(value, size >= 100 || size == 0 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : size >= 0.1 ? 3 : 5);
    }
    default:
      return number(value, value == std::floor(value) ? 0 : 1);
  }
}

Json NumberFormat::vega_locale() const {
  return {{"number",
           {{"decimal", decimal_},
            {"thousands", thousands_},
            {"grouping", Json::array({3})},
            {"currency", Json::array({prefix_, suffix_})},
            {"percent", percent_}}},
          {"time", time_locale(language_)}};
}

}  // namespace putki
