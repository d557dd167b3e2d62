#pragma once
/// \file
/// One history, every close rate: the definitions in use side by side, each with its count, its limits and why it
/// differs; and the bias of Won / (Won + Lost) worked out.
///
/// A close rate is a share of deals that are won, and the definitions differ in which deals, watched for how long:
///
///   closed_in_window  Won / (Won + Lost) of the deals whose first end fell into the window: what CRMs show.
///   closed_ever       the same over all history.
///   created_naive     won so far / created in the window: open deals count as failures.
///   won_of_all        won so far / all deals ever created.
///   matured_cohort    of the deals created at least `horizon_days` ago, those won within `horizon_days`: unbiased, but
///                     silent about the young.
///   snapshot          of the deals open when the window began, those won since: a rate of what is in the pipeline,
///   aged
///                     as it is, not of new deals. Open ones count as not won.
///   value_weighted    Won / (Won + Lost) of the window in money.
///   by_age            censoring-aware: won within `horizon_days` of creation, open deals censored (Aalen-Johansen).
///   The
///                     one to use.
///   by_age_value      the same share of value.
///
/// **The bias.** Deals created at s days ago number e^(-g s) of today's when the inflow grows by a factor e^g a day.
/// The wins of today are the deals created T_w ago, so with p the share that is ever won, wins run at p E[e^(-g T_w)]
/// of the present inflow and losses at (1 - p) E[e^(-g T_l)], and Won / (Won + Lost) of a period tends to
///
///     p E[e^(-g T_w)] / (p E[e^(-g T_w)] + (1 - p) E[e^(-g T_l)])
///
/// which is p only if g = 0 or both kinds close equally fast. `bias` estimates it: g is the maximum-likelihood growth
/// of the creations of the days that feed the window, L = window + horizon before the view (or since the first deal).
/// Creation days x in [0, L] of a stream growing so have density g e^(g x) / (e^(g L) - 1), whose likelihood equation
/// is mean x = L / (1 - e^(-g L)) - 1 / g, with information per deal 1/g^2 - L^2 e^(-gL) / (1 - e^(-gL))^2. The two
/// expectations are means over ends with payoff e^(-g t), open deals censored (weighted_incidence.hpp): no shape is
/// assumed. `without_growth` is the same with g = 0: won / ended of all ends, as far as the longest age seen; the
/// formula minus that is what growth alone does. Limits carry both the spread of g and of the ends.
///
/// Time: the window is all that happened after 00:00 of `since`, up to the view. First ends count; deals reopened after
/// one stay closed here. Amounts as in metrics.hpp. Cost: O(events + deals log deals). No deals: all absent.

#include <putki/events/as_of.hpp>
#include <putki/funnel/metric_estimate.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace putki {

struct CloseRatesOptions {
  /// Window: after 00:00 of this day; nothing: 90 days before the view.
  std::optional<Day> since = std::nullopt;
  /// Age at which by_age and matured_cohort are read, days, above 0; nothing: `usual_close_days` (metrics.hpp).
  std::optional<double> horizon_days = std::nullopt;
};

enum class CloseRateDefinition {
  by_age,
  by_age_value,
  matured_cohort,
  closed_in_window,
  closed_ever,
  value_weighted,
  created_naive,
  won_of_all,
  snapshot,
};
/// `by_age`, ...: the word in JSON.
std::string to_string(CloseRateDefinition definition);

struct CloseRateLine {
  CloseRateDefinition definition;
  std::uint64_t won = 0;    ///< deals won that it counts
  std::uint64_t deals = 0;  ///< of so many; for rates by value those with a known amount
  std::uint64_t open = 0;   ///< of those, without an end so far
  std::optional<MetricEstimate> rate = std::nullopt;
  std::string why;  ///< one plain line: why it differs
};

struct ClosedShareBias {
  std::uint64_t deals = 0;                                      ///< creations that g is estimated from
  double days = 0;                                              ///< over so many days
  std::optional<MetricEstimate> growth_per_day = std::nullopt;  ///< g; absent below two deals
  std::optional<double> growth_per_month = std::nullopt;        ///< e^(30 g) - 1
  std::optional<MetricEstimate> predicted = std::nullopt;       ///< the formula at g
  std::optional<double> without_growth = std::nullopt;          ///< at g = 0
  std::optional<MetricEstimate> off_by = std::nullopt;          ///< predicted - without_growth
};

struct CloseRates {
  Day as_of{};
  Day since{};
  double horizon_days = 0;
  std::uint64_t deals = 0;
  std::vector<CloseRateLine> lines{};  ///< one per definition, in their order
  ClosedShareBias bias{};
};

/// InvalidArgument: `since` not before the view's first unknown day, horizon not finite or not above 0.
CloseRates close_rates(const AsOf& view, const CloseRatesOptions& options = {});

/// Maximum-likelihood growth of a stream seen over `length` days at `ages` (days since its begin, within 0 .. length),
/// and its standard error. Absent below two, for a length of 0, or when all lie at one end. Exposed because it is a
/// useful answer by itself: "the inflow grows by so much".
std::optional<MetricEstimate> stream_growth(const std::vector<double>& ages, double length);

}  // namespace putki
