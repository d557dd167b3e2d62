#include <putki/core/error.hpp>
#include <putki/evaluate/scores.hpp>

#include "evaluate/checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace putki {
namespace {

/// Integrals over the window, in units of its width, of F, F^2 and of F from `from` to the window's end; F(u) is
/// slope u + sum_k b_k sin(k pi u), b_k = coefficient / (k pi).
struct SeriesIntegrals {
  double first = 0;
  double square = 0;
  double beyond = 0;
};

SeriesIntegrals integrate(std::span<const double> coefficients, double from) {
  const double slope = coefficients[0] / 2;
  SeriesIntegrals integrals{slope / 2, slope * slope / 3, slope * (1 - from * from) / 2};
  for (std::size_t k = 1; k < coefficients.size(); ++k) {
    const double k_pi = static_cast<double>(k) * std::numbers::pi, b = coefficients[k] / k_pi;
    const double sign = k % 2 == 0 ? 1.0 : -1.0;  // cos(k pi)
    integrals.first += b * (1 - sign) / k_pi;
    integrals.square += b * (b / 2 - 2 * slope * sign / k_pi);
    integrals.beyond += b * (std::cos(k_pi * from) - sign) / k_pi;
  }
  return integrals;
}

double crps_of_series(const RevenueDistribution& forecast, double actual) {
  const double width = forecast.upper() - forecast.lower();
  const double inside = std::clamp(actual, forecast.lower(), forecast.upper());
  const double from = (inside - forecast.lower()) / width;
  const SeriesIntegrals integrals = integrate(forecast.coefficients(), from);
  return std::abs(actual - inside) + std::max(width * (integrals.square - 2 * integrals.beyond + (1 - from)), 0.0);
}

double crps_of_steps(const RevenueDistribution& forecast, double actual) {
  const auto points = forecast.points();
  const auto cumulative = forecast.cumulative();
  double score = std::max(points.front() - actual, 0.0) + std::max(actual - points.back(), 0.0);
  for (std::size_t i = 0; i + 1 < points.size(); ++i) {
    const double split = std::clamp(actual, points[i], points[i + 1]);
    const double f = cumulative[i];
    score += (split - points[i]) * f * f + (points[i + 1] - split) * (1 - f) * (1 - f);
  }
  return score;
}

}  // namespace

double crps(const RevenueDistribution& forecast, double actual) {
  check_outcome(actual);
  return forecast.form() == RevenueDistribution::Form::cosine ? crps_of_series(forecast, actual)
                                                              : crps_of_steps(forecast, actual);
}

double expected_crps(const RevenueDistribution& forecast) {
  if (forecast.form() == RevenueDistribution::Form::cosine) {
    const SeriesIntegrals integrals = integrate(forecast.coefficients(), 0);
    return std::max((forecast.upper() - forecast.lower()) * (integrals.first - integrals.square), 0.0);
  }
  const auto points = forecast.points();
  const auto cumulative = forecast.cumulative();
  double score = 0;
  for (std::size_t i = 0; i + 1 < points.size(); ++i)
    score += (points[i + 1] - points[i]) * cumulative[i] * (1 - cumulative[i]);
  return score;
}

double pinball_loss(double quantile, double p, double actual) {
  check_outcome(actual);
  check_level("the probability of a quantile", p);
  return actual >= quantile ? p * (actual - quantile) : (1 - p) * (quantile - actual);
}

Interval central_interval(const RevenueDistribution& forecast, double level) {
  check_level("the level of an interval", level);
  return {forecast.quantile((1 - level) / 2), forecast.quantile((1 + level) / 2)};
}

double interval_score(const Interval& interval, double level, double actual) {
  check_outcome(actual);
  check_level("the level of an interval", level);
  if (!(interval.lower <= interval.upper))
    throw InvalidArgument(
        fmt::format("an interval from {} to {}: its ends must be in order", interval.lower, interval.upper));
  const double outside = std::max({interval.lower - actual, actual - interval.upper, 0.0});
  return interval.upper - interval.lower + 2 / (1 - level) * outside;
}

Coverage coverage(std::span<const Interval> intervals, std::span<const double> actuals, double confidence) {
  if (intervals.size() != actuals.size())
    throw InvalidArgument(
        fmt::format("{} intervals and {} outcomes; there must be as many", intervals.size(), actuals.size()));
  Coverage result;
  result.total = intervals.size();
  for (std::size_t i = 0; i < intervals.size(); ++i)
    if (intervals[i].lower <= actuals[i] && actuals[i] <= intervals[i].upper) ++result.inside;
  if (result.total > 0) result.share = static_cast<double>(result.inside) / static_cast<double>(result.total);
  result.limits = wilson_interval(static_cast<double>(result.inside), static_cast<double>(result.total), confidence);
  return result;
}

double pit(const RevenueDistribution& forecast, double actual, double share_of_atom) {
  check_outcome(actual);
  check_probability(share_of_atom);
  const double below = 1 - forecast.probability_at_least(actual);
  return std::clamp(below + share_of_atom * (forecast.cdf(actual) - below), 0.0, 1.0);
}

double brier_score(double probability, bool happened) {
  check_probability(probability);
  const double error = probability - (happened ? 1.0 : 0.0);
  return error * error;
}

double log_score(double probability, bool happened) {
  check_probability(probability);
  return happened ? -std::log(probability) : -std::log1p(-probability);
}

}  // namespace putki
