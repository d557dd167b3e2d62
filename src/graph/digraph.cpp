#include "graph/digraph.hpp"

#include <algorithm>
#include <boost/graph/breadth_first_search.hpp>
#include <boost/graph/reverse_graph.hpp>
#include <boost/graph/strong_components.hpp>

namespace putki::detail {

namespace {

// Breadth-first from `source`: the vertex each was found from, null_vertex() where never found; the source's is itself.
template <class Graph>
std::vector<Vertex> found_from(const Graph& graph, Vertex source) {
  std::vector<Vertex> from(num_vertices(graph), Digraph::null_vertex());
  from[source] = source;
  boost::breadth_first_search(
      graph, source,
      boost::visitor(boost::make_bfs_visitor(boost::record_predecessors(from.data(), boost::on_tree_edge()))));
  return from;
}

template <class Graph>
std::vector<char> found(const Graph& graph, Vertex source) {
  const std::vector<Vertex> from = found_from(graph, source);
  std::vector<char> result(from.size());
  std::transform(from.begin(), from.end(), result.begin(),
                 [](Vertex v) { return static_cast<char>(v != Digraph::null_vertex()); });
  return result;
}

}  // namespace

std::vector<char> reached_from(const Digraph& graph, Vertex source) {
  return found(graph, source);
}

std::vector<char> reaching(const Digraph& graph, Vertex sink) {
  return found(boost::make_reverse_graph(graph), sink);
}

std::vector<int> strong_component_of(const Digraph& graph) {
  std::vector<int> component(num_vertices(graph));
  boost::strong_components(
      graph, boost::make_iterator_property_map(component.begin(), boost::get(boost::vertex_index, graph)));
  return component;
}

// Not boost::lengauer_tarjan_dominator_tree: it compresses paths by recursion as deep as the graph, and 65,000 stages
// in one loop overflow a megabyte of stack; and in Boost 1.74 its short form takes unreachable predecessors for the
// source. Only the sink's dominators are asked for, and those stand on any one path: walk along it, exploring
// everything beside it, and keep the furthest point of the path that was seen. Where the walk has caught up with that
// point, nothing went around it.
std::vector<Vertex> unavoidable(const Digraph& graph, Vertex source, Vertex sink) {
  const std::vector<Vertex> from = found_from(graph, source);
  if (from[sink] == Digraph::null_vertex()) return {};
  std::vector<Vertex> path{sink};
  while (path.back() != source) path.push_back(from[path.back()]);
  std::reverse(path.begin(), path.end());

  constexpr std::size_t kBeside = static_cast<std::size_t>(-1);
  std::vector<std::size_t> position(from.size(), kBeside);
  for (std::size_t i = 0; i < path.size(); ++i) position[path[i]] = i;

  std::vector<Vertex> result;
  std::vector<char> seen(from.size(), 0);
  std::vector<Vertex> pending;
  std::size_t furthest = 0;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (i == furthest) result.push_back(path[i]);
    pending.push_back(path[i]);
    while (!pending.empty()) {
      const Vertex u = pending.back();
      pending.pop_back();
      for (const Vertex v : boost::make_iterator_range(adjacent_vertices(u, graph))) {
        if (position[v] != kBeside) {
          furthest = std::max(furthest, position[v]);
        } else if (!seen[v]) {
          seen[v] = 1;
          pending.push_back(v);
        }
      }
    }
  }
  return result;
}

}  // namespace putki::detail
