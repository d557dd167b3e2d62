#pragma once
/// \file
/// What a fit of a value model says of its parameters, and the customers' quantities under their uncertainty.
///
/// All parameters of the value models are above 0 and are fitted as logarithms, by Newton's method in a trust region
/// with exact derivatives. Their uncertainty is that of the observed information: near the maximum the logarithms are
/// about normal with covariance `log_covariance` (the inverse of minus the Hessian); `covariance` is the same for the
/// parameters themselves, and its diagonal gives the standard errors that other packages print.
///
/// Values, safe to read from several threads.

#include <putki/core/fit_info.hpp>
#include <putki/core/interval.hpp>
#include <putki/core/matrix.hpp>
#include <putki/core/random.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace putki {

/// How to fit a value model.
struct ValueFitOptions {
  /// Days of one unit of the model's time, in which its rates and horizons are: 7 are weeks, 1 days, 365.25 years. The
  /// likelihood of discrete and contract models does not know it.
  double days_per_unit = 7;
  /// Newton steps at most.
  int most_iterations = 200;
};

struct ParameterFit {
  std::vector<std::string> names;  ///< as in the model's paper: "r", "alpha", ..
  std::vector<double> values;
  /// Empty when the data do not decide the parameters (the information has no inverse; a warning says so) or when
  /// they were given, not fitted.
  std::vector<double> std_errors;
  Matrix covariance;  ///< of the values; 0 x 0 when there are no standard errors
  /// Of their logarithms; 0 x 0 when they were given. Along what the data do not decide the deviation is held at 3: the
  /// likelihood is flat there and so are most answers.
  Matrix log_covariance;
  /// Customers that entered the likelihood.
  std::uint64_t customers = 0;
  FitInfo info;

  /// Limits of one parameter, normal on the logarithm, so always above 0. [value, value] when given.
  /// InvalidArgument: no such parameter, level not inside (0, 1).
  Interval interval(std::size_t parameter, double level = 0.95) const;
  /// One draw of all parameters together from that normal law of their logarithms; the values themselves when
  /// they were given. Uses one normal a parameter.
  std::vector<double> draw(RandomStream& stream) const;
};

}  // namespace putki
