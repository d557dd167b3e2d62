#include <putki/survival/weighted_incidence.hpp>

#include <putki/core/error.hpp>

#include "survival/risk_sets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace putki {
namespace {

void check_weights(const Durations& durations, std::span<const double> weights) {
  if (!durations.entry.empty())
    throw InvalidArgument("weighted incidence takes no left-truncated durations; leave Durations::entry empty");
  if (!weights.empty() && weights.size() != durations.size())
    throw InvalidArgument(
        fmt::format("{} weights for {} durations; give one for each, or none", weights.size(), durations.size()));
  for (std::size_t i = 0; i < weights.size(); ++i)
    if (!std::isfinite(weights[i]) || weights[i] < 0)
      throw InvalidArgument(
          fmt::format("weight {} is {}; allowed: finite numbers that are not negative", i, weights[i]));
}

}  // namespace

double InfluenceEstimate::std_error() const {
  return std::sqrt(std::inner_product(influence.begin(), influence.end(), influence.begin(), 0.0));
}

WeightedIncidence::WeightedIncidence(const Durations& durations, std::span<const double> weights)
    : cause_(durations.cause), cause_count_(durations.cause_count) {
  survival_detail::check(durations);
  check_weights(durations, weights);
  const std::size_t n = durations.size();
  weight_.assign(n, 1.0);
  if (!weights.empty()) std::copy(weights.begin(), weights.end(), weight_.begin());
  std::vector<std::pair<double, std::size_t>> order(n);  // time and observation side by side: half the time of an index
  for (std::size_t i = 0; i < n; ++i) order[i] = {durations.time[i], i};
  std::sort(order.begin(), order.end());
  // From the oldest down, so that the smallest risk sets are summed first and keep their digits.
  std::vector<double> at_risk(n);
  for (std::size_t i = n; i-- > 0;) at_risk[i] = weight_[order[i].second] + (i + 1 < n ? at_risk[i + 1] : 0.0);

  step_.resize(n);
  double survival = 1.0;
  std::vector<double> ended(static_cast<std::size_t>(cause_count_));
  for (std::size_t first = 0; first < n;) {
    const double time = order[first].first;
    std::fill(ended.begin(), ended.end(), 0.0);
    std::size_t last = first;
    for (; last < n && order[last].first == time; ++last) {
      const int cause = cause_[order[last].second];
      if (cause > 0) ended[static_cast<std::size_t>(cause) - 1] += weight_[order[last].second];
    }
    const double all = std::accumulate(ended.begin(), ended.end(), 0.0);
    if (all > 0) {
      // What stays is summed apart: Y - d would leave a rounding error where all end.
      double staying = last < n ? at_risk[last] : 0.0;
      for (std::size_t i = first; i < last; ++i)
        if (cause_[order[i].second] == 0) staying += weight_[order[i].second];
      const double risk = all + staying;
      steps_.push_back({time, risk, survival, survival * (staying / risk), all / risk});
      for (const double of_cause : ended) hazards_.push_back(of_cause / risk);
      survival = steps_.back().survival;
    }
    for (std::size_t i = first; i < last; ++i) step_[order[i].second] = steps_.size();
    if (at_risk[first] > 0) last_time_ = time;
    first = last;
  }
}

double WeightedIncidence::probability(int cause, double time) const {
  if (std::isnan(time)) throw InvalidArgument("time is NaN; allowed: a number");
  if (cause < 0 || cause > cause_count_)
    throw InvalidArgument(fmt::format("cause is {}; allowed: 0 (no end yet) to {}", cause, cause_count_));
  double sum = 0, left = 1;
  for (std::size_t j = 0; j < steps_.size() && steps_[j].time <= time; ++j) {
    if (cause > 0) sum += steps_[j].before * hazard_of(j, cause);
    left = steps_[j].survival;
  }
  return cause == 0 ? left : sum;
}

InfluenceEstimate WeightedIncidence::expected(int cause, const std::function<double(double)>& payoff) const {
  if (cause < 1 || cause > cause_count_)
    throw InvalidArgument(fmt::format("cause is {}; allowed: 1 to {}", cause, cause_count_));
  std::vector<double> pays(steps_.size()), so_far(steps_.size());
  InfluenceEstimate result;
  for (std::size_t j = 0; j < steps_.size(); ++j) {
    pays[j] = payoff(steps_[j].time);
    result.value += pays[j] * steps_[j].before * hazard_of(j, cause);
    so_far[j] = result.value;
  }
  std::vector<double> gain(steps_.size()), loss(steps_.size()), drift(steps_.size() + 1);
  for (std::size_t j = 0; j < steps_.size(); ++j) {
    const Step& step = steps_[j];
    gain[j] = pays[j] * step.before / step.at_risk;
    const double stay = 1.0 - step.hazard;
    loss[j] = step.survival > 0 ? (result.value - so_far[j]) / (stay * step.at_risk) : 0.0;
    drift[j + 1] = drift[j] + gain[j] * hazard_of(j, cause) - loss[j] * step.hazard;
  }
  result.influence.resize(cause_.size());
  for (std::size_t i = 0; i < cause_.size(); ++i) {
    double moved = -drift[step_[i]];
    if (cause_[i] > 0 && weight_[i] > 0) {
      const std::size_t own = step_[i] - 1;
      moved -= loss[own];
      if (cause_[i] == cause) moved += gain[own];
    }
    result.influence[i] = weight_[i] * moved;
  }
  return result;
}

InfluenceEstimate WeightedIncidence::ended_by(int cause, double time) const {
  if (std::isnan(time)) throw InvalidArgument("time is NaN; allowed: a number");
  return expected(cause, [time](double t) { return t <= time ? 1.0 : 0.0; });
}

}  // namespace putki
