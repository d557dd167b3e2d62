#pragma once
/// \file
/// Open deals ranked by what they and their customers are worth, for people (a table of at most 80 columns) and for
/// programs (JSON).
///
/// UTF-8, no locale.

#include <putki/forecast/lead_value.hpp>

#include <cstddef>
#include <iosfwd>
#include <string>

namespace putki {

/// `{"as_of", "horizon_days", "discount", "margin": {"sales", "later"}, "value_is": "revenue" or "margin", "value",
///   "value_of_later", "leads": [{"deal", "stage", "age_days", "segment", "valued_as", "amount", "chance_within",
///   "chance_ever", "days_to_win", "sale", "later", "value_of_sale", "value_of_later", "value", "value_within",
///   "rank_by_size", "rank_by_value"}]}`, leads by value. Stages by name; `valued_as` is null for everybody.
std::string to_json(const LeadValues& values, const StageGraph& graph);

/// First, in words, what all are worth and how far the order by amount misses it; then the `listed` most valuable.
void write_tables(std::ostream& out, const LeadValues& values, const StageGraph& graph, std::size_t listed = 10);

}  // namespace putki
