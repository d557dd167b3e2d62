#pragma once
/// \file
/// The funnel in one value: presence accounting, times, transition and close-rate curves, lifetimes.
///
/// Durations are exact and in real days; visits and deals still open at the view's instant are censored there, so a
/// deal that is still open has not failed. The close rate is the cumulative incidence of each end from the deal's first
/// event on (Aalen-Johansen, see aalen_johansen.hpp). CRMs show won / (won + lost) of closed deals instead, which
/// depends on how fast each kind closes and on how fast the inflow grows.
///
/// A curve is known at an age when some deal (or visit) was watched for so long, or next to all (99.5 %) had ended
/// before; beyond that a point says so rather than repeat the last value. Where nothing was seen yet, or all ended
/// alike, the usual standard error is 0 and says nothing: the limits there are the exact binomial ones of the deals
/// watched to that age (none of 100 deals: 0 to 3.6 %).
///
/// Cost: O(events log events). No deals: zeros, curves known nowhere, no quantiles.

#include <putki/funnel/stage_flow.hpp>

#include <optional>
#include <vector>

namespace putki {

struct FunnelSummaryOptions {
  /// Ages at which curves are read, real days, above 0, ascending.
  std::vector<double> days = {1, 7, 14, 30, 60, 90};
};

/// Probability of an end by an age, its standard error, and 95 % limits.
struct CurvePoint {
  double days;
  double probability;  ///< where not known, of the last age that is
  double std_error;
  Interval interval;
  bool known = true;  ///< somebody was watched for so long
};

/// To `stage`, by the ages asked for.
struct IncidenceCurve {
  StageId stage;
  std::vector<CurvePoint> points;
};

struct StageSummary {
  StageFlow flow;
  std::optional<double> median_days;
  std::optional<double> p90_days;
  /// Next stages seen, in stage order; empty for terminal stages.
  std::vector<IncidenceCurve> transitions;
};

struct OutcomeSummary {
  std::uint64_t deals;  ///< ended there
  IncidenceCurve curve;
};

/// Time from a deal's first event to any end.
struct LifetimeSummary {
  std::optional<double> q25, q50, q75, q90;
  double restricted_mean_60;
  double restricted_mean_60_std_error;
};

struct FunnelSummary {
  Day as_of;
  StageGraph graph;
  std::uint64_t deals;
  std::uint64_t open_deals;
  std::vector<StageSummary> stages;
  std::vector<OutcomeSummary> outcomes;  ///< one per terminal stage, in stage order
  LifetimeSummary lifetime;
};

/// InvalidArgument: ages not finite, not above 0, or not ascending.
FunnelSummary summarize_funnel(const AsOf& view, const FunnelSummaryOptions& options = {});

}  // namespace putki
