#pragma once

#include <putki/stats/dated_statistics.hpp>

#include <algorithm>
#include <tuple>

namespace putki {

inline auto place(const DatedStatistics::Visits& v) {
  return std::tuple(v.from, v.entered, v.left, v.to);
}
inline auto place(const DatedStatistics::Creations& c) {
  return std::tuple(c.stage, c.day);
}

/// Sorts and adds up what stands at the same place.
template <class Count>
void compact(std::vector<Count>& counts) {
  std::sort(counts.begin(), counts.end(), [](const Count& a, const Count& b) { return place(a) < place(b); });
  auto kept = counts.begin();
  for (auto next = counts.begin(); next != counts.end(); ++next) {
    if (kept != next && place(*kept) == place(*next))
      kept->count += next->count;
    else if (kept != next && ++kept != next)
      *kept = *next;
  }
  if (!counts.empty()) counts.erase(kept + 1, counts.end());
}

}  // namespace putki
