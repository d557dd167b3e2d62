#include <putki/core/error.hpp>
#include <putki/forecast/what_if.hpp>
#include <putki/model/eventual_shares.hpp>

#include "forecast/horizon_problems.hpp"
#include "forecast/win_worth.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace putki {
namespace {

void check_factor(double factor, const char* what) {
  if (!(factor >= 0) || !std::isfinite(factor))
    throw InvalidArgument(fmt::format("{} times {}; the factor must be 0 or more", what, factor));
}

StageId stage_named(const StageGraph& graph, const std::string& name) {
  if (const auto stage = graph.find(name)) return *stage;
  throw InvalidArgument(fmt::format("the pipeline has no stage '{}'", name));
}

DatedModel converted(const DatedModel& model, const ConversionChange& change) {
  const StageGraph& graph = model.graph();
  const StageId from = stage_named(graph, change.from), to = stage_named(graph, change.to),
                payer = change.payer.empty() ? kNoStage : stage_named(graph, change.payer);
  check_factor(change.factor, "a conversion");
  if (!std::isfinite(change.points))
    throw InvalidArgument(fmt::format("a conversion by {} points is not a number", 100 * change.points));
  const EventualShares now = eventual_shares(model, from);
  const auto found = std::find(now.targets.begin(), now.targets.end(), to);
  const double share =
      found == now.targets.end() ? 0.0 : now.shares[static_cast<std::size_t>(found - now.targets.begin())];
  return model.with(change_of_share(model, from, to, share * (change.factor - 1) + change.points, payer));
}

DatedModel delayed(const DatedModel& model, const DelayChange& change) {
  return model.with(change_of_days(model, stage_named(model.graph(), change.stage), change.factor));
}

/// Rates times the factor, draw by draw: the relative uncertainty stays as it is, and in the rate model that asks for
/// dispersion / window and dispersion - 1 to grow with the rate.
InflowModel scaled(InflowModel inflow, double factor) {
  check_factor(factor, "inflow");
  if (factor == 1) return inflow;
  inflow.per_day *= factor;
  if (factor == 0) return inflow;
  const double dispersion = 1 + factor * (inflow.dispersion - 1);
  inflow.window_days *= dispersion / (factor * inflow.dispersion);
  inflow.dispersion = dispersion;
  return inflow;
}

/// Expected revenue in each scenario.
std::vector<double> scenario_means(const RevenueProblem& problem) {
  std::vector<double> worth(problem.win.rows());
  const WinWorth won(problem.amounts, problem.revision);
  for (const auto& deal : problem.deals) worth[deal.cell] += won.mean(deal.amount);
  std::vector<double> means;
  for (std::size_t s = 0; s < problem.new_wins.size(); ++s) {
    means.push_back(problem.new_wins[s] * won.mean());
    for (std::size_t c = 0; c < worth.size(); ++c) means.back() += problem.win(c, s) * worth[c];
  }
  return means;
}

}  // namespace

ForecastModel changed(const ForecastModel& model, const Changes& changes) {
  ForecastModel result = model;
  for (const ConversionChange& change : changes.conversions) result.stages = converted(result.stages, change);
  for (const DelayChange& change : changes.delays) result.stages = delayed(result.stages, change);
  result.inflow = scaled(result.inflow, changes.inflow);
  if (changes.amounts != 1) {
    result.amounts = result.amounts.scaled(changes.amounts);
    for (AmountDistribution& amounts : result.segment_amounts) amounts = amounts.scaled(changes.amounts);
    for (double& placeholder : result.revision.placeholders) placeholder *= changes.amounts;
  }
  return result;
}

OpenPipeline changed(const OpenPipeline& pipeline, const Changes& changes) {
  check_factor(changes.amounts, "amounts");
  OpenPipeline result = pipeline.without(changes.without_deals);
  for (OpenDeal& deal : result.deals)
    if (deal.amount) *deal.amount *= changes.amounts;
  if (changes.more_deals.empty()) return result;
  result.deals.insert(result.deals.end(), changes.more_deals.begin(), changes.more_deals.end());
  std::stable_sort(result.deals.begin(), result.deals.end(),
                   [](const OpenDeal& a, const OpenDeal& b) { return a.name < b.name; });
  return result;
}

WhatIf what_if(const ForecastModel& model, const OpenPipeline& pipeline, const Changes& changes,
               const ForecastOptions& options) {
  const ForecastModel other_model = changed(model, changes);
  const OpenPipeline other_pipeline = changed(pipeline, changes);
  const auto before = horizon_problems(model, pipeline, options),
             after = horizon_problems(other_model, other_pipeline, options);
  WhatIf result{.before = forecast_from(before, pipeline, options),
                .after = forecast_from(after, other_pipeline, options),
                .periods = {},
                .total = {}};
  for (std::size_t p = 0; p < before.size(); ++p) {
    const bool whole = p + 1 == before.size();
    const PeriodForecast& old_period = whole ? result.before.total : result.before.periods[p];
    const PeriodForecast& new_period = whole ? result.after.total : result.after.periods[p];
    std::vector<double> change = scenario_means(after[p].problem);
    const std::vector<double> old_means = scenario_means(before[p].problem);
    for (std::size_t s = 0; s < change.size(); ++s) change[s] -= old_means[s];
    result.periods.push_back({.period = old_period.period,
                              .mean = (new_period.open.mean - old_period.open.mean) +
                                      (new_period.not_yet_created.mean - old_period.not_yet_created.mean),
                              .sd = new_period.revenue.sd() - old_period.revenue.sd(),
                              .effect = RevenueDistribution::from_atoms(std::move(change), before[p].problem.weights)});
  }
  result.total = result.periods.back();
  if (result.periods.size() > 1) result.periods.pop_back();
  return result;
}

}  // namespace putki
