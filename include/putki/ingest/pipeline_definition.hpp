#pragma once
/// \file
/// The JSON definition of a pipeline: its stages, how raw names map to them, and how the export is written.
///
///     {
///       "name": "Personal loans",
///       "time_zone": "UTC",
///       "stages": [
///         {"name": "Submitted", "kind": "open", "aliases": ["A_SUBMITTED"]},
///         {"name": "Won", "kind": "won", "aliases": ["A_APPROVED", "A_REGISTERED", "A_ACTIVATED"]}
///       ],
///       "moves": [["Submitted", "Won"]],
///       "entries": ["Submitted"],
///       "ignore": ["O_SELECTED"],
///       "shape": "history",
///       "columns": {"deal": "case_id", "stage": "stage", "time": "entered_at_utc", "amount": "amount_requested",
///                   "expected_close": "...", "created": "...", "closed": "...", "stage_dates": {"Submitted":
///                   "column"}, "attributes": ["owner"]},
///       "formats": {"time": "auto", "decimal": ".", "thousands": "", "separator": "auto"},
///       "reopened": "ignore"
///     }
///
/// Only "stages" and "columns" are required. Unknown keys are refused by name: a misspelt key must not be lost. Raw
/// names match a stage's name or alias exactly after trimming, else without regard to ASCII case.

#include <putki/events/event_log_builder.hpp>
#include <putki/graph/stage_graph.hpp>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace putki {

enum class ExportShape {
  history,      ///< a row per change: deal, time, stage
  deals,        ///< a row per deal: created, closed, present stage
  stage_dates,  ///< a row per deal: a date column per stage
};

enum class TimeFormat { automatic, iso8601, month_day_year, day_month_year, epoch_seconds, epoch_milliseconds };

struct ColumnNames {
  std::string deal;
  std::string stage;
  std::string time;
  std::string amount;
  std::string expected_close;
  std::string created;
  std::string closed;
  std::map<std::string, std::string> stage_dates;  ///< stage name -> column
  std::vector<std::string> attributes;
};

struct ReadFormats {
  TimeFormat time = TimeFormat::automatic;
  char decimal = '.';
  char thousands = '\0';  ///< none
  char separator = '\0';  ///< detect among , ; tab |
};

struct PipelineDefinition {
  std::string name;
  StageGraph graph;
  TimeZone time_zone = {};
  std::unordered_map<std::string, StageId> aliases = {};  ///< raw name -> stage, stage names included
  std::vector<std::string> ignored = {};
  ExportShape shape = ExportShape::history;
  ColumnNames columns = {};
  ReadFormats formats = {};
  ReopenPolicy reopened = ReopenPolicy::ignore;
};

/// DefinitionError: "where: what was given; what is allowed", with the JSON path of the offending value.
PipelineDefinition parse_pipeline_definition(std::string_view json, std::string_view where = "definition");
/// InputError (ErrorCode::io) when the file cannot be read.
PipelineDefinition read_pipeline_definition(const std::filesystem::path& file);

}  // namespace putki
