#include <putki/report/stage_traffic.hpp>

#include <putki/core/error.hpp>

#include <string>

namespace putki {

StageTraffic stage_traffic(const DirectlyFollows& follows, const std::vector<StageMedian>& medians) {
  StageTraffic traffic;
  traffic.stages.resize(follows.stands.size());
  for (std::size_t i = 0; i < traffic.stages.size(); ++i) {
    traffic.stages[i].stands = follows.stands[i];
    traffic.stages[i].begun = follows.begun[i];
  }
  for (const StageMedian& median : medians) {
    if (index(median.stage) >= traffic.stages.size())
      throw InvalidArgument("a median of stage " + std::to_string(index(median.stage)) + " of " +
                            std::to_string(traffic.stages.size()) + " stages");
    traffic.stages[index(median.stage)].median_days = median.median_days;
  }
  for (const DirectMove& move : follows.moves) {
    std::optional<double> days;
    if (move.count > 0) days = move.mean_days();
    traffic.moves.push_back({.from = move.from, .to = move.to, .count = move.count, .days = days});
  }
  return traffic;
}

}  // namespace putki
