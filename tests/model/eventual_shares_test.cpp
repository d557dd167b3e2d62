#include <putki/core/error.hpp>
#include <putki/model/eventual_shares.hpp>

#include "model/random_hazards.hpp"

#include <catch2/catch.hpp>

#include <cmath>

using namespace putki;

namespace {

DatedModel random_dated_model(std::uint64_t seed) {
  RandomStream random(seed, 3);
  const HazardTable hazards = random_hazards(random, 3);
  std::vector<StageRhythm> rhythm(5);
  for (std::size_t j = 0; j < 3; ++j) {
    const std::size_t targets = hazards.stage(static_cast<StageId>(j)).targets.size();
    if (targets == 0) continue;
    rhythm[j].entry_day = rhythm[j].later = Matrix(targets, kDayTypes);
    for (Matrix* const factors : {&rhythm[j].entry_day, &rhythm[j].later})
      for (double& factor : factors->values()) factor = random.uniform() < 0.15 ? 0.0 : 1.5 * random.uniform();
  }
  return DatedModel(StageModel(hazards, std::vector<Matrix>(5), {1, 0, 0, 0, 0}), {}, rhythm);
}

/// Visits followed day by day over 22 years of a calendar, from each day of its first week.
std::vector<double> shares_by_days(const DatedModel& model, StageId stage, double& mean_days) {
  constexpr int kDays = 8000;
  const DatedHazards hazards = model.expected(*parse_day("2024-01-01"), kDays);
  const DatedHazards::Exits& exits = hazards.exits(stage);
  std::vector<double> shares(exits.targets.size());
  mean_days = 0;
  if (shares.empty()) return shares;
  for (int entered = 0; entered < 7; ++entered) {
    double present = 1.0 / 7;
    for (int day = entered; day < kDays; ++day) {
      const int age = day - entered;
      std::size_t bin = 0;
      while (bin + 1 < exits.begins.size() && exits.begins[bin + 1] <= age) ++bin;
      for (std::size_t k = 0; k < shares.size(); ++k) {
        shares[k] += present * exits.chances_of(day, bin)[k];
        mean_days += present * exits.chances_of(day, bin)[k] * age;
      }
      present *= exits.stay_of(day, bin);
    }
  }
  return shares;
}

}  // namespace

TEST_CASE("eventual shares are those of visits followed day by day") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const DatedModel model = random_dated_model(seed);
    for (const StageId stage : {StageId{0}, StageId{1}, StageId{2}}) {
      const EventualShares result = eventual_shares(model, stage);
      double days = 0;
      const std::vector<double> expected = shares_by_days(model, stage, days);
      REQUIRE(result.shares.size() == expected.size());
      for (std::size_t k = 0; k < expected.size(); ++k)
        CHECK(result.shares[k] == Approx(expected[k]).epsilon(1e-9).margin(1e-12));
      if (!expected.empty() && std::isfinite(result.days))
        CHECK(result.days == Approx(days).epsilon(1e-8).margin(1e-12));
    }
  }
}

TEST_CASE(
    "a constant hazard of one in five shared 3 to 1 is left for the first in three visits of four, after 4 days") {
  StageGraph::Builder builder;
  builder.stage("A").stage("Won", StageKind::won).stage("Lost", StageKind::lost);
  std::vector<StageHazard> stages(3);
  stages[0].targets = {StageId{1}, StageId{2}};
  stages[0].hazard = Matrix(1, 2);
  stages[0].hazard(0, 0) = 0.15;
  stages[0].hazard(0, 1) = 0.05;
  const DatedModel model(StageModel(HazardTable(builder.build(), stages), std::vector<Matrix>(3), {1, 0, 0}));
  const EventualShares result = eventual_shares(model, StageId{0});
  CHECK(result.shares[0] == Approx(0.75));
  CHECK(result.days == Approx(4));  // a geometric number of days: (1 - 0.2) / 0.2
  CHECK(share_per_log_odds(model, StageId{0}, StageId{1}) == Approx(0.75 * 0.25));
  // Odds of 3 must become those of 0.8, 4.
  CHECK(change_of_share(model, StageId{0}, StageId{1}, 0.05).odds == Approx(4.0 / 3));
  CHECK(eventual_shares(model.with({.stage = StageId{0}, .pace = 0.5}), StageId{0}).shares[0] == Approx(0.75));
  CHECK(eventual_shares(model, StageId{1}).targets.empty());
}

TEST_CASE("a change of share moves it by just the points asked, and keeps when deals leave") {
  int tried = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const DatedModel model = random_dated_model(seed);
    const EventualShares before = eventual_shares(model, StageId{0});
    if (before.targets.size() < 3) continue;
    const double points = seed % 2 == 0 ? 0.02 : -0.02;
    for (const StageId payer : {kNoStage, before.targets[1]}) {
      ExitChange change;
      try {
        change = change_of_share(model, StageId{0}, before.targets[0], points, payer);
      } catch (const InvalidArgument&) {
        continue;
      }
      ++tried;
      const DatedModel other = model.with(change);
      double days_before = 0, days_after = 0;
      const std::vector<double> old_shares = shares_by_days(model, StageId{0}, days_before),
                                new_shares = shares_by_days(other, StageId{0}, days_after);
      CHECK(new_shares[0] == Approx(old_shares[0] + points).epsilon(1e-9));
      CHECK(days_after == Approx(days_before));
      for (std::size_t k = 2; k < new_shares.size() && payer != kNoStage; ++k)
        CHECK(new_shares[k] == Approx(old_shares[k]).margin(1e-12));
      const Day day = *parse_day("2024-03-04");
      const DatedHazards old_days = model.expected(day, 9), new_days = other.expected(day, 9);
      CHECK(old_days.exits(StageId{0}).stay == new_days.exits(StageId{0}).stay);
    }
  }
  CHECK(tried > 20);
}

TEST_CASE("a change of days makes visits last just so much longer or shorter") {
  int tried = 0;
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    const DatedModel model = random_dated_model(seed);
    for (const double factor : {0.9, 1.3}) {
      const EventualShares before = eventual_shares(model, StageId{1});
      if (!std::isfinite(before.days) || before.days < 0.01) continue;
      const ExitChange change = change_of_days(model, StageId{1}, factor);
      double days_before = 0, days_after = 0;
      (void)shares_by_days(model, StageId{1}, days_before);
      (void)shares_by_days(model.with(change), StageId{1}, days_after);
      CHECK(days_after == Approx(factor * days_before).epsilon(1e-8));
      constexpr double kStep = 1e-4;
      const double slope =
          (eventual_shares(model.with({.stage = StageId{1}, .pace = std::exp(kStep)}), StageId{1}).days -
           eventual_shares(model.with({.stage = StageId{1}, .pace = std::exp(-kStep)}), StageId{1}).days) /
          (2 * kStep);
      CHECK(days_per_log_pace(model, StageId{1}) == Approx(slope).epsilon(1e-6));
      ++tried;
    }
  }
  CHECK(tried > 20);
  using Catch::Matchers::Contains;
  const DatedModel model = random_dated_model(4);
  CHECK_THROWS_WITH(change_of_days(model, StageId{1}, 0), Contains("above 0"));
  CHECK_THROWS_WITH(change_of_days(model, StageId{4}, 2), Contains("nobody was seen leaving 'Lost'"));
}

TEST_CASE("pace scales the logarithm of staying") {
  const DatedModel model = random_dated_model(4);
  const Day day = *parse_day("2024-03-04");
  const DatedHazards before = model.expected(day, 5),
                     after = model.with({.stage = StageId{1}, .pace = 0.7}).expected(day, 5);
  const DatedHazards::Exits &old_exits = before.exits(StageId{1}), &new_exits = after.exits(StageId{1});
  REQUIRE(!old_exits.stay.empty());
  for (std::size_t i = 0; i < old_exits.stay.size(); ++i) {
    CHECK(new_exits.stay[i] == Approx(std::pow(old_exits.stay[i], 0.7)));
    double sum = new_exits.stay[i];
    for (std::size_t k = 0; k < new_exits.targets.size(); ++k)
      sum += new_exits.chances[i * new_exits.targets.size() + k];
    CHECK(sum == Approx(1));
  }
}

TEST_CASE("shares and changes that cannot be are refused with what can") {
  using Catch::Matchers::Contains;
  const DatedModel model = random_dated_model(1);
  const EventualShares now = eventual_shares(model, StageId{0});
  REQUIRE(now.targets.size() >= 2);
  CHECK_THROWS_WITH(change_of_share(model, StageId{0}, now.targets[0], 2.0),
                    Contains("+200.0 points") && Contains("allow"));
  CHECK_THROWS_WITH(change_of_share(model, StageId{0}, StageId{0}, 0.01),
                    Contains("no deal was seen moving from 'S0' to 'S0'"));
  CHECK_THROWS_WITH(change_of_share(model, StageId{0}, now.targets[0], 0.01, now.targets[0]), Contains("own share"));
  CHECK_THROWS_WITH(eventual_shares(model, StageId{9}), Contains("stage 9 of 5"));
  CHECK_THROWS_AS(model.with({.stage = StageId{4}}), InvalidArgument);
  CHECK_THROWS_AS(model.with({.stage = StageId{9}}), InvalidArgument);
  CHECK_THROWS_AS(model.with({.stage = StageId{0}, .pace = -1}), InvalidArgument);
  CHECK_THROWS_AS(model.with({.stage = StageId{0}, .target = now.targets[0], .odds = std::nan("")}), InvalidArgument);
  CHECK_THROWS_AS(model.with({.stage = StageId{0}, .target = StageId{0}}), InvalidArgument);
}
