#include <putki/core/error.hpp>
#include <putki/model/passage_gradient.hpp>

#include "model/random_hazards.hpp"

#include <catch2/catch.hpp>

using namespace putki;

namespace {

constexpr int kDays = 9;

/// Hazards that differ on every day.
DatedHazards random_days(RandomStream& random) {
  const HazardTable base = random_hazards(random, 3);
  std::vector<DatedHazards::Exits> exits(5);
  for (std::size_t j = 0; j < 3; ++j) {
    const StageHazard& hazard = base.stage(static_cast<StageId>(j));
    exits[j].targets = hazard.targets;
    exits[j].begins = hazard.begins;
    if (hazard.targets.empty()) continue;
    for (int day = 0; day < kDays; ++day)
      for (std::size_t bin = 0; bin < hazard.begins.size(); ++bin) {
        const double scale = random.uniform();
        double leaving = 0;
        for (const double h : hazard.hazard.row(bin)) {
          exits[j].chances.push_back(h * scale);
          leaving += h * scale;
        }
        exits[j].stay.push_back(1 - leaving);
      }
  }
  std::vector<bool> age_advances(kDays, true);  // a weekend on the business clock
  age_advances[2] = age_advances[3] = false;
  return DatedHazards(base.graph(), kDays, std::move(exits), age_advances);
}

std::vector<bool> days_that_age(const DatedHazards& hazards) {
  std::vector<bool> days;
  for (int day = 0; day < hazards.days(); ++day) days.push_back(hazards.age_advances(day));
  return days;
}

}  // namespace

TEST_CASE("the adjoint equals differences for every chance of moving and of staying") {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    RandomStream random(seed, 11);
    const DatedHazards hazards = random_days(random);
    std::vector<PassageGradient::Start> starts;
    for (int i = 0; i < 6; ++i)
      starts.push_back(
          {static_cast<StageId>(random.below(3)), static_cast<int>(random.below(20)), 10 * random.uniform()});
    const int deadline = 7;
    Matrix entries(7, 5);
    for (double& value : entries.values()) value = random.uniform();
    const auto worth = [&](const DatedHazards& days) {
      const DatedPassage passage(days, deadline);
      double sum = 0;
      for (const auto& start : starts) sum += start.value * passage.from_age(start.stage, start.age);
      for (int day = 0; day < deadline; ++day)
        for (std::size_t j = 0; j < 5; ++j)
          sum += entries(static_cast<std::size_t>(day), j) * passage.from_entry(static_cast<StageId>(j), day);
      return sum;
    };
    const DatedPassage passage(hazards, deadline);
    const PassageGradient gradient(hazards, passage, deadline, starts, entries);
    // One chance moved by itself: then chances and staying do not sum to 1, and need not. A win chance is linear in
    // every chance that a deal meets once; within a day of loops it is a ratio, so the step is small and central.
    const auto slope = [&](std::size_t stage, bool stays, std::size_t place) {
      constexpr double kStep = 1e-5;
      double values[2];
      for (const int side : {0, 1}) {
        std::vector<DatedHazards::Exits> exits;
        for (std::size_t j = 0; j < 5; ++j) exits.push_back(hazards.exits(static_cast<StageId>(j)));
        (stays ? exits[stage].stay : exits[stage].chances)[place] += side == 0 ? -kStep : kStep;
        values[side] = worth(DatedHazards(hazards.graph(), kDays, std::move(exits), days_that_age(hazards)));
      }
      return (values[1] - values[0]) / (2 * kStep);
    };
    for (std::size_t j = 0; j < 3; ++j) {
      const auto& by_chance = gradient.by_chance(static_cast<StageId>(j));
      const auto& by_stay = gradient.by_stay(static_cast<StageId>(j));
      for (std::size_t i = 0; i < by_chance.size(); ++i)
        CHECK(by_chance[i] == Approx(slope(j, false, i)).epsilon(1e-6).margin(1e-7));
      for (std::size_t i = 0; i < by_stay.size(); ++i)
        CHECK(by_stay[i] == Approx(slope(j, true, i)).epsilon(1e-6).margin(1e-7));
    }
  }
}

TEST_CASE("shapes that do not fit are refused") {
  RandomStream random(1, 11);
  const DatedHazards hazards = random_days(random);
  const DatedPassage passage(hazards, 5);
  CHECK_THROWS_AS(PassageGradient(hazards, passage, 10, {}, Matrix(10, 5)), InvalidArgument);
  CHECK_THROWS_AS(PassageGradient(hazards, passage, -1, {}, Matrix(0, 5)), InvalidArgument);
  CHECK_THROWS_AS(PassageGradient(hazards, passage, 5, {}, Matrix(5, 4)), InvalidArgument);
  const std::vector<PassageGradient::Start> strange{{StageId{7}, 0, 1.0}};
  CHECK_THROWS_AS(PassageGradient(hazards, passage, 5, strange, Matrix(5, 5)), InvalidArgument);
}
