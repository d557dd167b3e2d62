#pragma once
/// \file
/// Visit counts that keep their dates: what StageStatistics knows by age, by day of entry and day of leaving.
///
/// Weekday rhythm and changes of pace can only be seen on the calendar. One count per (stage, next stage | censored,
/// day of entry, day of leaving), kept sparse: never more entries than visits, and at most days^2 x stages for any
/// number of deals. Also the deals created, by day and stage of entry. Days are local days; a censored visit has left
/// == as_of_day().
///
/// A mergeable value like StageStatistics: default state is the identity, shards as of the same day merge to the counts
/// of the union, bit for bit. Cost: one pass over the events and a sort of the distinct counts. An empty view adds
/// nothing but its day.

#include <putki/events/as_of.hpp>

#include <optional>
#include <span>
#include <vector>

namespace putki {

class DatedStatistics {
 public:
  struct Visits {
    StageId from;
    StageId to;  ///< kNoStage: still there
    DayNumber entered;
    DayNumber left;
    std::uint64_t count;
    friend bool operator==(const Visits&, const Visits&) = default;
  };
  struct Creations {
    StageId stage;
    DayNumber day;
    std::uint64_t count;
    friend bool operator==(const Creations&, const Creations&) = default;
  };

  DatedStatistics() = default;
  explicit DatedStatistics(StageGraph graph);

  /// Adds every visit to a non-terminal stage known in the view. InvalidArgument (ErrorCode::incompatible): another
  /// graph, or another day than before.
  void update(const AsOf& view);
  /// InvalidArgument (ErrorCode::incompatible) when graphs or days differ and neither side is the identity.
  void merge(const DatedStatistics& other);
  friend bool operator==(const DatedStatistics& a, const DatedStatistics& b);
  /// What these counts were when `day` began: nothing from that day on (not even of its very first instant) has
  /// happened, visits that ended later are still there. For asking how well the past would have been foretold.
  /// InvalidArgument: identity, or a day after as_of_day().
  DatedStatistics known_before(DayNumber day) const;

  /// InvalidArgument on the identity.
  const StageGraph& graph() const;
  /// First day not fully known; nothing before the first update.
  std::optional<DayNumber> as_of_day() const { return as_of_day_; }
  /// Sorted by from, entered, left, to.
  std::span<const Visits> visits() const { return visits_; }
  /// Sorted by stage, day.
  std::span<const Creations> creations() const { return creations_; }

 private:
  void check_day(DayNumber day);

  std::optional<StageGraph> graph_;
  std::optional<DayNumber> as_of_day_;
  std::vector<Visits> visits_;
  std::vector<Creations> creations_;
};

}  // namespace putki
