#include <putki/forecast/occupancy.hpp>

#include <putki/core/error.hpp>
#include <putki/model/absorbing_chain.hpp>
#include <putki/model/dated_passage.hpp>

#include "core/log_mass.hpp"
#include "forecast/plan_tables.hpp"
#include "forecast/win_worth.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace putki {
namespace {

constexpr double kUsualTail = 0.05;
/// Days ahead over which the usual inflow is told.
constexpr int kInflowDays = 28;

/// The Poisson numbers that leave at most kUsualTail on either side.
Interval usual_numbers(double mean) {
  if (!(mean > 0) || !std::isfinite(mean)) return {0, mean > 0 ? mean : 0};
  // Nothing that counts lies below.
  double number = std::max(0.0, std::floor(mean - 12 * std::sqrt(mean) - 20));
  double chance = std::exp(log_poisson_mass(number, mean)), up_to = chance;
  while (up_to <= kUsualTail) up_to += chance *= mean / ++number;
  Interval usual{number, number};
  while (up_to < 1 - kUsualTail) up_to += chance *= mean / ++number;
  usual.upper = number;
  return usual;
}

bool holds_work(const StageGraph& graph, StageId stage) {
  return !graph.is_terminal(stage);
}

/// Calendar days that make a visit a day older on the model's clock: 1, or the mean over the year from `day`.
double days_per_age(const DatedModel& model, Day day) {
  if (model.clock() == Clock::calendar) return 1;
  const Day begin = std::min(day, to_day(kLastLogDay) - Days{364});
  return 364.0 / std::max(model.calendar().business_days_between(begin, begin + Days{364}), 1);
}

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// Mean revenue by source, one entry a stage and then the deals not yet created.
using BySource = std::vector<double>;

}  // namespace

Occupancy occupancy_needed(const ForecastModel& model, const OpenPipeline& pipeline, double revenue_per_day) {
  if (!(revenue_per_day >= 0) || !std::isfinite(revenue_per_day))
    throw InvalidArgument(fmt::format("revenue is {} a day; it must be 0 or more", revenue_per_day));
  check_forecast_input(model, pipeline, {.horizon_days = 1});
  const StageGraph& graph = model.stages.graph();
  const double stretch = days_per_age(model.stages, pipeline.first_day);
  const AbsorbingChain chain = absorbing_chain(model.stages.stages().hazards());
  const std::vector<double>& mix = model.stages.stages().entry_shares();
  std::vector<double> visits(graph.stage_count());
  Occupancy occupancy{.revenue_per_day = revenue_per_day,
                      .mean_amount = model.amounts.mean(),
                      .inflow_needed = std::nullopt,
                      .inflow_now = mean_of(model.inflow.expected_rates(pipeline.first_day, kInflowDays)),
                      .stages = {}};
  for (std::size_t e = 0; e < mix.size(); ++e) {
    occupancy.win_probability += mix[e] * chain.win_probability[e];
    for (std::size_t j = 0; j < visits.size(); ++j) visits[j] += mix[e] * chain.visits(e, j);
  }
  const double worth = occupancy.win_probability * occupancy.mean_amount;
  if (!(worth > 0)) return occupancy;
  occupancy.inflow_needed = revenue_per_day / worth;

  for (std::size_t j = 0; j < visits.size(); ++j) {
    const auto stage = static_cast<StageId>(j);
    if (!holds_work(graph, stage)) continue;
    const double flow = *occupancy.inflow_needed * visits[j], stay = chain.mean_stay[j] * stretch,
                 needed = flow > 0 ? flow * stay : 0.0;
    const auto actual = static_cast<double>(std::count_if(pipeline.deals.begin(), pipeline.deals.end(),
                                                          [&](const OpenDeal& deal) { return deal.stage == stage; }));
    occupancy.stages.push_back(
        {.stage = stage,
         .visits = visits[j],
         .mean_stay_days = stay,
         .needed = needed,
         .actual = actual,
         .z_score = needed > 0 && std::isfinite(needed) ? (actual - needed) / std::sqrt(needed) : 0.0,
         .usual = usual_numbers(needed)});
  }
  return occupancy;
}

std::vector<PeriodGap> funnel_gaps(const ForecastModel& model, const OpenPipeline& pipeline,
                                   const PlanOptions& options) {
  ForecastOptions by_period = options.forecast;
  if (!by_period.period) by_period.period = PeriodUnit::month;
  check_plan_input(model, pipeline, options);
  const Forecast result = forecast(model, pipeline, by_period);
  const std::vector<HorizonPeriod> periods = horizon_periods(pipeline, by_period);
  const int days = options.forecast.horizon_days;
  const double per_day = std::max(options.target - periods.front().booked, 0.0) / days;
  const Occupancy steady = occupancy_needed(model, pipeline, per_day);

  // What each source brings by each deadline: in the steady state that earns `per_day`, and as things stand.
  const StageGraph& graph = model.stages.graph();
  const std::size_t stages = graph.stage_count();
  const HazardTable& hazards = model.stages.stages().hazards();
  const double stretch = days_per_age(model.stages, pipeline.first_day);
  const std::vector<double>& mix = model.stages.stages().entry_shares();
  const DatedHazards dated = model.stages.expected(pipeline.first_day, days);
  const std::vector<double> usual = model.inflow.expected_rates(pipeline.first_day, days);
  const DealCells cells = group_deals(model, pipeline);
  const WinWorth won(model.amounts, model.revision);
  const double mean_amount = won.mean();
  std::map<int, std::pair<BySource, BySource>> brought;  // by deadline: steady, actual
  brought[0] = {BySource(stages + 1), BySource(stages + 1)};
  for (const HorizonPeriod& period : periods) {
    if (!steady.inflow_needed) break;
    const DatedPassage passage(dated, period.end);
    auto& [needed, actual] = brought[period.end];
    needed.assign(stages + 1, 0.0);
    actual.assign(stages + 1, 0.0);
    for (const StageOccupancy& stage : steady.stages) {
      const double flow = *steady.inflow_needed * stage.visits * mean_amount;
      if (!(flow > 0)) continue;
      const int oldest = std::max(hazards.stage(stage.stage).begins.back(), 1);
      double rest = stage.mean_stay_days;  // sum of survival over ages from 1 on
      for (int age = 1; age < oldest; ++age) {
        const double here = stretch * hazards.survival(stage.stage, age);
        rest -= here;
        needed[index(stage.stage)] += flow * here * passage.from_age(stage.stage, age);
      }
      if (std::isfinite(rest) && rest > 0)
        needed[index(stage.stage)] += flow * rest * passage.from_age(stage.stage, oldest);
    }
    for (std::size_t i = 0; i < pipeline.deals.size(); ++i) {
      const DealCells::Cell& cell = cells.cells[cells.cell_of_deal[i]];
      actual[index(cell.stage)] +=
          won.mean(model.revision.usable(pipeline.deals[i].amount)) * passage.from_age(cell.stage, cell.age);
    }
    for (int day = 0; day < period.end; ++day) {
      double chance = 0;
      for (std::size_t e = 0; e < mix.size(); ++e)
        if (mix[e] > 0) chance += mix[e] * passage.from_entry(static_cast<StageId>(e), day);
      needed[stages] += *steady.inflow_needed * chance * mean_amount;
      actual[stages] += usual[static_cast<std::size_t>(day)] * chance * mean_amount;
    }
  }

  std::vector<PeriodGap> gaps;
  for (std::size_t p = 0; p < periods.size(); ++p) {
    const HorizonPeriod& period = periods[p];
    const PeriodForecast& of = result.periods[p];
    const double share = per_day * (period.end - period.begin);
    PeriodGap gap{.period = {pipeline.first_day + Days{period.begin}, pipeline.first_day + Days{period.end}},
                  .share = share,
                  .expected = of.revenue.mean() - period.booked,
                  .probability = of.revenue.probability_at_least(share + period.booked),
                  .falls_short = false,
                  .cause = std::nullopt};
    gap.falls_short = gap.probability < options.confidence;
    if (gap.falls_short && gap.expected < share && steady.inflow_needed) {
      const auto& [needed, actual] = brought.at(period.end);
      const auto& [needed_before, actual_before] = brought.at(period.begin);
      double all = 0, largest = 0;
      std::size_t source = 0;
      for (std::size_t j = 0; j <= stages; ++j) {
        const double shortage = (needed[j] - needed_before[j]) - (actual[j] - actual_before[j]);
        all += std::max(shortage, 0.0);
        if (shortage > largest) {
          largest = shortage;
          source = j;
        }
      }
      if (largest > 0 && largest >= 0.5 * all)
        gap.cause = GapCause{source < stages ? std::optional(static_cast<StageId>(source)) : std::nullopt, largest};
    }
    gaps.push_back(gap);
  }
  return gaps;
}

}  // namespace putki
