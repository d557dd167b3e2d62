#pragma once
/// \file
/// Parameter draws, and what they say about each deal: the common ground of the exact and the simulated forecast.

#include <putki/forecast/forecast.hpp>
#include <putki/model/hazard_table.hpp>

#include <span>
#include <vector>

namespace putki {

/// One draw of everything that is not known exactly.
struct Scenario {
  HazardTable hazards;
  double inflow_per_day;
};

/// Throws InvalidArgument on options or deals that the public header refuses.
void check_forecast_input(const ForecastModel& model, const OpenPipeline& pipeline, const ForecastOptions& options);

/// Draw number `number` of the options' seed; with parameter_draws == 0 the posterior means. A pure function of its
/// arguments.
Scenario draw_scenario(const ForecastModel& model, const ForecastOptions& options, int number);
inline int scenario_count(const ForecastOptions& options) {
  return options.parameter_draws > 0 ? options.parameter_draws : 1;
}

/// The periods of a forecast and the days of the horizon they cover: [begin, end) counted from the first day to come.
struct HorizonPeriod {
  Period period;
  int begin;
  int end;
  double booked;  ///< already won in it
};
std::vector<HorizonPeriod> horizon_periods(const OpenPipeline& pipeline, const ForecastOptions& options);

/// Deals that share stage and age share their win probabilities.
struct DealCells {
  struct Cell {
    StageId stage;
    int age;
  };
  std::vector<Cell> cells;
  std::vector<std::uint32_t> cell_of_deal;
};
DealCells group_deals(const HazardTable& hazards, const OpenPipeline& pipeline);

/// Win probabilities of all scenarios and periods.
struct WinTable {
  /// [period]: cells x scenarios
  std::vector<Matrix> cell;
  /// [period]: expected number of new deals won, by scenario
  std::vector<std::vector<double>> new_wins;
};
WinTable tabulate_wins(const ForecastModel& model, const DealCells& cells, std::span<const HorizonPeriod> periods,
                       const ForecastOptions& options);

}  // namespace putki
