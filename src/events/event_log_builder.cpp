#include <putki/events/event_log_builder.hpp>

#include <limits>
#include <stdexcept>

#include "events/attribute_table.hpp"
#include "events/deal_cleaner.hpp"
#include "events/staged_rows.hpp"

namespace putki {
namespace {

#if defined(__GNUC__)
inline void prefetch(const void* address) {
  __builtin_prefetch(address);
}
#else
inline void prefetch(const void*) {}
#endif

}  // namespace

struct EventLogBuilder::State {
  State(StageGraph stage_graph, EventLogOptions event_log_options)
      : graph(std::move(stage_graph)), options(std::move(event_log_options)), stage_count(graph.stage_count()) {}

  StageGraph graph;
  EventLogOptions options;
  std::size_t stage_count;
  StringTable deals;
  StagedRows rows;
  AttributeTable attributes;
  bool any_amount = false;

  void check(DealId deal) const {
    if (index(deal) >= deals.size()) {
      throw InvalidArgument("deal " + std::to_string(index(deal)) + " is not of this builder, which has " +
                            std::to_string(deals.size()) + " deals");
    }
  }
};

EventLogBuilder::EventLogBuilder(StageGraph graph, EventLogOptions options)
    : state_(std::make_unique<State>(std::move(graph), std::move(options))) {}
EventLogBuilder::~EventLogBuilder() = default;
EventLogBuilder::EventLogBuilder(EventLogBuilder&&) noexcept = default;
EventLogBuilder& EventLogBuilder::operator=(EventLogBuilder&&) noexcept = default;

void EventLogBuilder::reserve(std::size_t /*rows*/, std::size_t deals) {
  state_->deals.reserve(deals);
}

DealId EventLogBuilder::deal(std::string_view name) {
  if (state_->deals.size() >= StagedRows::kLargest) {
    throw InvalidArgument("a log holds at most 2^32 - 2 deals");
  }
  return static_cast<DealId>(state_->deals.intern(name));
}

void EventLogBuilder::add(const Row& row) {
  State& state = *state_;
  if (index(row.deal) >= state.deals.size()) [[unlikely]]
    state.check(row.deal);
  if (index(row.stage) >= state.stage_count) [[unlikely]] {
    throw InvalidArgument("stage " + std::to_string(index(row.stage)) + " is not of this builder, which has " +
                          std::to_string(state.stage_count) + " stages");
  }
  if (state.rows.size() >= StagedRows::kLargest) [[unlikely]] {
    throw InvalidArgument("a log holds at most 2^32 - 2 events");
  }
  StagedRow staged{.time = row.time.time_since_epoch().count(),
                   .amount = row.amount.minor,
                   .deal = static_cast<std::uint32_t>(row.deal),
                   .stage = static_cast<std::uint16_t>(row.stage),
                   .flags = 0};
  if (row.amount != kNoAmount) {
    state.any_amount = true;
    if (row.amount < Money{0} || row.amount > kLargestAmount) [[unlikely]] {
      staged.amount = kNoAmount.minor;
      staged.flags |= kImpossibleAmount;
    }
  }
  DayNumber expected_close = row.expected_close;
  if (expected_close != kNoDay && !is_log_day(expected_close)) [[unlikely]] {
    expected_close = kNoDay;
    staged.flags |= kUnreadableClose;
  }
  state.rows.add(staged, expected_close, row.source_row);
}

void EventLogBuilder::declare_attribute(std::string_view attribute) {
  state_->attributes.declare(attribute);
}

void EventLogBuilder::set_attribute(DealId deal, std::string_view attribute, std::string_view value) {
  State& state = *state_;
  state.check(deal);
  state.attributes.set(index(deal), state.deals.size(), attribute, value);
}

EventLog EventLogBuilder::build(DataQualityReport* report) {
  State& state = *state_;
  const StagedRows& rows = state.rows;
  const std::size_t row_count = rows.size();
  const std::size_t deal_count = state.deals.size();
  auto columns = std::make_shared<EventLogColumns>(state.graph);
  columns->time_zone = state.options.time_zone;

  std::vector<std::uint32_t>& offsets = columns->offsets;
  Column<std::uint32_t> order = rows.order_by_deal(deal_count, offsets);

  DealCleaner cleaner(rows, state.deals, state.graph, state.options, state.any_amount || state.options.amounts_expected,
                      report, *columns);
  constexpr std::size_t ahead_by = 24;
  std::uint32_t begin = 0;
  std::size_t fetched = 0;
  for (std::size_t d = 0; d < deal_count; ++d) {
    const std::uint32_t end = offsets[d + 1];
    for (const std::size_t ahead = std::min<std::size_t>(row_count, end + ahead_by); fetched < ahead; ++fetched) {
      prefetch(&rows[order[fetched]]);
    }
    cleaner.clean({order.data() + begin, end - begin});
    begin = end;
    offsets[d + 1] = cleaner.event_count();
  }
  cleaner.finish();

  columns->deal_names = state.deals.take();
  columns->attributes = state.attributes.take(deal_count);
  *state_ = State(std::move(state.graph), std::move(state.options));
  return EventLog(std::move(columns));
}

}  // namespace putki
