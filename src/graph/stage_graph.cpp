#include <algorithm>
#include <array>

#include "graph/structure.hpp"

namespace putki {

std::string to_string(StageKind kind) {
  switch (kind) {
    case StageKind::open:
      return "open";
    case StageKind::on_hold:
      return "on_hold";
    case StageKind::won:
      return "won";
    case StageKind::lost:
      return "lost";
  }
  throw InvalidArgument("stage kind " + std::to_string(static_cast<int>(kind)) +
                        " is none of open, on_hold, won, lost");
}

std::string to_string(StructureProblem problem) {
  switch (problem) {
    case StructureProblem::no_entry:
      return "no_entry";
    case StructureProblem::no_won_stage:
      return "no_won_stage";
    case StructureProblem::unreachable_stage:
      return "unreachable_stage";
    case StructureProblem::no_way_to_won:
      return "no_way_to_won";
    case StructureProblem::terminal_with_exits:
      return "terminal_with_exits";
    case StructureProblem::move_to_itself:
      return "move_to_itself";
  }
  throw InvalidArgument("structure problem " + std::to_string(static_cast<int>(problem)) + " does not exist");
}

StageGraph::StageGraph(std::shared_ptr<const Structure> structure) : structure_(std::move(structure)) {}

StageGraph StageGraph::linear(std::span<const std::string> open_stages, std::string won,
                              std::vector<std::string> lost) {
  if (open_stages.empty())
    throw DefinitionError("a linear pipeline was given no open stages; one or more are needed",
                          ErrorCode::invalid_graph);
  Builder builder;
  for (const std::string& name : open_stages) builder.stage(name);
  builder.stage(won, StageKind::won);
  for (const std::string& name : lost) builder.stage(name, StageKind::lost);
  for (std::size_t i = 0; i < open_stages.size(); ++i) {
    builder.move(open_stages[i], i + 1 < open_stages.size() ? open_stages[i + 1] : won);
    for (const std::string& name : lost) builder.move(open_stages[i], name);
  }
  return builder.entry(open_stages.front()).build();
}

StageGraph StageGraph::b2b_template() {
  constexpr std::array<std::string_view, 5> kSteps = {"Prospecting", "First contact", "Conversation", "Proposal",
                                                      "Closing"};
  Builder builder;
  for (const std::string_view step : kSteps) builder.stage(std::string(step));
  builder.stage("Won", StageKind::won).stage("Lost", StageKind::lost);
  for (const std::string_view from : kSteps) {
    for (const std::string_view to : kSteps)
      if (from != to) builder.move(from, to);
    builder.move(from, "Won").move(from, "Lost");
  }
  return builder.entry("Prospecting").build();
}

std::size_t StageGraph::stage_count() const {
  return structure_->stages.size();
}

const Stage& StageGraph::stage(StageId id) const {
  if (index(id) >= structure_->stages.size())
    throw InvalidArgument("stage id " + std::to_string(index(id)) + " is not in this graph of " +
                          std::to_string(structure_->stages.size()) + " stages");
  return structure_->stages[index(id)];
}

std::span<const Stage> StageGraph::stages() const {
  return structure_->stages;
}

std::vector<StageId> StageGraph::stages_of(StageKind kind) const {
  std::vector<StageId> result;
  for (std::size_t i = 0; i < structure_->stages.size(); ++i)
    if (structure_->stages[i].kind == kind) result.push_back(static_cast<StageId>(i));
  return result;
}

std::optional<StageId> StageGraph::find(std::string_view name) const {
  const auto found = structure_->ids.find(name);
  return found == structure_->ids.end() ? std::nullopt : std::optional(found->second);
}

bool StageGraph::declares_moves() const {
  return structure_->declares_moves;
}

bool StageGraph::allows(StageId from, StageId to) const {
  const bool from_terminal = is_terminal(from);
  if (index(to) >= stage_count()) stage(to);
  if (structure_->declares_moves) return structure_->moves.contains(Structure::move_key(from, to));
  return !from_terminal && from != to;
}

std::vector<StageId> StageGraph::next_stages(StageId from) const {
  std::vector<StageId> result;
  if (structure_->declares_moves) {
    stage(from);
    for (const detail::Vertex v : boost::make_iterator_range(adjacent_vertices(index(from), structure_->graph)))
      if (v < stage_count()) result.push_back(static_cast<StageId>(v));
  } else if (!is_terminal(from)) {
    for (std::size_t i = 0; i < stage_count(); ++i)
      if (i != index(from)) result.push_back(static_cast<StageId>(i));
  }
  return result;
}

std::vector<StageId> StageGraph::entries() const {
  return structure_->entries;
}

bool StageGraph::reachable(StageId from, StageId to) const {
  stage(from);
  stage(to);
  const int from_component = structure_->component[index(from)];
  const int to_component = structure_->component[index(to)];
  if (from_component <= to_component) return from_component == to_component;
  return detail::reached_from(structure_->graph, index(from))[index(to)] != 0;
}

std::vector<std::vector<StageId>> StageGraph::loops() const {
  return structure_->loops;
}

std::vector<StageId> StageGraph::gates() const {
  return structure_->gates;
}

std::vector<int> StageGraph::ranks() const {
  return structure_->ranks;
}

std::vector<StructureFinding> StageGraph::check() const {
  return structure_->findings;
}

bool operator==(const StageGraph& a, const StageGraph& b) {
  const StageGraph::Structure& left = *a.structure_;
  const StageGraph::Structure& right = *b.structure_;
  return &left == &right || (left.stages == right.stages && left.declares_moves == right.declares_moves &&
                             left.moves == right.moves && left.entries == right.entries);
}

}  // namespace putki
