#pragma once
/// \file
/// Paths for people (tables of at most 80 columns) and for programs (JSON).
///
/// Output is UTF-8 and does not depend on the locale. What is absent is null in JSON and "-" in tables.

#include <putki/funnel/paths.hpp>

#include <iosfwd>
#include <string>

namespace putki {

/// `{"as_of", "horizon_days", "deals", "moves",
///   "directly_follows": [{"from", "to", "count", "mean_days", "value", "without_amount"}],
///   "variants": {"deals", "finished", "distinct", "listed": [{"stages": [..], "won", "lost", "open", "share_of_deals",
///     "covered_deals", "share_of_finished", "covered_finished", "share_won", "share_won_limits", "won_value",
///     "won_without_amount", "median_days"}]},
///   "rework": {"went_back", "moves_back", "reopened", "loops": [{"from", "to", "count", "deals"}],
///     "price": null or {"matched", "unmatched", "comparables", and by "won_back", "won_comparable", "win_difference",
///     "days_back", "days_comparable", "extra_days": {"value", "std_error", "limits"}}},
///   "gates": [{"gate", "through": {"deals", "won", "lost", "open", "close_rate", "close_rate_limits"}, "skipped":
///   {..},
///     "later", "never_beyond"}],
///   "conformance": {"declares_moves", "deals", "conforming", "began_elsewhere", "moves", "declared",
///     "undeclared": [{"from", "to", "count", "deals"}]}}`
std::string to_json(const Paths& paths);

/// First what was found, in sentences; then the moves made most, the variants, rework, gates and what was not declared.
void write_tables(std::ostream& out, const Paths& paths);

}  // namespace putki
