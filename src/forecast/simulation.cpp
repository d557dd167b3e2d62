#include <putki/core/error.hpp>
#include <putki/core/parallel.hpp>
#include <putki/forecast/simulation.hpp>

#include "forecast/scenarios.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace putki {
namespace {

constexpr int kNever = std::numeric_limits<int>::max();
constexpr std::size_t kDrawsPerTask = 256;
constexpr int kMostWalks = 1'000'000;

/// Walks deals through the stages of one scenario.
class Walker {
 public:
  explicit Walker(const DatedHazards& hazards) : hazards_(&hazards), rates_(hazards.graph().stage_count()) {
    for (std::size_t j = 0; j < rates_.size(); ++j)
      for (const double stay : hazards.exits(static_cast<StageId>(j)).stay)
        rates_[j].push_back(-std::log(stay));  // infinite when leaving is certain
  }

  /// Day of the horizon on which a deal of this age at the day's start is won; kNever when not within the horizon.
  int won_on(StageId stage, int age, int day, RandomStream& random) const {
    const StageGraph& graph = hazards_->graph();
    const int horizon = hazards_->days();
    for (;;) {
      const DatedHazards::Exits& here = hazards_->exits(stage);
      if (here.targets.empty()) return kNever;
      // Spend an exponential allowance at each day's rate; the day it runs out is the day of the move.
      const std::vector<double>& rates = rates_[index(stage)];
      const std::size_t bins = here.begins.size();
      std::size_t bin = static_cast<std::size_t>(std::upper_bound(here.begins.begin(), here.begins.end(), age) -
                                                 here.begins.begin()) -
                        1;
      double allowance = random.exponential();
      while (day < horizon && allowance > rates[static_cast<std::size_t>(day) * bins + bin]) {
        allowance -= rates[static_cast<std::size_t>(day) * bins + bin];
        ++day;
        ++age;
        if (bin + 1 < bins && age >= here.begins[bin + 1]) ++bin;
      }
      if (day >= horizon) return kNever;
      const double* const chances = here.chances_of(day, bin);
      double pick = random.uniform() * (1 - here.stay_of(day, bin));
      std::size_t k = 0;
      while (k + 1 < here.targets.size() && pick >= chances[k]) pick -= chances[k++];
      stage = here.targets[k];
      if (graph.is_terminal(stage)) return graph.kind(stage) == StageKind::won ? day : kNever;
      // The day of entry is still running in the new stage: its age-0 hazard applies to it.
      age = 0;
    }
  }

 private:
  const DatedHazards* hazards_;
  std::vector<std::vector<double>> rates_;  // [stage][day x bin]: -log(chance of staying)
};

/// What one scenario says, with the shock of its horizon.
struct Course {
  std::vector<DatedHazards> hazards;  // by group, where groups differ
  std::vector<Walker> walkers;        // by group; one where they do not differ
  std::vector<ShockNode> nodes;
  std::vector<double> created_by;  // running sum by day
};

/// The day of a win whose probability a shock has moved from `chance` to `shifted`: some wins are dropped, or some
/// others made by walking until won.
int shifted_win(int day, double chance, double shifted, RandomStream& random, const std::function<int()>& walk) {
  if (day != kNever) return shifted < chance && random.uniform() >= shifted / chance ? kNever : day;
  if (shifted <= chance || random.uniform() >= (shifted - chance) / (1 - chance)) return kNever;
  for (int attempt = 0; attempt < kMostWalks; ++attempt)
    if (const int won = walk(); won != kNever) return won;
  return kNever;
}

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
  std::vector<double> entry_cumulative = model.stages.stages().entry_shares();
  for (std::size_t j = 1; j < entry_cumulative.size(); ++j) entry_cumulative[j] += entry_cumulative[j - 1];
  const bool deals_enter = !entry_cumulative.empty() && entry_cumulative.back() > 0;

  const std::vector<Scenario> scenarios = draw_scenarios(model, pipeline.first_day, options);
  std::vector<Course> courses;
  for (const Scenario& scenario : scenarios) {
    courses.push_back({{}, {}, shock_nodes(scenario.shock_size, horizon), scenario.created_per_day});
    Course& course = courses.back();
    for (std::size_t g = 0; g < scenario.groups.size(); ++g) course.hazards.push_back(scenario.hazards_of(g));
    for (const DatedHazards& hazards : course.hazards) course.walkers.emplace_back(hazards);
    if (course.walkers.empty()) course.walkers.emplace_back(scenario.hazards);
    auto& sums = courses.back().created_by;
    for (std::size_t day = 1; day < sums.size(); ++day) sums[day] += sums[day - 1];
  }
  // The shock moves the chance of winning within the whole horizon, so that chance must be known.
  const DealCells cells = group_deals(model.stages.stages().hazards(), pipeline, model.groups);
  const std::vector<HorizonPeriod> whole{{{pipeline.as_of, pipeline.as_of + Days{horizon}}, 0, horizon, 0.0}};
  const bool shocked =
      std::any_of(scenarios.begin(), scenarios.end(), [](const Scenario& scenario) { return scenario.shock_size > 0; });
  const WinTable wins = shocked ? tabulate_wins(model, scenarios, cells, whole, {.horizon_days = horizon}) : WinTable{};

  Simulation result;
  for (const HorizonPeriod& period : periods) result.periods.push_back(period.period);
  result.revenue = Matrix(simulation.draws, periods.size());
  std::vector<double> totals(simulation.draws);
  const auto run = [&](std::size_t draw) {
    RandomStream random(options.seed, draw);
    const std::size_t s = draw % scenarios.size();
    const Course& course = courses[s];
    const auto revenue = result.revenue.row(draw);
    for (std::size_t p = 0; p < periods.size(); ++p) revenue[p] = periods[p].booked;
    const auto book = [&](int day, std::optional<double> amount) {
      if (day != kNever)
        revenue[period_of_day[static_cast<std::size_t>(day)]] += amount ? *amount : model.amounts.sample(random);
    };
    double shift = 0;
    if (course.nodes.size() > 1) {
      const double pick = random.uniform();
      double passed = 0;
      for (const ShockNode& node : course.nodes) {
        shift = node.shift;
        if ((passed += node.weight) >= pick) break;
      }
    }
    for (std::size_t i = 0; i < pipeline.deals.size(); ++i) {
      const OpenDeal& deal = pipeline.deals[i];
      const Walker& walker = course.walkers[cells.cells[cells.cell_of_deal[i]].group];
      const auto walk = [&] { return walker.won_on(deal.stage, deal.age_days, 0, random); };
      int day = walk();
      if (shift != 0) {
        const double chance = wins.cell[0](cells.cell_of_deal[i], s);
        day = shifted_win(day, chance, shift_odds(chance, shift), random, walk);
      }
      book(day, deal.amount);
    }
    const double expected = course.created_by.empty() ? 0 : course.created_by.back();
    for (std::size_t g = 0; g < course.walkers.size() && deals_enter && expected > 0; ++g) {
      const bool differ = course.walkers.size() > 1;
      const double share = differ ? model.groups.shares()[g] : 1.0;
      if (share == 0) continue;
      double chance = 0;
      if (shift != 0) {
        // The shock moves the chance of all new deals of a segment alike.
        const std::size_t segment = differ ? model.groups.segment_of_group(g) : 0;
        const double won =
            differ ? wins.new_wins_of[0](segment, s) / model.groups.share_of_segment(segment) : wins.new_wins[0][s];
        chance = std::min(won / expected, 1.0);
      }
      const std::uint64_t created = random.poisson(share * expected);
      const auto walk = [&] {
        const auto when =
            std::lower_bound(course.created_by.begin(), course.created_by.end() - 1, random.uniform() * expected);
        const auto entry = std::upper_bound(entry_cumulative.begin(), entry_cumulative.end() - 1,
                                            random.uniform() * entry_cumulative.back());
        return course.walkers[g].won_on(static_cast<StageId>(entry - entry_cumulative.begin()), 0,
                                        static_cast<int>(when - course.created_by.begin()), random);
      };
      for (std::uint64_t i = 0; i < created; ++i) {
        int day = walk();
        if (shift != 0) day = shifted_win(day, chance, shift_odds(chance, shift), random, walk);
        book(day, std::nullopt);
      }
    }
    for (const double amount : revenue) totals[draw] += amount;
  };
  const std::size_t tasks = (simulation.draws + kDrawsPerTask - 1) / kDrawsPerTask;
  parallel_for(
      tasks,
      [&](std::size_t task) {
        for (std::size_t draw = task * kDrawsPerTask; draw < std::min(simulation.draws, (task + 1) * kDrawsPerTask);
             ++draw)
          run(draw);
      },
      simulation.threads, simulation.progress);
  result.total = RevenueDistribution::from_sample(std::move(totals));
  return result;
}

}  // namespace putki
