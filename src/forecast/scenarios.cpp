#include "forecast/scenarios.hpp"

#include <putki/core/error.hpp>
#include <putki/core/parallel.hpp>
#include <putki/model/first_passage.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace putki {
namespace {

constexpr int kMaxHorizon = 3'660;
constexpr int kMaxDraws = 100'000;
/// Stream numbers of parameter draws; simulated paths use others.
constexpr std::uint64_t kParameterStreams = std::uint64_t{1} << 62;

}  // namespace

void check_forecast_input(const ForecastModel& model, const OpenPipeline& pipeline, const ForecastOptions& options) {
  if (options.horizon_days < 1 || options.horizon_days > kMaxHorizon)
    throw InvalidArgument(fmt::format("horizon is {} days; allowed are 1 to {}", options.horizon_days, kMaxHorizon));
  if (options.parameter_draws < 0 || options.parameter_draws > kMaxDraws)
    throw InvalidArgument(fmt::format("{} parameter draws; allowed are 0 to {}", options.parameter_draws, kMaxDraws));
  const StageGraph& graph = model.stages.graph();
  for (const OpenDeal& deal : pipeline.deals) {
    if (index(deal.stage) >= graph.stage_count() || graph.is_terminal(deal.stage))
      throw InvalidArgument(fmt::format("deal '{}' is in stage {}, which is not an open stage of the model's {} stages",
                                        deal.name, index(deal.stage), graph.stage_count()));
    if (deal.amount && (!(*deal.amount >= 0) || !std::isfinite(*deal.amount)))
      throw InvalidArgument(
          fmt::format("deal '{}' has amount {}; allowed are 0 and more, or none", deal.name, *deal.amount));
  }
  if (!(model.inflow.per_day >= 0) || !std::isfinite(model.inflow.per_day))
    throw InvalidArgument(fmt::format("inflow is {} deals a day; it must be 0 or more", model.inflow.per_day));
}

Scenario draw_scenario(const ForecastModel& model, const ForecastOptions& options, int number) {
  if (options.parameter_draws == 0) return {model.stages.hazards(), model.inflow.per_day};
  RandomStream random(options.seed, kParameterStreams + static_cast<std::uint64_t>(number));
  HazardTable hazards = model.stages.draw(random);
  return {std::move(hazards), model.inflow.draw_rate(random, options.horizon_days)};
}

std::vector<HorizonPeriod> horizon_periods(const OpenPipeline& pipeline, const ForecastOptions& options) {
  const Day begin = pipeline.as_of, end = begin + Days{options.horizon_days};
  std::vector<Period> periods{{begin, end}};
  if (options.period) periods = split_into_periods(begin, end, *options.period, options.fiscal_start_month);

  std::vector<HorizonPeriod> horizon;
  for (const Period& period : periods)
    horizon.push_back({period, static_cast<int>((period.begin - begin).count()),
                       static_cast<int>((period.end - begin).count()), 0.0});
  // What was won before the horizon began belongs to its first period, which then begins where booking began.
  for (const Booking& booking : pipeline.bookings) horizon.front().booked += booking.amount;
  horizon.front().period.begin = std::min(pipeline.booked_since, begin);
  return horizon;
}

DealCells group_deals(const HazardTable& hazards, const OpenPipeline& pipeline) {
  DealCells grouped;
  std::map<std::pair<std::size_t, int>, std::uint32_t> known;
  grouped.cell_of_deal.reserve(pipeline.deals.size());
  for (const OpenDeal& deal : pipeline.deals) {
    const int age = std::clamp(deal.age_days, 0, std::max(hazards.stage(deal.stage).begins.back(), 1));
    const auto [place, added] =
        known.try_emplace({index(deal.stage), age}, static_cast<std::uint32_t>(grouped.cells.size()));
    if (added) grouped.cells.push_back({deal.stage, age});
    grouped.cell_of_deal.push_back(place->second);
  }
  return grouped;
}

WinTable tabulate_wins(const ForecastModel& model, const DealCells& cells, std::span<const HorizonPeriod> periods,
                       const ForecastOptions& options) {
  const auto scenarios = static_cast<std::size_t>(scenario_count(options));
  WinTable wins;
  wins.cell.assign(periods.size(), Matrix(cells.cells.size(), scenarios));
  wins.new_wins.assign(periods.size(), std::vector<double>(scenarios));
  parallel_for(
      scenarios,
      [&](std::size_t s) {
        const Scenario scenario = draw_scenario(model, options, static_cast<int>(s));
        const FirstPassage passage(scenario.hazards, options.horizon_days);

        // new_by[d]: expected wins before day d of the horizon of one new deal a day
        std::vector<double> new_by(static_cast<std::size_t>(options.horizon_days) + 1);
        for (std::size_t d = 1; d < new_by.size(); ++d) {
          double won = 0;
          for (std::size_t j = 0; j < model.stages.entry_shares().size(); ++j)
            if (model.stages.entry_shares()[j] > 0)
              won +=
                  model.stages.entry_shares()[j] * passage.from_entry(static_cast<StageId>(j), static_cast<int>(d) - 1);
          new_by[d] = new_by[d - 1] + won;
        }
        for (std::size_t p = 0; p < periods.size(); ++p) {
          const int begin = periods[p].begin, end = periods[p].end;
          for (std::size_t c = 0; c < cells.cells.size(); ++c) {
            const auto [stage, age] = cells.cells[c];
            const double won = passage.from_age(stage, age, end) - passage.from_age(stage, age, begin);
            wins.cell[p](c, s) = std::clamp(won, 0.0, 1.0);
          }
          wins.new_wins[p][s] = scenario.inflow_per_day *
                                (new_by[static_cast<std::size_t>(end)] - new_by[static_cast<std::size_t>(begin)]);
        }
      },
      options.threads, options.progress);
  return wins;
}

}  // namespace putki
