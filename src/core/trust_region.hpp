#pragma once

#include <putki/core/fit_info.hpp>
#include <putki/core/matrix.hpp>

#include <functional>
#include <span>
#include <vector>

namespace putki {

/// Value at x, with its gradient and Hessian filled in (both come zeroed). Not finite where x is not allowed: the step
/// is then taken back, so that bounds may be stated by the function itself.
using SmoothFunction = std::function<double(std::span<const double> x, std::span<double> gradient, Matrix& hessian)>;

struct TrustRegionOptions {
  int most_iterations = 200;
  /// Converged when the next Newton step promises less than this times 1 + |value|.
  double tolerance = 1e-12;
  /// Longest first step.
  double first_radius = 1;
};

struct Maximum {
  std::vector<double> at;
  double value;
  std::vector<double> gradient;
  Matrix hessian;
  FitInfo info;  ///< log_likelihood is the value
};

/// A local maximum by Newton steps within a trust region (Conn, Gould & Toint 2000, ch. 7; the region's problem solved
/// on the eigenvectors as by Moré & Sorensen 1983): no line search, no need of concavity, saddle points are left. Where
/// it stops without convergence, the best point met is returned and the info says so. `start` must be allowed: else
/// InvalidArgument. No variables: the value alone.
Maximum maximize(const SmoothFunction& function, std::vector<double> start, const TrustRegionOptions& options = {});

}  // namespace putki
