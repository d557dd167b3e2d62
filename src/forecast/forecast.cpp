#include <putki/core/error.hpp>
#include <putki/forecast/forecast.hpp>

#include "forecast/revenue_inversion.hpp"
#include "forecast/scenarios.hpp"

#include <cmath>

namespace putki {
namespace {

/// The deals and the inflow of one period, ready for inversion.
RevenueProblem problem_of(const ForecastModel& model, const OpenPipeline& pipeline, const DealCells& cells, Matrix win,
                          std::vector<double> new_wins) {
  RevenueProblem problem{.win = std::move(win), .new_wins = std::move(new_wins), .deals = {}, .amounts = model.amounts};
  problem.deals.reserve(pipeline.deals.size());
  for (std::size_t i = 0; i < pipeline.deals.size(); ++i)
    problem.deals.push_back({cells.cell_of_deal[i], pipeline.deals[i].amount});
  return problem;
}

PeriodForecast forecast_period(const Period& period, double booked, const RevenueProblem& problem) {
  PeriodForecast forecast;
  forecast.period = period;
  const RevenueMoments moments = moments_of(problem);
  forecast.booked = {booked, 0};
  forecast.open = {moments.open_mean, std::sqrt(moments.open_variance)};
  forecast.not_yet_created = {moments.new_mean, std::sqrt(moments.new_variance)};
  forecast.open_wins = moments.open_wins;
  forecast.new_wins = moments.new_wins;
  forecast.revenue = invert(problem).shifted(booked);
  return forecast;
}

}  // namespace

ForecastModel fit_forecast_model(const AsOf& view) {
  StageStatistics statistics(view.graph());
  statistics.update(view);
  return {fit_stage_model(statistics), fit_inflow(view), AmountDistribution::of_won_deals(view)};
}

Forecast forecast(const ForecastModel& model, const OpenPipeline& pipeline, const ForecastOptions& options) {
  check_forecast_input(model, pipeline, options);
  std::vector<HorizonPeriod> periods = horizon_periods(pipeline, options);
  const Period whole{periods.front().period.begin, periods.back().period.end};
  const double booked = periods.front().booked;
  const bool several = periods.size() > 1;
  if (several) periods.push_back({whole, 0, options.horizon_days, booked});

  const DealCells cells = group_deals(model.stages.hazards(), pipeline);
  WinTable wins = tabulate_wins(model, cells, periods, options);
  Forecast result{.as_of = pipeline.as_of, .horizon_days = options.horizon_days, .periods = {}, .total = {}};
  for (std::size_t p = 0; p < periods.size(); ++p) {
    const RevenueProblem problem =
        problem_of(model, pipeline, cells, std::move(wins.cell[p]), std::move(wins.new_wins[p]));
    result.periods.push_back(forecast_period(periods[p].period, periods[p].booked, problem));
  }
  result.total = result.periods.back();
  if (several) result.periods.pop_back();
  return result;
}

}  // namespace putki
