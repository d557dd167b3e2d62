#include <putki/forecast/pipeline_coverage.hpp>

#include "forecast/plan_tables.hpp"

#include <algorithm>
#include <cmath>

namespace putki {
namespace {

constexpr int kStepsPerFold = 1000;
constexpr double kMostFolds = 100;
constexpr double kMostDeals = 1e6;

/// Every open deal `steps` / kStepsPerFold times: whole copies, and one more that is there with the chance of the rest.
RevenueProblem folded(const RevenueProblem& problem, int steps) {
  const int copies = steps / kStepsPerFold;
  const double rest = static_cast<double>(steps % kStepsPerFold) / kStepsPerFold;
  RevenueProblem more = problem;
  const std::size_t rows = problem.win.rows();
  more.win = Matrix(2 * rows, problem.win.columns());
  for (std::size_t row = 0; row < rows; ++row)
    for (std::size_t i = 0; i < problem.win.columns(); ++i) {
      more.win(row, i) = problem.win(row, i);
      more.win(rows + row, i) = rest * problem.win(row, i);
    }
  more.deals.clear();
  for (const RevenueProblem::Deal& deal : problem.deals) {
    more.deals.insert(more.deals.end(), static_cast<std::size_t>(copies), deal);
    if (rest > 0) more.deals.push_back({static_cast<std::uint32_t>(rows + deal.cell), deal.amount});
  }
  return more;
}

}  // namespace

PipelineCoverage pipeline_coverage(const PlanTables& tables) {
  const PlanOptions& options = tables.options();
  const RevenueProblem& problem = tables.problem();
  PipelineCoverage result;
  for (const RevenueProblem::Deal& deal : problem.deals)
    result.open_value += deal.amount.value_or(tables.mean_amount());
  result.remaining_target = std::max(options.target - tables.booked(), 0.0);
  result.probability = tables.probability(problem);
  if (result.remaining_target == 0) return result;
  result.coverage = result.open_value / result.remaining_target;

  const double without = tables.probability(folded(problem, 0));
  if (without >= options.confidence) {
    result.required = 0;
    return result;
  }
  if (*std::max_element(tables.open_mean().begin(), tables.open_mean().end()) <= 0) return result;

  const std::size_t splits = tables.splits();
  std::vector<double> mean(splits), variance(splits);
  const auto near = [&](int steps) {
    const double folds = static_cast<double>(steps) / kStepsPerFold;
    for (std::size_t i = 0; i < splits; ++i) {
      mean[i] = folds * tables.open_mean()[i] + problem.new_wins[i] * tables.mean_amount();
      variance[i] = folds * tables.open_variance()[i] + problem.new_wins[i] * tables.mean_square();
    }
    return tables.normal_probability(mean, variance);
  };
  const auto exact = [&](int steps) { return tables.probability(folded(problem, steps)); };
  const double folds = std::min(kMostFolds, kMostDeals / static_cast<double>(problem.deals.size()));
  const int most = static_cast<int>(folds * kStepsPerFold);
  const SmallestNumber found = smallest_number(most, options.confidence, without, exact, near);
  if (found.number <= most) result.required = *result.coverage * found.number / kStepsPerFold;
  return result;
}

PipelineCoverage pipeline_coverage(const ForecastModel& model, const OpenPipeline& pipeline,
                                   const PlanOptions& options) {
  return pipeline_coverage(PlanTables(model, pipeline, options));
}

}  // namespace putki
