#pragma once
/// \file
/// What customers are worth by where they came from (source, region, sales rep): which segments bring customers who
/// stay.
///
/// Each segment is valued by a model of its own that leans on the others as far as they are alike (fit_segments): its
/// customers of today as a base, and what one more customer won there would be worth. Amounts of purchases
/// (Gamma-Gamma) lean on the other segments' in the same way; fees of contracts are averages of each segment. CRMs rank
/// sources by revenue so far over customers, which calls the oldest source the best.
///
/// Values. Results do not depend on the number of threads. Cost: some 30 fits a segment, and a value of the base, see
/// customer_base.hpp. Nobody: no segments.

#include <putki/value/customer_base.hpp>

#include <optional>
#include <string>
#include <vector>

namespace putki {

/// Customers of one segment, by a model of their own.
struct SegmentValue {
  std::string segment;
  std::uint64_t customers = 0;
  std::uint64_t repeat_buyers = 0;
  ParameterFit parameters;
  ValueTotal purchases;                           ///< within the horizon
  std::optional<ValueTotal> residual_value = {};  ///< of the customers there are
  double newcomer_purchases = 0;                  ///< repeat purchases of a new customer within the horizon
  std::optional<double> newcomer_spend = {};      ///< per purchase
  /// Of all purchases of a new customer, the first one included, discounted to its day.
  std::optional<double> newcomer_value = {};
};
struct SegmentValues {
  std::string attribute;        ///< what the segments are values of, for reports; the caller's to set
  double pooled_customers = 0;  ///< see SegmentModels; infinite: the segments do not differ
  std::vector<SegmentValue> segments;
};

/// `segments`: of each customer, any text; the empty one is a segment, too (unknown). Answers come in byte order of the
/// segments. `fit`: fit_bg_nbd or another of the purchase models. Where nobody's amounts are known there is no money.
/// NotEnoughData: all customers together are too few for the model. InvalidArgument: not one segment a customer, and as
/// value_customer_base.
template <PurchaseModel Model>
SegmentValues value_segments(const std::vector<CustomerRecord<typename Model::Customer>>& customers,
                             const std::vector<std::string>& segments,
                             Model (*fit)(const CellCounts<typename Model::Customer>&, const ValueFitOptions&),
                             const CustomerBaseOptions& options = {});

/// The same for contracts: `fit` is fit_sbg or fit_beta_discrete_weibull, `unseen` as in value_contracts.
template <RenewalChance chance>
SegmentValues value_contract_segments(const std::vector<ContractRecord>& customers,
                                      const std::vector<std::string>& segments,
                                      ContractModel<chance> (*fit)(const TenureStatistics&, const ValueFitOptions&),
                                      unsigned unseen, const CustomerBaseOptions& options = {});

}  // namespace putki
