#pragma once
/// \file
/// Why a forecast is what it is, for people: below the table of forecast_report.hpp, in the same units and width.

#include <putki/forecast/explanation.hpp>

#include <iosfwd>

namespace putki {

/// Four blocks, each with a line on how to read it: the parts of the expected revenue; what makes it uncertain, as
/// parts of the variance; the largest deals; the levers, worth most first, at most `most_levers` and none that is worth
/// nothing. A conversion that costs is shown as one point less of it.
void write_explanation(std::ostream& out, const Forecast& forecast, const ForecastExplanation& explanation,
                       std::size_t most_levers = 10);

}  // namespace putki
