#pragma once
// What the readers of deals in all three shapes and of orders share: the columns asked for, and a walk over the data
// rows that keeps the books.

#include <putki/ingest/csv_reader.hpp>

#include <optional>

#include "ingest/cell_text.hpp"
#include "ingest/csv_amount.hpp"
#include "ingest/csv_layout.hpp"
#include "ingest/csv_time.hpp"

namespace putki {

struct CsvInput {
  CsvSource& source;
  const PipelineDefinition& definition;
  const CsvOptions& options;
};

// Columns asked for, each with the slot its text will be in.
class Columns {
 public:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  // DefinitionError when the definition does not name a column that its shape needs.
  std::size_t require(const std::string& name, std::string_view role);
  // kNone when the definition names none.
  std::size_t allow(const std::string& name, std::string_view role);
  const std::vector<WantedColumn>& wanted() const { return wanted_; }

 private:
  std::vector<WantedColumn> wanted_;
};

// One go over the data rows. Rows that do not fit the header are set aside here; of the others the caller says what
// becomes of each.
class RowWalk {
 public:
  RowWalk(CsvSource& source, const CsvOptions& options, const CsvLayout& layout);

  // The next row of as many fields as the header has; false at the end. InputError on an unterminated quote, Cancelled
  // on the caller's wish.
  bool next();
  std::string_view raw(std::size_t slot) const { return scanner_.field(slot); }
  std::string_view text(std::size_t slot) const { return trimmed(scanner_.field(slot)); }
  std::uint64_t row() const { return scanner_.row(); }
  // Rows met so far.
  std::uint64_t rows() const { return rows_; }

  // Counts the row as read and set aside.
  void set_aside(DataRule rule, std::string_view example = {});
  void note(DataRule rule, std::string_view example = {}) { report_.found(rule, row(), example); }
  DataQualityReport& report() { return report_; }

  // In strict reading: InputError (ErrorCode::dirty_data) for the first row that was set aside for a defect, here or in
  // `report`.
  void refuse_defects(const DataQualityReport& report) const;

 private:
  struct Defect {
    DataRule rule;
    std::uint64_t row;
    std::string text;
  };
  void repair_text();

  CsvSource& source_;
  const CsvOptions& options_;
  std::size_t column_count_;
  std::size_t slot_count_;
  CsvScanner scanner_;
  DataQualityReport report_;
  std::optional<Defect> first_defect_;
  std::uint64_t rows_ = 0;
};

// Notes an amount that could not be used.
void note_amount(RowWalk& walk, std::size_t slot, AmountColumn::Outcome outcome);
// The local day of an expected close; kNoDay, noted, when it cannot be used.
DayNumber close_day(RowWalk& walk, std::size_t slot, TimeColumn::Outcome outcome, const TimeValue& close,
                    const TimeZone& zone);

// Rows looked at first, to guess the formats of columns.
inline constexpr std::uint64_t kSampleRows = 1'000;
inline constexpr std::uint64_t kAllRows = ~std::uint64_t{0};

// One reader for each family of shapes.
ReadLog read_history(const CsvInput& input);
ReadLog read_deal_rows(const CsvInput& input);

}  // namespace putki
