#pragma once
/// \file
/// What an open deal is worth with what its customer will buy afterwards:
///
///     V(lead) = P(win | x) E[sale + later purchases | win, x], discounted to the day of the forecast.
///
/// P(win | x) is first passage from the deal's stage and age, its group's effects included (forecast.hpp). The sale is
/// its amount as it will be revised, or what won deals of its segment brought. What comes later is the residual value
/// of a newcomer: of the deal's own segment (source, owner, region) where customers are given by segment, else of
/// everybody. Under contract it goes with the deal's amount, a / fee times a newcomer's value: the amount must then be
/// the fee of one period. Purchases do not follow the size of the sale.
///
/// A pipeline sorted by amount puts first what is large, not what will come or stay: a small deal from a source of
/// loyal customers may be worth more than a large one that is unlikely or buys once. Both ranks are given.
///
/// Discounting: the win counts at the middle of the week (past two years: month) of the horizon it falls in, so the
/// mean of the discount over the days of winning is taken, not the discount of the mean day. Value is revenue, or
/// margin where a Margin is given; counted from the day of the forecast; wins within the horizon and after it, up to
/// kEverDays, purchases without end.
///
/// Within the horizon chances are averaged over parameter draws and the common shock, so that these parts sum to the
/// expected value of the open deals that pipeline_value gives; after it they are those at the posterior means.
///
/// Pure; results do not depend on the thread count. Cost: pushing the deals' stages and ages through the horizon for
/// each parameter draw and once through kEverDays (win_masses.hpp: 1,000 distinct ones 4 s for 64 draws of 90 days). No
/// open deals: none.

#include <putki/forecast/forecast.hpp>
#include <putki/forecast/margin.hpp>
#include <putki/value/customer_segments.hpp>

#include <string>
#include <vector>

namespace putki {

/// A win later than so many days after the first day to come is none, unless the horizon is longer.
inline constexpr int kEverDays = 1826;

struct LeadValueOptions {
  /// Days of chance_within, 1 .. 3,660.
  int horizon_days;
  /// Money a year from now is worth 1 / (1 + annual_discount) of money now. Above 0, finite.
  double annual_discount = 0.15;
  Margin margin = {};
  /// Draws of the pipeline's parameters over which chances within the horizon are averaged; 0: posterior means.
  int parameter_draws = 64;
  Uncertainties uncertain = {};
  std::uint64_t seed = 1;
  /// 0: one per core.
  unsigned threads = 1;
  Progress progress = {};
};

struct LeadValue {
  std::string name;
  StageId stage;
  int age_days = 0;
  std::string segment = {};
  /// The customer segment that the value is taken from; empty: everybody.
  std::string valued_as = {};
  std::optional<double> amount = {};  ///< as the pipeline has it
  double chance_within = 0;           ///< of being won in the horizon
  double chance_ever = 0;
  std::optional<double> days_to_win = {};  ///< from the day of the forecast, mean if won; nothing where it never is
  double size = 0;                         ///< revenue of the sale if won: the amount as revised, or a mean one
  double sale = 0;                         ///< the same, or its margin
  double later = 0;                        ///< if won: all later purchases, discounted to the day of winning
  double value_of_sale = 0;                ///< expected, discounted
  double value_of_later = 0;
  double value() const { return value_of_sale + value_of_later; }
  double value_within = 0;  ///< the part of wins in the horizon
  /// 1 for the first; equal ones share the better rank. By size, and by value().
  std::size_t rank_by_size = 0;
  std::size_t rank_by_value = 0;
};

struct LeadValues {
  Day as_of;
  int horizon_days;
  double annual_discount;
  Margin margin;
  std::vector<LeadValue> leads = {};  ///< most valuable first, equal ones by name
};

/// InvalidArgument: as `forecast`, a discount not above 0, a margin outside [0, 1].
LeadValues lead_values(const ForecastModel& model, const OpenPipeline& pipeline, const CustomerSegments& customers,
                       const LeadValueOptions& options);

}  // namespace putki
