#include <algorithm>
#include <numeric>

#include "core/in_quotes.hpp"
#include "core/name_problem.hpp"
#include "core/nearest.hpp"
#include "graph/structure.hpp"

namespace putki {

namespace {

using detail::in_quotes;
using detail::Vertex;

constexpr std::size_t kMostStages = 65'534;

[[noreturn]] void refuse(const std::string& message) {
  throw DefinitionError(message, ErrorCode::invalid_graph);
}

}  // namespace

StageGraph::Builder& StageGraph::Builder::stage(std::string name, StageKind kind) {
  stages_.push_back({std::move(name), kind});
  return *this;
}

StageGraph::Builder& StageGraph::Builder::move(std::string_view from, std::string_view to) {
  moves_.emplace_back(from, to);
  return *this;
}

StageGraph::Builder& StageGraph::Builder::entry(std::string_view stage) {
  entries_.emplace_back(stage);
  return *this;
}

// Builds a Structure step by step, each on what the earlier ones left.
struct StageGraph::Builder::Assembly {
  std::shared_ptr<Structure> structure = std::make_shared<Structure>();
  std::vector<std::pair<StageId, StageId>> moves;  // sorted, distinct, none to itself
  std::vector<char> at_itself;                     // by stage: a move to itself was declared
  std::vector<char> has_way_in, has_way_out;       // by stage: a move to or from another was declared
  std::vector<char> reached, winnable;             // by vertex

  void take_stages(const std::vector<Stage>& stages) {
    if (stages.empty()) refuse("a stage graph was given no stages; one or more are needed");
    if (stages.size() > kMostStages)
      refuse(std::to_string(stages.size()) + " stages were given; at most 65,534 are allowed");
    structure->stages = stages;
    structure->ids.reserve(stages.size());
    for (std::size_t i = 0; i < stages.size(); ++i) {
      const Stage& stage = structure->stages[i];
      const std::string problem = detail::name_problem(stage.name);
      if (!problem.empty())
        refuse("stage " + std::to_string(i + 1) + ": name " + in_quotes(stage.name) + " " + problem);
      to_string(stage.kind);
      const auto [first, fresh] = structure->ids.emplace(stage.name, static_cast<StageId>(i));
      if (!fresh)
        refuse("stages " + std::to_string(index(first->second) + 1) + " and " + std::to_string(i + 1) +
               " are both named " + in_quotes(stage.name) + "; names must differ");
    }
  }

  StageId known(const std::string& name, const std::string& where) const {
    const auto found = structure->ids.find(name);
    if (found != structure->ids.end()) return found->second;
    std::vector<std::string_view> names;
    for (const Stage& stage : structure->stages) names.push_back(stage.name);
    refuse(where + ": no stage is named " + in_quotes(name) + detail::did_you_mean(name, names));
  }

  void take_moves(const std::vector<std::pair<std::string, std::string>>& declared) {
    structure->declares_moves = !declared.empty();
    at_itself.assign(structure->stages.size(), 0);
    has_way_in = has_way_out = at_itself;
    for (const auto& [from_name, to_name] : declared) {
      const std::string where = "move from " + in_quotes(from_name) + " to " + in_quotes(to_name);
      const StageId from = known(from_name, where);
      const StageId to = known(to_name, where);
      if (from == to) {
        at_itself[index(from)] = 1;
      } else if (structure->moves.insert(Structure::move_key(from, to)).second) {
        moves.emplace_back(from, to);
        has_way_out[index(from)] = has_way_in[index(to)] = 1;
      }
    }
    std::sort(moves.begin(), moves.end());
  }

  void take_entries(const std::vector<std::string>& declared) {
    const std::size_t count = structure->stages.size();
    std::vector<char> is_entry(count, 0);
    if (!declared.empty()) {
      for (const std::string& name : declared) is_entry[index(known(name, "entry"))] = 1;
    } else {
      for (std::size_t i = 0; i < count; ++i) {
        if (putki::is_terminal(structure->stages[i].kind) || has_way_in[i]) continue;
        is_entry[i] = 1;
        if (!structure->declares_moves) break;
      }
    }
    for (std::size_t i = 0; i < count; ++i)
      if (is_entry[i]) structure->entries.push_back(static_cast<StageId>(i));
  }

  void connect() {
    const std::size_t count = structure->stages.size();
    detail::Digraph& graph = structure->graph;
    graph = detail::Digraph(count + 3);
    structure->hub = count;
    structure->source = count + 1;
    structure->sink = count + 2;
    for (const auto& [from, to] : moves) add_edge(index(from), index(to), graph);
    for (std::size_t i = 0; i < count; ++i) {
      const StageKind kind = structure->stages[i].kind;
      if (!structure->declares_moves) {
        add_edge(structure->hub, i, graph);
        if (!putki::is_terminal(kind)) add_edge(i, structure->hub, graph);
      }
      if (kind == StageKind::won) add_edge(i, structure->sink, graph);
    }
    for (const StageId entry : structure->entries) add_edge(structure->source, index(entry), graph);
    reached = detail::reached_from(graph, structure->source);
    winnable = detail::reaching(graph, structure->sink);
  }

  void find_loops() {
    structure->component = detail::strong_component_of(structure->graph);
    std::unordered_map<int, std::vector<StageId>> groups;
    for (std::size_t i = 0; i < structure->stages.size(); ++i)
      groups[structure->component[i]].push_back(static_cast<StageId>(i));
    for (auto& [component, group] : groups)
      if (group.size() > 1) structure->loops.push_back(std::move(group));
    std::sort(structure->loops.begin(), structure->loops.end());
  }

  void find_gates() {
    for (const Vertex v : detail::unavoidable(structure->graph, structure->source, structure->sink))
      if (v < structure->stages.size() && !putki::is_terminal(structure->stages[v].kind))
        structure->gates.push_back(static_cast<StageId>(v));
  }

  void find_ranks() {
    const std::size_t count = structure->stages.size();
    const bool ranked_all = structure->entries.empty();
    const auto ranked = [&](std::size_t i) { return ranked_all || reached[i]; };
    // Components of high number come first, and inside one the order of the stages says which way is forward.
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    const std::vector<int>& component = structure->component;
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return component[a] > component[b]; });
    std::vector<int>& ranks = structure->ranks;
    ranks.assign(count, 0);
    int last = -1;
    int open_seen = 0;
    for (const std::size_t i : order) {
      if (!ranked(i)) continue;
      if (!structure->declares_moves) {
        ranks[i] = open_seen;
        if (!putki::is_terminal(structure->stages[i].kind)) ++open_seen;
      }
      last = std::max(last, ranks[i]);
      if (!structure->declares_moves) continue;
      for (const Vertex v : boost::make_iterator_range(adjacent_vertices(i, structure->graph)))
        if (v < count && (component[v] != component[i] || v > i)) ranks[v] = std::max(ranks[v], ranks[i] + 1);
    }
    for (std::size_t i = 0; i < count; ++i)
      if (!ranked(i)) ranks[i] = last + 1;
  }

  void find_problems() {
    const auto add = [&](StructureProblem problem, StageId stage, std::string message) {
      structure->findings.push_back({problem, stage, std::move(message)});
    };
    const std::vector<Stage>& stages = structure->stages;
    const bool has_won =
        std::any_of(stages.begin(), stages.end(), [](const Stage& s) { return s.kind == StageKind::won; });
    if (structure->entries.empty())
      add(StructureProblem::no_entry, kNoStage,
          "no stage to begin in: moves lead into every open stage, or none is open; declare an entry");
    if (!has_won) add(StructureProblem::no_won_stage, kNoStage, "no won stage: no deal can ever count as revenue");
    for (std::size_t i = 0; i < stages.size(); ++i) {
      const StageId id = static_cast<StageId>(i);
      const bool terminal = putki::is_terminal(stages[i].kind);
      const std::string which = to_string(stages[i].kind) + " stage " + in_quotes(stages[i].name);
      if (!structure->entries.empty() && !reached[i])
        add(StructureProblem::unreachable_stage, id, which + " cannot be reached from an entry");
      if (has_won && !terminal && !winnable[i])
        add(StructureProblem::no_way_to_won, id, which + " has no way to a won stage");
      if (terminal && has_way_out[i])
        add(StructureProblem::terminal_with_exits, id, which + " ends a deal, yet moves lead out of it");
      if (at_itself[i])
        add(StructureProblem::move_to_itself, id,
            which + " is declared to move to itself; staying is no move, left out");
    }
  }
};

StageGraph StageGraph::Builder::build() const {
  Assembly assembly;
  assembly.take_stages(stages_);
  assembly.take_moves(moves_);
  assembly.take_entries(entries_);
  assembly.connect();
  assembly.find_loops();
  assembly.find_gates();
  assembly.find_ranks();
  assembly.find_problems();
  return StageGraph(std::move(assembly.structure));
}

}  // namespace putki
