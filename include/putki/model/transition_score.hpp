#pragma once
/// \file
/// How well a model foretold what deals then did: the out-of-sample log score of moves.
///
/// A model says, for every visit and every day, the chance of staying and of each move. The log score of some days is
/// the log-likelihood of what happened on them, each visit-day given where the deal was and for how long:
///
///     sum over visits v and their days t:  log stay(age of v on t, t)  or  log chance of the move made on t,
///
/// visits that begin within the days included, from their entry on. Given the visits this is a strictly proper score
/// (Gneiting & Raftery 2007): in expectation the true chances have the highest. It is computed on days after the last
/// one that the model knows, so that a richer model is not better for having seen more.
///
/// `rolling_score` repeats this at cuts: the last one `days` before the statistics end, the others as much earlier
/// each; at every cut the model is fitted on what was known then and scored on the days up to the next cut. Nothing
/// after the statistics' own day is used: they hold nothing of it.
///
/// Units: natural logarithms; days are local days. Scores of like days add up, so that groups of deals with models of
/// their own are scored as the sum. Cost: O(visits x days) and a table of one logarithm per stage, day, age bin and
/// target; beside the fits that is little. Without visits all is 0.

#include <putki/model/dated_model.hpp>

#include <cstdint>
#include <functional>

namespace putki {

struct TransitionScore {
  double log_likelihood = 0;
  std::uint64_t visit_days = 0;  ///< days at risk scored, moves among them
  std::uint64_t moves = 0;

  /// Comparable between spans of days: log-likelihood per move made; not a number without moves.
  double per_move() const;
  TransitionScore& operator+=(const TransitionScore& other);
};

/// Chances below this count as this: a move that the model holds for impossible costs much, but not everything.
inline constexpr double kLeastChance = 1e-9;

/// Scores the days from `begin` over the horizon of `hazards`, which are the model's from that day on, but none from
/// `seen`'s own day on. `model` tells ages.
TransitionScore score_transitions(const DatedModel& model, const DatedHazards& hazards, Day begin,
                                  const DatedStatistics& seen);
/// The same with the model's posterior means over `days` days from `begin`, which follows the last day it was fitted
/// on. InvalidArgument: days below 0, or statistics of another graph (ErrorCode::incompatible) or of no day.
TransitionScore score_transitions(const DatedModel& model, Day begin, int days, const DatedStatistics& seen);

struct RollingCuts {
  /// Number of past days to fit from.
  int cuts = 4;
  /// Days scored after each; also the distance between cuts.
  int days = 14;
  /// Days of history that a fit needs: earlier cuts are left out.
  int least_history_days = 28;
};

/// Sum over the cuts, of models that `fit` makes from what was known at each. No cut fits into the history: all 0.
/// InvalidArgument: cuts or days below 1, identity statistics.
TransitionScore rolling_score(const DatedStatistics& seen, const std::function<DatedModel(const DatedStatistics&)>& fit,
                              const RollingCuts& cuts = {});

}  // namespace putki
