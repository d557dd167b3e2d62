#pragma once
/// \file
/// The forecast by segment for people (a table) and for programs (a part of the forecast's JSON).
///
/// As forecast_report.hpp: UTF-8, no locale, at most 80 columns.

#include <putki/forecast/segment_forecast.hpp>

#include <iosfwd>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace putki {

/// Adds to the JSON of a forecast, as to_json wrote it, "by":
/// `{"attribute", "strength": [{"term", "deviation"}], "segments": [{"segment", "open_deals", "open_value", "mean",
/// "sd",
///   "quantiles": {as periods}, "parts": {as periods}, "win_rate", "win_rate_lead", "win_rate_error"}]}`
/// InvalidArgument when `forecast_json` is not an object.
std::string with_segments(std::string_view forecast_json, std::string_view attribute, const GroupEffects& groups,
                          std::span<const SegmentForecast> segments);

/// A line per segment: open deals, expected revenue with its 10 and 90 % points, the win rate of a new deal and by how
/// many points it leads the average, with its standard error; the parts' sum below. Unlike revenue, win rates are those
/// of all time to come.
void write_segments(std::ostream& out, std::string_view attribute, const GroupEffects& groups,
                    std::span<const SegmentForecast> segments);

/// What the amount of a deal does to how fast it wins and loses, a line a move into a won or lost stage; nothing when
/// sizes were not looked at.
void write_size_effects(std::ostream& out, const GroupEffects& groups, const StageGraph& graph);

}  // namespace putki
