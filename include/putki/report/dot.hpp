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
/// The text depends on the graph alone, to the byte. Cost: O(stages + moves).

#include <putki/graph/stage_graph.hpp>

#include <iosfwd>

namespace putki {

/// Writes one `digraph`, ended by a line break. The state of the stream afterwards says whether it went well.
void write_dot(std::ostream& out, const StageGraph& graph);

}  // namespace putki
