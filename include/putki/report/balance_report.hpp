#pragma once
/// \file
/// A balance for people (tables of at most 80 columns while stage names stay short) and for programs (JSON).
///
/// Output is UTF-8 and does not depend on the locale. What is absent (no full period before the window, no chart) is
/// null in JSON and said in words in the tables. An infinite limit of a ratio is null.

#include <putki/funnel/balance.hpp>

#include <iosfwd>
#include <string>

namespace putki {

/// `{"since", "as_of", "unit",
///   "periods": [{"begin", "end", "full", "created", "reopened", "won", "lost", "net", "open_at_end"}],
///   "recent" | "earlier": null | {"begin", "end", "periods", "inflow", "closings"},
///   "in_against_out": null | comparison,
///   "inflow" | "closings": {"trend": null | comparison,
///      "steadiness": null | {"periods", "mean", "fano", "fano_interval", "p_value"},
///      "charts": [{"direction", "mean", "dispersion", "shift", "reference", "threshold", "run_length"}],
///      "alarms": [{"direction", "began", "alarmed"}]},                 (first days of periods)
///   "usual_days",
///   "stages": [{"stage", "present", "usual", "inflow_per_day", "expected": [after 1, 2, .. weeks], "dry_in_week",
///               "clogs_in_week"}]}`
/// where a comparison is `{"first", "second", "first_days", "second_days", "ratio", "ratio_interval", "p_value"}`.
std::string to_json(const Balance& balance);

/// Whether the funnel fills or empties, the last periods, rates now and before, steadiness and alarms, what comes next.
void write_tables(std::ostream& out, const Balance& balance);

}  // namespace putki
