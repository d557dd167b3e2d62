#include <putki/survival/kaplan_meier.hpp>

#include <putki/core/error.hpp>

#include "survival/limits.hpp"
#include "survival/risk_sets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

namespace putki {
namespace {

using survival_detail::for_each_risk_set;
using survival_detail::normal_width;
using survival_detail::probability_limits;
using survival_detail::step_at;

template <class Source>
SurvivalCurve estimate(const Source& durations) {
  SurvivalCurve curve;
  double survival = 1.0;
  double greenwood = 0.0;
  double hazard = 0.0;
  double hazard_variance = 0.0;
  for_each_risk_set(durations, [&](double time, double at_risk, std::span<const double> ends_by_cause) {
    const double ends = std::accumulate(ends_by_cause.begin(), ends_by_cause.end(), 0.0);
    if (ends > 0.0) {
      survival *= (at_risk - ends) / at_risk;
      if (at_risk > ends) greenwood += ends / (at_risk * (at_risk - ends));
      hazard += ends / at_risk;
      hazard_variance += ends / (at_risk * at_risk);
    }
    curve.times.push_back(time);
    curve.at_risk.push_back(at_risk);
    curve.ends.push_back(ends);
    curve.values.push_back(survival);
    curve.greenwood.push_back(greenwood);
    curve.hazard.push_back(hazard);
    curve.hazard_variance.push_back(hazard_variance);
  });
  return curve;
}

void check_share(double p) {
  if (!(p > 0.0 && p <= 1.0)) throw InvalidArgument(fmt::format("quantile of {}; allowed: above 0, at most 1", p));
}

// Where a falling step function reaches `target`: the midpoint of the stretch on which it equals the target, the
// beginning of the first step below it otherwise.
template <class Value>
std::optional<double> crossing(const std::vector<double>& times, double target, Value&& value) {
  std::optional<double> reached;
  for (std::size_t i = 0; i < times.size(); ++i) {
    const double here = value(i);
    if (here > target + kSameSurvival) continue;
    if (!reached) reached = times[i];
    if (here <= target - kSameSurvival) return 0.5 * (*reached + times[i]);
  }
  if (reached) return 0.5 * (*reached + times.back());
  return std::nullopt;
}

void check_horizon(double horizon) {
  if (!(horizon >= 0.0) || std::isinf(horizon))
    throw InvalidArgument(fmt::format("restricted mean to {}; allowed: a finite horizon, 0 or more", horizon));
}

}  // namespace

double SurvivalCurve::survival(double time) const {
  const auto step = step_at(times, time);
  return step ? values[*step] : 1.0;
}

double SurvivalCurve::std_error(double time) const {
  const auto step = step_at(times, time);
  return step ? values[*step] * std::sqrt(greenwood[*step]) : 0.0;
}

Interval SurvivalCurve::interval(double time, double level, IntervalKind kind) const {
  const double width = normal_width(level);
  const auto step = step_at(times, time);
  if (!step || values[*step] >= 1.0) return {1.0, 1.0};
  const auto limits = [&](std::size_t i) {
    return probability_limits(values[i], values[i] * std::sqrt(greenwood[i]), width, kind);
  };
  if (values[*step] > 0.0) return limits(*step);
  const auto zero = std::partition_point(values.begin(), values.end(), [](double value) { return value > 0.0; });
  if (zero == values.begin()) return {0.0, 1.0};
  const auto before = static_cast<std::size_t>(zero - values.begin()) - 1;
  return {0.0, values[before] >= 1.0 ? 1.0 : limits(before).upper};
}

double SurvivalCurve::cumulative_hazard(double time) const {
  const auto step = step_at(times, time);
  return step ? hazard[*step] : 0.0;
}

double SurvivalCurve::cumulative_hazard_std_error(double time) const {
  const auto step = step_at(times, time);
  return step ? std::sqrt(hazard_variance[*step]) : 0.0;
}

std::optional<double> SurvivalCurve::quantile(double p) const {
  check_share(p);
  return crossing(times, 1.0 - p, [&](std::size_t i) { return values[i]; });
}

SurvivalCurve::QuantileLimits SurvivalCurve::quantile_limits(double p, double level, IntervalKind kind) const {
  check_share(p);
  const double width = normal_width(level);
  double last_upper = 1.0;
  const auto limits = [&](std::size_t i) {
    if (values[i] >= 1.0) return Interval{1.0, 1.0};
    if (values[i] <= 0.0) return Interval{0.0, last_upper};
    return probability_limits(values[i], values[i] * std::sqrt(greenwood[i]), width, kind);
  };
  QuantileLimits result;
  result.lower = crossing(times, 1.0 - p, [&](std::size_t i) { return limits(i).lower; });
  result.upper = crossing(times, 1.0 - p, [&](std::size_t i) { return last_upper = limits(i).upper; });
  return result;
}

double SurvivalCurve::restricted_mean(double horizon) const {
  check_horizon(horizon);
  double area = 0.0;
  double from = 0.0;
  double height = 1.0;
  for (std::size_t i = 0; i < times.size() && times[i] <= horizon; ++i) {
    area += height * (times[i] - from);
    from = times[i];
    height = values[i];
  }
  return area + height * (horizon - from);
}

double SurvivalCurve::restricted_mean_std_error(double horizon) const {
  check_horizon(horizon);
  const auto step = step_at(times, horizon);
  if (!step) return 0.0;
  double variance = 0.0;
  double area_after = 0.0;
  double to = horizon;
  for (std::size_t i = *step + 1; i-- > 0;) {
    area_after += values[i] * (to - times[i]);
    to = times[i];
    if (at_risk[i] > ends[i]) variance += area_after * area_after * ends[i] / (at_risk[i] * (at_risk[i] - ends[i]));
  }
  return std::sqrt(variance);
}

SurvivalCurve kaplan_meier(const Durations& durations) {
  return estimate(durations);
}

SurvivalCurve kaplan_meier(const CountedDurations& durations) {
  return estimate(durations);
}

}  // namespace putki
