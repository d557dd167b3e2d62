#include <putki/ingest/order_reader.hpp>

#include <stdexcept>

#include <fmt/format.h>

#include "ingest/csv_rows.hpp"
#include "ingest/csv_source.hpp"
#include "ingest/earliest_attributes.hpp"

namespace putki {
namespace {

const std::string& named_column(const std::string& column, std::string_view role) {
  if (column.empty()) throw InvalidArgument(fmt::format("orders need a column for the {}; none is named", role));
  return column;
}

class OrderReader {
 public:
  OrderReader(CsvSource& source, const OrderColumns& columns, const OrderReadOptions& options)
      : source_(source),
        options_(options),
        walking_{.strict = options.strict, .progress = options.progress},
        attribute_names_(columns.attributes),
        date_(columns.date, options.time_zone, options.formats.time),
        contract_end_(columns.contract_end, options.time_zone, options.formats.time),
        amount_(options.formats, true) {
    if (options.formats.thousands == options.formats.decimal) {
      throw InvalidArgument(
          fmt::format("'{}' is both the decimal and the thousands mark of amounts", options.formats.decimal));
    }
    Columns wanted;
    customer_slot_ = wanted.require(named_column(columns.customer, "customer"), "customer");
    date_slot_ = wanted.require(named_column(columns.date, "date"), "date");
    amount_slot_ = wanted.allow(columns.amount, "amount");
    contract_end_slot_ = wanted.allow(columns.contract_end, "contract_end");
    for (const std::string& attribute : attribute_names_) {
      attribute_slots_.push_back(wanted.require(named_column(attribute, "attribute"), "attributes"));
    }
    layout_ = find_layout(source, wanted.wanted(), options.formats.separator, "the orders'");
  }

  ReadOrders read() {
    // A look at the first rows, so that the formats assumed at first are mostly right and one go is enough.
    go(kSampleRows);
    date_.guess();
    contract_end_.guess();
    amount_.guess();
    for (int repeats = 0;; ++repeats) {
      if (std::optional<ReadOrders> done = go(kAllRows)) return std::move(*done);
      if (repeats == 2) throw std::logic_error("putki: the formats of a file do not settle");
    }
  }

 private:
  // One go over the rows. Nothing when it was about the first rows only, or the formats were not as assumed.
  std::optional<ReadOrders> go(std::uint64_t row_limit) {
    RowWalk walk(source_, walking_, layout_);
    OrderLogBuilder builder({.time_zone = options_.time_zone,
                             .returns = options_.returns,
                             .duplicates = options_.duplicates,
                             .amounts_expected = amount_slot_ != Columns::kNone});
    EarliestAttributes<CustomerId> attributes(attribute_names_);
    while (walk.rows() < row_limit && walk.next()) take(walk, builder, attributes);
    if (row_limit != kAllRows) return std::nullopt;
    bool settled = date_.settle(source_.where(), false);
    settled &= contract_end_.settle(source_.where(), false);
    settled &= amount_.settle();
    if (!settled) return std::nullopt;

    attributes.give_to(builder);
    DataQualityReport report = std::move(walk.report());
    OrderLog log = builder.build(&report);
    walk.refuse_defects(report);
    if (!report.adds_up() || report.rows_read() != walk.rows()) {
      throw std::logic_error("putki: a row was neither used nor set aside");
    }
    return ReadOrders{std::move(log), std::move(report)};
  }

  void take(RowWalk& walk, OrderLogBuilder& builder, EarliestAttributes<CustomerId>& attributes) {
    const std::string_view id = walk.text(customer_slot_);
    if (id.empty()) return walk.set_aside(DataRule::missing_id);
    // Every format is asked before the row may be set aside, so that what a column votes for does not depend on how
    // another one is read.
    TimeValue time{};
    const auto read_time = date_.read(walk.raw(date_slot_), time);
    Money amount = kNoAmount;
    auto read_amount = AmountColumn::Outcome::missing;
    if (amount_slot_ != Columns::kNone) read_amount = amount_.read(walk.raw(amount_slot_), amount);
    TimeValue end{};
    auto read_end = TimeColumn::Outcome::missing;
    if (contract_end_slot_ != Columns::kNone) read_end = contract_end_.read(walk.raw(contract_end_slot_), end);

    if (read_time == TimeColumn::Outcome::missing) return walk.set_aside(DataRule::missing_time);
    if (read_time == TimeColumn::Outcome::unreadable) {
      return walk.set_aside(DataRule::unreadable_time, walk.text(date_slot_));
    }
    if (log_day(options_.time_zone, time.time) == kNoDay) {
      return walk.set_aside(DataRule::time_out_of_range, walk.text(date_slot_));
    }
    note_amount(walk, amount_slot_, read_amount);
    DayNumber contract_end = kNoDay;
    if (read_end != TimeColumn::Outcome::missing) {
      if (read_end == TimeColumn::Outcome::read) contract_end = log_day(options_.time_zone, end.time);
      if (contract_end == kNoDay) {
        walk.note(DataRule::unreadable_contract_end, walk.text(contract_end_slot_));
      }
    }
    const CustomerId customer = builder.customer(id);
    builder.add({.customer = customer,
                 .time = time.time,
                 .amount = amount,
                 .contract_end = contract_end,
                 .unread_amount = read_amount == AmountColumn::Outcome::unreadable ||
                                  read_amount == AmountColumn::Outcome::impossible,
                 .source_row = walk.row()});
    for (std::size_t a = 0; a < attribute_slots_.size(); ++a) {
      attributes.see(a, customer, time.time, walk.text(attribute_slots_[a]));
    }
  }

  CsvSource& source_;
  const OrderReadOptions& options_;
  CsvOptions walking_;
  std::vector<std::string> attribute_names_;
  TimeColumn date_;
  TimeColumn contract_end_;
  AmountColumn amount_;
  std::size_t customer_slot_ = 0, date_slot_ = 0, amount_slot_ = 0, contract_end_slot_ = 0;
  std::vector<std::size_t> attribute_slots_;
  CsvLayout layout_;
};

ReadOrders read_orders(CsvSource& source, const OrderColumns& columns, const OrderReadOptions& options) {
  ReadOrders result = OrderReader(source, columns, options).read();
  report_progress(options.progress, 1.0);
  return result;
}

}  // namespace

ReadOrders parse_orders_csv(std::string_view text, const OrderColumns& columns, const OrderReadOptions& options,
                            std::string_view where) {
  CsvSource source(text, where);
  return read_orders(source, columns, options);
}

ReadOrders read_orders_csv(const std::filesystem::path& file, const OrderColumns& columns,
                           const OrderReadOptions& options) {
  CsvSource source(file);
  return read_orders(source, columns, options);
}

}  // namespace putki
