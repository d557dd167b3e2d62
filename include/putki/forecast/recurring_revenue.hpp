#pragma once
/// \file
/// The forecast with its fourth part: what customers bring again and again, those of today and those still to be won.
///
/// A period's revenue = booked + open + not yet created (forecast.hpp) + recurring. Recurring is what the value model
/// (value/customer_revenue.hpp) says of today's customers, and of everybody who becomes one by a deal won within the
/// horizon, open today or not yet created. The sale that wins a customer is the deal's amount and counts there; what he
/// brings after it is recurring.
///
/// **Counted once.** A repeat order or a renewal must not also be a deal of the pipeline: it would be in "open" or "not
/// yet created" and in "recurring" again. Where the pipeline holds renewals and further sales to customers, take its
/// new customers alone, or leave those orders out of the value model. The same holds for the history: orders that won
/// deals have brought are the first order of their customer, which starts the model's clock and is no repeat. And every
/// win is taken to be a customer of his own: a second deal with a customer adds a second one.
///
/// **What is drawn.** The horizon is cut into pieces of at most seven days, at its weeks counted from its first day and
/// at the periods' borders. A draw has one set of the pipeline's parameters and shocks (as `simulate`, in those pieces:
/// without customers a draw's revenue is that of the pieces together), one world of the value model, one future of each
/// customer of today, and one of each newcomer, who starts at noon of a day taken evenly from the days of the piece in
/// which his deal is won. The value model's parameters are drawn apart from those of the pipeline, whose history is
/// another, and no common shock moves customers: a recession that does is not in it.
///
/// **What is exact.** The means of booked, open and not yet created are those of `forecast`. That of today's customers
/// is CustomerRevenue::expected, that of newcomers the expected wins of each piece (with `typical_sale`, what they
/// bring) times expected_of_newcomer: all without noise of simulation, and both at the estimates of the value model.
/// Deviations, shares of the variance and distributions are those of the draws; a distribution's own mean has the
/// draws' noise and averages over the value model's parameters, so that it may lie apart from `mean` where these are
/// poorly known.
///
/// **Calibration** (benchmarks/recurring_calibration.cpp: 200 simulated companies whose customers follow the BG/NBD,
/// 200 with contracts by the sBG; all is fitted by default from two years of history). Recurring revenue of each of the
/// next four quarters lies inside its interval of 50 % in 46 to 57 % of cases, of 80 % in 75 to 84 %, of 95 % in 94 to
/// 97 %; all revenue in 44.5 to 55.5, 77 to 83, 94 to 97.5 %. 99 % limits of 200 trials: 41 to 59, 72.5 to 87, 90.5 to
/// 98.5 %.
///
/// Time basis: as forecast.hpp. Day 0 of `customers` is the first day of the horizon, unless `customers_from` says
/// otherwise. Who was won between the pipeline's `booked_since` and now is a customer of today: his first order must be
/// in the orders, as that of everybody won before. Repeat orders already made since `booked_since` are in no part.
///
/// Results do not depend on the thread count. Safe to call from several threads. Cost, one core
/// (benchmarks/forecast_benchmark.cpp, 2 years ahead by quarter, 500 open deals, 5,000 customers, 1,000 draws): 3.9 s;
/// without customers of today 3.5 s, most of it for the chances of winning in 105 pieces, whatever the draws. Memory:
/// some 80 bytes x draws x periods. Nobody, and newcomers that bring nothing: recurring is 0.

#include <putki/forecast/simulation.hpp>
#include <putki/value/customer_revenue.hpp>

#include <optional>

namespace putki {

struct RecurringOptions {
  std::size_t draws = 2'000;
  /// What a newcomer brings after his sale. Nothing: what the value model says, whatever his deal's amount. Else in
  /// proportion to it, a deal of this amount bringing what the model says. Under contract give the fee that the model's
  /// newcomers pay: each renewal then brings the deal's amount.
  std::optional<double> typical_sale = std::nullopt;
  /// First local day of which the customers' records know nothing, day 0 of CustomerRevenue
  /// (OrderView::first_unknown_day); nothing: the first day of the horizon. Logs of dates and of times may differ by a
  /// day. At most one day after the horizon's first.
  std::optional<Day> customers_from = std::nullopt;
  /// 0: one per core.
  unsigned threads = 0;
  Progress progress = {};
};

/// One part of a period's revenue.
struct ForecastPart {
  double mean = 0;
  double sd = 0;
  /// Cov(part, revenue) / Var(revenue): the parts' shares sum to 1; may be below 0 where a part makes up for others. 0
  /// when revenue is certain.
  double share_of_variance = 0;
};

struct RecurringPeriod {
  Period period;
  double mean = 0;  ///< of all parts together
  RevenueDistribution revenue;
  ForecastPart booked;
  ForecastPart open;
  ForecastPart not_yet_created;
  ForecastPart recurring;
  /// What recurring is made of; their shares sum to its share.
  ForecastPart todays_customers;
  ForecastPart customers_to_be_won;
  RevenueDistribution recurring_revenue;
  double open_wins = 0;  ///< expected number of deals won
  double new_wins = 0;
};

struct RecurringForecast {
  Day as_of;
  int horizon_days;
  std::vector<RecurringPeriod> periods;
  RecurringPeriod total;
  /// Revenue by draw and period, all parts in it: for questions on several periods at once (joint.hpp).
  Simulation simulation;
};

/// `options.threads` and `options.progress` are not heeded; those of `recurring` are. InvalidArgument: as `forecast`;
/// no draws; a typical sale that is not above 0 and finite; customers_from too late; wins taken as certain
/// (Uncertainties::wins off), since nobody is won by a third. Cancelled on request.
RecurringForecast forecast_with_recurring(const ForecastModel& model, const OpenPipeline& pipeline,
                                          const CustomerRevenue& customers, const ForecastOptions& options,
                                          const RecurringOptions& recurring = {});

}  // namespace putki
