#pragma once
/// \file
/// Reach and transition of every stage: two different numbers, side by side.
///
///   reach       of the deals known, the share ever at the stage or beyond it (stage_flow.hpp says what is beyond).
///               Skipping a stage counts as reaching it. Deals that are young may yet reach it: `reach` is so far.
///   transition  of the visits to the stage, the share that within `days` of entering it has moved on (advanced), was
///               lost, or went back or aside: Aalen-Johansen, visits still there censored. A skipped stage has no
///               visit.
///
/// CRMs print one "conversion rate" for both, and divide deals now in a stage by deals now in the one before, which is
/// neither. The product of transitions is the reach only when nobody skips, loops or is still open.
///
/// Cost: that of stage_flows and of one curve a stage. No deals: 0 with limits [0, 1].

#include <putki/funnel/stage_flow.hpp>

#include <string>
#include <vector>

namespace putki {

struct ReachOptions {
  double days = 90;  ///< finite, above 0: the age at which transitions are read
};

/// A share with 95 % limits.
struct ShareWithLimits {
  double share;
  Interval interval;
};

struct StageReach {
  StageId stage;
  std::string name;
  StageKind kind;
  std::uint64_t reached;  ///< deals
  ShareWithLimits reach;  ///< of all deals, so far; Wilson limits
  std::uint64_t visits;
  /// By `days`, limits on the log-log scale, exact where all or none did; nothing for terminal stages and without
  /// visits.
  std::optional<ShareWithLimits> advanced, lost, elsewhere;
};

struct ReachAndTransition {
  std::uint64_t deals;
  double days;
  std::vector<StageReach> stages;  ///< in order of the graph
};

/// InvalidArgument: `days` not finite or not above 0.
ReachAndTransition reach_and_transition(const AsOf& view, const ReachOptions& options = {});

}  // namespace putki
