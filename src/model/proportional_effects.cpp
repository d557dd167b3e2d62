#include <putki/core/error.hpp>
#include <putki/model/proportional_effects.hpp>

#include "core/trust_region.hpp"

#include <Eigen/Dense>
#include <boost/math/tools/minima.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace putki {
namespace {

/// Deviations tried: effects of a factor of 1.01 to one of a hundred.
constexpr double kLeastDeviation = 0.01, kLargestDeviation = 2;
constexpr int kBrentBits = 10;
constexpr int kMostAscents = 4;
/// What rounding may add to a log marginal likelihood.
constexpr double kRounding = 1e-6;

/// The effects of one row: covariates' values, and the columns of its factors' levels, whose value is 1.
struct Row {
  std::vector<double> covariates;
  std::vector<std::size_t> columns;
};

struct Design {
  std::vector<Row> rows;
  std::vector<std::size_t> term_of;  // [effect]
  std::size_t covariates = 0;
  std::size_t terms = 0;
};

/// One move's penalised likelihood. Effects are scaled by their deviations, b = s v with v ~ N(0, 1), which holds at
/// s = 0 as well; s < 0 stands for no prior, b = v.
class MoveFit {
 public:
  MoveFit(const Design& design, const MoveCounts& counts) : design_(&design), counts_(&counts) {
    const double moves = std::accumulate(counts.moves.begin(), counts.moves.end(), 0.0),
                 expected = std::accumulate(counts.expected.begin(), counts.expected.end(), 0.0);
    moved_ = moves > 0;
    at_.assign(1 + design.term_of.size(), 0.0);
    if (moved_) at_[0] = std::log(moves / expected);
  }
  bool moved() const { return moved_; }

  /// Maximises and returns the log marginal likelihood; all of it but what no deviation changes.
  double fit(const std::vector<double>& deviations) {
    if (!moved_) return 0;
    scale_.assign(at_.size(), 1.0);
    penalty_.assign(at_.size(), 0.0);
    for (std::size_t i = 0; i < design_->term_of.size(); ++i) {
      const double s = deviations[design_->term_of[i]];
      if (s >= 0) {
        scale_[i + 1] = s;
        penalty_[i + 1] = 1;
      }
    }
    std::vector<double> start(at_.size());
    for (std::size_t i = 0; i < at_.size(); ++i) start[i] = scale_[i] > 0 ? at_[i] / scale_[i] : 0.0;
    // Where the effects found last time have become improbable, begin without any.
    if (double norm = 0; std::any_of(start.begin() + 1, start.end(), [&](double v) { return (norm += v * v) > 1e4; }))
      std::fill(start.begin() + 1, start.end(), 0.0);
    maximum_ = maximize([this](auto x, auto gradient, auto& hessian) { return value(x, gradient, hessian); },
                        std::move(start));
    for (std::size_t i = 0; i < at_.size(); ++i) at_[i] = scale_[i] * maximum_.at[i];
    const Eigen::LLT<Eigen::MatrixXd> factors(information());
    return maximum_.value - factors.matrixLLT().diagonal().array().log().sum();
  }

  MoveEffects effects() const {
    MoveEffects result;
    const std::size_t n = at_.size();
    result.covariance = Matrix(n, n);
    result.intercept = at_[0];
    result.effects.assign(at_.begin() + 1, at_.end());
    if (!moved_) {
      result.intercept = 0;
      return result;
    }
    const auto size = static_cast<Eigen::Index>(n);
    const Eigen::MatrixXd inverse =
        Eigen::LLT<Eigen::MatrixXd>(information()).solve(Eigen::MatrixXd::Identity(size, size));
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j)
        result.covariance(i, j) =
            scale_[i] * scale_[j] * inverse(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j));
    return result;
  }
  const FitInfo& info() const { return maximum_.info; }

 private:
  double value(std::span<const double> v, std::span<double> gradient, Matrix& hessian) const {
    double sum = 0;
    std::vector<std::pair<std::size_t, double>> terms;
    for (std::size_t r = 0; r < design_->rows.size(); ++r) {
      if (counts_->expected[r] <= 0) continue;
      const Row& row = design_->rows[r];
      terms.assign(1, {0, 1.0});
      for (std::size_t c = 0; c < row.covariates.size(); ++c)
        terms.push_back({1 + c, row.covariates[c] * scale_[1 + c]});
      for (const std::size_t column : row.columns) terms.push_back({1 + column, scale_[1 + column]});
      double log_ratio = 0;
      for (const auto& [i, x] : terms) log_ratio += x * v[i];
      const double mean = counts_->expected[r] * std::exp(log_ratio), moves = counts_->moves[r];
      sum += moves * log_ratio - mean;
      for (const auto& [i, x] : terms) {
        gradient[i] += x * (moves - mean);
        for (const auto& [j, y] : terms) hessian(i, j) -= x * y * mean;
      }
    }
    for (std::size_t i = 1; i < v.size(); ++i) {
      sum -= 0.5 * penalty_[i] * v[i] * v[i];
      gradient[i] -= penalty_[i] * v[i];
      hessian(i, i) -= penalty_[i];
    }
    return sum;
  }

  Eigen::MatrixXd information() const {
    const auto size = static_cast<Eigen::Index>(at_.size());
    Eigen::MatrixXd negative(size, size);
    for (Eigen::Index i = 0; i < size; ++i)
      for (Eigen::Index j = 0; j < size; ++j)
        negative(i, j) = -maximum_.hessian(static_cast<std::size_t>(i), static_cast<std::size_t>(j));
    return negative;
  }

  const Design* design_;
  const MoveCounts* counts_;
  bool moved_;
  std::vector<double> at_;  // intercept and effects, unscaled
  std::vector<double> scale_, penalty_;
  Maximum maximum_;
};

void check_counts(const MoveCounts& counts, std::size_t rows) {
  if (counts.moves.size() != rows || counts.expected.size() != rows)
    throw InvalidArgument(fmt::format("effects on '{}': {} counts and {} expectations for {} rows", counts.name,
                                      counts.moves.size(), counts.expected.size(), rows));
  for (std::size_t r = 0; r < rows; ++r) {
    for (const double value : {counts.moves[r], counts.expected[r]})
      if (!(value >= 0) || !std::isfinite(value))
        throw InvalidArgument(fmt::format("effects on '{}': {} in row {}; 0 or more is needed", counts.name, value, r));
    if (counts.moves[r] > 0 && counts.expected[r] == 0)
      throw InvalidArgument(
          fmt::format("effects on '{}': {} moves in row {} where none were expected", counts.name, counts.moves[r], r));
  }
}

Design lay_out(std::size_t rows, const std::vector<Covariate>& covariates, const std::vector<Factor>& factors) {
  Design design;
  design.rows.resize(rows);
  design.covariates = covariates.size();
  for (const Covariate& covariate : covariates) {
    if (covariate.values.size() != rows)
      throw InvalidArgument(
          fmt::format("covariate '{}' has {} values for {} rows", covariate.name, covariate.values.size(), rows));
    for (std::size_t r = 0; r < rows; ++r) {
      if (!std::isfinite(covariate.values[r]))
        throw InvalidArgument(fmt::format("covariate '{}' is {} in row {}", covariate.name, covariate.values[r], r));
      design.rows[r].covariates.push_back(covariate.values[r]);
    }
    design.term_of.push_back(design.terms++);
  }
  for (const Factor& factor : factors) {
    if (factor.level_of_row.size() != rows)
      throw InvalidArgument(
          fmt::format("factor '{}' has levels for {} of {} rows", factor.name, factor.level_of_row.size(), rows));
    for (std::size_t r = 0; r < rows; ++r) {
      if (factor.level_of_row[r] >= factor.levels.size())
        throw InvalidArgument(fmt::format("factor '{}' has {} levels; row {} is of level {}", factor.name,
                                          factor.levels.size(), r, factor.level_of_row[r]));
      design.rows[r].columns.push_back(design.term_of.size() + factor.level_of_row[r]);
    }
    design.term_of.insert(design.term_of.end(), factor.levels.size(), design.terms);
    ++design.terms;
  }
  return design;
}

}  // namespace

double MoveEffects::standard_error(std::size_t i) const {
  return std::sqrt(std::max(covariance(i + 1, i + 1), 0.0));
}

ProportionalEffects fit_proportional_effects(const std::vector<MoveCounts>& moves,
                                             const std::vector<Covariate>& covariates,
                                             const std::vector<Factor>& factors, const EffectsOptions& options) {
  std::size_t rows = 0;
  if (!moves.empty())
    rows = moves.front().moves.size();
  else if (!covariates.empty())
    rows = covariates.front().values.size();
  else if (!factors.empty())
    rows = factors.front().level_of_row.size();
  const Design design = lay_out(rows, covariates, factors);
  for (const MoveCounts& counts : moves) check_counts(counts, rows);

  ProportionalEffects result;
  for (const Covariate& covariate : covariates) result.names.push_back(covariate.name);
  for (const Factor& factor : factors)
    for (const std::string& level : factor.levels) result.names.push_back(fmt::format("{} = {}", factor.name, level));

  std::vector<bool> estimated(design.terms, true);
  std::vector<double> deviations(design.terms, 0.3);
  for (std::size_t t = 0; t < std::min(design.terms, options.deviations.size()); ++t) {
    if (!options.deviations[t]) continue;
    const double given = *options.deviations[t];
    if (!(given >= 0) || (std::isinf(given) && t >= design.covariates))
      throw InvalidArgument(fmt::format("prior deviation {} of an effect; it must be 0 or more{}", given,
                                        t >= design.covariates ? " and finite for a factor" : ""));
    estimated[t] = false;
    deviations[t] = std::isinf(given) ? -1.0 : given;
  }

  std::vector<MoveFit> fits;
  for (const MoveCounts& counts : moves) fits.emplace_back(design, counts);
  const auto marginal = [&](const std::vector<double>& s) {
    double sum = 0;
    for (MoveFit& fit : fits) sum += fit.fit(s);
    return sum;
  };
  const bool moved = std::any_of(fits.begin(), fits.end(), [](const MoveFit& fit) { return fit.moved(); });
  const auto to_estimate = static_cast<int>(std::count(estimated.begin(), estimated.end(), true));
  result.info.converged = to_estimate == 0 || !moved;
  for (int sweep = 0; sweep < kMostAscents && moved && !result.info.converged; ++sweep) {
    double change = 0;
    for (std::size_t t = 0; t < design.terms; ++t) {
      if (!estimated[t]) continue;
      std::vector<double> trial = deviations;
      const auto loss = [&](double log_deviation) {
        ++result.info.iterations;
        trial[t] = std::exp(log_deviation);
        return -marginal(trial);
      };
      const auto [best, least_loss] = boost::math::tools::brent_find_minima(loss, std::log(kLeastDeviation),
                                                                            std::log(kLargestDeviation), kBrentBits);
      trial[t] = 0;
      const double found =
          -least_loss > marginal(trial) + std::max(options.least_gain, kRounding) ? std::exp(best) : 0.0;
      change = std::max(change, std::abs(found - deviations[t]) / std::max(found, kLeastDeviation));
      deviations[t] = found;
    }
    result.info.converged = to_estimate == 1 || change < 0.02;
  }
  if (moved && !result.info.converged)
    result.info.warnings.push_back("the strengths of pooling did not settle; the last ones are used");

  result.info.log_likelihood = marginal(deviations);
  for (std::size_t m = 0; m < fits.size(); ++m) {
    if (fits[m].moved() && !fits[m].info().converged) {
      result.info.converged = false;
      result.info.warnings.push_back(fmt::format("effects on '{}' did not converge", moves[m].name));
    }
    result.moves.push_back(fits[m].effects());
  }
  for (std::size_t t = 0; t < design.terms; ++t)
    result.deviations.push_back(deviations[t] < 0 ? INFINITY : moved || !estimated[t] ? deviations[t] : 0.0);
  return result;
}

}  // namespace putki
