#include <putki/core/error.hpp>
#include <putki/model/hazard_table.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace putki {

std::size_t StageHazard::bin_of(int age) const {
  return static_cast<std::size_t>(std::upper_bound(begins.begin(), begins.end(), std::max(age, 0)) - begins.begin()) -
         1;
}

double StageHazard::leaving(std::size_t bin) const {
  double sum = 0;
  for (const double h : hazard.row(bin)) sum += h;
  return std::min(sum, 1.0);
}

namespace {

void check(const StageGraph& graph, StageId id, const StageHazard& hazard) {
  const auto fail = [&](const std::string& what) {
    throw InvalidArgument(fmt::format("hazards of stage '{}': {}", graph.stage(id).name, what));
  };
  if (hazard.begins.empty() || hazard.begins.front() != 0 ||
      !std::is_sorted(hazard.begins.begin(), hazard.begins.end(), std::less_equal<>()))
    fail("age bins must begin at 0 and ascend");
  if (hazard.targets.empty()) return;
  if (hazard.hazard.rows() != hazard.begins.size() || hazard.hazard.columns() != hazard.targets.size())
    fail(fmt::format("{} x {} hazards for {} bins x {} targets", hazard.hazard.rows(), hazard.hazard.columns(),
                     hazard.begins.size(), hazard.targets.size()));
  for (const StageId target : hazard.targets)
    if (index(target) >= graph.stage_count())
      fail(fmt::format("target {} is not one of {} stages", index(target), graph.stage_count()));
  for (std::size_t bin = 0; bin < hazard.begins.size(); ++bin) {
    double sum = 0;
    for (const double h : hazard.hazard.row(bin)) {
      if (!(h >= 0 && h <= 1)) fail(fmt::format("hazard {} at age {} is outside [0, 1]", h, hazard.begins[bin]));
      sum += h;
    }
    if (sum > 1 + 1e-9) fail(fmt::format("hazards at age {} sum to {}, above 1", hazard.begins[bin], sum));
  }
}

}  // namespace

HazardTable::HazardTable(StageGraph graph, std::vector<StageHazard> stages)
    : graph_(std::move(graph)), stages_(std::move(stages)) {
  if (stages_.size() != graph_.stage_count())
    throw InvalidArgument(
        fmt::format("hazard table: {} stages given, the graph has {}", stages_.size(), graph_.stage_count()));
  for (std::size_t i = 0; i < stages_.size(); ++i) {
    const auto id = static_cast<StageId>(i);
    if (graph_.is_terminal(id)) stages_[i] = {};
    check(graph_, id, stages_[i]);
  }
}

double HazardTable::hazard(StageId from, StageId to, int age) const {
  const StageHazard& exits = stage(from);
  const auto found = std::find(exits.targets.begin(), exits.targets.end(), to);
  if (found == exits.targets.end()) return 0;
  return exits.hazard(exits.bin_of(age), static_cast<std::size_t>(found - exits.targets.begin()));
}

double HazardTable::survival(StageId id, int age) const {
  const StageHazard& exits = stage(id);
  if (exits.targets.empty()) return 1;
  double survival = 1;
  for (std::size_t bin = 0; bin < exits.begins.size() && exits.begins[bin] < age; ++bin) {
    const int end = bin + 1 < exits.begins.size() ? std::min(exits.begins[bin + 1], age) : age;
    survival *= std::pow(1 - exits.leaving(bin), end - exits.begins[bin]);
  }
  return survival;
}

}  // namespace putki
