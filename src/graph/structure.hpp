#pragma once
// What a StageGraph shares between its copies: everything is worked out when it is built, nothing changes afterwards.

#include <putki/graph/stage_graph.hpp>
#include <unordered_map>
#include <unordered_set>

#include "graph/digraph.hpp"

namespace putki {

struct StageGraph::Structure {
  std::vector<Stage> stages;
  std::unordered_map<std::string_view, StageId> ids;  // views into `stages`
  bool declares_moves = false;
  std::unordered_set<std::uint32_t> moves;  // declared, as move_key
  std::vector<StageId> entries;             // ascending

  // One vertex per stage; then a hub through which, without declared moves, every move goes (so that "any move" costs
  // two edges a stage and not their square); then a source before all entries and a sink after all won stages.
  detail::Digraph graph;
  detail::Vertex hub = 0, source = 0, sink = 0;

  std::vector<int> component;  // by vertex, see strong_component_of
  std::vector<std::vector<StageId>> loops;
  std::vector<StageId> gates;
  std::vector<int> ranks;
  std::vector<StructureFinding> findings;

  static std::uint32_t move_key(StageId from, StageId to) {
    return static_cast<std::uint32_t>(from) << 16u | static_cast<std::uint32_t>(to);
  }
};

}  // namespace putki
