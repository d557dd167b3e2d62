#include "survival/risk_sets.hpp"

#include <putki/core/error.hpp>

#include <fmt/format.h>

#include <cmath>

namespace putki::survival_detail {

void check(const Durations& durations) {
  const std::size_t n = durations.time.size();
  if (durations.cause_count < 1)
    throw InvalidArgument(fmt::format("durations: cause_count is {}; at least 1 is needed", durations.cause_count));
  if (durations.cause.size() != n)
    throw InvalidArgument(fmt::format("durations: {} times but {} causes", n, durations.cause.size()));
  if (!durations.entry.empty() && durations.entry.size() != n)
    throw InvalidArgument(
        fmt::format("durations: {} times but {} entries; allowed: none or as many", n, durations.entry.size()));
  for (std::size_t i = 0; i < n; ++i) {
    const double time = durations.time[i];
    if (!(time >= 0.0) || std::isinf(time))
      throw InvalidArgument(fmt::format("durations: time[{}] is {}; allowed: finite, 0 or more", i, time));
    if (durations.cause[i] < 0 || durations.cause[i] > durations.cause_count)
      throw InvalidArgument(fmt::format("durations: cause[{}] is {}; allowed: 0 (censored) to {}", i,
                                        durations.cause[i], durations.cause_count));
    if (durations.entry.empty()) continue;
    const double entry = durations.entry[i];
    if (!std::isfinite(entry) || !(entry < time))
      throw InvalidArgument(
          fmt::format("durations: entry[{}] is {}; allowed: finite, before its time {}", i, entry, time));
  }
}

void check(const CountedDurations& durations) {
  const std::size_t n = durations.time.size();
  if (durations.at_risk.size() != n)
    throw InvalidArgument(
        fmt::format("counted durations: {} times but {} counts at risk", n, durations.at_risk.size()));
  for (std::size_t k = 0; k < durations.ends.size(); ++k)
    if (durations.ends[k].size() != n)
      throw InvalidArgument(
          fmt::format("counted durations: {} times but {} counts in ends[{}]", n, durations.ends[k].size(), k));
  for (std::size_t i = 0; i < n; ++i) {
    const double time = durations.time[i];
    if (!(time >= 0.0) || std::isinf(time) || (i > 0 && time <= durations.time[i - 1]))
      throw InvalidArgument(
          fmt::format("counted durations: time[{}] is {}; allowed: finite, 0 or more, ascending", i, time));
    const double at_risk = durations.at_risk[i];
    if (!(at_risk >= 0.0) || std::isinf(at_risk))
      throw InvalidArgument(
          fmt::format("counted durations: at_risk[{}] is {}; allowed: finite, 0 or more", i, at_risk));
    double total = 0.0;
    for (std::size_t k = 0; k < durations.ends.size(); ++k) {
      const double ends = durations.ends[k][i];
      if (!(ends >= 0.0) || std::isinf(ends))
        throw InvalidArgument(
            fmt::format("counted durations: ends[{}][{}] is {}; allowed: finite, 0 or more", k, i, ends));
      total += ends;
    }
    if (total > at_risk)
      throw InvalidArgument(
          fmt::format("counted durations: {} ends at time[{}] = {}, but only {} at risk", total, i, time, at_risk));
  }
}

std::vector<Observation> sorted_observations(const Durations& durations) {
  std::vector<Observation> observed(durations.size());
  for (std::size_t i = 0; i < observed.size(); ++i) observed[i] = {durations.time[i], durations.cause[i]};
  std::sort(observed.begin(), observed.end(), [](const auto& a, const auto& b) { return a.time < b.time; });
  return observed;
}

std::vector<double> sorted_entries(const Durations& durations) {
  std::vector<double> entries = durations.entry;
  std::sort(entries.begin(), entries.end());
  return entries;
}

}  // namespace putki::survival_detail
