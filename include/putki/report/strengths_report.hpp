#pragma once
/// \file
/// Strengths and weaknesses for people (at most 80 columns while names stay short) and for programs (JSON).
///
/// What is absent is null in JSON and "-" in tables. Output is UTF-8 and does not depend on the locale.

#include <putki/funnel/strengths.hpp>

#include <iosfwd>
#include <string>

namespace putki {

/// `{"as_of", "false_discovery_rate", "attributes", "discoveries", "too_few", "too_young", "comparisons":
/// [{"attribute",
///   "value", "measure", "stage", "by_days", "visits", "other_visits", "here", "others", "difference", "limits",
///   "shrunk", "better", "z", "p_value", "q_value", "discovery", "visits_per_month", "worth", "money_per_month"}]}`
/// stage is null for close_rate; value is "" for deals without one.
std::string to_json(const Strengths& strengths);

/// Weaknesses, then strengths, by money; where nothing stands out, the nearest to it and that it may be chance.
void write_tables(std::ostream& out, const Strengths& strengths);

}  // namespace putki
