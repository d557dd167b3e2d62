#pragma once
/// \file
/// Sources by what their leads are worth, for people (tables of at most 80 columns) and for programs (JSON).
///
/// UTF-8, no locale.

#include <putki/forecast/source_value.hpp>

#include <cstddef>
#include <iosfwd>
#include <string>

namespace putki {

/// `{"by", "as_of", "discount", "margin": {"sales", "later"}, "value_is": "revenue" or "margin", "by_days",
///   "pooled_customers" (null: customers of all sources are alike), "all": source, "sources": [source]}`, source:
/// `{"source", "leads", "won_by_age": {"value", "lower", "upper"} or null, "win_rate", "win_rate_error", "sale",
///   "customers", "repeat_share", "alive_share", "year": {"periods", "expected", "lower", "upper", "observed",
///   "observed_lower", "observed_upper"} or null, "later_of_everybody", "later": {"value", "lower", "upper"},
///   "lead_value": {likewise}, "difference"}`. Limits are 80 %.
std::string to_json(const SourceValues& values);

/// First, in words, which source's leads are worth most and least and by how much; then what a lead of each is made of,
/// and whether customers of each stay. `listed`: sources in each table, those of the most valuable leads.
void write_tables(std::ostream& out, const SourceValues& values, std::size_t listed = 20);

}  // namespace putki
