#pragma once
/// \file
/// A plan for people (an answer in an 80-column terminal) and for programs (JSON).
///
/// Output is UTF-8 and does not depend on the locale. Amounts in the tables are whole currency units with thousands
/// commas, or thousands, millions and so on, which the text then says. JSON: numbers as numbers, days as ISO strings, a
/// period's `end` the day after its last, stages by name; what is absent or infinite is null.

#include <putki/forecast/plan.hpp>

#include <iosfwd>
#include <string>

namespace putki {

/// `{"as_of", "first_day", "begin", "end", "target", "confidence", "booked", "expected", "probability",
///   "leads": {"today": [{"stage", LEADS, "last_day", "last_day_at_all"}], "weeks": [{"begin", "end", LEADS}],
///     "evenly": {LEADS, "per_week"}, "last_day", "last_day_at_all"},
///   "coverage": {"open_value", "remaining_target", "coverage", "required"},
///   "occupancy": {"revenue_per_day", "win_probability", "mean_amount", "inflow_needed_per_day", "inflow_now_per_day",
///     "stages": [{"stage", "visits", "mean_stay_days", "needed", "actual", "z_score", "usual": {"lower", "upper"}}]},
///   "gaps": [{"begin", "end", "share", "expected", "probability", "falls_short", "cause": {"source", "shortage"}}],
///   "inflow": {"answer", "weeks": [{"begin", "end", "leads", "usual_leads", "win_chance", "work_in_progress"}],
///     "expected_revenue", "probability", "present_work", "peak_work", "peak_day", "capacity_needed"}}`
///
/// LEADS stands for `"answer", "leads", "probability", "probability_with_one_fewer", "win_chance"`; an answer is one of
/// "none_needed", "needed", "too_late", "beyond_limit", that of the inflow one of "meets_target", "capacity_too_small",
/// "too_late". A cause's source is a stage's name, or null for deals that do not exist yet.
std::string to_json(const Plan& plan, const StageGraph& graph);

/// What the plan answers, in the order a sales manager asks: the chance now; how many more leads, where and by when;
/// from which day on they come too late; coverage; the gaps and the stages behind them; the weekly inflow and the work
/// it makes. `name` of the pipeline may be empty; `options` are those the plan was made with.
void write_answer(std::ostream& out, const std::string& name, const Plan& plan, const OpenPipeline& pipeline,
                  const StageGraph& graph, const PlanOptions& options);

}  // namespace putki
