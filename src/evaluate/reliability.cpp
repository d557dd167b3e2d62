#include <putki/core/error.hpp>
#include <putki/evaluate/reliability.hpp>

#include "evaluate/checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace putki {

std::vector<ReliabilityBin> reliability(std::span<const double> probabilities, const std::vector<bool>& happened,
                                        const ReliabilityOptions& options) {
  if (probabilities.size() != happened.size())
    throw InvalidArgument(
        fmt::format("{} probabilities and {} outcomes; there must be as many", probabilities.size(), happened.size()));
  if (options.bins < 1 || options.bins > 1'000)
    throw InvalidArgument(fmt::format("{} bins; allowed are 1 to 1000", options.bins));
  check_level("the confidence of limits", options.confidence);
  for (const double probability : probabilities) check_probability(probability);

  std::vector<std::size_t> order(probabilities.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return probabilities[a] < probabilities[b]; });

  const auto bins = static_cast<std::size_t>(options.bins);
  const auto slot = [&](std::size_t rank) {
    const double probability = probabilities[order[rank]];
    if (options.binning == Binning::equal_width)
      return std::min(static_cast<std::size_t>(probability * options.bins), bins - 1);
    // Equal probabilities go where the first of them would.
    const auto first = std::lower_bound(order.begin(), order.end(), probability,
                                        [&](std::size_t i, double p) { return probabilities[i] < p; });
    return static_cast<std::size_t>(first - order.begin()) * bins / order.size();
  };

  std::vector<ReliabilityBin> result;
  for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    const std::size_t here = slot(begin);
    ReliabilityBin bin{};
    double sum = 0;
    for (end = begin; end < order.size() && slot(end) == here; ++end) {
      sum += probabilities[order[end]];
      bin.happened += happened[order[end]] ? 1 : 0;
    }
    bin.count = end - begin;
    const auto count = static_cast<double>(bin.count), share = static_cast<double>(bin.happened);
    bin.mean_probability = sum / count;
    bin.share = share / count;
    bin.limits = wilson_interval(share, count, options.confidence);
    const bool equal_width = options.binning == Binning::equal_width;
    bin.lower = equal_width ? static_cast<double>(here) / options.bins : probabilities[order[begin]];
    bin.upper = equal_width ? static_cast<double>(here + 1) / options.bins : probabilities[order[end - 1]];
    result.push_back(bin);
  }
  return result;
}

}  // namespace putki
