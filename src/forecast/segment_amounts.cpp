#include "forecast/segment_amounts.hpp"

#include <cmath>
#include <numeric>

namespace putki {
namespace {

std::vector<std::vector<double>> won_amounts(const AsOf& view, const std::string& by, const GroupEffects& groups) {
  std::vector<std::vector<double>> won(groups.segments().size());
  const Attribute& attribute = view.log().attribute(by);
  const auto stages = view.log().stages();
  const auto amounts = view.log().amounts();
  view.for_each_deal([&](DealId deal, std::uint32_t first, std::uint32_t last) {
    if (view.graph().kind(stages[last - 1]) != StageKind::won) return;
    Money known = kNoAmount;
    for (std::uint32_t e = first; e < last; ++e)
      if (amounts[e] != kNoAmount) known = amounts[e];
    if (known != kNoAmount && known.minor > 0)
      won[groups.segment_of(attribute.values[attribute.codes[index(deal)]])].push_back(known.units());
  });
  return won;
}

}  // namespace

std::vector<AmountDistribution> fit_segment_amounts(const AsOf& view, const std::string& by, const GroupEffects& groups,
                                                    const AmountDistribution& pooled, const AmountOptions& options) {
  if (groups.segments().size() < 2 || view.log().deal_count() == 0) return {};
  const auto won = won_amounts(view, by, groups);

  // Variances of log amounts within and between segments, by Buhlmann & Straub's moments.
  double count = 0, squares = 0, within = 0, degrees = 0, between = 0, sum = 0;
  std::vector<double> means;
  for (const auto& amounts : won) {
    const double n = static_cast<double>(amounts.size());
    double mean = 0;
    for (const double amount : amounts) mean += std::log(amount) / n;
    for (const double amount : amounts) within += (std::log(amount) - mean) * (std::log(amount) - mean);
    means.push_back(mean);
    count += n;
    squares += n * n;
    degrees += amounts.empty() ? 0 : n - 1;
    sum += n * mean;
  }
  if (degrees <= 0 || count * count <= squares) return {};
  within /= degrees;
  double groups_with_wins = 0;
  for (std::size_t g = 0; g < won.size(); ++g) {
    const double n = static_cast<double>(won[g].size());
    between += n * (means[g] - sum / count) * (means[g] - sum / count);
    groups_with_wins += n > 0 ? 1 : 0;
  }
  between = (between - (groups_with_wins - 1) * within) / (count - squares / count);
  if (!(between > 0)) return {};

  std::vector<AmountDistribution> fitted;
  for (const auto& amounts : won) {
    const double n = static_cast<double>(amounts.size()), credibility = n / (n + within / between);
    fitted.push_back(n > 0 ? AmountDistribution::fitted(amounts, options).mixed_with(pooled, 1 - credibility) : pooled);
  }
  return fitted;
}

}  // namespace putki
