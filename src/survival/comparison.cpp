#include <putki/survival/comparison.hpp>

#include <putki/core/error.hpp>
#include <putki/survival/aalen_johansen.hpp>

#include "core/normal_quantile.hpp"
#include "survival/limits.hpp"

#include <fmt/format.h>
#include <boost/math/quadrature/gauss.hpp>
#include <boost/math/special_functions/beta.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace putki {
namespace {

constexpr boost::math::policies::policy<boost::math::policies::promote_double<false>> kBetaInDouble;

void check_plan(const TestPlan& plan) {
  if (!(plan.level > 0.0 && plan.level < 1.0))
    throw InvalidArgument(fmt::format("test plan: level is {}; allowed: between 0 and 1, both excluded", plan.level));
  if (!(plan.power > 0.5 && plan.power < 1.0))
    throw InvalidArgument(fmt::format("test plan: power is {}; allowed: between 0.5 and 1, both excluded", plan.power));
}

double plan_width(const TestPlan& plan) {
  return normal_quantile_from_centre(0.5 * plan.level);
}

double plan_reserve(const TestPlan& plan) {
  return normal_quantile_from_centre(plan.power - 0.5);
}

void check_probability(const char* what, double p) {
  if (!(p >= 0.0 && p <= 1.0)) throw InvalidArgument(fmt::format("{} is {}; allowed: 0 to 1", what, p));
}

void check_share(const IncidenceShare& share) {
  check_probability("a share", share.probability);
  if (!(share.trials >= 0.0) || std::isinf(share.trials))
    throw InvalidArgument(fmt::format("a share of {} trials; allowed: finite, 0 or more", share.trials));
}

// Size of the first group with which p1 and p2 are told apart.
double size_needed(double p1, double p2, double ratio, double width, double reserve) {
  const double pooled = (p1 + ratio * p2) / (1.0 + ratio);
  const double sum = width * std::sqrt((1.0 + 1.0 / ratio) * pooled * (1.0 - pooled)) +
                     reserve * std::sqrt(p1 * (1.0 - p1) + p2 * (1.0 - p2) / ratio);
  return sum * sum / ((p1 - p2) * (p1 - p2));
}

std::optional<double> share_detectable(double first, double first_size, double second_size, const TestPlan& plan,
                                       double end) {
  check_plan(plan);
  check_probability("the first share", first);
  for (const double size : {first_size, second_size})
    if (!(size >= 0.0) || std::isinf(size))
      throw InvalidArgument(fmt::format("a group of {}; allowed: finite, 0 or more", size));
  if (first_size == 0.0 || second_size == 0.0 || first == end) return std::nullopt;
  const double ratio = second_size / first_size, width = plan_width(plan), reserve = plan_reserve(plan);
  const auto found = [&](double second) { return size_needed(first, second, ratio, width, reserve) <= first_size; };
  if (!found(end)) return std::nullopt;
  double missed = first, seen = end;
  for (int i = 0; i < 60; ++i) {
    const double middle = 0.5 * (missed + seen);
    (middle != first && found(middle) ? seen : missed) = middle;
  }
  return seen;
}

}  // namespace

IncidenceShare incidence_share(const Durations& durations, int cause, double horizon) {
  const CumulativeIncidence curve = aalen_johansen(durations);
  if (cause < 1) throw InvalidArgument(fmt::format("cause is {}; allowed: 1 to {}", cause, curve.cause_count()));
  IncidenceShare share{curve.probability(cause, horizon), curve.std_error(cause, horizon), 0};
  const auto all = static_cast<double>(durations.size());
  const double f = share.probability;
  const double variance = share.std_error * share.std_error;
  if (variance > 1e-14 * f) {
    share.trials = std::min(all, f * (1.0 - f) / variance);
    return share;
  }
  // No spread: how many stand behind it at the horizon.
  double followed = 0;
  for (std::size_t i = 0; i < durations.size(); ++i)
    if (durations.time[i] >= horizon && !(durations.cause[i] > 0 && durations.time[i] == horizon)) ++followed;
  const double open = curve.probability(0, horizon);
  if (open > 1e-12) {
    share.trials = followed / open;
  } else {
    // All ended: those at risk at the last end over the share still open before it.
    const auto after = std::upper_bound(curve.times.begin(), curve.times.end(), horizon);
    const auto last = static_cast<std::size_t>(after - curve.times.begin()) - 1;
    share.trials = curve.at_risk[last] / (last == 0 ? 1.0 : curve.incidence[0][last - 1]);
  }
  share.trials = std::min(all, share.trials);
  return share;
}

Interval share_interval(const IncidenceShare& share, double level) {
  return wilson_interval(std::clamp(share.probability, 0.0, 1.0) * share.trials, share.trials, level);
}

Difference share_difference(const IncidenceShare& first, const IncidenceShare& second, double level) {
  const Interval a = share_interval(first, level), b = share_interval(second, level);
  const double difference = second.probability - first.probability;
  return {.value = difference,
          .std_error = std::hypot(first.std_error, second.std_error),
          .interval = {difference - std::hypot(second.probability - b.lower, a.upper - first.probability),
                       difference + std::hypot(b.upper - second.probability, first.probability - a.lower)}};
}

Difference mean_difference(double first, double first_std_error, double second, double second_std_error, double level) {
  for (const double number : {first, second, first_std_error, second_std_error})
    if (!std::isfinite(number)) throw InvalidArgument(fmt::format("a mean or error of {}; allowed: finite", number));
  if (first_std_error < 0.0 || second_std_error < 0.0)
    throw InvalidArgument(
        fmt::format("standard errors of {} and {}; allowed: 0 or more", first_std_error, second_std_error));
  const double error = std::hypot(first_std_error, second_std_error);
  const double reach = survival_detail::normal_width(level) * error;
  return {.value = second - first, .std_error = error, .interval = {second - first - reach, second - first + reach}};
}

double probability_of_improvement(const IncidenceShare& first, const IncidenceShare& second, const BetaPrior& prior) {
  check_share(first);
  check_share(second);
  for (const double size : {prior.wins, prior.losses})
    if (!(size > 0.0) || std::isinf(size))
      throw InvalidArgument(fmt::format("prior Beta({}, {}); allowed: finite, above 0", prior.wins, prior.losses));
  const double a = prior.wins + first.probability * first.trials;
  const double b = prior.losses + (1.0 - first.probability) * first.trials;
  const double c = prior.wins + second.probability * second.trials;
  const double d = prior.losses + (1.0 - second.probability) * second.trials;
  // Over the second share p = sin^2 t, whose density in t has no poles at Jeffreys' prior and a spread of about
  // 1 / (2 sqrt(trials)) everywhere.
  const double centre = std::asin(std::sqrt(c / (c + d)));
  const double reach = 5.0 / std::sqrt(c + d);
  const double from = std::max(0.0, centre - reach), to = std::min(0.5 * std::numbers::pi, centre + reach);
  double improved = 0.0, all = 0.0;
  constexpr int kPanels = 24;
  const double log_scale = (2.0 * c - 1.0) * std::log(std::sin(std::max(centre, 1e-8))) +
                           (2.0 * d - 1.0) * std::log(std::cos(std::min(centre, 0.5 * std::numbers::pi - 1e-8)));
  using Rule = boost::math::quadrature::gauss<double, 15>;
  for (int panel = 0; panel < kPanels; ++panel) {
    const double left = from + (to - from) * panel / kPanels, right = from + (to - from) * (panel + 1) / kPanels;
    const auto density = [&](double t) {
      return std::exp((2.0 * c - 1.0) * std::log(std::sin(t)) + (2.0 * d - 1.0) * std::log(std::cos(t)) - log_scale);
    };
    all += Rule::integrate(density, left, right);
    improved += Rule::integrate(
        [&](double t) {
          const double sine = std::sin(t);
          return density(t) * boost::math::ibeta(a, b, sine * sine, kBetaInDouble);
        },
        left, right);
  }
  return std::clamp(improved / all, 0.0, 1.0);
}

double sample_needed(double first, double second, const TestPlan& plan, double ratio) {
  check_plan(plan);
  check_probability("the first share", first);
  check_probability("the second share", second);
  if (first == second) throw InvalidArgument(fmt::format("both shares are {}; no sample tells them apart", first));
  if (!(ratio > 0.0) || std::isinf(ratio))
    throw InvalidArgument(fmt::format("ratio of group sizes is {}; allowed: finite, above 0", ratio));
  return size_needed(first, second, ratio, plan_width(plan), plan_reserve(plan));
}

std::optional<double> larger_share_detectable(double first, double first_size, double second_size,
                                              const TestPlan& plan) {
  return share_detectable(first, first_size, second_size, plan, 1.0);
}

std::optional<double> smaller_share_detectable(double first, double first_size, double second_size,
                                               const TestPlan& plan) {
  return share_detectable(first, first_size, second_size, plan, 0.0);
}

double ends_needed(double hazard_ratio, const TestPlan& plan, double share_in_second) {
  check_plan(plan);
  if (!(hazard_ratio > 0.0) || std::isinf(hazard_ratio) || hazard_ratio == 1.0)
    throw InvalidArgument(fmt::format("hazard ratio is {}; allowed: finite, above 0, not 1", hazard_ratio));
  if (!(share_in_second > 0.0 && share_in_second < 1.0))
    throw InvalidArgument(fmt::format("share in the second group is {}; allowed: between 0 and 1", share_in_second));
  const double z = plan_width(plan) + plan_reserve(plan);
  const double log_ratio = std::log(hazard_ratio);
  return z * z / (share_in_second * (1.0 - share_in_second) * log_ratio * log_ratio);
}

}  // namespace putki
