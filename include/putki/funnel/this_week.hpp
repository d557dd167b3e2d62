#pragma once
/// \file
/// Three things to do this week: what the rest of this layer finds, cut down to what a manager can act on.
///
/// Candidates, in this order; the first three that have something to say are kept:
///
///   decide    open deals within their stage's usual time on which a decision is near: those with the most money at
///             stake, amount x (P(advance) + P(lost)) within the week (readiness.hpp)
///   fill      the open stage that runs dry first within `weeks_ahead` weeks (balance.hpp)
///   gap       the costliest weakness of a segment that chance does not explain (strengths.hpp)
///   clean up  open deals past their stage's time: overdue, stalled or silent (readiness.hpp)
///   leak      the open stage where losses cost most a month: visits a month x share lost x what an advance from there
///             is worth (strengths.hpp)
///
/// Where no open deal has an amount, decide and leak go by numbers of deals.
///
/// Deals on hold are in none. Every figure is that of the function named; nothing is weighed or scored here. A pipeline
/// without deals, or too young for any of it, has fewer than three.
///
/// How this differs from what CRMs show. Task lists there are what somebody typed, or every deal untouched for a fixed
/// number of days.
///
/// Cost: that of readiness, balance and strengths.

#include <putki/events/as_of.hpp>
#include <putki/funnel/balance.hpp>
#include <putki/funnel/readiness.hpp>
#include <putki/funnel/strengths.hpp>

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

namespace putki {

struct ThisWeekOptions {
  /// The week: chances are within so many days. Above 0, at most 366.
  double within_days = 7;
  /// Deals named with a task. 1 .. 1,000.
  std::size_t deals_named = 5;
  /// How far ahead a stage may run dry to be a task. 1 .. 104.
  int weeks_ahead = 4;
};

struct DecideDeals {
  std::vector<ReadyDeal> deals;  ///< named: most at stake first, without any amounts the likeliest to be decided
  double decisions = 0;          ///< expected among them within the week
  double at_stake = 0;           ///< of those named, currency units
  double at_risk = 0;            ///< the part of it that is loss
};

struct FillStage {
  StageProjection projection;  ///< dry_in_week is there
  Day dry_by;                  ///< end of that week
};

struct CloseGap {
  Strength weakness;  ///< a discovery with money_per_month below 0
};

struct CleanUpDeals {
  std::uint64_t deals = 0;
  std::uint64_t without_amount = 0;
  Money value;                   ///< of the others
  double expected_value = 0;     ///< of it, within the week
  std::vector<ReadyDeal> named;  ///< largest amount first
};

struct StopLeak {
  StageWorth stage;
  double lost_per_month = 0;  ///< deals
  double cost_per_month = 0;  ///< of all its losses, currency units; 0 where no win with an amount was seen
};

using WeekTask = std::variant<DecideDeals, FillStage, CloseGap, CleanUpDeals, StopLeak>;

struct ThisWeek {
  Day as_of{};
  double within_days = 0;
  StageGraph graph;
  std::uint64_t open_deals = 0;  ///< on hold included
  std::uint64_t without_amount = 0;
  Money open_value;             ///< of the others
  std::vector<WeekTask> tasks;  ///< at most three
};

/// `since`: the window whose inflow the projection goes on with, as in balance. InvalidArgument: as those functions,
/// options out of range.
ThisWeek this_week(const AsOf& view, Timestamp since, const ThisWeekOptions& options = {});

}  // namespace putki
