#include <putki/forecast/plan.hpp>

#include "forecast/plan_tables.hpp"

#include <algorithm>

namespace putki {

Plan make_plan(const ForecastModel& model, const OpenPipeline& pipeline, const PlanOptions& options) {
  const PlanTables tables(model, pipeline, options);
  const Day first = pipeline.first_day, end = first + Days{options.forecast.horizon_days};
  const Day begin = std::min(pipeline.booked_since, first);
  const RevenueMoments moments = moments_of(tables.problem());
  return {.as_of = pipeline.as_of,
          .horizon = {begin, end},
          .first_day = first,
          .target = options.target,
          .confidence = options.confidence,
          .booked = tables.booked(),
          .expected = tables.booked() + moments.mean,
          .leads = leads_needed(tables),
          .coverage = pipeline_coverage(tables),
          .occupancy = occupancy_needed(
              model, pipeline, std::max(options.target - tables.booked(), 0.0) / options.forecast.horizon_days),
          .gaps = funnel_gaps(model, pipeline, options),
          .inflow = level_inflow(tables)};
}

}  // namespace putki
