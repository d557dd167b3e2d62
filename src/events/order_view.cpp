#include <putki/events/order_view.hpp>

#include "events/selection.hpp"

namespace putki {

OrderView::OrderView(OrderLog log, Timestamp instant)
    : log_(std::move(log)),
      instant_(instant),
      day_(log_.time_zone().day_of(instant)),
      knows_all_(!log_.last_time() || *log_.last_time() <= instant) {}

OrderView::OrderView(OrderLog log, Day day) : OrderView(log, log.time_zone().start_of(day)) {}

OrderView OrderView::end_of(OrderLog log) {
  const Timestamp last = log.last_time().value_or(Timestamp{});
  return OrderView(std::move(log), last);
}

OrderView OrderView::where(std::string_view attribute, std::string_view value) const {
  OrderView filtered = *this;
  filtered.selection_ = select_where(selection_, log_.customer_count(), log_.attribute(attribute), value);
  return filtered;
}

OrderView OrderView::at(Timestamp instant) const {
  OrderView moved(log_, instant);
  moved.selection_ = selection_;
  return moved;
}

std::vector<OrderViewPart> OrderView::split_by(std::string_view attribute) const {
  const auto is_known = [this](CustomerId customer) { return known_end(customer) > log_.offsets()[index(customer)]; };
  std::vector<OrderViewPart> parts;
  for (auto& part : split_selection(selection_, log_.customer_count(), log_.attribute(attribute), is_known)) {
    parts.push_back({std::move(part.value), *this});
    parts.back().view.selection_ = std::move(part.selection);
  }
  return parts;
}

std::span<const CustomerId> OrderView::selection() const {
  if (selection_ == nullptr) return {};
  return *selection_;
}

std::uint32_t OrderView::known_end(CustomerId customer) const {
  const std::span<const std::uint32_t> offsets = log_.offsets();
  const std::uint32_t first = offsets[index(customer)];
  const std::uint32_t last = offsets[index(customer) + 1];
  const std::span<const Timestamp> times = log_.times();
  if (knows_all_ || first == last || times[last - 1] <= instant_) return last;
  return static_cast<std::uint32_t>(std::upper_bound(times.begin() + first, times.begin() + last, instant_) -
                                    times.begin());
}

DayNumber OrderView::contract_end(std::uint32_t first, std::uint32_t last) const {
  const std::span<const DayNumber> ends = log_.contract_ends();
  const std::span<const Money> amounts = log_.amounts();
  if (ends.empty()) return kNoDay;
  DayNumber went_on = kNoDay;  // day of the last purchase
  for (std::uint32_t i = last; i > first; --i) {
    const bool is_return = amounts[i - 1] < Money{0} && amounts[i - 1] != kNoAmount;
    if (is_return) continue;
    if (went_on == kNoDay) went_on = log_.days()[i - 1];
    const DayNumber end = ends[i - 1];
    if (end == kNoDay) continue;
    return end >= went_on && end < first_unknown_day() ? end : kNoDay;
  }
  return kNoDay;
}

}  // namespace putki
