#pragma once
/// \file
/// From rows in any order to an EventLog, with the cleaning rules that concern a deal's history as a whole.
///
/// Rows may come in any order; building is a counting sort by deal, then by time within a deal, O(rows) when rows come
/// in time order. A builder is used by one thread; `build` leaves it empty.

#include <putki/events/data_quality.hpp>
#include <putki/events/event_log.hpp>

namespace putki {

/// What to do with a deal that leaves a won or lost stage again.
enum class ReopenPolicy {
  keep,    ///< it is open again from there; noted as `reopened`
  ignore,  ///< later rows of the deal are set aside as `after_terminal`
};

struct EventLogOptions {
  TimeZone time_zone = {};
  ReopenPolicy reopened = ReopenPolicy::ignore;
  /// Set aside rows equal to an earlier one of the same deal in time, stage, amount and expected close.
  bool drop_duplicates = true;
};

class EventLogBuilder {
 public:
  struct Row {
    DealId deal;
    Timestamp time;
    StageId stage;
    Money amount = kNoAmount;
    DayNumber expected_close = kNoDay;
    std::uint64_t source_row = 0;  ///< for the report; 0: count rows from 1 in order of `add`
  };

  explicit EventLogBuilder(StageGraph graph, EventLogOptions options = {});
  ~EventLogBuilder();
  EventLogBuilder(EventLogBuilder&&) noexcept;
  EventLogBuilder& operator=(EventLogBuilder&&) noexcept;

  void reserve(std::size_t rows, std::size_t deals);
  /// The deal of this external id, created on first sight.
  DealId deal(std::string_view name);
  /// InvalidArgument when deal or stage is not of this builder.
  void add(const Row& row);
  /// First value wins: an attribute is what was known when the deal first appeared. Empty texts are skipped.
  void set_attribute(DealId deal, std::string_view attribute, std::string_view value);

  /// Adds to `report` one read per row added, and used or set aside for each; pass nullptr to do without.
  EventLog build(DataQualityReport* report = nullptr);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace putki
