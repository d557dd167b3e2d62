#include <putki/value/value_total.hpp>

#include <putki/core/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace putki {

double ValueTotal::quantile(double p) const {
  if (!(p >= 0 && p <= 1)) throw InvalidArgument(fmt::format("quantile {}; 0 to 1 is allowed", p));
  if (sample.empty()) throw InvalidArgument("quantile of a total without a draw");
  const double rank = std::ceil(p * static_cast<double>(sample.size()));
  return sample[static_cast<std::size_t>(std::max(rank, 1.0)) - 1];
}

Interval ValueTotal::interval(double level) const {
  if (!(level > 0 && level < 1)) throw InvalidArgument(fmt::format("level {}; between 0 and 1 is allowed", level));
  return {quantile(0.5 - 0.5 * level), quantile(0.5 + 0.5 * level)};
}

ValueTotal summarised(double expected, std::vector<double> sample) {
  ValueTotal total{.expected = expected, .sample = std::move(sample)};
  std::sort(total.sample.begin(), total.sample.end());
  const auto n = static_cast<double>(total.sample.size());
  for (const double value : total.sample) total.mean += value / n;
  for (const double value : total.sample) total.sd += (value - total.mean) * (value - total.mean);
  total.sd = n > 1 ? std::sqrt(total.sd / (n - 1)) : 0;
  return total;
}

}  // namespace putki
