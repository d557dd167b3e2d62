#include <putki/core/error.hpp>
#include <putki/core/parallel.hpp>
#include <putki/forecast/simulation.hpp>

#include "forecast/scenarios.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace putki {
namespace {

constexpr int kNever = std::numeric_limits<int>::max();
constexpr std::size_t kDrawsPerTask = 256;

/// Walks deals through the stages of one scenario.
class Walker {
 public:
  explicit Walker(const HazardTable& hazards) : graph_(hazards.graph()), stages_(graph_.stage_count()) {
    for (std::size_t j = 0; j < stages_.size(); ++j) {
      const StageHazard& exits = hazards.stage(static_cast<StageId>(j));
      stages_[j].exits = &exits;
      for (std::size_t bin = 0; bin < exits.begins.size() && !exits.targets.empty(); ++bin)
        stages_[j].rate.push_back(-std::log1p(-exits.leaving(bin)));  // infinite when leaving is certain
    }
  }

  /// Day of the horizon (0-based) on which a deal of this age at its start is won; kNever when not within the horizon.
  int won_on(StageId stage, int age, int day, int horizon, RandomStream& random) const {
    for (;;) {
      const Exits& here = stages_[index(stage)];
      if (here.rate.empty()) return kNever;
      // Spend an exponential allowance at each bin's rate; the day it runs out is the day of the move.
      double allowance = random.exponential();
      std::size_t bin = here.exits->bin_of(age);
      for (;; ++bin) {
        const bool last = bin + 1 == here.rate.size();
        const double rate = here.rate[bin];
        const double days = rate > 0 ? std::floor(allowance / rate) : std::numeric_limits<double>::infinity();
        const int left = last ? kNever : here.exits->begins[bin + 1] - age;
        if (days < left) {
          if (days >= horizon - day) return kNever;
          day += static_cast<int>(days);
          break;
        }
        if (last) return kNever;
        allowance -= left * rate;
        age += left;
        day += left;
        if (day >= horizon) return kNever;
      }
      double pick = random.uniform() * here.exits->leaving(bin);
      std::size_t k = 0;
      while (k + 1 < here.exits->targets.size() && pick >= here.exits->hazard(bin, k))
        pick -= here.exits->hazard(bin, k++);
      stage = here.exits->targets[k];
      if (graph_.is_terminal(stage)) return graph_.kind(stage) == StageKind::won ? day : kNever;
      // The day of entry is still running in the new stage: its age-0 hazard applies to it.
      age = 0;
    }
  }

 private:
  struct Exits {
    const StageHazard* exits;
    std::vector<double> rate;  // by bin: -log(1 - leaving)
  };
  StageGraph graph_;
  std::vector<Exits> stages_;
};

}  // namespace

Simulation simulate(const ForecastModel& model, const OpenPipeline& pipeline, const ForecastOptions& options,
                    const SimulationOptions& simulation) {
  check_forecast_input(model, pipeline, options);
  if (simulation.draws == 0) throw InvalidArgument("simulation of 0 draws; at least 1 is needed");
  const auto periods = horizon_periods(pipeline, options);
  const int horizon = options.horizon_days;
  std::vector<std::size_t> period_of_day(static_cast<std::size_t>(horizon));
  for (std::size_t p = 0; p < periods.size(); ++p)
    for (int day = periods[p].begin; day < periods[p].end; ++day) period_of_day[static_cast<std::size_t>(day)] = p;
  std::vector<double> entry_cumulative = model.stages.entry_shares();
  for (std::size_t j = 1; j < entry_cumulative.size(); ++j) entry_cumulative[j] += entry_cumulative[j - 1];
  const bool deals_enter = !entry_cumulative.empty() && entry_cumulative.back() > 0;

  const auto scenario_number = static_cast<std::size_t>(scenario_count(options));
  std::vector<std::optional<Scenario>> scenarios(scenario_number);
  parallel_for(
      scenario_number, [&](std::size_t s) { scenarios[s] = draw_scenario(model, options, static_cast<int>(s)); },
      simulation.threads);
  std::vector<Walker> walkers;
  for (const auto& scenario : scenarios) walkers.emplace_back(scenario->hazards);

  Simulation result;
  for (const HorizonPeriod& period : periods) result.periods.push_back(period.period);
  result.revenue = Matrix(simulation.draws, periods.size());
  std::vector<double> totals(simulation.draws);
  const std::size_t tasks = (simulation.draws + kDrawsPerTask - 1) / kDrawsPerTask;
  parallel_for(
      tasks,
      [&](std::size_t task) {
        for (std::size_t draw = task * kDrawsPerTask; draw < std::min(simulation.draws, (task + 1) * kDrawsPerTask);
             ++draw) {
          RandomStream random(options.seed, draw);
          const std::size_t s = draw % scenario_number;
          const auto revenue = result.revenue.row(draw);
          const auto book = [&](int day, std::optional<double> amount) {
            if (day < horizon)
              revenue[period_of_day[static_cast<std::size_t>(day)]] += amount ? *amount : model.amounts.sample(random);
          };
          for (std::size_t p = 0; p < periods.size(); ++p) revenue[p] = periods[p].booked;
          for (const OpenDeal& deal : pipeline.deals)
            book(walkers[s].won_on(deal.stage, deal.age_days, 0, horizon, random), deal.amount);
          const std::uint64_t created = deals_enter ? random.poisson(scenarios[s]->inflow_per_day * horizon) : 0;
          for (std::uint64_t i = 0; i < created; ++i) {
            const int day = static_cast<int>(random.below(static_cast<std::uint64_t>(horizon)));
            const double pick = random.uniform() * entry_cumulative.back();
            const auto entry =
                std::upper_bound(entry_cumulative.begin(), entry_cumulative.end() - 1, pick) - entry_cumulative.begin();
            book(walkers[s].won_on(static_cast<StageId>(entry), 0, day, horizon, random), std::nullopt);
          }
          for (const double amount : revenue) totals[draw] += amount;
        }
      },
      simulation.threads, simulation.progress);
  result.total = RevenueDistribution::from_sample(std::move(totals));
  return result;
}

}  // namespace putki
