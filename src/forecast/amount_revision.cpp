#include <putki/forecast/amount_revision.hpp>

#include <putki/core/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace putki {
namespace {

constexpr double kLeastRatio = 0.1, kMostRatio = 10;
constexpr std::size_t kGroups = 5;
/// A placeholder: so many deals, of which this share went further than this factor.
constexpr int kPlaceholderDeals = 5;
constexpr double kPlaceholderShare = 0.8, kPlaceholderFactor = 2;

struct Pair {
  double open;
  double final;
  bool is_far() const { return final > kPlaceholderFactor * open || final * kPlaceholderFactor < open; }
};

std::vector<Pair> won_amounts(const AsOf& view) {
  const auto stages = view.log().stages();
  const auto amounts = view.log().amounts();
  std::vector<Pair> pairs;
  view.for_each_deal([&](DealId, std::uint32_t first, std::uint32_t last) {
    if (view.graph().kind(stages[last - 1]) != StageKind::won) return;
    Money open = kNoAmount, final = kNoAmount;
    for (std::uint32_t e = first; e < last; ++e) {
      if (amounts[e] == kNoAmount) continue;
      if (!view.graph().is_terminal(stages[e])) open = amounts[e];
      final = amounts[e];
    }
    if (open != kNoAmount && open.minor > 0 && final.minor > 0) pairs.push_back({open.units(), final.units()});
  });
  return pairs;
}

}  // namespace

AmountRevision AmountRevision::of_won_deals(const AsOf& view, const AmountRevisionOptions& options) {
  if (!(options.prior_deals >= 0) || !std::isfinite(options.prior_deals))
    throw InvalidArgument(
        fmt::format("amount revision: prior worth {} deals; it must be 0 or more", options.prior_deals));
  const std::vector<Pair> pairs = won_amounts(view);
  AmountRevision revision;
  std::map<double, std::pair<int, int>> shown;  // amount while open: deals, those that went far
  for (const Pair& pair : pairs) {
    auto& [deals, far] = shown[pair.open];
    deals += 1;
    far += pair.is_far() ? 1 : 0;
  }
  for (const auto& [amount, counts] : shown)
    if (counts.first >= kPlaceholderDeals && counts.second >= kPlaceholderShare * counts.first)
      revision.placeholders.push_back(amount);

  std::vector<double> changed;
  double unchanged = options.prior_deals;
  for (const Pair& pair : pairs) {
    if (!revision.usable(pair.open)) continue;
    if (pair.final == pair.open)
      unchanged += 1;
    else
      changed.push_back(std::clamp(pair.final / pair.open, kLeastRatio, kMostRatio));
  }
  if (changed.empty()) return revision;
  std::sort(changed.begin(), changed.end());
  const double total = unchanged + static_cast<double>(changed.size());
  std::map<double, double> atoms;
  if (unchanged > 0) atoms[1] += unchanged / total;
  const std::size_t groups = std::min(kGroups, changed.size());
  for (std::size_t g = 0; g < groups; ++g) {
    const std::size_t begin = g * changed.size() / groups, end = (g + 1) * changed.size() / groups;
    double sum = 0;
    for (std::size_t i = begin; i < end; ++i) sum += changed[i];
    atoms[sum / static_cast<double>(end - begin)] += static_cast<double>(end - begin) / total;
  }
  for (const auto& [ratio, weight] : atoms) {
    revision.ratios.push_back(ratio);
    revision.weights.push_back(weight);
  }
  return revision;
}

AmountRevision AmountRevision::at_mean() const {
  if (is_none()) return *this;
  return {.ratios = {moment(1)}, .weights = {1.0}, .placeholders = placeholders};
}

double AmountRevision::moment(int order) const {
  if (is_none()) return 1;
  double sum = 0;
  for (std::size_t i = 0; i < ratios.size(); ++i) sum += weights[i] * std::pow(ratios[i], order);
  return sum;
}

std::optional<double> AmountRevision::usable(std::optional<double> amount) const {
  if (amount && std::binary_search(placeholders.begin(), placeholders.end(), *amount)) return std::nullopt;
  return amount;
}

double AmountRevision::sample(double amount, RandomStream& random) const {
  if (is_none()) return amount;
  const double pick = random.uniform();
  double passed = 0;
  for (std::size_t i = 0; i + 1 < ratios.size(); ++i)
    if ((passed += weights[i]) >= pick) return amount * ratios[i];
  return amount * ratios.back();
}

void AmountRevision::check() const {
  if (ratios.size() != weights.size())
    throw InvalidArgument(fmt::format("amount revision: {} ratios and {} weights", ratios.size(), weights.size()));
  double total = 0;
  for (std::size_t i = 0; i < ratios.size(); ++i) {
    if (!(ratios[i] >= 0) || !std::isfinite(ratios[i]) || !(weights[i] >= 0))
      throw InvalidArgument(
          fmt::format("amount revision: ratio {} with weight {}; both must be 0 or more", ratios[i], weights[i]));
    total += weights[i];
  }
  if (!is_none() && !(std::abs(total - 1) < 1e-9))
    throw InvalidArgument(fmt::format("amount revision: weights sum to {}; it must be 1", total));
}

}  // namespace putki
