#pragma once
/// \file
/// Which sources bring customers who stay: leads by source (or owner, region), from the first contact to what the
/// customer buys years later.
///
///     value of a lead of the source = P(win) x (sale + later value of a newcomer)
///
/// revenue (or margin) discounted to the day of winning. A source may win often and bring customers who buy once, or
/// win seldom and bring those who stay; a CRM's list of sources, by leads or by won deals, shows neither.
///
/// **Small sources.** The first and the last of many noisy averages are the smallest sources. So every factor leans on
/// the others: P(win) is that of the model's segments (group_effects.hpp, fitted with `by` the same attribute: a hazard
/// effect shrunk as far as the data say that segments are alike; small ones share one segment), the sale that of its
/// segments' amounts (credibility, forecast.hpp), the later value that of customer_segments.hpp. Beside them stand the
/// source's own figures without any model: won within `by_days` of creation, open deals censored (Aalen-Johansen), and
/// under contract the share still there after a year (Kaplan-Meier). Where a source has no customers of its own, the
/// later value is everybody's.
///
/// **Limits** are 80 %. Those of the later value are over draws of its parameters; those of the value of a lead add the
/// error of the source's P(win) against all. Not in them: what all sources share (the hazards), the mean sale, and
/// which source the customer would have come by otherwise: a comparison is no experiment.
///
/// Under contract the later value goes with the mean sale as in lead_value.hpp. Pure. Cost: one Aalen-Johansen estimate
/// a source, O(events log events), and 200 absorbing chains. No deals: sources of customers only, with the win rate of
/// all.

#include <putki/core/interval.hpp>
#include <putki/events/as_of.hpp>
#include <putki/forecast/forecast.hpp>
#include <putki/forecast/margin.hpp>
#include <putki/value/customer_segments.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace putki {

struct SourceValueOptions {
  Margin margin = {};
  /// Age at which `won_by_age` is read, days, above 0 and finite; nothing: the first whole day by which nine tenths of
  /// all wins of the ages seen have come.
  std::optional<double> by_days = std::nullopt;
  std::uint64_t seed = 1;
};

struct SourceValue {
  std::string source = {};             ///< value of the attribute; empty: unknown
  std::uint64_t leads = 0;             ///< deals created
  std::optional<double> won_by_age{};  ///< nothing where no deal has been followed so long
  Interval won_by_age_limits{0, 1};    ///< 80 %
  double win_rate = 0;                 ///< of a new lead, ever
  double win_rate_error = 0;           ///< of its difference from that of all; 0 where sources do not differ
  double sale = 0;                     ///< if won, mean
  std::uint64_t customers = 0;
  std::uint64_t repeat_buyers = 0;
  double alive = 0;  ///< expected number still there
  std::optional<YearRetention> year{};
  bool later_of_everybody = false;  ///< no customers of its own
  double later = 0;                 ///< later purchases of a newcomer
  Interval later_limits{0, 0};
  double lead_value = 0;
  Interval lead_value_limits{0, 0};
  double difference = 0;  ///< of lead_value from that of all

  std::optional<double> repeat_share() const { return share(static_cast<double>(repeat_buyers)); }
  std::optional<double> alive_share() const { return share(alive); }

 private:
  std::optional<double> share(double of) const {
    return customers > 0 ? std::optional(of / static_cast<double>(customers)) : std::nullopt;
  }
};

struct SourceValues {
  std::string by;  ///< the attribute
  Day as_of{};
  double annual_discount = 0;
  Margin margin{};
  std::optional<double> by_days{};  ///< nothing where nothing was won
  double pooled_customers = 0;      ///< see SegmentModels; infinite: customers of all sources are alike
  SourceValue all{};
  std::vector<SourceValue> sources{};  ///< by value of a lead, the best first; equal ones by name
};

/// `model` fitted on `deals` by the attribute `by` (ForecastModelOptions::by), `customers` segmented by what is the
/// same for customers. InvalidArgument: no attribute of that name among deals where there are any, a margin outside [0,
/// 1], by_days not above 0.
SourceValues source_values(const ForecastModel& model, const AsOf& deals, std::string_view by,
                           const CustomerSegments& customers, const SourceValueOptions& options = {});

}  // namespace putki
