#include "survival/group_risk_sets.hpp"

#include <putki/core/error.hpp>

#include <fmt/format.h>
#include <Eigen/Eigenvalues>
#include <boost/math/special_functions/gamma.hpp>

namespace putki::survival_detail {

void check_groups(std::span<const Durations> groups) {
  for (const Durations& group : groups) {
    check(group);
    if (group.cause_count != groups.front().cause_count)
      throw InvalidArgument(fmt::format("groups of {} and of {} causes cannot be compared", groups.front().cause_count,
                                        group.cause_count));
  }
}

void check_strata(std::span<const std::vector<Durations>> strata) {
  for (const std::vector<Durations>& groups : strata) {
    check_groups(groups);
    const auto& first = strata.front();
    if (groups.size() != first.size())
      throw InvalidArgument(fmt::format("strata of {} and of {} groups; all need the same (a group may be empty)",
                                        first.size(), groups.size()));
    if (!groups.empty() && groups.front().cause_count != first.front().cause_count)
      throw InvalidArgument(fmt::format("strata of {} and of {} causes cannot be compared", first.front().cause_count,
                                        groups.front().cause_count));
  }
}

void check_cause(int cause, int lowest, std::span<const Durations> groups) {
  if (groups.empty()) return;
  if (cause < lowest || cause > groups.front().cause_count)
    throw InvalidArgument(fmt::format("cause is {}; allowed: {} to {}", cause, lowest, groups.front().cause_count));
}

std::vector<GroupObservation> sorted_group_observations(std::span<const Durations> groups) {
  std::vector<GroupObservation> observed;
  for (std::size_t g = 0; g < groups.size(); ++g)
    for (std::size_t i = 0; i < groups[g].size(); ++i) observed.push_back({groups[g].time[i], groups[g].cause[i], g});
  std::sort(observed.begin(), observed.end(), [](const auto& a, const auto& b) { return a.time < b.time; });
  return observed;
}

ChiSquare chi_square_of(std::span<const double> score, const Matrix& variance) {
  const auto n = static_cast<Eigen::Index>(score.size());
  if (n == 0) return {0.0, 0, 1.0};
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Eigen::Map<const RowMajor> matrix(variance.values().data(), n, n);
  const Eigen::Map<const Eigen::VectorXd> z(score.data(), n);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solved(matrix);
  const double largest = solved.eigenvalues()(n - 1);
  ChiSquare result{0.0, 0, 1.0};
  for (Eigen::Index i = 0; i < n; ++i) {
    const double eigenvalue = solved.eigenvalues()(i);
    if (!(eigenvalue > 0.0 && eigenvalue > 1e-10 * largest)) continue;
    const double part = solved.eigenvectors().col(i).dot(z);
    result.value += part * part / eigenvalue;
    ++result.degrees_of_freedom;
  }
  if (result.degrees_of_freedom > 0)
    result.p_value = boost::math::gamma_q(0.5 * result.degrees_of_freedom, 0.5 * result.value);
  return result;
}

}  // namespace putki::survival_detail
