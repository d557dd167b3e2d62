#pragma once
/// \file
/// From win tables to the revenue problem of one period.

#include "forecast/revenue_inversion.hpp"
#include "forecast/scenarios.hpp"

namespace putki {

/// The deals and the inflow of one period, each scenario split by the nodes of its common shock: columns of `win` are
/// the first scenario's nodes, then the second's, ..
RevenueProblem problem_of(const ForecastModel& model, const OpenPipeline& pipeline, std::span<const Scenario> scenarios,
                          const DealCells& cells, const WinTable& wins, std::size_t period, int begin, int end);

}  // namespace putki
