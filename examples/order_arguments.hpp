#pragma once
// Orders and the model of their customers as options of a program: what customer_value and revenue_forecast share.

#include "command_line.hpp"
#include "customer_models.hpp"

#include <string>

namespace example {

struct OrderArguments {
  std::string file, model, period, date_format = "auto", decimal = ".", thousands;
  putki::OrderColumns columns;
  bool keep_returns = false;
};

/// What the options are called where another option has their name.
struct OrderOptionNames {
  std::string model = "--model";
  std::string period = "--period";
};

/// Adds the options, the first three and the model required or none of them.
inline void add_order_options(CLI::App& app, OrderArguments& arguments, bool required,
                              const OrderOptionNames& names = {}) {
  app.add_option("--orders", arguments.file, "Orders (CSV), a row per order")
      ->required(required)
      ->check(CLI::ExistingFile);
  app.add_option("--customer", arguments.columns.customer, "Column of the customer")->required(required);
  app.add_option("--date", arguments.columns.date, "Column of the day or time of the order")->required(required);
  app.add_option(
      "--amount", arguments.columns.amount,
      required ? "Column of the amount; without it purchases are counted, not valued" : "Column of the amount");
  app.add_option(names.model, arguments.model, customer_model_help())->required(required);
  app.add_option(names.period, arguments.period,
                 "Length of a period, for bg_bb, sbg and bdw: 28d, 4w, or week, month, quarter, year of the calendar. "
                 "Only whole periods count (default: month)");
  app.add_option(
      "--contract-end", arguments.columns.contract_end,
      "For sbg and bdw: column of the day on which the contract ended, empty while it runs. Without it every "
      "period under contract brings an order, and the first without any ended it");
  app.add_option("--date-format", arguments.date_format, "auto, iso8601, mdy, dmy, epoch_s or epoch_ms")
      ->capture_default_str();
  app.add_option("--decimal", arguments.decimal, "Decimal mark of amounts: . or ,")->capture_default_str();
  app.add_option("--thousands", arguments.thousands, "Thousands mark of amounts: . , ' or a blank (default: none)");
  app.add_flag("--keep-returns", arguments.keep_returns,
               "Amounts below zero take from the purchases before them; without it their rows are set aside");
}

inline putki::ReadOrders read_orders(const OrderArguments& arguments) {
  const putki::OrderReadOptions options{
      .formats = order_formats(arguments.date_format, arguments.decimal, arguments.thousands),
      .returns = arguments.keep_returns ? putki::ReturnPolicy::keep : putki::ReturnPolicy::set_aside,
      .progress = progress("reading")};
  return read_orders(arguments.file, arguments.columns, options);
}

}  // namespace example
