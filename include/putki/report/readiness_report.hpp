#pragma once
/// \file
/// Readiness for people (whom to contact first, in at most 80 columns while names stay short) and for programs (JSON).
///
/// With a record the report also says how such chances did in the past: said against came in bins, and the Brier score
/// beside that of one share for all and of one share for each stage. Output is UTF-8 and does not depend on the locale.

#include <putki/funnel/readiness.hpp>

#include <iosfwd>
#include <string>

namespace putki {

struct ReadinessReport {
  Readiness ready;
  ReadinessRecord record = {};  ///< without outcomes: not reported
};

/// `{"as_of", "within_days", "open_deals", "without_amount", "expected_value",
///   "stages": [{"stage", "visits", "advances", "curve_until", "tail_hazard", "overdue_days", "stalled_days",
///   "silent_days"}],
///   "deals": [{"deal", "stage", "age_days", "silent_days", "amount", "advance", "won_next", "lost", "elsewhere":
///   {"probability", "std_error", "limits"}, "still_here", "win", "expected_value", "at_stake", "at_risk", "rests_on",
///   "from_tail", "overdue", "stalled", "silent"}],
///   "record": {"origins", "outcomes", "advance", "lost", "win": {"said", "came", "brier", "brier_one_share",
///   "brier_stage_share", "bins": [{"lower", "upper", "count", "said", "came", "limits"}]}}}`
/// brier_stage_share is null for win, and where no earlier share was known.
std::string to_json(const ReadinessReport& report);

/// The first twenty deals, what the stages' history says about age, how such chances did.
void write_tables(std::ostream& out, const ReadinessReport& report);

}  // namespace putki
