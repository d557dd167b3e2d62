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
/// How it is worked out. Logs up to `sort_up_to` events: every stay is sorted. Larger ones are passed over once: a
/// sample of the deals says between which ages the medians lie (four standard errors to each side), stays in there are
/// kept one by one, and the ends before are only counted, in bins of equal ratio (512 to a doubling). Between two
/// censored ages the Kaplan-Meier product telescopes to (Y - d) / Y whatever the order of the d ends, so bins lose
/// nothing but the order of ends and censorings inside one bin; half of its ends are taken before them, half after. The
/// curve at the median is then off by at most sum d c / (2 Y^2) over those bins, d ends and c censored among Y at risk:
/// far below 1e-6 where a few per cent are open. The closed median is exact always. Should the sample err, that stage
/// is sorted.
///
/// Cost: one pass over stages and times (10 bytes an event), about 4 ns an event on one core, and O(open visits); see
/// benchmarks/funnel_benchmark.cpp. The result does not depend on the number of threads. No visits: no medians.

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
  /// Logs of at most so many events are sorted and exact to the last digit.
  std::uint64_t sort_up_to = 1'000'000;
};

/// One per open and on-hold stage, in the order of the graph.
std::vector<StageMedian> stage_medians(const AsOf& view, const StageMediansOptions& options = {});

}  // namespace putki
