#pragma once
/// \file
/// Orders counted for the models of customer value: purchases in continuous time, opportunities taken, contracts held.
///
/// Time is whole local days from a customer's first order; the view says what is known and until when. Customers who
/// had not bought by then do not exist. Nothing here looks at an order that the view does not know.
///
/// **Purchases.** Orders of one day are one purchase unless told otherwise: two parcels of one evening are one decision
/// to buy, and the models of the literature are fitted so. The first purchase starts the clock; x, t_x and T are as in
/// PurchaseHistory, T the view's day minus the day of the first purchase. CRMs count orders, the first one included.
///
/// **Money.** A purchase is priced when the amounts of all its orders are known and they come to more than zero. A
/// return (an amount below zero, in logs that keep them) is no purchase: it takes from the priced purchases up to its
/// day, the latest first, each down to zero, after which that one is a purchase without a price. What a return is worth
/// beyond them is dropped, for they were not seen.
///
/// **Periods** (BG/BB, sBG, beta-discrete-Weibull) are whole or they do not count. Period 0 is that of the first
/// purchase; a period is complete when the view knows all of it. What happens in one that is not complete is left out
/// for those who bought in it as for those who did not: to count the early birds alone would make loyal customers of
/// all. Weeks and months of the calendar suit what comes by the calendar (a yearly appeal, a monthly invoice); periods
/// of so many days run on each customer's own clock.
///
/// Pure functions, O(orders known); safe from several threads. A view without customers gives empty statistics.
/// Sources: Fader, Hardie & Lee 2005; Fader, Hardie & Shang 2010; Fader & Hardie 2007.

#include <putki/core/period.hpp>
#include <putki/events/order_view.hpp>
#include <putki/stats/purchase_statistics.hpp>

#include <vector>

namespace putki {

struct PurchaseOptions {
  /// Orders of one day are one purchase. Without it each order is one, and those of the first day count as repeats at
  /// recency 0: for logs in which a day holds several true occasions.
  bool merge_same_day = true;
};

/// One customer at the view.
struct CustomerPurchases {
  CustomerId customer;
  DayNumber first_day;  ///< of the first purchase
  PurchaseHistory history;
  Money spent = {};                   ///< all priced purchases, the first one included
  std::int32_t priced_purchases = 0;  ///< their number
};

/// Every customer with at least one purchase known at the view, in the order of the log.
std::vector<CustomerPurchases> customer_purchases(const OrderView& view, const PurchaseOptions& options = {});

/// Adds the customers of the view. Views of disjoint sets of customers at one day, such as the parts of split_by or the
/// logs of shards, add up to the whole.
void update(PurchaseStatistics& statistics, const OrderView& view, const PurchaseOptions& options = {});

struct PurchasePeriod {
  int days = 0;                         ///< 1 .. 3660: so many days from each customer's first order; 0: `unit`
  PeriodUnit unit = PeriodUnit::month;  ///< of the calendar
  friend bool operator==(const PurchasePeriod&, const PurchasePeriod&) = default;
};

/// One customer's record by periods.
struct CustomerOpportunities {
  CustomerId customer;
  OpportunityCell cell;
  std::int32_t priced_periods = 0;  ///< of the x periods, those of whose purchases every price is known
  Money spend = {};                 ///< what those brought in all: what BG/BB calls a purchase is a period's
};
struct CustomerTenure {
  CustomerId customer;
  TenureCell cell;
  std::int32_t periods_paid =
      0;                   ///< periods with a purchase, also after a gap or not complete; with contract_ends, purchases
  bool came_back = false;  ///< bought again after the record says that the contract had ended
  /// With contract_ends: the contract is known to have ended. In a period that is not complete this is not in the cell,
  /// as those who stay beyond that period are not yet known, either.
  bool has_left = false;
  /// Of a contract not known to have ended: the next of its anniversaries, the first day not known
  /// (OrderView::first_unknown_day) or later. With contract_ends a period that begins on that very day is among the
  /// `survived`: decided, but still to be paid. kNoDay otherwise.
  DayNumber next_renewal = kNoDay;
};

/// BG/BB: n counts the complete periods after period 0, x those of them with a purchase, t_x is the last. Further
/// orders in a period add nothing, nor do those of period 0. InvalidArgument when the period is out of range.
std::vector<CustomerOpportunities> customer_opportunities(const OrderView& view, const PurchasePeriod& period);
void update(OpportunityStatistics& statistics, const OrderView& view, const PurchasePeriod& period);

/// How one knows that a contract has ended.
enum class TenureSource {
  /// OrderView::contract_end says so. Periods run from the first order (months and years from that date on); an end
  /// within a period ends the contract with that period
  contract_ends,
  /// Each period under contract brings an order: the contract ends with the last period before the first one without
  /// any. A customer who buys again later has `came_back`, as a customer won anew, not as one who stayed. Many of those
  /// say that there is no contract, and that this model is not for them
  renewals,
};

/// sBG and beta-discrete-Weibull: renewals made, and whether the next one failed. With `renewals` a customer seen
/// through N complete periods has made N - 1 renewals at most, for the last one shows in the period after; with
/// contract_ends it has made N, since the end would be known. InvalidArgument as above, and for contract_ends when no
/// order of the log states one.
std::vector<CustomerTenure> customer_tenures(const OrderView& view, const PurchasePeriod& period, TenureSource source);
void update(TenureStatistics& statistics, const OrderView& view, const PurchasePeriod& period, TenureSource source);

}  // namespace putki
