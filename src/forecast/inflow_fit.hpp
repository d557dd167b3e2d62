#pragma once
/// \file
/// Daily counts with regression effects and a level that strays: the fit behind the inflow model.

#include <putki/core/matrix.hpp>

#include <span>
#include <vector>

namespace putki {

/// n_t negative binomial around exp(offset + x_t'b + u_t - sigma^2 / 2) with dispersion alpha; b normal around 0 with
/// precisions `penalty`; u an AR(1) process in its steady state with deviation sigma and persistence phi.
struct LeveledCounts {
  const Matrix& design;
  std::span<const double> counts;
  std::span<const double> penalty;
  double offset;
  double dispersion;
};

/// Laplace's approximation at one (phi, sigma): joint posterior of b and of the last day's u, normal around the mode,
/// and the log of the evidence (up to what does not depend on phi, sigma and alpha).
struct LeveledFit {
  bool converged = false;
  std::vector<double> coefficients;
  Matrix covariance;                 ///< of b
  double level = 0;                  ///< u of the last day
  std::vector<double> level_slopes;  ///< E(u | b) moves by these per unit of b
  double level_deviation = 0;        ///< of u given b
  double log_evidence = 0;
  std::vector<double> path;  ///< the mode of u, to start a neighbour from
};

/// The penalised likelihood is concave in (b, u): Newton's method with halved steps. The Hessian is tridiagonal in u
/// with a border of columns, so that an iteration costs days x columns^2. `start` may be empty. At least one day.
LeveledFit fit_leveled_counts(const LeveledCounts& problem, double persistence, double deviation,
                              const LeveledFit& start);

}  // namespace putki
