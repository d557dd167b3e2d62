#include "core/trust_region.hpp"

#include <putki/core/error.hpp>

#include <Eigen/Dense>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace putki {
namespace {

using Vector = Eigen::VectorXd;
using Square = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr double kSmallestRadius = 1e-14, kLargestRadius = 1e6;
constexpr int kMostBisections = 200;

Eigen::Map<const Vector> as_vector(const std::vector<double>& values) {
  return {values.data(), static_cast<Eigen::Index>(values.size())};
}

struct Step {
  Vector by;
  double gain;  ///< by the quadratic model
};

/// The best step of g'p + p'Hp / 2 with |p| <= radius.
Step best_step(const Vector& gradient, const Square& hessian, double radius) {
  const auto gain = [&](const Vector& p) { return gradient.dot(p) + 0.5 * p.dot(hessian * p); };
  const Eigen::LLT<Eigen::MatrixXd> factors(-hessian);
  if (factors.info() == Eigen::Success) {
    const Vector newton = factors.solve(gradient);
    if (newton.allFinite() && newton.norm() <= radius) return {newton, gain(newton)};
  }
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(-hessian);
  const Vector curvature = eigen.eigenvalues(), slope = eigen.eigenvectors().transpose() * gradient;
  const double scale = std::max(1e-300, curvature.cwiseAbs().maxCoeff());
  // |p| falls as the shift grows; at the least shift some curvature is 0.
  const double least = std::max(0.0, -curvature(0));
  const auto step_at = [&](double shift) {
    Vector p(slope.size());
    for (Eigen::Index i = 0; i < p.size(); ++i) {
      const double bend = curvature(i) + shift;
      p(i) = slope(i) == 0 ? 0.0 : slope(i) / std::max(bend, 1e-300);
    }
    return p;
  };
  double low = least, high = std::max(2 * least, 1e-8 * scale);
  for (int i = 0; i < kMostBisections && step_at(high).norm() > radius; ++i) high = least + 4 * (high - least);
  for (int i = 0; i < kMostBisections && high - low > 1e-12 * (high + 1e-300); ++i) {
    const double middle = 0.5 * (low + high);
    (step_at(middle).norm() > radius ? low : high) = middle;
  }
  Vector p = step_at(high);
  // No slope along the direction that bends upwards: follow it to the border.
  if (curvature(0) < 0 && p.norm() < 0.99 * radius) {
    const double room = std::sqrt(std::max(radius * radius - p.squaredNorm() + p(0) * p(0), 0.0));
    p(0) = slope(0) < 0 ? -room : room;
  }
  const Vector by = eigen.eigenvectors() * p;
  return {by, gain(by)};
}

}  // namespace

Maximum maximize(const SmoothFunction& function, std::vector<double> start, const TrustRegionOptions& options) {
  const std::size_t n = start.size();
  const auto evaluate = [&](std::vector<double> at) {
    Maximum here{
        .at = std::move(at), .value = 0, .gradient = std::vector<double>(n), .hessian = Matrix(n, n), .info = {}};
    here.value = function(here.at, here.gradient, here.hessian);
    if (!std::all_of(here.gradient.begin(), here.gradient.end(), [](double g) { return std::isfinite(g); }))
      here.value = -INFINITY;
    for (const double h : here.hessian.values())
      if (!std::isfinite(h)) here.value = -INFINITY;
    return here;
  };
  Maximum best = evaluate(std::move(start));
  if (!std::isfinite(best.value)) throw InvalidArgument("maximisation begins where the function is not finite");
  best.info.log_likelihood = best.value;
  if (n == 0) return best;

  FitInfo info;
  info.converged = false;
  double radius = options.first_radius;
  while (info.iterations < options.most_iterations) {
    const Vector gradient = as_vector(best.gradient);
    const Eigen::Map<const Square> hessian(best.hessian.values().data(), static_cast<Eigen::Index>(n),
                                           static_cast<Eigen::Index>(n));
    const Step step = best_step(gradient, hessian, radius);
    const double smallest_gain = options.tolerance * (1 + std::abs(best.value));
    if (!(step.gain > smallest_gain)) {
      info.converged = std::isfinite(step.gain);
      break;
    }
    if (radius < kSmallestRadius) break;
    ++info.iterations;
    std::vector<double> at(n);
    for (std::size_t i = 0; i < n; ++i) at[i] = best.at[i] + step.by(static_cast<Eigen::Index>(i));
    Maximum next = evaluate(std::move(at));
    const double gained = next.value - best.value, ratio = gained / step.gain;
    if (!(ratio > 0.25)) {
      radius = 0.25 * step.by.norm();
    } else if (ratio > 0.75 && step.by.norm() > 0.99 * radius) {
      radius = std::min(2.5 * radius, kLargestRadius);
    }
    if (gained > 0 && std::isfinite(next.value)) {
      best = std::move(next);
    } else if (step.gain < 1e-9 * (1 + std::abs(best.value))) {
      info.converged = true;  // what is left to gain is lost in the function's own rounding
      break;
    }
  }
  if (!info.converged) info.warnings.push_back(fmt::format("no maximum within {} steps", info.iterations));
  info.log_likelihood = best.value;
  best.info = std::move(info);
  return best;
}

}  // namespace putki
