#pragma once
/// \file
/// Deals walked through dated hazards day by day: the oracle of what passages and inversions say.

#include <putki/core/random.hpp>
#include <putki/model/dated_model.hpp>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

namespace putki {

inline std::size_t bin_of_age(const DatedHazards::Exits& exits, int age) {
  return static_cast<std::size_t>(std::upper_bound(exits.begins.begin(), exits.begins.end(), age) -
                                  exits.begins.begin()) -
         1;
}

/// Whether a deal of this age when `day` begins is won before `end`.
inline bool walk_to_win(const DatedHazards& hazards, StageId stage, int age, int day, int end, RandomStream& random) {
  const StageGraph& graph = hazards.graph();
  while (day < end) {
    if (graph.is_terminal(stage)) return graph.kind(stage) == StageKind::won;
    const DatedHazards::Exits& exits = hazards.exits(stage);
    if (exits.targets.empty()) return false;
    const double* const chances = exits.chances_of(day, bin_of_age(exits, age));
    double pick = random.uniform();
    std::size_t k = 0;
    while (k < exits.targets.size() && pick >= chances[k]) pick -= chances[k++];
    if (k < exits.targets.size()) {
      stage = exits.targets[k];  // and may move on the same day
      age = 0;
    } else {
      if (hazards.age_advances(day)) ++age;
      ++day;
    }
  }
  return graph.is_terminal(stage) && graph.kind(stage) == StageKind::won;
}

/// Where a deal of this age when `day` begins is when `end` begins: chances of having been won, of having been lost,
/// the rest still open.
struct Whereabouts {
  double won = 0;
  double lost = 0;
  double open() const { return 1 - won - lost; }
};
/// `won_by_day`, where given, gets what has been won by the end of each day.
inline Whereabouts push_mass(const DatedHazards& hazards, StageId stage, int age, int day, int end,
                             std::vector<double>* won_by_day = nullptr) {
  const StageGraph& graph = hazards.graph();
  Whereabouts result;
  std::map<std::pair<std::size_t, int>, double> here{{{index(stage), age}, 1.0}};
  for (; day < end; ++day) {
    std::map<std::pair<std::size_t, int>, double> stayed;
    while (!here.empty()) {  // round by round of moves on the same day
      std::map<std::pair<std::size_t, int>, double> moved;
      for (const auto& [place, mass] : here) {
        const auto [j, a] = place;
        const auto id = static_cast<StageId>(j);
        if (graph.is_terminal(id)) {
          (graph.kind(id) == StageKind::won ? result.won : result.lost) += mass;
          continue;
        }
        const DatedHazards::Exits& exits = hazards.exits(id);
        double left = 0;
        for (std::size_t k = 0; k < exits.targets.size(); ++k) {
          const double chance = exits.chances_of(day, bin_of_age(exits, a))[k];
          left += chance;
          if (chance * mass > 1e-17) moved[{index(exits.targets[k]), 0}] += chance * mass;
        }
        stayed[{j, a + (hazards.age_advances(day) ? 1 : 0)}] += mass * (1 - left);
      }
      here = std::move(moved);
    }
    here = std::move(stayed);
    if (won_by_day != nullptr) won_by_day->push_back(result.won);
  }
  return result;
}

}  // namespace putki
