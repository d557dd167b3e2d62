#pragma once
/// \file
/// Revenue of the periods to come, as a distribution.
///
/// A period's revenue = booked (already won in it) + open (deals now in the pipeline that are won in it) + new (deals
/// not yet created). Given the parameters deals are independent, so revenue has the characteristic function
///
///     exp(iw booked) prod_i (1 - p_i + p_i exp(iw a_i)) exp(Lambda (phi_amount(w) - 1)),
///
/// p_i from first passage given stage and age, Lambda the expected number of new wins; where won deals are known to end
/// at other amounts than they showed, exp(iw a_i) becomes its mean over their ratios (amount_revision.hpp). It is
/// averaged over draws of the parameters (posterior hazards and inflow) and inverted: no simulation noise. Revenue
/// counts when a deal enters a won stage.
///
/// Segments whose amounts differ (ForecastModelOptions::by) have amounts of their own, drawn to those of all with the
/// credibility n / (n + s^2 / t^2) of n won deals, s^2 and t^2 the variances of log amounts within and between segments
/// (Buhlmann & Straub 1970; t^2 = 0: no difference). In the distribution of several segments together new deals and
/// those of unknown amount draw from the mixture of these, weighted by the wins expected of each in the period: the
/// mean is that of the segments' sum, its split into open and new that of the mixture, and the spread is slightly too
/// wide where single deals of unknown amount are nearly sure. `forecast_by_segment` has each segment's own.
///
/// Time basis: the horizon begins at 00:00 of `pipeline.first_day` (the day of the forecast; for date-only data, whose
/// records of that day are known, the day after) and covers `horizon_days` local days. A period is reported by its
/// first day and the day after its last.
///
/// Cost: 30 to 50 ms on one core for 100, 1,000 or 10,000 deals over 90 days with 64 draws and a common shock
/// (benchmarks/forecast_benchmark.cpp); few deals of uneven size cost as much as many, since nothing averages out.
/// Results do not depend on the thread count. An empty pipeline without inflow forecasts 0 for certain.

#include <putki/core/period.hpp>
#include <putki/core/progress.hpp>
#include <putki/forecast/amount_distribution.hpp>
#include <putki/forecast/amount_revision.hpp>
#include <putki/forecast/common_shock.hpp>
#include <putki/forecast/inflow.hpp>
#include <putki/forecast/open_pipeline.hpp>
#include <putki/forecast/revenue_distribution.hpp>
#include <putki/forecast/track_record.hpp>
#include <putki/model/dated_model.hpp>
#include <putki/model/group_effects.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace putki {

/// Which of its four uncertainties a forecast carries. What is off is known, at its mean given what is on; with all
/// four off a forecast is one number.
struct Uncertainties {
  /// Which deals win, and how many new ones come; off: every open deal brings its chance of winning times its amount,
  /// new deals bring their expected revenue.
  bool wins = true;
  /// How much; off: a deal without an amount, and every new one, brings the mean amount, one with an amount what that
  /// becomes on average.
  bool amounts = true;
  /// Hazards, inflow and the size of the common shock; off: posterior means, as with no parameter draws.
  bool parameters = true;
  /// The shift that moves all deals together; off: deals win independently given the parameters.
  bool common_shock = true;
};

struct ForecastOptions {
  /// Days ahead, 1 .. 3,660.
  int horizon_days;
  /// Cut the horizon at calendar borders; nothing: one period.
  std::optional<PeriodUnit> period = std::nullopt;
  /// First month of the fiscal year, for quarters and years.
  unsigned fiscal_start_month = 1;
  /// Draws from the posterior of hazards and inflow; 0: posterior means, as if they were known.
  int parameter_draws = 64;
  /// All four by default.
  Uncertainties uncertain = {};
  std::uint64_t seed = 1;
  /// 0: one per core.
  unsigned threads = 1;
  Progress progress = {};
};

/// Mean and standard deviation of one part of a period's revenue.
struct RevenuePart {
  double mean = 0;
  double sd = 0;
};

/// The variance of revenue split by the law of total variance, innermost first: amounts given who wins, wins given
/// the shock and the parameters, the shock given the parameters, the parameters. With m the mean and v the variance of
/// what a win brings (v = 0 where it is known and not revised), N the expected number of new wins and E, Var over
/// parameters p and shocks z,
///
///     amounts      E [sum_i P(win_i) v_i + N v]
///     wins         E [sum_i P(win_i) (1 - P(win_i)) m_i^2 + N m^2]      N m^2: how many new deals come and are won
///     common_shock E_p Var_z (E[revenue | z, p])
///     parameters   Var_p (E[revenue | p])
///
/// which sum to the variance of revenue. Turned off in this order, one after the other, each takes its part with it.
/// With wins off and amounts on, amounts hold Var(sum_i P(win_i) amount_i) in place of the first two, revisions at
/// their mean.
struct VarianceParts {
  double amounts = 0;
  double wins = 0;
  double common_shock = 0;
  double parameters = 0;
  double total() const { return amounts + wins + common_shock + parameters; }
};

struct PeriodForecast {
  Period period;
  RevenueDistribution revenue;
  RevenuePart booked;  ///< certain: sd 0
  RevenuePart open;
  RevenuePart not_yet_created;
  double open_wins = 0;  ///< expected number of deals won
  double new_wins = 0;
  VarianceParts variance;
};

struct Forecast {
  Day as_of;
  int horizon_days;
  std::vector<PeriodForecast> periods;
  PeriodForecast total;
};

/// What the forecast is made from, besides the pipeline.
struct ForecastModel {
  DatedModel stages;
  InflowModel inflow;
  AmountDistribution amounts;
  CommonShock shock = {};
  AmountRevision revision = {};
  /// Segments and sizes: what they change about `stages`. By default there are none.
  GroupEffects groups = {};
  /// By segment of `groups`, what a new deal or one of unknown amount brings; empty: `amounts`, in all segments alike.
  std::vector<AmountDistribution> segment_amounts = {};
};

struct ForecastModelOptions {
  /// Which days are worked: weekdays differ anyway, this adds the holidays.
  BusinessCalendar calendar = {};
  DatedModelOptions stages = {};
  /// New deals: growth, season, and how far their number strays.
  InflowOptions inflow = {};
  /// What won deals bring.
  AmountOptions amounts = {};
  /// Learn how open deals' amounts are revised by the time they are won; false: they stay as they are.
  bool revise_amounts = true;
  AmountRevisionOptions revision = {};
  /// Attribute (owner, source, region, ..) whose values are segments that may win and lose at other rates, as far as
  /// the data say so; empty: none. The pipeline to forecast must be taken by the same attribute. The forecast of 10,000
  /// deals then takes 3 times as long with 5 groups, 9 times with 20.
  std::string by = {};
  /// Let the amount of a deal, as known while it is open, change how fast it wins and loses.
  bool deal_size = false;
  /// Size bands, of about equally many visits each, 2 .. 20.
  int size_bands = 4;
  GroupEffectsOptions groups = {};
  /// Learn the common shock from past weeks; false: its prior.
  bool learn_shock = true;
  std::uint64_t seed = 1;
  /// 0: one per core.
  unsigned threads = 1;
  Progress progress = {};
};

/// Everything estimated from one as-of view. `record` may hold past weeks already forecast (with the same options) and
/// receives the missing ones; nothing: all are forecast anew, at most TrackRecord::kMostWeeks fits more. An empty view:
/// nothing moves. InvalidArgument: options out of range, no attribute of that name.
ForecastModel fit_forecast_model(const AsOf& view, const ForecastModelOptions& options = {},
                                 TrackRecord* record = nullptr);

/// InvalidArgument: options out of range, a first day that is neither `as_of` nor the next, a deal in a terminal or
/// unknown stage, an amount below 0 or not finite. Cancelled on request.
Forecast forecast(const ForecastModel& model, const OpenPipeline& pipeline, const ForecastOptions& options);

}  // namespace putki
