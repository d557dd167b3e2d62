#include <putki/core/error.hpp>
#include <putki/forecast/forecast.hpp>

#include "forecast/horizon_problems.hpp"
#include "forecast/segment_amounts.hpp"

#include <cmath>

namespace putki {

namespace {

/// The amounts of all segments together, by the wins without a known amount that each is expected to have;
/// `new_wins_of` by segment and column of `problem`.
AmountDistribution mixed_amounts(const ForecastModel& model, const RevenueProblem& problem, const DealCells& cells,
                                 const std::vector<std::vector<double>>& new_wins_of) {
  std::vector<double> wins(model.segment_amounts.size());
  for (std::size_t i = 0; i < problem.weights.size(); ++i)
    for (std::size_t segment = 0; segment < wins.size(); ++segment)
      wins[segment] += problem.weights[i] * new_wins_of[segment][i];
  for (const auto& deal : problem.deals)
    if (!deal.amount)
      for (std::size_t i = 0; i < problem.weights.size(); ++i)
        wins[cells.cells[deal.cell].segment] += problem.weights[i] * problem.win(deal.cell, i);
  std::vector<double> values, weights;
  double sum = 0;
  for (std::size_t segment = 0; segment < wins.size(); ++segment) {
    sum += wins[segment];
    const AmountDistribution& amounts = model.segment_amounts[segment];
    for (std::size_t a = 0; a < amounts.values().size(); ++a) {
      values.push_back(amounts.values()[a]);
      weights.push_back(wins[segment] * amounts.probability(a));
    }
  }
  return sum > 0 ? AmountDistribution::from_weighted(std::move(values), std::move(weights)) : model.amounts;
}

}  // namespace

RevenueProblem problem_of(const ForecastModel& model, const OpenPipeline& pipeline, std::span<const Scenario> scenarios,
                          const DealCells& cells, const WinTable& wins, std::size_t period, int begin, int end,
                          const Uncertainties& uncertain, std::optional<std::size_t> segment) {
  RevenueProblem problem{.win = {},
                         .new_wins = {},
                         .weights = {},
                         .draws = {},
                         .deals = {},
                         .amounts = model.amounts,
                         .revision = uncertain.amounts && uncertain.wins ? model.revision : model.revision.at_mean()};
  problem.deals.reserve(pipeline.deals.size());
  for (std::size_t i = 0; i < pipeline.deals.size(); ++i)
    if (!segment || model.groups.segment_of(pipeline.deals[i].segment) == *segment)
      problem.deals.push_back({cells.cell_of_deal[i], model.revision.usable(pipeline.deals[i].amount)});

  struct Split {
    std::size_t scenario;
    ShockNode node;
  };
  std::vector<Split> splits;
  for (std::size_t s = 0; s < scenarios.size(); ++s)
    for (const ShockNode& node : shock_nodes(scenarios[s].shock, begin, end)) splits.push_back({s, node});
  problem.win = Matrix(cells.cells.size(), splits.size());
  for (std::size_t i = 0; i < splits.size(); ++i) {
    const auto& [s, node] = splits[i];
    problem.weights.push_back(node.weight / static_cast<double>(scenarios.size()));
    problem.draws.push_back(static_cast<std::uint32_t>(s));
    problem.new_wins.push_back(segment ? shifted_new_wins(model, wins, period, s, node.shift, *segment)
                                       : shifted_new_wins(model, wins, period, s, node.shift));
  }
  for (std::size_t c = 0; c < cells.cells.size(); ++c)
    for (std::size_t i = 0; i < splits.size(); ++i)
      problem.win(c, i) = splits[i].node.shift == 0
                              ? wins.cell[period](c, splits[i].scenario)
                              : shift_odds(wins.cell[period](c, splits[i].scenario), splits[i].node.shift);
  if (segment && !model.segment_amounts.empty()) {
    problem.amounts = model.segment_amounts[*segment];
  } else if (!model.segment_amounts.empty()) {
    std::vector<std::vector<double>> new_wins_of(model.segment_amounts.size());
    for (std::size_t of = 0; of < new_wins_of.size(); ++of)
      for (const auto& [s, node] : splits)
        new_wins_of[of].push_back(shifted_new_wins(model, wins, period, s, node.shift, of));
    problem.amounts = mixed_amounts(model, problem, cells, new_wins_of);
  }
  if (!uncertain.amounts) problem.amounts = problem.amounts.at_mean();
  return problem;
}

namespace {

PeriodForecast forecast_period(const Period& period, double booked, const RevenueProblem& problem, bool wins_vary) {
  PeriodForecast forecast;
  forecast.period = period;
  const RevenueMoments moments = wins_vary ? moments_of(problem) : moments_of_expected_wins(problem);
  forecast.booked = {booked, 0};
  forecast.open = {moments.open_mean, std::sqrt(moments.open_variance)};
  forecast.not_yet_created = {moments.new_mean, std::sqrt(moments.new_variance)};
  forecast.open_wins = moments.open_wins;
  forecast.new_wins = moments.new_wins;
  forecast.variance = moments.parts;
  forecast.revenue = (wins_vary ? invert(problem) : distribution_of_expected_wins(problem)).shifted(booked);
  return forecast;
}

}  // namespace

std::vector<HorizonProblem> problems_of_periods(const ForecastModel& model, const OpenPipeline& pipeline,
                                                const ForecastOptions& options,
                                                const std::vector<HorizonPeriod>& periods) {
  const std::vector<Scenario> scenarios = draw_scenarios(model, pipeline.first_day, options);
  const DealCells cells = group_deals(model, pipeline);
  const WinTable wins = tabulate_wins(model, scenarios, cells, periods, options);
  std::vector<HorizonProblem> problems;
  for (std::size_t p = 0; p < periods.size(); ++p)
    problems.push_back({periods[p], problem_of(model, pipeline, scenarios, cells, wins, p, periods[p].begin,
                                               periods[p].end, options.uncertain)});
  return problems;
}

std::vector<HorizonProblem> horizon_problems(const ForecastModel& model, const OpenPipeline& pipeline,
                                             const ForecastOptions& options, bool total_only) {
  check_forecast_input(model, pipeline, options);
  std::vector<HorizonPeriod> periods = horizon_periods(pipeline, options);
  const HorizonPeriod whole{
      {periods.front().period.begin, periods.back().period.end}, 0, options.horizon_days, periods.front().booked};
  if (total_only) periods.clear();
  if (periods.size() != 1) periods.push_back(whole);
  return problems_of_periods(model, pipeline, options, periods);
}

Forecast forecast_from(const std::vector<HorizonProblem>& problems, const OpenPipeline& pipeline,
                       const ForecastOptions& options) {
  Forecast result{.as_of = pipeline.as_of, .horizon_days = options.horizon_days, .periods = {}, .total = {}};
  for (const auto& [period, problem] : problems)
    result.periods.push_back(forecast_period(period.period, period.booked, problem, options.uncertain.wins));
  result.total = result.periods.back();
  if (result.periods.size() > 1) result.periods.pop_back();
  return result;
}

Forecast forecast(const ForecastModel& model, const OpenPipeline& pipeline, const ForecastOptions& options) {
  return forecast_from(horizon_problems(model, pipeline, options), pipeline, options);
}

}  // namespace putki
