#include <putki/forecast/plan.hpp>

#include "forecast/known_pipelines.hpp"

#include <catch2/catch.hpp>

using namespace putki;

TEST_CASE("a plan is its parts, and begins from what the forecast says", "[parallel]") {
  ForecastModel model = known_model({0.05, 0.2}, 1.5, AmountDistribution::from_values({100, 250, 900}));
  model.shock = CommonShock::of_size(0.2);
  OpenPipeline pipeline = known_pipeline();
  for (int i = 0; i < 25; ++i)
    pipeline.deals.push_back({"d" + std::to_string(i), static_cast<StageId>(i % 2), i,
                              i % 5 == 0 ? std::nullopt : std::optional(120.0 + 10 * i)});
  pipeline.booked_since = pipeline.first_day - Days{10};
  pipeline.bookings = {{pipeline.first_day - Days{4}, 1500}};
  const PlanOptions options{
      .target = 6000,
      .forecast = {.horizon_days = 40, .period = PeriodUnit::week, .parameter_draws = 8, .threads = 2},
      .capacity = 60.0};
  const Plan plan = make_plan(model, pipeline, options);

  const Forecast now = forecast(model, pipeline, {.horizon_days = 40, .parameter_draws = 8});
  CHECK(plan.coverage.probability == now.total.revenue.probability_at_least(6000));
  CHECK(plan.leads.probability == plan.coverage.probability);
  CHECK(plan.expected == Approx(now.total.revenue.mean()));
  CHECK(plan.booked == 1500);
  CHECK(plan.horizon == Period{pipeline.booked_since, pipeline.first_day + Days{40}});

  const LeadsPlan leads = leads_needed(model, pipeline, options);
  CHECK(leads.evenly.leads == plan.leads.evenly.leads);
  CHECK(leads.evenly.probability == plan.leads.evenly.probability);
  CHECK(leads.last_day == plan.leads.last_day);
  const PipelineCoverage coverage = pipeline_coverage(model, pipeline, options);
  CHECK(coverage.required == plan.coverage.required);
  CHECK(occupancy_needed(model, pipeline, (6000.0 - 1500) / 40).stages[0].needed == plan.occupancy.stages[0].needed);
  const auto gaps = funnel_gaps(model, pipeline, options);
  REQUIRE(gaps.size() == plan.gaps.size());
  CHECK(gaps[0].probability == plan.gaps[0].probability);
  CHECK(level_inflow(model, pipeline, options).probability == plan.inflow.probability);
}

TEST_CASE("an empty pipeline without inflow has a plan: nothing does it") {
  const ForecastModel model = known_model({0.0}, 0, AmountDistribution());
  const Plan plan = make_plan(model, known_pipeline(), {.target = 100, .forecast = {.horizon_days = 30}});
  CHECK(plan.leads.evenly.answer == LeadsAnswer::too_late);
  CHECK(plan.coverage.coverage == 0.0);
  CHECK_FALSE(plan.coverage.required);
  CHECK_FALSE(plan.occupancy.inflow_needed);
  CHECK(plan.gaps.front().falls_short);
  CHECK(plan.inflow.answer == LevelInflowAnswer::too_late);
}
