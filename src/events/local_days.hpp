#pragma once
// The local day of many instants. A zone keeps its offset for months, so the offset is looked up once per UTC day and
// remembered; only on days that contain a change does each instant ask the zone.

#include <putki/events/event_log.hpp>

#include <vector>

namespace putki {

inline constexpr std::int64_t kMicrosecondsADay = 86'400'000'000;
inline constexpr DayNumber kFirstDay = 0;      // 1970-01-01
inline constexpr DayNumber kLastDay = 47'481;  // 2099-12-31

class LocalDays {
 public:
  explicit LocalDays(const TimeZone& zone) : zone_(zone), offsets_(kLastDay + 3, kUnknown) {}

  // Out of range (day before 1970 or after 2099): kNoDay.
  DayNumber day_of(Timestamp instant) {
    const std::int64_t since_epoch = instant.time_since_epoch().count();
    if (since_epoch < -kMicrosecondsADay || since_epoch >= (kLastDay + 2) * kMicrosecondsADay) return kNoDay;
    // Shifted by a day so that the division is of a non-negative number.
    const auto utc_day = static_cast<std::size_t>((since_epoch + kMicrosecondsADay) / kMicrosecondsADay);
    std::int64_t offset = offsets_[utc_day];
    if (offset >= kUnknown) [[unlikely]] {
      if (offset == kUnknown) offset = offsets_[utc_day] = look_up(utc_day);
      if (offset == kChanges) return in_range(day_number(zone_.day_of(instant)));
    }
    const std::int64_t local = since_epoch + offset * 1'000'000 + 2 * kMicrosecondsADay;
    return in_range(static_cast<DayNumber>(local / kMicrosecondsADay) - 2);
  }

  bool is_start_of_day(Timestamp instant, DayNumber day) const { return instant == zone_.start_of(to_day(day)); }

 private:
  static constexpr std::int32_t kUnknown = 1'000'000;  // seconds; no offset is that large
  static constexpr std::int32_t kChanges = 1'000'001;

  static DayNumber in_range(DayNumber day) { return day < kFirstDay || day > kLastDay ? kNoDay : day; }

  std::int32_t look_up(std::size_t shifted_day) const {
    const Timestamp begin{std::chrono::microseconds{(static_cast<std::int64_t>(shifted_day) - 1) * kMicrosecondsADay}};
    const auto first = zone_.offset_at(begin);
    const auto last = zone_.offset_at(begin + std::chrono::microseconds{kMicrosecondsADay - 1});
    return first == last ? static_cast<std::int32_t>(first.count()) : kChanges;
  }

  TimeZone zone_;
  std::vector<std::int32_t> offsets_;
};

}  // namespace putki
