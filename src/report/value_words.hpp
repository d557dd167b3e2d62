#pragma once
// What the figures of customers say.

#include <putki/report/value_report.hpp>

#include "report/number_format.hpp"
#include "report/texts.hpp"

#include <algorithm>
#include <string>

namespace putki {

class ValueWords {
 public:
  const CustomerValueReport& report;
  Language language;
  NumberFormat format;

  std::string say(std::string_view key, std::initializer_list<std::string_view> values = {}) const {
    return text(language, "value." + std::string(key), values);
  }
  std::string count(double number) const { return format.number(number); }
  // 12.3, and 1,234
  std::string some(double number) const { return format.number(number, number < 100 ? 1 : 0); }
  // `weeks`, `4-week periods`: units of the model's time, for headings.
  std::string units() const { return of_unit("units", ""); }
  // `1 week`, `3 weeks`
  std::string span(double units) const { return of_unit(units == 1 ? "span_one" : "span", count(units)); }

 private:
  std::string of_unit(const std::string& form, const std::string& number) const {
    const std::string& unit = report.time_unit;
    for (const char* known : {"day", "week", "month", "quarter", "year"})
      if (unit == known) return say(form + "." + unit, {number});
    const std::size_t digits = unit.find_first_not_of("0123456789");
    const std::string kind = unit.substr(std::min(digits, unit.size())),
                      length = unit.substr(0, unit.size() - kind.size());
    if (!length.empty() && kind == "-week period") return say(form + ".weeks_long", {number, length});
    if (!length.empty() && kind == "-day period") return say(form + ".days_long", {number, length});
    return number.empty() ? unit : number + " " + unit;  // a word of the report's maker
  }
};

}  // namespace putki
