#pragma once
/// \file
/// Close rates side by side, for people (tables of at most 80 columns) and for programs (JSON).
///
/// Output is UTF-8 and does not depend on the locale. What is absent is null in JSON and "-" in tables.

#include <putki/funnel/close_rates.hpp>

#include <iosfwd>
#include <string>

namespace putki {

/// `{"as_of", "since", "horizon_days", "deals",
///   "definitions": [{"definition", "won", "deals", "open", "rate": ESTIMATE, "why"}],
///   "bias": {"deals", "days", "growth_per_day": ESTIMATE, "growth_per_month", "predicted": ESTIMATE,
///            "without_growth", "off_by": ESTIMATE}}`
/// where ESTIMATE is `{"value", "std_error", "interval": [lower, upper]}` or null.
std::string to_json(const CloseRates& rates);

/// A line per definition with its count and 95 % limits, why each differs, and what growth does to Won/(Won+Lost).
void write_tables(std::ostream& out, const CloseRates& rates);

}  // namespace putki
