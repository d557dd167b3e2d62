#include <putki/events/as_of.hpp>

#include "events/selection.hpp"

namespace putki {
namespace {

DayNumber first_unknown(const EventLog& log, Day day) {
  return day_number(day) + (log.date_only() ? 1 : 0);
}

}  // namespace

AsOf::AsOf(EventLog log, Timestamp instant)
    : log_(std::move(log)),
      offsets_(log_.offsets()),
      times_(log_.times()),
      instant_(instant),
      day_(log_.time_zone().day_of(instant)),
      first_unknown_day_(first_unknown(log_, day_)),
      knows_all_(!log_.last_time() || *log_.last_time() <= instant) {}

AsOf::AsOf(EventLog log, Day day) : AsOf(log, log.time_zone().start_of(day)) {}

AsOf AsOf::end_of(EventLog log) {
  const Timestamp last = log.last_time().value_or(Timestamp{});
  return AsOf(std::move(log), last);
}

AsOf AsOf::where(std::string_view attribute, std::string_view value) const {
  AsOf filtered = *this;
  filtered.selection_ = select_where(selection_, log_.deal_count(), log_.attribute(attribute), value);
  return filtered;
}

AsOf AsOf::at(Timestamp instant) const {
  AsOf moved(log_, instant);
  moved.selection_ = selection_;
  return moved;
}

std::vector<AsOfPart> AsOf::split_by(std::string_view attribute) const {
  const auto is_known = [this](DealId deal) { return known_end(deal) > offsets_[index(deal)]; };
  std::vector<AsOfPart> parts;
  for (auto& part : split_selection(selection_, log_.deal_count(), log_.attribute(attribute), is_known)) {
    parts.push_back({std::move(part.value), *this});
    parts.back().view.selection_ = std::move(part.selection);
  }
  return parts;
}

std::span<const DealId> AsOf::selection() const {
  if (selection_ == nullptr) return {};
  return *selection_;
}

std::uint32_t AsOf::search_known_end(std::uint32_t first, std::uint32_t last) const {
  if (first == last || times_[last - 1] <= instant_) return last;
  const auto begin = times_.begin();
  return static_cast<std::uint32_t>(std::upper_bound(begin + first, begin + last, instant_) - begin);
}

DealState AsOf::state_of(DealId deal, std::uint32_t first, std::uint32_t last) const {
  const auto stages = log_.stages();
  const auto amounts = log_.amounts();
  const auto expected = log_.expected_closes();
  std::uint32_t entry = last - 1;
  while (entry > first && stages[entry - 1] == stages[entry]) --entry;
  DealState state{.deal = deal,
                  .stage = stages[entry],
                  .created = times_[first],
                  .entered = times_[entry],
                  .entered_day = log_.days()[entry],
                  .amount = kNoAmount,
                  .expected_close = kNoDay};
  for (std::uint32_t i = last; i > first && state.amount == kNoAmount; --i) state.amount = amounts[i - 1];
  if (!expected.empty()) {
    for (std::uint32_t i = last; i > first && state.expected_close == kNoDay; --i)
      state.expected_close = expected[i - 1];
  }
  return state;
}

}  // namespace putki
