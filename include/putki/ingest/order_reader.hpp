#pragma once
/// \file
/// A CSV table of orders to an OrderLog: a row per order, invoice or line of one.
///
/// File, separators, text, times and amounts are read as csv_reader.hpp says of deals, by the same code: formats are
/// detected over whole columns, what could be meant in two ways is refused (dates, ErrorCode::ambiguous) or noted
/// (amounts). One thing differs: an amount below zero is read, and is a return (ReturnPolicy).
///
/// Orders need no pipeline definition. What is asked for is named in OrderColumns; other columns are not looked at.
/// Dates without time of day are days; times of day fall on the local day of `time_zone`.
///
/// **Rows.** Every row below the header is either used or set aside under exactly one rule of DataRule, the first that
/// applies in this order: wrong_column_count, missing_id (no customer), missing_time, unreadable_time,
/// time_out_of_range, then those of OrderLogBuilder (negative_amount, duplicate_row). Rows without an amount, or with
/// one that cannot be read for certain, are used without it and noted; so are contract ends that are no date. Row
/// numbers count the header (1) and blank lines.
///
/// An attribute is the value in the customer's earliest row that has one: what was known at the first order.
///
/// InputError as for deals: no such file, a directory, empty, UTF-16, binary, a column missing, there twice or asked
/// for twice, a quote never closed. InvalidArgument when no column is named for customer or date, or the decimal mark
/// and the thousands mark are the same. A header alone gives an empty log.
///
/// Cost: 160 ns a row on one core, reading and building, rows of plain ISO dates in no order; memory a window of one
/// megabyte and the builder's rows. May be called from several threads.

#include <putki/events/order_log_builder.hpp>
#include <putki/ingest/csv_reader.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace putki {

/// Names in the header of the table; matched exactly after trimming, else without regard to ASCII case. Empty: there is
/// no such column.
struct OrderColumns {
  std::string customer;           ///< required
  std::string date;               ///< required
  std::string amount = {};        ///< without it every order is a purchase of unknown amount
  std::string contract_end = {};  ///< the day on which the contract ends, or ended; see OrderLog::contract_ends
  std::vector<std::string> attributes = {};  ///< of the customer; each is the name of the attribute, too
};

struct OrderReadOptions {
  ReadFormats formats = {};
  /// Decides on which local day an order falls.
  TimeZone time_zone = {};
  ReturnPolicy returns = ReturnPolicy::set_aside;
  DuplicatePolicy duplicates = DuplicatePolicy::automatic;
  /// Stop with InputError (ErrorCode::dirty_data), naming the first row that would be set aside.
  bool strict = false;
  /// Share of the bytes done; begins anew when a second pass is needed.
  Progress progress = {};
};

struct ReadOrders {
  OrderLog log;
  /// rows_read() is the number of data rows; adds_up() is always true.
  DataQualityReport report;
};

ReadOrders read_orders_csv(const std::filesystem::path& file, const OrderColumns& columns,
                           const OrderReadOptions& options = {});
/// The same from memory; `where` names it in messages.
ReadOrders parse_orders_csv(std::string_view text, const OrderColumns& columns, const OrderReadOptions& options = {},
                            std::string_view where = "csv");

}  // namespace putki
