#pragma once
/// \file
/// What the pipeline is worth, for people (a table of at most 80 columns) and for programs (JSON).
///
/// UTF-8, no locale. What is not finite (a spend without a mean) is null in JSON and "-" in tables.

#include <putki/forecast/pipeline_value.hpp>

#include <iosfwd>
#include <string>

namespace putki {

/// `{"as_of", "horizon_days", "discount", "margin": {"sales", "later"}, "value_is": "revenue" or "margin",
///   "open_deals", "customers",
///   "parts": {"open": {"wins", "sales": total, "later": total, "total": total}, "not_yet_created": {likewise},
///             "customers": total}, "total": total}`, total: `{"expected", "mean", "sd", "q10", "q50", "q90"}`
std::string to_json(const PipelineValue& value);

/// First what it comes to in words, then what the figures are, then a line a part: expected, 10, 50 and 90 % points.
void write_tables(std::ostream& out, const PipelineValue& value);

}  // namespace putki
