#pragma once
/// \file
/// Which open deal is about to move, and which way: probabilities for the next h days, from the stage's own history.
///
/// For a deal that has been in its stage for `a` days, with d_k ends of kind k among Y visits at risk at each age:
///
///     P(k within h | still here at a) = sum over ages t in (a, a + h] of  S(t-) / S(a) x d_k(t) / Y(t)
///
/// the Aalen-Johansen estimate among the visits that lasted longer than a, those still open censored. Kinds: advance
/// (won included), loss, and elsewhere (back, sideways), as in stage_flow.hpp; with still here they sum to one.
///
/// The curve is followed only while `least_at_risk` visits are at risk; beyond that age (StageClock::curve_until) one
/// constant hazard for each kind takes over, ends over days spent, from the last age on after which as many ends were
/// seen (the whole stage when it has fewer). Its share of kind k over d days is (L_k / L)(1 - exp(-L d)), L_k the
/// hazards, L their sum; Var L_k = ends / days^2, carried through by the delta method and taken as independent of the
/// curve before. Limits are Wilson's with the number of visits that would have given that variance, p (1 - p) / Var
/// (Dorey & Korn 1987), so without censoring they are those of a plain share; where there is no spread, with the number
/// the figure rests on. Hazards of n ends chosen by their number are up to 1 / n too high. A stage nobody has left says
/// 0 with limits as wide as that number makes them.
///
/// `win`: that the deal is won within h days by any number of moves. With W_s(u) that of a deal which has just entered
/// stage s, W_s(u) = F_s,won(u) + sum over stages j of the integral over t <= u of W_j(u - t) dF_sj(t), solved on a
/// grid of at least 128 steps with W_j taken linear within a step: exact in logs of dates and whole `within_days`, to
/// about half a step otherwise. What a visit does depends on its stage and age alone; a first end counts, reopening
/// does not. `expected_value` = amount x win. No limits are given for it: `readiness_record` shows how it did.
///
/// Time is real days; ages are exact, from the entry into the stage to the view's instant. Stays on hold are stays like
/// others: parked deals advance nowhere, they move sideways.
///
/// How this differs from what CRMs show. Lead scores are points without a unit; "probability" there is a fixed number
/// for the stage, the same on day 1 and on day 100. Here it is a chance within stated days, checked against what
/// happened. "Rotten after 30 days" is a number somebody typed; overdue and stalled come from the stage's own history.
///
/// Who to contact: deals come ranked by `at_stake` = amount x (P(advance) + P(lost)), the money on which a decision is
/// likely to fall within h days; `at_risk` is the part of it that is loss. Deals without a known amount come after
/// those with one, by their chance of a decision; none is taken for zero.
///
/// Cost: O(visits log visits + open deals x steps x log visits) and the grid, O(steps^2 x pairs of stages seen); 1.5 s
/// for 5,000 open deals of 200,000 on one core. No deals: nothing.
///
/// Sources: Andersen, Borgan, Gill & Keiding 1993, section IV.4; Putter, Fiocco & Geskus 2007; Dorey & Korn 1987; Pyke
/// 1961 (Markov renewal equation).

#include <putki/core/interval.hpp>
#include <putki/core/money.hpp>
#include <putki/events/as_of.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace putki {

struct ReadinessOptions {
  /// h: above 0, at most 366.
  double within_days = 7;
  /// Visits at risk down to which a curve is followed, and ends from which the hazard beyond is pooled. 2 .. 1,000,000.
  std::size_t least_at_risk = 20;
  /// Share of those who advance after whose age a deal is overdue. Inside (0, 1).
  double overdue_share = 0.9;
  /// Share of all stays, and of all times between two records in the stage, after which a deal is stalled or silent.
  /// Inside (0, 1).
  double stalled_share = 0.95;
};

struct Chance {
  double probability = 0;
  double std_error = 0;
  Interval limits{0, 1};  ///< 95 %
};

/// What the history of an open or on-hold stage says about age.
struct StageClock {
  StageId stage;
  std::uint64_t visits = 0;
  std::uint64_t advances = 0;  ///< visits that advanced
  /// Age up to which the curve is followed; absent: nowhere, there are fewer visits than least_at_risk.
  std::optional<double> curve_until = {};
  double tail_hazard = 0;  ///< ends of any kind per day beyond it
  /// Smallest age by which overdue_share of those who advance (within the ages seen, opens censored) have: F(t) >=
  /// share x F(longest). Absent with fewer than ten advances.
  std::optional<double> overdue_days = {};
  /// Age that a share 1 - stalled_share of all stays outlast (Kaplan-Meier). Absent when never reached.
  std::optional<double> stalled_days = {};
  /// The same of the time between two records of a deal in the stage, or from the last to the move.
  std::optional<double> silent_days = {};
};

struct ReadyDeal {
  std::string deal;
  StageId stage;
  double age_days = 0;
  double silent_days = 0;  ///< since its last record of any kind
  Money amount = kNoAmount;
  Chance advance;                             ///< within h days, won included
  Chance won_next;                            ///< of it: straight into a won stage
  Chance lost;                                ///< within h days
  Chance elsewhere;                           ///< within h days: back or sideways
  double still_here = 1;                      ///< after h days
  double win = 0;                             ///< won within h days by any number of moves
  std::size_t rests_on = 0;                   ///< visits behind the figures at this age
  bool from_tail = false;                     ///< age at curve_until or past it: pooled hazards only
  bool overdue = false;                       ///< age > StageClock::overdue_days
  bool stalled = false;                       ///< age > StageClock::stalled_days
  bool silent = false;                        ///< silent_days > StageClock::silent_days
  std::optional<double> expected_value = {};  ///< currency units, as the next two; absent without an amount
  std::optional<double> at_stake = {};
  std::optional<double> at_risk = {};
};

struct Readiness {
  Day as_of{};
  double within_days = 0;
  double overdue_share = 0;
  double stalled_share = 0;
  StageGraph graph;
  std::vector<StageClock> stages;  ///< open and on-hold ones, in stage order
  std::vector<ReadyDeal> deals;    ///< open ones, ranked: who to contact first
  std::uint64_t without_amount = 0;
  double expected_value = 0;  ///< sum over deals with an amount, currency units
};

/// InvalidArgument: an option out of range.
Readiness readiness(const AsOf& view, const ReadinessOptions& options = {});

/// A deal that was open at a past instant: what was foretold then, and what came within h days.
struct ReadinessOutcome {
  StageId stage;
  double advance = 0, lost = 0, win = 0;
  bool advanced = false, was_lost = false, won = false;
  /// Shares of the same kind among all outcomes of that stage at earlier instants of the record whose h days were over:
  /// what a fixed number for the stage would have said. Absent where there were none.
  std::optional<double> stage_advance = {}, stage_lost = {};
};

struct ReadinessRecord {
  double within_days = 0;
  std::vector<Day> origins;  ///< ascending
  std::vector<ReadinessOutcome> outcomes;
};

/// Readiness as it would have been said at up to `origins` past instants, h days apart, the last of them h days before
/// the view's, each from what was known then; deals without a known event then do not count. Judge it with
/// `reliability` and `brier_score` of the evaluate layer, as the report does: this layer and that one do not know each
/// other. InvalidArgument: as readiness, origins outside 1 .. 1,000.
ReadinessRecord readiness_record(const AsOf& view, const ReadinessOptions& options = {}, int origins = 12);

}  // namespace putki
