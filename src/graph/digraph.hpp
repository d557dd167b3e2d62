#pragma once
// The directed graph under a StageGraph, and the questions put to it. O(vertices + edges) each; none recurses, so that
// a definition with tens of thousands of stages in one chain cannot overflow the stack.

#include <boost/graph/adjacency_list.hpp>
#include <vector>

namespace putki::detail {

using Digraph = boost::adjacency_list<boost::vecS, boost::vecS, boost::bidirectionalS>;
using Vertex = Digraph::vertex_descriptor;

/// By vertex: can `source` get there? (It can get to itself.)
std::vector<char> reached_from(const Digraph& graph, Vertex source);
/// By vertex: can it get to `sink`?
std::vector<char> reaching(const Digraph& graph, Vertex sink);
/// By vertex: the number of its strong component. No edge leads to a component of a higher number.
std::vector<int> strong_component_of(const Digraph& graph);
/// The vertices on every path from source to sink, both included, in path order; empty when there is no path. These are
/// the dominators of the sink.
std::vector<Vertex> unavoidable(const Digraph& graph, Vertex source, Vertex sink);

}  // namespace putki::detail
