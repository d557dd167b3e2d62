#include <putki/model/level.hpp>

#include <putki/core/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace putki {
namespace {

constexpr double kHalfLives[] = {2, 4, 8, 16, 32, 64};
/// In units of the prior scale.
constexpr double kDeviations[] = {0.1, 0.3, 0.6, 1.0, 1.5, 2.25};
constexpr double kDispersions[] = {1.0, 1.5, 2.2, 3.3, 5.0};
/// Grid points below this share of the weight are dropped.
constexpr double kLeastWeight = 1e-4;
constexpr double kLargestStep = 1.5;
constexpr double kLargestDayFactor = 4;

/// One day's news: predicts, scores and updates.
void update(Level::Point& point, double& log_likelihood, double count, double expected) {
  const double mean_scale = expected * std::exp(-0.5 * point.deviation * point.deviation);
  const double predicted = mean_scale * std::exp(point.level);
  const double spread = point.dispersion * predicted + predicted * predicted * point.variance;
  log_likelihood -= 0.5 * std::log(spread) + 0.5 * (count - predicted) * (count - predicted) / spread;
  const double prior = point.level;
  double level = prior;
  for (int step = 0; step < 3; ++step) {
    const double mean = mean_scale * std::exp(level);
    level += ((count - mean) / point.dispersion - (level - prior) / point.variance) /
             (1 / point.variance + mean / point.dispersion);
    level = std::clamp(level, prior - kLargestStep, prior + kLargestStep);
  }
  point.level = level;
  point.variance = 1 / (1 / point.variance + mean_scale * std::exp(level) / point.dispersion);
}

}  // namespace

double mirrored_gamma(double shape, RandomStream& random, bool mirrored) {
  if (shape < 1) return shape > 0 ? random.gamma(shape) : 0.0;
  const double z = mirrored ? -random.normal() : random.normal();
  const double root = std::max(1 - 1 / (9 * shape) + z / (3 * std::sqrt(shape)), 0.02);
  return shape * root * root * root;
}

Level::Level(std::vector<Point> points, double typical_count)
    : points_(std::move(points)), typical_count_(typical_count) {}

Level fit_level(std::span<const double> counts, std::span<const double> expected, const LevelOptions& options) {
  if (counts.size() != expected.size())
    throw InvalidArgument(fmt::format("level: {} counts and {} expectations", counts.size(), expected.size()));
  if (!(options.usual_deviation >= 0) || !std::isfinite(options.usual_deviation))
    throw InvalidArgument(fmt::format("level: usual deviation {} is not 0 or more", options.usual_deviation));
  if (options.most_days < 1)
    throw InvalidArgument(fmt::format("level: {} days to look at; 1 or more are needed", options.most_days));
  const auto kept = std::min(counts.size(), static_cast<std::size_t>(options.most_days));
  counts = counts.last(kept);
  expected = expected.last(kept);
  double total = 0, days = 0;
  for (std::size_t t = 0; t < counts.size(); ++t) {
    if (!(counts[t] >= 0) || !std::isfinite(counts[t]) || !(expected[t] >= 0) || !std::isfinite(expected[t]))
      throw InvalidArgument(
          fmt::format("level: count {} or expectation {} of day {} is not 0 or more", counts[t], expected[t], t));
    if (expected[t] < options.least_expected) continue;
    total += expected[t];
    days += 1;
  }
  if (options.usual_deviation == 0) return {};

  std::vector<Level::Point> points;
  std::vector<double> log_weight;
  for (const double half_life : kHalfLives)
    for (const double scaled : kDeviations)
      for (const double dispersion : kDispersions) {
        const double deviation = scaled * options.usual_deviation;
        Level::Point point{.weight = 0,
                           .persistence = std::exp2(-1 / half_life),
                           .deviation = deviation,
                           .dispersion = dispersion,
                           .level = 0,
                           .variance = deviation * deviation};
        double log_likelihood = -0.5 * scaled * scaled - 0.5 * std::log(dispersion) * std::log(dispersion);
        for (std::size_t t = 0; t < counts.size(); ++t) {
          if (t > 0) {
            point.level *= point.persistence;
            point.variance = point.persistence * point.persistence * point.variance +
                             deviation * deviation * (1 - point.persistence * point.persistence);
          }
          if (expected[t] >= options.least_expected) update(point, log_likelihood, counts[t], expected[t]);
        }
        points.push_back(point);
        log_weight.push_back(log_likelihood);
      }

  const double best = *std::max_element(log_weight.begin(), log_weight.end());
  double sum = 0;
  for (std::size_t i = 0; i < points.size(); ++i) sum += points[i].weight = std::exp(log_weight[i] - best);
  std::erase_if(points, [&](const Level::Point& point) { return point.weight < kLeastWeight * sum; });
  sum = 0;
  for (const Level::Point& point : points) sum += point.weight;
  for (Level::Point& point : points) point.weight /= sum;
  return Level(std::move(points), days > 0 ? total / days : 1.0);
}

double Level::expected_factor(int days) const {
  if (points_.empty()) return 1;
  double sum = 0;
  for (const Point& point : points_) {
    const double fade = std::pow(point.persistence, days);
    const double variance = fade * fade * point.variance + point.deviation * point.deviation * (1 - fade * fade);
    sum += point.weight * std::exp(fade * point.level + 0.5 * variance - 0.5 * point.deviation * point.deviation);
  }
  return sum;
}

double Level::expected_dispersion() const {
  double sum = points_.empty() ? 1 : 0;
  for (const Point& point : points_) sum += point.weight * point.dispersion;
  return sum;
}

std::vector<double> Level::draw(RandomStream& random, int days, double where, bool mirrored) const {
  std::vector<double> factors(static_cast<std::size_t>(days), 1.0);
  if (points_.empty()) return factors;
  std::size_t pick = 0;
  for (double passed = points_[0].weight; pick + 1 < points_.size() && passed < where;)
    passed += points_[++pick].weight;
  const Point& point = points_[pick];
  const auto normal = [&] { return mirrored ? -random.normal() : random.normal(); };
  const double innovation = point.deviation * std::sqrt(1 - point.persistence * point.persistence);
  double level = point.level + std::sqrt(point.variance) * normal();
  for (double& factor : factors) {
    level = point.persistence * level + innovation * normal();
    factor = std::exp(level - 0.5 * point.deviation * point.deviation);
  }
  if (point.dispersion > 1) {
    const double shape = typical_count_ / (point.dispersion - 1);
    for (double& factor : factors)
      factor *= std::min(mirrored_gamma(shape, random, mirrored) / shape, kLargestDayFactor);
  }
  return factors;
}

}  // namespace putki
