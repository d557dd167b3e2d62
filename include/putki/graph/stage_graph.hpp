#pragma once
/// \file
/// The stage graph: which stages a deal can be in, what kind each is, which moves are allowed.
///
/// Immutable and shared: a copy costs one reference count, reading from several threads is safe. Everything is worked
/// out when the graph is built, in O(stages + moves); the functions below then answer in O(1) or in the size of their
/// answer, but for `reachable`.
///
/// Without declared moves any move out of a non-terminal stage is allowed, and "a move" below means any of those.
/// A stage has no move to itself: a row that repeats the stage is an amount or date change, not a move. Several won and
/// several lost stages are normal; so are skips, steps back, branches and loops.
///
/// Doubtful structure is a named finding of `check`, never a crash; only what cannot be a graph at all throws
/// (see StageGraph::Builder). A StageId that is not of the graph throws InvalidArgument, everywhere.

#include <putki/core/error.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace putki {

/// Index of a stage in its graph: 0 .. stage_count() - 1, in the order in which the stages were given.
enum class StageId : std::uint16_t {};
constexpr std::size_t index(StageId stage) {
  return static_cast<std::size_t>(stage);
}
/// No stage: what a function returns, or a finding names, when it concerns none.
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
/// `open`, `on_hold`, `won`, `lost`: the words of the definition file.
std::string to_string(StageKind kind);

struct Stage {
  std::string name;
  StageKind kind = StageKind::open;
  friend bool operator==(const Stage&, const Stage&) = default;
};

enum class StructureProblem {
  no_entry,             ///< no entry was declared and none can be derived: there is nowhere to begin
  no_won_stage,         ///< reported once; no stage is then reported as no_way_to_won
  unreachable_stage,    ///< no way from an entry; not reported when there is no entry
  no_way_to_won,        ///< an open or on-hold stage that can never be won
  terminal_with_exits,  ///< a won or lost stage with declared moves out; they are kept and allowed
  move_to_itself,       ///< declared, and left out: staying is no move
};
/// `no_entry`, ...: the word used in programs' output and JSON.
std::string to_string(StructureProblem problem);

struct StructureFinding {
  StructureProblem problem;
  StageId stage;        ///< kNoStage when it concerns the whole graph
  std::string message;  ///< one line for a person
};

class StageGraph {
 public:
  class Builder;

  /// Open stages in order, each allowed to move to the next, or to any lost stage; the last open one to `won`.
  /// The first is the entry. DefinitionError when there is no open stage, or as for Builder::build.
  static StageGraph linear(std::span<const std::string> open_stages, std::string won = "Won",
                           std::vector<std::string> lost = {"Lost"});
  /// The six-step business-to-business process. Steps one to five are open stages: Prospecting (the entry), First
  /// contact, Conversation, Proposal, Closing. Step six, after-sale care, is not a stage of the deal but the customer's
  /// life, which begins on the day the deal enters Won: it has no end that a pipeline could count, and its revenue is
  /// what the value models describe. So the graph has seven stages, the five open ones, Won and Lost. Deals may skip
  /// steps and go back, and be won or lost from any step, as they are in practice.
  static StageGraph b2b_template();

  std::size_t stage_count() const;
  const Stage& stage(StageId id) const;
  std::span<const Stage> stages() const;
  /// Stages whose kind is `kind`, in order.
  std::vector<StageId> stages_of(StageKind kind) const;
  StageKind kind(StageId id) const { return stage(id).kind; }
  bool is_terminal(StageId id) const { return putki::is_terminal(kind(id)); }
  /// The stage of exactly this name. O(1).
  std::optional<StageId> find(std::string_view name) const;

  /// False: no moves were declared, any is allowed.
  bool declares_moves() const;
  /// O(1). False for from == to.
  bool allows(StageId from, StageId to) const;
  /// Allowed next stages, in stage order.
  std::vector<StageId> next_stages(StageId from) const;

  /// In stage order: the declared entries; when none were declared, the open and on-hold stages that no move leads into
  /// (without declared moves: the first open or on-hold stage). May be empty.
  std::vector<StageId> entries() const;
  /// Some series of moves leads from one to the other; every stage reaches itself. O(stages + moves).
  bool reachable(StageId from, StageId to) const;
  /// Groups of two or more stages that can all reach each other (strong components): rework loops. Each in stage order,
  /// groups by their first stage. Without declared moves all open and on-hold stages are one group.
  std::vector<std::vector<StageId>> loops() const;
  /// Stages every path from an entry to any won stage must pass (the dominators of winning), entry side first; terminal
  /// stages excluded. Empty when nothing can be won.
  std::vector<StageId> gates() const;
  /// By stage, a rank for drawing and funnels: every move from a stage that an entry reaches goes to a higher rank,
  /// unless it goes back inside a loop, where the order in which stages were given says which way is forward. The rank
  /// is the number of moves on the longest way to the stage that never goes back. Stages no entry reaches share the
  /// last rank (when there is no entry at all, all stages rank as if reached). Without declared moves: open and on-hold
  /// stages by order, then the terminal ones, all at one rank.
  std::vector<int> ranks() const;
  /// What is doubtful about the structure: whole-graph findings first, then by stage. Empty is good.
  std::vector<StructureFinding> check() const;

  /// The same stages in the same order, moves and entries (declared or derived).
  friend bool operator==(const StageGraph& a, const StageGraph& b);

 private:
  struct Structure;
  explicit StageGraph(std::shared_ptr<const Structure> structure);
  std::shared_ptr<const Structure> structure_;
};

/// Collects stages and moves; `build` checks and freezes them. Stages may be named by a move or an entry before they
/// are added. Repeated moves and entries count once.
class StageGraph::Builder {
 public:
  /// A name is UTF-8 text of 1 to 1,000 bytes, without control characters and without blanks at its ends.
  Builder& stage(std::string name, StageKind kind = StageKind::open);
  Builder& move(std::string_view from, std::string_view to);
  Builder& entry(std::string_view stage);
  /// DefinitionError (ErrorCode::invalid_graph) when there is no stage or more than 65,534, a name is not as above or
  /// given twice, or a move or entry names no stage. The builder is unchanged and may build again.
  StageGraph build() const;

 private:
  struct Assembly;
  std::vector<Stage> stages_;
  std::vector<std::pair<std::string, std::string>> moves_;
  std::vector<std::string> entries_;
};

}  // namespace putki
