#pragma once
/// \file
/// A time zone as a value: UTC, a fixed offset, or a POSIX rule with daylight saving.
///
/// Zones are rules, not names: no database is read, so the same program gives the same days on every machine. A local
/// time that a spring change skips is read with the offset before the change; one that an autumn change repeats is its
/// first occurrence. Copies are cheap (shared immutable rule); safe to use from several threads.
///
/// Source of the rule syntax: POSIX.1-2017, section 8.3 (TZ).

#include <putki/core/time.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace putki {

class TimeZone {
 public:
  /// UTC.
  TimeZone();
  /// `UTC`, `Z`, a fixed offset (`+02:00`, `-0530`) or a POSIX rule (`CET-1CEST,M3.5.0,M10.5.0/3`).
  /// Throws DefinitionError with the text and the allowed forms otherwise.
  static TimeZone parse(std::string_view text);

  /// Local minus UTC at this instant.
  std::chrono::seconds offset_at(Timestamp instant) const;
  /// The local calendar day the instant falls on.
  Day day_of(Timestamp instant) const;
  /// The instant at which the local day begins (00:00 local).
  Timestamp start_of(Day day) const;
  /// The instant of a local date and time of day.
  Timestamp to_instant(Day day, std::chrono::microseconds since_midnight) const;
  /// The text `parse` takes.
  const std::string& text() const;

  friend bool operator==(const TimeZone& a, const TimeZone& b) { return a.text() == b.text(); }

 private:
  struct Rule;
  std::shared_ptr<const Rule> rule_;  // null: UTC
};

}  // namespace putki
