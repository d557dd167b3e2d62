#include "forecast/scenarios.hpp"

#include "forecast/segment_amounts.hpp"
#include "forecast/win_worth.hpp"

#include <putki/core/error.hpp>
#include <putki/core/parallel.hpp>
#include <putki/model/dated_passage.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <tuple>

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
  if (pipeline.first_day < pipeline.as_of || pipeline.first_day > pipeline.as_of + Days{1})
    throw InvalidArgument(fmt::format("the horizon begins on {}; allowed are the day of the forecast, {}, and the next",
                                      to_string(pipeline.first_day), to_string(pipeline.as_of)));
  const StageGraph& graph = model.stages.graph();
  for (const OpenDeal& deal : pipeline.deals) {
    if (index(deal.stage) >= graph.stage_count() || graph.is_terminal(deal.stage))
      throw InvalidArgument(fmt::format("deal '{}' is in stage {}, which is not an open stage of the model's {} stages",
                                        deal.name, index(deal.stage), graph.stage_count()));
    if (deal.amount && (!(*deal.amount >= 0) || !std::isfinite(*deal.amount)))
      throw InvalidArgument(
          fmt::format("deal '{}' has amount {}; allowed are 0 and more, or none", deal.name, *deal.amount));
  }
  model.revision.check();
  if (!(model.inflow.per_day >= 0) || !std::isfinite(model.inflow.per_day))
    throw InvalidArgument(fmt::format("inflow is {} deals a day; it must be 0 or more", model.inflow.per_day));
}

namespace {

/// One place in (0, 1) for each of `count` draws: evenly spread, in random order.
std::vector<double> spread(std::size_t count, RandomStream& random) {
  std::vector<double> places(count);
  const double offset = random.uniform();
  for (std::size_t i = 0; i < count; ++i) places[i] = (static_cast<double>(i) + offset) / static_cast<double>(count);
  for (std::size_t i = count; i > 1; --i) std::swap(places[i - 1], places[random.below(i)]);
  return places;
}

CommonShock::Point pick(const CommonShock& shock, double where) {
  double passed = 0;
  for (const auto& point : shock.points)
    if ((passed += point.weight) >= where) return point;
  return shock.points.empty() ? CommonShock::Point{} : shock.points.back();
}

}  // namespace

std::vector<Scenario> draw_scenarios(const ForecastModel& model, Day first_day, const ForecastOptions& options) {
  const int days = options.horizon_days;
  if (options.parameter_draws == 0 || !options.uncertain.parameters)
    return {{model.stages.expected(first_day, days), model.inflow.expected_rates(first_day, days),
             options.uncertain.common_shock ? model.shock.typical() : CommonShock::Point{},
             model.groups.is_pooled() ? std::vector<MoveFactors>() : model.groups.expected()}};

  // Draws 2i and 2i + 1 are mirror images; each pair has a place of its own on every grid.
  const std::size_t draws = static_cast<std::size_t>(options.parameter_draws), pairs = (draws + 1) / 2;
  const std::size_t stages = model.stages.graph().stage_count();
  RandomStream placing(options.seed, kParameterStreams - 1);
  std::vector<std::vector<double>> where(stages + 2);
  for (auto& places : where) places = spread(pairs, placing);

  std::vector<std::optional<Scenario>> drawn(draws);
  parallel_for(
      draws,
      [&](std::size_t i) {
        RandomStream random(options.seed, kParameterStreams + i / 2);
        std::vector<double> places(stages);
        for (std::size_t j = 0; j < stages; ++j) places[j] = where[j][i / 2];
        const bool mirrored = i % 2 == 1;
        DatedHazards hazards = model.stages.draw(random, first_day, days, places, mirrored);
        drawn[i] = {std::move(hazards),
                    model.inflow.draw_rates(random, first_day, days, where[stages][i / 2], mirrored),
                    options.uncertain.common_shock ? pick(model.shock, where[stages + 1][i / 2]) : CommonShock::Point{},
                    model.groups.is_pooled() ? std::vector<MoveFactors>() : model.groups.draw(random, mirrored)};
      },
      options.threads);
  std::vector<Scenario> scenarios;
  for (auto& scenario : drawn) scenarios.push_back(std::move(*scenario));
  return scenarios;
}

std::vector<ShockNode> shock_nodes(const CommonShock::Point& shock, int begin, int end) {
  const auto [mean, sd] = shock.over(begin, end);
  if (sd == 0) return {{mean, 1.0}};
  // Probabilists' Gauss-Hermite rule of five nodes (Abramowitz & Stegun 1964, table 25.10, scaled by sqrt 2).
  static constexpr std::array<double, 5> kNodes{-2.8569700138728056, -1.3556261799742657, 0, 1.3556261799742657,
                                                2.8569700138728056};
  static constexpr std::array<double, 5> kWeights{0.011257411327720691, 0.22207592200561263, 0.53333333333333333,
                                                  0.22207592200561263, 0.011257411327720691};
  std::vector<ShockNode> nodes;
  for (std::size_t i = 0; i < kNodes.size(); ++i) nodes.push_back({mean + sd * kNodes[i], kWeights[i]});
  return nodes;
}

double shift_odds(double probability, double shift) {
  const double odds = probability * std::exp(shift);
  return odds / (1 - probability + odds);
}

std::vector<HorizonPeriod> horizon_periods(const OpenPipeline& pipeline, const ForecastOptions& options) {
  const Day begin = pipeline.first_day, end = begin + Days{options.horizon_days};
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

DealCells group_deals(const ForecastModel& model, const OpenPipeline& pipeline) {
  DealCells grouped;
  std::map<std::tuple<std::size_t, int, std::size_t, std::size_t>, std::uint32_t> known;
  grouped.cell_of_deal.reserve(pipeline.deals.size());
  for (const OpenDeal& deal : pipeline.deals) {
    const int oldest = std::max(model.stages.stages().hazards().stage(deal.stage).begins.back(), 1),
              age = std::min(
                  model.stages.age(pipeline.first_day - Days{std::max(deal.age_days, 0)}, pipeline.first_day), oldest);
    const std::size_t group = model.groups.is_pooled() ? 0 : model.groups.group_of(deal.segment, deal.amount);
    const std::size_t segment = amount_segment(model, deal);
    const auto [place, added] =
        known.try_emplace({index(deal.stage), age, group, segment}, static_cast<std::uint32_t>(grouped.cells.size()));
    if (added) grouped.cells.push_back({deal.stage, age, group, segment});
    grouped.cell_of_deal.push_back(place->second);
  }
  return grouped;
}

double shifted_new_wins(const ForecastModel& model, const WinTable& wins, std::size_t period, std::size_t scenario,
                        double shift) {
  const auto shifted = [&](double created, double won) {
    return created > 0 ? created * shift_odds(std::min(won / created, 1.0), shift) : 0.0;
  };
  if (wins.new_wins_of.empty()) return shifted(wins.created[scenario], wins.new_wins[period][scenario]);
  double sum = 0;
  for (std::size_t segment = 0; segment < model.groups.segments().size(); ++segment)
    sum += shifted_new_wins(model, wins, period, scenario, shift, segment);
  return sum;
}

double shifted_new_wins(const ForecastModel& model, const WinTable& wins, std::size_t period, std::size_t scenario,
                        double shift, std::size_t segment) {
  const double share = model.groups.share_of_segment(segment), created = share * wins.created[scenario],
               won = wins.new_wins_of.empty() ? share * wins.new_wins[period][scenario]
                                              : wins.new_wins_of[period](segment, scenario);
  return created > 0 ? created * shift_odds(std::min(won / created, 1.0), shift) : 0.0;
}

WinTable tabulate_wins(const ForecastModel& model, std::span<const Scenario> scenarios, const DealCells& cells,
                       std::span<const HorizonPeriod> periods, const ForecastOptions& options) {
  WinTable wins;
  wins.cell.assign(periods.size(), Matrix(cells.cells.size(), scenarios.size()));
  wins.new_wins.assign(periods.size(), std::vector<double>(scenarios.size()));
  wins.created.resize(scenarios.size());
  const std::vector<double>& shares = model.stages.stages().entry_shares();
  const bool differ = !model.groups.is_pooled();
  const std::size_t segments = model.groups.segments().size();
  if (differ) wins.new_wins_of.assign(periods.size(), Matrix(segments, scenarios.size()));
  std::vector<std::vector<std::size_t>> cells_of(differ ? model.groups.group_count() : 1);
  for (std::size_t c = 0; c < cells.cells.size(); ++c) cells_of[cells.cells[c].group].push_back(c);
  // One passage per deadline; a period's wins are those before its end less those before its begin.
  std::map<int, std::size_t> deadlines;
  for (const HorizonPeriod& period : periods) {
    deadlines.try_emplace(period.begin, 0);
    deadlines.try_emplace(period.end, 0);
  }
  std::size_t place = 0;
  for (auto& [day, number] : deadlines) number = place++;

  parallel_for(
      scenarios.size(),
      [&](std::size_t s) {
        const Scenario& scenario = scenarios[s];
        Matrix won_by(deadlines.size(), cells.cells.size());
        std::vector<double> new_by(deadlines.size());
        const auto pass = [&](const DatedHazards& hazards, std::span<const std::size_t> own,
                              std::vector<double>* entered) {
          for (const auto& [deadline, number] : deadlines) {
            if (deadline == 0) continue;
            const DatedPassage passage(hazards, deadline);
            for (const std::size_t c : own)
              won_by(number, c) = passage.from_age(cells.cells[c].stage, cells.cells[c].age);
            for (int day = 0; day < deadline && entered != nullptr; ++day) {
              double chance = 0;
              for (std::size_t j = 0; j < shares.size(); ++j)
                if (shares[j] > 0) chance += shares[j] * passage.from_entry(static_cast<StageId>(j), day);
              (*entered)[number] += scenario.created_per_day[static_cast<std::size_t>(day)] * chance;
            }
          }
        };
        if (scenario.groups.empty()) {
          pass(scenario.hazards, cells_of.front(), &new_by);
        } else {
          Matrix segment_by(segments, deadlines.size());
          for (std::size_t g = 0; g < cells_of.size(); ++g) {
            const double share = model.groups.shares()[g];
            if (cells_of[g].empty() && share == 0) continue;
            std::vector<double> entered(deadlines.size());
            pass(scenario.hazards_of(g), cells_of[g], share > 0 ? &entered : nullptr);
            for (std::size_t d = 0; d < entered.size(); ++d) {
              new_by[d] += share * entered[d];
              segment_by(model.groups.segment_of_group(g), d) += share * entered[d];
            }
          }
          for (std::size_t p = 0; p < periods.size(); ++p)
            for (std::size_t segment = 0; segment < segments; ++segment)
              wins.new_wins_of[p](segment, s) = std::max(segment_by(segment, deadlines.at(periods[p].end)) -
                                                             segment_by(segment, deadlines.at(periods[p].begin)),
                                                         0.0);
        }
        for (std::size_t p = 0; p < periods.size(); ++p) {
          const std::size_t begin = deadlines.at(periods[p].begin), end = deadlines.at(periods[p].end);
          for (std::size_t c = 0; c < cells.cells.size(); ++c)
            wins.cell[p](c, s) = std::clamp(won_by(end, c) - won_by(begin, c), 0.0, 1.0);
          wins.new_wins[p][s] = std::max(new_by[end] - new_by[begin], 0.0);
        }
        wins.created[s] = std::accumulate(scenario.created_per_day.begin(), scenario.created_per_day.end(), 0.0);
      },
      options.threads, options.progress);
  return wins;
}

std::vector<ScenarioMoments> scenario_moments(const ForecastModel& model, const OpenPipeline& pipeline,
                                              const ForecastOptions& options) {
  const std::vector<Scenario> scenarios = draw_scenarios(model, pipeline.first_day, options);
  const DealCells cells = group_deals(model, pipeline);
  const std::vector<HorizonPeriod> periods = horizon_periods(pipeline, options);
  const WinTable wins = tabulate_wins(model, scenarios, cells, periods, options);
  std::vector<WinWorth> won;  // by segment
  for (std::size_t segment = 0; segment < std::max<std::size_t>(model.segment_amounts.size(), 1); ++segment)
    won.emplace_back(amounts_of(model, segment), model.revision);
  std::vector<ScenarioMoments> moments;
  for (std::size_t s = 0; s < scenarios.size(); ++s) {
    ScenarioMoments sum{0, 0};
    for (std::size_t p = 0; p < periods.size(); ++p) {
      for (std::size_t segment = 0; segment < won.size(); ++segment) {
        const double wins_of = won.size() > 1 ? shifted_new_wins(model, wins, p, s, 0, segment) : wins.new_wins[p][s];
        sum.mean += wins_of * won[segment].mean();
        sum.variance += wins_of * won[segment].square();
      }
      for (std::size_t i = 0; i < pipeline.deals.size(); ++i) {
        const double win = wins.cell[p](cells.cell_of_deal[i], s);
        const auto known = model.revision.usable(pipeline.deals[i].amount);
        const WinWorth& worth = won[cells.cells[cells.cell_of_deal[i]].segment];
        sum.mean += win * worth.mean(known);
        sum.variance += win * worth.square(known) - win * win * worth.mean(known) * worth.mean(known);
      }
    }
    moments.push_back(sum);
  }
  return moments;
}

}  // namespace putki
