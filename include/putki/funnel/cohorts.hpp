#pragma once
/// \file
/// Cohorts by creation: how each period's deals completed by age, the triangle of what has been seen, and what the
/// immature cohorts will come to, with limits.
///
/// A cohort is the deals whose first event falls in one week, month or quarter (local days). Age is local days since
/// that event; a deal created on day c has won by age a when its first end is a won stage, on day c + a or before. What
/// comes after a first end (a deal reopened) does not count, as in deal_durations.
///
/// **Triangle.** A cell (cohort, age) is *whole* when every day on which the cohort could begin has been followed to
/// that age; then it has shares with Wilson limits. It is *part* when that is so for some days (what is won so far is a
/// least number), *none* before.
///
/// **Projection** to the horizon H, an age: a cohort comes to what it has won by age H plus what its open deals of age
/// a <= H will yet win. For these, with h_w(d), h_l(d) the share of the Y(d) deals of all cohorts at risk at age d that
/// were won or lost on that day (conditional Aalen-Johansen increments: the chain ladder, but by days, censored where
/// each deal was last seen, and with lost deals taken out of what can develop),
///
///     p(d) = h_w(d) + (1 - h_w(d) - h_l(d)) p(d + 1),  p(H + 1) = 0:    P(won by H | open at the start of age d)
///     mean     sum over open deals of p(a)
///     process  sum of p(a) (1 - p(a)): which of them win
///     estimate sum_d E(d)^2 / Y(d) (h_w u^2 + h_l v^2 - (h_w u + h_l v)^2),  u = 1 - p(d + 1), v = -p(d + 1),
///              E(d) = E(d - 1) (1 - h_w - h_l)(d - 1) + open deals of age d: those expected at risk at age d
///
/// The last line is the delta method: dmean/dh_w(d) = E(d) u, dmean/dh_l(d) = E(d) v, and hazards of different days are
/// uncorrelated, those of one day multinomial. Cohorts are rarely quite alike: both variances are multiplied by the
/// dispersion, Pearson's chi-square of wins per cohort against what the pooled hazards expect, over its degrees of
/// freedom, when above 1 (as for the over-dispersed Poisson chain ladder; England & Verrall 2002). Limits are quantiles
/// of the beta distribution on 0 .. open deals with that mean and variance, half a deal wider for counts. Where all
/// deals seen at those ages went the same way there is no variance to be had; the limits are then those of a share with
/// Jeffreys' posterior for as many deals.
///
/// By value the same, each deal weighted by its amount: Y becomes (sum v)^2 / sum v^2, since large deals win at their
/// own rates. Amounts are those known last (at the first end, or at the view; a zero at a loss is no amount); deals
/// without one are counted apart and no part of any value.
///
/// How this differs from what CRMs show. "Win rate by created month" is won / created, which always falls towards the
/// present because young cohorts have had no time; or won / closed, which always rises, because quick losses come
/// first. Here a young cohort's cells are empty until they can be compared, and its outcome is a forecast with limits.
///
/// Views at 00:00 of a day are meant; later in a day, the ends already known on it count. Cost: O(events + cohorts x
/// days). No deals: no cohorts.
///
/// Sources: Aalen & Johansen 1978; Mack 1993 (the chain ladder by period: putki::fit_chain_ladder); England & Verrall
/// 2002, section 2.3.

#include <putki/core/period.hpp>
#include <putki/funnel/stage_reach.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace putki {

/// What became of a cohort's deals on one day of their age.
struct CohortDay {
  std::uint64_t won = 0;   ///< ended by winning at this age
  std::uint64_t lost = 0;  ///< ended otherwise
  std::uint64_t open = 0;  ///< open at the view, this the first age not yet seen
  Money won_value;         ///< of those won, amounts known
  friend bool operator==(const CohortDay&, const CohortDay&) = default;
};

struct CohortTally {
  std::uint64_t deals = 0;
  std::uint64_t amounts_known = 0;
  Money amount;                 ///< of those
  std::vector<CohortDay> days;  ///< by age; the last one counts some deal
  friend bool operator==(const CohortTally&, const CohortTally&) = default;
};

/// Counts of shards of deals, merged, are those of the whole; the default value is the identity.
struct CohortCounts {
  std::optional<PeriodUnit> unit;
  DayNumber first_unknown_day = 0;
  std::map<DayNumber, CohortTally> cohorts;  ///< by first day of the period; those with deals
  /// InvalidArgument (ErrorCode::incompatible) when unit or day differ.
  void merge(const CohortCounts& other);
  friend bool operator==(const CohortCounts&, const CohortCounts&) = default;
};

/// InvalidArgument unless the unit is week, month or quarter.
CohortCounts count_cohorts(const AsOf& view, PeriodUnit unit);

struct CohortOptions {
  /// Week, month or quarter; nothing: weeks for a history of up to 12 weeks, months up to 14 months, else quarters.
  std::optional<PeriodUnit> unit = {};
  std::size_t most_cohorts = 12;  ///< the latest are shown; all are used. At least 1
  std::size_t most_ages = 8;      ///< columns of the triangle, at least 1: every week, 30 or 91 days, or multiples
  double level = 0.95;            ///< of all limits
};

enum class CohortSeen { none, part, whole };

struct CohortCell {
  CohortSeen seen;
  std::uint64_t won;    ///< by this age, so far
  std::uint64_t ended;  ///< won or lost, likewise
  Money won_value;
  /// Of the cohort's deals, and of the money of those with a known amount; only for whole cells.
  std::optional<ShareWithLimits> won_share, ended_share;
  std::optional<double> value_share;
};

/// Won by the horizon: what it has and what is expected, deals or units of money.
struct CohortProjection {
  double so_far;
  double expected;       ///< so_far + what is to come
  double process_error;  ///< standard deviation of what is to come, hazards known
  double estimate_error;
  Interval limits;  ///< so_far + those of what is to come
};

struct CohortFigures {
  Period period;
  std::uint64_t deals;
  std::uint64_t open;           ///< at the view
  std::uint64_t amounts_known;  ///< of the deals
  Money amount;
  std::vector<CohortCell> cells;  ///< one per age
  bool mature;                    ///< none of its deals can still win by the horizon
  /// Nothing when no age was seen whole.
  std::optional<CohortProjection> count, value;
};

struct Cohorts {
  Day as_of;
  PeriodUnit unit;
  std::uint64_t earlier_deals;         ///< of cohorts not shown
  std::vector<int> ages;               ///< columns in days, ascending, each seen whole by some cohort shown or not
  std::optional<int> horizon;          ///< the last of them
  double level;                        ///< of the limits
  double dispersion;                   ///< at least 1; 1 with fewer than 3 cohorts
  std::vector<CohortFigures> cohorts;  ///< oldest first; periods without deals between them too
  /// All deals together at the ages: Aalen-Johansen, the young for as long as they were seen.
  std::vector<ShareWithLimits> pooled_won;
};

/// InvalidArgument: unit not week, month or quarter, most_cohorts or most_ages 0, level not between 0 and 1.
Cohorts cohorts(const AsOf& view, const CohortOptions& options = {});

}  // namespace putki
