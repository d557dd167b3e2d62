#pragma once
// One deal after the other: its rows put in time order, cleaned, and written to the columns of the log.

#include <set>
#include <span>
#include <tuple>

#include "events/event_log_columns.hpp"
#include "events/staged_rows.hpp"

namespace putki {

class DealCleaner {
 public:
  // Makes room in `columns` for every row. `report` may be null.
  DealCleaner(const StagedRows& rows, const StringTable& deals, const StageGraph& graph, const EventLogOptions& options,
              bool note_amounts, DataQualityReport* report, EventLogColumns& columns);

  // The rows of the next deal, as numbers of rows in the order they came; sorted in place when they are not in time
  // order.
  void clean(std::span<std::uint32_t> order);
  // Events written so far.
  std::uint32_t event_count() const { return written_; }
  // Freezes what concerns the log as a whole, and checks that every row was used or set aside.
  void finish();

 private:
  using Content = std::tuple<std::uint16_t, std::int64_t, DayNumber>;

  bool is_declared(StageId from, StageId to) const;
  bool is_duplicate(std::uint32_t group, const StagedRow& row, DayNumber expected_close);
  [[noreturn]] void refuse_time_of_day(const StagedRow& row, DayNumber day) const;
  void set_aside(DataRule rule, std::uint32_t row, std::string_view example = {});
  void note(DataRule rule, std::uint32_t row, std::string_view example = {});
  // For the report; empty without one.
  std::string move_text(StageId from, StageId to) const;

  const StagedRows& rows_;
  const StringTable& deals_;
  const StageGraph& graph_;
  const EventLogOptions& options_;
  bool note_amounts_;
  DataQualityReport* report_;
  EventLogColumns& columns_;

  const TimeZone& zone_;
  std::size_t stage_count_;
  std::vector<StageKind> kinds_;
  bool declares_moves_;
  std::vector<char> allowed_;  // [from][to], kept for graphs of sensible size
  bool date_only_ = true;
  std::int64_t first_time_;
  std::int64_t last_time_;
  std::uint32_t written_ = 0;
  std::uint64_t set_aside_ = 0;
  std::set<Content> crowd_;  // contents of a large group of equal times
  std::uint32_t crowd_group_;
  std::uint32_t crowd_end_ = 0;
};

}  // namespace putki
