#pragma once
/// \file
/// Customers by segment (the source that brought them, their sales rep, region): whether they stay, and what one who is
/// still to be won will bring.
///
/// Each segment has a model of its own that leans on the others as far as they are alike (segment_models.hpp), so that
/// a source of three customers says mostly what all say: one of fewer than 30 leans on 30 others at least. Amounts per
/// purchase lean in the same way; fees of contracts are the segment's own average. Segments are matched by name: to the
/// attribute of deals when leads are valued (forecast/lead_value.hpp), so the two tables must write it alike. Who has
/// no segment, or one without customers, is taken for everybody.
///
/// CRMs rank sources by leads, by close rate or by revenue to date: the first counts who leaves, the last whoever came
/// first.
///
/// Values, safe to read from several threads. Cost: some 30 fits a segment and `draws` discounted expectations (0.1 ms)
/// of each. Sources: those of the models; retention without a model is Kaplan & Meier 1958.

#include <putki/core/interval.hpp>
#include <putki/value/customer_revenue.hpp>
#include <putki/value/value_forecast.hpp>

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace putki {

struct CustomerSegmentsOptions {
  /// Money a year from now is worth 1 / (1 + annual_discount) of money now. Above 0, finite.
  double annual_discount = 0.15;
  /// Length of a unit of the model's time; for BG/BB and contracts of a period. Above 0, finite.
  double days_per_unit = 7;
  /// Draws of the parameters from which limits are taken, 20 or more.
  std::size_t draws = 200;
  std::uint64_t seed = 1;
};

/// Under contract: the share still there after a year, or after the whole number of periods that comes nearest to it.
struct YearRetention {
  double periods = 1;
  double expected = 0;               ///< by the model
  Interval limits{0, 0};             ///< 80 %, under the parameters
  std::optional<double> observed{};  ///< Kaplan-Meier; nothing where nobody has been seen that long
  Interval observed_limits{0, 1};    ///< 80 %, log-log
};

struct CustomerSegment {
  std::string name;  ///< value of the attribute; empty: unknown, or everybody
  CustomerRevenue revenue = {};
  /// Under contract: what a newcomer pays a period, on average; a deal of amount a then brings a / fee times as much
  /// later. Nothing: purchases, which do not follow the first one's size.
  std::optional<double> fee = std::nullopt;
  std::uint64_t customers = 0;
  std::uint64_t repeat_buyers = 0;  ///< bought again, or renewed
  double alive = 0;                 ///< expected number still there
  std::optional<YearRetention> year = std::nullopt;
  /// What a newcomer brings after the sale, revenue discounted to the day he is won: `expected` at the estimates, the
  /// sample over the parameters' uncertainty (not that of one customer's fate).
  ForecastTotal later_value = {};
};

struct CustomerSegments {
  CustomerSegment everybody = {};
  std::vector<CustomerSegment> segments = {};                         ///< by name; empty when none were asked for
  double pooled_customers = std::numeric_limits<double>::infinity();  ///< see SegmentModels
  double annual_discount = 0.15;                                      ///< of every later_value

  /// The segment of this name; everybody for the empty name and for those not known.
  const CustomerSegment& of(std::string_view name) const;
};

/// Purchasers. `fit` is fit_bg_nbd, fit_mbg_nbd, fit_pareto_nbd or fit_bg_bb; `segment_of` has one name a customer, or
/// is empty: everybody alone. InvalidArgument: options out of range, sizes differ, a record that cannot be.
/// NotEnoughData: as the fit of all says, or no repeat purchase with an amount.
template <PurchaseModel Model>
CustomerSegments segment_purchasers(Model (*fit)(const CellCounts<typename Model::Customer>&, const ValueFitOptions&),
                                    const std::vector<CustomerRecord<typename Model::Customer>>& customers,
                                    const std::vector<std::string>& segment_of,
                                    const CustomerSegmentsOptions& options = {});

/// Customers under contract. `fit` is fit_sbg or fit_beta_discrete_weibull, `unseen` as in value_contracts. Who has no
/// fee pays the average of the segment; NotEnoughData also when nobody has one above 0.
template <RenewalChance chance>
CustomerSegments segment_contracts(ContractModel<chance> (*fit)(const TenureStatistics&, const ValueFitOptions&),
                                   const std::vector<ContractRecord>& customers,
                                   const std::vector<std::string>& segment_of, unsigned unseen,
                                   const CustomerSegmentsOptions& options = {});

}  // namespace putki
