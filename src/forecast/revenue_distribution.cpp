#include <putki/core/error.hpp>
#include <putki/forecast/revenue_distribution.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace putki {

RevenueDistribution::RevenueDistribution() : points_{0.0}, cumulative_{1.0} {}

RevenueDistribution RevenueDistribution::from_atoms(std::vector<double> values, std::vector<double> probabilities) {
  if (values.empty() || values.size() != probabilities.size())
    throw InvalidArgument(
        fmt::format("a distribution needs as many values as probabilities, at least one; given are {} and {}",
                    values.size(), probabilities.size()));
  double total = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) throw InvalidArgument(fmt::format("revenue {} is not finite", values[i]));
    if (!(probabilities[i] >= 0))
      throw InvalidArgument(fmt::format("probability {} of revenue {} is below 0", probabilities[i], values[i]));
    total += probabilities[i];
  }
  if (!(total > 0) || !std::isfinite(total)) throw InvalidArgument(fmt::format("probabilities sum to {}", total));

  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (!std::is_sorted(values.begin(), values.end()))
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });

  RevenueDistribution distribution;
  distribution.points_.clear();
  distribution.cumulative_.clear();
  double running = 0, mean = 0;
  for (const std::size_t i : order) {
    running += probabilities[i];
    mean += probabilities[i] * values[i];
    if (distribution.points_.empty() || values[i] != distribution.points_.back()) {
      distribution.points_.push_back(values[i]);
      distribution.cumulative_.push_back(0);
    }
    distribution.cumulative_.back() = running / total;
  }
  distribution.cumulative_.back() = 1;
  distribution.mean_ = mean / total;
  double variance = 0;
  for (std::size_t i = 0; i < values.size(); ++i)
    variance += probabilities[i] * (values[i] - distribution.mean_) * (values[i] - distribution.mean_);
  distribution.sd_ = std::sqrt(variance / total);
  return distribution;
}

RevenueDistribution RevenueDistribution::from_sample(std::vector<double> values) {
  std::vector<double> weights(values.size(), 1.0);
  RevenueDistribution distribution = from_atoms(std::move(values), std::move(weights));
  distribution.form_ = Form::sample;
  return distribution;
}

RevenueDistribution RevenueDistribution::from_cosine(double lower, double upper, std::vector<double> coefficients,
                                                     double mean, double sd) {
  if (!(lower < upper) || coefficients.empty())
    throw InvalidArgument(fmt::format("a cosine series needs a window and terms; given are [{}, {}] and {}", lower,
                                      upper, coefficients.size()));
  RevenueDistribution distribution;
  distribution.form_ = Form::cosine;
  distribution.points_.clear();
  distribution.cumulative_.clear();
  distribution.lower_ = lower;
  distribution.upper_ = upper;
  distribution.coefficients_ = std::move(coefficients);
  distribution.mean_ = mean;
  distribution.sd_ = sd;
  return distribution;
}

double RevenueDistribution::cdf(double x) const {
  if (form_ != Form::cosine) {
    const auto above = std::upper_bound(points_.begin(), points_.end(), x);
    return above == points_.begin() ? 0.0 : cumulative_[static_cast<std::size_t>(above - points_.begin()) - 1];
  }
  if (x <= lower_) return 0;
  if (x >= upper_) return 1;
  // sum_k b_k sin(k theta) by Clenshaw's recurrence, b_k = coefficient / (k pi)
  const double u = (x - lower_) / (upper_ - lower_), theta = std::numbers::pi * u, twice_cos = 2 * std::cos(theta);
  double next = 0, after = 0;
  for (std::size_t k = coefficients_.size() - 1; k >= 1; --k) {
    const double here = coefficients_[k] / (static_cast<double>(k) * std::numbers::pi) + twice_cos * next - after;
    after = next;
    next = here;
  }
  return std::clamp(coefficients_[0] * u / 2 + next * std::sin(theta), 0.0, 1.0);
}

double RevenueDistribution::probability_at_least(double x) const {
  if (form_ == Form::cosine) return 1 - cdf(x);
  const auto at = std::lower_bound(points_.begin(), points_.end(), x);
  return at == points_.begin() ? 1.0 : 1 - cumulative_[static_cast<std::size_t>(at - points_.begin()) - 1];
}

double RevenueDistribution::quantile(double p) const {
  if (!(p >= 0 && p <= 1)) throw InvalidArgument(fmt::format("quantile of probability {}; allowed are 0 to 1", p));
  if (form_ != Form::cosine) {
    const auto found = std::lower_bound(cumulative_.begin(), cumulative_.end(), p);
    return points_[std::min(static_cast<std::size_t>(found - cumulative_.begin()), points_.size() - 1)];
  }
  double low = lower_, high = upper_;
  while (high - low > 1e-12 * (upper_ - lower_)) {
    const double middle = low + (high - low) / 2;
    (cdf(middle) >= p ? high : low) = middle;
  }
  return high;
}

RevenueDistribution RevenueDistribution::shifted(double amount) const {
  RevenueDistribution moved = *this;
  moved.mean_ += amount;
  moved.lower_ += amount;
  moved.upper_ += amount;
  for (double& point : moved.points_) point += amount;
  return moved;
}

}  // namespace putki
