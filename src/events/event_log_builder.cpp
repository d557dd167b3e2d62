#include <putki/events/event_log_builder.hpp>

#include <limits>
#include <stdexcept>

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
  struct AttributeColumn {
    std::string name;
    StringTable values;
    std::vector<std::uint32_t> codes;
  };

  State(StageGraph stage_graph, EventLogOptions event_log_options)
      : graph(std::move(stage_graph)), options(std::move(event_log_options)), stage_count(graph.stage_count()) {}

  StageGraph graph;
  EventLogOptions options;
  std::size_t stage_count;
  StringTable deals;
  StagedRows rows;
  std::vector<AttributeColumn> attributes;
  bool any_amount = false;

  AttributeColumn& attribute(std::string_view name) {
    const auto known = std::find_if(attributes.begin(), attributes.end(),
                                    [&](const AttributeColumn& column) { return column.name == name; });
    if (known != attributes.end()) return *known;
    AttributeColumn& added = attributes.emplace_back();
    added.name = name;
    added.values.intern("");
    return added;
  }

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
  state_->attribute(attribute);
}

void EventLogBuilder::set_attribute(DealId deal, std::string_view attribute, std::string_view value) {
  State& state = *state_;
  state.check(deal);
  State::AttributeColumn& column = state.attribute(attribute);
  if (value.empty()) return;
  if (column.codes.size() <= index(deal)) column.codes.resize(state.deals.size(), 0);
  std::uint32_t& code = column.codes[index(deal)];
  if (code == 0) code = column.values.intern(value);
}

EventLog EventLogBuilder::build(DataQualityReport* report) {
  State& state = *state_;
  const StagedRows& rows = state.rows;
  const std::size_t row_count = rows.size();
  const std::size_t deal_count = state.deals.size();
  auto columns = std::make_shared<EventLogColumns>(state.graph);
  columns->time_zone = state.options.time_zone;

  // Counting sort by deal. Counts go two places up, so that after the scatter offsets[d] is where deal d begins.
  std::vector<std::uint32_t>& offsets = columns->offsets;
  offsets.assign(deal_count + 2, 0);
  for (std::size_t i = 0; i < row_count; ++i) ++offsets[rows[i].deal + std::size_t{2}];
  for (std::size_t d = 2; d < offsets.size(); ++d) offsets[d] += offsets[d - 1];
  Column<std::uint32_t> order(row_count);
  for (std::size_t i = 0; i < row_count; ++i)
    order[offsets[rows[i].deal + std::size_t{1}]++] = static_cast<std::uint32_t>(i);
  offsets.pop_back();

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
  for (State::AttributeColumn& attribute : state.attributes) {
    attribute.codes.resize(deal_count, 0);
    Attribute& frozen = columns->attributes.emplace_back();
    frozen.name = std::move(attribute.name);
    for (std::size_t v = 0; v < attribute.values.size(); ++v) frozen.values.emplace_back(attribute.values[v]);
    frozen.codes = std::move(attribute.codes);
  }
  *state_ = State(std::move(state.graph), std::move(state.options));
  return EventLog(std::move(columns));
}

}  // namespace putki
