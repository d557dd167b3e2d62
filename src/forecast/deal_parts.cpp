#include <putki/forecast/deal_parts.hpp>

#include "forecast/horizon_problems.hpp"
#include "forecast/segment_amounts.hpp"
#include "forecast/win_worth.hpp"

#include <algorithm>

namespace putki {

std::vector<DealPart> deal_parts(const ForecastModel& model, const OpenPipeline& pipeline,
                                 const ForecastOptions& options, DealOrder order) {
  const RevenueProblem problem = std::move(horizon_problems(model, pipeline, options, true).front().problem);
  const std::size_t cells = problem.win.rows(), scenarios = problem.new_wins.size();
  const WinWorth won(problem.amounts, problem.revision);
  std::vector<double> worth(cells), revenue(scenarios);
  for (const auto& deal : problem.deals) worth[deal.cell] += won.mean(deal.amount);
  double mean = 0;
  for (std::size_t s = 0; s < scenarios; ++s) {
    revenue[s] = problem.new_wins[s] * won.mean();
    for (std::size_t c = 0; c < cells; ++c) revenue[s] += problem.win(c, s) * worth[c];
    mean += problem.weights[s] * revenue[s];
  }
  // By cell: the mean chance, the mean of p (1 - p), and how the chance moves with revenue.
  std::vector<double> chance(cells), alone(cells), together(cells);
  for (std::size_t c = 0; c < cells; ++c)
    for (std::size_t s = 0; s < scenarios; ++s) {
      const double p = problem.win(c, s), weight = problem.weights[s];
      chance[c] += weight * p;
      alone[c] += weight * p * (1 - p);
      together[c] += weight * p * (revenue[s] - mean);
    }

  std::vector<DealPart> parts;
  for (std::size_t i = 0; i < pipeline.deals.size(); ++i) {
    const OpenDeal& deal = pipeline.deals[i];
    const std::uint32_t c = problem.deals[i].cell;
    const auto usable = problem.deals[i].amount;
    // Alone a deal draws from the amounts of its own segment.
    const AmountDistribution& own = amounts_of(model, amount_segment(model, deal));
    const WinWorth worth_of(options.uncertain.amounts ? own : own.at_mean(), problem.revision);
    const double amount = worth_of.mean(usable), scatter = worth_of.variance(usable);
    parts.push_back({deal.name, deal.stage, deal.age_days, deal.amount, chance[c], chance[c] * amount,
                     chance[c] * scatter + alone[c] * amount * amount + together[c] * amount});
  }
  std::stable_sort(parts.begin(), parts.end(), [order](const DealPart& a, const DealPart& b) {
    return order == DealOrder::mean ? a.mean > b.mean : a.variance > b.variance;
  });
  return parts;
}

}  // namespace putki
