#include <putki/core/error.hpp>
#include <putki/core/parallel.hpp>
#include <putki/forecast/simulation.hpp>

#include "forecast/win_draws.hpp"

#include <algorithm>

namespace putki {

Simulation simulate(const ForecastModel& model, const OpenPipeline& pipeline, const ForecastOptions& options,
                    const SimulationOptions& simulation) {
  constexpr std::size_t kDrawsPerTask = 256;
  check_forecast_input(model, pipeline, options);
  if (simulation.draws == 0) throw InvalidArgument("simulation of 0 draws; at least 1 is needed");
  const auto periods = horizon_periods(pipeline, options);
  const WinDraws draws(model, pipeline, options, periods, WinChanceSource::pushed_forward, simulation.threads);
  Simulation result;
  for (const HorizonPeriod& period : periods) result.periods.push_back(period.period);
  result.revenue = Matrix(simulation.draws, periods.size());
  std::vector<double> totals(simulation.draws);
  const std::size_t tasks = (simulation.draws + kDrawsPerTask - 1) / kDrawsPerTask;
  parallel_for(
      tasks,
      [&](std::size_t task) {
        WinDraws::Workspace work = draws.workspace();
        for (std::size_t draw = task * kDrawsPerTask; draw < std::min(simulation.draws, (task + 1) * kDrawsPerTask);
             ++draw) {
          const std::span<double> revenue = result.revenue.row(draw);
          for (std::size_t p = 0; p < periods.size(); ++p) revenue[p] = periods[p].booked;
          draws.add_revenue(draw, work, revenue);
          for (const double period_revenue : revenue) totals[draw] += period_revenue;
        }
      },
      simulation.threads, simulation.progress);
  std::sort(totals.begin(), totals.end());
  result.total = RevenueDistribution::from_sample(std::move(totals));
  return result;
}

}  // namespace putki
