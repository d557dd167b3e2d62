#include <putki/model/first_passage.hpp>

#include "model/random_hazards.hpp"

#include <catch2/catch.hpp>

#include <map>

using namespace putki;

namespace {

/// Probability of being won within `days` days, by carrying probability mass over (stage, age) day by day: moves made
/// on a day go through the hazards of age 0 on the same day, again and again until no mass is left.
double won_by_mass(const HazardTable& hazards, StageId stage, int age, int days) {
  const StageGraph& graph = hazards.graph();
  std::map<std::pair<std::size_t, int>, double> mass{{{index(stage), age}, 1.0}};
  double won = 0;
  for (int day = 0; day < days; ++day) {
    std::map<std::pair<std::size_t, int>, double> next;
    auto todo = mass;
    for (int round = 0; round < 10'000 && !todo.empty(); ++round) {
      std::map<std::pair<std::size_t, int>, double> moved;
      for (const auto& [state, p] : todo) {
        double stays = p;
        for (std::size_t k = 0; k < graph.stage_count(); ++k) {
          const auto to = static_cast<StageId>(k);
          const double flow = p * hazards.hazard(static_cast<StageId>(state.first), to, state.second);
          stays -= flow;
          if (flow == 0) continue;
          if (!graph.is_terminal(to)) moved[{k, 0}] += flow;
          if (graph.kind(to) == StageKind::won) won += flow;
        }
        next[{state.first, state.second + 1}] += stays;
      }
      std::erase_if(moved, [](const auto& item) { return item.second < 1e-15; });
      todo = std::move(moved);
    }
    mass = std::move(next);
  }
  return won;
}

}  // namespace

TEST_CASE("first passage equals probability mass carried day by day, loops and same-day moves included") {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    RandomStream random(seed, 0);
    const HazardTable hazards = random_hazards(random, 1 + random.below(4));
    const int horizon = 12;
    const FirstPassage passage(hazards, horizon);
    for (std::size_t j = 0; j < hazards.graph().stage_count(); ++j) {
      const auto stage = static_cast<StageId>(j);
      if (hazards.graph().is_terminal(stage)) continue;
      INFO("seed " << seed << " stage " << j);
      for (const int age : {0, 1, 2, 5, 9, 40})
        for (const int days : {0, 1, 2, 7, 12})
          CHECK(passage.from_age(stage, age, days) == Approx(won_by_mass(hazards, stage, age, days)).margin(1e-9));
      for (const int days : {0, 1, 5, 11})
        CHECK(passage.from_entry(stage, days) == Approx(won_by_mass(hazards, stage, 0, days + 1)).margin(1e-9));
    }
  }
}

TEST_CASE("chances of all ends and of none sum to one") {
  RandomStream random(7, 0);
  for (int repeat = 0; repeat < 20; ++repeat) {
    const HazardTable hazards = random_hazards(random, 3);
    const std::vector<StageId> won = hazards.graph().stages_of(StageKind::won),
                               lost = hazards.graph().stages_of(StageKind::lost);
    std::vector<StageId> any = won;
    any.insert(any.end(), lost.begin(), lost.end());
    const FirstPassage to_won(hazards, 30), to_lost(hazards, 30, lost), to_any(hazards, 30, any);
    for (std::size_t j = 0; j < 3; ++j) {
      const auto stage = static_cast<StageId>(j);
      CHECK(to_won.from_age(stage, 2, 30) + to_lost.from_age(stage, 2, 30) ==
            Approx(to_any.from_age(stage, 2, 30)).margin(1e-12));
      CHECK(to_any.from_age(stage, 2, 30) <= 1 + 1e-12);
      for (int days = 1; days <= 30; ++days)
        CHECK(to_won.from_age(stage, 2, days) >= to_won.from_age(stage, 2, days - 1) - 1e-15);
    }
  }
}

TEST_CASE("a geometric stay gives the geometric law") {
  StageHazard exits;
  exits.targets = {StageId{1}};
  exits.hazard = Matrix(1, 1, 0.2);
  const HazardTable hazards(StageGraph::Builder().stage("Open").stage("Won", StageKind::won).build(), {exits, {}});
  const FirstPassage passage(hazards, 20);
  for (int days = 0; days <= 20; ++days)
    CHECK(passage.from_age(StageId{0}, 3, days) == Approx(1 - std::pow(0.8, days)));
}

TEST_CASE("a closed same-day loop without exit is never won and gives no infinities") {
  StageHazard to_second, to_first;
  to_second.targets = {StageId{1}};
  to_second.hazard = Matrix(1, 1, 1.0);
  to_first.targets = {StageId{0}};
  to_first.hazard = Matrix(1, 1, 1.0);
  const HazardTable hazards(StageGraph::Builder().stage("A").stage("B").stage("Won", StageKind::won).build(),
                            {to_second, to_first, {}});
  const FirstPassage passage(hazards, 5);
  CHECK(passage.from_entry(StageId{0}, 5) == 0);
  CHECK(passage.from_age(StageId{1}, 4, 5) == 0);
}

TEST_CASE("a horizon or a target that cannot be is refused") {
  RandomStream random(1, 0);
  const HazardTable hazards = random_hazards(random, 2);
  CHECK_THROWS_AS(FirstPassage(hazards, -1), InvalidArgument);
  CHECK_THROWS_AS(FirstPassage(hazards, 40'000), InvalidArgument);
  const StageId open{0};
  CHECK_THROWS_AS(FirstPassage(hazards, 5, std::span(&open, 1)), InvalidArgument);
}
