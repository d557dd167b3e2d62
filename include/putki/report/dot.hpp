#pragma once
/// \file
/// A stage graph as a drawing in the DOT language of Graphviz: `dot -Tsvg pipeline.dot > pipeline.svg`.
///
/// Stages stand from left to right by rank (StageGraph::ranks), entries drawn bold. Shapes say the kind: box open,
/// dashed box on hold, double octagon won, octagon lost. Moves that go back are dashed and do not pull on the layout.
/// Without declared moves, drawing every allowed one would say nothing: one dotted line runs through the stages by
/// rank, and a caption says that any move is allowed.
///
/// Names are data: whatever they contain, the drawing shows them as they are and they cannot change its structure
/// (quotes, backslashes and ampersands are escaped; nodes are called s0, s1, ... and names only label them).
///
/// With traffic (stage_traffic.hpp) the drawing shows the graph in use, with the encodings and colours of the picture
/// (stage_graph_figures.hpp): lines as wide as their moves are many, coloured by the delay before them, and in each
/// stage the deals that stand there and the median time in it. Moves that were made are drawn, declared or not.
///
/// The text depends on the arguments alone, to the byte. Cost: O(stages + moves log moves).

#include <putki/graph/stage_graph.hpp>
#include <putki/report/figure.hpp>
#include <putki/report/stage_traffic.hpp>

#include <iosfwd>

namespace putki {

/// Writes one `digraph`, ended by a line break. The state of the stream afterwards says whether it went well.
void write_dot(std::ostream& out, const StageGraph& graph);

/// The same with traffic. Nothing is left out, whatever the number of stages and moves. InvalidArgument: the traffic
/// has stages and not as many as the graph, or the locale is not known.
void write_dot(std::ostream& out, const StageGraph& graph, const StageTraffic& traffic,
               const FigureOptions& options = {});

}  // namespace putki
