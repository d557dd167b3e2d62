#pragma once
// Owners of a log (deals or customers) chosen by the values of an attribute, for the views.

#include <putki/events/event_log.hpp>

#include <algorithm>
#include <memory>

namespace putki {

template <class Id>
using Selection = std::shared_ptr<const std::vector<Id>>;

// Calls f(id) for the selected ones of `count`, ascending.
template <class Id, class F>
void for_each_selected(const Selection<Id>& selection, std::size_t count, F&& f) {
  if (selection == nullptr) {
    for (std::size_t i = 0; i < count; ++i) f(static_cast<Id>(i));
  } else {
    for (const Id id : *selection) f(id);
  }
}

// Those with this value.
template <class Id>
Selection<Id> select_where(const Selection<Id>& selection, std::size_t count, const Attribute& column,
                           std::string_view value) {
  auto kept = std::make_shared<std::vector<Id>>();
  const auto match = std::find(column.values.begin(), column.values.end(), value);
  if (match != column.values.end()) {
    const auto code = static_cast<std::uint32_t>(match - column.values.begin());
    for_each_selected(selection, count, [&](Id id) {
      if (column.codes[index(id)] == code) kept->push_back(id);
    });
  }
  return kept;
}

template <class Id>
struct SelectedPart {
  std::string value;
  Selection<Id> selection;
};

// Cut by value, in byte order, without the parts of whom `is_known(id)` holds for none.
template <class Id, class Known>
std::vector<SelectedPart<Id>> split_selection(const Selection<Id>& selection, std::size_t count,
                                              const Attribute& column, Known&& is_known) {
  struct Kept {
    std::vector<Id> ids;
    bool any_known = false;
  };
  std::vector<Kept> kept(column.values.size());
  for_each_selected(selection, count, [&](Id id) {
    Kept& part = kept[column.codes[index(id)]];
    part.ids.push_back(id);
    part.any_known = part.any_known || is_known(id);
  });
  std::vector<SelectedPart<Id>> parts;
  for (std::size_t code = 0; code < kept.size(); ++code) {
    if (!kept[code].any_known) continue;
    parts.push_back({column.values[code], std::make_shared<std::vector<Id>>(std::move(kept[code].ids))});
  }
  std::sort(parts.begin(), parts.end(), [](const auto& a, const auto& b) { return a.value < b.value; });
  return parts;
}

}  // namespace putki
