#include "forecast/quadratic_program.hpp"

#include <putki/core/error.hpp>
#include <putki/core/random.hpp>

#include <Eigen/LU>
#include <catch2/catch.hpp>

using namespace putki;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

/// By trying every set of constraints as the active one: the one point that satisfies the conditions of Karush, Kuhn
/// and Tucker, which a strictly convex program has when any point is feasible.
std::optional<VectorXd> by_enumeration(const QuadraticProgram& program) {
  const Index n = program.linear.size(), m = program.bounds.size();
  for (Index set = 0; set < Index{1} << m; ++set) {
    std::vector<Index> active;
    for (Index i = 0; i < m; ++i)
      if (set >> i & 1) active.push_back(i);
    const Index q = static_cast<Index>(active.size());
    if (q > n) continue;
    MatrixXd system = MatrixXd::Zero(n + q, n + q);
    VectorXd right(n + q);
    system.topLeftCorner(n, n) = program.quadratic;
    right.head(n) = -program.linear;
    for (Index i = 0; i < q; ++i) {
      system.block(0, n + i, n, 1) = -program.constraints.row(active[static_cast<std::size_t>(i)]).transpose();
      system.block(n + i, 0, 1, n) = program.constraints.row(active[static_cast<std::size_t>(i)]);
      right[n + i] = program.bounds[active[static_cast<std::size_t>(i)]];
    }
    const Eigen::FullPivLU<MatrixXd> solver(system);
    if (!solver.isInvertible()) continue;
    const VectorXd solution = solver.solve(right), x = solution.head(n);
    if ((q == 0 || solution.tail(q).minCoeff() >= -1e-9) &&
        (m == 0 || (program.constraints * x - program.bounds).minCoeff() >= -1e-9))
      return x;
  }
  return std::nullopt;
}

}  // namespace

TEST_CASE("the nearest point of a half plane is found with its multiplier") {
  // min (x^2 + y^2) / 2 subject to x + y >= 2: (1, 1), and G x = (1, 1) = C' 1.
  QuadraticProgram program{MatrixXd::Identity(2, 2), VectorXd::Zero(2), MatrixXd::Ones(1, 2),
                           VectorXd::Constant(1, 2.0)};
  const auto solution = solve(program);
  REQUIRE(solution);
  CHECK(solution->x[0] == Approx(1));
  CHECK(solution->x[1] == Approx(1));
  CHECK(solution->multipliers[0] == Approx(1));
}

TEST_CASE("random quadratic programs are solved like by trying all active sets") {
  RandomStream random(7, 0);
  int solved = 0, infeasible = 0;
  for (int trial = 0; trial < 2000; ++trial) {
    const Index n = 1 + static_cast<Index>(random.below(5)), m = static_cast<Index>(random.below(9));
    MatrixXd root(n, n);
    QuadraticProgram program{MatrixXd(n, n), VectorXd(n), MatrixXd(m, n), VectorXd(m)};
    for (double& value : root.reshaped()) value = random.normal();
    program.quadratic = root * root.transpose() + 0.1 * MatrixXd::Identity(n, n);
    for (double& value : program.linear.reshaped()) value = 3 * random.normal();
    for (double& value : program.constraints.reshaped()) value = random.normal();
    for (double& value : program.bounds.reshaped()) value = random.normal();
    if (m > 2 && random.uniform() < 0.3) {  // rows that depend on each other
      program.constraints.row(1) = 2 * program.constraints.row(0);
      program.bounds[1] = 2 * program.bounds[0] - random.uniform();
    }
    const auto expected = by_enumeration(program);
    const auto solution = solve(program);
    INFO("trial " << trial);
    REQUIRE(solution.has_value() == expected.has_value());
    if (!expected) {
      ++infeasible;
      continue;
    }
    ++solved;
    CHECK((solution->x - *expected).norm() <= 1e-7 * (1 + expected->norm()));
    // Karush, Kuhn and Tucker's conditions, all of them.
    const VectorXd gradient = program.quadratic * solution->x + program.linear;
    CHECK((gradient - program.constraints.transpose() * solution->multipliers).norm() <= 1e-7 * (1 + gradient.norm()));
    for (Index i = 0; i < m; ++i) {
      const double slack = program.constraints.row(i).dot(solution->x) - program.bounds[i];
      CHECK(slack >= -1e-8 * (1 + std::abs(program.bounds[i])) * (1 + solution->x.norm()));
      CHECK(solution->multipliers[i] >= 0);
      CHECK(solution->multipliers[i] * slack <= 1e-6 * (1 + solution->multipliers[i]));
    }
  }
  CHECK(solved > 500);
  CHECK(infeasible > 100);
}

TEST_CASE("a quadratic program without sense is refused and one without a point has no answer") {
  QuadraticProgram program{MatrixXd::Identity(2, 2), VectorXd::Zero(2), MatrixXd(2, 2), VectorXd(2)};
  program.constraints << 1, 0, -1, 0;
  program.bounds << 1, 0;  // x >= 1 and x <= 0
  CHECK_FALSE(solve(program));
  program.constraints << 1, 0, 0, 0;
  program.bounds << 1, 1;  // 0 >= 1
  CHECK_FALSE(solve(program));
  program.quadratic(1, 1) = -1;
  CHECK_THROWS_AS(solve(program), InvalidArgument);
  program.quadratic = MatrixXd::Identity(3, 3);
  CHECK_THROWS_AS(solve(program), InvalidArgument);
}
