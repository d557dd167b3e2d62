#pragma once
/// \file
/// CSV exports of a CRM to an EventLog.
///
/// RFC 4180 quoting with line breaks inside fields; separators , ; tab | detected from the header; UTF-8 with or
/// without BOM; LF, CRLF or CR. The time format is detected per column over the whole column; one that reads both as
/// M/D/Y and D/M/Y on every row is refused (ErrorCode::ambiguous) with the way to state it. Dirty rows are set aside
/// and reported, never lost. UTF-16, binary input and missing columns throw InputError. Empty input (not even a header)
/// throws; a header alone is an empty log.
///
/// Cost: one pass over the bytes, aim >= 400 MB/s to columns on one core.

#include <putki/core/progress.hpp>
#include <putki/events/event_log.hpp>
#include <putki/ingest/pipeline_definition.hpp>

#include <filesystem>
#include <string_view>

namespace putki {

struct CsvOptions {
  /// Stop with InputError (ErrorCode::dirty_data) at the first row that would be set aside for a defect (an ignored
  /// stage is none).
  bool strict = false;
  Progress progress = {};
};

struct ReadLog {
  EventLog log;
  DataQualityReport report;
};

ReadLog read_csv(const std::filesystem::path& file, const PipelineDefinition& definition,
                 const CsvOptions& options = {});
/// The same from memory; `where` names it in messages.
ReadLog parse_csv(std::string_view text, const PipelineDefinition& definition, const CsvOptions& options = {},
                  std::string_view where = "csv");

}  // namespace putki
