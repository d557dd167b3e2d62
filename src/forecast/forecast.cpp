#include <putki/core/error.hpp>
#include <putki/forecast/forecast.hpp>

#include "forecast/revenue_inversion.hpp"
#include "forecast/scenarios.hpp"

#include <cmath>

namespace putki {
namespace {

/// The deals and the inflow of one period, each scenario split by the nodes of its common shock.
RevenueProblem problem_of(const ForecastModel& model, const OpenPipeline& pipeline, std::span<const Scenario> scenarios,
                          const DealCells& cells, const WinTable& wins, std::size_t period, int days) {
  RevenueProblem problem{
      .win = {}, .new_wins = {}, .weights = {}, .deals = {}, .amounts = model.amounts, .revision = model.revision};
  problem.deals.reserve(pipeline.deals.size());
  for (std::size_t i = 0; i < pipeline.deals.size(); ++i)
    problem.deals.push_back({cells.cell_of_deal[i], model.revision.usable(pipeline.deals[i].amount)});

  struct Split {
    std::size_t scenario;
    ShockNode node;
  };
  std::vector<Split> splits;
  for (std::size_t s = 0; s < scenarios.size(); ++s)
    for (const ShockNode& node : shock_nodes(scenarios[s].shock_size, days)) splits.push_back({s, node});
  problem.win = Matrix(cells.cells.size(), splits.size());
  for (std::size_t i = 0; i < splits.size(); ++i) {
    const auto& [s, node] = splits[i];
    problem.weights.push_back(node.weight / static_cast<double>(scenarios.size()));
    const double created = wins.created[s], new_wins = wins.new_wins[period][s];
    problem.new_wins.push_back(created > 0 ? created * shift_odds(std::min(new_wins / created, 1.0), node.shift) : 0.0);
  }
  for (std::size_t c = 0; c < cells.cells.size(); ++c)
    for (std::size_t i = 0; i < splits.size(); ++i)
      problem.win(c, i) = splits[i].node.shift == 0
                              ? wins.cell[period](c, splits[i].scenario)
                              : shift_odds(wins.cell[period](c, splits[i].scenario), splits[i].node.shift);
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

Forecast forecast(const ForecastModel& model, const OpenPipeline& pipeline, const ForecastOptions& options) {
  check_forecast_input(model, pipeline, options);
  std::vector<HorizonPeriod> periods = horizon_periods(pipeline, options);
  const Period whole{periods.front().period.begin, periods.back().period.end};
  const double booked = periods.front().booked;
  const bool several = periods.size() > 1;
  if (several) periods.push_back({whole, 0, options.horizon_days, booked});

  const std::vector<Scenario> scenarios = draw_scenarios(model, pipeline.first_day, options);
  const DealCells cells = group_deals(model.stages.stages().hazards(), pipeline);
  const WinTable wins = tabulate_wins(model, scenarios, cells, periods, options);
  Forecast result{.as_of = pipeline.as_of, .horizon_days = options.horizon_days, .periods = {}, .total = {}};
  for (std::size_t p = 0; p < periods.size(); ++p) {
    const RevenueProblem problem =
        problem_of(model, pipeline, scenarios, cells, wins, p, periods[p].end - periods[p].begin);
    result.periods.push_back(forecast_period(periods[p].period, periods[p].booked, problem));
  }
  result.total = result.periods.back();
  if (several) result.periods.pop_back();
  return result;
}

}  // namespace putki
