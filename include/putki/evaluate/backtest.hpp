#pragma once
/// \file
/// The record of a forecast: what it would have said on past days, against what then came.
///
/// On each of a row of days (origins) the log is cut off, everything is estimated anew from that as-of view, and the
/// revenue of the days ahead is forecast; nothing later than the origin can matter. The outcome is the revenue won in
/// (origin, origin + horizon], instants of 00:00 local time, each deal at the amount known when it was won
/// (`wins.hpp`), as known at the end of the horizon. In a log of dates, records of the origin's date are known, so the
/// outcome begins with the next date, as the forecast does.
///
/// Origins are `from`, then every so many days while origin + horizon <= `to`: only horizons that lie wholly inside
/// what the log knows count, so longer horizons have fewer origins. Horizons longer than the step overlap, and their
/// errors are correlated: fewer outcomes than it seems.
///
/// Money is in currency units. Results do not depend on the thread count. Cost: per origin one fit, a forecast per
/// horizon and the baselines, and one more fit for each past week from which the common shock is learnt, shared by the
/// origins that lie whole weeks apart. Memory is the log's, shared by all.

#include <putki/core/interval.hpp>
#include <putki/core/progress.hpp>
#include <putki/evaluate/baselines.hpp>
#include <putki/evaluate/diebold_mariano.hpp>
#include <putki/evaluate/scores.hpp>
#include <putki/forecast/forecast.hpp>

#include <array>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace putki {

/// A way to forecast: from what is known at the view, the revenue of the days ahead, one distribution per horizon.
/// Called from several threads at once.
using Forecaster = std::function<std::vector<RevenueDistribution>(const AsOf& view, std::span<const int> horizons)>;

struct BacktestOptions {
  /// First origin.
  Day from;
  /// Last instant known: 00:00 of this day; no outcome goes beyond it. Nothing: the day of the log's last event. A day
  /// past that is taken at its word: nothing happened in between.
  std::optional<Day> to = std::nullopt;
  /// From one origin to the next, 1 .. 3,660.
  int every_days = 7;
  /// Days ahead, each 1 .. 3,660.
  std::vector<int> horizons = {7, 14, 28};
  /// What is put to the test; nothing: putki's own `fit_forecast_model` and `forecast`, with the options below.
  Forecaster forecaster = {};
  /// Threads and progress are those of the backtest.
  ForecastModelOptions model = {};
  /// So they are here; horizon and period do not matter.
  ForecastOptions forecast = {.horizon_days = 1};
  /// 0: one per core.
  unsigned threads = 0;
  Progress progress = {};
};

/// One forecast and its outcome.
struct BacktestOrigin {
  Day as_of;
  double actual;
  double mean;
  double q10;
  double q90;
  double crps;
  double pit;            ///< mid PIT
  double expected_crps;  ///< if the outcome came from the forecast itself
  struct Baseline {
    double mean;
    double crps;
  };
  std::array<Baseline, kBaselines.size()> baselines;  ///< in the order of kBaselines
};

struct BaselineRecord {
  double mae;
  double crps;
  double skill;  ///< 1 - CRPS of the forecast / CRPS of the baseline: 0 no better, 1 perfect; NaN when that is 0
  /// Of the CRPS against the baseline's, steps_ahead = horizon / step, rounded up; nothing with too few origins.
  std::optional<DieboldMariano> test;
};

/// Means over the origins; all NaN, counts 0, when there is none.
struct HorizonRecord {
  int days;
  std::vector<BacktestOrigin> origins;  ///< in order of time
  double mae;                           ///< of the mean
  double crps;
  /// The achievable frontier: what the CRPS would have been on average if every outcome had come from its own forecast.
  /// A CRPS well above it says that the forecasts are wrong (biased or too narrow), one about as large that the rest is
  /// chance, which no better fit removes. Well below it: too wide.
  double expected_crps;
  Coverage coverage80;  ///< outcomes in [q10, q90]
  double width80;       ///< of that interval
  double bias;          ///< mean of forecast mean - actual: above 0 when forecasts are too high
  double mean_actual;
  std::array<BaselineRecord, kBaselines.size()> baselines;  ///< in the order of kBaselines
};

struct Backtest {
  std::vector<HorizonRecord> horizons;  ///< in the order asked for
};

/// InvalidArgument: options out of range, no horizon, `to` before `from`, a forecaster that gives another number of
/// distributions than asked. NotEnoughData: no horizon fits between `from` and the last instant known. Cancelled on
/// request.
Backtest backtest(const EventLog& log, const BacktestOptions& options);

}  // namespace putki
