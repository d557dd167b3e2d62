#pragma once
/// \file
/// The stage graph in use, as a figure. See figure.hpp; write_dot (dot.hpp) draws the same numbers.

#include <putki/report/figure.hpp>
#include <putki/report/stage_traffic.hpp>

namespace putki {

/// Stages from left to right by rank, as large as the deals that stand there; moves as wide as they are often, coloured
/// by the delay before them. Won ends are diamonds, lost ends squares below, stages on hold are dashed, moves back hang
/// below, dashed. There is room for 18 stages
/// and 50 moves: the five most visited won and lost stages, the most visited others, and the moves made most among
/// them; how much is left out is said in `computed`.
///
/// The title names the stage where deals stay longest: the one of the largest median among those with at least a
/// twentieth of the visits of the most visited one (20 at least), before all others one that half never left.
///
/// The table has a row for each stage drawn and below it one for each of its moves drawn: at most 18 + 50.
/// Milliseconds.
/// InvalidArgument: the traffic has stages and not as many as the graph.
Figure stage_graph_figure(const StageGraph& graph, const StageTraffic& traffic, const FigureOptions& options = {});

}  // namespace putki
