#include <putki/core/error.hpp>
#include <putki/model/first_passage.hpp>

#include <fmt/format.h>
#include <Eigen/LU>

#include <algorithm>

namespace putki {
namespace {

constexpr int kMaxHorizon = 36'600;

/// Keeps I - M regular when a loop of certain same-day moves has no way out; its deals then never end.
constexpr double kAlmostOne = 1 - 1e-12;

/// I - M over all stages, M the same-day hazards between non-terminal stages.
Eigen::MatrixXd same_day_system(const HazardTable& hazards) {
  const auto n = static_cast<Eigen::Index>(hazards.graph().stage_count());
  Eigen::MatrixXd system = Eigen::MatrixXd::Identity(n, n);
  for (Eigen::Index j = 0; j < n; ++j) {
    const StageHazard& exits = hazards.stage(static_cast<StageId>(j));
    for (std::size_t k = 0; k < exits.targets.size(); ++k)
      if (!hazards.graph().is_terminal(exits.targets[k]))
        system(j, static_cast<Eigen::Index>(index(exits.targets[k]))) -= kAlmostOne * exits.hazard(0, k);
  }
  return system;
}

}  // namespace

FirstPassage::FirstPassage(const HazardTable& hazards, int horizon_days)
    : FirstPassage(hazards, horizon_days, hazards.graph().stages_of(StageKind::won)) {}

FirstPassage::FirstPassage(const HazardTable& hazards, int horizon_days, std::span<const StageId> targets)
    : horizon_(horizon_days), stages_(hazards.graph().stage_count()) {
  if (horizon_days < 0 || horizon_days > kMaxHorizon)
    throw InvalidArgument(fmt::format("horizon is {} days; allowed are 0 to {}", horizon_days, kMaxHorizon));
  const StageGraph& graph = hazards.graph();
  const std::size_t width = static_cast<std::size_t>(horizon_) + 1;
  for (std::size_t j = 0; j < stages_.size(); ++j) {
    const StageHazard& exits = hazards.stage(static_cast<StageId>(j));
    if (!exits.targets.empty()) stages_[j].ages = std::max(exits.begins.back(), 1) + 1;
    stages_[j].g.assign(static_cast<std::size_t>(stages_[j].ages) * width, 0.0);
    stages_[j].f.assign(width, 0.0);
  }
  for (const StageId target : targets) {
    if (index(target) >= stages_.size() || !graph.is_terminal(target))
      throw InvalidArgument("first passage is to terminal stages; a stage given is not one");
    std::fill(stages_[index(target)].f.begin(), stages_[index(target)].f.end(), 1.0);
    std::fill(stages_[index(target)].g.begin(), stages_[index(target)].g.end(), 1.0);
  }

  const Eigen::PartialPivLU<Eigen::MatrixXd> same_day(same_day_system(hazards));
  Eigen::VectorXd right(static_cast<Eigen::Index>(stages_.size()));
  for (std::size_t h = 0; h < width; ++h) {
    for (std::size_t j = 0; j < stages_.size(); ++j) {
      StageGrid& grid = stages_[j];
      const StageHazard& exits = hazards.stage(static_cast<StageId>(j));
      double& entered = right(static_cast<Eigen::Index>(j));
      entered = graph.is_terminal(static_cast<StageId>(j)) ? grid.f[h] : 0.0;
      if (exits.targets.empty()) continue;

      // The age runs fastest, so that the inner loop is one multiply-add over contiguous memory.
      const std::size_t ages = static_cast<std::size_t>(grid.ages);
      double* const now = grid.g.data() + h * ages;
      const double* const before = now - ages;
      for (std::size_t bin = 0; h > 0 && bin < exits.begins.size(); ++bin) {
        double moved = 0;
        for (std::size_t k = 0; k < exits.targets.size(); ++k)
          moved += exits.hazard(bin, k) * stages_[index(exits.targets[k])].f[h - 1];
        const double stay = 1 - exits.leaving(bin);
        const bool last = bin + 1 == exits.begins.size();
        const std::size_t end = last ? ages - 1 : static_cast<std::size_t>(exits.begins[bin + 1]);
        for (std::size_t age = static_cast<std::size_t>(exits.begins[bin]); age < end; ++age)
          now[age] = moved + stay * before[age + 1];
        if (last) now[ages - 1] = moved + stay * before[ages - 1];
      }
      for (std::size_t k = 0; k < exits.targets.size(); ++k)
        if (graph.is_terminal(exits.targets[k])) entered += exits.hazard(0, k) * stages_[index(exits.targets[k])].f[h];
      entered += (1 - exits.leaving(0)) * now[1];
    }
    const Eigen::VectorXd solved = same_day.solve(right);
    for (std::size_t j = 0; j < stages_.size(); ++j)
      if (!graph.is_terminal(static_cast<StageId>(j)))
        stages_[j].f[h] = std::clamp(solved(static_cast<Eigen::Index>(j)), 0.0, 1.0);
  }
}

double FirstPassage::from_entry(StageId stage, int days) const {
  return stages_[index(stage)].f[static_cast<std::size_t>(std::clamp(days, 0, horizon_))];
}

double FirstPassage::from_age(StageId stage, int age, int days) const {
  const StageGrid& grid = stages_[index(stage)];
  const std::size_t h = static_cast<std::size_t>(std::clamp(days, 0, horizon_));
  return grid.g[h * static_cast<std::size_t>(grid.ages) + static_cast<std::size_t>(std::clamp(age, 0, grid.ages - 1))];
}

}  // namespace putki
