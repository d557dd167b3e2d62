#pragma once
/// \file
/// Presence accounting: what became of every visit to every stage, and how far deals got.
///
/// Each visit known in the view ends in exactly one way, so for every stage, always,
///
///     entered = advanced + lost + back + sideways + still_there
///
/// Where a visit goes is judged by the stage it moves to next:
///   advanced     a won stage, or an open stage of higher rank (StageGraph::ranks: by the declared moves, by order of
///                definition when none are declared). Skipping stages is one advance.
///   lost         a lost stage.
///   back         an open stage of lower rank; and out of a won or lost stage to an open one (a deal reopened).
///   sideways     an open stage of the same rank; and into or out of an on-hold stage, which has no place in the order:
///                parking a deal neither advances it nor sets it back.
///   still_there  nowhere yet: open at the view, or at rest in a terminal stage.
/// Rows that repeat the stage do not end a visit; a stage entered again is a new visit, a visit of length zero counts.
///
/// `reached` counts deals, not visits: those ever at the stage or beyond it. Beyond an open stage are the won stages
/// and the open stages of higher rank that some series of allowed moves leads to from it, so a deal that skipped the
/// stage has reached it. A lost or on-hold stage is beyond nothing: a deal declined from the first stage did not reach
/// the second. A won, lost or on-hold stage is reached only by being there. The reach of a stage is reached / deals.
///
/// How this differs from what CRMs show. A funnel of deals *now* in each stage is a stock, not a flow. Counting history
/// rows counts amount changes as entries. Conversion as "entered the next stage / entered this one" goes wrong with
/// skips (over 100 %) and with deals still open (counted as failures); here the open ones stand apart and transition
/// curves treat them as censored. Deleting loops hides rework; here it is `back`. And counting a closed deal as having
/// been through every stage, lost ones too, flatters the early stages.
///
/// Counts are O(events x stages); times and curves O(visits log visits) per stage. No deals: zeros, empty curves, no
/// quantiles.

#include <putki/survival/aalen_johansen.hpp>
#include <putki/survival/kaplan_meier.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace putki {

struct StageFlow {
  StageId stage;
  std::uint64_t entered = 0;      ///< visits
  std::uint64_t advanced = 0;     ///< visits
  std::uint64_t won = 0;          ///< visits, of those advanced: straight into a won stage
  std::uint64_t lost = 0;         ///< visits
  std::uint64_t back = 0;         ///< visits
  std::uint64_t sideways = 0;     ///< visits
  std::uint64_t still_there = 0;  ///< visits
  std::uint64_t reached = 0;      ///< deals
  friend bool operator==(const StageFlow&, const StageFlow&) = default;
};

/// Counts of shards of deals, merged, are those of the whole; the default value is the identity.
struct StageFlows {
  std::uint64_t deals = 0;        ///< deals known in the view
  std::vector<StageFlow> stages;  ///< one per stage of the graph, in its order
  /// InvalidArgument (ErrorCode::incompatible) when both have stages and not the same number.
  void merge(const StageFlows& other);
  friend bool operator==(const StageFlows&, const StageFlows&) = default;
};

StageFlows stage_flows(const AsOf& view);

/// How long visits to a stage last and where they go, in real days, those still there censored.
struct StageTimes {
  SurvivalCurve stay;                 ///< share still there after t days
  std::optional<double> median_days;  ///< stay.quantile(0.5): absent when fewer than half are seen to leave
  std::optional<double> p90_days;     ///< stay.quantile(0.9)
  /// Share that by t days has moved on to each stage, cause = index(next stage) + 1: the transitions p_ij by age.
  CumulativeIncidence transitions;
};

/// InvalidArgument when the stage is not of the graph. Terminal stages have times too: until a deal was reopened.
StageTimes stage_times(const AsOf& view, StageId stage);

}  // namespace putki
