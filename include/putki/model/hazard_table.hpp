#pragma once
/// \file
/// Daily hazards of leaving each stage for each other, by age in the stage: the parameters of a clock-reset semi-Markov
/// pipeline.
///
/// `hazard(from, to, age)` is the probability that a deal which has been in `from` for `age` whole days moves to `to`
/// on that day. Hazards are constant inside an age bin; the last bin runs on for ever. Ages are on the clock of the
/// statistics they were estimated from. A small value without any data in it; safe to read from several threads.

#include <putki/core/matrix.hpp>
#include <putki/graph/stage_graph.hpp>

#include <span>
#include <vector>

namespace putki {

/// The exits of one stage. A stage nobody was seen leaving has no targets: deals stay for ever.
struct StageHazard {
  std::vector<StageId> targets;   ///< stages moved to, ascending
  std::vector<int> begins = {0};  ///< first age of each bin, ascending from 0
  Matrix hazard;                  ///< bins x targets, each row sums to at most 1

  std::size_t bin_of(int age) const;
  /// Probability of leaving at all on a day of this bin.
  double leaving(std::size_t bin) const;
};

class HazardTable {
 public:
  /// One StageHazard per stage of the graph; those of terminal stages are ignored. InvalidArgument: wrong count, a
  /// target outside the graph, bins not ascending from 0, a hazard outside [0, 1] or a row above 1.
  HazardTable(StageGraph graph, std::vector<StageHazard> stages);

  const StageGraph& graph() const { return graph_; }
  const StageHazard& stage(StageId id) const { return stages_[index(id)]; }

  double hazard(StageId from, StageId to, int age) const;
  /// Probability of still being in the stage after `age` whole days; 1 at age 0. O(bins).
  double survival(StageId stage, int age) const;

 private:
  StageGraph graph_;
  std::vector<StageHazard> stages_;
};

}  // namespace putki
