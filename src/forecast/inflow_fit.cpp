#include "forecast/inflow_fit.hpp"

#include <Eigen/Cholesky>

#include <algorithm>
#include <cmath>

namespace putki {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int kMostSteps = 60;
constexpr int kMostHalvings = 30;
constexpr double kEnough = 1e-4;  // of the log-posterior that a step may still promise
constexpr double kLargestExponent = 50;

/// Precision of a steady AR(1) path: tridiagonal, with its ends apart.
struct PathPrecision {
  double ends, middle, beside;
  PathPrecision(double persistence, double deviation, std::size_t days) {
    const double scale = 1 / (deviation * deviation * (1 - persistence * persistence));
    ends = days > 1 ? scale : 1 / (deviation * deviation);
    middle = scale * (1 + persistence * persistence);
    beside = -scale * persistence;
  }
  double diagonal(std::size_t t, std::size_t days) const { return t == 0 || t + 1 == days ? ends : middle; }
  /// (Q u)_t
  double times(const std::vector<double>& u, std::size_t t) const {
    double sum = diagonal(t, u.size()) * u[t];
    if (t > 0) sum += beside * u[t - 1];
    if (t + 1 < u.size()) sum += beside * u[t + 1];
    return sum;
  }
};

}  // namespace

LeveledFit fit_leveled_counts(const LeveledCounts& problem, double persistence, double deviation,
                              const LeveledFit& start) {
  const std::size_t days = problem.counts.size(), columns = problem.design.columns();
  const double alpha = problem.dispersion, shift = problem.offset - 0.5 * deviation * deviation;
  const PathPrecision precision(persistence, deviation, days);
  LeveledFit fit;
  fit.coefficients = start.coefficients.empty() ? std::vector<double>(columns, 0.0) : start.coefficients;
  fit.path = start.path.empty() ? std::vector<double>(days, 0.0) : start.path;

  const auto log_mean = [&](std::size_t t, const std::vector<double>& b, const std::vector<double>& u) {
    const auto row = problem.design.row(t);
    double sum = u[t] + shift;
    for (std::size_t i = 0; i < columns; ++i) sum += row[i] * b[i];
    return std::min(sum, kLargestExponent);
  };
  // Log-likelihood (without what the counts alone decide), less both penalties.
  const auto log_posterior = [&](const std::vector<double>& b, const std::vector<double>& u) {
    double sum = 0;
    for (std::size_t t = 0; t < days; ++t) {
      const double eta = log_mean(t, b, u), m = std::exp(eta), y = problem.counts[t];
      const double spread = alpha > 0 ? std::log1p(alpha * m) : 0.0;
      sum += y * (eta - spread) - (alpha > 0 ? spread / alpha : m) - 0.5 * u[t] * precision.times(u, t);
    }
    for (std::size_t i = 0; i < columns; ++i) sum -= 0.5 * problem.penalty[i] * b[i] * b[i];
    return sum;
  };

  const auto size = static_cast<Eigen::Index>(columns);
  std::vector<double> pivot(days), right(days), border(days * columns), u_next(days), b_next(columns);
  MatrixXd schur(size, size);
  VectorXd gradient(size);
  double reached = log_posterior(fit.coefficients, fit.path), log_pivots = 0;
  Eigen::LLT<MatrixXd> factor;
  for (int step = 0; step < kMostSteps; ++step) {
    // Eliminate the path day by day: what is left of the system is the coefficients' own, S = P + X'WX - X'W A^-1 WX.
    schur.setZero();
    for (Eigen::Index i = 0; i < size; ++i) {
      schur(i, i) = problem.penalty[static_cast<std::size_t>(i)];
      gradient(i) = -schur(i, i) * fit.coefficients[static_cast<std::size_t>(i)];
    }
    log_pivots = 0;
    for (std::size_t t = 0; t < days; ++t) {
      const double m = std::exp(log_mean(t, fit.coefficients, fit.path)), y = problem.counts[t];
      const double spread = 1 + alpha * m, score = (y - m) / spread, weight = m * (1 + alpha * y) / (spread * spread);
      const auto row = problem.design.row(t);
      double* const here = border.data() + t * columns;
      const double carried = t > 0 ? -precision.beside / pivot[t - 1] : 0.0;
      pivot[t] = precision.diagonal(t, days) + weight + (t > 0 ? carried * precision.beside : 0.0);
      right[t] = score - precision.times(fit.path, t) + (t > 0 ? carried * right[t - 1] : 0.0);
      for (std::size_t i = 0; i < columns; ++i)
        here[i] = weight * row[i] + (t > 0 ? carried * *(here + i - columns) : 0.0);
      const double inverse = 1 / pivot[t];
      for (std::size_t i = 0; i < columns; ++i) {
        const auto column = static_cast<Eigen::Index>(i);
        gradient(column) += row[i] * score - here[i] * inverse * right[t];
        const double with_row = weight * row[i], with_border = inverse * here[i];
        double* const target = &schur(0, column);
        for (std::size_t j = 0; j <= i; ++j) target[j] += with_row * row[j] - with_border * here[j];
      }
      log_pivots += std::log(pivot[t]);
    }
    schur.triangularView<Eigen::StrictlyLower>() = schur.transpose();
    factor.compute(schur);
    const VectorXd move = factor.solve(gradient);
    double promised = 0.5 * gradient.dot(move);
    for (std::size_t t = 0; t < days; ++t) promised += 0.5 * right[t] * right[t] / pivot[t];
    if (!(promised > kEnough) || step + 1 == kMostSteps) {
      fit.converged = promised <= kEnough;
      break;
    }
    std::vector<double> climb(days);
    for (std::size_t t = days; t-- > 0;) {
      double value = right[t];
      for (std::size_t i = 0; i < columns; ++i) value -= border[t * columns + i] * move(static_cast<Eigen::Index>(i));
      if (t + 1 < days) value -= precision.beside * climb[t + 1];
      climb[t] = value / pivot[t];
    }
    double share = 1, tried = reached;
    int halvings = 0;
    for (; halvings < kMostHalvings; ++halvings, share *= 0.5) {
      for (std::size_t t = 0; t < days; ++t) u_next[t] = fit.path[t] + share * climb[t];
      for (std::size_t i = 0; i < columns; ++i)
        b_next[i] = fit.coefficients[i] + share * move(static_cast<Eigen::Index>(i));
      tried = log_posterior(b_next, u_next);
      if (tried > reached) break;
    }
    if (halvings == kMostHalvings) break;
    reached = tried;
    fit.path.swap(u_next);
    fit.coefficients.swap(b_next);
  }

  const MatrixXd covariance = factor.solve(MatrixXd::Identity(size, size));
  fit.covariance = Matrix(columns, columns);
  fit.level = fit.path.back();
  fit.level_deviation = std::sqrt(1 / pivot.back());
  double log_schur = 0;
  for (Eigen::Index i = 0; i < size; ++i) {
    const auto place = static_cast<std::size_t>(i);
    for (Eigen::Index j = 0; j < size; ++j) fit.covariance(place, static_cast<std::size_t>(j)) = covariance(i, j);
    fit.level_slopes.push_back(-border[(days - 1) * columns + place] / pivot.back());
    log_schur += 2 * std::log(factor.matrixLLT()(i, i));
  }
  // log|Q| of a steady AR(1) path
  const double log_precision = -2.0 * static_cast<double>(days) * std::log(deviation) -
                               static_cast<double>(days - 1) * std::log1p(-persistence * persistence);
  double normaliser = 0;  // of the negative binomial, as far as alpha decides it
  if (alpha > 0)
    for (const double y : problem.counts)
      for (double j = 1; j < y; ++j) normaliser += std::log1p(alpha * j);
  fit.log_evidence = reached + normaliser + 0.5 * (log_precision - log_pivots - log_schur);
  return fit;
}

}  // namespace putki
