#pragma once
/// \file
/// Random pipelines for property tests: loops, skips, same-day moves.

#include <putki/core/random.hpp>
#include <putki/model/hazard_table.hpp>

#include <string>
#include <vector>

namespace putki {

/// `open` open stages, one won and one lost; every stage may move to any other.
inline HazardTable random_hazards(RandomStream& random, std::size_t open) {
  StageGraph::Builder builder;
  for (std::size_t i = 0; i < open; ++i) builder.stage("S" + std::to_string(i));
  builder.stage("Won", StageKind::won).stage("Lost", StageKind::lost);
  const StageGraph graph = builder.build();
  std::vector<StageHazard> stages(open + 2);
  for (std::size_t j = 0; j < open; ++j) {
    StageHazard& exits = stages[j];
    for (std::size_t k = 0; k < open + 2; ++k)
      if (k != j && random.uniform() < 0.7) exits.targets.push_back(static_cast<StageId>(k));
    if (exits.targets.empty()) continue;
    const std::size_t bins = 1 + random.below(4);
    for (std::size_t b = 1; b < bins; ++b)
      exits.begins.push_back(exits.begins.back() + 1 + static_cast<int>(random.below(5)));
    exits.hazard = Matrix(bins, exits.targets.size());
    for (std::size_t b = 0; b < bins; ++b) {
      double sum = 0;
      for (double& h : exits.hazard.row(b)) sum += h = random.uniform();
      const double leaving = random.uniform() < 0.1 ? 1.0 : 0.6 * random.uniform();
      for (double& h : exits.hazard.row(b)) h *= leaving / sum;
    }
  }
  return HazardTable(graph, std::move(stages));
}

}  // namespace putki
