#pragma once
/// \file
/// The forecast with recurring revenue for people (tables) and for programs (JSON).
///
/// Output is UTF-8 and does not depend on the locale. Amounts in the tables are whole currency units with thousands
/// commas. JSON: numbers as numbers, days as ISO strings, a period's `end` the day after its last; what is absent, or
/// not finite, is null.

#include <putki/forecast/recurring_revenue.hpp>

#include <iosfwd>
#include <optional>
#include <string>

namespace putki {

/// That of a forecast (forecast_report.hpp), each period with more:
/// `{"as_of", "horizon_days", "draws", "periods": [{"begin", "end", "mean", "sd", "quantiles": {"0.1", "0.25", "0.5",
/// "0.75", "0.9"}, "parts": {"booked", "open", "new", "recurring"}, "share_of_variance": {same}, "recurring": {"mean",
/// "sd", "quantiles", "todays_customers": {"mean", "sd", "share_of_variance"}, "customers_to_be_won": {same}}}],
/// "total": {same}, "probability_at_least": {"target", "p"} | null}`
std::string to_json(const RecurringForecast& forecast, std::optional<double> target = std::nullopt);

/// Three tables, one line per period and a total: revenue with its mean's parts; recurring revenue by itself, from
/// today's customers and from those still to be won; and where the uncertainty comes from. At most 80 columns: amounts
/// too wide for that are given in thousands, millions and so on, and the legend says so.
void write_table(std::ostream& out, const RecurringForecast& forecast, std::optional<double> target = std::nullopt);

}  // namespace putki
