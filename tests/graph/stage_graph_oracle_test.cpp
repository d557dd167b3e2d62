// Every answer of a stage graph against brute force on random small graphs: paths by closing the matrix of moves, gates
// by taking a stage away, loops by mutual reachability, ranks by walking every way that never goes back.

#include <putki/graph/stage_graph.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <random>

using namespace putki;

namespace {

constexpr std::size_t kMost = 8;
using Moves = std::array<std::array<bool, kMost>, kMost>;

struct RandomGraph {
  std::vector<StageKind> kinds;
  Moves moves{};
  std::vector<std::size_t> entries;
};

RandomGraph random_graph(std::mt19937& random) {
  RandomGraph g;
  const std::size_t count = 1 + random() % kMost;
  const std::size_t density = 5 + random() % 50;
  for (std::size_t i = 0; i < count; ++i) {
    constexpr std::array kKinds = {StageKind::open,    StageKind::open, StageKind::open, StageKind::open,
                                   StageKind::on_hold, StageKind::won,  StageKind::lost};
    g.kinds.push_back(kKinds[random() % kKinds.size()]);
    if (random() % 5 == 0) g.entries.push_back(i);
  }
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t j = 0; j < count; ++j)
      if (i != j) g.moves[i][j] = random() % 100 < density;
  return g;
}

std::string name(std::size_t i) {
  return std::string(1, static_cast<char>('A' + i));
}

StageGraph build(const RandomGraph& g) {
  StageGraph::Builder builder;
  for (std::size_t i = 0; i < g.kinds.size(); ++i) builder.stage(name(i), g.kinds[i]);
  for (std::size_t i = 0; i < g.kinds.size(); ++i)
    for (std::size_t j = 0; j < g.kinds.size(); ++j)
      if (g.moves[i][j]) builder.move(name(i), name(j));
  for (const std::size_t entry : g.entries) builder.entry(name(entry));
  return builder.build();
}

// Warshall's closure; every stage reaches itself.
Moves closure(const RandomGraph& g, std::size_t without = kMost) {
  Moves reach{};
  const std::size_t count = g.kinds.size();
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t j = 0; j < count; ++j) reach[i][j] = i != without && j != without && (i == j || g.moves[i][j]);
  for (std::size_t k = 0; k < count; ++k)
    for (std::size_t i = 0; i < count; ++i)
      for (std::size_t j = 0; j < count; ++j) reach[i][j] = reach[i][j] || (reach[i][k] && reach[k][j]);
  return reach;
}

bool won_from_an_entry(const RandomGraph& g, const std::vector<StageId>& entries, const Moves& reach) {
  for (const StageId entry : entries)
    for (std::size_t j = 0; j < g.kinds.size(); ++j)
      if (g.kinds[j] == StageKind::won && reach[index(entry)][j]) return true;
  return false;
}

}  // namespace

TEST_CASE("reachability, loops, gates, ranks and findings agree with brute force on random graphs") {
  std::mt19937 random(20120113);
  int with_gates = 0, with_loops = 0;
  for (int round = 0; round < 3000; ++round) {
    const RandomGraph g = random_graph(random);
    const std::size_t count = g.kinds.size();
    const StageGraph graph = build(g);
    if (!graph.declares_moves()) continue;
    const Moves reach = closure(g);
    CAPTURE(round, count);

    for (std::size_t i = 0; i < count; ++i) {
      std::vector<StageId> next;
      for (std::size_t j = 0; j < count; ++j) {
        const StageId from = static_cast<StageId>(i), to = static_cast<StageId>(j);
        REQUIRE(graph.allows(from, to) == g.moves[i][j]);
        REQUIRE(graph.reachable(from, to) == reach[i][j]);
        if (g.moves[i][j]) next.push_back(to);
      }
      REQUIRE(graph.next_stages(static_cast<StageId>(i)) == next);
    }

    std::vector<StageId> entries;
    for (std::size_t i = 0; i < count; ++i) {
      bool way_in = false;
      for (std::size_t j = 0; j < count; ++j) way_in = way_in || g.moves[j][i];
      const bool declared = std::count(g.entries.begin(), g.entries.end(), i) > 0;
      const bool derived = g.entries.empty() && !way_in && !is_terminal(g.kinds[i]);
      if (declared || derived) entries.push_back(static_cast<StageId>(i));
    }
    REQUIRE(graph.entries() == entries);

    std::vector<std::vector<StageId>> loops;
    for (std::size_t i = 0; i < count; ++i) {
      std::vector<StageId> group;
      for (std::size_t j = 0; j < count; ++j)
        if (reach[i][j] && reach[j][i]) group.push_back(static_cast<StageId>(j));
      if (group.size() > 1 && group.front() == static_cast<StageId>(i)) loops.push_back(group);
    }
    REQUIRE(graph.loops() == loops);
    with_loops += loops.empty() ? 0 : 1;

    std::vector<StageId> gates;
    if (won_from_an_entry(g, entries, reach))
      for (std::size_t i = 0; i < count; ++i)
        if (!is_terminal(g.kinds[i]) && !won_from_an_entry(g, entries, closure(g, i)))
          gates.push_back(static_cast<StageId>(i));
    std::vector<StageId> found = graph.gates();
    for (std::size_t i = 0; i + 1 < found.size(); ++i)  // entry side first: no way to the later without the earlier
      for (const StageId entry : entries) REQUIRE_FALSE(closure(g, index(found[i]))[index(entry)][index(found[i + 1])]);
    std::sort(found.begin(), found.end());
    REQUIRE(found == gates);
    with_gates += gates.size() > 1 ? 1 : 0;

    std::vector<char> reached(count, entries.empty());
    for (const StageId entry : entries)
      for (std::size_t j = 0; j < count; ++j)
        if (reach[index(entry)][j]) reached[j] = 1;
    const auto forward = [&](std::size_t i, std::size_t j) { return g.moves[i][j] && (!reach[j][i] || j > i); };
    const std::function<int(std::size_t)> longest = [&](std::size_t j) {
      int best = 0;
      for (std::size_t i = 0; i < count; ++i)
        if (reached[i] && forward(i, j)) best = std::max(best, longest(i) + 1);
      return best;
    };
    const std::vector<int> ranks = graph.ranks();
    int last = -1;
    for (std::size_t i = 0; i < count; ++i)
      if (reached[i]) {
        REQUIRE(ranks[i] == longest(i));
        last = std::max(last, ranks[i]);
        for (std::size_t j = 0; j < count; ++j)
          if (g.moves[i][j] && !reach[j][i]) REQUIRE(ranks[j] > ranks[i]);
      }
    for (std::size_t i = 0; i < count; ++i)
      if (!reached[i]) REQUIRE(ranks[i] == last + 1);

    const bool has_won = std::count(g.kinds.begin(), g.kinds.end(), StageKind::won) > 0;
    std::vector<std::pair<StructureProblem, StageId>> problems;
    if (entries.empty()) problems.emplace_back(StructureProblem::no_entry, kNoStage);
    if (!has_won) problems.emplace_back(StructureProblem::no_won_stage, kNoStage);
    for (std::size_t i = 0; i < count; ++i) {
      const StageId id = static_cast<StageId>(i);
      if (!reached[i]) problems.emplace_back(StructureProblem::unreachable_stage, id);
      bool winnable = false, exits = false;
      for (std::size_t j = 0; j < count; ++j) {
        winnable = winnable || (reach[i][j] && g.kinds[j] == StageKind::won);
        exits = exits || g.moves[i][j];
      }
      if (has_won && !is_terminal(g.kinds[i]) && !winnable) problems.emplace_back(StructureProblem::no_way_to_won, id);
      if (is_terminal(g.kinds[i]) && exits) problems.emplace_back(StructureProblem::terminal_with_exits, id);
    }
    std::vector<std::pair<StructureProblem, StageId>> reported;
    for (const StructureFinding& finding : graph.check()) reported.emplace_back(finding.problem, finding.stage);
    REQUIRE(reported == problems);
  }
  CHECK(with_gates > 50);
  CHECK(with_loops > 50);
}

TEST_CASE("no declared moves is the same as declaring every move out of every non-terminal stage") {
  std::mt19937 random(7);
  for (int round = 0; round < 500; ++round) {
    RandomGraph g = random_graph(random);
    g.moves = {};
    const StageGraph any = build(g);
    for (std::size_t i = 0; i < g.kinds.size(); ++i)
      for (std::size_t j = 0; j < g.kinds.size(); ++j) g.moves[i][j] = i != j && !is_terminal(g.kinds[i]);
    if (g.entries.empty())
      for (const StageId entry : any.entries()) g.entries.push_back(index(entry));
    const StageGraph all = build(g);
    if (!all.declares_moves()) continue;
    CAPTURE(round);
    REQUIRE(any.entries() == all.entries());
    REQUIRE(any.loops() == all.loops());
    REQUIRE(any.gates() == all.gates());
    REQUIRE(any.ranks() == all.ranks());
    REQUIRE(any.check().size() == all.check().size());
    for (std::size_t i = 0; i < g.kinds.size(); ++i)
      for (std::size_t j = 0; j < g.kinds.size(); ++j) {
        const StageId from = static_cast<StageId>(i), to = static_cast<StageId>(j);
        REQUIRE(any.allows(from, to) == all.allows(from, to));
        REQUIRE(any.reachable(from, to) == all.reachable(from, to));
        REQUIRE(any.next_stages(from) == all.next_stages(from));
      }
  }
}
