#include <putki/core/error.hpp>
#include <putki/model/group_effects.hpp>

#include <Eigen/Dense>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace putki {
namespace {

/// A square root of the effects' covariance, without the intercept's row.
Matrix root_of(const MoveEffects& effects) {
  const std::size_t n = effects.effects.size();
  Eigen::MatrixXd covariance(static_cast<Eigen::Index>(n), static_cast<Eigen::Index>(n));
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j)
      covariance(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) = effects.covariance(i + 1, j + 1);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(covariance);
  Matrix root(n, n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j)
      root(i, j) = eigen.eigenvectors()(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) *
                   std::sqrt(std::max(eigen.eigenvalues()(static_cast<Eigen::Index>(j)), 0.0));
  return root;
}

}  // namespace

GroupEffects::GroupEffects(Parts parts)
    : parts_(std::move(parts)), bands_(parts_.size_limits.empty() ? 1 : parts_.size_limits.size() + 2) {
  const std::size_t groups = group_count(), effects = parts_.names.size();
  bool fits = groups > 0 && parts_.shares.size() == groups && parts_.weights.size() == parts_.moves.size();
  if (!parts_.moves.empty()) fits = fits && parts_.design.rows() == groups && parts_.design.columns() == effects;
  for (std::size_t m = 0; m < parts_.moves.size() && fits; ++m) {
    const MoveEffects& move = parts_.moves[m].effects;
    fits = index(parts_.moves[m].from) < parts_.targets.size() && parts_.weights[m].size() == groups &&
           move.effects.size() == effects && move.covariance.rows() == effects + 1 &&
           move.covariance.columns() == effects + 1;
    if (fits) roots_.push_back(root_of(move));
  }
  if (!fits)
    throw InvalidArgument(fmt::format("group effects: parts do not fit {} groups, {} effects and {} moves", groups,
                                      effects, parts_.moves.size()));
}

std::size_t GroupEffects::segment_of(std::string_view value) const {
  std::size_t other = 0;
  for (std::size_t s = 0; s < segments().size(); ++s) {
    const auto& values = segments()[s].values;
    if (std::find(values.begin(), values.end(), value) != values.end()) return s;
    if (values.empty()) other = s;
  }
  return other;
}

std::size_t GroupEffects::group_of(std::string_view value, std::optional<double> amount) const {
  std::size_t band = 0;
  if (const auto& limits = parts_.size_limits; !limits.empty() && amount && *amount > 0)
    band = 1 + static_cast<std::size_t>(std::upper_bound(limits.begin(), limits.end(), Money::from_units(*amount),
                                                         [](Money a, Money b) { return a.minor < b.minor; }) -
                                        limits.begin());
  return segment_of(value) * bands_ + band;
}

double GroupEffects::share_of_segment(std::size_t segment) const {
  double share = 0;
  for (std::size_t band = 0; band < bands_; ++band) share += shares()[segment * bands_ + band];
  return share;
}

std::vector<MoveFactors> GroupEffects::factors(const std::vector<std::vector<double>>& strays) const {
  std::vector<MoveFactors> result(group_count(), MoveFactors(parts_.targets.size()));
  std::size_t target = 0;
  for (std::size_t m = 0; m < moves().size(); ++m) {
    const std::size_t from = index(moves()[m].from);
    target = m > 0 && moves()[m - 1].from == moves()[m].from ? target + 1 : 0;
    std::vector<double> log_factor(group_count());
    double drift = 0;  // of the overall number of moves
    for (std::size_t g = 0; g < group_count(); ++g) {
      double stray = 0;
      for (std::size_t e = 0; e < names().size(); ++e) {
        log_factor[g] += parts_.design(g, e) * moves()[m].effects.effects[e];
        if (!strays.empty()) stray += parts_.design(g, e) * strays[m][e];
      }
      log_factor[g] += stray;
      drift += parts_.weights[m][g] * std::exp(stray);
    }
    for (std::size_t g = 0; g < group_count(); ++g) {
      auto& targets = result[g][from];
      if (targets.empty()) targets.assign(parts_.targets[from], 1.0);
      targets[target] = std::exp(log_factor[g]) / drift;
    }
  }
  return result;
}

std::vector<MoveFactors> GroupEffects::expected() const {
  return factors({});
}

std::vector<MoveFactors> GroupEffects::draw(RandomStream& random, bool mirrored) const {
  std::vector<std::vector<double>> strays;
  for (const Matrix& root : roots_) {
    std::vector<double> normals(root.columns()), stray(root.rows());
    for (double& z : normals) z = mirrored ? -random.normal() : random.normal();
    for (std::size_t i = 0; i < root.rows(); ++i)
      for (std::size_t j = 0; j < root.columns(); ++j) stray[i] += root(i, j) * normals[j];
    strays.push_back(std::move(stray));
  }
  return factors(strays);
}

}  // namespace putki
