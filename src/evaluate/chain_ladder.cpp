#include <putki/core/error.hpp>
#include <putki/evaluate/chain_ladder.hpp>

#include "evaluate/development.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace putki {
namespace {

void check_triangle(const Matrix& cumulative) {
  if (cumulative.rows() != cumulative.columns())
    throw InvalidArgument(fmt::format("a development triangle of {} rows and {} columns; it must have as many",
                                      cumulative.rows(), cumulative.columns()));
  for (std::size_t i = 0; i < cumulative.rows(); ++i)
    for (std::size_t j = 0; j + i < cumulative.columns(); ++j)
      if (!(cumulative(i, j) >= 0) || !std::isfinite(cumulative(i, j)))
        throw InvalidArgument(fmt::format("row {}, column {} of a development triangle is {}; amounts are 0 or more", i,
                                          j, cumulative(i, j)));
}

/// Squared relative error of factor j.
double relative_variance(const ChainLadder& ladder, std::size_t column) {
  if (ladder.volumes[column] <= 0 || ladder.factors[column] <= 0) return 0;
  return ladder.variances[column] / (ladder.factors[column] * ladder.factors[column] * ladder.volumes[column]);
}

}  // namespace

ChainLadder fit_chain_ladder(const Matrix& cumulative) {
  check_triangle(cumulative);
  const std::size_t n = cumulative.rows();
  ChainLadder ladder;
  for (std::size_t i = 0; i < n; ++i) ladder.latest.push_back(cumulative(i, n - 1 - i));
  for (std::size_t j = 0; j + 1 < n; ++j) {
    const std::size_t rows = n - 1 - j;
    double before = 0, after = 0, scatter = 0;
    for (std::size_t i = 0; i < rows; ++i) {
      before += cumulative(i, j);
      after += cumulative(i, j + 1);
    }
    const double factor = before > 0 ? after / before : 1;
    for (std::size_t i = 0; i < rows; ++i)
      if (const double amount = cumulative(i, j); amount > 0)
        scatter += amount * std::pow(cumulative(i, j + 1) / amount - factor, 2);
    ladder.volumes.push_back(before);
    ladder.factors.push_back(factor);
    ladder.variances.push_back(rows > 1 ? scatter / static_cast<double>(rows - 1) : 0);
  }
  auto& variances = ladder.variances;
  if (const std::size_t columns = variances.size(); columns >= 3) {
    const double last = variances[columns - 2], before = variances[columns - 3];
    variances.back() = before > 0 ? std::min({last * last / before, before, last}) : 0;
  } else if (columns == 2) {
    variances[1] = variances[0];
  }
  return ladder;
}

Developed develop(const ChainLadder& ladder, const Development& cohort) {
  Developed developed{cohort.amount, cohort.variance, 0};
  double relative = 0;
  for (std::size_t j = cohort.from; j < cohort.to; ++j) {
    const double factor = ladder.factors[j];
    developed.process_variance = factor * factor * developed.process_variance + ladder.variances[j] * developed.amount;
    developed.amount *= factor;
    relative += relative_variance(ladder, j);
  }
  developed.estimation_variance = developed.amount * developed.amount * relative;
  return developed;
}

double shared_estimation_variance(const ChainLadder& ladder, std::span<const Development> cohorts) {
  // A relative error of factor j moves every cohort that passes column j in proportion to where it ends.
  std::vector<double> passing(ladder.factors.size());
  for (const Development& cohort : cohorts) {
    const double end = develop(ladder, cohort).amount;
    for (std::size_t j = cohort.from; j < cohort.to; ++j) passing[j] += end;
  }
  double variance = 0;
  for (std::size_t j = 0; j < passing.size(); ++j) variance += passing[j] * passing[j] * relative_variance(ladder, j);
  return variance;
}

Reserves reserves(const ChainLadder& ladder, std::optional<int> periods) {
  if (periods && *periods < 0)
    throw InvalidArgument(fmt::format("what is due within {} periods; 0 or more are allowed", *periods));
  const std::size_t n = ladder.latest.size();
  std::vector<Development> cohorts;
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t from = n - 1 - i;
    cohorts.push_back({ladder.latest[i], from, std::min(from + static_cast<std::size_t>(periods.value_or(0)), n - 1)});
    if (!periods) cohorts.back().to = n - 1;
  }
  Reserves result;
  double process = 0;
  for (const Development& cohort : cohorts) {
    const Developed developed = develop(ladder, cohort);
    result.cohorts.push_back(
        {developed.amount - cohort.amount, std::sqrt(developed.process_variance + developed.estimation_variance)});
    result.total.amount += developed.amount - cohort.amount;
    process += developed.process_variance;
  }
  result.total.standard_error = std::sqrt(process + shared_estimation_variance(ladder, cohorts));
  return result;
}

}  // namespace putki
