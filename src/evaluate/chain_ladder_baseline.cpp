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
/// Share of what a cohort will bring by which its own development can be read.
constexpr double kMatureShare = 0.25;
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
    cumulative(static_cast<std::size_t>(row), static_cast<std::size_t>(column)) +=
        static_cast<double>(win.amount.minor);  // whole minor units: exact, whatever the order of deals
  }
  for (double& amount : cumulative.values()) amount /= 100;
  for (std::size_t i = 0; i < cumulative.rows(); ++i)
    for (std::size_t j = 1; j + i < cumulative.columns(); ++j) cumulative(i, j) += cumulative(i, j - 1);
  return cumulative;
}

/// The first column in which something and, going by the factors, `kMatureShare` of the whole is booked; else the last.
std::size_t first_mature_column(const ChainLadder& ladder) {
  std::size_t first = ladder.factors.size();
  double share = 1;
  for (std::size_t j = ladder.factors.size(); j-- > 0;) {
    share /= ladder.factors[j];
    if (ladder.volumes[j] > 0 && share >= kMatureShare) first = j;
  }
  return first;
}

/// What the last kRecent cohorts that have reached column `to` booked in the columns after `from` (-1: from creation).
struct Increments {
  Moments of_one;
  std::size_t cohorts = 0;
};
Increments recent_increments(const Matrix& triangle, int from, std::size_t to) {
  const std::size_t known = triangle.rows() - to;
  std::vector<double> booked;
  for (std::size_t row = known - std::min(known, kRecent); row < known; ++row)
    booked.push_back(triangle(row, to) - (from < 0 ? 0 : triangle(row, static_cast<std::size_t>(from))));
  Increments result;
  result.cohorts = booked.size();
  const auto count = static_cast<double>(booked.size());
  for (const double amount : booked) result.of_one.mean += amount / count;
  for (const double amount : booked)
    if (booked.size() > 1) result.of_one.variance += std::pow(amount - result.of_one.mean, 2) / (count - 1);
  return result;
}

/// What falls due in the next `ahead` periods from the cohorts of the triangle and those created meanwhile.
Moments due_within(const Matrix& triangle, int ahead) {
  const ChainLadder ladder = fit_chain_ladder(triangle);
  const std::size_t n = triangle.rows(), steps = static_cast<std::size_t>(ahead);
  const std::size_t mature = first_mature_column(ladder);

  Moments due;
  std::vector<Development> cohorts;
  double increment_error = 0;  // of the mean increments, alike for all cohorts that take them
  for (std::size_t row = 0; row < n + steps; ++row) {
    // Rows n and up are created in the horizon, which each row ends in this column.
    const std::size_t end = std::min(n + steps - 1 - row, n - 1);
    const int from = static_cast<int>(n) - 1 - static_cast<int>(row);
    const double booked = row < n ? ladder.latest[row] : 0;
    double error = 0;
    if (from >= static_cast<int>(mature)) {
      cohorts.push_back({booked, static_cast<std::size_t>(from), end});
    } else {
      const std::size_t to = std::min(end, mature);
      const Increments increments = recent_increments(triangle, std::max(from, -1), to);
      cohorts.push_back({booked + increments.of_one.mean, to, end, increments.of_one.variance});
      error = std::sqrt(increments.of_one.variance / static_cast<double>(increments.cohorts));
    }
    const Developed developed = develop(ladder, cohorts.back());
    due.mean += developed.amount - booked;
    due.variance += developed.process_variance;
    if (error > 0) increment_error += error * developed.amount / cohorts.back().amount;
  }
  due.variance += shared_estimation_variance(ladder, cohorts) + increment_error * increment_error;
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
