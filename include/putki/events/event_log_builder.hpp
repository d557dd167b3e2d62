#pragma once
/// \file
/// From rows in any order to an EventLog, with the cleaning rules that concern a deal's history as a whole.
///
/// Rows may come in any order; building is a counting sort by deal, then a stable sort by time of those deals whose
/// rows did not come in time order: equal times keep the order of `add`. O(rows) when rows come in time order.
///
/// Cleaning, in the order of time within each deal; each row is used or set aside under the first rule that meets it:
///   time_out_of_range  the local day is before 1970 or after 2099;
///   duplicate_row      equal in time, stage, amount and expected close to an earlier row that was used;
///   after_terminal     the deal is in a won or lost stage and the row names another, under ReopenPolicy::ignore. Rows
///                      that repeat the terminal stage are used: an amount corrected after the win is common.
/// Notes on rows used all the same: reopened, undeclared_move, impossible_amount, unreadable_close_date,
/// empty_amount_while_open, zero_amount_at_loss (see data_quality.hpp).
///
/// Every rule looks only at earlier rows of the same deal. So a log cut off at an instant, built anew, is the view of
/// the whole log at that instant.
///
/// A builder is used by one thread; `build` leaves it empty, ready for the next log. No rows: an empty log. Memory: 24
/// bytes a row while rows come in (28 with expected close dates), 4 more and the log itself during `build`. Cost of 10
/// M rows in time order, with the naming of their 2.5 M deals, on one core: 120 ns a row in memory fresh from the
/// system, 85 in memory used before (48 naming and adding, 33 building, 3 freeing); 80 at 1 M rows. A quarter of the 85
/// goes to small pages: with huge ones (glibc: GLIBC_TUNABLES=glibc.malloc.hugetlb=1) it is 62. See
/// benchmarks/stats_benchmark.cpp.

#include <putki/events/data_quality.hpp>
#include <putki/events/event_log.hpp>

#include <optional>

namespace putki {

/// What to do with a deal that leaves a won or lost stage again.
enum class ReopenPolicy {
  keep,    ///< it is open again from there; noted as `reopened`
  ignore,  ///< its later rows in other stages are set aside as `after_terminal`
};

/// Amounts above this are impossible: ten million million currency units. It leaves room for sums of 9,000 of them.
inline constexpr Money kLargestAmount{1'000'000'000'000'000};

struct EventLogOptions {
  /// Decides on which local day an event falls.
  TimeZone time_zone = {};
  ReopenPolicy reopened = ReopenPolicy::ignore;
  /// Set aside rows equal to an earlier one of the same deal in time, stage, amount and expected close.
  bool drop_duplicates = true;
  /// Note deals without an amount even when no row of the log has one. Otherwise a log without any amount at all is
  /// taken to be about something else than money.
  bool amounts_expected = false;
  /// Whether the data has dates without times of day: EventLog::date_only. Nothing: it has when every event falls on a
  /// local midnight. State it when the history comes in several logs, such as shards to be merged: events of one that
  /// all happen to fall on midnight say nothing of the others. True with an event at another time: `build` throws.
  std::optional<bool> dates_only = std::nullopt;
};

class EventLogBuilder {
 public:
  struct Row {
    DealId deal;
    Timestamp time;
    StageId stage;
    Money amount = kNoAmount;           ///< 0 .. kLargestAmount, else used without an amount and noted
    DayNumber expected_close = kNoDay;  ///< a day of 1970 .. 2099, else used without one and noted
    std::uint64_t source_row = 0;       ///< for the report; 0: the row after the last one, counting from 1
  };

  explicit EventLogBuilder(StageGraph graph, EventLogOptions options = {});
  ~EventLogBuilder();
  EventLogBuilder(const EventLogBuilder&) = delete;
  EventLogBuilder& operator=(const EventLogBuilder&) = delete;
  EventLogBuilder(EventLogBuilder&& other) noexcept;
  EventLogBuilder& operator=(EventLogBuilder&& other) noexcept;

  /// Room for that many deals; a hint. Rows need none: they are kept in chunks.
  void reserve(std::size_t rows, std::size_t deals);
  /// The deal of this external id, created on first sight: ids are dense, in order of first sight. A deal without rows
  /// that were used is in the log all the same, without events.
  DealId deal(std::string_view name);
  /// InvalidArgument when deal or stage is not of this builder, or at the 2^32 - 1st row.
  void add(const Row& row);
  /// The log will have this attribute even if no deal gets a value.
  void declare_attribute(std::string_view attribute);
  /// First value wins: an attribute is what was known when the deal first appeared. Empty texts are skipped.
  /// InvalidArgument when the deal is not of this builder.
  void set_attribute(DealId deal, std::string_view attribute, std::string_view value);

  /// Adds to `report` one read per row added, and used or set aside for each; pass nullptr to do without.
  /// InvalidArgument when dates_only was declared and an event does not fall on a local midnight; `report` is then of
  /// no use.
  EventLog build(DataQualityReport* report = nullptr);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace putki
