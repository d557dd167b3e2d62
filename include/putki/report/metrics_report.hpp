#pragma once
/// \file
/// The four classic metrics for people (tables of at most 80 columns) and for programs (JSON).
///
/// Output is UTF-8 and does not depend on the locale. What is absent is null in JSON and "-" in tables. Tables show the
/// last twelve periods, JSON all.

#include <putki/funnel/metrics.hpp>

#include <iosfwd>
#include <string>

namespace putki {

/// `{"as_of", "since", "horizon_days", "deals", "in_funnel": COUNT, "on_hold", "close_rate": BY_AGE, "closed": CLOSED,
///   "size": {"won": SIZES, "open": SIZES, "lost": SIZES, "mean_size": ESTIMATE, "value_of_a_deal": ESTIMATE,
///            "size_times_rate", "covariance": ESTIMATE, "mean_size_of_win": ESTIMATE},
///   "lifetime": {"median_to_end": ESTIMATE, "mean_to_end": ESTIMATE, "longest_days", "median_to_win": ESTIMATE,
///                "mean_to_win": ESTIMATE, "closed", "won", "mean_age_closed": ESTIMATE, "mean_age_won": ESTIMATE},
///   "created_in_window", "velocity": {"stock": ESTIMATE, "flow": ESTIMATE, "textbook"},
///   "periods": [{"begin", "end", "created": COUNT, "won", "lost", "open", "close_rate": BY_AGE, "closed": CLOSED,
///                "in_funnel": COUNT, "mean_size": ESTIMATE, "median_to_end": ESTIMATE}]}`
/// with COUNT `{"deals", "value", "unknown_amounts"}`, ESTIMATE `{"value", "std_error", "interval"}` or null, BY_AGE
/// `{"deals", "followed", "unknown_amounts", "by_count": ESTIMATE, "by_value": ESTIMATE}`, CLOSED `{"won": COUNT,
/// "lost": COUNT, "by_count": ESTIMATE, "by_value": ESTIMATE}` and SIZES `{"deals": COUNT, "mean": ESTIMATE,
/// "median": ESTIMATE, "trimmed_mean": ESTIMATE}`. `end` is the day after the period's last. Velocity is per day.
std::string to_json(const FunnelMetrics& metrics);

/// Each metric beside its textbook version, then by period of creation.
void write_tables(std::ostream& out, const FunnelMetrics& metrics);

}  // namespace putki
