#include <putki/value/parameter_fit.hpp>

#include <putki/core/error.hpp>

#include "core/normal_quantile.hpp"
#include "value/fitting.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <Eigen/Dense>

#include <cmath>
#include <limits>
#include <utility>

namespace putki {
namespace {

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// The search leaves no parameter beyond these powers of e about its start: what still rises there has no maximum.
constexpr double kFarthest = 25, kNearBorder = 24;
// A logarithm less sure than this is not decided by the data.
constexpr double kLargestDeviation = 5;
// The deviation of draws along what is not decided: there the likelihood is flat, and so is what depends on it.
constexpr double kUndecidedDeviation = 3;

Eigen::Map<const RowMajor> as_matrix(const Matrix& matrix) {
  return {matrix.values().data(), static_cast<Eigen::Index>(matrix.rows()),
          static_cast<Eigen::Index>(matrix.columns())};
}

}  // namespace

Interval ParameterFit::interval(std::size_t parameter, double level) const {
  if (parameter >= values.size())
    throw InvalidArgument(fmt::format("parameter {} of a model that has {}", parameter, values.size()));
  if (!(level > 0 && level < 1)) throw InvalidArgument(fmt::format("level {}; between 0 and 1 is allowed", level));
  if (log_covariance.rows() == 0) return {values[parameter], values[parameter]};
  const double reach = normal_quantile(0.5 + 0.5 * level) * std::sqrt(log_covariance(parameter, parameter));
  return {values[parameter] * std::exp(-reach), values[parameter] * std::exp(reach)};
}

std::vector<double> ParameterFit::draw(RandomStream& stream) const {
  const auto n = static_cast<Eigen::Index>(values.size());
  Eigen::VectorXd standard(n);
  for (Eigen::Index i = 0; i < n; ++i) standard(i) = stream.normal();
  std::vector<double> drawn = values;
  if (log_covariance.rows() == 0) return drawn;
  const Eigen::VectorXd moved = as_matrix(log_covariance).llt().matrixL() * standard;
  for (std::size_t i = 0; i < drawn.size(); ++i) drawn[i] *= std::exp(moved(static_cast<Eigen::Index>(i)));
  return drawn;
}

void check_days_per_unit(double days_per_unit) {
  if (!(days_per_unit > 0) || !std::isfinite(days_per_unit))
    throw InvalidArgument(fmt::format("a unit of {} days; above 0 is allowed", days_per_unit));
}

void check_options(const ValueFitOptions& options) {
  check_days_per_unit(options.days_per_unit);
  if (options.most_iterations < 1)
    throw InvalidArgument(fmt::format("{} iterations; 1 or more are allowed", options.most_iterations));
}

void check_values(const ParameterFit& fit, const std::vector<std::string>& names, const char* model) {
  if (fit.names != names || fit.values.size() != names.size())
    throw InvalidArgument(fmt::format("{}: {} parameters; {} are needed: {}", model, fit.values.size(), names.size(),
                                      fmt::join(names, ", ")));
  for (std::size_t i = 0; i < names.size(); ++i)
    if (!(fit.values[i] > 0) || !std::isfinite(fit.values[i]))
      throw InvalidArgument(fmt::format("{}: {} is {}; above 0 is allowed", model, names[i], fit.values[i]));
}

ParameterFit given_parameters(std::vector<std::string> names, std::span<const double> values, const char* model) {
  ParameterFit fit;
  fit.names = std::move(names);
  fit.values.assign(values.begin(), values.end());
  check_values(fit, fit.names, model);
  return fit;
}

CoordinateFit fit_coordinates(std::span<const std::string> names, std::vector<double> start,
                              const SmoothFunction& log_likelihood, const ValueFitOptions& options) {
  const std::size_t n = start.size();
  const std::vector<double> first = start;
  const SmoothFunction within = [&](std::span<const double> x, std::span<double> gradient, Matrix& hessian) {
    for (std::size_t i = 0; i < n; ++i)
      if (!(std::abs(x[i] - first[i]) < kFarthest)) return -std::numeric_limits<double>::infinity();
    return log_likelihood(x, gradient, hessian);
  };
  Maximum maximum =
      maximize(within, std::move(start), {.most_iterations = options.most_iterations, .tolerance = 1e-15});

  CoordinateFit fit{.at = std::move(maximum.at), .covariance = Matrix(n, n), .info = std::move(maximum.info)};
  const auto size = static_cast<Eigen::Index>(n);
  const Eigen::Map<const Eigen::VectorXd> gradient(maximum.gradient.data(), size);
  const Eigen::LLT<Eigen::MatrixXd> information(-as_matrix(maximum.hessian));
  Eigen::MatrixXd covariance;
  fit.decided = information.info() == Eigen::Success;
  if (fit.decided) {
    covariance = information.solve(Eigen::MatrixXd::Identity(size, size));
    fit.decided = covariance.allFinite() && covariance.diagonal().minCoeff() > 0 &&
                  std::sqrt(covariance.diagonal().maxCoeff()) < kLargestDeviation;
  }
  std::string at_border;
  for (std::size_t i = 0; i < n; ++i)
    if (std::abs(fit.at[i] - first[i]) > kNearBorder) at_border += (at_border.empty() ? "" : ", ") + names[i];
  if (!at_border.empty()) {
    fit.info.converged = false;
    fit.info.warnings.push_back(
        fmt::format("the likelihood rises as {} goes to its limit: these customers do not differ in it", at_border));
  }
  if (fit.decided && fit.info.converged)  // the step that was too small to be worth it
    Eigen::Map<Eigen::VectorXd>(fit.at.data(), size) += information.solve(gradient);
  if (!fit.decided) {
    fit.info.warnings.push_back("no standard errors: the data do not decide all parameters");
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> axes(-as_matrix(maximum.hessian));
    const Eigen::VectorXd variances =
        (axes.eigenvalues().array().max(0.0) + 1 / (kUndecidedDeviation * kUndecidedDeviation)).inverse();
    covariance = axes.eigenvectors() * variances.asDiagonal() * axes.eigenvectors().transpose();
  }
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j)
      fit.covariance(i, j) = covariance(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j));
  return fit;
}

void set_log_covariance(ParameterFit& fit, Matrix log_covariance, bool decided) {
  const std::size_t n = fit.values.size();
  fit.log_covariance = std::move(log_covariance);
  if (!decided) return;
  fit.covariance = Matrix(n, n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) fit.covariance(i, j) = fit.log_covariance(i, j) * fit.values[i] * fit.values[j];
    fit.std_errors.push_back(std::sqrt(fit.covariance(i, i)));
  }
}

ParameterFit fit_positive(std::vector<std::string> names, std::vector<double> start,
                          const SmoothFunction& log_likelihood, const ValueFitOptions& options) {
  const std::size_t n = start.size();
  std::vector<double> natural(n), first(n);
  for (std::size_t i = 0; i < n; ++i) first[i] = std::log(start[i]);
  const SmoothFunction by_logarithms = [&](std::span<const double> x, std::span<double> gradient, Matrix& hessian) {
    for (std::size_t i = 0; i < n; ++i) natural[i] = std::exp(x[i]);
    const double value = log_likelihood(natural, gradient, hessian);
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) hessian(i, j) *= natural[i] * natural[j];
      gradient[i] *= natural[i];
      hessian(i, i) += gradient[i];
    }
    return value;
  };
  CoordinateFit found = fit_coordinates(names, std::move(first), by_logarithms, options);
  ParameterFit fit;
  fit.names = std::move(names);
  fit.info = std::move(found.info);
  for (const double logarithm : found.at) fit.values.push_back(std::exp(logarithm));
  set_log_covariance(fit, std::move(found.covariance), found.decided);
  return fit;
}

}  // namespace putki
