#pragma once
// Where the stages and moves of a drawing stand.
//
// Stages stand in columns by rank. The busiest open stage of a column is on the main row, others below it; won ends
// begin at the main row, lost ends have lanes of their own under everything. Moves to the next column run straight,
// moves that skip columns arch over the main row, moves back hang under the lowest row, moves into a lost end fall into
// its lane. In drawings of many columns every other one stands lower, so that names have twice the room.
//
// Across, positions are shares of the width (0 .. 1), which a page sets; down they are pixels.

#include "report/stage_graph_numbers.hpp"

#include <string>
#include <vector>

namespace putki {

struct PlacedStage {
  double x, y;
  double radius;  // pixels
  double room;    // for its name, a share of the width
};

// A cubic curve from stage to stage; its ends are moved off the stages' centres by `begin`, `end` pixels across.
struct PlacedMove {
  double x1 = 0, y1 = 0, cx1 = 0, cy1 = 0, cx2 = 0, cy2 = 0, x2 = 0, y2 = 0;
  double begin = 0, end = 0;
  double label_x = 0, label_y = 0;
  double label_from = 0;  // least width, pixels, at which there is room for its number; 0: never
};

struct StageGraphLayout {
  int columns = 0;
  double height = 0;
  std::vector<PlacedStage> stages;  // as in numbers.nodes
  std::vector<PlacedMove> moves;    // as in numbers.edges
};

// `labels`: what will be written at each move. O(moves^2).
StageGraphLayout stage_graph_layout(const StageGraphNumbers& numbers, const std::vector<std::string>& labels);

}  // namespace putki
