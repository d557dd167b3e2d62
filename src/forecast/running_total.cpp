#include <putki/forecast/running_total.hpp>

#include "forecast/horizon_problems.hpp"

namespace putki {

std::vector<PeriodForecast> running_totals(const ForecastModel& model, const OpenPipeline& pipeline,
                                           const ForecastOptions& options) {
  check_forecast_input(model, pipeline, options);
  std::vector<HorizonPeriod> periods = horizon_periods(pipeline, options);
  for (HorizonPeriod& period : periods) {
    period.period.begin = periods.front().period.begin;
    period.begin = 0;
    period.booked = periods.front().booked;  // what is booked was won before the horizon
  }
  const std::vector<Scenario> scenarios = draw_scenarios(model, pipeline.first_day, options);
  const DealCells cells = group_deals(model, pipeline);
  const WinTable wins = tabulate_wins(model, scenarios, cells, periods, options);
  std::vector<HorizonProblem> problems;
  for (std::size_t p = 0; p < periods.size(); ++p)
    problems.push_back({periods[p], problem_of(model, pipeline, scenarios, cells, wins, p, periods[p].begin,
                                               periods[p].end, options.uncertain)});
  Forecast sums = forecast_from(problems, pipeline, options);
  if (periods.size() > 1) sums.periods.push_back(std::move(sums.total));
  return std::move(sums.periods);
}

}  // namespace putki
