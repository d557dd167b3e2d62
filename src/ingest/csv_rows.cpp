#include "ingest/csv_rows.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/in_quotes.hpp"
#include "ingest/utf8_text.hpp"

namespace putki {
namespace {

constexpr std::uint64_t kProgressRows = 1 << 16;

CsvSource& restarted(CsvSource& source, const CsvLayout& layout) {
  source.restart_at(layout.rows_begin);
  return source;
}

}  // namespace

std::size_t Columns::require(const std::string& name, std::string_view role) {
  if (name.empty()) {
    throw DefinitionError(fmt::format("the definition names no column as columns.{}, which its shape needs", role));
  }
  return allow(name, role);
}

std::size_t Columns::allow(const std::string& name, std::string_view role) {
  if (name.empty()) return kNone;
  wanted_.push_back({name, std::string(role)});
  return wanted_.size() - 1;
}

RowWalk::RowWalk(CsvSource& source, const CsvOptions& options, const CsvLayout& layout)
    : source_(source),
      options_(options),
      column_count_(layout.column_count),
      slot_count_(static_cast<std::size_t>(
          std::count_if(layout.slots.begin(), layout.slots.end(), [](auto s) { return s != CsvScanner::kNoSlot; }))),
      scanner_(restarted(source, layout), layout.format, layout.slots) {
  scanner_.count_rows_from(layout.header_row);
}

bool RowWalk::next() {
  while (scanner_.next()) {
    if (rows_++ % kProgressRows == 0) [[unlikely]] {
      report_progress(options_.progress, source_.share_before(scanner_.position()));
    }
    if (scanner_.unterminated()) [[unlikely]] {
      throw InputError(fmt::format("{}, row {}: a quote opened in this row is never closed", source_.where(), row()));
    }
    if (scanner_.field_count() != column_count_) [[unlikely]] {
      const std::string record(trimmed(scanner_.record()));
      set_aside(DataRule::wrong_column_count, is_utf8(record) ? record : from_windows_1252(record));
      continue;
    }
    if (!source_.is_ascii()) repair_text();
    return true;
  }
  return false;
}

void RowWalk::repair_text() {
  bool repaired = false;
  for (std::size_t slot = 0; slot < slot_count_; ++slot) {
    const std::string_view text = scanner_.field(slot);
    if (is_ascii(text) || is_utf8(text)) continue;
    scanner_.replace(slot, scanner_.own(slot) = from_windows_1252(text));
    repaired = true;
  }
  if (repaired) note(DataRule::not_utf8);
}

void RowWalk::set_aside(DataRule rule, std::string_view example) {
  report_.row_read();
  report_.found(rule, row(), example);
  if (options_.strict && !first_defect_ && rule != DataRule::ignored_stage) {
    first_defect_ = Defect{rule, row(), std::string(example)};
  }
}

void RowWalk::refuse_defects(const DataQualityReport& report) const {
  if (!options_.strict) return;
  std::optional<Defect> first = first_defect_;
  for (const auto& [rule, finding] : report.findings()) {
    if (!sets_aside(rule) || rule == DataRule::ignored_stage) continue;
    if (!first || finding.first_rows.front() < first->row) first = Defect{rule, finding.first_rows.front(), {}};
  }
  if (!first) return;
  throw InputError(
      fmt::format("{}, row {}: {} ({}{}{})", source_.where(), first->row, explain(first->rule), name(first->rule),
                  first->text.empty() ? "" : ": ", first->text.empty() ? "" : detail::in_quotes(first->text)),
      ErrorCode::dirty_data);
}

void note_amount(RowWalk& walk, std::size_t slot, AmountColumn::Outcome outcome) {
  if (outcome == AmountColumn::Outcome::unreadable) walk.note(DataRule::unreadable_amount, walk.text(slot));
  if (outcome == AmountColumn::Outcome::impossible) walk.note(DataRule::impossible_amount, walk.text(slot));
}

DayNumber close_day(RowWalk& walk, std::size_t slot, TimeColumn::Outcome outcome, const TimeValue& close,
                    const TimeZone& zone) {
  if (outcome == TimeColumn::Outcome::missing) return kNoDay;
  const DayNumber day = outcome == TimeColumn::Outcome::read ? log_day(zone, close.time) : kNoDay;
  if (day == kNoDay) walk.note(DataRule::unreadable_close_date, walk.text(slot));
  return day;
}

}  // namespace putki
