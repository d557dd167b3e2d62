#include <putki/core/error.hpp>
#include <putki/forecast/forecast.hpp>
#include <putki/forecast/segment_forecast.hpp>

#include "forecast/revenue_inversion.hpp"
#include "forecast/scenarios.hpp"
#include "forecast/segment_win_rates.hpp"

#include <cmath>

namespace putki {
namespace {

/// The deals and the inflow of one period, of all segments or one, each scenario split by the nodes of its common
/// shock.
RevenueProblem problem_of(const ForecastModel& model, const OpenPipeline& pipeline, std::span<const Scenario> scenarios,
                          const DealCells& cells, const WinTable& wins, std::size_t period, int days,
                          std::optional<std::size_t> segment = std::nullopt) {
  RevenueProblem problem{.win = {}, .new_wins = {}, .weights = {}, .deals = {}, .amounts = model.amounts};
  problem.deals.reserve(pipeline.deals.size());
  for (std::size_t i = 0; i < pipeline.deals.size(); ++i)
    if (!segment || model.groups.segment_of(pipeline.deals[i].segment) == *segment)
      problem.deals.push_back({cells.cell_of_deal[i], pipeline.deals[i].amount});

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
    problem.new_wins.push_back(segment ? shifted_new_wins(model, wins, period, s, node.shift, *segment)
                                       : shifted_new_wins(model, wins, period, s, node.shift));
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
  const DealCells cells = group_deals(model.stages.stages().hazards(), pipeline, model.groups);
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

std::vector<SegmentForecast> forecast_by_segment(const ForecastModel& model, const OpenPipeline& pipeline,
                                                 const ForecastOptions& options) {
  check_forecast_input(model, pipeline, options);
  ForecastOptions whole = options;
  whole.period.reset();
  const HorizonPeriod horizon = horizon_periods(pipeline, whole).front();
  const std::vector<Scenario> scenarios = draw_scenarios(model, pipeline.first_day, whole);
  const DealCells cells = group_deals(model.stages.stages().hazards(), pipeline, model.groups);
  const WinTable wins = tabulate_wins(model, scenarios, cells, {&horizon, 1}, whole);
  const std::vector<SegmentWinRate> rates = segment_win_rates(model);

  std::vector<SegmentForecast> result;
  for (std::size_t segment = 0; segment < rates.size(); ++segment) {
    SegmentForecast part{.segment = model.groups.segments()[segment].name, .revenue = {}};
    for (const OpenDeal& deal : pipeline.deals) {
      if (model.groups.segment_of(deal.segment) != segment) continue;
      part.open_deals += 1;
      part.open_value += deal.amount.value_or(0);
    }
    double booked = 0;
    for (const Booking& booking : pipeline.bookings)
      if (model.groups.segment_of(booking.segment) == segment) booked += booking.amount;
    part.revenue = forecast_period(
        horizon.period, booked, problem_of(model, pipeline, scenarios, cells, wins, 0, options.horizon_days, segment));
    part.win_rate = rates[segment].rate;
    part.win_rate_lead = rates[segment].lead;
    part.win_rate_error = rates[segment].error;
    result.push_back(std::move(part));
  }
  return result;
}

}  // namespace putki
