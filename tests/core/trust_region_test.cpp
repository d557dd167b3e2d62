#include "core/trust_region.hpp"

#include <putki/core/error.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <random>

using namespace putki;

namespace {

// Rosenbrock's valley upside down: maximum 0 at (1, 1), curved all the way.
double rosenbrock(std::span<const double> x, std::span<double> gradient, Matrix& hessian) {
  const double a = 1 - x[0], b = x[1] - x[0] * x[0];
  gradient[0] = 2 * a + 400 * x[0] * b;
  gradient[1] = -200 * b;
  hessian(0, 0) = -2 + 400 * (x[1] - 3 * x[0] * x[0]);
  hessian(0, 1) = hessian(1, 0) = 400 * x[0];
  hessian(1, 1) = -200;
  return -(a * a + 100 * b * b);
}

}  // namespace

TEST_CASE("A concave quadratic is maximised where its gradient is zero") {
  std::mt19937 random(1);
  std::normal_distribution<double> normal;
  for (int round = 0; round < 20; ++round) {
    const std::size_t n = 1 + random() % 8;
    // -|A x - b|^2 / 2 with A triangular: its maximum solves A x = b by substitution.
    Matrix a(n, n);
    std::vector<double> b(n), solution(n);
    for (std::size_t i = 0; i < n; ++i) {
      b[i] = 10 * normal(random);
      for (std::size_t j = 0; j <= i; ++j) a(i, j) = i == j ? 1 + std::abs(normal(random)) : normal(random);
      solution[i] = b[i];
      for (std::size_t j = 0; j < i; ++j) solution[i] -= a(i, j) * solution[j];
      solution[i] /= a(i, i);
    }
    const auto found = maximize(
        [&](std::span<const double> x, std::span<double> gradient, Matrix& hessian) {
          double value = 0;
          for (std::size_t i = 0; i < n; ++i) {
            double miss = -b[i];
            for (std::size_t j = 0; j < n; ++j) miss += a(i, j) * x[j];
            value -= 0.5 * miss * miss;
            for (std::size_t j = 0; j < n; ++j) {
              gradient[j] -= miss * a(i, j);
              for (std::size_t k = 0; k < n; ++k) hessian(j, k) -= a(i, j) * a(i, k);
            }
          }
          return value;
        },
        std::vector<double>(n));
    REQUIRE(found.info.converged);
    for (std::size_t i = 0; i < n; ++i) CHECK(found.at[i] == Approx(solution[i]).margin(1e-6));
  }
}

TEST_CASE("Rosenbrock's valley is followed to its end, from anywhere") {
  for (const double x : {-1.2, 0.0, 3.0, -20.0})
    for (const double y : {1.0, -5.0, 50.0}) {
      const Maximum found = maximize(rosenbrock, {x, y});
      CHECK(found.info.converged);
      CHECK(found.info.iterations < 100);
      CHECK(found.at[0] == Approx(1).epsilon(1e-6));
      CHECK(found.at[1] == Approx(1).epsilon(1e-6));
      CHECK(found.value == Approx(0).margin(1e-12));
      CHECK(found.info.log_likelihood == found.value);
    }
}

TEST_CASE("A saddle point is left, though the gradient there is zero") {
  // x^2 - x^4 / 2 - y^2: saddle at 0, maxima 1/2 at x = 1 and x = -1.
  const auto found = maximize(
      [](std::span<const double> x, std::span<double> gradient, Matrix& hessian) {
        gradient[0] = 2 * x[0] - 2 * x[0] * x[0] * x[0];
        gradient[1] = -2 * x[1];
        hessian(0, 0) = 2 - 6 * x[0] * x[0];
        hessian(1, 1) = -2;
        return x[0] * x[0] - 0.5 * std::pow(x[0], 4) - x[1] * x[1];
      },
      {0, 0});
  CHECK(found.info.converged);
  CHECK(std::abs(found.at[0]) == Approx(1));
  CHECK(found.value == Approx(0.5));
}

TEST_CASE("Where the function is not finite, nothing is looked for") {
  // log x - x over x > 0: maximum at 1; the first Newton step from 5 leads below 0.
  const SmoothFunction function = [](std::span<const double> x, std::span<double> gradient, Matrix& hessian) {
    gradient[0] = 1 / x[0] - 1;
    hessian(0, 0) = -1 / (x[0] * x[0]);
    return std::log(x[0]) - x[0];
  };
  const Maximum found = maximize(function, {5}, {.first_radius = 100});
  CHECK(found.info.converged);
  CHECK(found.at[0] == Approx(1));
  CHECK_THROWS_AS(maximize(function, {-1}), InvalidArgument);
}

TEST_CASE("A function without a maximum is given up, and said so") {
  const auto found = maximize(
      [](std::span<const double> x, std::span<double> gradient, Matrix&) {
        gradient[0] = 1;
        return x[0];
      },
      {0}, {.most_iterations = 20});
  CHECK_FALSE(found.info.converged);
  CHECK(found.info.iterations == 20);
  CHECK(found.info.warnings.size() == 1);
  CHECK(found.value > 0);
}

TEST_CASE("Nothing to vary: the value alone") {
  const Maximum found = maximize([](std::span<const double>, std::span<double>, Matrix&) { return 3.0; }, {});
  CHECK(found.info.converged);
  CHECK(found.value == 3.0);
}
