#include <putki/core/error.hpp>
#include <putki/forecast/joint.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace putki {
namespace {

std::size_t draws_that_reach(const Simulation& simulation, std::span<const double> targets) {
  const Matrix& revenue = simulation.revenue;
  if (targets.size() != revenue.columns())
    throw InvalidArgument(fmt::format("{} targets for {} periods", targets.size(), revenue.columns()));
  for (const double target : targets)
    if (std::isnan(target)) throw InvalidArgument("a target is not a number");
  std::size_t reached = 0;
  for (std::size_t draw = 0; draw < revenue.rows(); ++draw)
    reached += std::equal(targets.begin(), targets.end(), revenue.row(draw).begin(),
                          [](double target, double value) { return value >= target; });
  return reached;
}

JointProbability share_of(std::size_t count, std::size_t draws) {
  return {static_cast<double>(count) / static_cast<double>(draws),
          wilson_interval(static_cast<double>(count), static_cast<double>(draws))};
}

}  // namespace

JointProbability probability_of_all(const Simulation& simulation, std::span<const double> targets) {
  return share_of(draws_that_reach(simulation, targets), simulation.revenue.rows());
}

JointProbability probability_of_any_short(const Simulation& simulation, std::span<const double> targets) {
  const std::size_t draws = simulation.revenue.rows();
  return share_of(draws - draws_that_reach(simulation, targets), draws);
}

RevenueDistribution revenue_of(const Simulation& simulation, std::span<const std::size_t> periods) {
  const Matrix& revenue = simulation.revenue;
  if (periods.empty()) throw InvalidArgument("revenue of no period; at least one is needed");
  std::vector<bool> taken(revenue.columns());
  for (const std::size_t period : periods) {
    if (period >= revenue.columns())
      throw InvalidArgument(fmt::format("period {}; allowed are 0 to {}", period, revenue.columns() - 1));
    if (taken[period]) throw InvalidArgument(fmt::format("period {} is given twice", period));
    taken[period] = true;
  }
  std::vector<double> sums(revenue.rows());
  for (std::size_t draw = 0; draw < sums.size(); ++draw)
    for (const std::size_t period : periods) sums[draw] += revenue(draw, period);
  return RevenueDistribution::from_sample(std::move(sums));
}

Matrix period_correlation(const Simulation& simulation) {
  const Matrix& revenue = simulation.revenue;
  const std::size_t periods = revenue.columns();
  const double draws = static_cast<double>(revenue.rows());
  std::vector<double> mean(periods);
  for (std::size_t draw = 0; draw < revenue.rows(); ++draw)
    for (std::size_t p = 0; p < periods; ++p) mean[p] += revenue(draw, p) / draws;
  Matrix moment(periods, periods), correlation(periods, periods);
  for (std::size_t draw = 0; draw < revenue.rows(); ++draw)
    for (std::size_t p = 0; p < periods; ++p)
      for (std::size_t q = 0; q <= p; ++q) moment(p, q) += (revenue(draw, p) - mean[p]) * (revenue(draw, q) - mean[q]);
  for (std::size_t p = 0; p < periods; ++p)
    for (std::size_t q = 0; q <= p; ++q) {
      const double scale = std::sqrt(moment(p, p) * moment(q, q));
      correlation(p, q) = correlation(q, p) = p == q ? 1.0 : scale > 0 ? moment(p, q) / scale : 0.0;
    }
  return correlation;
}

}  // namespace putki
