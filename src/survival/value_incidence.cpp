#include <putki/survival/value_incidence.hpp>

#include <putki/core/error.hpp>

#include "survival/risk_sets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace putki {
namespace {

struct ValueStep {
  double time;
  double before;   // S(t-)
  double at_risk;  // Y
  double hazard;   // dL
  double value;    // dA
  double mean;     // M(t)
};

void check_incidence_values(const Durations& durations, const std::vector<double>& values, double horizon) {
  survival_detail::check(durations);
  if (values.size() != durations.size())
    throw InvalidArgument(
        fmt::format("value incidence: {} observations but {} values", durations.size(), values.size()));
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!std::isfinite(values[i]))
      throw InvalidArgument(fmt::format("value incidence: values[{}] is {}; allowed: finite", i, values[i]));
  if (std::isnan(horizon)) throw InvalidArgument("value incidence: horizon is NaN; allowed: a number");
  if (std::any_of(durations.entry.begin(), durations.entry.end(), [](double entry) { return entry > 0; }))
    throw InvalidArgument("value incidence: durations with entries; left truncation is not allowed here");
}

}  // namespace

ValueIncidence value_incidence(const Durations& durations, const std::vector<double>& values, double horizon) {
  check_incidence_values(durations, values, horizon);
  const std::size_t n = durations.size();
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return durations.time[a] != durations.time[b] ? durations.time[a] < durations.time[b] : a < b;
  });

  std::vector<ValueStep> steps;
  ValueIncidence result;
  double survival = 1.0;
  for (std::size_t first = 0; first < n && durations.time[order[first]] <= horizon;) {
    const double time = durations.time[order[first]];
    const auto at_risk = static_cast<double>(n - first);
    double ends = 0.0, value = 0.0;
    for (; first < n && durations.time[order[first]] == time; ++first)
      if (durations.cause[order[first]] > 0) {
        ++ends;
        value += values[order[first]];
      }
    if (ends == 0.0) continue;
    result.mean += survival * value / at_risk;
    steps.push_back({time, survival, at_risk, ends / at_risk, value / at_risk, result.mean});
    survival *= (at_risk - ends) / at_risk;
  }

  // What being at risk has cost by each step, and what an end there adds.
  result.influence.resize(n);
  double at_risk_part = 0.0;
  std::size_t step = 0;
  for (const std::size_t i : order) {
    for (; step < steps.size() && steps[step].time <= durations.time[i]; ++step) {
      const ValueStep& s = steps[step];
      at_risk_part -= s.before * s.value / s.at_risk;
      if (s.hazard < 1.0) at_risk_part += (result.mean - s.mean) * s.hazard / (s.at_risk * (1.0 - s.hazard));
    }
    double influence = at_risk_part;
    if (durations.cause[i] > 0 && durations.time[i] <= horizon) {
      const ValueStep& s = steps[step - 1];  // its own time is the last step taken
      influence += s.before * values[i] / s.at_risk;
      if (s.hazard < 1.0) influence -= (result.mean - s.mean) / (s.at_risk * (1.0 - s.hazard));
    }
    result.influence[i] = influence;
    result.std_error += influence * influence;
  }
  result.std_error = std::sqrt(result.std_error);
  return result;
}

}  // namespace putki
