#include <putki/core/error.hpp>
#include <putki/model/dated_passage.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace putki {
namespace {

constexpr double kStandsStill = 1e-14;
constexpr int kMostSweeps = 10'000;

}  // namespace

DatedPassage::DatedPassage(const DatedHazards& hazards, int deadline) {
  const StageGraph& graph = hazards.graph();
  const std::size_t stages = graph.stage_count();
  if (deadline < 0 || deadline > hazards.days())
    throw InvalidArgument(fmt::format("deadline after {} days of a horizon of {}", deadline, hazards.days()));

  by_age_.resize(stages);
  entered_ = Matrix(static_cast<std::size_t>(deadline), stages);
  std::vector<std::size_t> open;
  for (std::size_t j = 0; j < stages; ++j) {
    const DatedHazards::Exits& exits = hazards.exits(static_cast<StageId>(j));
    const bool won = graph.kind(static_cast<StageId>(j)) == StageKind::won;
    by_age_[j].assign(exits.targets.empty() ? 1 : static_cast<std::size_t>(std::max(exits.begins.back(), 1)) + 1,
                      won ? 1.0 : 0.0);
    if (!exits.targets.empty()) open.push_back(j);
  }

  std::vector<double> rest(stages);
  for (int day = deadline - 1; day >= 0; --day) {
    const auto entered = entered_.row(static_cast<std::size_t>(day));
    for (std::size_t j = 0; j < stages; ++j)
      entered[j] = graph.kind(static_cast<StageId>(j)) == StageKind::won ? 1.0 : 0.0;
    const auto moved = [&](const DatedHazards::Exits& exits, std::size_t bin) {
      const double* const chances = exits.chances_of(day, bin);
      double sum = 0;
      for (std::size_t k = 0; k < exits.targets.size(); ++k) sum += chances[k] * entered[index(exits.targets[k])];
      return sum;
    };

    const std::size_t older = hazards.age_advances(day) ? 1 : 0;
    for (const std::size_t j : open)
      rest[j] = hazards.exits(static_cast<StageId>(j)).stay_of(day, 0) * by_age_[j][older];
    double change = 1;
    for (int sweep = 0; sweep < kMostSweeps && change > kStandsStill; ++sweep) {
      change = 0;
      for (std::size_t i = open.size(); i-- > 0;) {  // later stages first: forward moves are done in one sweep
        const std::size_t j = open[i];
        const double value = rest[j] + moved(hazards.exits(static_cast<StageId>(j)), 0);
        change = std::max(change, std::abs(value - entered[j]));
        entered[j] = value;
      }
    }
    for (const std::size_t j : open) {
      const DatedHazards::Exits& exits = hazards.exits(static_cast<StageId>(j));
      std::vector<double>& values = by_age_[j];
      const std::size_t last = values.size() - 1;
      for (std::size_t bin = 0; bin < exits.begins.size(); ++bin) {
        const double stay = exits.stay_of(day, bin), leave = moved(exits, bin);
        const bool final_bin = bin + 1 == exits.begins.size();
        const std::size_t end = final_bin ? last : static_cast<std::size_t>(exits.begins[bin + 1]);
        // Ages ascend, so values[age + older] still belongs to the next day.
        for (std::size_t age = static_cast<std::size_t>(exits.begins[bin]); age < end; ++age)
          values[age] = leave + stay * values[age + older];
        if (final_bin) values[last] = leave + stay * values[last];
      }
    }
  }
}

double DatedPassage::from_age(StageId stage, int age) const {
  const auto& values = by_age_[index(stage)];
  return values[std::min(static_cast<std::size_t>(std::max(age, 0)), values.size() - 1)];
}

double DatedPassage::from_entry(StageId stage, int day) const {
  return day >= 0 && static_cast<std::size_t>(day) < entered_.rows()
             ? entered_(static_cast<std::size_t>(day), index(stage))
             : 0.0;
}

}  // namespace putki
