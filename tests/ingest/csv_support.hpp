#pragma once
// A small pipeline to read exports of.

#include <putki/ingest/csv_reader.hpp>

#include <string>

namespace putki_test {

inline putki::PipelineDefinition definition_of(const std::string& members) {
  return putki::parse_pipeline_definition(R"({"stages": [{"name": "Lead", "aliases": ["New lead"]}, {"name": "Offer"},
      {"name": "Won", "kind": "won", "aliases": ["Closed Won"]}, {"name": "Lost", "kind": "lost"}],
      "ignore": ["Note"], )" + members + "}");
}
inline constexpr putki::StageId kLead{0}, kOffer{1}, kWon{2}, kLost{3};

// A row per change, with every column there can be.
inline putki::PipelineDefinition history_definition(const std::string& formats = "{}",
                                                    const std::string& time_zone = "UTC") {
  return definition_of(R"("columns": {"deal": "id", "stage": "stage", "time": "at", "amount": "amount",
      "expected_close": "close", "attributes": ["owner"]}, "formats": )" +
                       formats + R"(, "time_zone": ")" + time_zone + "\"");
}
inline constexpr const char* kHistoryHeader = "id,stage,at,amount,close,owner\n";

// The columns id, stage and at alone.
inline putki::PipelineDefinition plain_definition(const std::string& formats = "{}",
                                                  const std::string& time_zone = "UTC") {
  return definition_of(R"("columns": {"deal": "id", "stage": "stage", "time": "at"}, "formats": )" + formats +
                       R"(, "time_zone": ")" + time_zone + "\"");
}

// The message of the error of type E that reading throws, and its code.
template <class E>
std::pair<std::string, putki::ErrorCode> complaint(const std::string& text, const putki::PipelineDefinition& definition,
                                                   const putki::CsvOptions& options = {}) {
  try {
    putki::parse_csv(text, definition, options, "deals.csv");
  } catch (const E& error) {
    return {error.what(), error.code()};
  }
  return {"nothing was thrown", putki::ErrorCode::invalid_argument};
}

}  // namespace putki_test
