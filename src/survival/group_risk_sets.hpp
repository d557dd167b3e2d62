#pragma once
// Several groups on one time axis, and the test that their scores call for.

#include <putki/core/matrix.hpp>
#include <putki/stats/durations.hpp>

#include "survival/risk_sets.hpp"

#include <span>
#include <vector>

namespace putki::survival_detail {

// Throws InvalidArgument on a group outside the contract of Durations and when groups have unlike causes.
void check_groups(std::span<const Durations> groups);
// Also when strata have unlike numbers of groups or of causes.
void check_strata(std::span<const std::vector<Durations>> strata);
// InvalidArgument unless lowest <= cause <= cause_count.
void check_cause(int cause, int lowest, std::span<const Durations> groups);

struct GroupObservation {
  double time;
  int cause;
  std::size_t group;
};
std::vector<GroupObservation> sorted_group_observations(std::span<const Durations> groups);

// What one time sees in one group.
struct GroupRiskSet {
  double at_risk = 0;
  double ends = 0;        // of the cause asked for
  double other_ends = 0;  // of all others
};

// Calls f(span of GroupRiskSet) for every distinct time of an end, ascending. Cause 0: every end is the one asked for.
template <class F>
void for_each_group_risk_set(std::span<const Durations> groups, int cause, F&& f) {
  const std::vector<GroupObservation> observed = sorted_group_observations(groups);
  std::vector<std::vector<double>> entries;
  for (const Durations& group : groups) entries.push_back(sorted_entries(group));
  std::vector<GroupRiskSet> sets(groups.size());
  std::vector<std::size_t> entered(groups.size()), gone(groups.size());
  for (std::size_t first = 0; first < observed.size();) {
    const double time = observed[first].time;
    for (std::size_t g = 0; g < groups.size(); ++g) {
      while (entered[g] < entries[g].size() && entries[g][entered[g]] < time) ++entered[g];
      const std::size_t in_sight = entries[g].empty() ? groups[g].size() : entered[g];
      sets[g] = {.at_risk = static_cast<double>(in_sight - gone[g])};
    }
    bool any = false;
    for (; first < observed.size() && observed[first].time == time; ++first) {
      const GroupObservation& one = observed[first];
      ++gone[one.group];
      if (one.cause == 0) continue;
      any = true;
      ++(cause == 0 || one.cause == cause ? sets[one.group].ends : sets[one.group].other_ends);
    }
    if (any) f(std::span<const GroupRiskSet>(sets));
  }
}

struct ChiSquare {
  double value;
  int degrees_of_freedom;
  double p_value;
};
// score' variance^- score; directions in which the variance has nothing are left out.
ChiSquare chi_square_of(std::span<const double> score, const Matrix& variance);

}  // namespace putki::survival_detail
