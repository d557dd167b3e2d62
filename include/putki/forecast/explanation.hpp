#pragma once
/// \file
/// Why the forecast is what it is: its largest deals, what it would be without the first of them, and its levers.

#include <putki/forecast/deal_parts.hpp>
#include <putki/forecast/sensitivity.hpp>

#include <optional>
#include <vector>

namespace putki {

struct ForecastExplanation {
  StageGraph graph;             ///< names the stages below
  std::vector<DealPart> deals;  ///< by their part of the mean, largest first
  /// The forecast less the first of `deals`; nothing when there are no deals.
  std::optional<Forecast> without_first;
  std::vector<Lever> levers;  ///< worth most first
};

/// About the whole horizon, with the options (and draws) of the forecast it explains. At most `most_deals` deals. Cost:
/// three forecasts of one period. Errors as `forecast`.
ForecastExplanation explain_forecast(const ForecastModel& model, const OpenPipeline& pipeline,
                                     const ForecastOptions& options, std::size_t most_deals = 10);

}  // namespace putki
