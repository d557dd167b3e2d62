#include <putki/core/error.hpp>
#include <putki/core/parallel.hpp>
#include <putki/evaluate/backtest.hpp>
#include <putki/stats/wins.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace putki {
namespace {

constexpr int kMaxDays = 3'660;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

void check_options(const BacktestOptions& options) {
  if (options.every_days < 1 || options.every_days > kMaxDays)
    throw InvalidArgument(fmt::format("origins every {} days; allowed are 1 to {}", options.every_days, kMaxDays));
  if (options.horizons.empty()) throw InvalidArgument("no horizon to test; give at least one");
  for (const int days : options.horizons)
    if (days < 1 || days > kMaxDays)
      throw InvalidArgument(fmt::format("horizon is {} days; allowed are 1 to {}", days, kMaxDays));
  if (options.to && *options.to < options.from)
    throw InvalidArgument(fmt::format("origins from {} to {}: the end is before the beginning", to_string(options.from),
                                      to_string(*options.to)));
}

/// Days from the first origin to the last instant that may be used.
int usable_days(const EventLog& log, const BacktestOptions& options) {
  const auto last = log.last_time();
  if (!last && !options.to) throw NotEnoughData("a backtest of a history without events");
  const Day end = options.to ? *options.to : log.time_zone().day_of(*last);
  const int days = static_cast<int>((end - options.from).count());
  const int shortest = *std::min_element(options.horizons.begin(), options.horizons.end());
  if (days < shortest)
    throw NotEnoughData(fmt::format("no horizon of {} days fits between {} and {}, the last instant {}", shortest,
                                    to_string(options.from), to_string(end),
                                    options.to ? "allowed" : "known to the history"));
  return days;
}

/// The stretch from `begin` to `end` of a longer piece of work.
Progress part_of(const Progress& progress, double begin, double end) {
  if (!progress) return {};
  return [&progress, begin, end](double share) { return progress(begin + share * (end - begin)); };
}

/// putki's own forecasts.
class OwnForecaster {
 public:
  /// Learns from the weeks before all of these origins at once: origins share them, and a week's entry knows nothing
  /// later than the week, so each origin finds what it would have found alone.
  OwnForecaster(const EventLog& log, std::span<const Day> origins, const BacktestOptions& options,
                const Progress& progress)
      : model_(options.model), forecast_(options.forecast) {
    model_.threads = options.threads;
    if (model_.learn_shock)
      for (std::size_t left = origins.size(); left-- > 0;) {  // the last one has most weeks to do in parallel
        const double done = static_cast<double>(origins.size() - left), all = static_cast<double>(origins.size());
        model_.progress = part_of(progress, (done - 1) / all, done / all);
        record_.extend(AsOf(log, origins[left]), model_);
      }
    model_.threads = forecast_.threads = 1;
    model_.progress = forecast_.progress = {};
    forecast_.period.reset();
  }

  std::vector<RevenueDistribution> operator()(const AsOf& view, std::span<const int> horizons) const {
    TrackRecord record = record_;
    const ForecastModel model = fit_forecast_model(view, model_, &record);
    const OpenPipeline pipeline = OpenPipeline::as_of_view(view, std::nullopt, model_.by);
    ForecastOptions options = forecast_;
    std::vector<RevenueDistribution> revenues;
    for (const int days : horizons) {
      options.horizon_days = days;
      revenues.push_back(forecast(model, pipeline, options).total.revenue);
    }
    return revenues;
  }

 private:
  ForecastModelOptions model_;
  ForecastOptions forecast_;
  TrackRecord record_;
};

BacktestOrigin score(const AsOf& view, int horizon_days, const RevenueDistribution& revenue) {
  const EventLog& log = view.log();
  const Timestamp begin = log.time_zone().start_of(view.day());
  const double actual = revenue_won(AsOf(log, view.day() + Days{horizon_days}), begin).units();
  BacktestOrigin origin{.as_of = view.day(),
                        .actual = actual,
                        .mean = revenue.mean(),
                        .q10 = revenue.quantile(0.1),
                        .q90 = revenue.quantile(0.9),
                        .crps = crps(revenue, actual),
                        .pit = pit(revenue, actual),
                        .expected_crps = expected_crps(revenue),
                        .baselines = {}};
  for (std::size_t b = 0; b < kBaselines.size(); ++b) {
    const RevenueDistribution baseline = baseline_forecast(kBaselines[b], view, horizon_days);
    origin.baselines[b] = {baseline.mean(), crps(baseline, actual)};
  }
  return origin;
}

/// Means over the origins, in order: the same bits whoever computed the origins.
HorizonRecord summarize(int days, std::vector<BacktestOrigin> origins, int every_days) {
  const auto mean_of = [&](auto&& value) {
    double sum = 0;
    for (const BacktestOrigin& origin : origins) sum += value(origin);
    return origins.empty() ? kNaN : sum / static_cast<double>(origins.size());
  };
  HorizonRecord record{};
  record.days = days;
  record.mae = mean_of([](const auto& origin) { return std::abs(origin.mean - origin.actual); });
  record.crps = mean_of([](const auto& origin) { return origin.crps; });
  record.expected_crps = mean_of([](const auto& origin) { return origin.expected_crps; });
  record.width80 = mean_of([](const auto& origin) { return origin.q90 - origin.q10; });
  record.bias = mean_of([](const auto& origin) { return origin.mean - origin.actual; });
  record.mean_actual = mean_of([](const auto& origin) { return origin.actual; });

  std::vector<Interval> intervals;
  std::vector<double> actuals, own;
  for (const BacktestOrigin& origin : origins) {
    intervals.push_back({origin.q10, origin.q90});
    actuals.push_back(origin.actual);
    own.push_back(origin.crps);
  }
  record.coverage80 = coverage(intervals, actuals);
  if (origins.empty()) record.coverage80.share = kNaN;

  const int steps_ahead = (days + every_days - 1) / every_days;
  for (std::size_t b = 0; b < kBaselines.size(); ++b) {
    BaselineRecord& baseline = record.baselines[b];
    baseline.mae = mean_of([&](const auto& origin) { return std::abs(origin.baselines[b].mean - origin.actual); });
    baseline.crps = mean_of([&](const auto& origin) { return origin.baselines[b].crps; });
    baseline.skill = baseline.crps > 0 ? 1 - record.crps / baseline.crps : kNaN;
    std::vector<double> theirs;
    for (const BacktestOrigin& origin : origins) theirs.push_back(origin.baselines[b].crps);
    if (origins.size() >= 2 && origins.size() > static_cast<std::size_t>(steps_ahead))
      baseline.test = diebold_mariano(own, theirs, steps_ahead);
  }
  record.origins = std::move(origins);
  return record;
}

}  // namespace

Backtest backtest(const EventLog& log, const BacktestOptions& options) {
  check_options(options);
  const int days = usable_days(log, options);
  const int shortest = *std::min_element(options.horizons.begin(), options.horizons.end());
  const auto count = static_cast<std::size_t>((days - shortest) / options.every_days) + 1;

  std::vector<Day> days_of_origin;
  for (std::size_t i = 0; i < count; ++i)
    days_of_origin.push_back(options.from + Days{static_cast<int>(i) * options.every_days});
  constexpr double kLearning = 0.5;  // of the work, about
  const Forecaster forecaster =
      options.forecaster ? options.forecaster
                         : OwnForecaster(log, days_of_origin, options, part_of(options.progress, 0, kLearning));

  // [origin][horizon that still fits, in the order asked for]
  std::vector<std::vector<BacktestOrigin>> scored(count);
  const auto fits = [&](std::size_t origin, int horizon) {
    return static_cast<int>(origin) * options.every_days + horizon <= days;
  };
  parallel_for(
      count,
      [&](std::size_t i) {
        const AsOf view(log, days_of_origin[i]);
        std::vector<int> horizons;
        for (const int horizon : options.horizons)
          if (fits(i, horizon)) horizons.push_back(horizon);
        const auto revenues = forecaster(view, horizons);
        if (revenues.size() != horizons.size())
          throw InvalidArgument(
              fmt::format("a forecaster gave {} distributions for {} horizons", revenues.size(), horizons.size()));
        for (std::size_t h = 0; h < horizons.size(); ++h) scored[i].push_back(score(view, horizons[h], revenues[h]));
      },
      options.threads, part_of(options.progress, options.forecaster ? 0 : kLearning, 1));

  std::vector<std::size_t> taken(count);
  Backtest result;
  for (const int horizon : options.horizons) {
    std::vector<BacktestOrigin> origins;
    for (std::size_t i = 0; i < count; ++i)
      if (fits(i, horizon)) origins.push_back(scored[i][taken[i]++]);
    result.horizons.push_back(summarize(horizon, std::move(origins), options.every_days));
  }
  return result;
}

}  // namespace putki
