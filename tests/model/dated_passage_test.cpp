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
DatedModel with_rhythm(const HazardTable& hazards, RandomStream& random, BusinessCalendar calendar = {},
                       Clock clock = Clock::calendar) {
  const std::size_t stages = hazards.graph().stage_count();
  std::vector<StageRhythm> rhythm(stages);
  for (std::size_t j = 0; j < stages; ++j) {
    const std::size_t targets = hazards.stage(static_cast<StageId>(j)).targets.size();
    rhythm[j].entry_day = rhythm[j].later = Matrix(targets, kDayTypes);
    for (Matrix* factors : {&rhythm[j].entry_day, &rhythm[j].later})
      for (double& factor : factors->values()) factor = 2 * random.uniform();
  }
  return DatedModel(StageModel(hazards, std::vector<Matrix>(stages), std::vector<double>(stages)), std::move(calendar),
                    std::move(rhythm), clock);
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

namespace {

/// Days from kMonday on which the calendar below is off: weekends, the first Tuesday, the whole third week.
bool is_off(int day) {
  return ((day % 7) + 7) % 7 >= 5 || day == 1 || (day >= 14 && day < 21);
}

/// Chance that who entered the stage on day `entered` and is there on day `day` is won before `end`: every course is
/// followed by itself, and its age counted anew from the days worked since its entry.
double won_on_business_days(const DatedHazards& hazards, StageId stage, int entered, int day, int end) {
  if (hazards.graph().kind(stage) == StageKind::won) return 1;
  if (day >= end || hazards.exits(stage).targets.empty()) return 0;
  int age = 0;
  for (int past = entered; past < day; ++past) age += !is_off(past);
  const auto& exits = hazards.exits(stage);
  std::size_t bin = 0;
  while (bin + 1 < exits.begins.size() && exits.begins[bin + 1] <= age) ++bin;
  double won = exits.stay_of(day, bin) * won_on_business_days(hazards, stage, entered, day + 1, end);
  for (std::size_t k = 0; k < exits.targets.size(); ++k)
    won += exits.chances_of(day, bin)[k] * won_on_business_days(hazards, exits.targets[k], day, day, end);
  return won;
}

/// Two stages that lead on to the next, the last to Won, everywhere to Lost: no loops, so that courses can be listed.
HazardTable two_stages(RandomStream& random) {
  const StageGraph graph = StageGraph::Builder()
                               .stage("Lead")
                               .stage("Offer")
                               .stage("Won", StageKind::won)
                               .stage("Lost", StageKind::lost)
                               .build();
  std::vector<StageHazard> stages(4);
  for (std::size_t j = 0; j < 2; ++j) {
    stages[j].targets = {static_cast<StageId>(j + 1), StageId{3}};
    stages[j].begins = {0, 1, 2, 4, 5};
    stages[j].hazard = Matrix(5, 2);
    for (double& hazard : stages[j].hazard.values()) hazard = 0.24 * random.uniform();
  }
  return HazardTable(graph, std::move(stages));
}

}  // namespace

TEST_CASE("on the business clock, dated passage equals all courses with their worked days counted") {
  std::vector<Day> holidays{kMonday + Days{1}};
  for (int day = 14; day < 21; ++day) holidays.push_back(kMonday + Days{day});
  const BusinessCalendar calendar = BusinessCalendar::weekdays(holidays);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    RandomStream random(seed, 3);
    const DatedModel model = with_rhythm(two_stages(random), random, calendar, Clock::business);
    const int first = static_cast<int>(random.below(21)), days = 12;  // the horizon begins on any kind of day
    const DatedHazards dated = model.expected(kMonday + Days{first}, days);
    for (int day = 0; day < days; ++day) CHECK(dated.age_advances(day) != is_off(first + day));
    // The oracle counts days from kMonday: its chances are asked for by day of the horizon.
    const DatedHazards from_monday = model.expected(kMonday, first + days);
    const DatedPassage passage(dated, days);
    for (const StageId stage : {StageId{0}, StageId{1}}) {
      INFO("seed " << seed << " first day " << first << " stage " << index(stage));
      for (int entered = first - 9; entered <= first; ++entered) {
        const int age = model.age(kMonday + Days{entered}, kMonday + Days{first});
        CHECK(passage.from_age(stage, age) ==
              Approx(won_on_business_days(from_monday, stage, entered, first, first + days)).margin(1e-12));
      }
      for (const int day : {0, 1, 2, 5, 6, 11})
        CHECK(passage.from_entry(stage, day) ==
              Approx(won_on_business_days(from_monday, stage, first + day, first + day, first + days)).margin(1e-12));
    }
  }
}

TEST_CASE("ages of a model are StageStatistics' on either clock") {
  const BusinessCalendar calendar = BusinessCalendar::weekdays({kMonday + Days{1}});
  RandomStream random(1, 4);
  const HazardTable hazards = two_stages(random);
  const DatedModel worked = with_rhythm(hazards, random, calendar, Clock::business);
  const DatedModel plain = with_rhythm(hazards, random, calendar);
  const Day friday = kMonday + Days{4};
  CHECK(worked.age(friday, friday) == 0);
  CHECK(worked.age(friday, friday + Days{1}) == 1);  // the Friday has gone by
  CHECK(worked.age(friday, friday + Days{3}) == 1);
  CHECK(worked.age(friday + Days{1}, friday + Days{3}) == 0);  // entered on Saturday: age 0 all Monday
  CHECK(worked.age(friday + Days{1}, friday + Days{4}) == 1);
  CHECK(worked.age(kMonday, friday) == 3);  // the Tuesday was off
  CHECK(plain.age(kMonday, friday) == 4);
  CHECK(worked.age(friday, kMonday) == 0);
  CHECK(plain.age(friday, kMonday) == 0);
  CHECK(worked.age(Day{} - Days{5000}, Day{} + Days{1}) == 1);  // Thursday, 1 January 1970; before it, nothing counts
}

TEST_CASE("a deadline past the horizon is refused") {
  RandomStream random(1, 0);
  const DatedHazards dated = alike(random_hazards(random, 2)).expected(kMonday, 5);
  CHECK_THROWS_AS(DatedPassage(dated, 6), InvalidArgument);
  CHECK_THROWS_AS(DatedPassage(dated, -1), InvalidArgument);
}
