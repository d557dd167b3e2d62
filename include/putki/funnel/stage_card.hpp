#pragma once
/// \file
/// One card per stage: what is there now, what should be, how old it is, what came and went, where it goes and how
/// fast.
///
/// **Presence over a window.** Every stay in a stage that was there when the window began or began in it ends in one
/// way, so for every stage, always, in deals' stays and to the cent,
///
///     opening + entered = advanced + lost + back + sideways + still_there
///
/// Ways are those of stage_flow.hpp. A stay is worth the last amount known by its end (or by the view); one that ends
/// in a lost stage with its amount cleared to zero keeps the last amount above zero; stays without a known amount are
/// counted apart. CRMs show how many deals are in a stage and a conversion "entered next / entered this", which mixes
/// stays of several windows and passes 100 % when a backlog is worked off.
///
/// **Expected number.** Little's law: arrivals a day in the window x mean stay in days. The mean stay comes from all
/// stays known, those still going on censored (area under Kaplan-Meier up to the longest seen); the mean of the
/// finished ones, which is what CRMs show, leaves out the long ones that are not over. With Poisson arrivals the number
/// present in a steady state is Poisson, whatever the stays, so z = (present - expected) / sqrt(expected): above 2, the
/// stage holds more than its own pace explains; below -2, it runs dry. z takes the expected number as given; its
/// limits, from the Poisson spread of the arrivals and the error of the mean stay, say how far to trust that.
/// `stay_complete` false: stays last longer than has been seen, and the expected number is too low.
///
/// **Transitions.** Share of stays that by `age_days` has moved on to each next stage (Aalen-Johansen); absent where no
/// stay has been watched so long; exact binomial limits where the share is 0 or 1.
///
/// **Value leaving**: worth of the stays that ended in a lost, or a won, stage in the window, per 30 days, limits from
/// the compound Poisson sum (sum v^2): a single large deal is one event.
///
/// Time: the window is all that happened after 00:00 of `since`, up to the view; durations in real days. Terminal
/// stages have no card. Cost: O(events + visits log visits). No deals: zeros, everything else absent.
///
/// Source: Little 1961.

#include <putki/events/as_of.hpp>
#include <putki/funnel/metric_estimate.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace putki {

struct StagePresence {
  StageId stage{};
  CountAndValue opening{};  ///< there when the window began
  CountAndValue entered{};  ///< in the window
  CountAndValue advanced{};
  CountAndValue won{};  ///< of those advanced: straight into a won stage
  CountAndValue lost{};
  CountAndValue back{};
  CountAndValue sideways{};
  CountAndValue still_there{};  ///< at the view
  friend bool operator==(const StagePresence&, const StagePresence&) = default;
};

/// Presences of shards of deals, merged, are those of the whole; the default value is the identity.
struct StagePresences {
  std::vector<StagePresence> stages;  ///< one per stage of the graph, in its order
  /// InvalidArgument (ErrorCode::incompatible) when both have stages and not the same number.
  void merge(const StagePresences& other);
  friend bool operator==(const StagePresences&, const StagePresences&) = default;
};

/// Stays of the view's deals over (since, view]; a `since` after the view's instant is an InvalidArgument.
StagePresences stage_presences(const AsOf& view, Timestamp since);

struct StageCardOptions {
  /// First day of the window; nothing: 28 days before the view.
  std::optional<Day> since = std::nullopt;
  /// Age in the stage at which transitions are read, days, above 0.
  double age_days = 30;
};

struct StageTransition {
  StageId to{};
  std::optional<MetricEstimate> share = std::nullopt;
};

struct StageCard {
  StagePresence presence{};                                  ///< still_there: the active deals now
  std::optional<double> median_age = std::nullopt;           ///< of those there now
  std::optional<double> p90_age = std::nullopt;              ///< the smallest age that 90 % of them do not pass
  double arrivals_per_day = 0;                               ///< in the window
  std::optional<MetricEstimate> mean_stay = std::nullopt;    ///< up to the longest seen
  bool stay_complete = false;                                ///< next to none lasts longer than the longest seen
  std::optional<MetricEstimate> expected = std::nullopt;     ///< number there, by Little's law
  std::optional<double> z_score = std::nullopt;              ///< absent when none is expected
  std::optional<MetricEstimate> median_stay = std::nullopt;  ///< limits absent where not reached
  std::optional<double> p90_stay = std::nullopt;
  std::optional<MetricEstimate> still_there_by_age = std::nullopt;  ///< share that lasts longer than age_days
  std::vector<StageTransition> transitions{};                       ///< next stages seen, in stage order
  MetricEstimate lost_per_30_days{};  ///< currency units; limits absent when nothing was lost
  MetricEstimate won_per_30_days{};
};

struct StageCards {
  Day as_of{};
  Day since{};
  double window_days = 0;
  double age_days = 0;
  StageGraph graph;
  std::vector<StageCard> cards{};  ///< one per open or on-hold stage, in stage order
};

/// InvalidArgument: `since` not before the view's first unknown day, age not finite or not above 0.
StageCards stage_cards(const AsOf& view, const StageCardOptions& options = {});

}  // namespace putki
