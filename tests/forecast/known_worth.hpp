#pragma once
/// \file
/// Pipelines and customers whose worth can be worked out by hand.

#include <putki/value/customer_segments.hpp>

#include "forecast/known_pipelines.hpp"

#include <cmath>
#include <optional>
#include <vector>

namespace putki {

inline constexpr double kDaysOfYear = 365.25;

inline double discounted(double annual, double days) {
  return std::pow(1 + annual, -days / kDaysOfYear);
}

/// One open stage; nothing happens until a deal is `age` days old, then it is won (`win`) or else lost.
inline ForecastModel certain_model(int age, double win, AmountDistribution amounts, double new_per_day = 0) {
  StageGraph graph =
      StageGraph::Builder().stage("Open").stage("Won", StageKind::won).stage("Lost", StageKind::lost).build();
  std::vector<StageHazard> stages(3);
  stages[0].targets = {StageId{1}, StageId{2}};
  stages[0].begins = {0, age, age + 1};
  stages[0].hazard = Matrix(3, 2);
  stages[0].hazard(1, 0) = win;
  stages[0].hazard(1, 1) = 1 - win;
  return {DatedModel(StageModel(HazardTable(graph, std::move(stages)), std::vector<Matrix>(3), {1, 0, 0})),
          InflowModel{.per_day = new_per_day, .dispersion = 1, .window_days = 1e9}, std::move(amounts)};
}

/// Renewals of the sBG worth so much of today's money, the first a period after the sale:
/// S(t) = prod_{i < t} (beta + i) / (alpha + beta + i).
inline double sbg_worth(double alpha, double beta, double annual, double period_days) {
  double survival = 1, sum = 0;
  for (int t = 1; t <= 4000; ++t) {
    survival *= (beta + t - 1) / (alpha + beta + t - 1);
    sum += survival * discounted(annual, t * period_days);
  }
  return sum;
}

/// Everybody under yearly contracts, nobody a customer yet.
inline CustomerSegment yearly_contracts(double alpha, double beta, double fee) {
  CustomerSegment segment;
  segment.revenue = CustomerRevenue::of_contracts(Sbg(std::vector<double>{alpha, beta}), {}, 0, kDaysOfYear, fee);
  segment.fee = fee;
  return segment;
}

}  // namespace putki
