#pragma once
/// \file
/// Regression of counts that scatter more than a Poisson law allows: negative binomial (NB2) with log link.
///
///     E y = m = exp(x'b),  Var y = m + alpha m^2,
///     log f(y) = sum_{j<y} log(1 + alpha j) + y log m - (y + 1 / alpha) log(1 + alpha m) - log y!
///
/// alpha is the dispersion, 1 / alpha the theta (or k, or size) of other texts; alpha 0 is Poisson. Coefficients
/// maximise the likelihood less a ridge, 1/2 sum_i penalty_i b_i^2 (that is, under normal priors around 0 with these
/// precisions), by Newton's method in a trust region (Nocedal & Wright 2006, ch. 4); the negative log-likelihood is
/// convex in b, so there is one maximum. alpha follows by its profile likelihood, b and alpha in turn until both rest.
/// Source: Venables & Ripley 2002, section 7.4; the tests hold it to their school-absence example.
///
/// Cost: rows x columns^2 an iteration, some ten of them; 1,461 rows and 13 columns in 2 ms. The result is a small
/// value. No rows: coefficients 0, covariance the inverse penalty.

#include <putki/core/fit_info.hpp>
#include <putki/core/matrix.hpp>

#include <optional>
#include <span>
#include <vector>

namespace putki {

struct NegativeBinomialOptions {
  /// Ridge precision of each coefficient, 0 or more; empty: none.
  std::vector<double> penalty = {};
  /// Log-normal prior on alpha, as its median and the deviation of log alpha; median 0: none, plain maximum likelihood.
  double usual_dispersion = 0;
  double log_dispersion_deviation = 1;
  /// Added to every log mean.
  double offset = 0;
  /// alpha is known; nothing: estimated.
  std::optional<double> dispersion = std::nullopt;
};

struct NegativeBinomialRegression {
  std::vector<double> coefficients;
  /// Of the coefficients at this alpha: inverse of the expected information plus the penalty, the standard errors of
  /// other packages.
  Matrix covariance;
  double dispersion = 0;        ///< alpha; 0 when the counts scatter no more than Poisson
  double dispersion_error = 0;  ///< standard error of alpha, means held; 0 at alpha 0 or when it was given
  /// log_likelihood is that of the counts, without penalty and priors.
  FitInfo info;
};

/// `design` has a row a count. InvalidArgument: sizes differ, a count that is no whole number from 0 to 10 million, a
/// design or option that is not finite or out of range, no column.
NegativeBinomialRegression fit_negative_binomial(const Matrix& design, std::span<const double> counts,
                                                 const NegativeBinomialOptions& options = {});

}  // namespace putki
