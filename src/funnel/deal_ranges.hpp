#pragma once
// The deals of a view by position, so that stretches of them can be counted apart: what for_each_deal does for all.

#include <putki/core/parallel.hpp>
#include <putki/events/as_of.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace putki {

// Positions run over the selection, or over all deals.
inline std::size_t position_count(const AsOf& view) {
  return view.selects_all() ? view.log().deal_count() : view.selection().size();
}

// Calls f(DealId, first, last) for the deals at positions [begin, end) that have a known event.
template <class F>
void for_each_deal_between(const AsOf& view, std::size_t begin, std::size_t end, F&& f) {
  const auto offsets = view.log().offsets();
  const auto one = [&](DealId deal) {
    const std::uint32_t first = offsets[index(deal)];
    const std::uint32_t last = view.known_end(deal);
    if (last > first) f(deal, first, last);
  };
  if (view.selects_all()) {
    for (std::size_t d = begin; d < end; ++d) one(static_cast<DealId>(d));
  } else {
    for (const DealId deal : view.selection().subspan(begin, end - begin)) one(deal);
  }
}

// A stretch of positions.
struct DealRange {
  std::size_t begin;
  std::size_t end;
};

// All positions cut into stretches of at most `most` deals, on which several threads may work. What is summed in
// integers does not depend on the cut.
inline std::vector<DealRange> deal_ranges(const AsOf& view, std::size_t most) {
  std::vector<DealRange> ranges;
  const std::size_t count = position_count(view);
  for (std::size_t begin = 0; begin < count; begin += most) ranges.push_back({begin, std::min(begin + most, count)});
  return ranges;
}

}  // namespace putki
