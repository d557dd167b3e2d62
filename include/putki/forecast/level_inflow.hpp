#pragma once
/// \file
/// The weekly inflow that meets the target, as level as the capacity allows.
///
/// With x_w the leads per seven days in week w of the horizon (all new deals, in place of the usual inflow; Poisson
/// numbers around the plan), d_w its days, the plan
///
///     minimises    sum_w (x_w - x_{w-1})^2                       the change between weeks
///     subject to   booked + E[open] + sum_w x_w d_w / 7 r_w >= M
///                  x_w >= 0
///                  still open of today's deals + sum_{v <= w} x_v d_v / 7 k_vw <= capacity      when week w ends
///
/// r_w is what a lead of week w is expected to bring by the end of the horizon, k_vw the chance that a lead of week v
/// is still open when week w ends. M is the target where expected revenue is aimed at; where the plan is to be
/// confident, M is raised to the certainty equivalent: until P(revenue >= target) of the plan, by the exact
/// distribution, is the confidence (within 0.002, never below). Without a capacity that binds, all weeks are alike;
/// where it binds, later weeks, which bring less by the end, give way. A weight of 1e-6 on sum x_w^2 makes the answer
/// the only one.
///
/// The quadratic program is solved by the dual active-set method of Goldfarb & Idnani (1983), exact up to rounding; it
/// also tells that nothing is feasible. Work in progress is counted when weeks end and taken at posterior means.
///
/// Cost: weeks^3, and some 5 inversions where the plan is confident.

#include <putki/forecast/plan_options.hpp>

#include <optional>
#include <vector>

namespace putki {

enum class LevelInflowAnswer {
  meets_target,
  capacity_too_small,  ///< the target cannot be met within the capacity: `weeks` is the most that fits
  too_late,            ///< leads of the horizon bring nothing by its end, and what is open does not do it
};

struct PlannedWeek {
  Period week;              ///< Monday to Sunday, cut at the ends of the horizon
  double leads;             ///< of this week, which may be cut: x_w d_w / 7
  double usual_leads;       ///< what the model expects to come anyway
  double win_chance;        ///< of one of them by the end of the horizon
  double work_in_progress;  ///< expected number of deals open when the week ends
};

struct LevelInflow {
  LevelInflowAnswer answer = LevelInflowAnswer::meets_target;
  std::vector<PlannedWeek> weeks;  ///< all without leads when it is too late
  double expected_revenue = 0;     ///< of the plan, booked included
  double probability = 0;          ///< P(revenue >= target) of the plan
  double present_work = 0;         ///< deals open now
  double peak_work = 0;            ///< largest of present_work and the weeks' work in progress
  Day peak_day{};                  ///< the last day of that week, or the pipeline's day
  /// The smallest capacity with which the target is met, to 0.1 %: when the capacity given is too small.
  std::optional<double> capacity_needed;
};

/// Errors as leads_needed; InvalidArgument also when the capacity is below the deals open now.
LevelInflow level_inflow(const ForecastModel& model, const OpenPipeline& pipeline, const PlanOptions& options);

}  // namespace putki
