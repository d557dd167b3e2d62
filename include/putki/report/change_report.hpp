#pragma once
/// \file
/// Whether a change worked, for people and for programs.
///
/// Output is UTF-8 and does not depend on the locale. Tables are at most 80 columns wide. What is absent is null in
/// JSON and "-" in tables.

#include <putki/funnel/change.hpp>

#include <iosfwd>
#include <string>

namespace putki {

/// One sentence or two: the verdict, what it rests on, what it would take to tell. It says by itself when the
/// difference cannot be laid to the change (the placebo differs), and when it would not survive looking often.
std::string verdict_sentence(const ChangeComparison& change);

/// `{"as_of", "change_on", "window_days", "follow_up_days", "level", "power", "worthwhile", "outcome", "attribute",
///   "verdict", "sentence", "sure_at_every_look", "placebo_differs",
///   "comparison": {"first": COHORT, "second": COHORT, "share": DIFFERENCE, "always_valid": [lower, upper],
///     "days_open": DIFFERENCE, "money_per_deal": DIFFERENCE, "log_rank": TEST, "gray": TEST,
///     "probability_of_improvement", "detectable_increase", "detectable_decrease", "deals_needed"},
///   "adjusted": {"attribute", "values", "deals_left_out", "share": DIFFERENCE, "log_rank": TEST, "gray": TEST} or
///   null, "placebo": the same as "comparison" or null}`
/// COHORT `{"label", "created_from", "created_before", "known_at", "deals", "succeeded", "ended", "complete",
///   "complete_succeeded", "share", "share_std_error", "share_limits", "effective_trials", "days_open",
///   "days_open_std_error", "won", "won_without_amount", "won_amount", "money_per_deal", "money_std_error"}`;
/// DIFFERENCE `{"value", "std_error", "limits"}`; TEST `{"chi_square", "degrees_of_freedom", "p_value"}`. "attribute"
/// is null before and after.
std::string to_json(const ChangeComparison& change);

/// The verdict, the two cohorts beside each other, tests, what it takes, the placebo, and what no comparison can say.
void write_tables(std::ostream& out, const ChangeComparison& change);

}  // namespace putki
