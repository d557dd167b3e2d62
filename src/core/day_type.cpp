#include <putki/core/day_type.hpp>
#include <putki/core/error.hpp>

#include <fmt/format.h>

namespace putki {
namespace {

// What a holiday counts as.
int last_of_weekend(std::bitset<7> weekend) {
  for (int weekday = 6; weekday >= 0; --weekday) {
    if (weekend[static_cast<std::size_t>(weekday)]) return weekday;
  }
  return 6;
}

int type_of(Day day, const BusinessCalendar& calendar, std::bitset<7> weekend, int holiday) {
  const unsigned weekday = std::chrono::weekday{day}.iso_encoding() - 1;
  const bool works = calendar.is_business_day(day);  // refuses days not covered
  return works || weekend[weekday] ? static_cast<int>(weekday) : holiday;
}

}  // namespace

int day_type(Day day, const BusinessCalendar& calendar) {
  const std::bitset<7> weekend = calendar.weekend();
  return type_of(day, calendar, weekend, last_of_weekend(weekend));
}

DayTypes::DayTypes(Day begin, Day end, const BusinessCalendar& calendar) : begin_(begin) {
  if (end < begin) {
    throw InvalidArgument(
        fmt::format("day types of {} to {}: the end is before the beginning", to_string(begin), to_string(end)));
  }
  const std::bitset<7> weekend = calendar.weekend();
  const int holiday = last_of_weekend(weekend);
  for (Day day = begin; day < end; day += Days{1}) {
    types_.push_back(static_cast<std::uint8_t>(type_of(day, calendar, weekend, holiday)));
  }
}

int DayTypes::at(Day day) const {
  if (day < begin_ || day >= end()) {
    throw InvalidArgument(fmt::format("day types asked for {}: {} to before {} are laid out", to_string(day),
                                      to_string(begin_), to_string(end())));
  }
  return types_[static_cast<std::size_t>((day - begin_).count())];
}

}  // namespace putki
