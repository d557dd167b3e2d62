#pragma once
/// \file
/// A funnel summary for people (tables of at most 80 columns while stage names stay short) and for programs (JSON).
///
/// Output is UTF-8 and does not depend on the locale. What is absent (a median not reached, a curve beyond the ages
/// that were watched) is null in JSON and "-" in tables.

#include <putki/funnel/summary.hpp>

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

namespace putki {

/// What was read and what was set aside; see DataQualityReport.
struct InputSummary {
  struct Finding {
    std::string rule;
    std::uint64_t count;
  };
  std::uint64_t rows_read = 0;
  std::uint64_t rows_used = 0;
  std::vector<Finding> findings;  ///< rows set aside: their counts and rows_used sum to rows_read
  std::vector<Finding> notes;     ///< about rows that were used
};

/// `{"as_of", "deals", "rows_read", "rows_used", "findings": [{"rule", "count"}], "notes": [{"rule", "count"}],
///   "stages": [{"stage", "kind", "entered", "advanced", "lost", "back", "sideways", "still_there", "reached",
///   "median_days", "p90_days",
///               "transitions": [{"to", "curve": [{"days", "probability", "std_error", "interval"}]}]}],
///   "outcomes": [{"stage", "count", "curve": [{"days", "probability", "std_error", "interval"}]}],
///   "lifetime": {"q25", "q50", "q75", "q90", "restricted_mean_60"}}`
std::string to_json(const FunnelSummary& summary, const InputSummary& input = {});

/// Presence accounting, transitions at the last age, close rates, lifetimes.
void write_tables(std::ostream& out, const FunnelSummary& summary);

}  // namespace putki
