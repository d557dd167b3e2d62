#include <putki/core/error.hpp>
#include <putki/model/dated_passage.hpp>
#include <putki/model/first_passage.hpp>

#include "model/random_hazards.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <map>

using namespace putki;

namespace {

const Day kMonday = *parse_day("2024-01-01");

DatedModel alike(const HazardTable& hazards) {
  const std::size_t stages = hazards.graph().stage_count();
  return DatedModel(StageModel(hazards, std::vector<Matrix>(stages), std::vector<double>(stages)));
}

/// The same hazards with random weekday factors.
DatedModel with_rhythm(const HazardTable& hazards, RandomStream& random) {
  const std::size_t stages = hazards.graph().stage_count();
  std::vector<StageRhythm> rhythm(stages);
  for (std::size_t j = 0; j < stages; ++j) {
    const std::size_t targets = hazards.stage(static_cast<StageId>(j)).targets.size();
    rhythm[j].entry_day = rhythm[j].later = Matrix(targets, kDayTypes);
    for (Matrix* factors : {&rhythm[j].entry_day, &rhythm[j].later})
      for (double& factor : factors->values()) factor = 2 * random.uniform();
  }
  return DatedModel(StageModel(hazards, std::vector<Matrix>(stages), std::vector<double>(stages)), {},
                    std::move(rhythm));
}

/// Probability mass carried forward day by day through the dated chances.
double won_by_mass(const DatedHazards& hazards, StageId stage, int age, int from, int to) {
  const StageGraph& graph = hazards.graph();
  std::map<std::pair<std::size_t, int>, double> mass{{{index(stage), age}, 1.0}};
  double won = 0;
  for (int day = from; day < to; ++day) {
    std::map<std::pair<std::size_t, int>, double> next, todo = mass;
    while (!todo.empty()) {
      std::map<std::pair<std::size_t, int>, double> moved;
      for (const auto& [state, p] : todo) {
        const auto& exits = hazards.exits(static_cast<StageId>(state.first));
        if (exits.targets.empty()) {
          next[{state.first, state.second + 1}] += p;
          continue;
        }
        std::size_t bin = 0;
        while (bin + 1 < exits.begins.size() && exits.begins[bin + 1] <= state.second) ++bin;
        double sum = 0;
        for (std::size_t k = 0; k < exits.targets.size(); ++k) {
          const double flow = p * exits.chances_of(day, bin)[k];
          sum += flow;
          if (graph.kind(exits.targets[k]) == StageKind::won) won += flow;
          if (!graph.is_terminal(exits.targets[k]) && flow > 1e-15) moved[{index(exits.targets[k]), 0}] += flow;
        }
        REQUIRE(sum <= 1 * p + 1e-12);
        next[{state.first, state.second + 1}] += p - sum;
      }
      todo = std::move(moved);
    }
    mass = std::move(next);
  }
  return won;
}

}  // namespace

TEST_CASE("with days alike, dated passage equals first passage") {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    RandomStream random(seed, 1);
    const HazardTable hazards = random_hazards(random, 1 + random.below(4));
    const FirstPassage plain(hazards, 15);
    const DatedHazards dated = alike(hazards).expected(kMonday, 15);
    for (const int deadline : {0, 1, 7, 15}) {
      const DatedPassage passage(dated, deadline);
      for (std::size_t j = 0; j < hazards.graph().stage_count(); ++j) {
        const auto stage = static_cast<StageId>(j);
        if (hazards.graph().is_terminal(stage)) continue;
        for (const int age : {0, 1, 3, 8, 30})
          CHECK(passage.from_age(stage, age) == Approx(plain.from_age(stage, age, deadline)).margin(1e-10));
        for (int day = 0; day < deadline; ++day)
          CHECK(passage.from_entry(stage, day) == Approx(plain.from_entry(stage, deadline - 1 - day)).margin(1e-10));
        CHECK(passage.from_entry(stage, deadline) == 0);
      }
    }
  }
}

TEST_CASE("with a weekly rhythm, dated passage equals probability mass carried day by day") {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    RandomStream random(seed, 2);
    const HazardTable hazards = random_hazards(random, 1 + random.below(3));
    const DatedHazards dated = with_rhythm(hazards, random).expected(kMonday, 12);
    const DatedPassage passage(dated, 12);
    for (std::size_t j = 0; j < hazards.graph().stage_count(); ++j) {
      const auto stage = static_cast<StageId>(j);
      if (hazards.graph().is_terminal(stage)) continue;
      INFO("seed " << seed << " stage " << j);
      for (const int age : {0, 1, 4, 20})
        CHECK(passage.from_age(stage, age) == Approx(won_by_mass(dated, stage, age, 0, 12)).margin(1e-9));
      for (const int day : {0, 5, 11})
        CHECK(passage.from_entry(stage, day) == Approx(won_by_mass(dated, stage, 0, day, 12)).margin(1e-9));
    }
  }
}

TEST_CASE("a deadline past the horizon is refused") {
  RandomStream random(1, 0);
  const DatedHazards dated = alike(random_hazards(random, 2)).expected(kMonday, 5);
  CHECK_THROWS_AS(DatedPassage(dated, 6), InvalidArgument);
  CHECK_THROWS_AS(DatedPassage(dated, -1), InvalidArgument);
}
