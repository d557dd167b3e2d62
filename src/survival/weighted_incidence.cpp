#include <putki/survival/weighted_incidence.hpp>

#include <putki/core/error.hpp>

#include "survival/risk_sets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

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
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return durations.time[a] < durations.time[b]; });
  // From the oldest down, so that the smallest risk sets are summed first and keep their digits.
  std::vector<double> at_risk(n);
  for (std::size_t i = n; i-- > 0;) at_risk[i] = weight_[order[i]] + (i + 1 < n ? at_risk[i + 1] : 0.0);

  step_.resize(n);
  double survival = 1.0;
  std::vector<double> ended(static_cast<std::size_t>(cause_count_));
  for (std::size_t first = 0; first < n;) {
    const double time = durations.time[order[first]];
    std::fill(ended.begin(), ended.end(), 0.0);
    std::size_t last = first;
    for (; last < n && durations.time[order[last]] == time; ++last) {
      const int cause = cause_[order[last]];
      if (cause > 0) ended[static_cast<std::size_t>(cause) - 1] += weight_[order[last]];
    }
    const double all = std::accumulate(ended.begin(), ended.end(), 0.0);
    if (all > 0) {
      // What stays is summed apart: Y - d would leave a rounding error where all end.
      double staying = last < n ? at_risk[last] : 0.0;
      for (std::size_t i = first; i < last; ++i)
        if (cause_[order[i]] == 0) staying += weight_[order[i]];
      const double risk = all + staying;
      Step step{time, risk, survival, survival * (staying / risk), all / risk, ended};
      for (double& hazard : step.hazards) hazard /= risk;
      survival = step.survival;
      steps_.push_back(std::move(step));
    }
    for (std::size_t i = first; i < last; ++i) step_[order[i]] = steps_.size();
    if (at_risk[first] > 0) last_time_ = time;
    first = last;
  }
}

double WeightedIncidence::probability(int cause, double time) const {
  if (std::isnan(time)) throw InvalidArgument("time is NaN; allowed: a number");
  if (cause < 0 || cause > cause_count_)
    throw InvalidArgument(fmt::format("cause is {}; allowed: 0 (no end yet) to {}", cause, cause_count_));
  double sum = 0, left = 1;
  for (const Step& step : steps_) {
    if (step.time > time) break;
    if (cause > 0) sum += step.before * step.hazards[static_cast<std::size_t>(cause) - 1];
    left = step.survival;
  }
  return cause == 0 ? left : sum;
}

InfluenceEstimate WeightedIncidence::expected(int cause, const std::function<double(double)>& payoff) const {
  if (cause < 1 || cause > cause_count_)
    throw InvalidArgument(fmt::format("cause is {}; allowed: 1 to {}", cause, cause_count_));
  const auto k = static_cast<std::size_t>(cause) - 1;
  std::vector<double> pays, so_far;
  InfluenceEstimate result;
  for (const Step& step : steps_) {
    pays.push_back(payoff(step.time));
    result.value += pays.back() * step.before * step.hazards[k];
    so_far.push_back(result.value);
  }
  std::vector<double> gain(steps_.size()), loss(steps_.size()), drift(steps_.size() + 1);
  for (std::size_t j = 0; j < steps_.size(); ++j) {
    const Step& step = steps_[j];
    gain[j] = pays[j] * step.before / step.at_risk;
    const double stay = 1.0 - step.hazard;
    loss[j] = step.survival > 0 ? (result.value - so_far[j]) / (stay * step.at_risk) : 0.0;
    drift[j + 1] = drift[j] + gain[j] * step.hazards[k] - loss[j] * step.hazard;
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
