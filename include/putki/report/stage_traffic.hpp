#pragma once
/// \file
/// What is drawn on a stage graph: how much flows along each move, and how slowly. Both drawings of a stage graph
/// (write_dot in dot.hpp, and the stage graph among the figures of a funnel) take it and show it alike: the width of a
/// line is flow, colour is delay.
///
/// Counts are moves and deals; times are real days. Plain values without the log behind them. Making one costs
/// O(stages + moves). No deals: stages without times, no moves.

#include <putki/funnel/directly_follows.hpp>
#include <putki/funnel/stage_medians.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace putki {

struct StageTraffic {
  struct OfStage {
    std::uint64_t begun = 0;                 ///< deals whose first stage it was
    std::uint64_t stands = 0;                ///< deals there at the view
    std::optional<double> median_days = {};  ///< of a stay, open ones censored; absent in terminal stages and when
                                             ///< fewer than half are seen to leave
  };
  struct OfMove {
    StageId from, to;
    std::uint64_t count = 0;          ///< moves made, not deals
    std::optional<double> days = {};  ///< spent in `from` before: mean of the moves made
  };
  std::vector<OfStage> stages;  ///< of the stage graph, in its order
  std::vector<OfMove> moves;    ///< those that occurred, by from, then to
};

/// InvalidArgument: a median of a stage that `follows` does not have.
StageTraffic stage_traffic(const DirectlyFollows& follows, const std::vector<StageMedian>& medians);

}  // namespace putki
