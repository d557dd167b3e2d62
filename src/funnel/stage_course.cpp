#include "funnel/stage_course.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace putki {

StageCourse::StageCourse(const Durations& durations, std::size_t least_at_risk) {
  const std::size_t n = durations.size();
  tail_ends_.resize(static_cast<std::size_t>(durations.cause_count) + 1);
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto earlier = [&](std::size_t a, std::size_t b) {
    return durations.time[a] != durations.time[b] ? durations.time[a] < durations.time[b]
                                                  : durations.cause[a] < durations.cause[b];
  };
  if (!std::is_sorted(order.begin(), order.end(), earlier)) std::sort(order.begin(), order.end(), earlier);
  std::vector<bool> seen(tail_ends_.size());
  offsets_.push_back(0);
  for (std::size_t first = 0, last = 0; first < n; first = last) {
    const double time = durations.time[order[first]];
    for (last = first; last < n && durations.time[order[last]] == time; ++last) {
      const auto cause = static_cast<std::uint32_t>(durations.cause[order[last]]);
      stays_.push_back(time);
      if (cause == 0) continue;
      seen[cause] = true;
      if (ends_.size() > offsets_.back() && ends_.back().cause == cause)
        ++ends_.back().count;
      else
        ends_.push_back({cause, 1});
    }
    if (ends_.size() == offsets_.back()) continue;
    times_.push_back(time);
    at_risk_.push_back(static_cast<double>(n - first));
    offsets_.push_back(ends_.size());
  }
  for (std::size_t cause = 1; cause < seen.size(); ++cause)
    if (seen[cause]) causes_.push_back(static_cast<int>(cause));

  std::vector<std::size_t> place(tail_ends_.size());
  for (std::size_t i = 0; i < causes_.size(); ++i) place[static_cast<std::size_t>(causes_[i])] = i;
  rests_.resize(causes_.size());
  double survival = 1;
  for (std::size_t i = 0; i < times_.size(); ++i) {
    survival_.push_back(survival);
    double all = 0;
    for (std::size_t e = offsets_[i]; e < offsets_[i + 1]; ++e) {
      CauseRest& rest = rests_[place[ends_[e].cause]];
      rest.times.push_back(times_[i]);
      rest.rest.push_back(survival * ends_[e].count / at_risk_[i]);
      all += ends_[e].count;
    }
    survival *= (at_risk_[i] - all) / at_risk_[i];
  }
  survival_.push_back(survival);
  for (CauseRest& rest : rests_) {
    rest.rest.push_back(0);
    for (std::size_t i = rest.rest.size() - 1; i-- > 0;) rest.rest[i] += rest.rest[i + 1];
  }

  if (least_at_risk == 0) {
    curve_until_ = longest_stay();
    return;
  }
  if (n >= least_at_risk) curve_until_ = stays_[n - least_at_risk];
  // The tail: from the last age on after which as many ends are seen, or the whole stage.
  double begin = kFresh;
  double ends = 0;
  for (std::size_t i = times_.size(); i-- > 0 && begin < 0;) {
    for (std::size_t e = offsets_[i]; e < offsets_[i + 1]; ++e) ends += ends_[e].count;
    if (ends < static_cast<double>(least_at_risk)) continue;
    const auto before = std::lower_bound(stays_.begin(), stays_.end(), times_[i]);
    if (before != stays_.begin()) begin = *(before - 1);
    break;
  }
  tail_visits_ = at_risk_after(begin);
  for (auto stay = stays_.end() - static_cast<std::ptrdiff_t>(tail_visits_); stay != stays_.end(); ++stay)
    tail_exposure_ += *stay - std::max(begin, 0.0);
  for (std::size_t i = first_after(begin); i < times_.size(); ++i)
    for (std::size_t e = offsets_[i]; e < offsets_[i + 1]; ++e) tail_ends_[ends_[e].cause] += ends_[e].count;
}

std::size_t StageCourse::first_after(double age) const {
  return static_cast<std::size_t>(std::upper_bound(times_.begin(), times_.end(), age) - times_.begin());
}

std::size_t StageCourse::at_risk_after(double age) const {
  return static_cast<std::size_t>(stays_.end() - std::upper_bound(stays_.begin(), stays_.end(), age));
}

std::size_t StageCourse::rests_on(double age) const {
  return age < curve_until_ ? at_risk_after(age) : tail_visits_;
}

double StageCourse::tail_hazard() const {
  const double ends = std::accumulate(tail_ends_.begin(), tail_ends_.end(), 0.0);
  return ends == 0 ? 0 : ends / tail_exposure_;
}

StageCourse::Share StageCourse::share(double age, double until, const std::vector<double>& weights) const {
  double survival = 1, survival_variance = 0, sum = 0, variance = 0, covariance = 0;
  for (std::size_t i = first_after(age); i < times_.size() && times_[i] <= std::min(until, curve_until_); ++i) {
    const double at_risk = at_risk_[i];
    double hazard = 0, weighted = 0, squared = 0;
    for (std::size_t e = offsets_[i]; e < offsets_[i + 1]; ++e) {
      const double of_cause = ends_[e].count / at_risk, weight = weights[ends_[e].cause];
      hazard += of_cause;
      weighted += weight * of_cause;
      squared += weight * weight * of_cause;
    }
    const double stay = std::max(0.0, 1 - hazard), noise = survival * survival / at_risk;
    variance +=
        2 * weighted * covariance + weighted * weighted * survival_variance + noise * (squared - weighted * weighted);
    covariance = stay * (covariance + weighted * survival_variance - noise * weighted);
    survival_variance = stay * (stay * survival_variance + noise * hazard);
    sum += survival * weighted;
    survival *= stay;
  }
  return go_on({survival, survival_variance, sum, variance, covariance}, until - std::max({age, curve_until_, 0.0}),
               weights);
}

// The pooled hazards for so many days after the curve.
StageCourse::Share StageCourse::go_on(Running running, double days, const std::vector<double>& weights) const {
  auto [survival, survival_variance, sum, variance, covariance] = running;
  const double ends = std::accumulate(tail_ends_.begin(), tail_ends_.end(), 0.0);
  if (days > 0 && ends > 0 && survival > 0) {
    double weighted = 0;
    for (std::size_t cause = 1; cause < tail_ends_.size(); ++cause) weighted += weights[cause] * tail_ends_[cause];
    weighted /= ends;
    const double rate = ends / tail_exposure_;  // infinite when all ended at once
    const double left = std::exp(-rate * days), gone = -std::expm1(-rate * days);
    const double through_rate = left > 0 ? weighted * days * left : 0;
    double step_variance = 0;
    if (std::isfinite(rate)) {
      for (std::size_t cause = 1; cause < tail_ends_.size(); ++cause) {
        const double slope = (weights[cause] - weighted) * gone / rate + through_rate;
        step_variance += slope * slope * tail_ends_[cause] / (tail_exposure_ * tail_exposure_);
      }
    }
    const double step = weighted * gone;
    variance += 2 * step * covariance + step * step * survival_variance + survival * survival * step_variance;
    sum += survival * step;
  }
  return {sum, std::max(0.0, variance)};
}

// With w, q and h the hazards at an end time weighted by c, c^2 and 1, S what is left before it, Y at risk and D the
// weighted incidence after it, an error of these hazards moves the incidence by b by S (dw - dh (D - D_b) / (S (1 -
// h))), whose variances add up: S^2 (q - w^2) / Y - 2 S w (D - D_b) / Y + (D - D_b)^2 h / ((1 - h) Y). Sums run from
// the last end time on, so that late ages, where all is small, lose no digits.
StageCourse::Prepared StageCourse::prepare(const std::vector<double>& weights) const {
  Prepared prepared;
  prepared.weights_ = weights;
  prepared.rests_.resize(times_.size() + 1);
  for (std::size_t i = times_.size(); i-- > 0;) {
    const Prepared::Rest& after = prepared.rests_[i + 1];
    double all = 0, weighted = 0, squared = 0;
    for (std::size_t e = offsets_[i]; e < offsets_[i + 1]; ++e) {
      const double of_cause = ends_[e].count / at_risk_[i], weight = weights[ends_[e].cause];
      all += ends_[e].count;
      weighted += weight * of_cause;
      squared += weight * weight * of_cause;
    }
    const double left = survival_[i], rest = after.incidence;
    const double cross = left * weighted / at_risk_[i];
    const double spread = all < at_risk_[i] ? all / ((at_risk_[i] - all) * at_risk_[i]) : 0;
    prepared.rests_[i] = {rest + left * weighted,
                          after.own + left * left * (squared - weighted * weighted) / at_risk_[i],
                          after.cross + cross,
                          after.cross_incidence + cross * rest,
                          after.spread + spread,
                          after.spread_incidence + spread * rest,
                          after.spread_squared + spread * rest * rest};
  }
  return prepared;
}

StageCourse::Share StageCourse::share(double age, double until, const Prepared& prepared) const {
  const std::size_t from = first_after(age), to = std::max(from, first_after(std::min(until, curve_until_)));
  const double start = survival_[from], left = survival_[to];
  Running running{1, 0, 0, 0, 0};
  if (to > from && start > 0) {
    const Prepared::Rest &a = prepared.rests_[from], &b = prepared.rests_[to];
    const double rest = b.incidence;
    const double cross = a.cross - b.cross, cross_incidence = a.cross_incidence - b.cross_incidence - cross * rest;
    const double spread = a.spread - b.spread,
                 spread_incidence = a.spread_incidence - b.spread_incidence - spread * rest,
                 spread_squared =
                     a.spread_squared - b.spread_squared - 2 * rest * spread_incidence - spread * rest * rest;
    const double squared_start = start * start;
    running = {left / start, left * left * spread / squared_start, (a.incidence - rest) / start,
               (a.own - b.own - 2 * cross_incidence + spread_squared) / squared_start,
               -left * (cross - spread_incidence) / squared_start};
  }
  return go_on(running, until - std::max({age, curve_until_, 0.0}), prepared.weights_);
}

std::optional<double> StageCourse::quantile(double age, const std::vector<double>& weights, double part) const {
  const double all = share(age, longest_stay(), weights).probability;
  if (all <= 0) return std::nullopt;
  double survival = 1, sum = 0;
  for (std::size_t i = first_after(age); i < times_.size(); ++i) {
    double hazard = 0;
    for (std::size_t e = offsets_[i]; e < offsets_[i + 1]; ++e) {
      hazard += ends_[e].count / at_risk_[i];
      sum += survival * weights[ends_[e].cause] * ends_[e].count / at_risk_[i];
    }
    if (sum >= part * all * (1 - 1e-12)) return times_[i];
    survival *= std::max(0.0, 1 - hazard);
  }
  return std::nullopt;
}

std::vector<StageCourse::Masses> StageCourse::masses(double age, double length, std::size_t cells) const {
  std::vector<Masses> masses;
  const double begin = std::max(age, 0.0), width = length / static_cast<double>(cells);
  const double start = survival_[first_after(age)];
  const double survival_after =
      start > 0 ? survival_[std::max(first_after(age), first_after(std::min(begin + length, curve_until_)))] / start
                : 1;
  for (std::size_t place = 0; place < causes_.size(); ++place) {
    Masses& mass = masses.emplace_back(Masses{causes_[place], 0, std::vector<double>(cells)});
    const CauseRest& rest = rests_[place];
    if (start <= 0) continue;
    const auto rest_after = [&](double time) {
      const auto after = std::upper_bound(rest.times.begin(), rest.times.end(), std::min(time, curve_until_));
      return rest.rest[static_cast<std::size_t>(after - rest.times.begin())];
    };
    double before = rest_after(std::max(age, kFresh));
    if (curve_until_ < age) continue;
    if (age < 0) {
      mass.at_once = before - rest_after(0);
      before -= mass.at_once;
    }
    for (std::size_t cell = 0; cell < cells; ++cell) {
      // Ages are sums of days and fractions: what is a rounding error past a border belongs before it.
      const double after =
          rest_after(cell + 1 == cells ? begin + length : begin + (static_cast<double>(cell + 1) + 1e-9) * width);
      mass.in_cell[cell] = std::max(0.0, before - after) / start;
      before = after;
    }
    mass.at_once /= start;
  }
  double survival = survival_after;
  const double ends = std::accumulate(tail_ends_.begin(), tail_ends_.end(), 0.0);
  if (ends == 0 || survival <= 0) return masses;
  const double rate = ends / tail_exposure_, from = std::max(begin, curve_until_);
  if (std::isinf(rate) && from < begin + length) {
    for (Masses& mass : masses)
      (age < 0 ? mass.at_once : mass.in_cell[0]) += survival * tail_ends_[static_cast<std::size_t>(mass.cause)] / ends;
    return masses;
  }
  for (std::size_t cell = 0; cell < cells && survival > 0; ++cell) {
    const double last = begin + static_cast<double>(cell + 1) * width;
    const double days = std::min(width, last - from);
    if (days <= 0) continue;
    const double gone = -survival * std::expm1(-rate * days);
    for (Masses& mass : masses) mass.in_cell[cell] += gone * tail_ends_[static_cast<std::size_t>(mass.cause)] / ends;
    survival -= gone;
  }
  return masses;
}

double effective_visits(const StageCourse::Share& share, double visits) {
  const double p = share.probability;
  if (share.variance <= 0 || p <= 0 || p >= 1) return visits;
  return p * (1 - p) / share.variance;
}

Interval effective_limits(const StageCourse::Share& share, double visits) {
  const double n = effective_visits(share, visits), p = std::clamp(share.probability, 0.0, 1.0);
  return wilson_interval(std::min(p * n, n), n);
}

}  // namespace putki
