#pragma once
// Which way a move goes, and what a deal has reached by being somewhere: stage_flow.hpp says how that is judged.

#include <putki/graph/stage_graph.hpp>

#include <cstddef>
#include <utility>
#include <vector>

namespace putki {

enum class Way { advanced, lost, back, sideways };

// Answers in O(1), reached_by in O(stages); keeps its graph.
class Ways {
 public:
  explicit Ways(StageGraph graph) : graph_(std::move(graph)), ranks_(graph_.ranks()) {}

  // As stage_flow.hpp tells them apart.
  Way way(StageId from, StageId to) const {
    const StageKind left = graph_.kind(from);
    const StageKind entered = graph_.kind(to);
    if (entered == StageKind::won) return Way::advanced;
    if (entered == StageKind::lost) return Way::lost;
    if (is_terminal(left)) return Way::back;
    if (left == StageKind::on_hold || entered == StageKind::on_hold) return Way::sideways;
    if (rank(to) == rank(from)) return Way::sideways;
    return rank(to) > rank(from) ? Way::advanced : Way::back;
  }

  // The stages a deal has reached by being at `at`.
  std::vector<StageId> reached_by(StageId at) const {
    std::vector<StageId> reached;
    for (std::size_t s = 0; s < graph_.stage_count(); ++s) {
      const auto stage = static_cast<StageId>(s);
      if (stage == at || beyond(stage, at)) reached.push_back(stage);
    }
    return reached;
  }

 private:
  int rank(StageId stage) const { return ranks_[index(stage)]; }

  // A deal at `at` is further on than `stage`.
  bool beyond(StageId stage, StageId at) const {
    if (graph_.kind(stage) != StageKind::open || !graph_.reachable(stage, at)) return false;
    return graph_.kind(at) == StageKind::won || (graph_.kind(at) == StageKind::open && rank(at) > rank(stage));
  }

  StageGraph graph_;
  std::vector<int> ranks_;
};

}  // namespace putki
