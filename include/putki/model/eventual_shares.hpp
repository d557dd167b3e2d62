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

/// Change of the expected days of a visit for a small change of the logarithm of the pace of leaving; 0 or less. NaN
/// where some stay for ever.
double days_per_log_pace(const DatedModel& model, StageId stage);

/// The change of exits that makes a visit last `factor` times as long on average. A visit that ends on its day of entry
/// lasts 0 days; where all do, nothing changes; where some stay for ever there is no average, and the pace is 1 /
/// factor. InvalidArgument: a factor not above 0, or below what leaving at once on every day on which deals leave would
/// give.
ExitChange change_of_days(const DatedModel& model, StageId stage, double factor);

}  // namespace putki
