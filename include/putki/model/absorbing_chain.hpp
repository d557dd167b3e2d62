#pragma once
/// \file
/// The embedded chain: where deals end, how often they visit each stage, how long it takes.
///
/// With Q the moves among stages that are not terminal and R those into terminal ones, N = (I - Q)^-1 holds the
/// expected visits, B = N R the probability of each end, and t = N m the expected time with m the mean stay (Kemeny &
/// Snell 1960). Deals in a closed loop without exit never end: their ends have probability 0, their time is infinite.

#include <putki/core/matrix.hpp>
#include <putki/model/hazard_table.hpp>

#include <vector>

namespace putki {

struct AbsorbingChain {
  Matrix transitions;  ///< stages x stages: probability that a visit's next stage is ...; rows of terminal stages are 0
  std::vector<double> mean_stay;  ///< days per visit; infinite when never left
  Matrix visits;                  ///< N over all stages: expected visits to column, the present one included, from row
  Matrix ends;                    ///< stages x stages: probability of ending in the terminal column from the row
  std::vector<double> win_probability;  ///< by stage; 1 for won stages
  std::vector<double>
      days_to_end;  ///< expected, from entry; infinite where an end is not certain, 0 for terminal stages
};

/// Solved with a pivoted LU; O(stages^3).
AbsorbingChain absorbing_chain(const HazardTable& hazards);
/// The same from a transition matrix (rows sum to at most 1) and mean stays, for numbers that come from elsewhere.
AbsorbingChain absorbing_chain(const StageGraph& graph, const Matrix& transitions,
                               const std::vector<double>& mean_stay);

}  // namespace putki
