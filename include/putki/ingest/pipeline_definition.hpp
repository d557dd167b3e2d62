#pragma once
/// \file
/// The JSON definition of a pipeline: its stages, how raw names map to them, and how the export is written.
///
///     {
///       "name": "Personal loans",
///       "time_zone": "CET-1CEST,M3.5.0,M10.5.0/3",
///       "calendar": {"country": "NL", "holidays": ["2012-01-02"]},
///       "stages": [
///         {"name": "Submitted", "kind": "open", "aliases": ["A_SUBMITTED"]},
///         {"name": "Won", "kind": "won", "aliases": ["A_APPROVED", "A_REGISTERED", "A_ACTIVATED"]}
///       ],
///       "moves": [["Submitted", "Won"]],
///       "entries": ["Submitted"],
///       "ignore": ["O_SELECTED"],
///       "shape": "history",
///       "columns": {"deal": "case_id", "stage": "stage", "time": "entered_at", "amount": "amount_requested",
///                   "expected_close": "close_date", "attributes": ["owner"]},
///       "formats": {"time": "auto", "decimal": ".", "thousands": "", "separator": "auto"},
///       "reopened": "ignore"
///     }
///
/// Only "stages" (one of them won) and "columns" are required. What the others mean when they are missing:
///
/// | key       | allowed                                              | when missing                                |
/// |-----------|------------------------------------------------------|---------------------------------------------|
/// | name      | a text                                               | empty                                       |
/// | time_zone | what TimeZone::parse takes                           | UTC                                         |
/// | calendar  | days off, see below                                  | none stated: `calendar` is empty            |
/// | kind      | open, on_hold, won, lost                             | open                                        |
/// | moves     | pairs of stage names                                 | (or empty) any move is allowed              |
/// | entries   | stage names                                          | (or empty) derived, see StageGraph::entries |
/// | ignore    | raw stage names whose rows are left out              | none                                        |
/// | shape     | history, deals, stage_dates                          | history                                     |
/// | reopened  | keep, ignore                                         | ignore                                      |
/// | time      | auto, iso8601, mdy, dmy, epoch_s, epoch_ms           | auto: detected per column                   |
/// | decimal   | "." or ","                                           | "."                                         |
/// | thousands | "", ".", ",", "'", " " (no-break spaces included)    | "": none; never equal to the decimal mark    |
/// | separator | auto or one of , ; tab and the upright bar           | auto: detected among them                   |
///
/// The calendar's members add up; each may be missing:
///
/// | key      | allowed                                               | when missing            |
/// |----------|-------------------------------------------------------|-------------------------|
/// | country  | a code of holiday_countries(): its holidays are off   | no country's            |
/// | weekend  | names of weekdays ("Monday" ..), six at most          | Saturday and Sunday     |
/// | holidays | days "YYYY-MM-DD" of 1970 to 2099, in any order       | none                    |
/// | ics      | an iCalendar file whose whole-day events are off, see | none                    |
/// |          | icalendar.hpp; beside the definition's file           |                         |
///
/// Columns by shape; any other is refused, because nothing would read it. No two of them may name the same column.
///
/// | shape       | required                                       | allowed besides                    |
/// |-------------|------------------------------------------------|------------------------------------|
/// | history     | deal, stage, time                              | amount, expected_close, attributes |
/// | deals       | deal, stage, created                           | the same, and closed               |
/// | stage_dates | deal, stage_dates: {"stage name": "column", .} | the same                           |
///
/// Unknown keys are refused by name: a misspelt key must not be lost. So are keys given twice. Raw names match a
/// stage's name or alias exactly after trimming, else without regard to ASCII case; therefore names and aliases of two
/// stages, and ignored names, must differ by more than ASCII case. All texts are trimmed of blanks. Declared moves do
/// not filter: an event that breaks them is used, and noted as `undeclared_move`. Doubtful structure is no error here
/// (see StageGraph::check), but for a pipeline in which nothing can be won.
///
/// A file has at most 16 MB. Reading is O(size) but for the sorting of names.

#include <putki/core/calendar.hpp>
#include <putki/events/event_log_builder.hpp>
#include <putki/graph/stage_graph.hpp>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace putki {

enum class ExportShape {
  history,      ///< a row per change: deal, time, stage
  deals,        ///< a row per deal: created, closed, present stage
  stage_dates,  ///< a row per deal: a date column per stage
};

/// How the times of an export are written: `auto`, `iso8601`, `mdy`, `dmy`, `epoch_s`, `epoch_ms` in the file.
enum class TimeFormat { automatic, iso8601, month_day_year, day_month_year, epoch_seconds, epoch_milliseconds };

/// Names in the header of the export; empty: there is no such column.
struct ColumnNames {
  std::string deal;
  std::string stage;
  std::string time;
  std::string amount;
  std::string expected_close;
  std::string created;
  std::string closed;
  std::map<std::string, std::string> stage_dates;  ///< stage name -> column
  std::vector<std::string> attributes;             ///< each is the name of the attribute, too
  friend bool operator==(const ColumnNames&, const ColumnNames&) = default;
};

struct ReadFormats {
  TimeFormat time = TimeFormat::automatic;
  char decimal = '.';
  char thousands = '\0';  ///< none; ' ' stands for the no-break spaces U+00A0 and U+202F, too
  char separator = '\0';  ///< detect among , ; tab |
  friend bool operator==(const ReadFormats&, const ReadFormats&) = default;
};

struct PipelineDefinition {
  std::string name;
  StageGraph graph;
  TimeZone time_zone = {};
  /// The days on which this pipeline is worked, for business-day clocks and the rhythm of the week.
  std::optional<BusinessCalendar> calendar = std::nullopt;
  /// Raw name -> stage. Has every stage's own name, too, when it comes from `parse_pipeline_definition`.
  std::unordered_map<std::string, StageId> aliases = {};
  std::vector<std::string> ignored = {};
  ExportShape shape = ExportShape::history;
  ColumnNames columns = {};
  ReadFormats formats = {};
  ReopenPolicy reopened = ReopenPolicy::ignore;
  friend bool operator==(const PipelineDefinition&, const PipelineDefinition&) = default;
};

/// DefinitionError: "where: what was given; what is allowed", in one line, with the path of the offending value
/// (`stages[2].kind`, counted from 0), or with line and column when the text is not JSON.
PipelineDefinition parse_pipeline_definition(std::string_view json, std::string_view where = "definition");
/// The same from a file, whose name goes into messages; the only way for a calendar to name an "ics" file, which is
/// looked for in the definition's own folder. InputError (ErrorCode::io) when one of them cannot be read, InputError
/// for what is wrong in the .ics.
PipelineDefinition read_pipeline_definition(const std::filesystem::path& file);

/// The definition as `parse_pipeline_definition` reads it, everything spelt out, aliases in alphabetical order, days
/// off by country where that says them shortest: parsing it gives an equal definition. For a program that built its
/// definition in code and wants to keep it. DefinitionError when the value is no valid definition, in the same words as
/// for a file.
std::string to_json(const PipelineDefinition& definition);

}  // namespace putki
