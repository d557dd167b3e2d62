#include <putki/survival/log_rank.hpp>

#include <putki/core/error.hpp>

#include "survival/group_risk_sets.hpp"

#include <fmt/format.h>

#include <cmath>

namespace putki {
namespace {

using survival_detail::GroupRiskSet;

void add_log_rank_stratum(std::span<const Durations> groups, const LogRankOptions& options, LogRankTest& test,
                          Matrix& variance) {
  double survival = 1.0;
  survival_detail::for_each_group_risk_set(groups, options.cause, [&](std::span<const GroupRiskSet> sets) {
    double at_risk = 0.0, ends = 0.0;
    for (const GroupRiskSet& set : sets) {
      at_risk += set.at_risk;
      ends += set.ends;
    }
    if (ends == 0.0) return;
    const double weight = options.rho == 0.0 ? 1.0 : std::pow(survival, options.rho);
    survival *= (at_risk - ends) / at_risk;
    const double spread = at_risk > 1.0 ? weight * weight * ends * (at_risk - ends) / (at_risk - 1.0) : 0.0;
    for (std::size_t j = 0; j < sets.size(); ++j) {
      const double share = sets[j].at_risk / at_risk;
      test.groups[j].observed += weight * sets[j].ends;
      test.groups[j].expected += weight * ends * share;
      for (std::size_t l = 0; l < sets.size(); ++l)
        variance(j, l) += spread * share * ((j == l ? 1.0 : 0.0) - sets[l].at_risk / at_risk);
    }
  });
}

}  // namespace

LogRankTest stratified_log_rank_test(std::span<const std::vector<Durations>> strata, const LogRankOptions& options) {
  survival_detail::check_strata(strata);
  if (!strata.empty()) survival_detail::check_cause(options.cause, 0, strata.front());
  if (!(options.rho >= 0.0) || std::isinf(options.rho))
    throw InvalidArgument(fmt::format("log-rank test: rho is {}; allowed: finite, 0 or more", options.rho));
  LogRankTest test;
  if (strata.empty()) return test;
  const std::size_t count = strata.front().size();
  test.groups.resize(count);
  Matrix variance(count, count);
  for (const std::vector<Durations>& groups : strata) {
    for (std::size_t g = 0; g < count; ++g) test.groups[g].observations += groups[g].size();
    add_log_rank_stratum(groups, options, test, variance);
  }
  std::vector<double> score;
  for (const LogRankGroup& group : test.groups) score.push_back(group.observed - group.expected);
  const auto chi_square = survival_detail::chi_square_of(score, variance);
  test.chi_square = chi_square.value;
  test.degrees_of_freedom = chi_square.degrees_of_freedom;
  test.p_value = chi_square.p_value;
  return test;
}

LogRankTest log_rank_test(std::span<const Durations> groups, const LogRankOptions& options) {
  const std::vector<std::vector<Durations>> one{{groups.begin(), groups.end()}};
  return stratified_log_rank_test(one, options);
}

}  // namespace putki
