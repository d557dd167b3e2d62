#pragma once
/// \file
/// What moved the open pipeline between two instants: a waterfall that adds up to the cent, by deals and by money.
///
///     start + created + reopened + pulled in + valued + grown - shrunk - pushed out - won - lost = end
///
/// The pipeline at an instant is every deal in an open or on-hold stage; with a `period`, those of them whose expected
/// close, as known at that instant, falls in it. Each deal is judged by its states at the two instants alone (won and
/// reopened in between is neither), and takes one way in and one way out, the first that fits:
///
///   in   start       it was in the pipeline at the start
///        created     it did not exist at the start
///        reopened    it was in a won or lost stage at the start
///        pulled in   it was open at the start, but not expected to close in the period (or on no known day)
///   out  won, lost   it is in a won or lost stage at the end, entered after the start
///        pushed out  it is open at the end, but no longer expected to close in the period, earlier or later
///        end         it is in the pipeline at the end
///
/// So a deal created and won in the window is in `created` and in `won`; one that was pushed to another period and then
/// lost is `lost`. A closed deal that was not of the period's pipeline at the start belongs to the period when its last
/// known expected close falls in it. A deal first seen in a won or lost stage counts as created and closed; one moved
/// straight from one such stage to another (a correction) as reopened and closed. On-hold stages are part of the
/// pipeline: parking a deal moves nothing. Without a period nothing is pulled in or pushed out.
///
/// Money. A deal that comes in, comes in at the amount it has at the end. One that was there at the start first changes
/// its amount, then leaves at the new one: a deal open at 10 and won at 12 is 2 grown and 12 won. `valued` holds
/// amounts that became known. A won deal's amount is the last known at the end, corrections after the win included; a
/// lost deal's is the last it had while open, because CRMs zero it at loss, and only when it had none then a later one
/// above zero. Unknown amounts are no zeros: such deals count in `deals` and `without_amount` of every line. So there
/// are three identities: deals (without valued, grown and shrunk), value, and without_amount (valued leaves it).
///
/// Expected closes are looked at by the day they stood on at the start, for every deal that was open then (a `period`
/// does not change this): overdue, due in the window, due later. These groups are frozen: moving the date does not
/// remove a deal from its group, and
///
///     deals of the group = won + lost + moved later + not due + past due
///
/// How this differs from what CRMs show. Their waterfalls compare snapshots of the deals that still match a filter
/// today, so that the bars do not add up, call a deal that slips out of the quarter and is lost both, book the zeroed
/// amount of lost deals as shrinkage, take empty amounts for zeros, and measure slippage on the close dates of today,
/// from which every slipped deal has vanished.
///
/// Between three instants a <= b <= c without a period: created of [a, b] and of [b, c] are created of [a, c], by
/// deals; the end of one is the start of the next; won + lost - reopened adds up, by deals.
///
/// Cost: O(events), then O(deals of a list x log) per list. No deals: zeros, empty lists.

#include <putki/core/money.hpp>
#include <putki/core/period.hpp>
#include <putki/events/as_of.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace putki {

/// In the order of the identity.
enum class MovementLine { start, created, reopened, pulled_in, valued, grown, shrunk, pushed_out, won, lost, end };
inline constexpr std::size_t kMovementLines = 11;
/// `start`, `created`, `reopened`, `pulled_in`, ...: the words of the JSON.
std::string to_string(MovementLine line);

/// Deals and their money.
struct MovementTally {
  std::uint64_t deals = 0;
  Money value;                       ///< of those with an amount; of grown and shrunk the change, never below zero
  std::uint64_t without_amount = 0;  ///< of `deals`
  friend bool operator==(const MovementTally&, const MovementTally&) = default;
};

/// Where the expected close stood at the start.
enum class CloseGroup { overdue, due, later };
inline constexpr std::size_t kCloseGroups = 3;
/// What has become of such a deal at the end: closed; open and expected on a later day than before, not past yet; open,
/// not later and not past yet; open past its expected close.
enum class CloseFate { won, lost, moved_later, not_due, past_due };
inline constexpr std::size_t kCloseFates = 5;

/// What happened to the expected close of a deal open at both instants: set to a later day, to an earlier one, left,
/// given for the first time, still missing. These are disjoint and add up to the deals open at both instants.
enum class CloseChange { later, earlier, same, given, missing };
inline constexpr std::size_t kCloseChanges = 5;

/// Everything that can be summed over deals. Tables of shards of deals, merged, are that of the whole; the default
/// value is the identity.
struct MovementTable {
  std::size_t stages = 0;
  Timestamp since{}, as_of{};
  std::optional<Period> period;
  std::array<MovementTally, kMovementLines> lines{};
  /// From the stage at the start (row `stages`: created) to the stage at the end, [(stages + 1) x stages], of all deals
  /// in a line; values as they are at the end or as they left with.
  std::vector<MovementTally> flows;
  /// By amounts at the start, frozen as the groups are.
  std::array<std::array<MovementTally, kCloseFates>, kCloseGroups> due{};
  MovementTally undated;  ///< open at the start without an expected close: in none of the groups
  std::array<MovementTally, kCloseChanges> close_changes{};  ///< by amounts at the end
  MovementTally on_hold_at_start, on_hold_at_end;            ///< of the lines start and end

  const MovementTally& line(MovementLine which) const { return lines[static_cast<std::size_t>(which)]; }
  /// `from` kNoStage: created. InvalidArgument when a stage is not of the graph.
  const MovementTally& flow(StageId from, StageId to) const;
  const MovementTally& fate(CloseGroup group, CloseFate fate) const {
    return due[static_cast<std::size_t>(group)][static_cast<std::size_t>(fate)];
  }
  const MovementTally& close_change(CloseChange change) const {
    return close_changes[static_cast<std::size_t>(change)];
  }
  /// InvalidArgument (ErrorCode::incompatible) when stages, instants or period differ and neither side is the identity.
  void merge(const MovementTable& other);
  friend bool operator==(const MovementTable&, const MovementTable&) = default;
};

struct MovementOptions {
  /// Only what is expected to close in it.
  std::optional<Period> period = std::nullopt;
  /// Most deals per list, the largest by money; nothing: all of them.
  std::optional<std::size_t> list_limit = std::nullopt;
};

/// A deal behind a figure.
struct MovementDeal {
  std::string name;
  StageId from;         ///< at the start; kNoStage: it did not exist
  StageId to;           ///< at the end
  Money amount_before;  ///< at the start, kNoAmount when unknown or the deal did not exist
  Money amount_after;   ///< at the end or as it left, as the waterfall counts it
  std::optional<Day> expected_before;
  std::optional<Day> expected_after;
};

/// Lists are sorted by the money they put into their line, largest first, deals without an amount last.
struct Movement {
  StageGraph graph;
  Day since, as_of;  ///< local days of the two instants
  bool dates_known;  ///< some row of the log has an expected close
  MovementTable table;
  std::array<std::vector<MovementDeal>, kMovementLines> deals;  ///< by line
  std::vector<MovementDeal> moved_later;                        ///< of CloseChange::later
  std::vector<MovementDeal> moved_earlier;                      ///< of CloseChange::earlier
  std::vector<MovementDeal> past_due;                           ///< of CloseFate::past_due, all groups
};

/// The table alone, without lists. InvalidArgument: since after the view's instant, a period that ends before it
/// begins.
MovementTable movement_table(const AsOf& view, Timestamp since, const std::optional<Period>& period = std::nullopt);
/// Of the deals of the view, from `since` to its instant. InvalidArgument as movement_table.
Movement movement(const AsOf& view, Timestamp since, const MovementOptions& options = {});

}  // namespace putki
