#pragma once
/// \file
/// The median time in every stage, all at once and fast.
///
/// `median_days` is the Kaplan-Meier median of the stay, visits still open at the view censored there: the same number
/// as stage_times(view, stage).median_days (stage_flow.hpp), without its curves. `closed_median_days` is the plain
/// median of the visits that have ended, which is what a CRM or a database query shows. It is biased low while visits
/// are open: the long ones are the ones not yet in it, most of all in a young or growing pipeline. Show the first, keep
/// the second to explain why another report says less.
///
/// Times are real days. Rows that repeat the stage do not end a visit; every visit counts, also those of deals that
/// came back. Terminal stages are not timed here (stage_times does, until a deal is reopened).
///
/// How it is worked out. Between two censored ages the Kaplan-Meier product telescopes, (Y - d) / Y, whatever the
/// order of the d ends in between. So it is enough to count the ends between the sorted ages of the open visits: visits
/// are counted into bins of about equal ratio (2^11 to a doubling), cut further at every censored age, and only the
/// visits in the bins where the medians lie are looked at one by one. Nothing is rounded: the answer is that of sorting
/// everything.
///
/// Cost: three passes over stages and times (10 bytes an event), and O(open visits log open visits). Ten million events
/// on two cores: see benchmarks/funnel_benchmark.cpp. The result does not depend on the number of threads. No visits:
/// no medians.

#include <putki/events/as_of.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace putki {

struct StageMedian {
  StageId stage;
  std::uint64_t closed = 0;                  ///< visits that have ended
  std::uint64_t still_there = 0;             ///< open at the view: censored
  std::optional<double> median_days;         ///< Kaplan-Meier; absent when fewer than half are seen to leave
  std::optional<double> closed_median_days;  ///< of those ended; the mean of the middle two; absent without any
};

struct StageMediansOptions {
  /// 0: one per core. The result does not depend on it.
  unsigned threads = 1;
};

/// One per open and on-hold stage, in the order of the graph.
std::vector<StageMedian> stage_medians(const AsOf& view, const StageMediansOptions& options = {});

}  // namespace putki
