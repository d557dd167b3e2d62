#include <putki/stats/order_statistics.hpp>

#include <algorithm>
#include <string>

namespace putki {
namespace {

struct Purchase {
  DayNumber day;
  Money amount;  // of priced ones; kNoAmount for the others
};

bool is_return(Money amount) {
  return amount < Money{0} && amount != kNoAmount;
}

// The purchases of one customer after the other, in a buffer that is used again.
class PurchaseCollector {
 public:
  PurchaseCollector(const OrderView& view, bool merge_same_day)
      : days_(view.log().days()), amounts_(view.log().amounts()), merge_same_day_(merge_same_day) {}

  // Ascending by day.
  const std::vector<Purchase>& collect(std::uint32_t first, std::uint32_t last) {
    purchases_.clear();
    for (std::uint32_t begin = first; begin < last;) {
      std::uint32_t end = begin;
      while (end < last && days_[end] == days_[begin]) ++end;
      take_day(begin, end);
      begin = end;
    }
    return purchases_;
  }

 private:
  // Purchases of a day first: what was returned the same day may stand before them in a table of dates.
  void take_day(std::uint32_t begin, std::uint32_t end) {
    bool begun = false;
    for (std::uint32_t i = begin; i < end; ++i) {
      if (is_return(amounts_[i])) continue;
      if (begun && merge_same_day_) {
        Money& sum = purchases_.back().amount;
        sum = sum == kNoAmount || amounts_[i] == kNoAmount ? kNoAmount : sum + amounts_[i];
      } else {
        purchases_.push_back({days_[begin], amounts_[i]});
      }
      begun = true;
    }
    for (std::uint32_t i = begin; i < end; ++i) {
      if (is_return(amounts_[i])) take_back(Money{-amounts_[i].minor});
    }
  }
  void take_back(Money rest) {
    for (auto purchase = purchases_.rbegin(); purchase != purchases_.rend() && rest > Money{0}; ++purchase) {
      if (purchase->amount == kNoAmount) continue;
      const Money taken = std::min(rest, purchase->amount);
      purchase->amount -= taken;
      rest -= taken;
    }
  }

  std::span<const DayNumber> days_;
  std::span<const Money> amounts_;
  bool merge_same_day_;
  std::vector<Purchase> purchases_;
};

constexpr int kLongestPeriod = 3660;

void check_period(const PurchasePeriod& period) {
  if (period.days < 0 || period.days > kLongestPeriod) {
    throw InvalidArgument("a period of " + std::to_string(period.days) + " days; 1 to " +
                          std::to_string(kLongestPeriod) + " are allowed, or 0 for periods of the calendar");
  }
}

// The number of a period of the calendar, from some fixed one.
std::int32_t calendar_index(DayNumber day, PeriodUnit unit) {
  const std::chrono::year_month_day date{to_day(day)};
  const int year = static_cast<int>(date.year());
  const int month = static_cast<int>(static_cast<unsigned>(date.month())) - 1;
  switch (unit) {
    case PeriodUnit::day:
      return day;
    case PeriodUnit::week:
      return (day + 3) / 7;  // 1970-01-01 is a Thursday; no day of a log is before it
    case PeriodUnit::month:
      return 12 * year + month;
    case PeriodUnit::quarter:
      return 4 * year + month / 3;
    case PeriodUnit::year:
      return year;
  }
  return 0;
}

// The period of `day` when that of `first` is number 0.
std::int32_t period_of(DayNumber first, DayNumber day, const PurchasePeriod& period) {
  if (period.days > 0) return (day - first) / period.days;
  return calendar_index(day, period.unit) - calendar_index(first, period.unit);
}

// The first day of the customer's period `number`, when months and longer ones run from the first day on: what has no
// such day in its month has the month's last.
DayNumber anniversary(DayNumber first, std::int32_t number, const PurchasePeriod& period) {
  if (period.days > 0) return first + number * period.days;
  const auto months = [&](int count) {
    const std::chrono::year_month_day date{to_day(first)};
    const auto moved = date + std::chrono::months(count);
    return day_number(moved.ok() ? Day{moved} : Day{moved.year() / moved.month() / std::chrono::last});
  };
  switch (period.unit) {
    case PeriodUnit::day:
      return first + number;
    case PeriodUnit::week:
      return first + 7 * number;
    case PeriodUnit::month:
      return months(number);
    case PeriodUnit::quarter:
      return months(3 * number);
    case PeriodUnit::year:
      return months(12 * number);
  }
  return first;
}

// Whole periods from `first` to `day`, by anniversaries.
std::int32_t whole_periods(DayNumber first, DayNumber day, const PurchasePeriod& period) {
  if (period.days > 0) return (day - first) / period.days;
  // The calendar's count is at most one more; a clipped anniversary can make it one less.
  std::int32_t number = std::max(period_of(first, day, period) - 1, 0);
  while (anniversary(first, number + 1, period) <= day) ++number;
  return number;
}

// The first anniversary, none before the first period is over, on `day` or later.
DayNumber next_anniversary(DayNumber first, DayNumber day, const PurchasePeriod& period) {
  const std::int32_t complete = whole_periods(first, day, period);
  const DayNumber last = anniversary(first, complete, period);
  return complete > 0 && last == day ? last : anniversary(first, complete + 1, period);
}

CustomerTenure tenure_by_end(CustomerId customer, DayNumber first, DayNumber end, DayNumber unknown,
                             const PurchasePeriod& period) {
  const std::int32_t complete = whole_periods(first, unknown, period);
  CustomerTenure tenure{customer, {.survived = complete}};
  if (end == kNoDay) return tenure;
  tenure.has_left = true;
  const std::int32_t whole = whole_periods(first, end, period);
  const bool on_border = anniversary(first, whole, period) == end;
  const std::int32_t lasted = std::max(on_border ? whole : whole + 1, 1);
  if (lasted <= complete) tenure.cell = {.survived = lasted - 1, .ended = true};
  return tenure;
}

}  // namespace

std::vector<CustomerPurchases> customer_purchases(const OrderView& view, const PurchaseOptions& options) {
  std::vector<CustomerPurchases> customers;
  PurchaseCollector collector(view, options.merge_same_day);
  const DayNumber today = day_number(view.day());
  view.for_each_customer([&](CustomerId customer, std::uint32_t first, std::uint32_t last) {
    const std::vector<Purchase>& purchases = collector.collect(first, last);
    if (purchases.empty()) return;
    const DayNumber begin = purchases.front().day;
    CustomerPurchases& added = customers.emplace_back(CustomerPurchases{customer, begin, {}});
    added.history.repeats = static_cast<std::int32_t>(purchases.size() - 1);
    added.history.recency_days = purchases.back().day - begin;
    added.history.age_days = today - begin;
    for (std::size_t i = 0; i < purchases.size(); ++i) {
      if (purchases[i].amount <= Money{0}) continue;  // unknown is less than that
      added.spent += purchases[i].amount;
      ++added.priced_purchases;
      if (i == 0) continue;
      added.history.repeat_spend += purchases[i].amount;
      ++added.history.priced_repeats;
    }
  });
  return customers;
}

void update(PurchaseStatistics& statistics, const OrderView& view, const PurchaseOptions& options) {
  for (const CustomerPurchases& customer : customer_purchases(view, options)) statistics.add(customer.history);
}

std::vector<CustomerOpportunities> customer_opportunities(const OrderView& view, const PurchasePeriod& period) {
  check_period(period);
  std::vector<CustomerOpportunities> customers;
  PurchaseCollector collector(view, true);
  view.for_each_customer([&](CustomerId customer, std::uint32_t first, std::uint32_t last) {
    const std::vector<Purchase>& purchases = collector.collect(first, last);
    if (purchases.empty()) return;
    const DayNumber begin = purchases.front().day;
    CustomerOpportunities added{customer, {}};
    OpportunityCell& cell = added.cell;
    cell.opportunities = std::max(period_of(begin, view.first_unknown_day(), period) - 1, 0);
    for (std::size_t i = 0; i < purchases.size();) {
      const std::int32_t number = period_of(begin, purchases[i].day, period);
      Money sum;
      bool priced = true;
      for (; i < purchases.size() && period_of(begin, purchases[i].day, period) == number; ++i) {
        priced = priced && purchases[i].amount > Money{0};
        if (priced) sum += purchases[i].amount;
      }
      if (number == 0 || number > cell.opportunities) continue;
      cell.recency = number;
      ++cell.purchases;
      if (!priced) continue;
      ++added.priced_periods;
      added.spend += sum;
    }
    customers.push_back(added);
  });
  return customers;
}

void update(OpportunityStatistics& statistics, const OrderView& view, const PurchasePeriod& period) {
  for (const CustomerOpportunities& customer : customer_opportunities(view, period)) statistics.add(customer.cell);
}

std::vector<CustomerTenure> customer_tenures(const OrderView& view, const PurchasePeriod& period, TenureSource source) {
  check_period(period);
  if (source == TenureSource::contract_ends && view.log().order_count() > 0 && view.log().contract_ends().empty()) {
    throw InvalidArgument("no order states the end of its contract; take renewals for the sign of it");
  }
  std::vector<CustomerTenure> customers;
  PurchaseCollector collector(view, true);
  const DayNumber unknown = view.first_unknown_day();
  view.for_each_customer([&](CustomerId customer, std::uint32_t first, std::uint32_t last) {
    const std::vector<Purchase>& purchases = collector.collect(first, last);
    if (purchases.empty()) return;
    const DayNumber begin = purchases.front().day;
    if (source == TenureSource::contract_ends) {
      customers.push_back(tenure_by_end(customer, begin, view.contract_end(first, last), unknown, period));
      customers.back().periods_paid = static_cast<std::int32_t>(purchases.size());
      if (!customers.back().has_left) customers.back().next_renewal = next_anniversary(begin, unknown, period);
      return;
    }
    const std::int32_t complete = period_of(begin, unknown, period);
    CustomerTenure tenure{customer, {}};
    std::int32_t paid = 0;  // periods with an order, without a gap
    std::int32_t latest = -1;
    for (const Purchase& purchase : purchases) {
      const std::int32_t number = period_of(begin, purchase.day, period);
      if (number == latest) continue;
      latest = number;
      ++tenure.periods_paid;
      paid += number == paid ? 1 : 0;
      tenure.came_back |= number > paid;
    }
    tenure.cell.ended = paid < complete;
    tenure.cell.survived = std::max(std::min(paid, complete) - 1, 0);
    if (!tenure.cell.ended) tenure.next_renewal = next_anniversary(begin, unknown, period);
    customers.push_back(tenure);
  });
  return customers;
}

void update(TenureStatistics& statistics, const OrderView& view, const PurchasePeriod& period, TenureSource source) {
  for (const CustomerTenure& customer : customer_tenures(view, period, source)) statistics.add(customer.cell);
}

}  // namespace putki
