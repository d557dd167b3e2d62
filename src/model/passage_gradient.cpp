#include <putki/core/error.hpp>
#include <putki/model/passage_gradient.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace putki {
namespace {

constexpr double kSettled = 1e-15;
constexpr int kMostSettlings = 10'000;

/// Calls `visit(age, bin)` for the distinct ages of a stage; the last one stands for all older.
template <typename Visit>
void for_each_age(const DatedHazards::Exits& exits, std::size_t ages, const Visit& visit) {
  std::size_t bin = 0;
  for (std::size_t age = 0; age < ages; ++age) {
    while (bin + 1 < exits.begins.size() && exits.begins[bin + 1] <= static_cast<int>(age)) ++bin;
    visit(age, bin);
  }
}

}  // namespace

PassageGradient::PassageGradient(const DatedHazards& hazards, const DatedPassage& passage, int deadline,
                                 std::span<const Start> starts, const Matrix& entries)
    : by_chance_(hazards.graph().stage_count()), by_stay_(hazards.graph().stage_count()) {
  const StageGraph& graph = hazards.graph();
  const std::size_t stages = graph.stage_count(), days = static_cast<std::size_t>(std::max(deadline, 0));
  if (deadline < 0 || deadline > hazards.days())
    throw InvalidArgument(fmt::format("deadline after {} days of a horizon of {}", deadline, hazards.days()));
  if (entries.rows() != days || entries.columns() != stages)
    throw InvalidArgument(fmt::format("values of entries are {} x {}; {} days x {} stages are needed", entries.rows(),
                                      entries.columns(), days, stages));

  // Chances of winning by age on every day, from those on entry.
  std::vector<std::size_t> ages(stages, 1), open;
  std::vector<std::vector<double>> chance(stages);  // [day 0 .. deadline][age]
  for (std::size_t j = 0; j < stages; ++j) {
    const DatedHazards::Exits& exits = hazards.exits(static_cast<StageId>(j));
    if (exits.targets.empty()) continue;
    open.push_back(j);
    ages[j] = static_cast<std::size_t>(std::max(exits.begins.back(), 1)) + 1;
    chance[j].assign((days + 1) * ages[j], 0.0);
    by_chance_[j].assign(days * exits.begins.size() * exits.targets.size(), 0.0);
    by_stay_[j].assign(days * exits.begins.size(), 0.0);
    for (std::size_t day = days; day-- > 0;) {
      const std::size_t step = hazards.age_advances(static_cast<int>(day)) ? 1 : 0;
      const double* const later = chance[j].data() + (day + 1) * ages[j];
      double* const now = chance[j].data() + day * ages[j];
      for_each_age(exits, ages[j], [&](std::size_t age, std::size_t bin) {
        const double* const moves = exits.chances_of(static_cast<int>(day), bin);
        double sum = exits.stay_of(static_cast<int>(day), bin) * later[std::min(age + step, ages[j] - 1)];
        for (std::size_t k = 0; k < exits.targets.size(); ++k)
          sum += moves[k] * passage.from_entry(exits.targets[k], static_cast<int>(day));
        now[age] = sum;
      });
    }
  }

  std::vector<std::vector<double>> mass(stages);  // by age
  for (std::size_t j = 0; j < stages; ++j) mass[j].assign(ages[j], 0.0);
  for (const Start& start : starts) {
    if (index(start.stage) >= stages)
      throw InvalidArgument(fmt::format("stage {} of {} stages", index(start.stage), stages));
    auto& here = mass[index(start.stage)];
    here[std::min(static_cast<std::size_t>(std::max(start.age, 0)), here.size() - 1)] += start.value;
  }

  std::vector<double> arriving(stages), entering(stages), next;
  for (std::size_t day = 0; day < days; ++day) {
    for (std::size_t j = 0; j < stages; ++j) arriving[j] = entries(day, j);
    for (const std::size_t j : open) {
      const DatedHazards::Exits& exits = hazards.exits(static_cast<StageId>(j));
      for_each_age(exits, ages[j], [&](std::size_t age, std::size_t bin) {
        if (mass[j][age] == 0) return;
        const double* const moves = exits.chances_of(static_cast<int>(day), bin);
        for (std::size_t k = 0; k < exits.targets.size(); ++k)
          arriving[index(exits.targets[k])] += mass[j][age] * moves[k];
      });
    }
    // Those who enter move on within the day: sweeps that push what has newly come, earlier stages first.
    entering.assign(stages, 0.0);
    double whole = 0;
    for (const double value : arriving) whole += std::abs(value);
    std::vector<double> pending = arriving;
    for (int sweep = 0; sweep < kMostSettlings; ++sweep) {
      double moving = 0;
      for (const std::size_t j : open) {
        const double fresh = pending[j];
        if (fresh == 0) continue;
        pending[j] = 0;
        entering[j] += fresh;
        const DatedHazards::Exits& exits = hazards.exits(static_cast<StageId>(j));
        const double* const moves = exits.chances_of(static_cast<int>(day), 0);
        for (std::size_t k = 0; k < exits.targets.size(); ++k) pending[index(exits.targets[k])] += fresh * moves[k];
      }
      for (const std::size_t j : open) moving += std::abs(pending[j]);
      if (moving <= kSettled * whole) break;
    }

    for (const std::size_t j : open) {
      const DatedHazards::Exits& exits = hazards.exits(static_cast<StageId>(j));
      const std::size_t bins = exits.begins.size(), targets = exits.targets.size();
      const double* const later = chance[j].data() + (day + 1) * ages[j];
      const std::size_t step = hazards.age_advances(static_cast<int>(day)) ? 1 : 0;
      next.assign(ages[j], 0.0);
      for_each_age(exits, ages[j], [&](std::size_t age, std::size_t bin) {
        const double here = mass[j][age] + (age == 0 ? entering[j] : 0.0);
        if (here == 0) return;
        const std::size_t older = std::min(age + step, ages[j] - 1);
        next[older] += here * exits.stay_of(static_cast<int>(day), bin);
        by_stay_[j][day * bins + bin] += here * later[older];
        for (std::size_t k = 0; k < targets; ++k)
          by_chance_[j][(day * bins + bin) * targets + k] +=
              here * passage.from_entry(exits.targets[k], static_cast<int>(day));
      });
      mass[j].swap(next);
    }
  }
}

}  // namespace putki
