#pragma once
/// \file
/// Mergeable visit counts: the sufficient statistics of every stage model.
///
/// One visit to a non-terminal stage adds one count to (segment, entry period, from, to | censored, age bin). Bins
/// 0 .. cap_days are single days of age, bin cap_days + 1 holds everything older. Age is on the calendar clock (local
/// days; see AsOf): a move at age d was made d days after the entry day; a visit censored at age a was at risk on the a
/// days 0 .. a - 1.
///
/// A value: default state is the identity of `merge`; counts of two shards, merged, equal the counts of the union, bit
/// for bit. Cost of update: one pass over days and stages (7 bytes an event). Memory: 8 (cap_days + 2) stages (stages +
/// 1) bytes per (segment, period) seen.

#include <putki/core/period.hpp>
#include <putki/events/as_of.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace putki {

struct StageStatisticsOptions {
  /// Oldest age with a bin of its own, days.
  int cap_days = 730;
  /// Split visits by the period of their entry; nothing: one period for all.
  std::optional<PeriodUnit> entry_period = std::nullopt;
  /// Attribute whose values are the segments; empty: one segment named "".
  std::string segment_by = {};
  friend bool operator==(const StageStatisticsOptions&, const StageStatisticsOptions&) = default;
};

class StageStatistics {
 public:
  /// The identity: no configuration, no counts.
  StageStatistics() = default;
  StageStatistics(StageGraph graph, StageStatisticsOptions options = {});

  /// Adds every visit known in the view. InvalidArgument when graphs differ or the segment attribute is missing.
  void update(const AsOf& view);
  /// InvalidArgument (ErrorCode::incompatible) when graph or options differ and neither side is the identity.
  void merge(const StageStatistics& other);
  friend bool operator==(const StageStatistics&, const StageStatistics&);

  bool empty() const { return cells_.empty(); }
  /// InvalidArgument on the identity.
  const StageGraph& graph() const;
  const StageStatisticsOptions& options() const { return options_; }
  std::size_t bin_count() const { return static_cast<std::size_t>(options_.cap_days) + 2; }

  std::vector<std::string> segments() const;
  /// First days of the entry periods seen, ascending; 1970-01-01 alone when not split.
  std::vector<Day> periods() const;

  /// Counts by age bin; `to == kNoStage` is censored. Zeros when the cell was never seen.
  std::span<const std::uint64_t> counts(std::string_view segment, Day period, StageId from, StageId to) const;
  /// Summed over segments and periods.
  std::vector<std::uint64_t> counts(StageId from, StageId to) const;
  /// Deals by the stage they first entered: summed over segments and periods, one number per stage.
  std::vector<std::uint64_t> first_entries() const;
  std::uint64_t visit_count() const;

 private:
  struct Key {
    std::string segment;
    DayNumber period;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  struct Cell {
    std::vector<std::uint64_t> visits;   // [from][to, censored last][bin]
    std::vector<std::uint64_t> entries;  // [stage]
    friend bool operator==(const Cell&, const Cell&) = default;
  };
  std::optional<StageGraph> graph_;
  StageStatisticsOptions options_;
  std::map<Key, Cell> cells_;
};

}  // namespace putki
