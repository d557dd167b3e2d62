#pragma once
/// \file
/// What kind of day a day is: the rhythm of the week with public holidays in it.
///
/// Seven types, 0 = Monday .. 6 = Sunday. A day off that is none by its weekday (a public holiday on a Tuesday) counts
/// as the last day of the weekend: 6, Sunday, on every calendar whose weekend ends on Sunday or that has no weekend at
/// all; 5 where Friday and Saturday are off and Sunday is worked. A weekend day keeps its own type, holiday or not: a
/// Saturday is a Saturday. So a calendar without holidays gives the plain weekdays, worked or not.
///
/// Days are local calendar days within the span that BusinessCalendar covers (1970 .. 2099); others throw
/// InvalidArgument. Values; safe to read from several threads. Cost: day_type 5 ns, DayTypes a byte and 5 ns a day to
/// lay out and then 1 ns a question.

#include <putki/core/calendar.hpp>

#include <cstdint>
#include <span>
#include <vector>

namespace putki {

inline constexpr int kDayTypes = 7;

/// 0 .. 6.
int day_type(Day day, const BusinessCalendar& calendar);

/// The types of the days of [begin, end), laid out once for a model that asks often. Default: of no days.
class DayTypes {
 public:
  DayTypes() = default;
  /// InvalidArgument when end < begin or a day is not covered.
  DayTypes(Day begin, Day end, const BusinessCalendar& calendar);

  Day begin() const { return begin_; }
  Day end() const { return begin_ + Days{types_.size()}; }
  /// InvalidArgument when the day is outside [begin, end).
  int at(Day day) const;
  /// One byte a day from begin(): types()[i] is that of begin() + Days{i}.
  std::span<const std::uint8_t> types() const { return types_; }

  friend bool operator==(const DayTypes&, const DayTypes&) = default;

 private:
  Day begin_{};
  std::vector<std::uint8_t> types_;
};

}  // namespace putki
