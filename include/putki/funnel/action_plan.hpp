#pragma once
/// \file
/// What to expect and to do after each stage: what comes next and when, how long waiting makes sense, what won.
///
/// What comes next. Of visits to the stage (or those still there at `at_age_days`), the share that sooner or later
/// moves to each stage, by Aalen-Johansen with visits still there censored, and quartiles of when: the age by which a
/// quarter, half and three quarters of those moves have come. "Sooner or later" is within the ages seen; `still_here`
/// is left.
///
/// Latest useful day. With A(a) and L(a) the remaining chances to advance and to be lost of a visit still there at age
/// a, the first whole day from which on A < L at every day with at least `least_at_risk` visits left: after it, waiting
/// more often ends in a loss. Reported only when noise does not explain it: on some such day the difference must lie
/// 2.33 standard errors below zero (one-sided 1 %), with the error it would have if the two were alike, (A + L) / n,
/// and n the visits that would have given the variance of A - L, (A + L - (A - L)^2) / n without censoring. Absent when
/// that never happens. 0: from the entry on. When in truth the two are alike, 200 visits give such a day in 3 % of
/// cases.
///
/// Continuations: the open and on-hold stages passed between a visit and the deal's first end, by how often they were
/// won. `open` are deals that are on just this way now: immature, in no share. A way is known only at its end, so
/// shares compare ways, they do not foretell.
///
/// Remaining time and visits, from the entry into the stage to the deal's first end, over every way and loop: with Q
/// the transition shares among open and on-hold stages and m the mean stays,
///
///     visits = row sums of N = (I - Q)^-1,   days = N m,   win_ever = N p_won
///
/// (Kemeny & Snell 1960, chapter 3). Shares are those "sooner or later", scaled to one over what was seen to leave;
/// mean stays are restricted to the longest age seen, so with `unresolved` far from 0 days are too few. Absent when a
/// stage on the way has not been left by anyone, or leads to no end.
///
/// Ages are real days, stays on hold included; a reopened deal's first end counts. Cost: O(visits log visits + days x
/// ends of a stage), O(stages^3) for N. No deals: no shares, nothing expected.
///
/// How this differs from what CRMs show. "Next step" there is what somebody typed; average days in stage are those of
/// the deals that left, without the ones still waiting, and a stage's probability does not change while a deal waits.

#include <putki/core/interval.hpp>
#include <putki/events/as_of.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace putki {

struct ActionPlanOptions {
  /// What comes next is told for visits still there at this age; 0: for those that begin. Finite, not below 0.
  double at_age_days = 0;
  /// Visits still there that a latest useful day must rest on. 2 .. 1,000,000.
  std::size_t least_at_risk = 20;
  /// Continuations kept for a stage. 0 .. 1,000.
  std::size_t continuations = 3;
};

struct NextStage {
  StageId stage;
  double probability = 0;
  double std_error = 0;
  Interval limits{0, 1};  ///< 95 %, as in readiness.hpp
  /// Days in the stage (from its entry) by which a quarter, half, three quarters of these moves come.
  double q25 = 0, q50 = 0, q75 = 0;
};

struct Continuation {
  std::vector<StageId> stages;                ///< empty: from this stage straight to the end
  std::uint64_t won = 0, lost = 0, open = 0;  ///< visits
  Interval win_limits{0, 1};                  ///< Wilson limits of won / (won + lost), 95 %
};

/// Ways of more stages than this are counted together, in StagePlan::longer.
inline constexpr std::size_t kLongestContinuation = 16;

struct StagePlan {
  StageId stage;
  std::uint64_t visits = 0;
  std::uint64_t still_at_age = 0;  ///< visits behind `next`
  std::vector<NextStage> next;     ///< likeliest first
  double still_here = 1;           ///< 1 - sum of `next`
  double advance = 0, lost = 0;    ///< parts of `next`, as in stage_flow.hpp
  std::optional<int> latest_useful_day = {};
  double advance_then = 0, lost_then = 0;   ///< remaining chances on that day
  std::vector<Continuation> continuations;  ///< most won first, then fewest lost
  std::uint64_t ways = 0;                   ///< different ones seen, those still open included
  Continuation longer;
  std::optional<double> expected_days = {};
  std::optional<double> expected_visits = {};  ///< this one included
  std::optional<double> win_ever = {};
  double unresolved = 0;  ///< largest share still there after the longest age seen, over the stages on the way
};

struct ActionPlan {
  Day as_of{};
  double at_age_days = 0;
  StageGraph graph;
  std::vector<StagePlan> stages;  ///< open and on-hold ones, in stage order
};

/// InvalidArgument: an option out of range.
ActionPlan action_plan(const AsOf& view, const ActionPlanOptions& options = {});

}  // namespace putki
