#include <putki/survival/aalen_johansen.hpp>

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
CumulativeIncidence estimate(const Source& durations, std::size_t causes) {
  CumulativeIncidence curve;
  curve.incidence.resize(causes + 1);
  curve.variance.resize(causes + 1);
  double survival = 1.0;
  double survival_variance = 0.0;
  std::vector<double> incidence(causes);
  std::vector<double> variance(causes);
  std::vector<double> covariance(causes);  // of survival and incidence
  for_each_risk_set(durations, [&](double time, double at_risk, std::span<const double> ends) {
    const double all_ends = std::accumulate(ends.begin(), ends.end(), 0.0);
    if (all_ends == 0.0) return;
    const double stay = (at_risk - all_ends) / at_risk;
    const double noise = survival * survival / at_risk;
    curve.times.push_back(time);
    curve.at_risk.push_back(at_risk);
    for (std::size_t k = 0; k < causes; ++k) {
      const double hazard = ends[k] / at_risk;
      variance[k] += 2.0 * hazard * covariance[k] + hazard * hazard * survival_variance +
                     noise * hazard * (at_risk - ends[k]) / at_risk;
      covariance[k] = stay * (covariance[k] + hazard * survival_variance - noise * hazard);
      incidence[k] += survival * hazard;
      curve.incidence[k + 1].push_back(incidence[k]);
      curve.variance[k + 1].push_back(variance[k]);
    }
    survival_variance = stay * (stay * survival_variance + noise * (all_ends / at_risk));
    survival *= stay;
    curve.incidence[0].push_back(survival);
    curve.variance[0].push_back(survival_variance);
  });
  return curve;
}

std::size_t checked(int cause, const CumulativeIncidence& curve) {
  if (cause < 0 || cause > curve.cause_count())
    throw InvalidArgument(fmt::format("cause is {}; allowed: 0 (no end yet) to {}", cause, curve.cause_count()));
  return static_cast<std::size_t>(cause);
}

}  // namespace

double CumulativeIncidence::probability(int cause, double time) const {
  const std::size_t row = checked(cause, *this);
  const auto step = step_at(times, time);
  if (!step) return cause == 0 ? 1.0 : 0.0;
  return incidence[row][*step];
}

double CumulativeIncidence::std_error(int cause, double time) const {
  const std::size_t row = checked(cause, *this);
  const auto step = step_at(times, time);
  return step ? std::sqrt(std::max(0.0, variance[row][*step])) : 0.0;
}

Interval CumulativeIncidence::interval(int cause, double time, double level) const {
  const double width = normal_width(level);
  const double estimate = probability(cause, time);
  const double error = std_error(cause, time);
  if (error == 0.0 || estimate <= 0.0 || estimate >= 1.0) return {estimate, estimate};
  return probability_limits(estimate, error, width, IntervalKind::log_log);
}

CumulativeIncidence aalen_johansen(const Durations& durations) {
  const int causes = durations.cause_count;
  return estimate(durations, causes > 0 ? static_cast<std::size_t>(causes) : 0);
}

CumulativeIncidence aalen_johansen(const CountedDurations& durations) {
  return estimate(durations, durations.ends.size());
}

}  // namespace putki
