// A stranger's program: a graph, a curve, and an error thrown by the library and caught here by its type.
#include <cmath>
#include <cstdio>
#include <putki/core/error.hpp>
#include <putki/graph/stage_graph.hpp>
#include <putki/survival/kaplan_meier.hpp>
#include <string>
#include <vector>

int main() {
  const std::vector<std::string> stages = {"Lead", "Proposal"};
  const auto graph = putki::StageGraph::linear(stages);
  if (graph.gates().size() != 2) return 1;

  // Three of four deals seen to an end, at 1, 2 and 4 days: S(2) = 3/4 * 2/3.
  putki::Durations durations;
  durations.time = {1, 2, 3, 4};
  durations.cause = {1, 1, 0, 1};
  if (std::abs(putki::kaplan_meier(durations).survival(2) - 0.5) > 1e-12) return 2;

  try {
    putki::StageGraph::Builder().build();
    return 3;
  } catch (const putki::DefinitionError& error) {
    std::printf("%s\n", error.what());
  }
}
