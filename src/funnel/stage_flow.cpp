#include <fmt/format.h>
#include <putki/core/error.hpp>
#include <putki/funnel/stage_flow.hpp>

#include "funnel/ways.hpp"

namespace putki {
namespace {

void count(StageFlow& flow, Way way) {
  switch (way) {
    case Way::advanced:
      ++flow.advanced;
      return;
    case Way::lost:
      ++flow.lost;
      return;
    case Way::back:
      ++flow.back;
      return;
    case Way::sideways:
      ++flow.sideways;
      return;
  }
}

}  // namespace

StageFlows stage_flows(const AsOf& view) {
  const StageGraph& graph = view.graph();
  const Ways ways(graph);
  StageFlows flows;
  std::vector<std::vector<StageId>> reached_by;
  for (std::size_t s = 0; s < graph.stage_count(); ++s) {
    flows.stages.push_back({.stage = static_cast<StageId>(s)});
    reached_by.push_back(ways.reached_by(static_cast<StageId>(s)));
  }
  std::vector<std::uint64_t> last_deal(graph.stage_count());  // the last to have reached each, by number from 1
  view.for_each_visit([&](const Visit& visit) {
    if (visit.number == 0) ++flows.deals;
    StageFlow& flow = flows.stages[index(visit.stage)];
    ++flow.entered;
    if (visit.next == kNoStage) {
      ++flow.still_there;
    } else {
      count(flow, ways.way(visit.stage, visit.next));
      if (graph.kind(visit.next) == StageKind::won) ++flow.won;
    }
    for (const StageId stage : reached_by[index(visit.stage)]) {
      if (last_deal[index(stage)] == flows.deals) continue;
      last_deal[index(stage)] = flows.deals;
      ++flows.stages[index(stage)].reached;
    }
  });
  return flows;
}

void StageFlows::merge(const StageFlows& other) {
  if (other.stages.empty()) return;
  if (stages.empty()) {
    *this = other;
    return;
  }
  if (stages.size() != other.stages.size())
    throw InvalidArgument(
        fmt::format("flows of {} and of {} stages cannot be merged", stages.size(), other.stages.size()),
        ErrorCode::incompatible);
  deals += other.deals;
  for (std::size_t s = 0; s < stages.size(); ++s) {
    StageFlow& flow = stages[s];
    const StageFlow& more = other.stages[s];
    flow.entered += more.entered;
    flow.advanced += more.advanced;
    flow.won += more.won;
    flow.lost += more.lost;
    flow.back += more.back;
    flow.sideways += more.sideways;
    flow.still_there += more.still_there;
    flow.reached += more.reached;
  }
}

StageTimes stage_times(const AsOf& view, StageId stage) {
  const Durations durations = visit_durations(view, stage);
  StageTimes times{
      .stay = kaplan_meier(durations), .median_days = {}, .p90_days = {}, .transitions = aalen_johansen(durations)};
  times.median_days = times.stay.quantile(0.5);
  times.p90_days = times.stay.quantile(0.9);
  return times;
}

}  // namespace putki
