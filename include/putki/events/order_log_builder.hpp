#pragma once
/// \file
/// From rows in any order to an OrderLog, with the cleaning rules that concern a customer's history.
///
/// Rows may come in any order; building is a counting sort by customer, then a stable sort by time of those customers
/// whose rows did not come in time order: equal times keep the order of `add`. O(rows) when rows come in time order.
///
/// Cleaning, in the order of time within each customer; each row is used or set aside under the first rule that meets
/// it:
///   time_out_of_range  the local day is before 1970 or after 2099;
///   negative_amount    a return or a credit, under ReturnPolicy::set_aside;
///   duplicate_row      equal in time, amount and contract end to an earlier row that was used, where DuplicatePolicy
///                      takes that for one order told twice.
/// Notes on rows used all the same: repeated_row (such a row that may well be an order of its own), missing_amount,
/// zero_amount, impossible_amount, unreadable_contract_end (see data_quality.hpp).
///
/// An order without an amount, or of zero, is a purchase like any other: it says that the customer is there. It says
/// nothing of what the customer spends, and is left out there.
///
/// Every rule looks only at earlier rows of the same customer. So a log cut off at an instant, built anew, is the view
/// of the whole log at that instant.
///
/// A builder is used by one thread; `build` leaves it empty, ready for the next log. No rows: an empty log. Memory: 24
/// bytes a row while rows come in (28 with contract ends), 4 more and the log itself during `build`.

#include <putki/events/data_quality.hpp>
#include <putki/events/event_log_builder.hpp>
#include <putki/events/order_log.hpp>

#include <optional>

namespace putki {

/// What to do with amounts below zero.
enum class ReturnPolicy {
  set_aside,  ///< no orders: set aside as `negative_amount`
  /// Kept in the log. A return is no purchase; it takes from the money of the purchases before it, the latest first, as
  /// PurchaseStatistics does
  keep,
};

/// What to do with a row equal to an earlier one of its customer in time, amount and contract end.
enum class DuplicatePolicy {
  /// With a time of day it is the same order told twice, and set aside. At midnight sharp, as all rows of a table of
  /// dates are, it may well be a second order of that day: it is used and noted as `repeated_row`
  automatic,
  drop,  ///< set aside as `duplicate_row`
  keep,  ///< used, and noted as `repeated_row`
};

struct OrderLogOptions {
  /// Decides on which local day an order falls.
  TimeZone time_zone = {};
  ReturnPolicy returns = ReturnPolicy::set_aside;
  DuplicatePolicy duplicates = DuplicatePolicy::automatic;
  /// Note orders without an amount even when no row of the log has one. Otherwise a log without any amount at all is
  /// taken to be about something else than money.
  bool amounts_expected = false;
  /// Whether the data has dates without times of day: OrderLog::date_only. Nothing: it has when every order falls on a
  /// local midnight. True with an order at another time: `build` throws.
  std::optional<bool> dates_only = std::nullopt;
};

class OrderLogBuilder {
 public:
  struct Row {
    CustomerId customer;
    Timestamp time;
    Money amount = kNoAmount;         ///< up to kLargestAmount either way, else used without an amount and noted
    DayNumber contract_end = kNoDay;  ///< a day of 1970 .. 2099, not before the order's, else used without and noted
    bool unread_amount = false;       ///< there was one, but nobody could read it: noted already, not as missing
    std::uint64_t source_row = 0;     ///< for the report; 0: the row after the last one, counting from 1
  };

  explicit OrderLogBuilder(OrderLogOptions options = {});
  ~OrderLogBuilder();
  OrderLogBuilder(const OrderLogBuilder&) = delete;
  OrderLogBuilder& operator=(const OrderLogBuilder&) = delete;
  OrderLogBuilder(OrderLogBuilder&& other) noexcept;
  OrderLogBuilder& operator=(OrderLogBuilder&& other) noexcept;

  /// Room for that many customers; a hint.
  void reserve(std::size_t customers);
  /// The customer of this external id, created on first sight: ids are dense, in order of first sight. A customer
  /// without rows that were used is in the log all the same, without orders.
  CustomerId customer(std::string_view name);
  /// InvalidArgument when the customer is not of this builder, or at the 2^32 - 1st row.
  void add(const Row& row);
  /// The log will have this attribute even if no customer gets a value.
  void declare_attribute(std::string_view attribute);
  /// First value wins: an attribute is what was known when the customer first appeared. Empty texts are skipped.
  /// InvalidArgument when the customer is not of this builder.
  void set_attribute(CustomerId customer, std::string_view attribute, std::string_view value);

  /// Adds to `report` one read per row added, and used or set aside for each; pass nullptr to do without.
  /// InvalidArgument when dates_only was declared and an order does not fall on a local midnight; `report` is then of
  /// no use.
  OrderLog build(DataQualityReport* report = nullptr);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace putki
