#pragma once
/// \file
/// The forecast of each segment, and how its deals differ.
///
/// Takes a model fitted with ForecastModelOptions::by and a pipeline taken by the same attribute. The parts are those
/// of the whole: expected revenue (open, new, booked) sums to that of `forecast` with the same options. Quantiles do
/// not sum: segments share the parameters, the inflow's level and the common shock, and have luck of their own.
///
/// The win rate is that of a new deal, however long it takes, by the hazards without calendar effects; its error is the
/// deviation of the difference over posterior draws of the effects, the common hazards taken as known. Where a segment
/// is not told apart (GroupEffects::is_pooled) the difference is 0 for certain: the data show none.
///
/// Cost: a distribution per segment beside the scenarios of `forecast`, and 200 small linear systems. Without deals:
/// one segment per known value, with its new deals only.

#include <putki/forecast/forecast.hpp>

#include <string>
#include <vector>

namespace putki {

struct SegmentForecast {
  std::string segment;         ///< value of the attribute; "other" for those joined, "" where it is empty
  std::size_t open_deals = 0;  ///< of the pipeline
  double open_value = 0;       ///< their known amounts
  PeriodForecast revenue;      ///< over the whole horizon
  double win_rate = 0;         ///< eventual, of a new deal
  double win_rate_lead = 0;    ///< less that of all new deals
  double win_rate_error = 0;   ///< standard error of the lead
};

/// One a segment, in the order of GroupEffects::segments(). Errors as `forecast`.
std::vector<SegmentForecast> forecast_by_segment(const ForecastModel& model, const OpenPipeline& pipeline,
                                                 const ForecastOptions& options);

}  // namespace putki
