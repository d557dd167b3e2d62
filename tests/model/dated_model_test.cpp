#include <putki/core/error.hpp>
#include <putki/events/event_log_builder.hpp>
#include <putki/model/dated_model.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <string>

using namespace putki;

namespace {

const StageGraph kGraph =
    StageGraph::Builder().stage("Lead").stage("Won", StageKind::won).stage("Lost", StageKind::lost).build();
constexpr StageId kLead{0}, kWon{1}, kLost{2};
const Day kBegin = *parse_day("2023-01-02");  // a Monday

/// Deals created every day and left with the given chance, which depends on age and day; a third of the moves are wins.
template <class Chance>
DatedStatistics simulated(int days, int per_day, std::uint64_t seed, Chance chance) {
  EventLogBuilder builder(kGraph);
  RandomStream random(seed, 0);
  int number = 0;
  for (int created = 0; created < days; ++created)
    for (int i = 0; i < per_day; ++i) {
      const DealId deal = builder.deal(std::to_string(number++));
      builder.add({deal, Timestamp(kBegin + Days{created}) + std::chrono::hours{9}, kLead});
      for (int day = created; day < days; ++day) {
        if (random.uniform() >= chance(day - created, kBegin + Days{day})) continue;
        builder.add(
            {deal, Timestamp(kBegin + Days{day}) + std::chrono::hours{10}, random.uniform() < 1.0 / 3 ? kWon : kLost});
        break;
      }
    }
  DatedStatistics statistics(kGraph);
  statistics.update(AsOf(builder.build(), kBegin + Days{days}));
  return statistics;
}

std::size_t won_row(const DatedModel& model) {
  return model.stages().hazards().stage(kLead).targets[0] == kWon ? 0 : 1;
}

}  // namespace

TEST_CASE("weekday factors and hazards by age are recovered together") {
  const auto weekend = [](Day day) { return std::chrono::weekday(day).iso_encoding() >= 6; };
  const auto statistics =
      simulated(364, 40, 1, [&](int age, Day day) { return (age < 7 ? 0.10 : 0.04) * (weekend(day) ? 0.2 : 1.0); });
  const DatedModel model = fit_dated_model(statistics);
  const StageRhythm& rhythm = model.rhythm(kLead);
  const std::size_t won = won_row(model);
  const double workday = rhythm.later(won, 0), saturday = rhythm.later(won, 5);
  CHECK(saturday / workday == Approx(0.2).epsilon(0.2));
  for (std::size_t type = 1; type < 5; ++type)
    CHECK(rhythm.later(won, type) / workday == Approx(1).epsilon(0.18));  // 3.5 standard errors of 830 wins
  const HazardTable& hazards = model.stages().hazards();
  CHECK(hazards.hazard(kLead, kWon, 3) * workday == Approx(0.10 / 3).epsilon(0.1));
  CHECK(hazards.hazard(kLead, kLost, 15) * rhythm.later(1 - won, 2) == Approx(0.04 * 2 / 3).epsilon(0.1));
}

TEST_CASE("a public holiday is taken for a Sunday") {
  const BusinessCalendar calendar = BusinessCalendar::weekdays({kBegin + Days{7}, kBegin + Days{15}});
  const auto statistics =
      simulated(140, 30, 2, [&](int, Day day) { return calendar.is_business_day(day) ? 0.1 : 0.01; });
  const DatedModel model = fit_dated_model(statistics, calendar, {.levels = false});
  const DatedHazards hazards = model.expected(kBegin + Days{7}, 14);
  const auto leaving = [&](int day) { return 1 - hazards.exits(kLead).stay_of(day, 1); };
  CHECK(leaving(0) == Approx(leaving(6)));   // the holiday Monday and its Sunday
  CHECK(leaving(8) == Approx(leaving(13)));  // the holiday Tuesday a week later
  CHECK(leaving(1) > 4 * leaving(0));
}

TEST_CASE("a stage that has slowed down is expected to stay slow for a while") {
  const Day slow_from = kBegin + Days{330};
  const auto statistics = simulated(364, 60, 3, [&](int, Day day) { return day < slow_from ? 0.10 : 0.04; });
  const DatedModel model = fit_dated_model(statistics);
  CHECK(model.rhythm(kLead).speed.expected_factor(1) < 0.75);
  CHECK(fit_dated_model(statistics, {}, {.levels = false}).rhythm(kLead).speed.is_constant());
}

TEST_CASE("speed keeps sure moves sure and scales rare ones") {
  StageHazard exits;
  exits.targets = {kWon, kLost};
  exits.begins = {0, 1};
  exits.hazard = Matrix(2, 2);
  exits.hazard(0, 0) = 0.7;
  exits.hazard(0, 1) = 0.3;
  exits.hazard(1, 0) = 0.001;
  const std::vector<Level::Point> fast{
      {.weight = 1, .persistence = 1, .deviation = 0, .dispersion = 1, .level = std::log(2.0), .variance = 0}};
  std::vector<StageRhythm> rhythm(3);
  rhythm[0].speed = Level(fast, 1);
  const DatedModel model(StageModel(HazardTable(kGraph, {exits, {}, {}}), std::vector<Matrix>(3), {1, 0, 0}), {},
                         rhythm);
  const DatedHazards hazards = model.expected(kBegin, 3);
  CHECK(hazards.exits(kLead).stay_of(1, 0) == 0);
  CHECK(hazards.exits(kLead).chances_of(1, 0)[0] == Approx(0.7));
  CHECK(hazards.exits(kLead).chances_of(1, 1)[0] == Approx(1 - 0.999 * 0.999));
}

TEST_CASE("a short half-life follows what changed") {
  const auto statistics = simulated(364, 40, 4, [&](int, Day day) { return day < kBegin + Days{182} ? 0.10 : 0.05; });
  const auto at = [&](double half_life) {
    return fit_dated_model(statistics, {}, {.levels = false, .half_life_days = half_life})
        .stages()
        .hazards()
        .hazard(kLead, kLost, 4);
  };
  CHECK(at(20) == Approx(0.05 * 2 / 3).epsilon(0.12));
  CHECK(at(0) > 1.2 * at(20));
}

TEST_CASE("no visits: nothing moves, and the model says so") {
  DatedStatistics statistics(kGraph);
  CHECK(fit_dated_model(statistics).stages().info().warnings.size() == 1);
  statistics.update(AsOf(EventLog(kGraph), kBegin));
  const DatedModel model = fit_dated_model(statistics);
  CHECK(model.expected(kBegin, 5).exits(kLead).targets.empty());
  REQUIRE(model.stages().info().warnings.size() == 1);
}

TEST_CASE("options and shapes that cannot be are refused") {
  const auto statistics = simulated(20, 5, 5, [](int, Day) { return 0.1; });
  CHECK_THROWS_AS(fit_dated_model(statistics, {}, {.prior_moves = -1}), InvalidArgument);
  CHECK_THROWS_AS(fit_dated_model(statistics, {}, {.half_life_days = -1}), InvalidArgument);
  CHECK_THROWS_AS(fit_dated_model(statistics, {}, {.hazards = {.moves_per_bin = 0}}), InvalidArgument);
  CHECK_THROWS_AS(fit_dated_model(DatedStatistics()), InvalidArgument);
  const DatedModel model = fit_dated_model(statistics);
  CHECK_THROWS_AS(DatedModel(model.stages(), {}, std::vector<StageRhythm>(1)), InvalidArgument);
  std::vector<StageRhythm> wrong(3);
  wrong[0].later = Matrix(1, 3);
  CHECK_THROWS_AS(DatedModel(model.stages(), {}, wrong), InvalidArgument);
}
