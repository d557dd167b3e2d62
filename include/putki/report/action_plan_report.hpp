#pragma once
/// \file
/// The action plan for people (at most 80 columns while stage names stay short) and for programs (JSON).
///
/// What is absent is null in JSON and "-" in tables. Output is UTF-8 and does not depend on the locale.

#include <putki/funnel/action_plan.hpp>

#include <iosfwd>
#include <string>

namespace putki {

/// `{"as_of", "at_age_days", "stages": [{"stage", "visits", "still_at_age", "next": [{"to", "probability", "std_error",
///   "limits", "q25", "q50", "q75"}], "still_here", "advance", "lost", "latest_useful_day", "advance_then",
///   "lost_then", "continuations": [{"stages", "won", "lost", "open", "win_limits"}], "ways", "longer": {"won", "lost",
///   "open"}, "expected_days", "expected_visits", "win_ever", "unresolved"}]}`
/// advance_then and lost_then are null without a latest useful day.
std::string to_json(const ActionPlan& plan);

/// What comes next and when; how long to wait and what remains; the ways that were won most often.
void write_tables(std::ostream& out, const ActionPlan& plan);

}  // namespace putki
