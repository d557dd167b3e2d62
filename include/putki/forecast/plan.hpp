#pragma once
/// \file
/// A plan: what a target takes, from one distribution of revenue.
///
/// The chance now, the leads needed and by when, coverage, occupancy against what the target takes, gaps, and the
/// weekly inflow. Each part is defined in its own header and equals what its own function gives; here they share the
/// draws and tables. The occupancy is that of a steady pipeline which earns what is left of the target, the booked part
/// taken off, at an even pace over the horizon.
///
/// Cost: the sum of the parts, some 5 inversions for each stage and week (examples/plan_pipeline.cpp on a quarter of
/// the invented export, 15 weeks: 4 s of one core).

#include <putki/forecast/leads_needed.hpp>
#include <putki/forecast/level_inflow.hpp>
#include <putki/forecast/occupancy.hpp>
#include <putki/forecast/pipeline_coverage.hpp>

#include <vector>

namespace putki {

struct Plan {
  Day as_of;
  Period horizon;  ///< begins where booking began
  Day first_day;   ///< of the days to come
  double target;
  double confidence;
  double booked;
  double expected;  ///< mean revenue as things stand, booked included
  LeadsPlan leads;
  PipelineCoverage coverage;
  Occupancy occupancy;
  std::vector<PeriodGap> gaps;
  LevelInflow inflow;
};

/// Errors as its parts.
Plan make_plan(const ForecastModel& model, const OpenPipeline& pipeline, const PlanOptions& options);

}  // namespace putki
