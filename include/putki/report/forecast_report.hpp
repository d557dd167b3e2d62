#pragma once
/// \file
/// A forecast for people (a table) and for programs (JSON).
///
/// Output is UTF-8 and does not depend on the locale. Amounts in the table are whole currency units with thousands
/// commas. JSON: numbers as numbers, days as ISO strings, a period's `end` the day after its last; what is absent is
/// null.

#include <putki/forecast/explanation.hpp>

#include <iosfwd>
#include <optional>
#include <string>

namespace putki {

/// `{"as_of", "horizon_days", "periods": [{"begin", "end", "mean", "sd", "quantiles": {"0.1", "0.25", "0.5", "0.75",
/// "0.9"},
///   "parts": {"booked", "open", "new"}}], "total": {same}, "probability_at_least": {"target", "p"} | null}`
/// and, with an explanation, `"explain": {"variance": {"wins", "amounts", "common_shock", "parameters"}, "deals":
/// [{"deal", "stage", "age_days", "amount", "chance", "mean", "variance"}], "without_first": {as total} | null,
/// "levers":
/// [{"lever": "conversion" | "delay" | "inflow" | "amounts", "from", "to", "now", "money"}]}`, levers as in
/// sensitivity.hpp and all of them.
std::string to_json(const Forecast& forecast, std::optional<double> target = std::nullopt,
                    const ForecastExplanation* explanation = nullptr);

/// Two lines above the table: how many deals are open, how much they are worth, what is booked. `name` of the pipeline
/// may be empty.
void write_heading(std::ostream& out, const std::string& name, const OpenPipeline& pipeline);

/// One line per period and a total: mean, 10, 50 and 90 % points, and the mean's parts, with a legend below. At most 80
/// columns: amounts too wide for that are given in thousands, millions and so on, and the legend says so.
void write_table(std::ostream& out, const Forecast& forecast, std::optional<double> target = std::nullopt);

}  // namespace putki
