#pragma once
/// \file
/// Stage cards for people (tables of at most 80 columns while stage names stay short) and for programs (JSON).
///
/// Output is UTF-8 and does not depend on the locale. What is absent is null in JSON and "-" in tables.

#include <putki/funnel/stage_card.hpp>

#include <iosfwd>
#include <string>

namespace putki {

/// `{"as_of", "since", "window_days", "age_days", "cards": [{"stage", "kind", "active": COUNT, "median_age", "p90_age",
///   "arrivals_per_day", "mean_stay": ESTIMATE, "stay_complete", "expected": ESTIMATE, "z_score",
///   "window": {"opening": COUNT, "entered", "advanced", "won", "lost", "back", "sideways", "still_there"},
///   "median_stay": ESTIMATE, "p90_stay", "still_there_by_age": ESTIMATE, "transitions": [{"to", "share": ESTIMATE}],
///   "lost_per_30_days": ESTIMATE, "won_per_30_days": ESTIMATE}]}`
/// with COUNT and ESTIMATE as in metrics_report.hpp; all parts of the window are COUNTs.
std::string to_json(const StageCards& cards);

/// What is there against what is expected; the window's comings and goings; stays and where they lead; value leaving.
void write_tables(std::ostream& out, const StageCards& cards);

}  // namespace putki
