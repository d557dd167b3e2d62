#include <putki/funnel/paths.hpp>

#include <fmt/format.h>
#include <putki/core/error.hpp>
#include <putki/survival/aalen_johansen.hpp>

#include "funnel/ways.hpp"

#include <algorithm>
#include <cmath>

namespace putki {
namespace {

constexpr int kGateWon = 1, kGateLost = 2;

void close_gate_side(GateSide& side, const Durations& durations, double horizon) {
  if (side.deals == 0) return;
  const CumulativeIncidence curve = aalen_johansen(durations);
  side.close_rate = curve.probability(kGateWon, horizon);
  side.close_rate_limits = curve.interval(kGateWon, horizon);
}

SkippedGate skipped_gate(const AsOf& view, const Ways& ways, StageId gate, double horizon) {
  const StageGraph& graph = view.graph();
  std::vector<bool> beyond(graph.stage_count());
  bool only_won = true;
  for (std::size_t s = 0; s < graph.stage_count(); ++s) {
    const auto stage = static_cast<StageId>(s);
    const auto reached = ways.reached_by(stage);
    beyond[s] = stage != gate && std::find(reached.begin(), reached.end(), gate) != reached.end();
    if (beyond[s] && graph.kind(stage) != StageKind::won) only_won = false;
  }
  SkippedGate result{.gate = gate, .through = {}, .skipped = {}};
  Durations through, skipped;
  through.cause_count = skipped.cause_count = 2;
  const auto stages = view.log().stages();
  const auto times = view.log().times();
  view.for_each_deal([&](DealId, std::uint32_t first, std::uint32_t last) {
    bool been = false;
    std::uint32_t at = first;
    for (; at < last && !beyond[index(stages[at])]; ++at) been = been || stages[at] == gate;
    if (at == last) {
      ++result.never_beyond;
      return;
    }
    GateSide& side = been ? result.through : result.skipped;
    Durations& durations = been ? through : skipped;
    ++side.deals;
    if (!been && std::find(stages.begin() + at, stages.begin() + last, gate) != stages.begin() + last) ++result.later;
    std::uint32_t end = at;
    while (end < last && !graph.is_terminal(stages[end])) ++end;
    int cause = 0;
    if (end < last) cause = graph.kind(stages[end]) == StageKind::won ? kGateWon : kGateLost;
    ++(cause == 0 ? side.open : cause == kGateWon ? side.won : side.lost);
    durations.time.push_back(elapsed_days(times[at], cause == 0 ? view.instant() : times[end]));
    durations.cause.push_back(cause);
  });
  if (!only_won) {
    close_gate_side(result.through, through, horizon);
    close_gate_side(result.skipped, skipped, horizon);
  }
  return result;
}

}  // namespace

std::vector<SkippedGate> skipped_gates(const AsOf& view, double horizon_days) {
  if (!(horizon_days > 0) || std::isinf(horizon_days))
    throw InvalidArgument(fmt::format("gates: a horizon of {} days; allowed: a finite number above 0", horizon_days));
  std::vector<SkippedGate> gates;
  const Ways ways(view.graph());
  for (const StageId gate : view.graph().gates())
    if (view.graph().kind(gate) == StageKind::open) gates.push_back(skipped_gate(view, ways, gate, horizon_days));
  return gates;
}

Paths paths(const AsOf& view, const PathsOptions& options) {
  return {.as_of = view.day(),
          .graph = view.graph(),
          .horizon_days = options.horizon_days,
          .follows = directly_follows(view),
          .variants = path_variants(count_paths(view), options.most_variants),
          .rework = count_rework(view),
          .rework_price =
              rework_price(view, {.horizon_days = options.horizon_days, .most_comparables = options.most_comparables}),
          .gates = skipped_gates(view, options.horizon_days),
          .conformance = conformance(view)};
}

}  // namespace putki
