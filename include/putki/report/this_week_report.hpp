#pragma once
/// \file
/// Three things to do this week, for people (a screen of 80 columns and some 25 lines) and for programs (JSON).
///
/// Output is UTF-8 and does not depend on the locale.

#include <putki/funnel/this_week.hpp>

#include <iosfwd>
#include <string>

namespace putki {

/// `{"as_of", "within_days", "open_deals", "without_amount", "open_value", "tasks": [..]}`; a task is one of
/// `{"task": "decide", "at_stake", "at_risk", "decisions", "deals": [{"deal", "stage", "age_days", "amount", "advance",
/// "lost",
///   "at_stake"}]}`
/// `{"task": "fill", "stage", "present", "usual", "dry_in_week", "dry_by", "expected": [one per week]}`
/// `{"task": "gap", "attribute", "value", "measure", "stage", "by_days", "here", "others", "limits",
/// "money_per_month"}`
/// `{"task": "clean_up", "deals_count", "without_amount", "value", "expected_value", "deals": [as above]}`
/// `{"task": "leak", "stage", "visits_per_month", "advance", "lost", "worth", "point_per_month", "lost_per_month",
///   "cost_per_month"}`
std::string to_json(const ThisWeek& week);

/// What stands open, and the tasks, numbered.
void write_tables(std::ostream& out, const ThisWeek& week);

}  // namespace putki
