#pragma once
// Where in a CSV file the columns are that a pipeline definition, or a reader's caller, asks for.

#include <putki/ingest/pipeline_definition.hpp>

#include "ingest/csv_scanner.hpp"

namespace putki {

// A column that is asked for; `role` is its key ("time", "stage_dates.Won").
struct WantedColumn {
  std::string name;
  std::string role;
};

struct CsvLayout {
  CsvFormat format;
  std::size_t column_count = 0;
  // slots[c] is the number in the list of wanted columns that column c serves, or CsvScanner::kNoSlot.
  std::vector<std::uint32_t> slots;
  std::size_t rows_begin = 0;    // where the source restarts after the header
  std::uint64_t header_row = 1;  // its number; the next record is one more
};

// The separator is the stated one, or the one under which the header has most of the wanted columns, then most columns.
// Column names match exactly after trimming, else without regard to ASCII case. InputError names a wanted column that
// is missing or there twice, and lists the columns there are; `asker` is whose key the role is.
CsvLayout find_layout(CsvSource& source, const std::vector<WantedColumn>& wanted, char stated_separator,
                      std::string_view asker = "the definition's");

}  // namespace putki
