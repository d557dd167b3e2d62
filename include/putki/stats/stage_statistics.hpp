#pragma once
/// \file
/// Mergeable visit counts: the sufficient statistics of every stage model.
///
/// One visit to a non-terminal stage adds one count to (segment, entry period, from, to | censored, age bin). Bins
/// 0 .. cap_days are single days of age, bin cap_days + 1 holds everything older. Age is in local days (see AsOf): a
/// move at age d was made d days after the entry day; a visit censored at age a was at risk on the a days 0 .. a - 1.
/// Rows that repeat the stage do not end a visit. A visit to a won or lost stage is no count (a deal reopened counts
/// again from the stage it goes to).
///
/// The days are those of a clock: calendar days, or the business days of a calendar. On business days age is
/// clock.business_days_between(entry day, day of the move or first unknown day): the business days from the entry day
/// on that went by before. A move on a day off counts at the age of the next business day's start, and a stay entered
/// on a day off has age 0 through the next business day; weekends add nothing. Entry periods are of the calendar on any
/// clock.
///
/// A visit belongs to the segment of its deal and to the period in which it began, not to that in which it ended: a
/// period's counts are those of a cohort, and older periods only ever gain.
///
/// A value: default state is the identity of `merge`; counts of two shards, merged, equal the counts of the union, bit
/// for bit, when no deal is in both, both were seen as of the same instant, and neither or both are date-only logs
/// (EventLog::date_only decides the age of those still there; let shards declare EventLogOptions::dates_only). Safe to
/// read from several threads.
///
/// Cost of update: one pass over days and stages, 6 bytes an event and 4 a deal: 2.1 ns an event at four events a deal
/// (one core at 2.6 GHz; 6 to 7 times a vectorised sum of the same bytes), the same on business days, 4.3 ns when split
/// into quarters (benchmarks/stats_benchmark.cpp). More than half of it is the end of each deal, which no processor
/// foretells: 0.9 ns an event when all deals have four. Memory: 8 (cap_days + 2) stages (stages + 1) bytes per
/// (segment, period) seen, stages of departure being the non-terminal ones. An empty view adds nothing.

#include <putki/core/calendar.hpp>
#include <putki/core/period.hpp>
#include <putki/events/as_of.hpp>

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace putki {

struct StageStatisticsOptions {
  /// Oldest age with a bin of its own, days: 0 .. 47,482 (the days of 1970 .. 2099).
  int cap_days = 730;
  /// Split visits by the period of their entry (weeks, months, .. from January); nothing: one period for all.
  std::optional<PeriodUnit> entry_period = std::nullopt;
  /// Attribute whose values are the segments; empty: one segment named "".
  std::string segment_by = {};
  /// Ages, and cap_days, are in business days of this calendar; the default works every day: calendar days.
  BusinessCalendar clock = {};
  friend bool operator==(const StageStatisticsOptions&, const StageStatisticsOptions&) = default;
};

class StageStatistics {
 public:
  /// The identity: no configuration, no counts.
  StageStatistics() = default;
  /// InvalidArgument when cap_days is out of range.
  explicit StageStatistics(StageGraph graph, StageStatisticsOptions options = {});

  /// Adds every visit known in the view. InvalidArgument when the graphs differ (ErrorCode::incompatible), the segment
  /// attribute is missing (a log without deals needs none), the view is after 2099 and the clock counts business days,
  /// or this is the identity.
  void update(const AsOf& view);
  /// InvalidArgument (ErrorCode::incompatible) when graph or options differ and neither side is the identity.
  void merge(const StageStatistics& other);
  friend bool operator==(const StageStatistics&, const StageStatistics&) = default;

  /// No counts yet.
  bool empty() const { return cells_.empty(); }
  /// InvalidArgument on the identity.
  const StageGraph& graph() const;
  const StageStatisticsOptions& options() const { return options_; }
  std::size_t bin_count() const { return static_cast<std::size_t>(options_.cap_days) + 2; }

  /// Segments seen, in byte order.
  std::vector<std::string> segments() const;
  /// First days of the entry periods seen, ascending; 1970-01-01 alone when not split.
  std::vector<Day> periods() const;

  /// Counts by age bin, bin_count() long; `to == kNoStage` is censored. Zeros when never seen, as for every terminal
  /// `from`. Valid until this changes. InvalidArgument on the identity or a stage not of the graph.
  std::span<const std::uint64_t> counts(std::string_view segment, Day period, StageId from, StageId to) const;
  /// Summed over segments and periods.
  std::vector<std::uint64_t> counts(StageId from, StageId to) const;
  /// Deals by the stage they first entered (terminal ones too): summed over segments and periods, one number per stage.
  std::vector<std::uint64_t> first_entries() const;
  /// Visits counted: the sum of all bins.
  std::uint64_t visit_count() const;

 private:
  struct Key {
    std::string segment;
    DayNumber period;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  // A cell exists only when something was counted in it, so that equal counts are equal values.
  struct Cell {
    std::vector<std::uint64_t> visits;   // [non-terminal from][to, censored last][bin]
    std::vector<std::uint64_t> entries;  // [stage]
    friend bool operator==(const Cell&, const Cell&) = default;
  };
  Cell& cell(const Key& key);
  struct Target;
  class OneCell;
  class SplitCells;
  template <class Clock, class Cells>
  void count_visits(const AsOf& view, DayNumber today, Clock clock, Cells&& given) const;

  std::optional<StageGraph> graph_;
  StageStatisticsOptions options_;
  std::vector<std::size_t> rows_;     // [stage]: where its departures begin in Cell::visits, kNoRow when terminal
  std::size_t cell_size_ = 0;         // of Cell::visits
  std::vector<std::uint64_t> zeros_;  // what counts() shows of cells never seen
  std::map<Key, Cell> cells_;
};

}  // namespace putki
