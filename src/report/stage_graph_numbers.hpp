#pragma once
// What a drawing of a stage graph shows of its traffic (stage_traffic.hpp): which stages and moves, how wide, in what
// class of delay. The same for the picture (stage_graph_figures.hpp) and for DOT (dot.hpp).
//
// A node is a stage: how many deals stand there now, how long they stay (Kaplan-Meier median, open stays censored). An
// edge is a move that was made: how often (its width) and after how long (its colour: the mean time in the stage
// before that move, of completed moves; see directly_follows.hpp for what that mean leaves out).
//
// A drawing has room for so many stages and moves; the rest is counted, not drawn: `stages_left_out`,
// `moves_left_out`. Kept are the five most visited won and lost stages, at least one of either kind, and beside them
// the most visited others.
//
// Cost: O(stages + moves log moves). No deals: nodes without deals, no edges.

#include <putki/graph/stage_graph.hpp>
#include <putki/report/stage_traffic.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace putki {

// Classes of delay, the shortest first; `kDelayClasses - 1` limits lie between them.
inline constexpr std::size_t kDelayClasses = 5;

struct StageGraphNode {
  StageId stage;
  StageKind kind = StageKind::open;
  int column = 0;                          // rank (StageGraph::ranks) without gaps: from left to right
  bool entry = false;                      // declared, or derived
  std::uint64_t visits = 0;                // begun there or moved there
  std::uint64_t stands = 0;                // deals there now; in a won or lost stage, those that ended so
  std::optional<double> median_days = {};  // Kaplan-Meier; absent in won and lost stages and where not reached
};

struct StageGraphEdge {
  StageId from, to;
  std::uint64_t count = 0;      // moves
  double mean_days = 0;         // in `from` before the move
  bool back = false;            // to the same rank or a lower one
  double width = 0;             // of the widest edge, in (0, 1]
  std::size_t delay_class = 0;  // 0 .. kDelayClasses - 1
};

struct StageGraphNumbers {
  StageGraph graph;
  std::vector<StageGraphNode> nodes;                   // by column, then in stage order
  std::vector<StageGraphEdge> edges;                   // most moves first
  std::array<double, kDelayClasses - 1> delay_limits;  // days; a delay at a limit is of the class above it
  std::uint64_t deals = 0;                             // known
  std::uint64_t moves = 0;                             // made, those left out included
  std::size_t stages_left_out = 0;
  std::uint64_t moves_left_out = 0;
};

struct StageGraphNumbersOptions {
  std::size_t most_stages = 18;  // 2 or more
  std::size_t most_edges = 50;   // 1 or more
};

// InvalidArgument: the traffic has stages and not as many as the graph, an option too small.
StageGraphNumbers stage_graph_numbers(const StageGraph& graph, const StageTraffic& traffic,
                                      const StageGraphNumbersOptions& options = {});

}  // namespace putki
