#include <putki/core/error.hpp>
#include <putki/forecast/amount_distribution.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace putki {

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

AmountDistribution AmountDistribution::of_won_deals(const AsOf& view) {
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
  return from_values(won.empty() ? std::move(all) : std::move(won));
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
