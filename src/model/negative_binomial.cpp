#include <putki/model/negative_binomial.hpp>

#include <putki/core/error.hpp>

#include <fmt/format.h>
#include <Eigen/Cholesky>
#include <boost/math/special_functions/gamma.hpp>

#include <algorithm>
#include <cmath>

namespace putki {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kMostCount = 1e7;
constexpr double kLeastDispersion = 1e-8, kMostDispersion = 1e4;
constexpr int kMostSteps = 100, kMostRounds = 60;
constexpr double kLargestExponent = 700;

struct Problem {
  Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>> design;
  Eigen::Map<const VectorXd> counts;
  VectorXd penalty;
  double offset;
  std::vector<double> days_above;  // [j]: counts larger than j
  double constant = 0;             // sum of -log y!
};

VectorXd means(const Problem& problem, const VectorXd& b) {
  return ((problem.design * b).array() + problem.offset).min(kLargestExponent).exp();
}

/// log(1 + alpha m) / alpha, m at alpha 0.
double shrunk(double alpha, double m) {
  return alpha * m < 1e-12 ? m : std::log1p(alpha * m) / alpha;
}

double log_likelihood(const Problem& problem, const VectorXd& b, double alpha) {
  double sum = problem.constant;
  if (alpha > 0)
    for (std::size_t j = 1; j < problem.days_above.size(); ++j)
      sum += problem.days_above[j] * std::log1p(alpha * static_cast<double>(j));
  const VectorXd log_mean = (problem.design * b).array() + problem.offset;
  for (Eigen::Index t = 0; t < log_mean.size(); ++t) {
    const double m = std::exp(std::min(log_mean(t), kLargestExponent));
    sum += problem.counts(t) * (log_mean(t) - (alpha > 0 ? std::log1p(alpha * m) : 0.0)) - shrunk(alpha, m);
  }
  return sum;
}

double penalised_loss(const Problem& problem, const VectorXd& b, double alpha) {
  return 0.5 * b.dot(problem.penalty.cwiseProduct(b)) - log_likelihood(problem, b, alpha);
}

/// The step of least quadratic model along the dogleg within the radius.
VectorXd dogleg(const VectorXd& gradient, const MatrixXd& hessian, double radius) {
  const VectorXd newton = -hessian.ldlt().solve(gradient);
  if (newton.allFinite() && newton.norm() <= radius) return newton;
  const double curvature = gradient.dot(hessian * gradient), length = gradient.norm();
  const double share = curvature > 0 ? length * length / curvature : radius / length;
  const VectorXd cauchy = -share * gradient;
  if (cauchy.norm() >= radius || !newton.allFinite()) return -std::min(share, radius / length) * gradient;
  const VectorXd leg = newton - cauchy;
  const double a = leg.squaredNorm(), half = cauchy.dot(leg), rest = cauchy.squaredNorm() - radius * radius;
  return cauchy + (-half + std::sqrt(std::max(half * half - a * rest, 0.0))) / a * leg;
}

/// Moves `b` to the minimum of the penalised loss; false when it did not get there.
bool minimise(const Problem& problem, double alpha, VectorXd& b, int& iterations) {
  double loss = penalised_loss(problem, b, alpha), radius = 2;
  for (int step = 0; step < kMostSteps; ++step) {
    const VectorXd m = means(problem, b);
    const auto spread = (1 + alpha * m.array()).eval();
    const VectorXd score = (problem.counts - m).array() / spread;
    const VectorXd weight = m.array() * (1 + alpha * problem.counts.array()) / spread.square();
    const VectorXd gradient = problem.penalty.cwiseProduct(b) - problem.design.transpose() * score;
    MatrixXd hessian = problem.design.transpose() * weight.asDiagonal() * problem.design;
    hessian.diagonal() += problem.penalty;
    const VectorXd move = dogleg(gradient, hessian, radius);
    const double promised = -(gradient.dot(move) + 0.5 * move.dot(hessian * move));
    if (!(promised > 1e-12 * (1 + std::abs(loss)))) {
      if (move.allFinite() && penalised_loss(problem, b + move, alpha) <= loss) b += move;
      return true;
    }
    ++iterations;
    const double reached = penalised_loss(problem, b + move, alpha), ratio = (loss - reached) / promised;
    if (!(ratio >= 0.25))
      radius = 0.25 * move.norm();
    else if (ratio > 0.75 && move.norm() > 0.9 * radius)
      radius *= 2;
    if (ratio > 1e-4) {
      b += move;
      loss = reached;
    }
    if (radius < 1e-12) return false;
  }
  return false;
}

/// First and second derivative of the log-likelihood by alpha, means held. Where alpha m is small the closed forms
/// cancel and their series is used.
struct Slope {
  double first = 0;
  double second = 0;
};
Slope dispersion_slope(const Problem& problem, const VectorXd& m, double alpha) {
  Slope slope;
  for (std::size_t i = 1; i < problem.days_above.size(); ++i) {
    const double j = static_cast<double>(i), term = j / (1 + alpha * j);
    slope.first += problem.days_above[i] * term;
    slope.second -= problem.days_above[i] * term * term;
  }
  for (Eigen::Index t = 0; t < m.size(); ++t) {
    const double x = alpha * m(t), share = m(t) / (1 + x), y = problem.counts(t);
    if (x < 1e-3) {
      slope.first += m(t) * m(t) * (0.5 + x * (-2.0 / 3 + 0.75 * x)) - y * share;
      slope.second += m(t) * m(t) * m(t) * (-2.0 / 3 + 1.5 * x) + y * share * share;
    } else {
      const double log_term = std::log1p(x);
      slope.first += (log_term / alpha - share) / alpha - y * share;
      slope.second += (2 * (share - log_term / alpha) / alpha + share * share) / alpha + y * share * share;
    }
  }
  return slope;
}

/// alpha at the maximum for these means: bisection of the slope by log alpha, sped up by Newton's method.
double best_dispersion(const Problem& problem, const VectorXd& m, const NegativeBinomialOptions& options,
                       double start) {
  const double precision =
      options.usual_dispersion > 0 ? 1 / (options.log_dispersion_deviation * options.log_dispersion_deviation) : 0;
  const double usual = options.usual_dispersion > 0 ? std::log(options.usual_dispersion) : 0;
  const auto slope_at = [&](double log_alpha) {
    const double alpha = std::exp(log_alpha);
    const Slope slope = dispersion_slope(problem, m, alpha);
    return Slope{alpha * slope.first - precision * (log_alpha - usual),
                 alpha * slope.first + alpha * alpha * slope.second - precision};
  };
  double low = std::log(kLeastDispersion), high = std::log(kMostDispersion);
  if (slope_at(low).first <= 0) return precision > 0 ? kLeastDispersion : 0;
  if (slope_at(high).first >= 0) return kMostDispersion;
  double place = std::clamp(std::log(std::max(start, kLeastDispersion)), low + 0.1, high - 0.1);
  for (int step = 0; step < 200 && high - low > 1e-12; ++step) {
    const Slope slope = slope_at(place);
    (slope.first > 0 ? low : high) = place;
    double next = slope.second < 0 ? place - slope.first / slope.second : 0.5 * (low + high);
    if (!(next > low && next < high)) next = 0.5 * (low + high);
    if (std::abs(next - place) < 1e-11) break;
    place = next;
  }
  return std::exp(place);
}

void check(const Matrix& design, std::span<const double> counts, const NegativeBinomialOptions& options) {
  const auto refuse = [](const std::string& what) { throw InvalidArgument("negative binomial regression: " + what); };
  if (design.columns() == 0) refuse("a design without columns; 1 or more are needed");
  if (design.rows() != counts.size()) refuse(fmt::format("{} rows for {} counts", design.rows(), counts.size()));
  if (!options.penalty.empty() && options.penalty.size() != design.columns())
    refuse(fmt::format("{} penalties for {} columns", options.penalty.size(), design.columns()));
  for (const double penalty : options.penalty)
    if (!(penalty >= 0) || !std::isfinite(penalty)) refuse(fmt::format("penalty {} is not 0 or more", penalty));
  for (const double count : counts)
    if (!(count >= 0 && count <= kMostCount) || count != std::floor(count))
      refuse(fmt::format("count {} is no whole number from 0 to 10 million", count));
  for (const double value : design.values())
    if (!std::isfinite(value)) refuse(fmt::format("design value {} is not finite", value));
  if (!std::isfinite(options.offset)) refuse(fmt::format("offset {} is not finite", options.offset));
  if (!(options.usual_dispersion >= 0) || !std::isfinite(options.usual_dispersion))
    refuse(fmt::format("usual dispersion {} is not 0 or more", options.usual_dispersion));
  if (!(options.log_dispersion_deviation > 0) || !std::isfinite(options.log_dispersion_deviation))
    refuse(fmt::format("deviation of the log dispersion {} is not above 0", options.log_dispersion_deviation));
  if (options.dispersion && !(*options.dispersion >= 0 && *options.dispersion <= kMostDispersion))
    refuse(fmt::format("dispersion {} is not between 0 and {}", *options.dispersion, kMostDispersion));
}

}  // namespace

NegativeBinomialRegression fit_negative_binomial(const Matrix& design, std::span<const double> counts,
                                                 const NegativeBinomialOptions& options) {
  check(design, counts, options);
  const auto rows = static_cast<Eigen::Index>(design.rows()), columns = static_cast<Eigen::Index>(design.columns());
  Problem problem{.design = {design.values().data(), rows, columns},
                  .counts = {counts.data(), rows},
                  .penalty = VectorXd::Zero(columns),
                  .offset = options.offset,
                  .days_above = {}};
  for (std::size_t i = 0; i < options.penalty.size(); ++i)
    problem.penalty(static_cast<Eigen::Index>(i)) = options.penalty[i];
  double most = 0;
  for (const double count : counts) most = std::max(most, count);
  problem.days_above.assign(static_cast<std::size_t>(most), 0.0);
  for (const double count : counts) {
    if (count > 0) problem.days_above[static_cast<std::size_t>(count) - 1] += 1;
    problem.constant -= boost::math::lgamma(count + 1);  // std::lgamma writes a global
  }
  for (std::size_t j = problem.days_above.size(); j-- > 1;) problem.days_above[j - 1] += problem.days_above[j];

  NegativeBinomialRegression fit;
  VectorXd b = VectorXd::Zero(columns);
  double alpha = options.dispersion.value_or(options.usual_dispersion > 0 ? options.usual_dispersion : 0.1);
  bool converged = minimise(problem, alpha, b, fit.info.iterations);
  for (int round = 0; !options.dispersion && rows > 0; ++round) {
    const double before = alpha;
    alpha = best_dispersion(problem, means(problem, b), options, alpha);
    converged = minimise(problem, alpha, b, fit.info.iterations);
    if (std::abs(alpha - before) <= 1e-9 * (alpha + before)) break;
    if (round == kMostRounds) {
      converged = false;
      break;
    }
  }

  const VectorXd m = means(problem, b);
  const VectorXd information = m.array() / (1 + alpha * m.array());
  MatrixXd precision = problem.design.transpose() * information.asDiagonal() * problem.design;
  precision.diagonal() += problem.penalty;
  const MatrixXd covariance = precision.ldlt().solve(MatrixXd::Identity(columns, columns));
  fit.coefficients.assign(b.data(), b.data() + columns);
  fit.covariance = Matrix(design.columns(), design.columns());
  for (Eigen::Index i = 0; i < columns; ++i)
    for (Eigen::Index j = 0; j < columns; ++j)
      fit.covariance(static_cast<std::size_t>(i), static_cast<std::size_t>(j)) = covariance(i, j);
  fit.dispersion = alpha;
  if (!options.dispersion && alpha > 0) {
    const double curvature = dispersion_slope(problem, m, alpha).second;
    if (curvature < 0) fit.dispersion_error = 1 / std::sqrt(-curvature);
  }
  fit.info.converged = converged;
  fit.info.log_likelihood = log_likelihood(problem, b, alpha);
  if (!converged)
    fit.info.warnings.push_back("negative binomial regression: no maximum found; the best point is given");
  return fit;
}

}  // namespace putki
