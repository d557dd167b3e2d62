#pragma once
/// \file
/// A movement for people (tables of at most 80 columns while stage names stay short) and for programs (JSON).
///
/// Output is UTF-8 and does not depend on the locale. Money is in currency units with cents. What is absent (an unknown
/// amount, no expected close, no stage at the start) is null in JSON and "-" in tables.

#include <putki/funnel/movement.hpp>

#include <iosfwd>
#include <string>

namespace putki {

/// `{"since", "as_of", "period": null | {"begin", "end"},
///   "lines": {"start": {"deals", "value", "without_amount"}, "created", "reopened", "pulled_in", "valued", "grown",
///             "shrunk", "pushed_out", "won", "lost", "end"},
///   "on_hold": {"start", "end"},
///   "flows": [{"from": null | stage, "to", "deals", "value", "without_amount"}],      (only those with deals)
///   "expected_close": null | {
///      "overdue" | "due" | "later": {"deals", "value", "without_amount", "won", "lost", "moved_later", "not_due",
///                                    "past_due"},                                     (each a tally as in lines)
///      "undated", "changes": {"later", "earlier", "same", "given", "missing"}},
///   "deals": {"<line>": [{"deal", "from", "to", "amount_before", "amount_after", "expected_before",
///             "expected_after"}], .., "moved_later", "moved_earlier", "past_due"}}`
std::string to_json(const Movement& movement);

/// The waterfall, the largest deals behind it, from which stage to which, what became of expected closes.
void write_tables(std::ostream& out, const Movement& movement);

}  // namespace putki
