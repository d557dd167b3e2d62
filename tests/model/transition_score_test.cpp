#include <putki/core/error.hpp>
#include <putki/events/event_log_builder.hpp>
#include <putki/model/transition_score.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <string>

using namespace putki;

namespace {

const StageGraph kGraph =
    StageGraph::Builder().stage("Lead").stage("Won", StageKind::won).stage("Lost", StageKind::lost).build();
constexpr StageId kLead{0}, kWon{1}, kLost{2};
const Day kBegin = *parse_day("2023-01-02");  // a Monday
const BusinessCalendar kWorked = [] {
  std::vector<Day> holidays;
  for (int week = 3; week < 60; week += 4)  // a Monday to Thursday off in every fourth week
    for (int day = 0; day < 4; ++day) holidays.push_back(kBegin + Days{7 * week + day});
  return BusinessCalendar::weekdays(holidays);
}();

/// Deals created on every day and left with a chance that depends on their age on the clock and on the day.
template <class Chance>
DatedStatistics simulated(int days, int per_day, std::uint64_t seed, Clock clock, Chance chance) {
  EventLogBuilder builder(kGraph);
  RandomStream random(seed, 0);
  int number = 0;
  for (int created = 0; created < days; ++created)
    for (int i = 0; i < per_day; ++i) {
      const DealId deal = builder.deal(std::to_string(number++));
      builder.add({deal, Timestamp(kBegin + Days{created}) + std::chrono::hours{9}, kLead});
      int age = 0;
      for (int day = created; day < days; ++day) {
        const bool works = kWorked.is_business_day(kBegin + Days{day});
        if (random.uniform() < chance(age, kBegin + Days{day})) {
          builder.add({deal, Timestamp(kBegin + Days{day}) + std::chrono::hours{10},
                       random.uniform() < 1.0 / 3 ? kWon : kLost});
          break;
        }
        if (clock == Clock::calendar || works) ++age;
      }
    }
  DatedStatistics statistics(kGraph);
  statistics.update(AsOf(builder.build(), kBegin + Days{days}));
  return statistics;
}

/// Deals are decided in their second week of whichever clock: a sharp hump that the wrong clock smears.
double hump(int age, Day day) {
  return (age >= 5 && age < 9 ? 0.35 : 0.03) * (kWorked.is_business_day(day) ? 1.0 : 0.3);
}

/// One model with chances that are easy to reckon with: leaves on its first day with 0.5, later with 0.2, of which a
/// fourth is Won.
DatedModel known_model(Clock clock) {
  StageHazard exits;
  exits.targets = {kWon, kLost};
  exits.begins = {0, 1};
  exits.hazard = Matrix(2, 2);
  exits.hazard(0, 0) = 0.125;
  exits.hazard(0, 1) = 0.375;
  exits.hazard(1, 0) = 0.05;
  exits.hazard(1, 1) = 0.15;
  return DatedModel(StageModel(HazardTable(kGraph, {exits, {}, {}}), std::vector<Matrix>(3), {1, 0, 0}),
                    BusinessCalendar::weekdays(), std::vector<StageRhythm>(3), clock);
}

DatedStatistics seen_until(int days, std::initializer_list<std::tuple<int, int, StageId>> visits) {
  EventLogBuilder builder(kGraph);
  int number = 0;
  for (const auto& [entered, left, to] : visits) {
    const DealId deal = builder.deal(std::to_string(number++));
    builder.add({deal, Timestamp(kBegin + Days{entered}) + std::chrono::hours{9}, kLead});
    if (to != kNoStage) builder.add({deal, Timestamp(kBegin + Days{left}) + std::chrono::hours{10}, to});
  }
  DatedStatistics statistics(kGraph);
  statistics.update(AsOf(builder.build(), kBegin + Days{days}));
  return statistics;
}

}  // namespace

TEST_CASE("the score is the log-likelihood of every day's stay or move, by hand") {
  const auto seen = seen_until(12, {{4, 8, kWon},      // Friday to Tuesday: days 5 .. 8 are scored
                                    {5, 7, kLost},     // entered on Saturday within the days
                                    {1, 4, kWon},      // over before them
                                    {6, 6, kLost},     // on its own first day
                                    {2, 0, kNoStage},  // still there
                                    {9, 11, kWon}});   // moves after them: stays on day 9
  const auto score = [&](Clock clock) { return score_transitions(known_model(clock), kBegin + Days{5}, 5, seen); };
  // Calendar: 3 stays later, a win later | a stay on the first day, one later, a loss later | a loss on the first day |
  // 5 stays later | a stay on the first day.
  CHECK(score(Clock::calendar).log_likelihood ==
        Approx(3 * std::log(0.8) + std::log(0.05) + std::log(0.5) + std::log(0.8) + std::log(0.15) + std::log(0.375) +
               5 * std::log(0.8) + std::log(0.5)));
  // Business: who entered on Saturday is of age 0 on Saturday, Sunday and Monday.
  CHECK(score(Clock::business).log_likelihood ==
        Approx(3 * std::log(0.8) + std::log(0.05) + 2 * std::log(0.5) + std::log(0.375) + std::log(0.375) +
               5 * std::log(0.8) + std::log(0.5)));
  CHECK(score(Clock::business).moves == 3);
  CHECK(score(Clock::business).visit_days == 4 + 3 + 1 + 5 + 1);
  CHECK(score(Clock::business).per_move() == Approx(score(Clock::business).log_likelihood / 3));
  // Days not yet seen are not scored, days before the begin neither.
  CHECK(score_transitions(known_model(Clock::calendar), kBegin + Days{12}, 5, seen).visit_days == 0);
  CHECK(score_transitions(known_model(Clock::calendar), kBegin + Days{11}, 5, seen).visit_days == 2);
}

TEST_CASE("what is impossible in the model costs much, not everything") {
  StageHazard none;
  const DatedModel still(StageModel(HazardTable(kGraph, {none, {}, {}}), std::vector<Matrix>(3), {1, 0, 0}));
  const auto score = score_transitions(still, kBegin, 5, seen_until(9, {{0, 2, kWon}, {1, 0, kNoStage}}));
  CHECK(score.log_likelihood == Approx(std::log(kLeastChance)));
}

TEST_CASE("what was known before a day is what a view of that day counts") {
  const auto all =
      seen_until(30, {{0, 3, kWon}, {2, 20, kLost}, {5, 9, kWon}, {9, 9, kLost}, {9, 12, kWon}, {10, 11, kWon}});
  for (const int day : {0, 1, 3, 4, 9, 10, 12, 25}) {
    std::vector<std::tuple<int, int, StageId>> visits{{0, 3, kWon},  {2, 20, kLost}, {5, 9, kWon},
                                                      {9, 9, kLost}, {9, 12, kWon},  {10, 11, kWon}};
    EventLogBuilder builder(kGraph);
    int number = 0;
    for (const auto& [entered, left, to] : visits) {
      const DealId deal = builder.deal(std::to_string(number++));
      builder.add({deal, Timestamp(kBegin + Days{entered}) + std::chrono::hours{9}, kLead});
      builder.add({deal, Timestamp(kBegin + Days{left}) + std::chrono::hours{10}, to});
    }
    DatedStatistics then(kGraph);
    then.update(AsOf(builder.build(), kBegin + Days{day}));
    CHECK(all.known_before(day_number(kBegin + Days{day})) == then);
  }
  CHECK_THROWS_AS(all.known_before(day_number(kBegin + Days{31})), InvalidArgument);
  CHECK_THROWS_AS(DatedStatistics().known_before(0), InvalidArgument);
}

TEST_CASE("hazards on the business clock are recovered where ages run on worked days") {
  const auto statistics = simulated(364, 40, 1, Clock::business, hump);
  const DatedModel model = fit_dated_model(statistics, kWorked, {.levels = false, .clock = Clock::business});
  CHECK(model.clock() == Clock::business);
  const DatedHazards hazards = model.expected(kBegin + Days{364}, 7);  // a Monday
  const auto& exits = hazards.exits(kLead);
  const auto leaving = [&](int day, int age) {
    std::size_t bin = 0;
    while (bin + 1 < exits.begins.size() && exits.begins[bin + 1] <= age) ++bin;
    return 1 - exits.stay_of(day, bin);
  };
  // 14,560 deals, half of which come to the hump: 4 standard errors of its 1,500 moves at an age.
  for (const int age : {5, 6, 7, 8}) CHECK(leaving(1, age) == Approx(0.35).epsilon(0.12));
  CHECK(leaving(1, 3) == Approx(0.03).epsilon(0.25));
  CHECK(leaving(1, 10) == Approx(0.03).epsilon(0.35));
  CHECK(leaving(5, 6) == Approx(0.35 * 0.3).epsilon(0.15));  // a Saturday
}

TEST_CASE("the clock on which deals were simulated has the better score out of sample, and is chosen") {
  for (std::uint64_t seed = 1; seed <= 4; ++seed)
    for (const Clock truth : {Clock::calendar, Clock::business}) {
      INFO("seed " << seed << (truth == Clock::business ? " business" : " calendar"));
      const auto statistics = simulated(200, 20, seed, truth, hump);
      const DatedModel model = fit_dated_model(statistics, kWorked, {.levels = false, .clock = Clock::automatic});
      CHECK(model.clock() == truth);
      const auto& tried = model.choice().candidates;
      REQUIRE(tried.size() == 2);
      CHECK(tried[0].clock == Clock::calendar);
      CHECK((tried[1].log_score > tried[0].log_score) == (truth == Clock::business));
      CHECK(model.choice().notes.size() == 1);
      // It is the fit on the chosen clock, and the score is that of the cuts.
      const DatedModelOptions plain{.levels = false, .clock = truth};
      const DatedModel same = fit_dated_model(statistics, kWorked, plain);
      CHECK(model.stages().hazards().hazard(kLead, kWon, 6) == same.stages().hazards().hazard(kLead, kWon, 6));
      TransitionScore by_hand;
      for (int cut = 1; cut <= 4; ++cut) {
        const Day day = kBegin + Days{200 - 14 * cut};
        by_hand += score_transitions(fit_dated_model(statistics.known_before(day_number(day)), kWorked, plain), day, 14,
                                     statistics);
      }
      CHECK(tried[truth == Clock::business].log_score == by_hand.per_move());
    }
}

TEST_CASE("a half-life is chosen where the pace has changed, and costs score where it has not") {
  double cost = 0;
  for (std::uint64_t seed = 10; seed < 18; ++seed) {
    const auto steady = simulated(200, 60, seed, Clock::calendar, hump);
    const DatedModel model = fit_dated_model(steady, kWorked, {.levels = false, .choose_half_life = true});
    const auto& tried = model.choice().candidates;
    REQUIRE(tried.size() == kHalfLifeChoices.size());
    for (std::size_t i = 0; i < tried.size(); ++i) CHECK(tried[i].half_life_days == kHalfLifeChoices[i]);
    cost += tried[0].log_score - tried[1].log_score;
  }
  CHECK(cost > 0);  // on average: a hump of ages needs all the deals there are

  const auto changed =
      simulated(300, 20, 8, Clock::calendar, [](int, Day day) { return day < kBegin + Days{200} ? 0.12 : 0.04; });
  const DatedModel quick = fit_dated_model(changed, {}, {.levels = false, .choose_half_life = true});
  const auto& tried = quick.choice().candidates;
  CHECK(tried[1].log_score > tried[2].log_score);
  CHECK(tried[2].log_score > tried[3].log_score);
  CHECK(tried[3].log_score > tried[0].log_score);
  const DatedModel same = fit_dated_model(changed, {}, {.levels = false, .half_life_days = 45});
  CHECK(quick.stages().hazards().hazard(kLead, kWon, 6) == same.stages().hazards().hazard(kLead, kWon, 6));
}

TEST_CASE("a past too short to tell leaves the first choice") {
  const auto statistics = simulated(20, 5, 3, Clock::business, hump);
  const DatedModel model = fit_dated_model(statistics, kWorked, {.choose_half_life = true, .clock = Clock::automatic});
  CHECK(model.clock() == Clock::calendar);
  REQUIRE(model.choice().candidates.size() == 2 + kHalfLifeChoices.size());
  CHECK(model.choice().candidates[4].half_life_days == 90);
  CHECK(std::isnan(model.choice().candidates[0].log_score));
  CHECK(model.choice().notes.size() == 2);
  // Where every day is worked there is nothing to choose.
  CHECK(fit_dated_model(statistics, {}, {.clock = Clock::automatic}).choice().candidates.empty());
}

TEST_CASE("scores of what cannot be are refused") {
  const auto seen = seen_until(12, {{4, 8, kWon}});
  const auto fit = [](const DatedStatistics& known) { return fit_dated_model(known); };
  CHECK_THROWS_AS(rolling_score(seen, fit, {.cuts = 0}), InvalidArgument);
  CHECK_THROWS_AS(rolling_score(seen, fit, {.days = 0}), InvalidArgument);
  CHECK_THROWS_AS(rolling_score(DatedStatistics(), fit), InvalidArgument);
  CHECK(rolling_score(DatedStatistics(kGraph), fit).visit_days == 0);
  const DatedModel model = known_model(Clock::calendar);
  CHECK_THROWS_AS(score_transitions(model, kBegin, -1, seen), InvalidArgument);
  CHECK_THROWS_AS(score_transitions(model, kBegin, 1, DatedStatistics(kGraph)), InvalidArgument);
  CHECK_THROWS_AS(score_transitions(model, kBegin, 1, DatedStatistics(StageGraph::b2b_template())), InvalidArgument);
  CHECK_THROWS_AS(DatedModel(model.stages(), {}, std::vector<StageRhythm>(3), Clock::automatic), InvalidArgument);
}
