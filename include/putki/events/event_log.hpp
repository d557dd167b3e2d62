#pragma once
/// \file
/// The history of deals as columns.
///
/// Events are sorted by deal, then time; equal times keep input order. Column i of every span speaks of the same event.
/// Deal d owns the events [offsets()[d], offsets()[d + 1]). An event is the state of a deal *after* a change; one that
/// repeats the stage is an amount or date change, not a stage entry. Made by EventLogBuilder, which also cleans.
///
/// Immutable; a copy shares the columns. Safe to read from several threads. Memory: 22 bytes an event (26 with expected
/// close dates) and, per deal, its id and 4 bytes per attribute. At most 2^32 - 2 events.

#include <putki/core/money.hpp>
#include <putki/core/time.hpp>
#include <putki/core/time_zone.hpp>
#include <putki/graph/stage_graph.hpp>

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace putki {

/// Index of a deal in its log: 0 .. deal_count() - 1, in order of first appearance in the input.
enum class DealId : std::uint32_t {};
constexpr std::size_t index(DealId deal) {
  return static_cast<std::size_t>(deal);
}

/// Day number without the cost of a chrono object in hot loops: days since 1970-01-01.
using DayNumber = std::int32_t;
constexpr DayNumber day_number(Day day) {
  return static_cast<DayNumber>(day.time_since_epoch().count());
}
constexpr Day to_day(DayNumber number) {
  return Day{Days{number}};
}
inline constexpr DayNumber kNoDay = std::numeric_limits<DayNumber>::min();

/// The days a log may speak of, 1970-01-01 to 2099-12-31: those that a BusinessCalendar covers.
inline constexpr DayNumber kFirstLogDay = 0;
inline constexpr DayNumber kLastLogDay = 47'481;
constexpr bool is_log_day(DayNumber day) {
  return day >= kFirstLogDay && day <= kLastLogDay;
}
/// The local day of an instant in `zone`, kNoDay when no log may speak of it. Any instant is allowed.
inline DayNumber log_day(const TimeZone& zone, Timestamp instant) {
  if (instant < to_day(kFirstLogDay - 2) || instant > to_day(kLastLogDay + 2)) return kNoDay;
  const DayNumber day = day_number(zone.day_of(instant));
  return is_log_day(day) ? day : kNoDay;
}

/// One attribute of deals (owner, source, region, ...): a code per deal into `values`. Code 0 is the empty text:
/// unknown.
struct Attribute {
  std::string name;
  std::vector<std::string> values;
  std::vector<std::uint32_t> codes;
};

struct EventLogColumns;

class EventLog {
 public:
  /// A log of this graph without deals, in UTC.
  explicit EventLog(StageGraph graph);

  const StageGraph& graph() const;
  const TimeZone& time_zone() const;
  std::size_t deal_count() const;
  std::size_t event_count() const;

  std::span<const std::uint32_t> offsets() const;  ///< deal_count() + 1
  std::span<const Timestamp> times() const;
  std::span<const DayNumber> days() const;  ///< local day of each time in time_zone()
  std::span<const StageId> stages() const;
  std::span<const Money> amounts() const;              ///< kNoAmount where unknown; never carried forward
  std::span<const DayNumber> expected_closes() const;  ///< kNoDay where unknown; empty when no row had one

  std::string_view deal_name(DealId deal) const;
  std::optional<DealId> find_deal(std::string_view name) const;  ///< O(deals)

  std::span<const Attribute> attributes() const;
  /// InvalidArgument names the attribute asked for and those there are.
  const Attribute& attribute(std::string_view name) const;

  /// The data has dates, not times of day: what EventLogOptions::dates_only declares, else whether every event falls on
  /// a local midnight (false when there is none).
  bool date_only() const;
  /// First and last event; nothing when empty.
  std::optional<Timestamp> first_time() const;
  std::optional<Timestamp> last_time() const;

 private:
  friend class EventLogBuilder;
  explicit EventLog(std::shared_ptr<const EventLogColumns> columns);
  std::shared_ptr<const EventLogColumns> columns_;
};

}  // namespace putki
