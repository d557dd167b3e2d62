#pragma once
/// \file
/// A time zone as a value: UTC, a fixed offset, or a POSIX rule with daylight saving.
///
/// Zones are rules, not names: no database is read, so the same program gives the same days on every machine. A rule is
/// applied to every year 1970..2100, also to years in which the place kept another one; earlier and later instants are
/// read in standard time. Offsets are seconds, east of Greenwich positive. Instants and days must lie two days or more
/// inside the range of Timestamp (the years -290,307 to 294,246).
///
/// Local times that are no plain instant: one that a change forward skips is read with the offset before the change
/// (02:30 becomes 03:30); one that a change back repeats is its first occurrence.
///
/// Copies are cheap (shared immutable rule); safe to use from several threads. Cost: `parse` of a rule 5 us,
/// `offset_at`, `day_of` and `to_instant` 2-3 ns; a rule holds 6 KB.
///
/// Source of the rule syntax: POSIX.1-2017, section 8.3 (TZ), with the hours of a change from -167 to 167 as in RFC
/// 8536, section 3.3.1.

#include <putki/core/time.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace putki {

class TimeZone {
 public:
  /// UTC.
  TimeZone();

  /// `UTC` or `Z`; a fixed offset, east positive (`+02:00`, `-0530`, `+02`); or a POSIX rule, in which west is positive
  /// and the summer time, when there is one, must come with its dates:
  ///
  ///     CET-1CEST,M3.5.0,M10.5.0/3           Berlin: last Sundays of March and October
  ///     EST5EDT,M3.2.0,M11.1.0               New York: second Sunday of March, first of November
  ///     AEST-10AEDT,M10.1.0,M4.1.0/3         Sydney: summer over the turn of the year
  ///     <-03>3                               Sao Paulo: a quoted name, no summer time
  ///
  /// Throws DefinitionError with the text and the allowed forms for anything else, the empty text included. `UTC+2` and
  /// `GMT-5` are refused with code `ambiguous`: POSIX reads them with the sign that most writers do not mean.
  static TimeZone parse(std::string_view text);

  /// Local minus UTC at this instant.
  std::chrono::seconds offset_at(Timestamp instant) const;
  /// The local calendar day the instant falls on. Never decreases with time, except where a rule turns clocks back
  /// over midnight (Newfoundland until 2011, at 00:01).
  Day day_of(Timestamp instant) const;
  /// The instant at which the local day begins: 00:00 local, read as `to_instant` reads it where it is skipped or
  /// repeated; so `day_of(start_of(day)) == day`.
  Timestamp start_of(Day day) const;
  /// The instant of a local date and time of day. `since_midnight` may exceed a day.
  Timestamp to_instant(Day day, std::chrono::microseconds since_midnight) const;

  /// The text `parse` takes to give this zone: `UTC`, a fixed offset as `+02:00`, a rule as it was written.
  const std::string& text() const;

  /// By text: two spellings of one rule are different zones.
  friend bool operator==(const TimeZone& a, const TimeZone& b) { return a.text() == b.text(); }

 private:
  struct Rule;
  explicit TimeZone(std::shared_ptr<const Rule> rule);
  std::shared_ptr<const Rule> rule_;  // null: UTC
};

}  // namespace putki
