#pragma once
/// \file
/// Figures of a plan: how many more leads a target takes, by stage and by week. See figure.hpp.
///
/// Each row alone does it: so many leads more, and the target is met with the plan's confidence. Numbers are those of
/// the plan's JSON (plan_report.hpp). At most 40 stages and 60 weeks, the first ones; `computed` says what was left
/// out. Nothing to show: no picture, a title that says so. Pure functions. InvalidArgument: a locale that is not known.

#include <putki/forecast/plan.hpp>
#include <putki/report/figure.hpp>

namespace putki {

/// If they stood today in a stage: how many, the chance of each to be won by the end, and the last day on which one
/// that enters there matters.
Figure leads_by_stage_figure(const Plan& plan, const StageGraph& graph, const FigureOptions& options = {});

/// If they came in one week, and if they came evenly on all days: how many, and the chance of each.
Figure leads_by_week_figure(const Plan& plan, const FigureOptions& options = {});

/// Both.
PageSection plan_section(const Plan& plan, const StageGraph& graph, const FigureOptions& options = {});

}  // namespace putki
