#include <putki/core/error.hpp>
#include <putki/forecast/level_inflow.hpp>

#include "forecast/known_pipelines.hpp"
#include "forecast/walking.hpp"
#include "model/random_hazards.hpp"

#include <catch2/catch.hpp>

#include <cmath>

using namespace putki;

namespace {

double per_seven_days(const PlannedWeek& week) {
  return week.leads * 7 / static_cast<double>((week.week.end - week.week.begin).count());
}

double changes(const std::vector<double>& rates) {
  double sum = 0;
  for (std::size_t w = 1; w < rates.size(); ++w) sum += (rates[w] - rates[w - 1]) * (rates[w] - rates[w - 1]);
  return sum;
}

}  // namespace

TEST_CASE("without a capacity all weeks are alike and bring the target") {
  const ForecastModel model = known_model({0.05}, 1, AmountDistribution::from_values({100}));
  PlanOptions options{
      .target = 3000, .forecast = {.horizon_days = 40, .parameter_draws = 0}, .aim = InflowAim::expected};
  const LevelInflow plan = level_inflow(model, known_pipeline(), options);
  CHECK(plan.answer == LevelInflowAnswer::meets_target);
  REQUIRE(plan.weeks.size() == 6);  // Wednesday 2024-05-01 to Sunday 2024-06-09
  CHECK(plan.expected_revenue == Approx(3000));
  // A lead with d days left is won with 0.05 (1 - 0.475^d) / 0.525; a week's leads come on any of its days alike.
  double revenue = 0;
  for (int day = 0; day < 40; ++day)
    revenue += per_seven_days(plan.weeks[0]) / 7 * 100 * 0.05 * (1 - std::pow(0.475, 40 - day)) / 0.525;
  CHECK(revenue == Approx(3000));
  for (const PlannedWeek& week : plan.weeks) {
    CHECK(per_seven_days(week) == Approx(per_seven_days(plan.weeks[0])).epsilon(1e-3));
    CHECK(week.usual_leads == Approx(static_cast<double>((week.week.end - week.week.begin).count())));
  }
  CHECK(plan.probability > 0.4);
  CHECK(plan.probability < 0.65);
}

TEST_CASE("a confident plan is as sure as asked, hardly more") {
  ForecastModel model = known_model({0.05}, 1, AmountDistribution::from_values({100, 250}));
  model.shock = CommonShock::of_size(0.2);
  OpenPipeline pipeline = known_pipeline();
  for (int i = 0; i < 10; ++i) pipeline.deals.push_back({"d" + std::to_string(i), StageId{0}, i, 170.0});
  for (const double confidence : {0.3, 0.8, 0.95}) {
    const LevelInflow plan =
        level_inflow(model, pipeline, {.target = 5000, .forecast = {.horizon_days = 40}, .confidence = confidence});
    CHECK(plan.answer == LevelInflowAnswer::meets_target);
    CHECK(plan.probability >= confidence);
    CHECK(plan.probability <= confidence + 0.002);
  }
}

TEST_CASE("within a capacity the plan is the most level of all that meet the target") {
  RandomStream random(11, 0);
  int bound = 0;
  for (int trial = 0; trial < 40; ++trial) {
    ForecastModel model{DatedModel(StageModel(random_hazards(random, 3), std::vector<Matrix>(5), {0.6, 0.4, 0, 0, 0})),
                        InflowModel{.per_day = 1, .dispersion = 1, .window_days = 1e9},
                        AmountDistribution::from_values({100, 300})};
    OpenPipeline pipeline = known_pipeline();
    for (int i = 0; i < 5; ++i)
      pipeline.deals.push_back(
          {"d" + std::to_string(i), static_cast<StageId>(random.below(3)), static_cast<int>(random.below(10)), 200.0});
    const int days = 28;
    PlanOptions options{
        .target = 10'000, .forecast = {.horizon_days = days, .parameter_draws = 0}, .aim = InflowAim::expected};
    const LevelInflow free = level_inflow(model, pipeline, options);
    if (free.answer != LevelInflowAnswer::meets_target) continue;
    options.capacity = std::max(5.0, 0.9 * free.peak_work);
    const LevelInflow plan = level_inflow(model, pipeline, options);
    INFO("trial " << trial);

    // What a week's leads bring and leave open, pushed day by day.
    const DatedHazards dated = model.stages.expected(pipeline.first_day, days);
    const std::size_t weeks = plan.weeks.size();
    const auto offset = [&](Day day) { return static_cast<int>((day - pipeline.first_day).count()); };
    const auto whereabouts = [&](const PlannedWeek& week, int end) {
      Whereabouts mean;
      const int begin = offset(week.week.begin), after = offset(week.week.end);
      for (int day = begin; day < after; ++day)
        for (const auto& [stage, share] : {std::pair{StageId{0}, 0.6}, {StageId{1}, 0.4}}) {
          const Whereabouts one = push_mass(dated, stage, 0, day, end);
          mean.won += share * one.won / (after - begin);
          mean.lost += share * one.lost / (after - begin);
        }
      return mean;
    };
    double open_mean = 0;
    std::vector<double> left(weeks), worth(weeks), size(weeks);
    Matrix stays(weeks, weeks);
    for (const OpenDeal& deal : pipeline.deals) {
      open_mean += *deal.amount * push_mass(dated, deal.stage, deal.age_days, 0, days).won;
      for (std::size_t w = 0; w < weeks; ++w)
        left[w] += push_mass(dated, deal.stage, deal.age_days, 0, offset(plan.weeks[w].week.end)).open();
    }
    for (std::size_t v = 0; v < weeks; ++v) {
      size[v] = static_cast<double>((plan.weeks[v].week.end - plan.weeks[v].week.begin).count()) / 7;
      worth[v] = 200 * size[v] * whereabouts(plan.weeks[v], days).won;
      for (std::size_t w = v; w < weeks; ++w)
        stays(w, v) = size[v] * whereabouts(plan.weeks[v], offset(plan.weeks[w].week.end)).open();
    }
    const auto revenue = [&](const std::vector<double>& rates) {
      double sum = open_mean;
      for (std::size_t w = 0; w < weeks; ++w) sum += worth[w] * rates[w];
      return sum;
    };
    const auto work = [&](const std::vector<double>& rates, std::size_t w) {
      double sum = left[w];
      for (std::size_t v = 0; v <= w; ++v) sum += stays(w, v) * rates[v];
      return sum;
    };
    std::vector<double> rates;
    for (const PlannedWeek& week : plan.weeks) rates.push_back(per_seven_days(week));
    CHECK(plan.expected_revenue == Approx(revenue(rates)).epsilon(1e-6));
    for (std::size_t w = 0; w < weeks; ++w) {
      CHECK(rates[w] >= 0);
      CHECK(plan.weeks[w].work_in_progress == Approx(work(rates, w)).epsilon(1e-6));
      CHECK(work(rates, w) <= *options.capacity * (1 + 1e-6));
    }
    if (plan.answer == LevelInflowAnswer::capacity_too_small) {
      CHECK(plan.expected_revenue < 10'000);
      REQUIRE(plan.capacity_needed);
      options.capacity = *plan.capacity_needed * 1.002;
      CHECK(level_inflow(model, pipeline, options).answer == LevelInflowAnswer::meets_target);
      if (*plan.capacity_needed * 0.995 > 5) {
        options.capacity = *plan.capacity_needed * 0.995;
        CHECK(level_inflow(model, pipeline, options).answer == LevelInflowAnswer::capacity_too_small);
      }
      continue;
    }
    CHECK(plan.expected_revenue >= 10'000 * (1 - 1e-6));
    ++bound;
    // Other plans that meet the target and keep to the capacity change no less from week to week.
    for (int other = 0; other < 400; ++other) {
      std::vector<double> tried = rates;
      const double scale = 0.3 * random.uniform() * (1 + rates[0]);
      for (double& rate : tried) rate = std::max(0.0, rate + scale * random.normal());
      bool feasible = revenue(tried) >= 10'000;
      for (std::size_t w = 0; w < weeks; ++w) feasible = feasible && work(tried, w) <= *options.capacity;
      if (feasible) CHECK(changes(tried) >= changes(rates) * (1 - 1e-3) - 1e-3);
    }
  }
  CHECK(bound >= 5);
}

TEST_CASE("a target out of reach says so: the capacity it takes, or that it is too late") {
  const ForecastModel model = known_model({0.05}, 1, AmountDistribution::from_values({100}));
  for (const InflowAim aim : {InflowAim::expected, InflowAim::confident}) {
    PlanOptions options{
        .target = 3000, .forecast = {.horizon_days = 40}, .confidence = 0.8, .capacity = 5.0, .aim = aim};
    const LevelInflow small = level_inflow(model, known_pipeline(), options);
    CHECK(small.answer == LevelInflowAnswer::capacity_too_small);
    CHECK(small.peak_work <= 5 * (1 + 1e-6));
    CHECK(small.expected_revenue > 0);
    REQUIRE(small.capacity_needed);
    options.capacity = 1.02 * *small.capacity_needed;
    const LevelInflow enough = level_inflow(model, known_pipeline(), options);
    CHECK(enough.answer == LevelInflowAnswer::meets_target);
    if (aim == InflowAim::confident) CHECK(enough.probability >= 0.8);
  }
  const ForecastModel never = known_model({0.0}, 1, AmountDistribution::from_values({100}));
  const LevelInflow late = level_inflow(never, known_pipeline(), {.target = 100, .forecast = {.horizon_days = 10}});
  CHECK(late.answer == LevelInflowAnswer::too_late);
  CHECK(late.probability == 0);
}

TEST_CASE("what is there already needs no leads, and work in progress is that of today's deals") {
  const ForecastModel model = known_model({0.9}, 1, AmountDistribution::from_values({100}));
  OpenPipeline pipeline = known_pipeline();
  for (int i = 0; i < 20; ++i) pipeline.deals.push_back({"d" + std::to_string(i), StageId{0}, 3, 100.0});
  const LevelInflow plan = level_inflow(model, pipeline, {.target = 1000, .forecast = {.horizon_days = 14}});
  CHECK(plan.answer == LevelInflowAnswer::meets_target);
  for (const PlannedWeek& week : plan.weeks) CHECK(week.leads == 0);
  CHECK(plan.present_work == 20);
  CHECK(plan.peak_work == 20);
  CHECK(plan.peak_day == pipeline.as_of);
  CHECK(plan.weeks[0].work_in_progress == Approx(20 * std::pow(0.05, 5)));
  CHECK_THROWS_AS(level_inflow(model, pipeline, {.target = 1000, .forecast = {.horizon_days = 14}, .capacity = 19.0}),
                  InvalidArgument);
}
