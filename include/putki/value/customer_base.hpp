#pragma once
/// \file
/// What the customers of today are worth: each one's chance of being alive, purchases to come and residual value, and
/// the totals of all with an interval.
///
/// **Residual value** is revenue, not margin, of the purchases after the view, without end, discounted to the view's
/// day at an annual rate; what was bought by then is not in it, nor are customers still to be won. With margin in place
/// of revenue as the orders' amounts it is margin. It is expected purchases (DERT of the model) times the customer's
/// expected spend per purchase, which the Gamma-Gamma model shrinks from his own mean towards everybody's: the more,
/// the fewer purchases there were. CRMs show revenue to date under the same name, or multiply averages (order value x
/// frequency x "lifetime"), which counts the dead as living.
///
/// **Intervals of totals** hold what nobody knows: the parameters (drawn from the law of their estimates) and every
/// customer's own rates, fate, purchases and amounts (one possible future each, drawn given the record). The means are
/// those at the estimates, exactly. Futures end where a purchase is worth 1/10,000 of what it would be today, after 100
/// years at the latest. Customers are independent given the parameters: a shock that moves all of them, such as a
/// recession, is not in the interval.
///
/// Money between two days, of newcomers, too, is CustomerRevenue's (customer_revenue.hpp), drawn by the same engine.
///
/// Values. Results do not depend on the number of threads. Cost: with 200 draws some 0.2 ms a customer on one core.
/// Nobody: totals of 0. Sources: Fader, Hardie & Lee 2005 (RFM and CLV), section 4; those of the models.

#include <putki/core/interval.hpp>
#include <putki/core/money.hpp>
#include <putki/core/progress.hpp>
#include <putki/core/time.hpp>
#include <putki/value/bg_bb.hpp>
#include <putki/value/bg_nbd.hpp>
#include <putki/value/contract.hpp>
#include <putki/value/covariates.hpp>
#include <putki/value/gamma_gamma.hpp>
#include <putki/value/pareto_nbd.hpp>
#include <putki/value/value_total.hpp>

#include <optional>
#include <string>
#include <vector>

namespace putki {

/// A customer to be valued. Cell: what the model sees of a customer.
template <class Cell>
struct CustomerRecord {
  std::string customer;
  Cell cell;
  std::int32_t priced_repeats = 0;  ///< see PurchaseHistory
  Money repeat_spend = {};
  Money spent = {};  ///< so far, in all
};

struct CustomerBaseOptions {
  /// Purchases of so many units of the model's time are counted; of discrete models and contracts, whole periods.
  double horizon = 39;
  /// Money a year from now is worth 1 / (1 + annual_discount) of money now. Above 0: value without end has no other
  /// limit.
  double annual_discount = 0.15;
  /// Length of a unit of the model's time. Models that know theirs must agree; for BG/BB and contracts the length of a
  /// period.
  double days_per_unit = 7;
  /// Possible futures of all customers from which the intervals are taken; at least 20.
  std::size_t draws = 200;
  std::uint64_t seed = 1;
  unsigned threads = 1;  ///< 0: one per core
  Progress progress = {};
};

struct CustomerValue {
  std::string customer;
  double repeats = 0;  ///< x
  double recency = 0;  ///< t_x, in units of the model's time
  double age = 0;      ///< T, likewise
  Money spent = {};
  double probability_alive = 0;
  double expected_purchases = 0;         ///< within the horizon
  std::optional<double> expected_spend;  ///< per purchase, units of money; nothing without a spend model
  std::optional<double> residual_value;  ///< likewise
};

/// How many customers did what, and how many the model expects to.
struct CountFit {
  std::int32_t count = 0;  ///< repeat purchases of a customer, or periods that a contract lasted
  bool or_more = false;    ///< this count and all above
  double observed = 0;
  double expected = 0;
};

/// Share of contracts with so many renewals or more: as seen, each contract for as long as it was (Kaplan-Meier, no
/// model), and by the model. Where nobody was seen from the start both are shares of those with the renewals before the
/// first one seen.
struct RetentionPoint {
  std::int32_t renewal = 0;
  double kaplan_meier = 0;
  Interval limits = {};  ///< 95 %, see IntervalKind::log_log
  double model = 0;
};

struct CustomerBaseValue {
  std::uint64_t repeat_buyers = 0;
  /// 0 .. 6 repeat purchases and 7 or more, by each customer's own T. Of contracts: ended after 1 .. 23 periods, of
  /// those that had lasted so long, and after 24 or more; up to the longest seen
  std::vector<CountFit> fit;
  /// Of contracts: each renewal that somebody was seen to decide on, up to the first on which nobody was. Empty for
  /// purchases.
  std::vector<RetentionPoint> retention;
  ValueTotal purchases;  ///< of all within the horizon
  std::optional<ValueTotal> residual_value;
  std::vector<CustomerValue> customers;  ///< in the order given
};

/// For each model of purchases. InvalidArgument: horizon or discount not above 0 and finite, fewer than 20 draws,
/// another length of the unit than the model's, or a record that cannot be.
template <PurchaseModel Model>
CustomerBaseValue value_customer_base(const Model& model,
                                      const std::vector<CustomerRecord<typename Model::Customer>>& customers,
                                      const std::optional<GammaGamma>& spend, const CustomerBaseOptions& options = {});

/// The same where customers differ by covariates: `covariates[i]` are those of customer i. The parameters of all are of
/// one draw, so that what is not known of an effect does not average out. InvalidArgument: as above, covariates of
/// another number of customers or of another number than the model's.
template <class Model>
CustomerBaseValue value_customer_base(const CovariateModel<Model>& model,
                                      const std::vector<CustomerRecord<PurchaseCell>>& customers,
                                      std::span<const std::vector<double>> covariates,
                                      const std::optional<GammaGamma>& spend, const CustomerBaseOptions& options = {});

/// A customer under contract.
struct ContractRecord {
  std::string customer;
  TenureCell cell;
  std::optional<double> fee;  ///< revenue of a period, units of money; nothing: what the others pay on average
  Money spent = {};
  /// Days from the view to the next renewal still to come, above 0, a period at most. Nothing: half a period.
  std::optional<double> due_days = std::nullopt;
  /// Known to leave at the end of the period that runs, which the cell does not count yet (CustomerTenure::has_left).
  bool has_left = false;
  bool stays() const { return !cell.ended && !has_left; }
};

/// The same for contracts: purchases are renewals, and residual value is that of the periods renewed from now on, each
/// paid when it begins; the period that runs is paid. The next renewal is due half a period from now, as it is on
/// average, unless the record says when. Who left is worth nothing. `unseen`: renewals that were due after those on
/// record and before the view, whose outcome is not known: 0 where ends are recorded, 1 where an order is the sign
/// (TenureSource::renewals), which is then also the customer's chance of being alive. InvalidArgument: unseen above 1,
/// a horizon that is no whole number, a fee that is not finite, and as above. Nobody has a fee: no residual value.
template <RenewalChance chance>
CustomerBaseValue value_contracts(const ContractModel<chance>& model, const std::vector<ContractRecord>& customers,
                                  unsigned unseen, const CustomerBaseOptions& options = {});

}  // namespace putki
