#pragma once
/// \file
/// What the pipeline of today and tomorrow is worth: not the sales alone, but what their customers buy afterwards.
///
/// Present value, in currency units of the day of the forecast, of
///
///   (a) the open deals: sales of those won within the horizon, and all that their customers buy later,
///   (b) deals not yet created: of those created and won within the horizon, likewise,
///   (c) the customers of today: all they buy from now on.
///
/// Always: revenue or margin (Margin), the annual rate, wins up to the horizon, purchases without end, from the day of
/// the forecast. A win counts at the middle of the week (past two years: month) it falls in. (b) grows with the horizon
/// without bound other than the rate; the sum of (a) and (c) at a long horizon is what a buyer of the company gets,
/// before costs.
///
/// CRMs show the weighted pipeline, sum of amount x chance: undiscounted, without what customers do next, and without a
/// spread.
///
/// **Expected** values need no draws: expected wins by piece of the horizon x discount x (amount + residual value of a
/// newcomer), averaged over the pipeline's parameter draws and common shock, at the estimates of the customers'
/// parameters. **Draws** are joint: one set of the pipeline's parameters, one path of the common shock, one world of
/// customers' parameters (CustomerRevenue::World) for all parts, then who wins, how much, and one future of every
/// customer. `mean`, deviation and quantiles are theirs; `mean` differs from `expected` by the draws' noise and by what
/// the uncertainty of the customers' parameters adds. Parts move together, so quantiles do not add; means do. Futures
/// of customers end where money is worth 1/10,000 (customer_revenue.hpp), in draws only. Beyond the horizon's end open
/// deals are worth nothing here; lead_value.hpp has them.
///
/// Draw r uses parameter draw r modulo parameter_draws, as simulate does; results do not depend on the thread count.
/// Cost: of `simulate` in weeks, and about 0.5 us a customer and 1 us a win for each draw. An empty pipeline without
/// inflow and nobody: 0 for certain.

#include <putki/forecast/forecast.hpp>
#include <putki/forecast/margin.hpp>
#include <putki/value/customer_segments.hpp>

#include <cstddef>

namespace putki {

struct PipelineValueOptions {
  /// Wins of so many days count, 1 .. 3,660.
  int horizon_days;
  /// Money a year from now is worth 1 / (1 + annual_discount) of money now. Above 0, finite.
  double annual_discount = 0.15;
  Margin margin = {};
  /// Joint draws, 20 or more.
  std::size_t draws = 1000;
  /// Draws of the pipeline's parameters; 0: posterior means.
  int parameter_draws = 64;
  /// Of the pipeline; `wins` and `amounts` must stay on, since customers are counted.
  bool common_shock = true;
  std::uint64_t seed = 1;
  /// 0: one per core.
  unsigned threads = 1;
  Progress progress = {};
};

/// Deals won within the horizon: their sales, what their customers bring later, and both.
struct WonValue {
  double wins = 0;  ///< expected
  ForecastTotal sales = {};
  ForecastTotal later = {};
  ForecastTotal total = {};
};

struct PipelineValue {
  Day as_of;
  int horizon_days;
  double annual_discount;
  Margin margin = {};
  std::size_t open_deals = 0;
  std::size_t customer_count = 0;
  WonValue open = {};             ///< (a)
  WonValue not_yet_created = {};  ///< (b)
  ForecastTotal customers = {};   ///< (c)
  ForecastTotal total = {};
};

/// Newcomers are those of the deal's segment, as in lead_values; the customers of today those of `customers.everybody`.
/// The view's day of the customers is taken to be `pipeline.as_of`. InvalidArgument: as `forecast`, a discount not
/// above 0, a margin outside [0, 1], fewer than 20 draws. Cancelled on request.
PipelineValue pipeline_value(const ForecastModel& model, const OpenPipeline& pipeline,
                             const CustomerSegments& customers, const PipelineValueOptions& options);

/// All newcomers alike, what they bring later not following the sale.
PipelineValue pipeline_value(const ForecastModel& model, const OpenPipeline& pipeline, const CustomerRevenue& customers,
                             const PipelineValueOptions& options);

}  // namespace putki
