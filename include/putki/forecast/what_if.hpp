#pragma once
/// \file
/// What if: the forecast with something changed, and the difference that makes.
///
/// Changes are made to the model and to the pipeline, nothing is fitted again, and both forecasts use the same
/// parameter draws and nodes of the common shock: their difference is the change's own, without noise. Everything else
/// that takes a model and a pipeline (simulate, sensitivity, ..) takes the changed ones too.
///
/// - *Conversion* `from` -> `to`: the share of visits that end by this move, counted as `eventual_shares` does. How
/// long
///   deals stay is not touched: of those who leave on a day, more move to `to`. The odds that give the share asked for
///   are solved for on the posterior mean and laid over every draw.
/// - *Delay*: time in a stage times a factor, on average over visits (change_of_days). The daily hazard of leaving goes
///   faster or slower by one pace on all days and ages (ExitChange::pace); targets keep their shares of each day and
///   age, so that a move which comes late gains or loses a little from how many are still there.
/// - *Inflow*, *amounts*: factors. Amounts are those of all deals not yet won, known, unknown and yet to come.
/// - *Deals* taken out or put in. Deals put in are asked for by stage and age like any other, and are not scaled by the
///   factor on amounts.
///
/// Conversions are changed first, in the order given, then delays.

#include <putki/forecast/forecast.hpp>

#include <string>
#include <vector>

namespace putki {

struct ConversionChange {
  std::string from;  ///< stage, by name
  std::string to;
  /// Added to the share: 0.01 is one point.
  double points = 0;
  /// The share is multiplied by this before `points` are added.
  double factor = 1;
  /// The target that gives or gets what `to` gets or gives; empty: all others, in proportion.
  std::string payer = {};
};

struct DelayChange {
  std::string stage;
  double factor;  ///< above 0; 0.9: a tenth less time
};

struct Changes {
  std::vector<ConversionChange> conversions = {};
  std::vector<DelayChange> delays = {};
  double inflow = 1;
  double amounts = 1;
  std::vector<std::string> without_deals = {};
  std::vector<OpenDeal> more_deals = {};
};

/// InvalidArgument: an unknown stage, a move that was never seen, a share that cannot be (the message says what can), a
/// factor below 0 or not finite, of a delay also 0.
ForecastModel changed(const ForecastModel& model, const Changes& changes);
/// InvalidArgument: a deal to leave out that is not open, a factor below 0 or not finite.
OpenPipeline changed(const OpenPipeline& pipeline, const Changes& changes);

/// What a change does to one period.
struct PeriodEffect {
  Period period;
  double mean;  ///< change of expected revenue
  double sd;    ///< change of the standard deviation of revenue
  /// The change of expected revenue over parameter draws and nodes of the shock: how sure the change's own effect is.
  RevenueDistribution effect;
};

struct WhatIf {
  Forecast before;
  Forecast after;
  std::vector<PeriodEffect> periods;
  PeriodEffect total;
};

/// Errors as `changed` and `forecast`. Cost: two forecasts.
WhatIf what_if(const ForecastModel& model, const OpenPipeline& pipeline, const Changes& changes,
               const ForecastOptions& options);

}  // namespace putki
