#include "report/stage_graph_numbers.hpp"

#include <putki/core/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace putki {
namespace {

constexpr std::size_t kMostEnds = 5;

// Round lengths of time, days: 1 h, 6 h, 1 d, ..
constexpr std::array<double, 12> kDelayLadder = {1. / 24, 0.25, 1, 3, 7, 14, 30, 60, 90, 180, 365, 730};

// Four steps of the ladder, the last of them the largest one that the longest delay reaches.
std::array<double, kDelayClasses - 1> delay_limits(double longest) {
  constexpr std::size_t count = kDelayClasses - 1;
  std::size_t last = kDelayLadder.size();
  while (last > count && kDelayLadder[last - 1] > longest) --last;
  std::array<double, count> limits{};
  std::copy_n(kDelayLadder.begin() + static_cast<std::ptrdiff_t>(last - count), count, limits.begin());
  return limits;
}

// By stage: is it drawn.
std::vector<bool> stages_drawn(const StageGraph& graph, const std::vector<std::uint64_t>& visits, std::size_t most) {
  std::vector<std::size_t> ends, others;
  for (std::size_t i = 0; i < graph.stage_count(); ++i)
    (is_terminal(graph.stages()[i].kind) ? ends : others).push_back(i);
  const auto more = [&](std::size_t a, std::size_t b) { return visits[a] > visits[b]; };
  std::stable_sort(ends.begin(), ends.end(), more);
  std::stable_sort(others.begin(), others.end(), more);
  // The first of each kind goes before the second of the other.
  std::array<bool, 2> seen{};
  std::stable_partition(ends.begin(), ends.end(), [&](std::size_t i) {
    bool& kind_seen = seen[graph.stages()[i].kind == StageKind::won ? 0 : 1];
    return !std::exchange(kind_seen, true);
  });
  const std::size_t room_for_ends =
      std::max(most > others.size() ? most - others.size() : 0, std::min(kMostEnds, most - 1));
  ends.resize(std::min(ends.size(), room_for_ends));
  others.resize(std::min(others.size(), most - ends.size()));
  std::vector<bool> drawn(graph.stage_count());
  for (const std::size_t i : ends) drawn[i] = true;
  for (const std::size_t i : others) drawn[i] = true;
  return drawn;
}

}  // namespace

StageGraphNumbers stage_graph_numbers(const StageGraph& graph, const StageTraffic& traffic,
                                      const StageGraphNumbersOptions& options) {
  if (options.most_stages < 2)
    throw InvalidArgument(fmt::format("a drawing of at most {} stages; allowed are 2 or more", options.most_stages));
  if (options.most_edges < 1) throw InvalidArgument("a drawing of at most 0 edges; allowed are 1 or more");
  const std::size_t count = graph.stage_count();
  if (!traffic.stages.empty() && traffic.stages.size() != count)
    throw InvalidArgument(fmt::format("traffic among {} stages on a graph of {}", traffic.stages.size(), count),
                          ErrorCode::incompatible);
  StageGraphNumbers numbers{.graph = graph,
                            .nodes = {},
                            .edges = {},
                            .delay_limits = {},
                            .deals = 0,
                            .moves = 0,
                            .stages_left_out = 0,
                            .moves_left_out = 0};
  std::vector<std::uint64_t> visits(count);
  for (std::size_t i = 0; i < traffic.stages.size(); ++i) {
    visits[i] = traffic.stages[i].begun;
    numbers.deals += traffic.stages[i].begun;
  }
  for (const StageTraffic::OfMove& move : traffic.moves) {
    visits[index(move.to)] += move.count;
    numbers.moves += move.count;
  }
  numbers.moves_left_out = numbers.moves;

  const std::vector<bool> drawn = stages_drawn(graph, visits, options.most_stages);
  const std::vector<int> ranks = graph.ranks();
  const std::vector<StageId> entries = graph.entries();
  std::map<int, int> column_of_rank;
  for (std::size_t i = 0; i < count; ++i)
    if (drawn[i]) column_of_rank[ranks[i]] = 0;
  int columns = 0;
  for (auto& [rank, column] : column_of_rank) column = columns++;
  for (std::size_t i = 0; i < count; ++i) {
    const auto stage = static_cast<StageId>(i);
    if (!drawn[i]) {
      ++numbers.stages_left_out;
      continue;
    }
    StageGraphNode node{.stage = stage, .kind = graph.stages()[i].kind, .column = column_of_rank[ranks[i]]};
    node.entry = std::binary_search(entries.begin(), entries.end(), stage);
    node.visits = visits[i];
    if (i < traffic.stages.size()) {
      node.stands = traffic.stages[i].stands;
      node.median_days = traffic.stages[i].median_days;
    }
    numbers.nodes.push_back(node);
  }
  std::stable_sort(numbers.nodes.begin(), numbers.nodes.end(),
                   [](const StageGraphNode& a, const StageGraphNode& b) { return a.column < b.column; });

  for (const StageTraffic::OfMove& move : traffic.moves)
    if (move.count > 0 && drawn[index(move.from)] && drawn[index(move.to)])
      numbers.edges.push_back({.from = move.from,
                               .to = move.to,
                               .count = move.count,
                               .mean_days = move.days.value_or(0),
                               .back = ranks[index(move.to)] <= ranks[index(move.from)]});
  std::stable_sort(numbers.edges.begin(), numbers.edges.end(),
                   [](const StageGraphEdge& a, const StageGraphEdge& b) { return a.count > b.count; });
  numbers.edges.resize(std::min(numbers.edges.size(), options.most_edges));
  double longest = 0;
  for (const StageGraphEdge& edge : numbers.edges) longest = std::max(longest, edge.mean_days);
  numbers.delay_limits = delay_limits(longest);
  for (StageGraphEdge& edge : numbers.edges) {
    numbers.moves_left_out -= edge.count;
    edge.width = static_cast<double>(edge.count) / static_cast<double>(numbers.edges.front().count);
    const auto above = std::upper_bound(numbers.delay_limits.begin(), numbers.delay_limits.end(), edge.mean_days);
    edge.delay_class = static_cast<std::size_t>(above - numbers.delay_limits.begin());
  }
  return numbers;
}

}  // namespace putki
