#pragma once
// Durations as a sequence of risk sets: what every estimator of this layer folds over.

#include <putki/stats/durations.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace putki::survival_detail {

struct Observation {
  double time;
  int cause;
};

// Throws InvalidArgument on the first observation outside the contract of Durations.
void check(const Durations& durations);
void check(const CountedDurations& durations);

std::vector<Observation> sorted_observations(const Durations& durations);
std::vector<double> sorted_entries(const Durations& durations);

// Calls f(time, at_risk, ends) for every distinct time, ascending; ends[k] counts cause k + 1.
template <class F>
void for_each_risk_set(const Durations& durations, F&& f) {
  check(durations);
  const std::vector<Observation> observed = sorted_observations(durations);
  const std::vector<double> entries = sorted_entries(durations);
  const bool truncated = !entries.empty();
  std::vector<double> ends(static_cast<std::size_t>(durations.cause_count));
  std::size_t entered = truncated ? 0 : observed.size();
  for (std::size_t first = 0; first < observed.size();) {
    const double time = observed[first].time;
    while (truncated && entered < entries.size() && entries[entered] < time) ++entered;
    std::fill(ends.begin(), ends.end(), 0.0);
    std::size_t last = first;
    for (; last < observed.size() && observed[last].time == time; ++last)
      if (observed[last].cause > 0) ++ends[static_cast<std::size_t>(observed[last].cause) - 1];
    f(time, static_cast<double>(entered - first), std::span<const double>(ends));
    first = last;
  }
}

// The same over whole days, as long as anybody is at risk.
template <class F>
void for_each_risk_set(const CountedDurations& durations, F&& f) {
  check(durations);
  std::size_t count = durations.time.size();
  while (count > 0 && durations.at_risk[count - 1] == 0.0) --count;
  std::vector<double> ends(durations.ends.size());
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t k = 0; k < ends.size(); ++k) ends[k] = durations.ends[k][i];
    f(durations.time[i], durations.at_risk[i], std::span<const double>(ends));
  }
}

}  // namespace putki::survival_detail
