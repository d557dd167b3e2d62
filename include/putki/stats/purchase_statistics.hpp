#pragma once
/// \file
/// What customers bought, counted: the sufficient statistics of the purchase and spend models.
///
/// A customer's record at the day of looking (as-of), in whole days from the day of the first order:
///
///     x    repeat purchases: orders after the first
///     t_x  recency: the day of the last of them, 0 without any
///     T    age: the day of looking; 0 <= t_x <= T
///
/// The first order starts the clock and is no repeat purchase, neither in x nor in the spend. Orders of one day are
/// usually one purchase (whoever fills this decides; then x <= t_x). Models take weeks or other units by their options;
/// days are what is stored, so that equal customers meet in one cell. "Recency" of many CRMs and of RFM scores is the
/// time *since* the last order, T - t_x here.
///
/// Spend is kept as (x, sum of the repeat purchases whose amount is known), exact in Money. Unknown amounts are no
/// zeros: such an order counts as a purchase but not in the spend.
///
/// Values: default = identity of `merge`, shards add up to the whole bit for bit. Safe to read from several threads.
/// Source: Fader, Hardie & Lee 2005; Fader, Hardie & Shang 2010.

#include <putki/core/money.hpp>
#include <putki/stats/cell_counts.hpp>

#include <compare>
#include <cstdint>

namespace putki {

/// One customer as seen on the day of looking.
struct PurchaseHistory {
  std::int32_t repeats = 0;         ///< x
  std::int32_t recency_days = 0;    ///< t_x
  std::int32_t age_days = 0;        ///< T
  std::int32_t priced_repeats = 0;  ///< of the repeat purchases, those with a known amount: 0 .. x
  Money repeat_spend = {};          ///< what those brought in all; may be 0, or negative after returns
  friend auto operator<=>(const PurchaseHistory&, const PurchaseHistory&) = default;
};

/// What the purchase models see of a customer.
struct PurchaseCell {
  std::int32_t repeats = 0;       ///< x
  std::int32_t recency_days = 0;  ///< t_x
  std::int32_t age_days = 0;      ///< T
  friend auto operator<=>(const PurchaseCell&, const PurchaseCell&) = default;
};
/// InvalidArgument unless 0 <= t_x <= T, x >= 0, and t_x = 0 where x = 0.
void check_cell(const PurchaseCell& cell);

/// What the spend model sees of a customer.
struct SpendCell {
  std::int32_t purchases = 0;  ///< repeat purchases with a known amount: 1 or more
  Money total = {};            ///< their sum
  friend auto operator<=>(const SpendCell&, const SpendCell&) = default;
};
/// InvalidArgument without a purchase, or when the total is unknown.
void check_cell(const SpendCell& cell);

class PurchaseStatistics {
 public:
  /// `count` more customers of this history. InvalidArgument when it cannot be (see the cells), when priced repeats are
  /// not 0 .. x, or when there is spend without them.
  void add(const PurchaseHistory& history, std::uint64_t count = 1);
  void merge(const PurchaseStatistics& other);
  friend bool operator==(const PurchaseStatistics&, const PurchaseStatistics&) = default;

  bool empty() const { return purchases_.empty(); }
  std::uint64_t customers() const { return purchases_.total(); }
  /// Every customer, by (x, t_x, T).
  const CellCounts<PurchaseCell>& purchases() const { return purchases_; }
  /// Customers with at least one repeat purchase of known amount, by (x, spend).
  const CellCounts<SpendCell>& spend() const { return spend_; }

 private:
  CellCounts<PurchaseCell> purchases_;
  CellCounts<SpendCell> spend_;
};

/// A customer who could buy at most once in each of n periods (a yearly donation, a weekly show): the record of BG/BB.
struct OpportunityCell {
  std::int32_t purchases = 0;      ///< x: periods with a purchase, after the first one of all
  std::int32_t recency = 0;        ///< t_x: number of the last of them, 1 .. n; 0 without any
  std::int32_t opportunities = 0;  ///< n: periods since the first purchase
  friend auto operator<=>(const OpportunityCell&, const OpportunityCell&) = default;
};
/// InvalidArgument unless 0 <= x <= t_x <= n, and t_x = 0 where x = 0.
void check_cell(const OpportunityCell& cell);
using OpportunityStatistics = CellCounts<OpportunityCell>;

/// A customer under contract, who renews or leaves at the end of each period: the record of sBG and
/// beta-discrete-Weibull. Customers may have started at different times; those still here are censored, not lost.
struct TenureCell {
  std::int32_t survived = 0;  ///< whole periods that the contract has lasted, renewals made
  bool ended = false;         ///< left at the end of the period after those; false: still a customer
  /// Periods survived before the customer came under observation (left truncation): a list of those who were customers
  /// last January holds none who had left before. 0: seen from the start.
  std::int32_t entered = 0;
  friend auto operator<=>(const TenureCell&, const TenureCell&) = default;
};
/// InvalidArgument unless 0 <= entered <= survived.
void check_cell(const TenureCell& cell);
using TenureStatistics = CellCounts<TenureCell>;

}  // namespace putki
