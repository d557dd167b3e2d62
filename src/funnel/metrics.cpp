#include <putki/funnel/metrics.hpp>

#include <putki/core/error.hpp>
#include <putki/survival/aalen_johansen.hpp>
#include <putki/survival/kaplan_meier.hpp>

#include "funnel/close_rate_estimates.hpp"
#include "funnel/deal_lives.hpp"
#include "funnel/limits_of.hpp"
#include "funnel/velocity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace putki {
namespace {

// Of at least two values, Student's t.
MetricEstimate mean_with_limits(double mean, double squares, double freedom_and_one, double scale) {
  const double error = scale * std::sqrt(squares / (freedom_and_one * (freedom_and_one - 1)));
  const double reach = student_95(freedom_and_one - 1) * error;
  return {mean, error, Interval{mean - reach, mean + reach}};
}

std::optional<MetricEstimate> mean_estimate(std::span<const double> values) {
  if (values.empty()) return std::nullopt;
  const auto n = static_cast<double>(values.size());
  double sum = 0, squares = 0;
  for (const double value : values) sum += value;
  const double mean = sum / n;
  for (const double value : values) squares += (value - mean) * (value - mean);
  if (values.size() < 2) return MetricEstimate{.value = mean};
  return mean_with_limits(mean, squares, n, 1.0);
}

// The mean of the middle; its error from the winsorized values: those cut off are moved to the nearest kept.
std::optional<MetricEstimate> trimmed_mean_estimate(std::span<const double> sorted, double share) {
  if (sorted.empty()) return std::nullopt;
  const auto cut = static_cast<std::size_t>(share * static_cast<double>(sorted.size()));
  const auto kept = sorted.subspan(cut, sorted.size() - 2 * cut);
  double sum = 0;
  for (const double value : kept) sum += value;
  const double mean = sum / static_cast<double>(kept.size());
  if (kept.size() < 2) return MetricEstimate{.value = mean};
  const auto ends = static_cast<double>(cut);
  const double winsorized = (sum + ends * (kept.front() + kept.back())) / static_cast<double>(sorted.size());
  double squares = ends * (kept.front() - winsorized) * (kept.front() - winsorized) +
                   ends * (kept.back() - winsorized) * (kept.back() - winsorized);
  for (const double value : kept) squares += (value - winsorized) * (value - winsorized);
  return mean_with_limits(mean, squares, static_cast<double>(kept.size()), 1.0);
}

template <class Keep>
DealSizes deal_sizes(const std::vector<DealLife>& lives, double trimmed_share, Keep&& keep) {
  DealSizes sizes;
  std::vector<double> values;
  for (const DealLife& life : lives) {
    if (!keep(life)) continue;
    sizes.deals.add(life.amount);
    if (has_amount(life)) values.push_back(life.amount.units());
  }
  std::sort(values.begin(), values.end());
  sizes.mean = mean_estimate(values);
  sizes.trimmed_mean = trimmed_mean_estimate(values, trimmed_share);
  if (!values.empty()) sizes.median = MetricEstimate{.value = median_of(values), .interval = median_limits(values)};
  return sizes;
}

SizeAndWinning size_and_winning(const std::vector<DealLife>& lives, double horizon) {
  SizeAndWinning result;
  const Durations durations = life_durations(lives, has_amount);
  std::vector<double> values;
  for (const DealLife& life : lives)
    if (has_amount(life)) values.push_back(life.amount.units());
  result.mean_size = mean_estimate(values);
  if (values.empty() || result.mean_size->value <= 0) return result;
  const WeightedIncidence by_count(durations), by_value(durations, values);
  if (!by_count.known_at(horizon) || !by_value.known_at(horizon)) return result;
  const InfluenceEstimate rate = by_count.ended_by(kWonCause, horizon);
  const InfluenceEstimate value_rate = by_value.ended_by(kWonCause, horizon);
  const double mean = result.mean_size->value;
  std::vector<double> of_mean;
  for (const double value : values) of_mean.push_back((value - mean) / static_cast<double>(values.size()));

  const double brings = mean * value_rate.value;
  result.value_of_a_deal =
      positive_estimate(brings, combined_std_error({{value_rate.value, &of_mean}, {mean, &value_rate.influence}}));
  result.size_times_rate = mean * rate.value;
  result.covariance = plain_estimate(
      brings - mean * rate.value,
      combined_std_error(
          {{value_rate.value - rate.value, &of_mean}, {mean, &value_rate.influence}, {-mean, &rate.influence}}));
  if (rate.value > 0)
    result.mean_size_of_win = positive_estimate(
        brings / rate.value, combined_std_error({{value_rate.value / rate.value, &of_mean},
                                                 {mean / rate.value, &value_rate.influence},
                                                 {-brings / (rate.value * rate.value), &rate.influence}}));
  return result;
}

std::optional<MetricEstimate> median_estimate(const SurvivalCurve& curve) {
  const auto median = curve.quantile(0.5);
  if (!median) return std::nullopt;
  const auto limits = curve.quantile_limits(0.5);
  MetricEstimate estimate{.value = *median};
  if (limits.lower && limits.upper) estimate.interval = Interval{*limits.lower, *limits.upper};
  return estimate;
}

// The smallest win time at which `reached`, which once true stays so but for noise; the last one when never.
template <class Reached>
double first_time(const std::vector<double>& times, Reached&& reached) {
  std::size_t low = 0, high = times.size() - 1;
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (reached(times[middle]))
      high = middle;
    else
      low = middle + 1;
  }
  return times[low];
}

std::vector<double> win_times(const std::vector<DealLife>& lives) {
  std::vector<double> times;
  for (const DealLife& life : lives)
    if (life.outcome == kWonCause) times.push_back(life.days);
  std::sort(times.begin(), times.end());
  times.erase(std::unique(times.begin(), times.end()), times.end());
  return times;
}

void time_to_win(const std::vector<DealLife>& lives, const WeightedIncidence& ends, LeadLifetime& lifetime) {
  const std::vector<double> times = win_times(lives);
  if (times.empty()) return;
  const CumulativeIncidence curve = aalen_johansen(life_durations(lives, [](const DealLife&) { return true; }));
  const double longest = ends.last_time();
  const InfluenceEstimate all = ends.ended_by(kWonCause, longest);
  // F(t) - F(T) / 2 + errors standard errors > 0. Given what is known at t, F(T) is F(t) + S(t) P with P the share of
  // those left that is won by T, so Cov(F(t), F(T)) = Var F(t) + P Cov(F(t), S(t)), and the variance of the difference
  // is Var F(T) / 4 - P Cov(F(t), S(t)). Won, lost and left sum to 1, which gives the covariance from the variances.
  const auto variance = [&](int cause, double time) {
    const double error = curve.std_error(cause, time);
    return error * error;
  };
  const double spread_of_all = variance(kWonCause, longest) / 4;
  const auto beyond_half = [&](double time, double errors) {
    const double won = curve.probability(kWonCause, time), left = curve.probability(0, time);
    const double later = left > 0 ? (all.value - won) / left : 0.0;
    const double covariance = (variance(kLostCause, time) - variance(kWonCause, time) - variance(0, time)) / 2;
    const double error = std::sqrt(std::max(0.0, spread_of_all - later * covariance));
    const double slack = 1e-12;  // a sum that is a half is one
    return won - all.value / 2 + errors * error > (errors < 0 ? slack : -slack);
  };
  lifetime.median_to_win = MetricEstimate{
      .value = first_time(times, [&](double time) { return beyond_half(time, 0); }),
      .interval = Interval{first_time(times, [&](double time) { return beyond_half(time, kNormal95); }),
                           first_time(times, [&](double time) { return beyond_half(time, -kNormal95); })}};
  if (times.size() == 1) lifetime.median_to_win->interval.reset();
  const InfluenceEstimate spent = ends.expected(kWonCause, [](double t) { return t; });
  const double mean = spent.value / all.value;
  const double error = combined_std_error({{1 / all.value, &spent.influence}, {-mean / all.value, &all.influence}});
  lifetime.mean_to_win = times.size() == 1 ? MetricEstimate{.value = mean} : positive_estimate(mean, error);
}

LeadLifetime lead_lifetime(const std::vector<DealLife>& lives, const WeightedIncidence& ends, Timestamp since,
                           double horizon) {
  LeadLifetime lifetime;
  if (lives.empty()) return lifetime;
  const SurvivalCurve curve = kaplan_meier(life_durations(lives, [](const DealLife&) { return true; }));
  lifetime.longest_days = ends.last_time();
  lifetime.median_to_end = median_estimate(curve);
  if (ends.known_at(horizon))
    lifetime.mean_to_end = plain_estimate(curve.restricted_mean(horizon), curve.restricted_mean_std_error(horizon));
  time_to_win(lives, ends, lifetime);
  std::vector<double> closed, won;
  for (const DealLife& life : lives) {
    if (life.outcome == 0 || life.ended <= since) continue;
    closed.push_back(life.days);
    if (life.outcome == kWonCause) won.push_back(life.days);
  }
  lifetime.closed = closed.size();
  lifetime.won = won.size();
  lifetime.mean_age_closed = mean_estimate(closed);
  lifetime.mean_age_won = mean_estimate(won);
  return lifetime;
}

// Adds every deal to the periods at whose end it stood in an open or on-hold stage.
void count_in_funnel(const AsOf& view, std::vector<MetricPeriod>& periods) {
  const auto days = view.log().days();
  const auto stages = view.log().stages();
  const auto amounts = view.log().amounts();
  std::vector<DayNumber> ends;
  for (const MetricPeriod& period : periods) ends.push_back(day_number(period.period.end));
  view.for_each_deal([&](DealId, std::uint32_t first, std::uint32_t last) {
    Money amount = kNoAmount;
    for (std::uint32_t i = first; i < last; ++i) {
      if (amounts[i] != kNoAmount) amount = amounts[i];
      if (view.graph().is_terminal(stages[i])) continue;
      auto p = static_cast<std::size_t>(std::upper_bound(ends.begin(), ends.end(), days[i]) - ends.begin());
      for (; p < ends.size() && (i + 1 == last || ends[p] <= days[i + 1]); ++p) periods[p].in_funnel.add(amount);
    }
  });
}

std::vector<MetricPeriod> metric_periods(const AsOf& view, const std::vector<DealLife>& lives, double horizon,
                                         const FunnelMetricsOptions& options) {
  std::vector<MetricPeriod> periods;
  if (lives.empty()) return periods;
  DayNumber first = lives.front().created_day, last = view.first_unknown_day();
  for (const DealLife& life : lives) {
    first = std::min(first, life.created_day);
    last = std::max({last, life.created_day + 1, life.outcome == 0 ? last : life.ended_day + 1});
  }
  std::vector<DayNumber> begins;
  for (const Period& period :
       split_into_periods(period_containing(to_day(first), options.period, options.fiscal_start_month).begin,
                          to_day(last), options.period, options.fiscal_start_month)) {
    periods.push_back({.period = period});
    begins.push_back(day_number(period.begin));
  }
  const auto period_of = [&](DayNumber day) {
    return static_cast<std::size_t>(std::upper_bound(begins.begin(), begins.end(), day) - begins.begin()) - 1;
  };
  std::vector<std::vector<DealLife>> created(periods.size()), closed(periods.size());
  for (const DealLife& life : lives) {
    created[period_of(life.created_day)].push_back(life);
    if (life.outcome != 0) closed[period_of(life.ended_day)].push_back(life);
  }
  for (std::size_t p = 0; p < periods.size(); ++p) {
    MetricPeriod& period = periods[p];
    std::vector<double> values;
    for (const DealLife& life : created[p]) {
      period.created.add(life.amount);
      if (has_amount(life)) values.push_back(life.amount.units());
      ++(life.outcome == kWonCause ? period.won : life.outcome == kLostCause ? period.lost : period.open);
    }
    period.close_rate = close_rate_by_age(created[p], horizon);
    period.closed = closed_share(closed[p]);
    period.mean_size = mean_estimate(values);
    period.median_to_end =
        median_estimate(kaplan_meier(life_durations(created[p], [](const DealLife&) { return true; })));
  }
  count_in_funnel(view, periods);
  return periods;
}

}  // namespace

double usual_close_days(const AsOf& view) {
  const std::vector<DealLife> lives = deal_lives(view);
  const std::vector<double> times = win_times(lives);
  if (times.empty()) return 90;
  const CumulativeIncidence ends = aalen_johansen(life_durations(lives, [](const DealLife&) { return true; }));
  const double all = ends.probability(kWonCause, times.back());
  return std::max(1.0, std::ceil(first_time(times, [&](double time) {
                    return ends.probability(kWonCause, time) >= 0.9 * all - 1e-12;
                  })));
}

FunnelMetrics funnel_metrics(const AsOf& view, const FunnelMetricsOptions& options) {
  const Day since = options.since.value_or(to_day(view.first_unknown_day()) - Days{90});
  if (day_number(since) >= view.first_unknown_day())
    throw InvalidArgument(fmt::format("metrics since {}, but the view ends on {}; allowed are days before it",
                                      to_string(since), to_string(view.day())));
  if (options.horizon_days && !(std::isfinite(*options.horizon_days) && *options.horizon_days > 0))
    throw InvalidArgument(
        fmt::format("a close rate at the age of {} days; allowed are numbers above 0", *options.horizon_days));
  if (!(options.trimmed_share >= 0 && options.trimmed_share < 0.5))
    throw InvalidArgument(
        fmt::format("a trimmed mean without {} at each end; allowed is 0 to below 0.5", options.trimmed_share));
  const double horizon = options.horizon_days ? *options.horizon_days : usual_close_days(view);
  const Timestamp since_instant = view.log().time_zone().start_of(since);
  const std::vector<DealLife> lives = deal_lives(view);
  const WeightedIncidence ends(life_durations(lives, [](const DealLife&) { return true; }));

  FunnelMetrics metrics{.as_of = view.day(), .since = since, .horizon_days = horizon, .deals = lives.size()};
  std::vector<DealLife> closed;
  for (const DealLife& life : lives) {
    if (!is_terminal(life.now)) metrics.in_funnel.add(life.amount);
    if (life.now == StageKind::on_hold) ++metrics.on_hold;
    if (life.created > since_instant) ++metrics.created_in_window;
    if (life.outcome != 0 && life.ended > since_instant) closed.push_back(life);
  }
  metrics.close_rate = close_rate_by_age(lives, horizon);
  metrics.closed = closed_share(closed);
  const auto sizes = [&](auto&& keep) { return deal_sizes(lives, options.trimmed_share, keep); };
  metrics.won = sizes([](const DealLife& life) { return life.now == StageKind::won; });
  metrics.open = sizes([](const DealLife& life) { return !is_terminal(life.now); });
  metrics.lost = sizes([](const DealLife& life) { return life.now == StageKind::lost; });
  metrics.size_and_winning = size_and_winning(lives, horizon);
  metrics.lifetime = lead_lifetime(lives, ends, since_instant, horizon);
  metrics.velocity = velocity(view, lives, metrics, elapsed_days(since_instant, view.instant()));
  metrics.periods = metric_periods(view, lives, horizon, options);
  return metrics;
}

}  // namespace putki
