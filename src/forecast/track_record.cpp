#include <putki/core/error.hpp>
#include <putki/core/parallel.hpp>
#include <putki/forecast/forecast.hpp>
#include <putki/forecast/track_record.hpp>
#include <putki/stats/wins.hpp>

#include "forecast/scenarios.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace putki {
namespace {

constexpr int kOneWeek = 7, kFourWeeks = 28;
/// Weeks of history before the first one is forecast.
constexpr int kFirstWeeks = 6;
constexpr int kRecordDraws = 32;
/// Weight of four weeks' outcome: four overlapping ones share every week.
constexpr double kOverlap = 0.25;
/// The predicted shift is met on this many points of +- so many deviations.
constexpr int kPlaces = 31;
constexpr double kReach = 3.75;
/// Points of the grid below this share of the weight are dropped.
constexpr double kLeastShare = 1e-5;

TrackRecord::Window meet(std::span<const ScenarioMoments> moments, double actual) {
  TrackRecord::Window window{.actual = actual, .log_density = {}};
  for (int i = 0; i < TrackRecord::kShifts; ++i) {
    const double scale = std::exp(TrackRecord::kLeastShift + i * TrackRecord::kShiftStep);
    double density = 0;
    for (const auto& [mean, variance] : moments) {
      const double deviation = std::sqrt(std::max(variance * scale, 1.0)), z = (actual - mean * scale) / deviation;
      density += std::exp(-0.5 * z * z) / deviation;
    }
    window.log_density.push_back(std::log(density / static_cast<double>(moments.size()) + 1e-30));
  }
  return window;
}

double log_density_at(const TrackRecord::Window& window, double shift) {
  const double place = std::clamp((shift - TrackRecord::kLeastShift) / TrackRecord::kShiftStep, 0.0,
                                  static_cast<double>(TrackRecord::kShifts - 1));
  const auto below = std::min(static_cast<std::size_t>(place), static_cast<std::size_t>(TrackRecord::kShifts - 2));
  const double share = place - static_cast<double>(below);
  return (1 - share) * window.log_density[below] + share * window.log_density[below + 1];
}

/// A normal prediction of the shift meets its window: log of the expected density, and the posterior's moments.
struct Met {
  double log_likelihood;
  double mean;
  double variance;
};
Met met(const TrackRecord::Window& window, double mean, double sd) {
  if (sd == 0) return {log_density_at(window, mean), mean, 0};
  std::array<double, kPlaces> shift{}, log_weight{};
  double best = -1e300, prior_sum = 0;
  for (int i = 0; i < kPlaces; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const double z = kReach * (2.0 * i / (kPlaces - 1) - 1);
    shift[at] = mean + sd * z;
    prior_sum += std::exp(-0.5 * z * z);
    log_weight[at] = -0.5 * z * z + log_density_at(window, shift[at]);
    best = std::max(best, log_weight[at]);
  }
  double sum = 0, first = 0, second = 0;
  for (std::size_t i = 0; i < shift.size(); ++i) {
    const double weight = std::exp(log_weight[i] - best);
    sum += weight;
    first += weight * shift[i];
    second += weight * shift[i] * shift[i];
  }
  first /= sum;
  return {best + std::log(sum / prior_sum), first, std::max(second / sum - first * first, 0.0)};
}

/// One week on: the level is predicted, meets the week, and is updated.
void pass_week(CommonShock::Point& point, double& log_weight, const TrackRecord::Window& week) {
  const double stationary = point.drift * point.drift, phi = std::exp2(-1 / point.half_life_weeks);
  if (point.drift > 0) {
    point.level = -0.5 * stationary + phi * (point.level + 0.5 * stationary);
    point.variance = phi * phi * point.variance + stationary * (1 - phi * phi);
  }
  const double shock = point.size * point.size, predicted = point.variance + shock, mean = point.level - 0.5 * shock;
  const Met posterior = met(week, mean, std::sqrt(predicted));
  log_weight += posterior.log_likelihood;
  if (point.drift == 0) return;
  // The level given the shift is normal: its mean follows the shift's with this share.
  const double share = point.variance / predicted;
  point.level += share * (posterior.mean - mean);
  point.variance = point.variance * (1 - share) + share * share * posterior.variance;
}

}  // namespace

TrackRecord::TrackRecord(std::map<Day, Origin> origins) : origins_(std::move(origins)) {
  for (const auto& [day, windows] : origins_) {
    const auto check = [&, origin = day](const Window& window) {
      if (window.log_density.size() != kShifts ||
          !std::all_of(window.log_density.begin(), window.log_density.end(), [](double d) { return std::isfinite(d); }))
        throw InvalidArgument(fmt::format("track record of {}: {} log-densities; {} finite ones are needed",
                                          to_string(origin), window.log_density.size(), kShifts));
    };
    check(windows.week);
    if (windows.four_weeks.size() > 1)
      throw InvalidArgument(
          fmt::format("track record of {}: {} windows of four weeks", to_string(day), windows.four_weeks.size()));
    for (const Window& window : windows.four_weeks) check(window);
  }
}

void TrackRecord::extend(const AsOf& view, const ForecastModelOptions& options) {
  const auto first = view.log().first_time();
  if (!first) return;
  const TimeZone& zone = view.log().time_zone();
  const Day earliest = zone.day_of(*first) + Days{kOneWeek * kFirstWeeks};
  const auto passed = [&](Day origin) { return origin + Days{kFourWeeks} <= view.day(); };
  std::vector<Day> missing;
  Day origin = view.day() - Days{kOneWeek};
  for (int week = 0; week < kMostWeeks && origin >= earliest; ++week, origin -= Days{kOneWeek}) {
    const auto known = origins_.find(origin);
    if (known == origins_.end() || (known->second.four_weeks.empty() && passed(origin))) missing.push_back(origin);
  }

  std::vector<Origin> found(missing.size());
  parallel_for(
      missing.size(),
      [&](std::size_t i) {
        ForecastModelOptions quiet = options;
        quiet.learn_shock = false;
        quiet.progress = {};
        const Timestamp from = zone.start_of(missing[i]);
        const AsOf then = view.at(from);
        const ForecastModel model = fit_forecast_model(then, quiet);
        const OpenPipeline pipeline = OpenPipeline::as_of_view(then, std::nullopt, options.by);
        const auto window = [&](int days) {
          const auto moments = scenario_moments(model, pipeline,
                                                {.horizon_days = days,
                                                 .parameter_draws = kRecordDraws,
                                                 .uncertain = {.common_shock = false},
                                                 .seed = options.seed});
          return meet(moments, revenue_won(view.at(zone.start_of(missing[i] + Days{days})), from).units());
        };
        found[i].week = window(kOneWeek);
        if (passed(missing[i])) found[i].four_weeks.push_back(window(kFourWeeks));
      },
      options.threads, options.progress);
  for (std::size_t i = 0; i < missing.size(); ++i) origins_.insert_or_assign(missing[i], std::move(found[i]));
}

CommonShock TrackRecord::shock(Day day) const {
  CommonShock shock = CommonShock::prior();
  bool met_any = false;
  std::vector<double> log_weights;
  for (const auto& point : shock.points) log_weights.push_back(std::log(std::max(point.weight, 1e-300)));
  for (const auto& [origin, windows] : origins_) {
    const int days = static_cast<int>((day - origin).count());
    if (days < kOneWeek || days % kOneWeek != 0 || days > kOneWeek * kMostWeeks) continue;
    met_any = true;
    for (std::size_t i = 0; i < shock.points.size(); ++i) {
      CommonShock::Point& point = shock.points[i];
      if (days >= kFourWeeks && !windows.four_weeks.empty()) {
        const auto [mean, sd] = point.over(0, kFourWeeks);
        log_weights[i] += kOverlap * met(windows.four_weeks.front(), mean, sd).log_likelihood;
      }
      pass_week(point, log_weights[i], windows.week);
    }
  }
  if (!met_any) return shock;
  const double best = *std::max_element(log_weights.begin(), log_weights.end());
  double sum = 0;
  for (std::size_t i = 0; i < shock.points.size(); ++i) sum += shock.points[i].weight = std::exp(log_weights[i] - best);
  std::erase_if(shock.points, [&](const auto& point) { return point.weight < kLeastShare * sum; });
  sum = 0;
  for (const auto& point : shock.points) sum += point.weight;
  for (auto& point : shock.points) point.weight /= sum;
  return shock;
}

}  // namespace putki
