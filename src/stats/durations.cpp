#include <putki/stats/durations.hpp>

#include <putki/core/error.hpp>

#include <fmt/format.h>

namespace putki {
namespace {

void check_stage(const StageGraph& graph, StageId stage) {
  if (index(stage) >= graph.stage_count())
    throw InvalidArgument(fmt::format("durations: stage {}; the graph has {}", index(stage), graph.stage_count()));
}

Durations empty_durations(const StageGraph& graph) {
  Durations durations;
  durations.cause_count = static_cast<int>(graph.stage_count());
  return durations;
}

int cause_of(StageId stage) {
  return static_cast<int>(index(stage)) + 1;
}

}  // namespace

Durations visit_durations(const AsOf& view, StageId stage) {
  check_stage(view.graph(), stage);
  Durations durations = empty_durations(view.graph());
  const auto times = view.log().times();
  view.for_each_visit([&](const Visit& visit) {
    if (visit.stage != stage) return;
    const bool moved = visit.next != kNoStage;
    durations.time.push_back(elapsed_days(times[visit.entry], moved ? times[visit.exit] : view.instant()));
    durations.cause.push_back(moved ? cause_of(visit.next) : 0);
  });
  return durations;
}

Durations deal_durations(const AsOf& view) {
  Durations durations = empty_durations(view.graph());
  const auto times = view.log().times();
  const auto stages = view.log().stages();
  view.for_each_deal([&](DealId, std::uint32_t first, std::uint32_t last) {
    std::uint32_t end = first;
    while (end < last && !view.graph().is_terminal(stages[end])) ++end;
    durations.time.push_back(elapsed_days(times[first], end < last ? times[end] : view.instant()));
    durations.cause.push_back(end < last ? cause_of(stages[end]) : 0);
  });
  return durations;
}

CountedDurations counted_durations(const StageStatistics& statistics, StageId stage) {
  const StageGraph& graph = statistics.graph();
  check_stage(graph, stage);
  const std::size_t bins = statistics.bin_count();
  const std::size_t days = bins - 1;  // the last bin is older than any day counted here
  CountedDurations counted;
  for (std::size_t day = 0; day < days; ++day) counted.time.push_back(static_cast<double>(day));
  const std::vector<std::uint64_t> censored = statistics.counts(stage, kNoStage);
  std::uint64_t staying = censored[days];
  std::vector<std::vector<std::uint64_t>> ends;
  for (std::size_t to = 0; to < graph.stage_count(); ++to) {
    ends.push_back(statistics.counts(stage, static_cast<StageId>(to)));
    staying += ends.back()[days];
    counted.ends.emplace_back(ends.back().begin(), ends.back().end() - 1);
  }
  counted.at_risk.resize(days);
  for (std::size_t day = days; day-- > 0;) {
    for (const auto& of_cause : ends) staying += of_cause[day];
    counted.at_risk[day] = static_cast<double>(staying);
    staying += censored[day];
  }
  return counted;
}

}  // namespace putki
