#pragma once
// The samples that group_tests_reference.R draws, by the same generator: x <- 75 x + 74 modulo 65537.

#include <putki/stats/durations.hpp>

#include <vector>

namespace putki::test {

// [stratum][group], two strata, two causes, ties everywhere.
inline std::vector<std::vector<Durations>> drawn_sample(int size, int groups, int last_time) {
  long state = 1;
  const auto below = [&](int n) {
    state = (75 * state + 74) % 65537;
    return static_cast<int>(state % n);
  };
  std::vector<std::vector<Durations>> strata(2, std::vector<Durations>(static_cast<std::size_t>(groups)));
  for (auto& stratum : strata)
    for (Durations& group : stratum) group.cause_count = 2;
  for (int i = 0; i < size; ++i) {
    const int group = below(groups), time = 1 + below(last_time), cause = below(3), stratum = below(2);
    Durations& sample = strata[static_cast<std::size_t>(stratum)][static_cast<std::size_t>(group)];
    sample.time.push_back(time + (cause == 1 ? 2 * group : 0));
    sample.cause.push_back(cause);
  }
  return strata;
}

inline std::vector<Durations> without_strata(const std::vector<std::vector<Durations>>& strata) {
  std::vector<Durations> groups = strata[0];
  for (std::size_t g = 0; g < groups.size(); ++g) {
    groups[g].time.insert(groups[g].time.end(), strata[1][g].time.begin(), strata[1][g].time.end());
    groups[g].cause.insert(groups[g].cause.end(), strata[1][g].cause.begin(), strata[1][g].cause.end());
  }
  return groups;
}

}  // namespace putki::test
