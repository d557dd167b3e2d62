#pragma once
/// \file
/// Each period of a horizon as a problem to invert: what forecasts, their parts and their differences are made from.

#include "forecast/revenue_inversion.hpp"
#include "forecast/scenarios.hpp"

#include <vector>

namespace putki {

struct HorizonProblem {
  HorizonPeriod period;
  RevenueProblem problem;
};

/// The deals and the inflow of one period, of all segments or one, each scenario split by the nodes of its common
/// shock: columns of `win` are the first scenario's nodes, then the second's, ..
RevenueProblem problem_of(const ForecastModel& model, const OpenPipeline& pipeline, std::span<const Scenario> scenarios,
                          const DealCells& cells, const WinTable& wins, std::size_t period, int begin, int end,
                          const Uncertainties& uncertain, std::optional<std::size_t> segment = std::nullopt);

/// One for each of these stretches of the horizon, which may overlap. `options` are taken to have been checked.
std::vector<HorizonProblem> problems_of_periods(const ForecastModel& model, const OpenPipeline& pipeline,
                                                const ForecastOptions& options,
                                                const std::vector<HorizonPeriod>& periods);

/// One a period and then, when there are several or `total_only` is set, the whole horizon. Throws as `forecast`.
std::vector<HorizonProblem> horizon_problems(const ForecastModel& model, const OpenPipeline& pipeline,
                                             const ForecastOptions& options, bool total_only = false);

/// The forecast that they make.
Forecast forecast_from(const std::vector<HorizonProblem>& problems, const OpenPipeline& pipeline,
                       const ForecastOptions& options);

}  // namespace putki
