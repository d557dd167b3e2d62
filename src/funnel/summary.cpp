#include <fmt/format.h>
#include <putki/core/error.hpp>
#include <putki/funnel/summary.hpp>
#include <putki/survival/kaplan_meier.hpp>

#include "funnel/followed_incidence.hpp"

#include <algorithm>
#include <cmath>

namespace putki {
namespace {

IncidenceCurve read_curve(const FollowedIncidence& ends, StageId stage, const std::vector<double>& days) {
  IncidenceCurve curve{stage, {}};
  const int cause = static_cast<int>(index(stage)) + 1;
  for (const double day : days)
    curve.points.push_back({.days = day,
                            .probability = ends.curve().probability(cause, day),
                            .std_error = ends.curve().std_error(cause, day),
                            .interval = ends.limits(cause, day),
                            .known = ends.known_at(day)});
  return curve;
}

void check_ages(const FunnelSummaryOptions& options) {
  double previous = 0;
  for (const double day : options.days) {
    if (!std::isfinite(day) || day <= 0)
      throw InvalidArgument(fmt::format("a curve at the age of {} days; ages are numbers above 0", day));
    if (day <= previous)
      throw InvalidArgument(
          fmt::format("a curve at the age of {} days after one at {}; ages must ascend", day, previous));
    previous = day;
  }
}

}  // namespace

FunnelSummary summarize_funnel(const AsOf& view, const FunnelSummaryOptions& options) {
  check_ages(options);
  const StageGraph& graph = view.graph();
  const StageFlows flows = stage_flows(view);
  FunnelSummary summary{.as_of = view.day(),
                        .graph = graph,
                        .deals = flows.deals,
                        .open_deals = 0,
                        .stages = {},
                        .outcomes = {},
                        .lifetime = {}};

  for (const StageFlow& flow : flows.stages) {
    StageSummary stage{.flow = flow, .median_days = {}, .p90_days = {}, .transitions = {}};
    if (!graph.is_terminal(flow.stage)) {
      summary.open_deals += flow.still_there;
      const Durations stays = visit_durations(view, flow.stage);
      const SurvivalCurve stay = kaplan_meier(stays);
      const FollowedIncidence ways(stays, visits_followed(view, flow.stage));
      stage.median_days = stay.quantile(0.5);
      stage.p90_days = stay.quantile(0.9);
      for (std::size_t next = 0; next < graph.stage_count(); ++next) {
        const auto& incidence = ways.curve().incidence;
        const bool seen = next + 1 < incidence.size() && !incidence[next + 1].empty() && incidence[next + 1].back() > 0;
        if (seen) stage.transitions.push_back(read_curve(ways, static_cast<StageId>(next), options.days));
      }
    }
    summary.stages.push_back(std::move(stage));
  }

  const Durations lives = deal_durations(view);
  const FollowedIncidence ends(lives, deals_followed(view));
  const SurvivalCurve open = kaplan_meier(lives);
  for (std::size_t j = 0; j < graph.stage_count(); ++j) {
    const auto stage = static_cast<StageId>(j);
    if (!graph.is_terminal(stage)) continue;
    const auto deals = std::count(lives.cause.begin(), lives.cause.end(), static_cast<int>(j) + 1);
    summary.outcomes.push_back({static_cast<std::uint64_t>(deals), read_curve(ends, stage, options.days)});
  }
  summary.lifetime = {open.quantile(0.25), open.quantile(0.5),       open.quantile(0.75),
                      open.quantile(0.9),  open.restricted_mean(60), open.restricted_mean_std_error(60)};
  return summary;
}

}  // namespace putki
