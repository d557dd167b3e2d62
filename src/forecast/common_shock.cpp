#include <putki/core/error.hpp>
#include <putki/core/parallel.hpp>
#include <putki/forecast/forecast.hpp>

#include "forecast/scenarios.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace putki {
namespace {

constexpr std::array<double, 8> kSizes{0, 0.03, 0.06, 0.10, 0.15, 0.20, 0.27, 0.35};
constexpr double kPriorMedian = 0.10, kPriorLogDeviation = 0.35;
/// Size 0 has no logarithm; the prior takes it for this.
constexpr double kSmallestSize = 0.01;
constexpr int kWeek = 7;
/// Weeks of history before the first one is forecast.
constexpr int kFirstWeeks = 6;
constexpr int kDraws = 32;

std::vector<double> normalized(std::vector<double> log_weights) {
  const double best = *std::max_element(log_weights.begin(), log_weights.end());
  double sum = 0;
  for (double& weight : log_weights) sum += weight = std::exp(weight - best);
  for (double& weight : log_weights) weight /= sum;
  return log_weights;
}

std::vector<double> prior_log_weights() {
  std::vector<double> weights;
  for (const double size : kSizes) {
    const double z = std::log(std::max(size, kSmallestSize) / kPriorMedian) / kPriorLogDeviation;
    weights.push_back(-0.5 * z * z);
  }
  return weights;
}

/// Revenue of the deals won after `from` and up to `to`, amounts as known when they were won.
double won_between(const AsOf& view, Timestamp from, Timestamp to) {
  const auto times = view.log().times();
  const auto stages = view.log().stages();
  const auto amounts = view.log().amounts();
  Money won{0};
  view.at(to).for_each_deal([&](DealId, std::uint32_t first, std::uint32_t last) {
    Money known{0};
    for (std::uint32_t e = first; e < last; ++e) {
      if (amounts[e] != kNoAmount) known = amounts[e];
      const bool enters = e == first || stages[e] != stages[e - 1];
      if (enters && times[e] > from && view.graph().kind(stages[e]) == StageKind::won) won += known;
    }
  });
  return won.units();
}

/// Log-density of what the week brought under each size: a normal law per draw and node of the shock, mean and variance
/// scaled by the shift.
TrackRecord::Week forecast_week(const AsOf& view, const ForecastModelOptions& options, double actual) {
  ForecastModelOptions quiet = options;
  quiet.learn_shock = false;
  quiet.progress = {};
  const ForecastModel model = fit_forecast_model(view, quiet);
  const OpenPipeline pipeline = OpenPipeline::as_of_view(view, std::nullopt, options.by);
  const ForecastOptions week{
      .horizon_days = kWeek, .parameter_draws = kDraws, .common_shock = false, .seed = options.seed};
  const auto moments = scenario_moments(model, pipeline, week);
  TrackRecord::Week result{.actual = actual, .log_density = {}};
  for (const double size : kSizes) {
    double density = 0;
    for (const auto& [mean, variance] : moments)
      for (const ShockNode& node : shock_nodes(size, kWeek)) {
        const double scale = std::exp(node.shift), deviation = std::sqrt(std::max(variance * scale, 1.0)),
                     z = (actual - mean * scale) / deviation;
        density += node.weight * std::exp(-0.5 * z * z) / deviation;
      }
    result.log_density.push_back(std::log(density / static_cast<double>(moments.size()) + 1e-30));
  }
  return result;
}

}  // namespace

double CommonShock::mean_size() const {
  double mean = 0;
  for (std::size_t i = 0; i < sizes.size(); ++i) mean += sizes[i] * weights[i];
  return mean;
}

CommonShock CommonShock::prior() {
  return {{kSizes.begin(), kSizes.end()}, normalized(prior_log_weights())};
}

CommonShock CommonShock::of_size(double size) {
  if (!(size >= 0) || !std::isfinite(size))
    throw InvalidArgument(fmt::format("common shock of size {}; it must be 0 or more", size));
  return {{size}, {1.0}};
}

void TrackRecord::extend(const AsOf& view, const ForecastModelOptions& options) {
  const auto first = view.log().first_time();
  if (!first) return;
  const TimeZone& zone = view.log().time_zone();
  const Day earliest = zone.day_of(*first) + Days{kWeek * kFirstWeeks};
  std::vector<Day> missing;
  Day origin = view.day() - Days{kWeek};
  for (int week = 0; week < kMostWeeks && origin >= earliest; ++week, origin -= Days{kWeek})
    if (!weeks_.contains(origin)) missing.push_back(origin);

  std::vector<Week> found(missing.size());
  parallel_for(
      missing.size(),
      [&](std::size_t i) {
        const Timestamp from = zone.start_of(missing[i]), to = zone.start_of(missing[i] + Days{kWeek});
        found[i] = forecast_week(view.at(from), options, won_between(view, from, to));
      },
      options.threads, options.progress);
  for (std::size_t i = 0; i < missing.size(); ++i) weeks_.emplace(missing[i], std::move(found[i]));
}

CommonShock TrackRecord::shock(Day day) const {
  std::vector<double> weights = prior_log_weights();
  for (const auto& [origin, week] : weeks_) {
    const int days = static_cast<int>((day - origin).count());
    if (days < kWeek || days % kWeek != 0 || days > kWeek * kMostWeeks) continue;
    for (std::size_t i = 0; i < weights.size(); ++i) weights[i] += week.log_density[i];
  }
  return {{kSizes.begin(), kSizes.end()}, normalized(std::move(weights))};
}

}  // namespace putki
