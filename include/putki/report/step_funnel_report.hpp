#pragma once
/// \file
/// Step funnels, and reach and transition, for people (tables of at most 80 columns while stage names stay short) and
/// for programs (JSON). UTF-8, whatever the locale; what is absent is null in JSON and "-" in tables.

#include <putki/funnel/stage_reach.hpp>
#include <putki/funnel/step_funnel.hpp>

#include <iosfwd>
#include <string>

namespace putki {

/// `{"deals", "days", "stages": [{"stage", "kind", "reached", "reach": {"share", "interval"}, "visits",
///   "advanced", "lost", "elsewhere"}]}`, the last three as "reach" or null.
std::string to_json(const ReachAndTransition& result);
void write_tables(std::ostream& out, const ReachAndTransition& result);

/// `{"order", "entries", "value", "window_days", "seen_days", "deals", "steps": [{"step", "optional", "mature": {
///   "attempts", "amounts_known", "amount"}, "immature", "from_first", "from_previous", "dropped", "value_from_first",
///   "by_window", "median_days", "median_days_from_first"}]}`
std::string to_json(const StepFunnel& funnel);
void write_tables(std::ostream& out, const StepFunnel& funnel);

/// A funnel beside its parts by origin, one row each: entries, and what came to the last step. `stages` of the graph
/// name the parts.
std::string to_json(const std::vector<StepFunnelPart>& parts, const StageGraph& graph);
void write_tables(std::ostream& out, const std::vector<StepFunnelPart>& parts, const StageGraph& graph);

}  // namespace putki
