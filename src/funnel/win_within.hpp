#pragma once
// The chance to be won within h days by any number of moves: the Markov renewal equation on a grid, see readiness.hpp.

#include <putki/graph/stage_graph.hpp>

#include "funnel/stage_course.hpp"

#include <cstddef>
#include <vector>

namespace putki {

class WinWithin {
 public:
  // One course per stage of the graph; those of terminal stages are not read.
  WinWithin(const StageGraph& graph, const std::vector<StageCourse>& courses, double within_days);
  // For a visit still there at `age` in the stage of this course; StageCourse::kFresh: just begun.
  double of(const StageCourse& course, double age) const;

 private:
  double after(const StageCourse::Masses& masses, std::size_t steps) const;

  std::vector<StageKind> kinds_;
  double within_days_;
  std::size_t steps_;
  std::vector<std::vector<double>> won_;  // [stage][step]: by so many steps after entry
};

}  // namespace putki
