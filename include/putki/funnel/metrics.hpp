#pragma once
/// \file
/// The four classic metrics of a sales funnel, right, beside their textbook versions: how many deals are in it, how
/// many are won, how large they are, how long they live; and from the four, velocity.
///
/// A deal begins with its first event and ends with its first won or lost stage; a deal still open is censored at the
/// view's instant and has not failed. What it is worth is its last known amount; of a lost deal a zero is taken for a
/// field that was cleared, and its last amount above zero stands. Deals without a known amount count in every figure
/// by count and in none by value; how many they are is said. A deal reopened is in the funnel where it stands now; its
/// close and its lifetime are those of its first end.
///
/// Two things these figures do not do. Ages count every day, those on hold too. And an amount that usually grows or
/// shrinks while a deal is worked makes old and young deals differ in more than age; weights should not (see
/// weighted_incidence.hpp), so figures by value lean towards what old deals' amounts are when amounts drift a lot.
///
/// **Close rate.** Share of the deals created that are won within `horizon_days` of their creation: cumulative
/// incidence of Won, Lost competing, open deals censored (Aalen-Johansen). By value: the share of the value created
/// that is won by then, with weights on the risk sets; its limits by the infinitesimal jackknife over deals, since a
/// large deal is one observation (weighted_incidence.hpp). Absent where no deal has been watched for so long. CRMs show
/// Won / (Won + Lost) of the deals that *closed* in the window. Those are deals of several ages: when losses come fast
/// and wins slow and the inflow grows, the wins of today come from the fewer deals of then, and the figure is too low;
/// close_rates.hpp says by how much.
///
/// **Deal size.** E[v 1(win)] is not E[v] P(win): large deals are won less often, or more. `value_of_a_deal` is what
/// one new deal brings on average, E[v 1(won by h)] = mean size x close rate by value; `covariance` is its distance
/// from mean size x close rate by count, which a CRM's "rate x size" leaves out. Their standard errors are those of the
/// joint influences (the delta method).
///
/// **Lead lifetime.** To any end: Kaplan-Meier median, and the mean within `horizon_days`. To a win: of the deals won
/// within the longest age T seen,
///
///     P(time <= t | won by T) = F_won(t) / F_won(T),    mean = integral of t dF_won(t) / F_won(T)
///
/// which corrects for what the wins at hand leave out: of young deals only the fast wins have been seen, and in F_won
/// every age is measured among the deals old enough to show it. The textbook's "mean age of the deals that closed" has
/// no such correction and is too short while the inflow grows. Limits of the median are the ages at which
/// F_won(t) - F_won(T) / 2 is not significantly away from 0.
///
/// **Velocity**, money won per day, three ways:
///   stock    sum over open deals of amount x win hazard now. The hazard is won value / value x days at risk, by stage
///            and by age in the stage (bands of 0, 1, 2, 4, 7, 14, 30, 60, 120, 240 days), over all visits known.
///   flow     deals created per day of the window x E[v 1(win)], at the longest age seen.
///   textbook open deals x close rate of the closed x mean size won / mean days from creation to a win, in the window.
/// In a steady state stock and flow are the same number: with inflow m, the value at age a in a stage is m E[v 1(there
/// at a)], times the hazard of the value is m times the rate at which value is won at a, summed over ages m E[v
/// 1(win)]. The hazard must be that of the *value*; a count's hazard times a sum of amounts misses the covariance
/// above. The textbook's divides the number of all deals, most of them to be lost, by the cycle of the won ones, and is
/// right only when both kinds live equally long and size has nothing to do with winning. Stock above flow: a full
/// funnel that the inflow does not sustain.
///
/// Time: exact instants in real days of 86,400 s; the window is all that happened after 00:00 of `since`, up to the
/// view; periods are local days, half-open. Cost: O(events + deals log deals); 2.7 s of one core for a million deals.
/// Values; nothing is kept of the view. No deals: counts of zero, everything else absent.
///
/// Sources: Little 1961 (stock and flow); Yuen & Dixon 1973 (trimmed mean); for the rest weighted_incidence.hpp.

#include <putki/core/period.hpp>
#include <putki/events/as_of.hpp>
#include <putki/funnel/metric_estimate.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace putki {

struct FunnelMetricsOptions {
  /// Window of inflow and textbook figures: after 00:00 of this day; nothing: 90 days before the view.
  std::optional<Day> since = std::nullopt;
  /// Age at which the close rate is read, days, above 0; nothing: `usual_close_days` of the view.
  std::optional<double> horizon_days = std::nullopt;
  /// Periods of creation.
  PeriodUnit period = PeriodUnit::month;
  unsigned fiscal_start_month = 1;
  /// Share of the deals cut off at each end for the trimmed mean; 0 to below 0.5.
  double trimmed_share = 0.1;
};

/// The age by which 90 % of the wins within the longest age seen have come, in whole days, at least 1: an age at which
/// a close rate says nearly all and that most cohorts have reached. 90 when no win was seen.
double usual_close_days(const AsOf& view);

/// Censoring-aware, at `horizon_days`; absent where nobody was watched for so long.
struct CloseRateByAge {
  std::uint64_t deals = 0;
  std::uint64_t followed = 0;         ///< of those, created at least that long ago
  std::uint64_t unknown_amounts = 0;  ///< of `deals`: not in `by_value`
  std::optional<MetricEstimate> by_count = std::nullopt;
  std::optional<MetricEstimate> by_value = std::nullopt;
};

/// Textbook: of the deals whose first end fell into a window. Wilson's limits by count; by value those of a ratio of
/// sums over deals.
struct ClosedShare {
  CountAndValue won{};
  CountAndValue lost{};
  std::optional<MetricEstimate> by_count = std::nullopt;
  std::optional<MetricEstimate> by_value = std::nullopt;
};

/// Amounts of a group of deals. Mean and trimmed mean with Student limits (from two deals on), the median with exact
/// limits by order statistics (from six).
struct DealSizes {
  CountAndValue deals{};
  std::optional<MetricEstimate> mean = std::nullopt;
  std::optional<MetricEstimate> median = std::nullopt;
  std::optional<MetricEstimate> trimmed_mean = std::nullopt;
};

/// Over all deals with a known amount; money in currency units. Absent where the close rate is.
struct SizeAndWinning {
  std::optional<MetricEstimate> mean_size = std::nullopt;        ///< E[v], of all deals created
  std::optional<MetricEstimate> value_of_a_deal = std::nullopt;  ///< E[v 1(won by h)]
  std::optional<double> size_times_rate = std::nullopt;          ///< E[v] P(won by h): what leaves the covariance out
  std::optional<MetricEstimate> covariance =
      std::nullopt;  ///< the difference: above 0 when large deals are won more often
  std::optional<MetricEstimate> mean_size_of_win = std::nullopt;  ///< E[v | won by h]: of the wins to come, too
};

struct LeadLifetime {
  std::optional<MetricEstimate> median_to_end = std::nullopt;  ///< limits absent where not reached
  std::optional<MetricEstimate> mean_to_end = std::nullopt;    ///< of min(age, horizon_days)
  double longest_days = 0;                                     ///< T: the longest age seen
  std::optional<MetricEstimate> median_to_win = std::nullopt;
  std::optional<MetricEstimate> mean_to_win = std::nullopt;
  /// Textbook, of the deals that closed in the window: their mean days from creation to the end, and of the won ones.
  std::uint64_t closed = 0;
  std::uint64_t won = 0;
  std::optional<MetricEstimate> mean_age_closed = std::nullopt;
  std::optional<MetricEstimate> mean_age_won = std::nullopt;
};

/// Currency units per day. Absent: no deal with an amount, nothing won or lost in the window.
struct Velocity {
  std::optional<MetricEstimate> stock = std::nullopt;  ///< limits: of the hazards, the open deals being what they are
  std::optional<MetricEstimate> flow = std::nullopt;   ///< limits: of the inflow (Poisson) and of the value of a deal
  std::optional<double> textbook = std::nullopt;
};

/// Of the deals created in a period, and (textbook) of those that closed in it.
struct MetricPeriod {
  Period period{};
  CountAndValue created{};
  std::uint64_t won = 0;   ///< of the created, so far
  std::uint64_t lost = 0;  ///< so far
  std::uint64_t open = 0;  ///< without an end so far
  CloseRateByAge close_rate{};
  ClosedShare closed{};
  CountAndValue in_funnel{};  ///< at the end of the period (or at the view): deals and amounts as known then
  std::optional<MetricEstimate> mean_size = std::nullopt;      ///< of the created
  std::optional<MetricEstimate> median_to_end = std::nullopt;  ///< of the created, open ones censored
};

struct FunnelMetrics {
  Day as_of{};
  Day since{};
  double horizon_days = 0;
  std::uint64_t deals = 0;    ///< known in the view
  CountAndValue in_funnel{};  ///< in no terminal stage now
  std::uint64_t on_hold = 0;  ///< of those, in an on-hold stage
  CloseRateByAge close_rate{};
  ClosedShare closed{};             ///< in the window
  DealSizes won{}, open{}, lost{};  ///< by where the deals are now
  SizeAndWinning size_and_winning{};
  LeadLifetime lifetime{};
  std::uint64_t created_in_window = 0;
  Velocity velocity{};
  std::vector<MetricPeriod> periods{};  ///< from the first creation to the view, in order
};

/// InvalidArgument: `since` not before the view's first unknown day, horizon not finite or not above 0, trimmed share
/// outside [0, 0.5), fiscal start month outside 1..12.
FunnelMetrics funnel_metrics(const AsOf& view, const FunnelMetricsOptions& options = {});

}  // namespace putki
