#include <putki/core/calendar.hpp>
#include <putki/core/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>

namespace putki {
namespace {

constexpr Day kFirstDay{};
constexpr Day kEndDay = std::chrono::year{2100} / 1 / 1;
constexpr int kDays = static_cast<int>((kEndDay - kFirstDay).count());
constexpr std::size_t kFirstWeekday = std::chrono::weekday{kFirstDay}.iso_encoding() - 1;
constexpr std::bitset<7> kSaturdayAndSunday{0b1100000};

// Days since the first covered day, up to and including `limit`.
int covered(Day day, int limit) {
  const auto number = day.time_since_epoch().count();
  if (number < 0 || number > limit) {
    throw InvalidArgument(fmt::format("business calendar asked for {}: {} to {} are covered", to_string(day),
                                      to_string(kFirstDay), to_string(kEndDay - Days{1})));
  }
  return static_cast<int>(number);
}

}  // namespace

// Business days before each covered day, and before the day after the last.
struct BusinessCalendar::Table {
  static_assert(kDays <= std::numeric_limits<std::uint16_t>::max());
  std::array<std::uint16_t, kDays + 1> before;
  std::bitset<7> weekend;
};

BusinessCalendar::BusinessCalendar() = default;

BusinessCalendar::BusinessCalendar(std::bitset<7> weekend, const std::vector<Day>& holidays) {
  if (weekend.none() && holidays.empty()) return;
  std::vector<bool> off(kDays);
  for (int number = 0; number < kDays; ++number) {
    const std::chrono::weekday weekday{kFirstDay + Days{number}};
    off[static_cast<std::size_t>(number)] = weekend[weekday.iso_encoding() - 1];
  }
  for (const Day holiday : holidays) off[static_cast<std::size_t>(covered(holiday, kDays - 1))] = true;
  auto table = std::make_shared<Table>();
  table->weekend.set();
  std::uint16_t count = 0;
  for (std::size_t number = 0; number < off.size(); ++number) {
    table->before[number] = count;
    if (off[number]) continue;
    ++count;
    table->weekend.reset((number + kFirstWeekday) % 7);
  }
  table->before[off.size()] = count;
  table_ = std::move(table);
}

BusinessCalendar BusinessCalendar::weekdays(const std::vector<Day>& holidays) {
  return BusinessCalendar(kSaturdayAndSunday, holidays);
}

bool BusinessCalendar::is_business_day(Day day) const {
  const auto number = static_cast<std::size_t>(covered(day, kDays - 1));
  return !table_ || table_->before[number + 1] != table_->before[number];
}

std::bitset<7> BusinessCalendar::weekend() const {
  return table_ ? table_->weekend : std::bitset<7>{};
}

int BusinessCalendar::business_days_between(Day from, Day to) const {
  const int first = covered(from, kDays);
  const int last = covered(to, kDays);
  if (!table_) return last - first;
  return table_->before[static_cast<std::size_t>(last)] - table_->before[static_cast<std::size_t>(first)];
}

std::span<const std::uint16_t> BusinessCalendar::running_count() const {
  if (!table_) return {};
  return table_->before;
}

Day BusinessCalendar::add_business_days(Day from, int n) const {
  const int first = covered(from, kDays);
  if (n == 0) return from;
  // The day sought is the first (last, when going back) that has this many business days before it.
  const std::int64_t wanted = std::int64_t{n} + (table_ ? table_->before[static_cast<std::size_t>(first)] : first);
  const std::int64_t all = table_ ? table_->before.back() : kDays;
  if (wanted < 0 || wanted > all) {
    throw InvalidArgument(fmt::format("{} business days from {} lead outside the covered days {} to {}", n,
                                      to_string(from), to_string(kFirstDay), to_string(kEndDay - Days{1})));
  }
  if (!table_) return kFirstDay + Days{wanted};
  const auto& before = table_->before;
  const auto found = n > 0 ? std::ranges::lower_bound(before, wanted) : std::ranges::upper_bound(before, wanted) - 1;
  return kFirstDay + Days{found - before.begin()};
}

bool operator==(const BusinessCalendar& a, const BusinessCalendar& b) {
  if (a.table_ == b.table_) return true;
  if (!a.table_ || !b.table_) return false;
  return a.table_->before == b.table_->before;
}

}  // namespace putki
