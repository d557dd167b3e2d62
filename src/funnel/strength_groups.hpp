#pragma once
// How much of a difference among values of an attribute is left after shrinkage: strengths.hpp has the formulas.

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace putki {

struct StrengthVariances {
  double rate = 0;
  double here = 0, others = 0;  // variances
  double visits = 0;
};

// Of the difference of value i from the others (whose rate is given): a share in [0, 1).
inline double kept_of_difference(const std::vector<StrengthVariances>& values, std::size_t i, double others_rate) {
  std::vector<std::pair<double, double>> rates;  // rate, variance
  for (const StrengthVariances& value : values) rates.push_back({value.rate, value.here});
  double squared_shares = 0, visits = 0;
  if (values.size() == 1) {
    rates.push_back({others_rate, values[0].others});
    squared_shares = 1;
  } else {
    for (std::size_t j = 0; j < values.size(); ++j)
      if (j != i) visits += values[j].visits;
    for (std::size_t j = 0; j < values.size(); ++j)
      if (j != i) squared_shares += (values[j].visits / visits) * (values[j].visits / visits);
  }
  double sum = 0, squares = 0, weighted = 0;
  for (const auto& [rate, variance] : rates) {
    if (variance <= 0) return 0;  // all alike: nothing to keep
    sum += 1 / variance;
    squares += 1 / (variance * variance);
    weighted += rate / variance;
  }
  double q = 0;
  for (const auto& [rate, variance] : rates) q += (rate - weighted / sum) * (rate - weighted / sum) / variance;
  const double between = std::max(0.0, (q - static_cast<double>(rates.size() - 1)) / (sum - squares / sum));
  const double true_variance = between * (1 + squared_shares);
  return true_variance / (true_variance + values[i].here + values[i].others);
}

}  // namespace putki
