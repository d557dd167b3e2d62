#include "forecast/quadratic_program.hpp"

#include <putki/core/error.hpp>

#include <fmt/format.h>
#include <Eigen/Cholesky>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace putki {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kSatisfied = 1e-10;
/// A constraint whose part outside the active ones is smaller than this share of it depends on them.
constexpr double kIndependent = 1e-9;

/// L^-1 times the normals of the active constraints, as an orthonormal basis times a triangle.
class ActiveSet {
 public:
  explicit ActiveSet(Index n) : basis_(n, n), triangle_(MatrixXd::Zero(n, n)) {}

  Index size() const { return static_cast<Index>(constraints.size()); }

  /// Coordinates of `direction` in the basis, and what lies outside of it.
  void split(const VectorXd& direction, VectorXd& inside, VectorXd& outside) const {
    const auto basis = basis_.leftCols(size());
    inside = basis.transpose() * direction;
    outside = direction - basis * inside;
    const VectorXd again = basis.transpose() * outside;  // once more: orthogonal to rounding
    inside += again;
    outside -= basis * again;
  }
  /// The combination of active normals that makes up the part inside.
  VectorXd combination(const VectorXd& inside) const {
    return triangle_.topLeftCorner(size(), size()).triangularView<Eigen::Upper>().solve(inside);
  }
  void add(Index constraint, const VectorXd& inside, const VectorXd& outside) {
    const Index place = size();
    triangle_.col(place).head(place) = inside;
    triangle_(place, place) = outside.norm();
    basis_.col(place) = outside / outside.norm();
    constraints.push_back(constraint);
  }
  void drop(Index place, const MatrixXd& normals) {
    const std::vector<Index> all = std::exchange(constraints, {});
    for (Index i = 0; i < static_cast<Index>(all.size()); ++i) {
      if (i == place) continue;
      VectorXd inside, outside;
      split(normals.col(all[static_cast<std::size_t>(i)]), inside, outside);
      add(all[static_cast<std::size_t>(i)], inside, outside);
    }
  }

  std::vector<Index> constraints;

 private:
  MatrixXd basis_;
  MatrixXd triangle_;
};

}  // namespace

std::optional<QuadraticSolution> solve(const QuadraticProgram& program) {
  const Index n = program.linear.size(), m = program.bounds.size();
  if (program.quadratic.rows() != n || program.quadratic.cols() != n || program.constraints.rows() != m ||
      (m > 0 && program.constraints.cols() != n))
    throw InvalidArgument(fmt::format("quadratic program of {} variables: G is {} x {}, C {} x {} with {} bounds", n,
                                      program.quadratic.rows(), program.quadratic.cols(), program.constraints.rows(),
                                      program.constraints.cols(), m));
  const Eigen::LLT<MatrixXd> cholesky(program.quadratic);
  if (cholesky.info() != Eigen::Success) throw InvalidArgument("quadratic program: G is not positive definite");

  QuadraticSolution solution{-cholesky.solve(program.linear), VectorXd::Zero(m)};
  VectorXd& x = solution.x;
  VectorXd& u = solution.multipliers;
  if (m == 0) return solution;
  const MatrixXd normals = cholesky.matrixL().solve(program.constraints.transpose());  // L^-1 C'
  const VectorXd lengths = program.constraints.rowwise().norm();
  ActiveSet active(n);
  std::vector<bool> is_active(static_cast<std::size_t>(m));
  VectorXd inside, outside;

  for (Index round = 0; round < 50 * (n + m); ++round) {
    // The constraint most violated for its length.
    Index taken = -1;
    double worst = 0;
    for (Index i = 0; i < m; ++i) {
      const double slack = program.constraints.row(i).dot(x) - program.bounds[i],
                   scale = lengths[i] * (1 + x.norm()) + std::abs(program.bounds[i]);
      if (is_active[static_cast<std::size_t>(i)] || slack >= -kSatisfied * scale) continue;
      if (lengths[i] == 0) return std::nullopt;
      if (slack / lengths[i] < worst) {
        worst = slack / lengths[i];
        taken = i;
      }
    }
    if (taken < 0) return solution;

    for (;;) {
      const VectorXd direction = normals.col(taken);
      active.split(direction, inside, outside);
      const VectorXd change = active.combination(inside);
      double dual_step = std::numeric_limits<double>::infinity();
      Index leaving = -1;
      for (Index j = 0; j < active.size(); ++j)
        if (change[j] > 1e-14) {
          const double step = u[active.constraints[static_cast<std::size_t>(j)]] / change[j];
          if (step < dual_step) {
            dual_step = step;
            leaving = j;
          }
        }
      const bool moves = outside.norm() > kIndependent * direction.norm();
      const double slack = program.constraints.row(taken).dot(x) - program.bounds[taken];
      const double primal_step =
          moves ? std::max(-slack, 0.0) / outside.squaredNorm() : std::numeric_limits<double>::infinity();
      const double step = std::min(dual_step, primal_step);
      if (!std::isfinite(step)) return std::nullopt;

      if (moves) x += step * cholesky.matrixU().solve(outside);
      for (Index j = 0; j < active.size(); ++j) {
        double& multiplier = u[active.constraints[static_cast<std::size_t>(j)]];
        multiplier = std::max(multiplier - step * change[j], 0.0);
      }
      u[taken] += step;
      if (primal_step <= dual_step) {
        active.add(taken, inside, outside);
        is_active[static_cast<std::size_t>(taken)] = true;
        break;
      }
      const Index dropped = active.constraints[static_cast<std::size_t>(leaving)];
      u[dropped] = 0;
      is_active[static_cast<std::size_t>(dropped)] = false;
      active.drop(leaving, normals);
    }
  }
  return std::nullopt;  // rounding alone leads here: no point was found
}

}  // namespace putki
