#pragma once
/// \file
/// CSV exports of a CRM to an EventLog.
///
/// **File.** RFC 4180 quoting with line breaks inside fields; LF, CRLF or CR; with or without byte-order mark. The
/// separator is the one of , ; tab | under which the header has the columns of the definition. Column names match
/// exactly after trimming, else without regard to ASCII case. Text is UTF-8; a field that is not is read as
/// Windows-1252 and the row noted (`not_utf8`). Ids, stages and attributes are trimmed; blank lines are no rows.
/// InputError: no such file, a directory, empty (not even a header), UTF-16, binary, a column missing or there twice, a
/// quote never closed. A header alone gives an empty log.
///
/// **Times.** The format is detected per column over the whole column: every value votes for the formats in which it
/// can be read, the format with most votes is the column's, and values that cannot be read in it are `unreadable_time`.
/// A tie (days up to the 12th only, between M/D/Y and D/M/Y) is refused with ErrorCode::ambiguous and the way to state
/// it.
///
/// | format    | examples                                                                                           |
/// |-----------|----------------------------------------------------------------------------------------------------|
/// | iso8601   | 2012-01-13, 2012-01-13T08:15:30.123456Z, 2012-01-13 08:15 +0200, 2012/01/13                        |
/// | mdy       | 1/13/2012, 01-13-2012 08:15, 1/13/2012 8:15:30 PM                                                  |
/// | dmy       | 13/1/2012, 13-01-2012 08:15, 13.1.2012 (points are always day first)                               |
/// | epoch_s   | 1326442530, 1326442530.123 (undeclared: 9 or 10 digits, so that no serial number or year is one)   |
/// | epoch_ms  | 1326442530123 (undeclared: 12 or 13 digits)                                                        |
///
/// Years have four digits. Fractions have up to nine, cut to microseconds. Offsets: Z, UTC, +02, +0200, +02:00; without
/// one the time is in the definition's time zone. Stating mdy or dmy in the definition rules the other one out; stating
/// one of the others rules out everything else. NULL and \N are read as empty, here and in amounts.
///
/// **Amounts.** The decimal and thousands marks are those of the definition; a currency code or sign may stand on
/// either side, parentheses and minus signs make the amount `impossible_amount`. What could be meant in two ways is not
/// read but noted as `unreadable_amount`: other marks, groups that are not of three digits (or Indian, 12,34,567),
/// multiples such as 50k, and a mark before exactly three digits (1.234) unless a thousands mark is stated or other
/// amounts of the column show that the mark is decimal. More than two decimals are rounded, halves up.
///
/// **Rows.** Every row below the header is either used or set aside under exactly one rule of DataRule, the first that
/// applies in this order: wrong_column_count, ignored_stage, missing_id, missing_stage, unknown_stage, missing_time,
/// unreadable_time, time_out_of_range, then those about the deal's history. Row numbers count the header (1) and blank
/// lines; a row with line breaks inside quotes is one row.
///
/// **Shape history**: a row per change. Cleaning and its notes are those of EventLogBuilder. Notes on amounts and close
/// dates are made when the row is read, also where the deal's history sets it aside later. An attribute is the value in
/// the deal's earliest row that has one.
///
/// **Shape deals**: a row per deal with what was known when it was exported. That is less than it seems, and nothing is
/// made up for the rest:
///   - A deal begins in the graph's first entry stage at `created`. In a won or lost stage it ends there at `closed`.
///   - A deal that is still open stays in the entry stage: since when it has been in its present stage, nobody knows.
///     Any date we gave would be wrong (at `created`: views before the export would know what came later, and stages
///     would seem never to end, as closed deals do not tell theirs; at the export: a wave of moves on one day). It is
///     noted as `undated_stage`. Close rates and lifetimes are right; stages in between are not to be had from this
///     shape, but from history or stage_dates.
///   - The amount is what was known at the export. It goes to the deal's last event: of a closed deal to its end, so
///     that no view knows it before (it may have been set, or zeroed, by the closing); of an open one to its creation,
///     so that views before the export know it too early. Backtest on history exports where amounts matter.
///   - `closed` of an open deal is its expected close, unless the definition has a column for that. Closed deals get no
///     expected close: the one in the export was mostly set by the closing.
///   - A close date without time of day on the day of creation is taken as the instant of creation. Closed before
///     created: `closed_before_created`. A second row of a deal: `duplicate_row`.
///
/// **Shape stage_dates**: a row per deal with a date column per stage; empty means not entered. Dates are put in order
/// of time; at the same time, open stages come in the order of the graph and won or lost ones last; a date without time
/// of day is not before an earlier stage's time of that day. Steps back in the order of stages are fine. An end before
/// every open stage is `closed_before_created`; otherwise a stage after an end is `stage_dates_out_of_order`, or noted
/// as `reopened` under ReopenPolicy::keep. One unreadable date sets the row aside; no date at all is `missing_time`.
/// Amount, expected close and second rows as above.
///
/// Attributes in the last two shapes are those at the export.
///
/// Cost: one pass over the bytes, 400 MB/s and more to columns on one core for history exports with ISO times; a second
/// pass when the first 1,000 rows misled about a column's format. Memory: a window of one megabyte (more where a record
/// is longer) and the builder's rows; pipes, which cannot be read twice, are kept whole. May be called from several
/// threads.

#include <putki/core/progress.hpp>
#include <putki/events/event_log.hpp>
#include <putki/ingest/pipeline_definition.hpp>

#include <filesystem>
#include <string_view>

namespace putki {

struct CsvOptions {
  /// Stop with InputError (ErrorCode::dirty_data), naming the first row that would be set aside for a defect (an
  /// ignored stage is none). The file is read to its end first.
  bool strict = false;
  /// Share of the bytes done; begins anew when a second pass is needed.
  Progress progress = {};
};

struct ReadLog {
  EventLog log;
  /// rows_read() is the number of data rows; adds_up() is always true.
  DataQualityReport report;
};

ReadLog read_csv(const std::filesystem::path& file, const PipelineDefinition& definition,
                 const CsvOptions& options = {});
/// The same from memory; `where` names it in messages.
ReadLog parse_csv(std::string_view text, const PipelineDefinition& definition, const CsvOptions& options = {},
                  std::string_view where = "csv");

}  // namespace putki
