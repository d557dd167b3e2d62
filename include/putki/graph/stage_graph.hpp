#pragma once
/// \file
/// The stage graph: which stages a deal can be in, what kind each is, which moves are allowed.
///
/// Immutable and shared: a copy costs one reference count, reading from several threads is safe. Without declared moves
/// any move out of a non-terminal stage is allowed. Doubtful structure is a named finding, never a crash; only what
/// cannot be a graph at all (no stages, two stages of one name, a move to an unknown stage) throws DefinitionError.

#include <putki/core/error.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace putki {

/// Index of a stage in its graph: 0 .. stage_count() - 1.
enum class StageId : std::uint16_t {};
constexpr std::size_t index(StageId stage) {
  return static_cast<std::size_t>(stage);
}
inline constexpr StageId kNoStage{0xffff};

enum class StageKind {
  open,     ///< the deal is being worked
  on_hold,  ///< parked: clocks stop
  won,      ///< terminal, counts as revenue
  lost,     ///< terminal, does not
};
constexpr bool is_terminal(StageKind kind) {
  return kind == StageKind::won || kind == StageKind::lost;
}
std::string to_string(StageKind kind);

struct Stage {
  std::string name;
  StageKind kind = StageKind::open;
};

enum class StructureProblem {
  no_entry,  ///< every stage has a way in: there is nowhere to begin
  no_won_stage,
  unreachable_stage,  ///< no way from an entry
  no_way_to_won,      ///< an open or on-hold stage that can never be won
  terminal_with_exits,
};
struct StructureFinding {
  StructureProblem problem;
  StageId stage;        ///< kNoStage when it concerns the whole graph
  std::string message;  ///< one line for a person
};

class StageGraph {
 public:
  class Builder;

  /// Open stages in order, each allowed to move to the next, or to any lost stage; the last open one to `won`.
  static StageGraph linear(std::span<const std::string> open_stages, std::string won = "Won",
                           std::vector<std::string> lost = {"Lost"});
  /// Prospecting, First contact, Conversation, Proposal, Closing; then Won or Lost; skips and steps back allowed.
  /// After-sale care is the customer's life, not a stage of the deal: it begins where Won is entered (see value
  /// models).
  static StageGraph b2b_template();

  std::size_t stage_count() const;
  const Stage& stage(StageId id) const;
  std::span<const Stage> stages() const;
  /// Stages whose kind is `kind`, in order.
  std::vector<StageId> stages_of(StageKind kind) const;
  StageKind kind(StageId id) const { return stage(id).kind; }
  bool is_terminal(StageId id) const { return putki::is_terminal(kind(id)); }
  std::optional<StageId> find(std::string_view name) const;

  /// False: no moves were declared, any is allowed.
  bool declares_moves() const;
  bool allows(StageId from, StageId to) const;
  /// Allowed next stages, in stage order.
  std::vector<StageId> next_stages(StageId from) const;

  /// Declared entry stages; when none are declared, stages no move leads into (without declared moves: the first
  /// stage).
  std::vector<StageId> entries() const;
  bool reachable(StageId from, StageId to) const;
  /// Groups of two or more stages that can reach each other: rework loops.
  std::vector<std::vector<StageId>> loops() const;
  /// Stages every path from an entry to any won stage must pass (dominators), entry side first; terminal stages
  /// excluded.
  std::vector<StageId> gates() const;
  /// Rank for drawing and funnels: length of the longest loop-free path from an entry, loops collapsed; unreachable
  /// stages last.
  std::vector<int> ranks() const;
  std::vector<StructureFinding> check() const;

  friend bool operator==(const StageGraph& a, const StageGraph& b);

 private:
  struct Structure;
  explicit StageGraph(std::shared_ptr<const Structure> structure);
  std::shared_ptr<const Structure> structure_;
};

/// Collects stages and moves; `build` checks and freezes them.
class StageGraph::Builder {
 public:
  Builder& stage(std::string name, StageKind kind = StageKind::open);
  Builder& move(std::string_view from, std::string_view to);
  Builder& entry(std::string_view stage);
  StageGraph build() const;

 private:
  std::vector<Stage> stages_;
  std::vector<std::pair<std::string, std::string>> moves_;
  std::vector<std::string> entries_;
};

}  // namespace putki
