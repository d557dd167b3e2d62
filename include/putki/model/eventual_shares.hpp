#pragma once
/// \file
/// Where visits to a stage end sooner or later, on the calendar, and how that answers to the odds.
///
/// Of visits that begin spread evenly over a Monday .. Sunday without holidays, at normal speed, the share that ends by
/// a move to each target. With U(d, b) the expected number of days on which a visit begins a day of type d in age bin
/// b,
///
///     share_k = sum_d sum_b U(d, b) chance_k(d, b),
///
/// and since U depends on the chances of staying only, a change of the odds among those who leave moves shares alone.
/// The last bin is summed over all weeks to come as a geometric series. Shares sum to less than 1 where some stay for
/// ever. Cost: 7 x the last bin's age.

#include <putki/model/dated_model.hpp>

#include <vector>

namespace putki {

struct EventualShares {
  std::vector<StageId> targets;  ///< ascending; empty: never left
  std::vector<double> shares;    ///< by target
  double days = 0;               ///< expected whole days of a visit; infinite where some stay for ever
};

/// InvalidArgument: a stage outside the graph.
EventualShares eventual_shares(const DatedModel& model, StageId stage);

/// Change of the share of `target` for a small change of the logarithm of its odds: sum U c_k (1 - c_k / L), L the
/// chance of leaving. 0 where only `target` is ever moved to. InvalidArgument: `target` is no target of `stage`.
double share_per_log_odds(const DatedModel& model, StageId stage, StageId target);

/// The change of exits that moves the share of `target` by `points` (0.01: one point), paid by `payer` or, when that is
/// kNoStage, by the other targets in proportion to what they have on each day and age. InvalidArgument: no such target
/// or payer, or a share that no odds can give; the message says from where to where it can go.
ExitChange change_of_share(const DatedModel& model, StageId stage, StageId target, double points,
                           StageId payer = kNoStage);

}  // namespace putki
