#pragma once
/// \file
/// Parameter draws, and what they say about each deal: the common ground of the exact and the simulated forecast.

#include <putki/forecast/forecast.hpp>

#include <span>
#include <vector>

namespace putki {

/// One draw of everything that is not known exactly but the common shock.
struct Scenario {
  DatedHazards hazards;
  std::vector<double> created_per_day;   ///< by day of the horizon
  CommonShock::Point shock;              ///< one point of its grid
  std::vector<MoveFactors> groups = {};  ///< factors of the hazards, by group; empty: groups do not differ
  /// Hazards of one group.
  DatedHazards hazards_of(std::size_t group) const {
    return groups.empty() ? hazards : hazards.multiplied(groups[group]);
  }
};

/// Throws InvalidArgument on options or deals that the public header refuses.
void check_forecast_input(const ForecastModel& model, const OpenPipeline& pipeline, const ForecastOptions& options);

/// The options' parameter draws, in antithetic pairs with the grids of levels and shock sizes spread evenly; with
/// parameter_draws == 0, or parameters certain, the posterior means.
std::vector<Scenario> draw_scenarios(const ForecastModel& model, Day first_day, const ForecastOptions& options);

/// Gauss-Hermite nodes of the shift of the log-odds over days [begin, end) of the horizon. One node when it is certain.
struct ShockNode {
  double shift;
  double weight;
};
std::vector<ShockNode> shock_nodes(const CommonShock::Point& shock, int begin, int end);
/// Probability with its log-odds shifted.
double shift_odds(double probability, double shift);

/// The periods of a forecast and the days of the horizon they cover: [begin, end) counted from the first day to come.
struct HorizonPeriod {
  Period period;
  int begin;
  int end;
  double booked;  ///< already won in it
};
std::vector<HorizonPeriod> horizon_periods(const OpenPipeline& pipeline, const ForecastOptions& options);

/// Deals that share stage, age, group and amounts share their win probabilities.
struct DealCells {
  struct Cell {
    StageId stage;
    int age;  ///< on the model's clock
    std::size_t group = 0;
    std::size_t segment = 0;  ///< whose amounts a deal without one draws from; 0 where they do not differ
  };
  std::vector<Cell> cells;
  std::vector<std::uint32_t> cell_of_deal;
};
DealCells group_deals(const ForecastModel& model, const OpenPipeline& pipeline);

/// Win probabilities by scenario, before any shock.
struct WinTable {
  /// [period]: cells x scenarios
  std::vector<Matrix> cell;
  /// [period][scenario]: expected number of new deals won
  std::vector<std::vector<double>> new_wins;
  /// [scenario]: expected number of deals created in the whole horizon
  std::vector<double> created;
  /// [period]: segments x scenarios, the new deals' wins by segment; empty where groups do not differ.
  std::vector<Matrix> new_wins_of = {};
};
/// New deals won in a period, one scenario, with the odds of each segment's deals shifted.
double shifted_new_wins(const ForecastModel& model, const WinTable& wins, std::size_t period, std::size_t scenario,
                        double shift);
/// Those of one segment.
double shifted_new_wins(const ForecastModel& model, const WinTable& wins, std::size_t period, std::size_t scenario,
                        double shift, std::size_t segment);
WinTable tabulate_wins(const ForecastModel& model, std::span<const Scenario> scenarios, const DealCells& cells,
                       std::span<const HorizonPeriod> periods, const ForecastOptions& options);

/// Mean and variance of the horizon's revenue in each scenario, without shock.
struct ScenarioMoments {
  double mean;
  double variance;
};
std::vector<ScenarioMoments> scenario_moments(const ForecastModel& model, const OpenPipeline& pipeline,
                                              const ForecastOptions& options);

}  // namespace putki
