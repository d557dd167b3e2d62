#include <fmt/format.h>
#include <putki/core/error.hpp>
#include <putki/funnel/stage_reach.hpp>

#include "funnel/followed_incidence.hpp"
#include "funnel/ways.hpp"

#include <cmath>

namespace putki {
namespace {

constexpr int kAdvanced = 1, kLost = 2, kElsewhere = 3;

int cause_of_way(Way way) {
  return way == Way::advanced ? kAdvanced : way == Way::lost ? kLost : kElsewhere;
}

}  // namespace

ReachAndTransition reach_and_transition(const AsOf& view, const ReachOptions& options) {
  if (!std::isfinite(options.days) || options.days <= 0)
    throw InvalidArgument(fmt::format("transitions by the age of {} days; it must be a number above 0", options.days));
  const StageGraph& graph = view.graph();
  const Ways ways(graph);
  const StageFlows flows = stage_flows(view);
  ReachAndTransition result{.deals = flows.deals, .days = options.days, .stages = {}};
  for (const StageFlow& flow : flows.stages) {
    const auto reached = static_cast<double>(flow.reached), deals = static_cast<double>(flows.deals);
    StageReach stage{.stage = flow.stage,
                     .name = graph.stage(flow.stage).name,
                     .kind = graph.kind(flow.stage),
                     .reached = flow.reached,
                     .reach = {flows.deals == 0 ? 0 : reached / deals, wilson_interval(reached, deals)},
                     .visits = flow.entered,
                     .advanced = {},
                     .lost = {},
                     .elsewhere = {}};
    if (!graph.is_terminal(flow.stage) && flow.entered > 0) {
      Durations durations = visit_durations(view, flow.stage);
      durations.cause_count = kElsewhere;
      for (int& cause : durations.cause)
        if (cause > 0) cause = cause_of_way(ways.way(flow.stage, static_cast<StageId>(cause - 1)));
      const FollowedIncidence ends(durations, visits_followed(view, flow.stage));
      const auto read = [&](int cause) {
        return ShareWithLimits{ends.curve().probability(cause, options.days), ends.limits(cause, options.days)};
      };
      stage.advanced = read(kAdvanced);
      stage.lost = read(kLost);
      stage.elsewhere = read(kElsewhere);
    }
    result.stages.push_back(std::move(stage));
  }
  return result;
}

}  // namespace putki
