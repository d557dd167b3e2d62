#pragma once
/// \file
/// Durations: the input of the survival estimators, exact or counted by whole days.

#include <putki/stats/stage_statistics.hpp>

#include <cstddef>
#include <vector>

namespace putki {

/// One observation each: [entry, time] on the caller's clock (days unless said otherwise). cause 0 is censored, 1 ..
/// cause_count are the competing ends. `entry` is empty (nobody is truncated) or holds the age at which each came under
/// observation; entry < time. `weight`s are not supported: repeat the observation.
struct Durations {
  std::vector<double> time;
  std::vector<int> cause;
  std::vector<double> entry;
  int cause_count = 1;
  std::size_t size() const { return time.size(); }
};

/// Real days from entering `stage` to leaving it, cause k = index(next stage) + 1; censored at the view's instant.
Durations visit_durations(const AsOf& view, StageId stage);
/// Real days from a deal's first event to the first terminal stage, cause = index(stage) + 1; censored at the view's
/// instant.
Durations deal_durations(const AsOf& view);
/// The visit counts as durations in whole days at the end of their bin; censored at bin a means a days survived.
/// Ages past the cap are censored at the cap.
struct CountedDurations {
  std::vector<double> time;               ///< 0, 1, .. cap
  std::vector<std::vector<double>> ends;  ///< [cause][age]
  std::vector<double> at_risk;            ///< [age]
};
CountedDurations counted_durations(const StageStatistics& statistics, StageId stage);

}  // namespace putki
