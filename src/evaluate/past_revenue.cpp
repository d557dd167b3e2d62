#include "evaluate/past_revenue.hpp"

#include <algorithm>
#include <limits>

namespace putki {

PastRevenue::PastRevenue(const AsOf& view) : until_(1) {
  // A window (t, t + H] holds its end and not its begin: the first instant of a day belongs to the day before. So do
  // all records of a date-only log, whose days then are known as a whole.
  const TimeZone& zone = view.log().time_zone();
  const auto day_of = [&](Timestamp time) { return day_number(zone.day_of(time - Timestamp::duration{1})); };

  Timestamp earliest = Timestamp::max();
  const auto times = view.log().times();
  view.for_each_deal([&](DealId, std::uint32_t first, std::uint32_t) { earliest = std::min(earliest, times[first]); });
  if (earliest == Timestamp::max()) return;
  const DayNumber begin = day_of(earliest) + (view.log().date_only() ? 0 : 1), end = day_number(view.day());
  if (begin >= end) return;

  std::vector<Money> by_day(static_cast<std::size_t>(end - begin));
  for (const Win& win : putki::wins(view)) {
    const DayNumber won = day_of(win.time);
    if (won < begin || won >= end || win.amount == kNoAmount) continue;
    by_day[static_cast<std::size_t>(won - begin)] += win.amount;
    if (const DayNumber created = day_of(win.created); created >= begin)
      wins_.push_back({created - begin, won - begin, win.amount});
  }
  for (const Money& revenue : by_day) until_.push_back(until_.back() + revenue);
}

double PastRevenue::between(int begin, int end) const {
  return (until_[static_cast<std::size_t>(end)] - until_[static_cast<std::size_t>(begin)]).units();
}

}  // namespace putki
