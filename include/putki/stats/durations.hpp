#pragma once
/// \file
/// Durations: the input of the survival estimators, exact or counted by whole days.
///
/// Empty input gives empty durations, which every estimator answers.

#include <putki/stats/stage_statistics.hpp>

#include <cstddef>
#include <vector>

namespace putki {

/// One observation each, on the caller's clock (days unless said otherwise).
struct Durations {
  /// Age at the end or at censoring: finite, >= 0.
  std::vector<double> time;
  /// 0 is censored, 1 .. cause_count are the competing ends.
  std::vector<int> cause;
  /// Left truncation: the age at which each came under observation, before its time; it counts as at risk on
  /// (entry, time]. Empty: all were seen from the start. An entry below 0 is seen from the start too (it lets an
  /// observation of length 0 take part). There are no weights: repeat the observation.
  std::vector<double> entry;
  int cause_count = 1;
  std::size_t size() const { return time.size(); }
};

/// Real days from entering `stage` to leaving it, one per visit known in the view; cause k = index(next stage) + 1,
/// cause_count = stages of the graph; 0: still there, censored at the view's instant. A terminal stage is only left by
/// deals reopened. InvalidArgument when the stage is not of the graph. O(events).
Durations visit_durations(const AsOf& view, StageId stage);
/// Real days from a deal's first event to the first terminal stage, one per deal known in the view; cause =
/// index(terminal stage) + 1, cause_count = stages of the graph; 0: open, censored at the view's instant. What happens
/// after a first end (a deal reopened) does not count. O(events).
Durations deal_durations(const AsOf& view);

/// Visit counts as a life table in whole days of the clock they were counted on: ends on the day of age `time[i]`, of
/// those who were in the stage still at the start of that day.
struct CountedDurations {
  std::vector<double> time;               ///< 0, 1, .. cap
  std::vector<std::vector<double>> ends;  ///< [cause - 1][age], cause - 1 = index of the next stage
  std::vector<double> at_risk;            ///< [age]
};
/// Summed over segments and periods. A visit that ended at age d was at risk on days 0 .. d; one censored at age a on
/// the a days 0 .. a - 1 only; visits older than the cap were at risk on every day and have no end here.
/// InvalidArgument on the identity and when the stage is not of the graph.
CountedDurations counted_durations(const StageStatistics& statistics, StageId stage);

}  // namespace putki
