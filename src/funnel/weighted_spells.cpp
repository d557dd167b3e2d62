#include "funnel/weighted_spells.hpp"

#include <algorithm>
#include <numeric>

namespace putki {
namespace {

// At a distinct time of ends, up to the horizon.
struct RiskStep {
  double time, at_risk, hazard, won_hazard, survival_before, won_after, area_after;
  double won_sum, end_won_sum, end_area_sum;  // running sums of the three compensators
};

}  // namespace

SpellOutcome spell_outcome(const std::vector<WeightedSpell>& spells, double horizon) {
  std::vector<std::size_t> order(spells.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return spells[a].time < spells[b].time; });
  // Added from the longest down, so that nothing is lost where few are left.
  std::vector<double> at_risk(order.size() + 1);
  for (std::size_t i = order.size(); i-- > 0;) at_risk[i] = at_risk[i + 1] + spells[order[i]].weight;

  std::vector<RiskStep> steps;
  double survival = 1.0, won = 0.0, area = 0.0, from = 0.0;
  for (std::size_t i = 0; i < order.size();) {
    const double time = spells[order[i]].time;
    if (time > horizon) break;
    double ends = 0.0, wins = 0.0;
    std::size_t next = i;
    for (; next < order.size() && spells[order[next]].time == time; ++next) {
      const WeightedSpell& spell = spells[order[next]];
      if (spell.end != SpellEnd::censored) ends += spell.weight;
      if (spell.end == SpellEnd::won) wins += spell.weight;
    }
    if (ends > 0.0) {
      const double hazard = std::min(1.0, ends / at_risk[i]), won_hazard = wins / at_risk[i];
      area += survival * (time - from);
      from = time;
      won += survival * won_hazard;
      steps.push_back({time, at_risk[i], hazard, won_hazard, survival, won, area, 0, 0, 0});
      survival *= 1.0 - hazard;
    }
    i = next;
  }
  area += survival * (horizon - from);

  SpellOutcome result{.won = won,
                      .mean_days = area,
                      .won_influence = std::vector<double>(spells.size()),
                      .days_influence = std::vector<double>(spells.size())};
  const auto per_end = [](const RiskStep& step) {
    return step.hazard < 1.0 ? 1.0 / (step.at_risk * (1.0 - step.hazard)) : 0.0;
  };
  double won_sum = 0, end_won_sum = 0, end_area_sum = 0;
  for (RiskStep& step : steps) {
    step.won_sum = won_sum += step.survival_before * step.won_hazard / step.at_risk;
    step.end_won_sum = end_won_sum += step.hazard * (won - step.won_after) * per_end(step);
    step.end_area_sum = end_area_sum += step.hazard * (area - step.area_after) * per_end(step);
  }
  for (std::size_t i = 0; i < spells.size(); ++i) {
    const WeightedSpell& spell = spells[i];
    const auto after =
        std::partition_point(steps.begin(), steps.end(), [&](const RiskStep& step) { return step.time <= spell.time; });
    if (after == steps.begin()) continue;
    const RiskStep& step = *(after - 1);
    double won_change = step.end_won_sum - step.won_sum, days_change = step.end_area_sum;
    if (spell.end != SpellEnd::censored && step.time == spell.time) {
      if (spell.end == SpellEnd::won) won_change += step.survival_before / step.at_risk;
      won_change -= (won - step.won_after) * per_end(step);
      days_change -= (area - step.area_after) * per_end(step);
    }
    result.won_influence[i] = spell.weight * won_change;
    result.days_influence[i] = spell.weight * days_change;
  }
  return result;
}

}  // namespace putki
