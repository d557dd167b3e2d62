#include <putki/events/order_log_builder.hpp>

#include <limits>
#include <set>
#include <stdexcept>

#include "events/attribute_table.hpp"
#include "events/order_log_columns.hpp"
#include "events/staged_rows.hpp"

namespace putki {
namespace {

// What the orders of one instant say, to find those that say the same. Up to a few are compared with each other; more
// go through a set, so that no input costs the square of its rows.
class OrdersOfOneTime {
 public:
  using Content = std::pair<std::int64_t, DayNumber>;  // amount, contract end

  void clear() {
    few_.clear();
    many_.clear();
  }
  bool has(const Content& content) const {
    return many_.empty() ? std::find(few_.begin(), few_.end(), content) != few_.end() : many_.contains(content);
  }
  void add(const Content& content) {
    constexpr std::size_t a_few = 16;
    if (many_.empty()) few_.push_back(content);
    if (!many_.empty() || few_.size() > a_few) {
      many_.insert(few_.begin(), few_.end());
      many_.insert(content);
      few_.clear();
    }
  }

 private:
  std::vector<Content> few_;
  std::set<Content> many_;
};

// One customer after the other: rows put in time order, cleaned, and written to the columns of the log.
class OrderCleaner {
 public:
  OrderCleaner(const StagedRows& rows, const StringTable& customers, const OrderLogOptions& options, bool note_amounts,
               DataQualityReport* report, OrderLogColumns& columns)
      : rows_(rows),
        customers_(customers),
        options_(options),
        note_amounts_(note_amounts),
        report_(report),
        columns_(columns) {
    columns.times = Column<Timestamp>(rows.size());
    columns.days = Column<DayNumber>(rows.size());
    columns.amounts = Column<Money>(rows.size());
    columns.has_contract_ends = rows.has_expected_closes();
    if (columns.has_contract_ends) columns.contract_ends = Column<DayNumber>(rows.size());
  }

  std::uint32_t order_count() const { return written_; }

  // The rows of the next customer, sorted in place when they are not in time order.
  void clean(std::span<std::uint32_t> order) {
    const auto earlier = [this](std::uint32_t a, std::uint32_t b) { return rows_[a].time < rows_[b].time; };
    if (!std::is_sorted(order.begin(), order.end(), earlier)) std::stable_sort(order.begin(), order.end(), earlier);

    const std::uint32_t first = written_;
    same_time_.clear();
    for (const std::uint32_t number : order) {
      const StagedRow& row = rows_[number];
      const Timestamp time{std::chrono::microseconds{row.time}};
      const DayNumber day = log_day(options_.time_zone, time);
      if (day == kNoDay) {
        set_aside(DataRule::time_out_of_range, number);
        continue;
      }
      const bool negative = row.amount < 0 && row.amount != kNoAmount.minor;
      if (negative && options_.returns == ReturnPolicy::set_aside) {
        set_aside(DataRule::negative_amount, number);
        continue;
      }
      DayNumber contract_end = columns_.has_contract_ends ? rows_.expected_close(number) : kNoDay;
      const bool ends_before = contract_end != kNoDay && contract_end < day;
      if (ends_before) contract_end = kNoDay;
      if (written_ > first && columns_.times[written_ - 1] != time) same_time_.clear();
      const bool at_midnight = time == options_.time_zone.start_of(to_day(day));
      if (const OrdersOfOneTime::Content content{row.amount, contract_end}; same_time_.has(content)) {
        const bool drop = options_.duplicates == DuplicatePolicy::drop ||
                          (options_.duplicates == DuplicatePolicy::automatic && !at_midnight);
        if (drop) {
          set_aside(DataRule::duplicate_row, number);
          continue;
        }
        note(DataRule::repeated_row, number);
      } else {
        same_time_.add(content);
      }
      if ((row.flags & kImpossibleAmount) != 0) note(DataRule::impossible_amount, number);
      if ((row.flags & kUnreadableClose) != 0 || ends_before) note(DataRule::unreadable_contract_end, number);
      if (note_amounts_ && row.amount == kNoAmount.minor && (row.flags & (kImpossibleAmount | kUnreadAmount)) == 0) {
        note(DataRule::missing_amount, number);
      }
      if (row.amount == 0) note(DataRule::zero_amount, number);
      if (!at_midnight) {
        date_only_ = false;
        if (options_.dates_only == true) refuse_time_of_day(row, day);
      }

      columns_.times[written_] = time;
      columns_.days[written_] = day;
      columns_.amounts[written_] = Money{row.amount};
      if (columns_.has_contract_ends) columns_.contract_ends[written_] = contract_end;
      ++written_;
    }
    if (written_ == first) return;
    first_time_ = std::min(first_time_, columns_.times[first]);
    last_time_ = std::max(last_time_, columns_.times[written_ - 1]);
  }

  void finish() {
    columns_.orders = written_;
    columns_.date_only = options_.dates_only.value_or(date_only_ && written_ > 0);
    if (written_ > 0) {
      columns_.first_time = first_time_;
      columns_.last_time = last_time_;
    }
    if (written_ + set_aside_ != rows_.size()) throw std::logic_error("putki: a row was neither used nor set aside");
    if (report_ != nullptr) {
      report_->row_read(rows_.size());
      report_->row_used(written_);
    }
  }

 private:
  void set_aside(DataRule rule, std::uint32_t number) {
    ++set_aside_;
    note(rule, number);
  }
  void note(DataRule rule, std::uint32_t number) {
    if (report_ != nullptr) report_->found(rule, rows_.source_row(number), customers_[rows_[number].deal]);
  }
  [[noreturn]] void refuse_time_of_day(const StagedRow& row, DayNumber day) const {
    throw InvalidArgument("dates_only is declared, but an order of customer \"" + std::string(customers_[row.deal]) +
                          "\" on " + to_string(to_day(day)) + " does not fall on midnight in the log's time zone, " +
                          options_.time_zone.text());
  }

  const StagedRows& rows_;
  const StringTable& customers_;
  const OrderLogOptions& options_;
  bool note_amounts_;
  DataQualityReport* report_;
  OrderLogColumns& columns_;
  OrdersOfOneTime same_time_;
  bool date_only_ = true;
  Timestamp first_time_ = Timestamp::max();
  Timestamp last_time_ = Timestamp::min();
  std::uint32_t written_ = 0;
  std::uint64_t set_aside_ = 0;
};

}  // namespace

struct OrderLogBuilder::State {
  explicit State(OrderLogOptions order_log_options) : options(std::move(order_log_options)) {}

  OrderLogOptions options;
  StringTable customers;
  StagedRows rows;
  AttributeTable attributes;
  bool any_amount = false;

  void check(CustomerId customer) const {
    if (index(customer) >= customers.size()) {
      throw InvalidArgument("customer " + std::to_string(index(customer)) + " is not of this builder, which has " +
                            std::to_string(customers.size()) + " customers");
    }
  }
};

OrderLogBuilder::OrderLogBuilder(OrderLogOptions options) : state_(std::make_unique<State>(std::move(options))) {}
OrderLogBuilder::~OrderLogBuilder() = default;
OrderLogBuilder::OrderLogBuilder(OrderLogBuilder&&) noexcept = default;
OrderLogBuilder& OrderLogBuilder::operator=(OrderLogBuilder&&) noexcept = default;

void OrderLogBuilder::reserve(std::size_t customers) {
  state_->customers.reserve(customers);
}

CustomerId OrderLogBuilder::customer(std::string_view name) {
  if (state_->customers.size() >= StagedRows::kLargest) {
    throw InvalidArgument("a log holds at most 2^32 - 2 customers");
  }
  return static_cast<CustomerId>(state_->customers.intern(name));
}

void OrderLogBuilder::add(const Row& row) {
  State& state = *state_;
  state.check(row.customer);
  if (state.rows.size() >= StagedRows::kLargest) throw InvalidArgument("a log holds at most 2^32 - 2 orders");
  StagedRow staged{.time = row.time.time_since_epoch().count(),
                   .amount = row.amount.minor,
                   .deal = static_cast<std::uint32_t>(row.customer),
                   .stage = 0,
                   .flags = 0};
  if (row.unread_amount) staged.flags |= kUnreadAmount;
  if (row.amount != kNoAmount) {
    state.any_amount = true;
    if (row.amount > kLargestAmount || row.amount.minor < -kLargestAmount.minor) {
      staged.amount = kNoAmount.minor;
      staged.flags |= kImpossibleAmount;
    }
  }
  DayNumber contract_end = row.contract_end;
  if (contract_end != kNoDay && !is_log_day(contract_end)) {
    contract_end = kNoDay;
    staged.flags |= kUnreadableClose;
  }
  state.rows.add(staged, contract_end, row.source_row);
}

void OrderLogBuilder::declare_attribute(std::string_view attribute) {
  state_->attributes.declare(attribute);
}

void OrderLogBuilder::set_attribute(CustomerId customer, std::string_view attribute, std::string_view value) {
  State& state = *state_;
  state.check(customer);
  state.attributes.set(index(customer), state.customers.size(), attribute, value);
}

OrderLog OrderLogBuilder::build(DataQualityReport* report) {
  State& state = *state_;
  const std::size_t customer_count = state.customers.size();
  auto columns = std::make_shared<OrderLogColumns>();
  columns->time_zone = state.options.time_zone;
  std::vector<std::uint32_t>& offsets = columns->offsets;
  Column<std::uint32_t> order = state.rows.order_by_deal(customer_count, offsets);

  OrderCleaner cleaner(state.rows, state.customers, state.options, state.any_amount || state.options.amounts_expected,
                       report, *columns);
  std::uint32_t begin = 0;
  for (std::size_t c = 0; c < customer_count; ++c) {
    const std::uint32_t end = offsets[c + 1];
    cleaner.clean({order.data() + begin, end - begin});
    begin = end;
    offsets[c + 1] = cleaner.order_count();
  }
  cleaner.finish();

  columns->customer_names = state.customers.take();
  columns->attributes = state.attributes.take(customer_count);
  *state_ = State(std::move(state.options));
  return OrderLog(std::move(columns));
}

}  // namespace putki
