#include <putki/ingest/csv_reader.hpp>

#include "ingest/csv_rows.hpp"
#include "ingest/csv_source.hpp"

namespace putki {
namespace {

ReadLog read(CsvSource& source, const PipelineDefinition& definition, const CsvOptions& options) {
  const CsvInput input{source, definition, options};
  ReadLog result = definition.shape == ExportShape::history ? read_history(input) : read_deal_rows(input);
  report_progress(options.progress, 1.0);
  return result;
}

}  // namespace

ReadLog parse_csv(std::string_view text, const PipelineDefinition& definition, const CsvOptions& options,
                  std::string_view where) {
  CsvSource source(text, where);
  return read(source, definition, options);
}

ReadLog read_csv(const std::filesystem::path& file, const PipelineDefinition& definition, const CsvOptions& options) {
  CsvSource source(file);
  return read(source, definition, options);
}

}  // namespace putki
