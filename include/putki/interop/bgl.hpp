#pragma once
/// \file
/// StageGraph as a graph of the Boost Graph Library: `boost::topological_sort(graph, ...)` runs on it as it is.
///
///     #include <putki/interop/bgl.hpp>
///     #include <boost/graph/topological_sort.hpp>
///
///     std::vector<putki::StageId> order;
///     boost::topological_sort(graph, std::back_inserter(order));
///
/// The vertices are the stages, as StageId; the edges are the allowed moves, as StageMove; without declared moves those
/// are all moves out of open and on-hold stages. StageGraph models VertexListGraph, EdgeListGraph, BidirectionalGraph
/// (and so IncidenceGraph), AdjacencyGraph and AdjacencyMatrix. It has the internal properties vertex_index (0 ..
/// stage_count() - 1) and vertex_name (the stage's name); other properties are external: an `iterator_property_map`
/// over a vector and `get(boost::vertex_index, graph)`.
///
/// Opt-in: this header needs Boost 1.74 or later, which putki itself does not ask for. It is header-only.
///
/// Cost: nothing is copied; an edge or neighbour list looks at every stage, O(stages), and all edges together
/// O(stages^2), however few moves are declared. For pipelines that is nothing; for many thousand stages add the edges
/// to a boost::adjacency_list first. Iterators are valid as long as the StageGraph object they come from.

#include <putki/graph/stage_graph.hpp>

#include <boost/graph/adjacency_iterator.hpp>
#include <boost/graph/graph_traits.hpp>
#include <boost/graph/properties.hpp>
#include <boost/iterator/iterator_facade.hpp>
#include <boost/property_map/property_map.hpp>

#include <cstddef>
#include <string>
#include <utility>

namespace putki {

/// An edge: one allowed move.
struct StageMove {
  StageId from = kNoStage;
  StageId to = kNoStage;
  friend constexpr auto operator<=>(const StageMove&, const StageMove&) = default;
};

namespace bgl {

/// All stages of a graph, in order.
class StageIterator
    : public boost::iterator_facade<StageIterator, StageId, boost::random_access_traversal_tag, StageId> {
 public:
  StageIterator() = default;
  explicit StageIterator(std::size_t position) : position_(position) {}

 private:
  friend class boost::iterator_core_access;
  StageId dereference() const { return static_cast<StageId>(position_); }
  bool equal(const StageIterator& other) const { return position_ == other.position_; }
  void increment() { ++position_; }
  void decrement() { --position_; }
  void advance(std::ptrdiff_t n) { position_ += static_cast<std::size_t>(n); }
  std::ptrdiff_t distance_to(const StageIterator& other) const {
    return static_cast<std::ptrdiff_t>(other.position_ - position_);
  }
  std::size_t position_ = 0;
};

/// Allowed moves among the cells of the square (from, to), read row by row: all cells, a row, or a column.
class MoveIterator : public boost::iterator_facade<MoveIterator, StageMove, boost::forward_traversal_tag, StageMove> {
 public:
  MoveIterator() = default;
  MoveIterator(const StageGraph& graph, std::size_t cell, std::size_t end, std::size_t step)
      : graph_(&graph), cell_(cell), end_(end), step_(step) {
    skip();
  }

 private:
  friend class boost::iterator_core_access;
  StageMove dereference() const {
    const std::size_t count = graph_->stage_count();
    return {static_cast<StageId>(cell_ / count), static_cast<StageId>(cell_ % count)};
  }
  bool equal(const MoveIterator& other) const { return cell_ == other.cell_; }
  void increment() {
    cell_ += step_;
    skip();
  }
  void skip() {
    while (cell_ != end_) {
      const StageMove move = dereference();
      if (graph_->allows(move.from, move.to)) return;
      cell_ += step_;
    }
  }
  const StageGraph* graph_ = nullptr;
  std::size_t cell_ = 0;
  std::size_t end_ = 0;
  std::size_t step_ = 1;
};

/// Stage -> its index.
struct IndexMap {
  using key_type = StageId;
  using value_type = std::size_t;
  using reference = std::size_t;
  using category = boost::readable_property_map_tag;
  friend std::size_t get(IndexMap, StageId stage) { return index(stage); }
  std::size_t operator[](StageId stage) const { return index(stage); }
};

/// Stage -> its name. Valid as long as the graph.
struct NameMap {
  using key_type = StageId;
  using value_type = std::string;
  using reference = const std::string&;
  using category = boost::readable_property_map_tag;
  const StageGraph* graph = nullptr;
  friend const std::string& get(const NameMap& map, StageId stage) { return map[stage]; }
  const std::string& operator[](StageId stage) const { return graph->stage(stage).name; }
};

struct TraversalCategory : boost::bidirectional_graph_tag,
                           boost::adjacency_graph_tag,
                           boost::vertex_list_graph_tag,
                           boost::edge_list_graph_tag,
                           boost::adjacency_matrix_tag {};

}  // namespace bgl
}  // namespace putki

namespace boost {

template <>
struct graph_traits<putki::StageGraph> {
  using vertex_descriptor = putki::StageId;
  using edge_descriptor = putki::StageMove;
  using vertex_iterator = putki::bgl::StageIterator;
  using edge_iterator = putki::bgl::MoveIterator;
  using out_edge_iterator = putki::bgl::MoveIterator;
  using in_edge_iterator = putki::bgl::MoveIterator;
  using adjacency_iterator =
      adjacency_iterator_generator<putki::StageGraph, putki::StageId, putki::bgl::MoveIterator>::type;
  using directed_category = bidirectional_tag;
  using edge_parallel_category = disallow_parallel_edge_tag;
  using traversal_category = putki::bgl::TraversalCategory;
  using vertices_size_type = std::size_t;
  using edges_size_type = std::size_t;
  using degree_size_type = std::size_t;
  static vertex_descriptor null_vertex() { return putki::kNoStage; }
};

template <>
struct property_map<putki::StageGraph, vertex_index_t> {
  using type = putki::bgl::IndexMap;
  using const_type = putki::bgl::IndexMap;
};
template <>
struct property_map<putki::StageGraph, vertex_name_t> {
  using type = putki::bgl::NameMap;
  using const_type = putki::bgl::NameMap;
};

}  // namespace boost

namespace putki {

using StageGraphTraits = boost::graph_traits<StageGraph>;

// VertexListGraph
inline std::size_t num_vertices(const StageGraph& graph) {
  return graph.stage_count();
}
inline std::pair<bgl::StageIterator, bgl::StageIterator> vertices(const StageGraph& graph) {
  return {bgl::StageIterator(0), bgl::StageIterator(graph.stage_count())};
}

// IncidenceGraph
inline StageId source(const StageMove& move, const StageGraph&) {
  return move.from;
}
inline StageId target(const StageMove& move, const StageGraph&) {
  return move.to;
}
inline std::pair<bgl::MoveIterator, bgl::MoveIterator> out_edges(StageId stage, const StageGraph& graph) {
  const std::size_t count = graph.stage_count();
  const std::size_t begin = index(stage) * count;
  const std::size_t end = begin + count;
  return {bgl::MoveIterator(graph, begin, end, 1), bgl::MoveIterator(graph, end, end, 1)};
}
inline std::size_t out_degree(StageId stage, const StageGraph& graph) {
  const auto [begin, end] = out_edges(stage, graph);
  return static_cast<std::size_t>(std::distance(begin, end));
}

// BidirectionalGraph
inline std::pair<bgl::MoveIterator, bgl::MoveIterator> in_edges(StageId stage, const StageGraph& graph) {
  const std::size_t count = graph.stage_count();
  const std::size_t end = index(stage) + count * count;
  return {bgl::MoveIterator(graph, index(stage), end, count), bgl::MoveIterator(graph, end, end, count)};
}
inline std::size_t in_degree(StageId stage, const StageGraph& graph) {
  const auto [begin, end] = in_edges(stage, graph);
  return static_cast<std::size_t>(std::distance(begin, end));
}
inline std::size_t degree(StageId stage, const StageGraph& graph) {
  return out_degree(stage, graph) + in_degree(stage, graph);
}

// EdgeListGraph
inline std::pair<bgl::MoveIterator, bgl::MoveIterator> edges(const StageGraph& graph) {
  const std::size_t end = graph.stage_count() * graph.stage_count();
  return {bgl::MoveIterator(graph, 0, end, 1), bgl::MoveIterator(graph, end, end, 1)};
}
inline std::size_t num_edges(const StageGraph& graph) {
  const auto [begin, end] = edges(graph);
  return static_cast<std::size_t>(std::distance(begin, end));
}

// AdjacencyGraph
inline std::pair<StageGraphTraits::adjacency_iterator, StageGraphTraits::adjacency_iterator> adjacent_vertices(
    StageId stage, const StageGraph& graph) {
  const auto [begin, end] = out_edges(stage, graph);
  return {StageGraphTraits::adjacency_iterator(begin, &graph), StageGraphTraits::adjacency_iterator(end, &graph)};
}

// AdjacencyMatrix
inline std::pair<StageMove, bool> edge(StageId from, StageId to, const StageGraph& graph) {
  return {StageMove{from, to}, graph.allows(from, to)};
}

// Properties
inline bgl::IndexMap get(boost::vertex_index_t, const StageGraph&) {
  return {};
}
inline std::size_t get(boost::vertex_index_t, const StageGraph&, StageId stage) {
  return index(stage);
}
inline bgl::NameMap get(boost::vertex_name_t, const StageGraph& graph) {
  return {&graph};
}
inline const std::string& get(boost::vertex_name_t, const StageGraph& graph, StageId stage) {
  return graph.stage(stage).name;
}

}  // namespace putki
