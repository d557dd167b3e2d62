#include <putki/survival/gray_test.hpp>

#include <putki/core/error.hpp>

#include "survival/group_risk_sets.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace putki {
namespace {

using survival_detail::GroupRiskSet;

struct GrayGroup {
  double at_risk = 0;  // Y
  double ends = 0;     // of the cause
  double other_ends = 0;
  double before = 1;                                                       // S just before this time
  double after = 1;                                                        // S just after
  double incidence = 0;                                                    // F just before
  double inverse() const { return at_risk > 0 ? at_risk / before : 0.0; }  // h = Y / S
};

// One time of an end, with the null incidence of the cause.
struct GrayStep {
  std::vector<GrayGroup> groups;
  double ends;            // of the cause in all groups
  double all;             // sum of h
  double null_step;       // dF / G before
  double null_remaining;  // G after
};

double instant_part(const GrayStep& step, std::size_t k, std::size_t r) {
  return step.groups[r].inverse() * ((k == r ? 1.0 : 0.0) - step.groups[k].inverse() / step.all);
}

double tie_factor(double ends, double size) {
  if (ends <= 1.0) return 1.0;
  return size > 1.0 ? std::max(0.0, 1.0 - (ends - 1.0) / (size - 1.0)) : 0.0;
}

std::vector<GrayStep> gray_steps(std::span<const Durations> groups, int cause) {
  std::vector<GrayStep> steps;
  std::vector<GrayGroup> now(groups.size());
  double null_incidence = 0.0;
  survival_detail::for_each_group_risk_set(groups, cause, [&](std::span<const GroupRiskSet> sets) {
    double all = 0.0, ends = 0.0;
    for (std::size_t r = 0; r < sets.size(); ++r) {
      GrayGroup& group = now[r];
      if (!steps.empty() && group.at_risk > 0) group.incidence += group.before * group.ends / group.at_risk;
      group.before = group.after;
      group.at_risk = sets[r].at_risk;
      group.ends = sets[r].ends;
      group.other_ends = sets[r].other_ends;
      if (group.at_risk > 0)
        group.after = group.before * (group.at_risk - group.ends - group.other_ends) / group.at_risk;
      all += group.inverse();
      ends += group.ends;
    }
    const double remaining = 1.0 - null_incidence;
    const double step = ends / all;
    null_incidence += step;
    steps.push_back({now, ends, all, remaining > 0 ? step / remaining : 0.0, std::max(0.0, 1.0 - null_incidence)});
  });
  return steps;
}

void add_gray_stratum(std::span<const Durations> groups, int cause, std::vector<double>& score, Matrix& variance) {
  const std::size_t count = groups.size();
  const std::vector<GrayStep> steps = gray_steps(groups, cause);
  // Column r of `later` is C_kr: from the whole sum down to what comes after each time.
  Matrix later(count, count);
  for (const GrayStep& step : steps) {
    double subdistribution = 0.0;
    for (const GrayGroup& group : step.groups) subdistribution += group.inverse() * (1.0 - group.incidence);
    for (std::size_t k = 0; k < count; ++k) {
      const GrayGroup& group = step.groups[k];
      score[k] += group.ends;
      if (subdistribution > 0) score[k] -= step.ends * group.inverse() * (1.0 - group.incidence) / subdistribution;
      for (std::size_t r = 0; r < count; ++r) later(k, r) += instant_part(step, k, r) * step.null_step;
    }
  }
  std::vector<double> moved(count);
  const auto add = [&](double weight) {
    for (std::size_t k = 0; k < count; ++k)
      for (std::size_t l = 0; l < count; ++l) variance(k, l) += weight * moved[k] * moved[l];
  };
  for (const GrayStep& step : steps)
    for (std::size_t r = 0; r < count; ++r) {
      const GrayGroup& group = step.groups[r];
      if (group.at_risk == 0) continue;  // column r of `later` does not change either
      for (std::size_t k = 0; k < count; ++k) later(k, r) -= instant_part(step, k, r) * step.null_step;
      const double left = group.after > 0 ? step.null_remaining / group.after : 0.0;
      if (step.ends > 0) {
        for (std::size_t k = 0; k < count; ++k) moved[k] = instant_part(step, k, r) + later(k, r) * (1.0 - left);
        add(tie_factor(step.ends, group.before * step.all) * group.before * step.ends / (step.all * group.at_risk));
      }
      if (group.other_ends > 0 && group.after > 0) {
        for (std::size_t k = 0; k < count; ++k) moved[k] = later(k, r) * left;
        add(tie_factor(group.other_ends, group.at_risk) * group.before * group.before * group.other_ends /
            (group.at_risk * group.at_risk));
      }
    }
}

}  // namespace

GrayTest stratified_gray_test(std::span<const std::vector<Durations>> strata, int cause) {
  survival_detail::check_strata(strata);
  GrayTest test;
  if (strata.empty()) return test;
  survival_detail::check_cause(cause, 1, strata.front());
  for (const auto& groups : strata)
    for (const Durations& group : groups)
      if (std::any_of(group.entry.begin(), group.entry.end(), [](double entry) { return entry > 0; }))
        throw InvalidArgument("Gray's test: durations with entries; left truncation is not allowed here");
  const std::size_t count = strata.front().size();
  test.scores.resize(count);
  Matrix variance(count, count);
  for (const auto& groups : strata) add_gray_stratum(groups, cause, test.scores, variance);
  const auto chi_square = survival_detail::chi_square_of(test.scores, variance);
  test.chi_square = chi_square.value;
  test.degrees_of_freedom = chi_square.degrees_of_freedom;
  test.p_value = chi_square.p_value;
  return test;
}

GrayTest gray_test(std::span<const Durations> groups, int cause) {
  const std::vector<std::vector<Durations>> one{{groups.begin(), groups.end()}};
  return stratified_gray_test(one, cause);
}

}  // namespace putki
