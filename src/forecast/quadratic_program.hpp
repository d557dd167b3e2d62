#pragma once
/// \file
/// Small strictly convex quadratic programs.

#include <Eigen/Core>

#include <optional>

namespace putki {

/// Minimise x' G x / 2 + a' x subject to C x >= b, G symmetric and positive definite.
struct QuadraticProgram {
  Eigen::MatrixXd quadratic;    ///< G, n x n
  Eigen::VectorXd linear;       ///< a, n
  Eigen::MatrixXd constraints;  ///< C, m x n
  Eigen::VectorXd bounds;       ///< b, m
};

struct QuadraticSolution {
  Eigen::VectorXd x;
  Eigen::VectorXd multipliers;  ///< of the constraints, 0 or more: G x + a = C' multipliers
};

/// The dual active-set method of Goldfarb & Idnani (1983): from the unconstrained minimum, violated constraints are
/// taken in one by one, and the multipliers never go below 0. Nothing: no point satisfies all constraints. Constraints
/// count as satisfied within 1e-10 of the scale of their row and bound. InvalidArgument: shapes that do not match, G
/// not positive definite. O(n^2) an iteration, usually as many as constraints that bind.
std::optional<QuadraticSolution> solve(const QuadraticProgram& program);

}  // namespace putki
