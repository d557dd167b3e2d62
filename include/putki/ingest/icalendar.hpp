#pragma once
/// \file
/// Days off from an iCalendar file (.ics), the form in which calendars of holidays are published.
///
/// Read is what RFC 5545 says of whole-day events: every VEVENT takes its days off, whatever it is called.
///
/// | property      | taken as                                                                                        |
/// |---------------|-------------------------------------------------------------------------------------------------|
/// | DTSTART       | the first day: VALUE=DATE or eight digits. A time of day: see below                             |
/// | DTEND         | the day after the last; equal to DTSTART, as some write it, or missing: one day                 |
/// | DURATION      | whole days or weeks (P1D, P2W) in place of DTEND                                                |
/// | RRULE         | FREQ=YEARLY with INTERVAL, UNTIL or COUNT, BYMONTH, BYMONTHDAY (from the end, too), BYDAY (with |
/// |               | a number: the nth in the month, or in the year without BYMONTH). DTSTART is its first day       |
/// | RDATE, EXDATE | days on which it begins besides, and does not begin                                             |
/// | RECURRENCE-ID | the event takes the place of the one of the same UID that the rule begins on that day           |
/// | STATUS        | CANCELLED: no day off; with RECURRENCE-ID, that one time                                        |
///
/// Events with a time of day are no days off, unless they run from local midnight to local midnight (no `Z`, which is
/// another place's midnight): then they are whole days. Everything else (TRANSP, CLASS, alarms, time zones, to-dos,
/// texts and their escapes) is passed over. Any other rule, such as FREQ=WEEKLY or BYSETPOS, is refused by name: a
/// calendar half understood is wrong in silence.
///
/// Lines end with CRLF or LF, folded ones are joined, a byte order mark is skipped, names are in any case. Days are
/// local days; kept are those of 1970 to 2099, what lies outside is left out, and rules without an end run to 2099.
///
/// Values; safe to call from several threads. Cost: O(size) and 1 us a year and rule. A calendar without events has no
/// days off; an empty text is no calendar.

#include <putki/core/time.hpp>

#include <filesystem>
#include <string_view>
#include <vector>

namespace putki {

/// The days off, ascending, each once. InputError: "where: line 12: what is wrong", in one line; also beyond 16 MB, or
/// when the rules ask for more than ten million days.
std::vector<Day> parse_icalendar_days_off(std::string_view text, std::string_view where = "calendar");
/// The same from a file, whose name goes into messages. InputError (ErrorCode::io) when it cannot be read or is
/// a directory.
std::vector<Day> read_icalendar_days_off(const std::filesystem::path& file);

}  // namespace putki
