#pragma once
// Where in a CSV file the columns are that a pipeline definition asks for.

#include <putki/ingest/pipeline_definition.hpp>

#include "ingest/csv_scanner.hpp"

namespace putki {

// A column the definition names; `role` is its key there ("time", "stage_dates.Won").
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
// is missing or there twice, and lists the columns there are.
CsvLayout find_layout(CsvSource& source, const std::vector<WantedColumn>& wanted, char stated_separator);

}  // namespace putki
