#include <putki/ingest/csv_reader.hpp>

#include "ingest/csv_rows.hpp"
#include "ingest/csv_source.hpp"

namespace putki {

ReadLog parse_csv(std::string_view text, const PipelineDefinition& definition, const CsvOptions& options,
                  std::string_view where) {
  const CsvText examined = examine_text(text, where);
  const CsvInput input{examined.body, examined.ascii, where, definition, options};
  ReadLog result = definition.shape == ExportShape::history ? read_history(input) : read_deal_rows(input);
  report_progress(options.progress, 1.0);
  return result;
}

ReadLog read_csv(const std::filesystem::path& file, const PipelineDefinition& definition, const CsvOptions& options) {
  const FileBytes bytes = read_whole_file(file);
  return parse_csv(bytes.view(), definition, options, file.string());
}

}  // namespace putki
