#pragma once
// The yearly recurrence rules of iCalendar (RFC 5545, section 3.3.10).

#include <putki/core/time.hpp>

#include <compare>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace putki::detail {

struct YearlyRule {
  struct Weekday {
    int nth;           // 0: every one; below 0: from the end
    unsigned weekday;  // ISO: 1 = Monday
    friend auto operator<=>(const Weekday&, const Weekday&) = default;
  };
  int interval = 1;
  std::optional<int> count = std::nullopt;
  std::optional<Day> until = std::nullopt;  // the last day that may be one
  std::vector<unsigned> months = {};
  std::vector<int> month_days = {};
  std::vector<Weekday> weekdays = {};

  /// About how many steps days_of takes.
  std::size_t work_a_year() const;
  /// The days of one year, ascending, each once; `start` gives what the rule leaves open.
  std::vector<Day> days_of(int year, Day start) const;
};

/// Eight digits that are a day of the years 1 to 9999.
std::optional<Day> parse_basic_day(std::string_view text);

/// The rule, or what is wrong with it through `refuse`, which throws.
YearlyRule parse_yearly_rule(std::string_view text, const std::function<void(const std::string&)>& refuse);

}  // namespace putki::detail
