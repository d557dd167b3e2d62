#include <putki/funnel/stage_flow.hpp>

namespace putki {
namespace {

enum class Way { advanced, lost, back, sideways };

class Judge {
 public:
  explicit Judge(const StageGraph& graph) : graph_(graph), ranks_(graph.ranks()) {}

  Way way(StageId from, StageId to) const {
    const StageKind left = graph_.kind(from);
    const StageKind entered = graph_.kind(to);
    if (entered == StageKind::won) return Way::advanced;
    if (entered == StageKind::lost) return Way::lost;
    if (is_terminal(left)) return Way::back;
    if (left == StageKind::on_hold || entered == StageKind::on_hold) return Way::sideways;
    if (rank(to) == rank(from)) return Way::sideways;
    return rank(to) > rank(from) ? Way::advanced : Way::back;
  }

  // The stages a deal has reached by being at `at`.
  std::vector<StageId> reached_by(StageId at) const {
    std::vector<StageId> reached;
    for (std::size_t s = 0; s < graph_.stage_count(); ++s) {
      const auto stage = static_cast<StageId>(s);
      if (stage == at || beyond(stage, at)) reached.push_back(stage);
    }
    return reached;
  }

 private:
  int rank(StageId stage) const { return ranks_[index(stage)]; }

  bool beyond(StageId stage, StageId at) const {
    if (graph_.kind(stage) != StageKind::open || !graph_.reachable(stage, at)) return false;
    return graph_.kind(at) == StageKind::won || (graph_.kind(at) == StageKind::open && rank(at) > rank(stage));
  }

  const StageGraph& graph_;
  std::vector<int> ranks_;
};

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
  const Judge judge(graph);
  StageFlows flows;
  std::vector<std::vector<StageId>> reached_by;
  for (std::size_t s = 0; s < graph.stage_count(); ++s) {
    flows.stages.push_back({.stage = static_cast<StageId>(s)});
    reached_by.push_back(judge.reached_by(static_cast<StageId>(s)));
  }
  std::vector<std::uint64_t> last_deal(graph.stage_count());  // the last to have reached each, by number from 1
  view.for_each_visit([&](const Visit& visit) {
    if (visit.number == 0) ++flows.deals;
    StageFlow& flow = flows.stages[index(visit.stage)];
    ++flow.entered;
    if (visit.next == kNoStage) {
      ++flow.still_there;
    } else {
      count(flow, judge.way(visit.stage, visit.next));
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

StageTimes stage_times(const AsOf& view, StageId stage) {
  const Durations durations = visit_durations(view, stage);
  StageTimes times{
      .stay = kaplan_meier(durations), .median_days = {}, .p90_days = {}, .transitions = aalen_johansen(durations)};
  times.median_days = times.stay.quantile(0.5);
  times.p90_days = times.stay.quantile(0.9);
  return times;
}

}  // namespace putki
