#include <putki/core/error.hpp>
#include <putki/evaluate/baselines.hpp>
#include <putki/evaluate/chain_ladder.hpp>

#include "core/normal_quantile.hpp"
#include "evaluate/development.hpp"
#include "evaluate/past_revenue.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace putki {
namespace {

constexpr int kWeek = 7, kMonth = 28;
/// Months that make a history long enough to count in them.
constexpr int kEnoughMonths = 12;
constexpr int kMostPeriods = 60;
/// Recent cohorts whose mean stands for those of which nothing is known yet.
constexpr std::size_t kRecent = 8;
/// Steps of a log-normal distribution.
constexpr int kSteps = 400;

struct Moments {
  double mean = 0;
  double variance = 0;
};

/// Cumulative bookings by creation period and periods since; the last diagonal ends with the history.
Matrix booking_triangle(const PastRevenue& past, int period, int periods) {
  Matrix cumulative(static_cast<std::size_t>(periods), static_cast<std::size_t>(periods));
  const int begin = past.days() - period * periods;
  for (const auto& win : past.wins()) {
    if (win.created < begin) continue;
    const int row = (win.created - begin) / period, column = (win.won - begin) / period - row;
    cumulative(static_cast<std::size_t>(row), static_cast<std::size_t>(column)) += win.amount;
  }
  for (std::size_t i = 0; i < cumulative.rows(); ++i)
    for (std::size_t j = 1; j + i < cumulative.columns(); ++j) cumulative(i, j) += cumulative(i, j - 1);
  return cumulative;
}

/// What falls due in the next `ahead` periods from the cohorts of the triangle and those created meanwhile.
Moments due_within(const Matrix& triangle, int ahead) {
  const ChainLadder ladder = fit_chain_ladder(triangle);
  const std::size_t n = triangle.rows(), steps = static_cast<std::size_t>(ahead);
  std::size_t start = 0;  // the first column with any booking
  while (start + 1 < n && ladder.volumes[start] <= 0) ++start;

  Moments entering;
  std::size_t recent = 0;
  const std::size_t known = n - start;  // rows that have reached the column
  for (std::size_t i = known - std::min(known, kRecent); i < known; ++i, ++recent) entering.mean += triangle(i, start);
  entering.mean /= static_cast<double>(recent);
  for (std::size_t i = known - recent; i < known && recent > 1; ++i)
    entering.variance += std::pow(triangle(i, start) - entering.mean, 2) / static_cast<double>(recent - 1);

  // Rows n and up are created in the horizon; each row is carried to the column it has reached at the end.
  Moments due;
  std::vector<Development> cohorts;
  double entering_exposure = 0;
  for (std::size_t row = 0; row < n + steps; ++row) {
    const std::size_t end = n + steps - 1 - row;  // column at the end of the horizon
    if (row < known) {
      const std::size_t from = n - 1 - row;
      cohorts.push_back({ladder.latest[row], from, std::min(end, n - 1)});
      due.mean -= ladder.latest[row];
    } else if (end >= start) {
      cohorts.push_back({entering.mean, start, std::min(end, n - 1), entering.variance});
    } else {
      continue;
    }
    const Developed developed = develop(ladder, cohorts.back());
    due.mean += developed.amount;
    due.variance += developed.process_variance;
    if (row >= known && entering.mean > 0) entering_exposure += developed.amount / entering.mean;
  }
  due.variance += shared_estimation_variance(ladder, cohorts);
  // The mean of recent cohorts is itself uncertain, alike for all that take it.
  due.variance += entering_exposure * entering_exposure * entering.variance / static_cast<double>(recent);
  return due;
}

RevenueDistribution log_normal(const Moments& moments) {
  if (!(moments.mean > 0)) return {};
  if (!(moments.variance > 0)) return RevenueDistribution::from_atoms({moments.mean}, {1});
  const double sigma = std::sqrt(std::log1p(moments.variance / (moments.mean * moments.mean)));
  // Mean of each of kSteps equal slices: mean kSteps (Phi(z_2 - sigma) - Phi(z_1 - sigma)), by survival functions,
  // which keep their digits in the upper tail.
  const auto survival = [](double z) { return std::erfc(z / std::numbers::sqrt2) / 2; };
  std::vector<double> values;
  double above = 1;
  for (int i = 1; i <= kSteps; ++i) {
    const double next = i < kSteps ? survival(normal_quantile(static_cast<double>(i) / kSteps) - sigma) : 0.0;
    values.push_back(moments.mean * kSteps * (above - next));
    above = next;
  }
  return RevenueDistribution::from_sample(std::move(values));
}

}  // namespace

RevenueDistribution chain_ladder(const AsOf& view, int horizon_days) {
  if (horizon_days < 1 || horizon_days > 3'660)
    throw InvalidArgument(fmt::format("horizon is {} days; allowed are 1 to 3660", horizon_days));
  const PastRevenue past(view);
  const int period = past.days() >= kEnoughMonths * kMonth ? kMonth : kWeek;
  const int periods = std::min(past.days() / period, kMostPeriods);
  if (periods == 0) return {};
  const Matrix triangle = booking_triangle(past, period, periods);
  const int whole = horizon_days / period;
  Moments due = due_within(triangle, whole);
  if (const int rest = horizon_days % period; rest > 0) {
    const Moments next = due_within(triangle, whole + 1);
    const double share = static_cast<double>(rest) / period;
    due.mean += share * (next.mean - due.mean);
    due.variance += share * (next.variance - due.variance);
  }
  return log_normal(due);
}

}  // namespace putki
