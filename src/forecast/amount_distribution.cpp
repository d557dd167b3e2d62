#include <putki/core/error.hpp>
#include <putki/forecast/amount_distribution.hpp>

#include "core/normal_quantile.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace putki {
namespace {

/// What is believed about the deviation of log amounts, and how many amounts that belief is worth.
constexpr double kUsualLogDeviation = 0.8, kPriorAmounts = 4;
constexpr double kLargestLogDeviation = 5;

double normal_cdf(double x) {
  return 0.5 * std::erfc(-x / std::sqrt(2.0));
}

}  // namespace

AmountDistribution AmountDistribution::from_values(std::vector<double> values) {
  AmountDistribution distribution;
  if (values.empty()) return distribution;
  for (const double value : values)
    if (!(value >= 0) || !std::isfinite(value)) throw InvalidArgument(fmt::format("amount {} is not 0 or more", value));
  std::sort(values.begin(), values.end());
  distribution.values_.clear();
  distribution.cumulative_.clear();
  const double count = static_cast<double>(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (distribution.values_.empty() || values[i] != distribution.values_.back()) {
      distribution.values_.push_back(values[i]);
      distribution.cumulative_.push_back(0);
    }
    distribution.cumulative_.back() = static_cast<double>(i + 1) / count;
  }
  return distribution;
}

AmountDistribution AmountDistribution::from_weighted(std::vector<double> values, std::vector<double> weights) {
  AmountDistribution distribution;
  if (values.size() != weights.size())
    throw InvalidArgument(fmt::format("{} amounts and {} weights", values.size(), weights.size()));
  if (values.empty()) return distribution;
  double total = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!(values[i] >= 0) || !std::isfinite(values[i]))
      throw InvalidArgument(fmt::format("amount {} is not 0 or more", values[i]));
    if (!(weights[i] >= 0) || !std::isfinite(weights[i]))
      throw InvalidArgument(fmt::format("weight {} of amount {} is not 0 or more", weights[i], values[i]));
    total += weights[i];
  }
  if (!(total > 0)) throw InvalidArgument("amounts whose weights are all 0; one above 0 is needed");
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  distribution.values_.clear();
  distribution.cumulative_.clear();
  double passed = 0;
  for (const std::size_t i : order) {
    if (weights[i] == 0) continue;
    passed += weights[i];
    if (distribution.values_.empty() || values[i] != distribution.values_.back()) {
      distribution.values_.push_back(values[i]);
      distribution.cumulative_.push_back(0);
    }
    distribution.cumulative_.back() = std::min(passed / total, 1.0);
  }
  distribution.cumulative_.back() = 1;
  return distribution;
}

AmountDistribution AmountDistribution::log_normal(double mean, double log_deviation, int atoms) {
  if (!(mean >= 0) || !std::isfinite(mean))
    throw InvalidArgument(fmt::format("log-normal amounts of mean {}; it must be 0 or more", mean));
  if (!(log_deviation >= 0 && log_deviation <= kLargestLogDeviation))
    throw InvalidArgument(fmt::format("log-normal amounts of log-deviation {}; allowed are 0 to {}", log_deviation,
                                      kLargestLogDeviation));
  if (atoms < 1) throw InvalidArgument(fmt::format("{} atoms of log-normal amounts; 1 or more are needed", atoms));
  // Between the normal quantiles a and b lies the share Phi(b - sigma) - Phi(a - sigma) of the mean.
  std::vector<double> values;
  double below = 0;
  for (int i = 1; i <= atoms; ++i) {
    const double up_to = i < atoms ? normal_cdf(normal_quantile(static_cast<double>(i) / atoms) - log_deviation) : 1.0;
    values.push_back(mean * (up_to - below) * atoms);
    below = up_to;
  }
  return from_values(std::move(values));
}

AmountDistribution AmountDistribution::fitted(std::vector<double> amounts, const AmountOptions& options) {
  if (options.enough < 1)
    throw InvalidArgument(fmt::format("amounts: {} are said to be enough; allowed are 1 and more", options.enough));
  AmountDistribution empirical = from_values(amounts);  // refuses what is no amount
  std::erase(amounts, 0.0);
  if (amounts.empty()) return {};
  if (empirical.values_.front() == 0) empirical = from_values(amounts);
  const double count = static_cast<double>(amounts.size()), enough = static_cast<double>(options.enough);
  if (options.form == AmountForm::empirical || (options.form == AmountForm::automatic && count >= enough))
    return empirical;
  double middle = 0, squares = kPriorAmounts * kUsualLogDeviation * kUsualLogDeviation;
  std::sort(amounts.begin(), amounts.end());  // sums should not follow the order of deals
  for (const double amount : amounts) middle += std::log(amount) / count;
  for (const double amount : amounts) squares += std::pow(std::log(amount) - middle, 2);
  const double deviation = std::min(std::sqrt(squares / (count + kPriorAmounts)), kLargestLogDeviation);
  if (options.form == AmountForm::log_normal)
    return log_normal(std::exp(middle + 0.5 * deviation * deviation), deviation);
  return empirical.mixed_with(log_normal(empirical.mean(), deviation), 1 - count / enough);
}

AmountDistribution AmountDistribution::mixed_with(const AmountDistribution& other, double share) const {
  if (!(share >= 0 && share <= 1))
    throw InvalidArgument(fmt::format("amounts mixed with a share of {}; allowed are 0 to 1", share));
  if (share == 0) return *this;
  if (share == 1) return other;
  std::vector<double> values = values_, weights;
  values.insert(values.end(), other.values_.begin(), other.values_.end());
  for (std::size_t i = 0; i < values_.size(); ++i) weights.push_back((1 - share) * probability(i));
  for (std::size_t i = 0; i < other.values_.size(); ++i) weights.push_back(share * other.probability(i));
  return from_weighted(std::move(values), std::move(weights));
}

AmountDistribution AmountDistribution::of_won_deals(const AsOf& view, const AmountOptions& options) {
  const auto stages = view.log().stages();
  const auto amounts = view.log().amounts();
  std::vector<double> won, all;
  view.for_each_deal([&](DealId, std::uint32_t first, std::uint32_t last) {
    Money known = kNoAmount, at_win = kNoAmount;
    bool is_won = false;
    for (std::uint32_t e = first; e < last; ++e) {
      if (amounts[e] != kNoAmount) known = amounts[e];
      const bool now_won = view.graph().kind(stages[e]) == StageKind::won;
      if (now_won) at_win = known;
      is_won = now_won;
    }
    if (known != kNoAmount && known.minor > 0) all.push_back(known.units());
    if (is_won && at_win != kNoAmount && at_win.minor > 0) won.push_back(at_win.units());
  });
  return fitted(won.empty() ? std::move(all) : std::move(won), options);
}

double AmountDistribution::moment(int order) const {
  double sum = 0;
  for (std::size_t i = 0; i < values_.size(); ++i) sum += probability(i) * std::pow(values_[i], order);
  return sum;
}

AmountDistribution AmountDistribution::at_mean() const {
  return from_values({mean()});
}

AmountDistribution AmountDistribution::scaled(double factor) const {
  if (!(factor >= 0) || !std::isfinite(factor))
    throw InvalidArgument(fmt::format("amounts times {}; the factor must be 0 or more", factor));
  if (factor == 0) return {};
  AmountDistribution scaled = *this;
  for (double& value : scaled.values_) value *= factor;
  return scaled;
}

double AmountDistribution::sample(RandomStream& random) const {
  const auto found = std::lower_bound(cumulative_.begin(), cumulative_.end(), random.uniform());
  return values_[std::min(static_cast<std::size_t>(found - cumulative_.begin()), values_.size() - 1)];
}

}  // namespace putki
