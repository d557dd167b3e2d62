#pragma once
/// \file
/// DatedStatistics of groups of deals: by the value of an attribute (rep, source, region) and by size.
///
/// A visit belongs to the segment of its deal and to the size band of the amount known when the visit began: an amount
/// learnt later, at closing above all, says nothing about what could be known while the deal was open. Band 0 is for
/// amounts unknown, or zero; band b above 0 for amounts from size_limits[b - 2] up to below size_limits[b - 1]. Without
/// limits sizes are not told apart and all is in band 0.
///
/// A mergeable value with the laws of DatedStatistics, bit for bit: default state is the identity; sizes are summed as
/// whole millionths of their logarithm. Cost: one pass over the events and a sort of the distinct counts. An empty view
/// adds nothing but its day.

#include <putki/stats/dated_statistics.hpp>

#include <compare>
#include <map>
#include <string>

namespace putki {

struct GroupedStatisticsOptions {
  /// Attribute whose values are the segments; empty: one segment named "".
  std::string segment_by = {};
  /// Borders of size bands, ascending and above 0; empty: sizes are not told apart.
  std::vector<Money> size_limits = {};
  friend bool operator==(const GroupedStatisticsOptions&, const GroupedStatisticsOptions&) = default;
};

class GroupedStatistics {
 public:
  struct Group {
    std::string segment;
    std::uint32_t band;
    friend auto operator<=>(const Group&, const Group&) = default;
  };
  struct Counts {
    /// Sorted as those of DatedStatistics.
    std::vector<DatedStatistics::Visits> visits;
    /// Deals created in this segment whose first amount was of this band.
    std::vector<DatedStatistics::Creations> creations;
    std::int64_t log_sizes = 0;  ///< over visits of known amount: sum of millionths of log(amount in units)
    std::uint64_t sized = 0;     ///< number of those visits
    friend bool operator==(const Counts&, const Counts&) = default;
  };

  GroupedStatistics() = default;
  /// InvalidArgument: limits that do not ascend from above 0.
  explicit GroupedStatistics(StageGraph graph, GroupedStatisticsOptions options = {});

  /// Adds every visit to a non-terminal stage known in the view. InvalidArgument: another graph or another day than
  /// before (ErrorCode::incompatible), or no such attribute (a log without deals needs none).
  void update(const AsOf& view);
  /// InvalidArgument (ErrorCode::incompatible) when graphs, options or days differ and neither side is the identity.
  void merge(const GroupedStatistics& other);
  friend bool operator==(const GroupedStatistics&, const GroupedStatistics&) = default;

  /// InvalidArgument on the identity.
  const StageGraph& graph() const;
  const GroupedStatisticsOptions& options() const { return options_; }
  /// First day not fully known; nothing before the first update.
  std::optional<DayNumber> as_of_day() const { return as_of_day_; }
  const std::map<Group, Counts>& groups() const { return groups_; }

  /// The band of an amount.
  std::uint32_t band_of(Money amount) const;
  /// A representative size of a band: the geometric mean of its amounts, in currency units; nothing for band 0 and for
  /// bands without visits.
  std::optional<double> size_of(std::uint32_t band) const;

 private:
  void check_day(DayNumber day);

  std::optional<StageGraph> graph_;
  GroupedStatisticsOptions options_;
  std::optional<DayNumber> as_of_day_;
  std::map<Group, Counts> groups_;
};

/// Borders of `bands` size bands of about equally many visits each, by the amounts known when visits began. Fewer where
/// amounts repeat; none when there are fewer than two different amounts or bands is 1 or less.
std::vector<Money> size_limits(const AsOf& view, int bands);

}  // namespace putki
