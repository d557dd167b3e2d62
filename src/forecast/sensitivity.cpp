#include <putki/core/parallel.hpp>
#include <putki/forecast/sensitivity.hpp>
#include <putki/model/eventual_shares.hpp>
#include <putki/model/passage_gradient.hpp>

#include "forecast/scenarios.hpp"
#include "forecast/segment_amounts.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace putki {
namespace {

constexpr double kStep = 0.01;

/// Derivative of shift_odds by the probability, averaged over the nodes.
double slope_of_shift(double probability, const std::vector<ShockNode>& nodes) {
  double slope = 0;
  for (const ShockNode& node : nodes) {
    const double odds = std::exp(node.shift), base = 1 - probability + probability * odds;
    slope += node.weight * odds / (base * base);
  }
  return slope;
}

double shifted(double probability, const std::vector<ShockNode>& nodes) {
  double mean = 0;
  for (const ShockNode& node : nodes) mean += node.weight * shift_odds(probability, node.shift);
  return mean;
}

/// What one scenario's expected revenue is and how it answers, or the mean of that over scenarios.
struct Answer {
  std::vector<std::vector<double>> by_odds;  // [stage][target]: per log of the odds
  std::vector<double> by_pace;               // [stage]
  double open = 0, created = 0;              // expected revenue
  double deals_created = 0;
};

/// How revenue answers to a stage's odds and pace, given how it answers to every chance.
void add_stage(const DatedHazards::Exits& exits, const std::vector<double>& by_chance,
               const std::vector<double>& by_stay, std::vector<double>& by_odds, double& by_pace) {
  const std::size_t targets = exits.targets.size();
  for (std::size_t i = 0; i < by_stay.size(); ++i) {
    const double* const chances = exits.chances.data() + i * targets;
    const double* const slopes = by_chance.data() + i * targets;
    double leaving = 0, sum = 0;
    for (std::size_t k = 0; k < targets; ++k) {
      leaving += chances[k];
      sum += chances[k] * slopes[k];
    }
    if (leaving <= 0) continue;
    for (std::size_t k = 0; k < targets; ++k) by_odds[k] += chances[k] * (slopes[k] - sum / leaving);
    // stay^pace and, with it, chances x (1 - stay^pace) / (1 - stay)
    if (const double stay = exits.stay[i]; stay > 0 && stay < 1) {
      const double change = stay * std::log(stay);
      by_pace += change * by_stay[i] - change / (1 - stay) * sum;
    }
  }
}

Answer answer_of(const Scenario& scenario, const ForecastModel& model, const DealCells& cells,
                 const std::vector<double>& worth, int days) {
  const std::vector<double>& shares = model.stages.stages().entry_shares();
  const std::vector<ShockNode> nodes = shock_nodes(scenario.shock, 0, days);
  const std::size_t groups = std::max<std::size_t>(scenario.groups.size(), 1);
  Answer answer;
  answer.deals_created = std::accumulate(scenario.created_per_day.begin(), scenario.created_per_day.end(), 0.0);
  answer.by_odds.resize(shares.size());
  answer.by_pace.assign(shares.size(), 0.0);
  for (std::size_t j = 0; j < shares.size(); ++j)
    answer.by_odds[j].assign(scenario.hazards.exits(static_cast<StageId>(j)).targets.size(), 0.0);

  const auto share_of = [&](std::size_t group) { return scenario.groups.empty() ? 1.0 : model.groups.shares()[group]; };
  const auto segment_of = [&](std::size_t group) {
    return scenario.groups.empty() ? 0 : model.groups.segment_of_group(group);
  };
  // The shock moves the chance of all new deals of a segment alike.
  std::vector<DatedHazards> hazards;
  std::vector<DatedPassage> passages;
  std::vector<double> wins(segment_of(groups - 1) + 1), created(wins.size());
  for (std::size_t g = 0; g < groups; ++g) {
    hazards.push_back(scenario.hazards_of(g));
    passages.emplace_back(hazards.back(), days);
    created[segment_of(g)] += share_of(g) * answer.deals_created;
    for (int day = 0; day < days; ++day)
      for (std::size_t j = 0; j < shares.size(); ++j)
        if (shares[j] > 0)
          wins[segment_of(g)] += share_of(g) * scenario.created_per_day[static_cast<std::size_t>(day)] * shares[j] *
                                 passages.back().from_entry(static_cast<StageId>(j), day);
  }
  const auto chance_of = [&](std::size_t segment) {
    return created[segment] > 0 ? std::min(wins[segment] / created[segment], 1.0) : 0.0;
  };
  // Where hazards are common to all, new deals bring the mean over the segments' shares.
  const auto amount_of = [&](std::size_t segment) {
    if (model.segment_amounts.empty() || !scenario.groups.empty()) return amounts_of(model, segment).mean();
    double mean = 0;
    for (std::size_t of = 0; of < model.segment_amounts.size(); ++of)
      mean += model.groups.share_of_segment(of) * model.segment_amounts[of].mean();
    return mean;
  };
  for (std::size_t segment = 0; segment < wins.size(); ++segment)
    answer.created += amount_of(segment) * created[segment] * shifted(chance_of(segment), nodes);

  for (std::size_t g = 0; g < groups; ++g) {
    std::vector<PassageGradient::Start> starts;
    for (std::size_t c = 0; c < cells.cells.size(); ++c) {
      const auto& cell = cells.cells[c];
      if (cell.group != g) continue;
      const double chance = passages[g].from_age(cell.stage, cell.age);
      answer.open += worth[c] * shifted(chance, nodes);
      starts.push_back({cell.stage, cell.age, worth[c] * slope_of_shift(chance, nodes)});
    }
    Matrix entries(static_cast<std::size_t>(days), shares.size());
    const double slope = amount_of(segment_of(g)) * share_of(g) * slope_of_shift(chance_of(segment_of(g)), nodes);
    for (std::size_t day = 0; day < entries.rows(); ++day)
      for (std::size_t j = 0; j < shares.size(); ++j)
        entries(day, j) = slope * scenario.created_per_day[day] * shares[j];
    const PassageGradient gradient(hazards[g], passages[g], days, starts, entries);
    for (std::size_t j = 0; j < shares.size(); ++j) {
      const auto stage = static_cast<StageId>(j);
      const DatedHazards::Exits& exits = hazards[g].exits(stage);
      if (!exits.targets.empty())
        add_stage(exits, gradient.by_chance(stage), gradient.by_stay(stage), answer.by_odds[j], answer.by_pace[j]);
    }
  }
  return answer;
}

Answer mean_of(const std::vector<Answer>& answers) {
  Answer mean = answers.front();
  const double share = 1 / static_cast<double>(answers.size());
  for (std::size_t s = 1; s < answers.size(); ++s) {
    mean.open += answers[s].open;
    mean.created += answers[s].created;
    mean.deals_created += answers[s].deals_created;
    for (std::size_t j = 0; j < mean.by_pace.size(); ++j) {
      mean.by_pace[j] += answers[s].by_pace[j];
      for (std::size_t k = 0; k < mean.by_odds[j].size(); ++k) mean.by_odds[j][k] += answers[s].by_odds[j][k];
    }
  }
  mean.open *= share;
  mean.created *= share;
  mean.deals_created *= share;
  for (std::size_t j = 0; j < mean.by_pace.size(); ++j) {
    mean.by_pace[j] *= share;
    for (double& value : mean.by_odds[j]) value *= share;
  }
  return mean;
}

}  // namespace

std::vector<Lever> levers(const ForecastModel& model, const OpenPipeline& pipeline, const ForecastOptions& options) {
  check_forecast_input(model, pipeline, options);
  const std::vector<Scenario> scenarios = draw_scenarios(model, pipeline.first_day, options);
  const DealCells cells = group_deals(model, pipeline);
  std::vector<double> worth(cells.cells.size());
  for (std::size_t i = 0; i < pipeline.deals.size(); ++i) {
    const auto usable = model.revision.usable(pipeline.deals[i].amount);
    worth[cells.cell_of_deal[i]] += usable ? *usable * model.revision.moment(1)
                                           : amounts_of(model, amount_segment(model, pipeline.deals[i])).mean();
  }
  std::vector<Answer> answers(scenarios.size());
  parallel_for(
      scenarios.size(),
      [&](std::size_t s) { answers[s] = answer_of(scenarios[s], model, cells, worth, options.horizon_days); },
      options.threads, options.progress);
  const Answer answer = mean_of(answers);

  std::vector<Lever> levers;
  for (std::size_t j = 0; j < answer.by_pace.size(); ++j) {
    const auto stage = static_cast<StageId>(j);
    const EventualShares now = eventual_shares(model.stages, stage);
    for (std::size_t k = 0; k < now.targets.size(); ++k) {
      const double per_log_odds = share_per_log_odds(model.stages, stage, now.targets[k]);
      if (per_log_odds > 1e-12)
        levers.push_back({.kind = Lever::Kind::conversion,
                          .from = stage,
                          .to = now.targets[k],
                          .now = now.shares[k],
                          .money = kStep * answer.by_odds[j][k] / per_log_odds});
    }
    // 1 % less: the pace that takes it off the average stay.
    const double per_log_pace = days_per_log_pace(model.stages, stage), faster = std::isinf(now.days) ? 1
                                                                                 : per_log_pace < 0
                                                                                     ? -now.days / per_log_pace
                                                                                     : 0;
    if (!now.targets.empty() && now.days > 0)
      levers.push_back(
          {.kind = Lever::Kind::delay, .from = stage, .now = now.days, .money = kStep * faster * answer.by_pace[j]});
  }
  levers.push_back({.kind = Lever::Kind::inflow, .now = answer.deals_created, .money = kStep * answer.created});
  levers.push_back(
      {.kind = Lever::Kind::amounts, .now = model.amounts.mean(), .money = kStep * (answer.open + answer.created)});
  std::stable_sort(levers.begin(), levers.end(),
                   [](const Lever& a, const Lever& b) { return std::abs(a.money) > std::abs(b.money); });
  return levers;
}

}  // namespace putki
