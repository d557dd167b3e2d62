#pragma once
/// \file
/// What customers bought, as columns: the history from which lifetime value is learnt.
///
/// Orders are sorted by customer, then time; equal times keep input order. Column i of every span speaks of the same
/// order. Customer c owns the orders [offsets()[c], offsets()[c + 1]). Made by OrderLogBuilder, which also cleans.
///
/// An order is a fact of one instant: who, when, how much. That is all the models of the literature need, and all that
/// most shops and ledgers have. CRMs show a customer's revenue to date and call it lifetime value; here it is only the
/// past from which the rest is estimated.
///
/// Amounts may be unknown (kNoAmount) and zero; below zero they are returns, present only when the builder was told to
/// keep them. An order may state when the contract it is about ends, or ended: see `contract_ends`.
///
/// Immutable; a copy shares the columns. Safe to read from several threads. Memory: 20 bytes an order (24 with contract
/// ends) and, per customer, the id and 4 bytes per attribute. At most 2^32 - 2 orders.

#include <putki/events/event_log.hpp>

namespace putki {

/// Index of a customer in its log: 0 .. customer_count() - 1, in order of first appearance in the input.
enum class CustomerId : std::uint32_t {};
constexpr std::size_t index(CustomerId customer) {
  return static_cast<std::size_t>(customer);
}

struct OrderLogColumns;

class OrderLog {
 public:
  /// A log without customers, in UTC.
  OrderLog();

  const TimeZone& time_zone() const;
  std::size_t customer_count() const;
  std::size_t order_count() const;

  std::span<const std::uint32_t> offsets() const;  ///< customer_count() + 1
  std::span<const Timestamp> times() const;
  std::span<const DayNumber> days() const;  ///< local day of each time in time_zone()
  std::span<const Money> amounts() const;   ///< kNoAmount where unknown; below zero: a return
  /// The day on which the contract that the order is about ends; kNoDay where none is stated (it runs on, or there is
  /// no contract); empty when no order has one. What counts is a customer's last order: see OrderView::contract_end.
  std::span<const DayNumber> contract_ends() const;

  std::string_view customer_name(CustomerId customer) const;
  std::optional<CustomerId> find_customer(std::string_view name) const;  ///< O(customers)

  /// Of customers: what was known at the first order, such as the source that brought them.
  std::span<const Attribute> attributes() const;
  /// InvalidArgument names the attribute asked for and those there are.
  const Attribute& attribute(std::string_view name) const;

  /// The data has dates, not times of day: what OrderLogOptions::dates_only declares, else whether every order falls on
  /// a local midnight (false when there is none).
  bool date_only() const;
  /// First and last order; nothing when empty.
  std::optional<Timestamp> first_time() const;
  std::optional<Timestamp> last_time() const;

 private:
  friend class OrderLogBuilder;
  explicit OrderLog(std::shared_ptr<const OrderLogColumns> columns);
  std::shared_ptr<const OrderLogColumns> columns_;
};

}  // namespace putki
