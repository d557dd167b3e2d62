#include <putki/forecast/leads_needed.hpp>

#include <putki/core/parallel.hpp>

#include "forecast/plan_tables.hpp"

#include <functional>
#include <utility>

namespace putki {
namespace {

/// The problem with so many leads of these chances in it.
RevenueProblem with_leads(const RevenueProblem& problem, const WinChances& chances, int leads) {
  RevenueProblem more = problem;
  const std::size_t rows = problem.win.rows(), columns = chances.size();
  more.win = Matrix(rows + 1, columns);
  for (std::size_t row = 0; row < rows; ++row)
    std::copy(problem.win.row(row).begin(), problem.win.row(row).end(), more.win.row(row).begin());
  std::copy(chances.begin(), chances.end(), more.win.row(rows).begin());
  more.deals.resize(problem.deals.size() + static_cast<std::size_t>(leads),
                    {static_cast<std::uint32_t>(rows), std::nullopt});
  return more;
}

LeadsNeeded answer(const PlanTables& tables, const RevenueProblem& base, double as_things_stand,
                   const WinChances& chances) {
  LeadsNeeded needed{.probability = as_things_stand,
                     .probability_with_one_fewer = as_things_stand,
                     .win_chance = tables.mean(chances)};
  if (as_things_stand >= tables.options().confidence) return needed;
  const double amount = tables.mean_amount(), square = tables.mean_square();
  if (needed.win_chance <= 0 || amount <= 0) {
    needed.answer = LeadsAnswer::too_late;
    return needed;
  }

  const int most = tables.options().most_leads;
  std::vector<double> mean(chances.size()), variance(chances.size());
  const auto near = [&](int leads) {
    for (std::size_t i = 0; i < chances.size(); ++i) {
      const double wins = leads * chances[i];
      mean[i] = tables.open_mean()[i] + base.new_wins[i] * amount + wins * amount;
      variance[i] =
          tables.open_variance()[i] + base.new_wins[i] * square + wins * (square - chances[i] * amount * amount);
    }
    return tables.normal_probability(mean, variance);
  };
  const auto exact = [&](int leads) { return tables.probability(with_leads(base, chances, leads)); };
  const SmallestNumber found = smallest_number(most, tables.options().confidence, as_things_stand, exact, near);
  if (found.number > most) {
    needed.answer = LeadsAnswer::beyond_limit;
    needed.leads = most;
    needed.probability = found.one_fewer;
    needed.probability_with_one_fewer = found.one_fewer;
    return needed;
  }
  needed.answer = LeadsAnswer::needed;
  needed.leads = found.number;
  needed.probability = found.probability;
  needed.probability_with_one_fewer = found.one_fewer;
  return needed;
}

/// The last day of the horizon on which the chance is at least so much; above 0 when that is 0.
std::optional<Day> last_day(Day first_day, const std::vector<double>& chances, double least) {
  for (std::size_t day = chances.size(); day-- > 0;)
    if (least > 0 ? chances[day] >= least : chances[day] > 0) return first_day + Days{day};
  return std::nullopt;
}

}  // namespace

LeadsPlan leads_needed(const PlanTables& tables) {
  const PlanOptions& options = tables.options();
  const StageGraph& graph = tables.model().stages.graph();
  const Day first_day = tables.pipeline().first_day;
  RevenueProblem base = tables.problem();
  if (options.in_place_of_inflow) std::fill(base.new_wins.begin(), base.new_wins.end(), 0.0);

  LeadsPlan plan;
  plan.probability = tables.probability(base);
  const std::vector<double> by_day = tables.chance_by_day();
  plan.last_day = last_day(first_day, by_day, options.least_chance);
  plan.last_day_at_all = last_day(first_day, by_day, 0);

  std::vector<std::pair<LeadsNeeded*, WinChances>> questions;
  for (std::size_t j = 0; j < graph.stage_count(); ++j) {
    const auto stage = static_cast<StageId>(j);
    if (graph.kind(stage) != StageKind::open) continue;
    const std::vector<double> chances = tables.chance_by_day(stage);
    plan.stages.push_back(
        {stage, {}, last_day(first_day, chances, options.least_chance), last_day(first_day, chances, 0)});
  }
  const std::vector<HorizonPeriod> weeks = horizon_weeks(tables.pipeline(), options);
  for (const HorizonPeriod& week : weeks) plan.weeks.push_back({week.period, {}});

  for (StageLeads& stage : plan.stages) questions.emplace_back(&stage.today, tables.today(stage.stage));
  for (std::size_t w = 0; w < weeks.size(); ++w)
    questions.emplace_back(&plan.weeks[w].needed, tables.entering(weeks[w].begin, weeks[w].end, true));
  questions.emplace_back(&plan.evenly, tables.entering(0, options.forecast.horizon_days, false));
  parallel_for(
      questions.size(),
      [&](std::size_t q) { *questions[q].first = answer(tables, base, plan.probability, questions[q].second); },
      options.forecast.threads, options.forecast.progress);
  return plan;
}

LeadsPlan leads_needed(const ForecastModel& model, const OpenPipeline& pipeline, const PlanOptions& options) {
  return leads_needed(PlanTables(model, pipeline, options));
}

}  // namespace putki
