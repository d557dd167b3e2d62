#pragma once
/// \file
/// What was known of customers' orders at an instant.
///
/// `OrderView` is to an OrderLog what AsOf is to an EventLog: later orders, customers who first bought later, and ends
/// of contracts that had not come yet do not exist in it. Every estimator takes one, so a backtest cannot peek. A small
/// immutable value that shares the log: copy it, read it from several threads. An empty log gives a view without
/// customers.
///
/// An order at exactly the instant is known. In a log of dates (OrderLog::date_only) every order of a day stands at its
/// 00:00, so a view at any time of that day knows all of them; with times of day, a view at 00:00 of a day knows what
/// came before it. Times of customers are whole local days: T, how long a customer has been observed, is `day()` minus
/// the day of the first order in either case (a customer who first bought on the day of the view has T = 0).
///
/// Attributes are what was known at the first order, so a filter does not peek either.

#include <putki/events/order_log.hpp>

namespace putki {

struct OrderViewPart;

class OrderView {
 public:
  /// Any instant is allowed, also before the first order (no customers) or after the last.
  OrderView(OrderLog log, Timestamp instant);
  /// 00:00 of `day` in the log's time zone.
  OrderView(OrderLog log, Day day);
  /// Everything in the log is known, and nothing beyond its last order. An empty log is as of 1970-01-01.
  static OrderView end_of(OrderLog log);

  const OrderLog& log() const { return log_; }
  Timestamp instant() const { return instant_; }
  /// Local day of the instant.
  Day day() const { return day_; }
  /// First local day of which not everything is known: day(), but the day after for logs of dates.
  DayNumber first_unknown_day() const { return day_number(day_) + (log_.date_only() ? 1 : 0); }

  /// The customers of this selection whose `attribute` equals `value`; the empty text selects those without a value.
  /// Unknown attribute: InvalidArgument; a value nobody has: no customers. O(customers).
  OrderView where(std::string_view attribute, std::string_view value) const;
  /// The same customers at an earlier or later instant.
  OrderView at(Timestamp instant) const;
  /// This selection cut by the values of `attribute`: the same as `where` for each value that a customer known at the
  /// instant has, by value in byte order (the empty text, unknown, comes first). Every known customer is in exactly one
  /// part. Unknown attribute: InvalidArgument. O(customers).
  std::vector<OrderViewPart> split_by(std::string_view attribute) const;

  /// No filter was applied.
  bool selects_all() const { return selection_ == nullptr; }
  /// Customers of the selection (whether or not they have bought yet at the instant), ascending; empty when
  /// selects_all().
  std::span<const CustomerId> selection() const;

  /// End of the known orders of a customer: an index in [offsets[c], offsets[c + 1]]. O(log orders of the customer);
  /// O(1) when the whole log is known.
  std::uint32_t known_end(CustomerId customer) const;
  /// The day on which the customer's contract ended, known at the view; kNoDay while it runs or where orders state no
  /// ends. It is what the last of the known orders [first, last) that says anything says, unless that day is still to
  /// come or a later order (a return is none) shows that the customer went on.
  DayNumber contract_end(std::uint32_t first, std::uint32_t last) const;

  /// Calls f(CustomerId, first, last) for every selected customer with at least one known order, [first, last) the
  /// known ones.
  template <class F>
  void for_each_customer(F&& f) const {
    const std::span<const std::uint32_t> offsets = log_.offsets();
    const auto one = [&](CustomerId customer) {
      const std::uint32_t first = offsets[index(customer)];
      const std::uint32_t last = known_end(customer);
      if (last > first) f(customer, first, last);
    };
    if (selects_all()) {
      for (std::size_t c = 0; c + 1 < offsets.size(); ++c) one(static_cast<CustomerId>(c));
    } else {
      for (const CustomerId customer : selection()) one(customer);
    }
  }

 private:
  OrderLog log_;
  Timestamp instant_;
  Day day_;
  bool knows_all_;
  std::shared_ptr<const std::vector<CustomerId>> selection_;
};

/// The customers who share one value of an attribute.
struct OrderViewPart {
  std::string value;
  OrderView view;
};

}  // namespace putki
