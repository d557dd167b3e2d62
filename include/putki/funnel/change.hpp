#pragma once
/// \file
/// Did the change work? Two cohorts of deals at equal follow-up: before and after a day, or two values of an attribute.
///
/// Before and after: with the change on day D and the view T days later, the second cohort are the deals created in the
/// first `window_days` w from D on, as they stand at the view; the first cohort those created in the w days before D,
/// as they stood T days after their window began. Deal by deal the two are seen equally long: one created x days into
/// its window is followed for T - x days, and at most for `follow_up_days` h. What came later does not exist, in either
/// cohort. With w = T (the default) the first cohort is the pipeline as it stood on day D, so that nothing of the
/// change has touched it; with w < T its last days of follow-up fall after D, and a change that also helps deals
/// already open then looks smaller than it is.
///
/// Two values of an attribute (A/B): the deals of each created in the w days from D on, at the same view, at most h
/// days.
///
/// Outcome: the first end is a won stage, by age h, lost competing, opens censored; or, with `reach`, the first time at
/// that stage or beyond it (as stage_flow.hpp has it), an end elsewhere competing. A deal reopened after its first end
/// counts as ended. Ages are real days from the deal's first event; deals are created on local days; what is dated at
/// the instant up to which a cohort is known is known.
///
/// Money per deal created is what deals won by age h brought (value_incidence.hpp), each at the last amount known by
/// the end of its follow-up. Won deals without an amount are counted and taken to bring what the others of their cohort
/// do.
///
/// How this differs from what CRMs show. A report of "win rate last month against the month before" counts the deals
/// that *closed* in each: they were mostly created, and worked, before the change; or, by month of creation, it gives
/// the older cohort a month more to win. Both move without any change at all. And a dashboard looked at every morning
/// finds a "significant" difference sooner or later: `always_valid` are the limits for that.
///
/// **Before and after is no experiment.** Season, the mix of deals, another campaign, a new price at a rival change
/// too, and no statistics of these two cohorts can tell them from the change. Two things help against some of it:
///   placebo      the same comparison one window earlier, when nothing was changed (before against the time before
///   that;
///                for two values, before the test began). When that differs too, the verdict says that the difference
///                cannot be laid to the change.
///   adjust_for   compares like with like: within each value of an attribute (source, region, size class), then
///   averages
///                the differences by the values' shares of all deals of both cohorts (direct standardisation; limits by
///                squaring and adding, as comparison.hpp, each weighed). A shift of the mix towards deals that win more
///                easily falls away. Only what that attribute tells apart is adjusted for.
/// An A/B comparison is an experiment only when chance decided which deal got which value.
///
/// Cost: O(events + deals log deals). A cohort without deals: verdict nothing_to_compare, its numbers 0, limits of its
/// share [0, 1].

#include <putki/events/as_of.hpp>
#include <putki/survival/comparison.hpp>
#include <putki/survival/gray_test.hpp>
#include <putki/survival/log_rank.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace putki {

struct ChangeOptions {
  Day change_on{};                 ///< first day of the new way; with `attribute`, first day looked at
  int window_days = 0;             ///< days of creation in a cohort; 0: all from change_on to the view
  int follow_up_days = 0;          ///< age by which the outcome must have come; 0: half the days to the view, up to 90
  std::optional<StageId> reach{};  ///< outcome: this open or won stage or beyond; none: won
  std::string attribute{};         ///< compare two of its values; empty: before and after change_on
  std::string first_value{};       ///< of `attribute`; the empty text: unknown
  std::string second_value{};      ///< of `attribute`
  std::string adjust_for{};        ///< attribute whose mix is held equal; empty: none
  double level = 0.95;             ///< of limits and tests
  double power = 0.8;              ///< of detectable differences and sizes needed
  double worthwhile = 0.02;        ///< a smaller difference of shares makes no difference to anybody
};

/// One cohort.
struct ChangeCohort {
  std::string label;  ///< "before", "after", or the value
  Day from{};         ///< first day of creation
  Day to{};           ///< first day after the last of creation
  Day known{};        ///< as known at 00:00 of this day
  std::uint64_t deals = 0;
  std::uint64_t succeeded = 0;           ///< outcome come by its follow-up
  std::uint64_t ended = 0;               ///< ended without it by its follow-up
  std::uint64_t complete = 0;            ///< followed for all of follow_up_days, whatever became of them
  std::uint64_t complete_succeeded = 0;  ///< of these, with the outcome
  IncidenceShare share;                  ///< with the outcome by follow_up_days
  Interval share_limits{0, 1};
  double days_open = 0;  ///< mean of the days to any end, within follow_up_days
  double days_open_std_error = 0;
  std::uint64_t won = 0;  ///< by its follow-up
  std::uint64_t won_without_amount = 0;
  Money won_amount;                      ///< of won deals whose amount is known
  std::optional<double> money_per_deal;  ///< units, won by follow_up_days per deal created; none: no won amount known
  double money_std_error = 0;
};

/// Second against first.
struct CohortComparison {
  ChangeCohort first, second;
  Difference share;              ///< of outcomes by follow_up_days
  Interval always_valid{-1, 1};  ///< the same for those who look often, from complete deals alone
  Difference days_open;
  std::optional<Difference> money;            ///< per deal created; none when one of the two is
  LogRankTest speed;                          ///< log-rank test of the time to any end
  GrayTest outcome;                           ///< Gray's test of the outcome, over all ages to follow_up_days
  double probability_of_improvement = 0.5;    ///< of a larger share in the second, Jeffreys' prior
  std::optional<double> detectable_increase;  ///< smallest of the share that cohorts of this size would find
  std::optional<double> detectable_decrease;
  std::optional<double> deals_needed;  ///< per cohort, to find a difference as large as the one seen; none: none seen
};

/// The same with the mix of an attribute held equal.
struct AdjustedComparison {
  std::string attribute;
  std::uint64_t values = 0;          ///< of the attribute that both cohorts have
  std::uint64_t deals_left_out = 0;  ///< of values that only one cohort has
  Difference share;                  ///< averaged over the values
  LogRankTest speed;                 ///< in strata
  GrayTest outcome;                  ///< in strata
};

enum class ChangeVerdict {
  nothing_to_compare,  ///< a cohort has no deals
  too_early,           ///< limits of the difference hold 0 and also differences worth while
  no_difference,       ///< limits hold 0 and only differences not worth while
  better,              ///< limits above 0
  worse,               ///< limits below 0
};
/// `too_early` and the like.
std::string to_string(ChangeVerdict verdict);

struct ChangeComparison {
  Day as_of{};
  Day change_on{};
  int window_days = 0;
  int follow_up_days = 0;
  double level = 0.95, power = 0.8, worthwhile = 0.02;
  std::string outcome;    ///< "won", or the name of the stage to reach
  std::string attribute;  ///< empty: before and after
  CohortComparison cohorts;
  ChangeVerdict verdict = ChangeVerdict::nothing_to_compare;
  bool sure_at_every_look = false;  ///< always-valid limits are all above 0, or all below
  /// The same one window earlier; none when a cohort of it has no deals.
  std::optional<CohortComparison> placebo;
  bool placebo_differs = false;  ///< its limits do not hold 0
  /// With adjust_for; none also when the cohorts have no value of it in common. The verdict is of the plain difference.
  std::optional<AdjustedComparison> adjusted;
};

/// InvalidArgument: change_on not before the view's day; window or follow-up below 0 or longer than the days between;
/// `reach` not an open or won stage of the graph; an unknown attribute, a value that no deal of the log has, the same
/// value twice; level not in (0, 1), power not in (0.5, 1), worthwhile not in [0, 1].
ChangeComparison compare_change(const AsOf& view, const ChangeOptions& options);

}  // namespace putki
