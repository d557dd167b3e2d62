#include <putki/core/error.hpp>
#include <putki/forecast/occupancy.hpp>

#include "forecast/known_pipelines.hpp"
#include "forecast/walking.hpp"
#include "model/random_hazards.hpp"

#include <catch2/catch.hpp>

#include <cmath>

using namespace putki;

namespace {

/// S0 to S1 or lost, S1 to Won or lost, every day alike; deals enter S0.
ForecastModel two_stages(double forward, double lost, double win, double lost_later, double per_day) {
  StageGraph::Builder builder;
  builder.stage("S0").stage("S1").stage("Won", StageKind::won).stage("Lost", StageKind::lost);
  std::vector<StageHazard> stages(4);
  stages[0].targets = {StageId{1}, StageId{3}};
  stages[0].hazard = Matrix(1, 2);
  stages[0].hazard(0, 0) = forward;
  stages[0].hazard(0, 1) = lost;
  stages[1].targets = {StageId{2}, StageId{3}};
  stages[1].hazard = Matrix(1, 2);
  stages[1].hazard(0, 0) = win;
  stages[1].hazard(0, 1) = lost_later;
  return {DatedModel(StageModel(HazardTable(builder.build(), std::move(stages)), std::vector<Matrix>(4), {1, 0, 0, 0})),
          InflowModel{.per_day = per_day, .dispersion = 1, .window_days = 1e9}, AmountDistribution::from_values({100})};
}

}  // namespace

TEST_CASE("occupancy needed by hand") {
  // Left with 0.4 a day from the first: a stay of 1 / 0.4 - 1 = 1.5 days; then 1 / 0.5 - 1 = 1 for every second deal.
  const ForecastModel model = two_stages(0.2, 0.2, 0.5, 0, 2);
  OpenPipeline pipeline = known_pipeline();
  pipeline.deals = {{"a", StageId{0}, 1, 1.0}, {"b", StageId{0}, 2, 1.0}, {"c", StageId{0}, 3, 1.0}};
  const Occupancy occupancy = occupancy_needed(model, pipeline, 50);
  CHECK(occupancy.win_probability == Approx(0.5));
  CHECK(occupancy.mean_amount == Approx(100));
  CHECK(*occupancy.inflow_needed == Approx(1));
  CHECK(occupancy.inflow_now == 2);
  REQUIRE(occupancy.stages.size() == 2);
  CHECK(occupancy.stages[0].needed == Approx(1.5));
  CHECK(occupancy.stages[0].actual == 3);
  CHECK(occupancy.stages[0].z_score == Approx(1.5 / std::sqrt(1.5)));
  // Poisson 1.5: 0.22, 0.56, 0.81, 0.93, 0.98
  CHECK(occupancy.stages[0].usual == Interval{0, 4});
  CHECK(occupancy.stages[1].visits == Approx(0.5));
  CHECK(occupancy.stages[1].mean_stay_days == Approx(1));
  CHECK(occupancy.stages[1].needed == Approx(0.5));
  // R: qpois(c(0.05, 0.95), 20) is 13, 28
  CHECK(occupancy_needed(model, pipeline, 50 * 20 / 1.5).stages[0].usual == Interval{13, 28});
  CHECK(occupancy_needed(model, pipeline, 0).stages[0].needed == 0);
  CHECK_THROWS_AS(occupancy_needed(model, pipeline, -1), InvalidArgument);
}

TEST_CASE("a pipeline that wins nothing needs no occupancy, since none would do") {
  const Occupancy occupancy = occupancy_needed(two_stages(0.2, 0.2, 0, 0.5, 2), known_pipeline(), 50);
  CHECK_FALSE(occupancy.inflow_needed);
  CHECK(occupancy.stages.empty());
}

TEST_CASE("occupancy is what a steady inflow leaves behind") {
  // A deal a day entered on each of many past days; those still there when a day begins.
  RandomStream random(3, 0);
  int compared = 0;
  for (int trial = 0; trial < 40; ++trial) {
    ForecastModel model{DatedModel(StageModel(random_hazards(random, 3), std::vector<Matrix>(5), {0.6, 0.4, 0, 0, 0})),
                        InflowModel{}, AmountDistribution::from_values({100})};
    const Occupancy occupancy = occupancy_needed(model, known_pipeline(), 10);
    if (!occupancy.inflow_needed) continue;
    double needed = 0;
    for (const StageOccupancy& stage : occupancy.stages) needed += stage.needed;
    if (!(needed < 3 * *occupancy.inflow_needed)) continue;  // too slow for the days below
    const int days = 60;
    const DatedHazards dated = model.stages.expected(known_pipeline().first_day, days);
    double there = 0, won = 0;
    for (int age = 1; age <= days; ++age) {  // all days are alike
      const Whereabouts a = push_mass(dated, StageId{0}, 0, 0, age), b = push_mass(dated, StageId{1}, 0, 0, age);
      there += 0.6 * a.open() + 0.4 * b.open();
      won = 0.6 * a.won + 0.4 * b.won;
    }
    CHECK(occupancy.win_probability == Approx(won).epsilon(1e-3));
    CHECK(needed == Approx(*occupancy.inflow_needed * there).epsilon(1e-3));
    ++compared;
  }
  CHECK(compared > 5);
}

TEST_CASE("a steady pipeline has no gaps on average, and an empty stage is the cause of one") {
  const double per_day = 200;
  const ForecastModel model = two_stages(0.05, 0.05, 0.1, 0.1, per_day);
  // In steady state: per_day S(a) deals of each age from 1 on in S0, half as many visits in S1; half of those win.
  OpenPipeline pipeline = known_pipeline();
  pipeline.first_day = pipeline.as_of = *parse_day("2024-05-06");  // a Monday
  pipeline.booked_since = pipeline.first_day;
  for (std::size_t j = 0; j < 2; ++j)
    for (int age = 1; age < 80; ++age) {
      const double there = per_day * (j == 0 ? std::pow(0.9, age) : 0.5 * std::pow(0.8, age));
      for (int i = 0; i < static_cast<int>(std::lround(there)); ++i)
        pipeline.deals.push_back({"d", static_cast<StageId>(j), age, std::nullopt});
    }
  PlanOptions options{.target = 28 * per_day * 0.25 * 100,
                      .forecast = {.horizon_days = 28, .period = PeriodUnit::week, .parameter_draws = 0},
                      .confidence = 0.2};
  for (const PeriodGap& gap : funnel_gaps(model, pipeline, options)) {
    CHECK(gap.share == Approx(7 * per_day * 0.25 * 100));
    CHECK(gap.expected == Approx(gap.share).epsilon(0.01));
    CHECK_FALSE(gap.falls_short);
  }

  OpenPipeline short_of_later = pipeline;
  std::erase_if(short_of_later.deals, [](const OpenDeal& deal) { return deal.stage == StageId{1}; });
  options.confidence = 0.8;
  const std::vector<PeriodGap> gaps = funnel_gaps(model, short_of_later, options);
  CHECK(gaps[0].falls_short);
  REQUIRE(gaps[0].cause);
  CHECK(gaps[0].cause->stage == StageId{1});
  // What is missing is what the deals of S1 would have brought: half of 400 win, 1 - 0.8^7 of those in this week.
  CHECK(gaps[0].cause->shortage == Approx(100 * 0.5 * 400 * (1 - std::pow(0.8, 7))).epsilon(0.01));

  ForecastModel dry = model;
  dry.inflow.per_day = 0;
  const std::vector<PeriodGap> later = funnel_gaps(dry, pipeline, options);
  CHECK(later.back().falls_short);
  REQUIRE(later.back().cause);
  CHECK_FALSE(later.back().cause->stage);
}

TEST_CASE("gaps leave out what is booked, and are by months when no period is named") {
  OpenPipeline pipeline = known_pipeline();  // 2024-05-01
  pipeline.booked_since = pipeline.first_day - Days{20};
  pipeline.bookings = {{pipeline.first_day - Days{10}, 400}};
  const ForecastModel model = two_stages(0.2, 0.2, 0.5, 0, 2);
  const std::vector<PeriodGap> gaps = funnel_gaps(model, pipeline, {.target = 1000, .forecast = {.horizon_days = 60}});
  REQUIRE(gaps.size() == 2);
  CHECK(gaps[0].period == Period{pipeline.first_day, *parse_day("2024-06-01")});
  CHECK(gaps[0].share == Approx(600.0 * 31 / 60));
  CHECK(gaps[1].share == Approx(600.0 * 29 / 60));
  const Forecast months = forecast(model, pipeline, {.horizon_days = 60, .period = PeriodUnit::month});
  CHECK(gaps[0].expected == Approx(months.periods[0].revenue.mean() - 400));
  CHECK(gaps[0].probability == months.periods[0].revenue.probability_at_least(gaps[0].share + 400));
}
