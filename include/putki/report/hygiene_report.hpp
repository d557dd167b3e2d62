#pragma once
/// \file
/// Hygiene for people (tables of at most 80 columns while stage names stay short) and for programs (JSON).
///
/// Output is UTF-8 and does not depend on the locale. Money is in currency units. What is absent (an unknown amount, a
/// limit for which too little was seen) is null in JSON and "-" in tables.

#include <putki/funnel/hygiene.hpp>

#include <iosfwd>
#include <string>

namespace putki {

/// `{"as_of", "amounts_known", "dates_known", "date_only", "close_rate_days", "zombie_limit_days",
///   "silence_limits": [{"stage", "days"}],
///   "all": headline,
///   "findings": {"past_close" | "no_close" | "silent" | "no_amount" | "zero_amount" | "zombie" | "any":
///                {"deals", "value", "removed": headline, "as_lost": headline}},
///   "deals": [{"deal", "stage", "amount", "expected_close", "open_days", "silent_days", "findings": [".."]}]}`
/// where a headline is `{"open_deals", "open_value", "without_amount", "close_rate", "close_rate_interval",
/// "weighted_pipeline", "weighted_by_stage": [{"stage", "value"}], "median_lifetime_days"}`.
std::string to_json(const Hygiene& hygiene);

/// How many open deals are in doubt, what each finding does to the headline numbers, by stage, the worst deals.
void write_tables(std::ostream& out, const Hygiene& hygiene);

}  // namespace putki
