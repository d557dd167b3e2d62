#include <putki/events/data_quality.hpp>

#include <algorithm>

namespace putki {
namespace {

constexpr std::size_t kExampleLength = 80;

// At most kExampleLength bytes, never cutting a UTF-8 sequence in two.
std::string_view cut(std::string_view text) {
  if (text.size() <= kExampleLength) return text;
  std::size_t end = kExampleLength;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end);
}

void keep_smallest(std::vector<std::uint64_t>& rows, std::uint64_t row) {
  if (rows.size() == DataQualityReport::kRowsKept && row >= rows.back()) return;
  rows.insert(std::upper_bound(rows.begin(), rows.end(), row), row);
  if (rows.size() > DataQualityReport::kRowsKept) rows.pop_back();
}

void keep_smallest(std::vector<std::string>& examples, std::string_view example) {
  const auto place = std::lower_bound(examples.begin(), examples.end(), example);
  if (place != examples.end() && *place == example) return;
  if (examples.size() == DataQualityReport::kRowsKept && place == examples.end()) return;
  examples.insert(place, std::string(example));
  if (examples.size() > DataQualityReport::kRowsKept) examples.pop_back();
}

}  // namespace

bool sets_aside(DataRule rule) {
  return rule <= DataRule::negative_amount;
}

std::string_view name(DataRule rule) {
  switch (rule) {
    case DataRule::ignored_stage:
      return "ignored_stage";
    case DataRule::missing_id:
      return "missing_id";
    case DataRule::missing_stage:
      return "missing_stage";
    case DataRule::unknown_stage:
      return "unknown_stage";
    case DataRule::missing_time:
      return "missing_time";
    case DataRule::unreadable_time:
      return "unreadable_time";
    case DataRule::time_out_of_range:
      return "time_out_of_range";
    case DataRule::wrong_column_count:
      return "wrong_column_count";
    case DataRule::closed_before_created:
      return "closed_before_created";
    case DataRule::stage_dates_out_of_order:
      return "stage_dates_out_of_order";
    case DataRule::duplicate_row:
      return "duplicate_row";
    case DataRule::after_terminal:
      return "after_terminal";
    case DataRule::negative_amount:
      return "negative_amount";
    case DataRule::reopened:
      return "reopened";
    case DataRule::unreadable_amount:
      return "unreadable_amount";
    case DataRule::impossible_amount:
      return "impossible_amount";
    case DataRule::unreadable_close_date:
      return "unreadable_close_date";
    case DataRule::empty_amount_while_open:
      return "empty_amount_while_open";
    case DataRule::zero_amount_at_loss:
      return "zero_amount_at_loss";
    case DataRule::undeclared_move:
      return "undeclared_move";
    case DataRule::undated_stage:
      return "undated_stage";
    case DataRule::not_utf8:
      return "not_utf8";
    case DataRule::repeated_row:
      return "repeated_row";
    case DataRule::missing_amount:
      return "missing_amount";
    case DataRule::zero_amount:
      return "zero_amount";
    case DataRule::unreadable_contract_end:
      return "unreadable_contract_end";
  }
  return "unknown_rule";
}

std::string_view explain(DataRule rule) {
  switch (rule) {
    case DataRule::ignored_stage:
      return "the definition says to ignore this stage name";
    case DataRule::missing_id:
      return "no id of a deal or customer";
    case DataRule::missing_stage:
      return "no stage";
    case DataRule::unknown_stage:
      return "stage name is neither a stage, an alias nor ignored in the definition";
    case DataRule::missing_time:
      return "no time where one is needed";
    case DataRule::unreadable_time:
      return "time is not in the format of its column";
    case DataRule::time_out_of_range:
      return "time is before 1970 or after 2099";
    case DataRule::wrong_column_count:
      return "more or fewer fields than the header has";
    case DataRule::closed_before_created:
      return "closed before it was created";
    case DataRule::stage_dates_out_of_order:
      return "an open stage is dated after the stage that ended the deal";
    case DataRule::duplicate_row:
      return "says what an earlier row has said";
    case DataRule::after_terminal:
      return "a move out of a won or lost stage; the policy is to ignore it";
    case DataRule::negative_amount:
      return "amount is below zero: a return or a credit, no order";
    case DataRule::reopened:
      return "a move out of a won or lost stage; the deal is open again from there";
    case DataRule::unreadable_amount:
      return "amount cannot be read for certain; used without an amount";
    case DataRule::impossible_amount:
      return "amount is negative, infinite or beyond range; used without an amount";
    case DataRule::unreadable_close_date:
      return "expected close is no date from 1970 to 2099; used without one";
    case DataRule::empty_amount_while_open:
      return "no amount was known while the deal was open";
    case DataRule::zero_amount_at_loss:
      return "amount is zero in a lost stage: zeroed at closing rather than worth nothing";
    case DataRule::undeclared_move:
      return "a move the definition does not declare";
    case DataRule::undated_stage:
      return "present stage has no date of entry; the deal counts as open in the entry stage";
    case DataRule::not_utf8:
      return "text is not UTF-8; read as Windows-1252";
    case DataRule::repeated_row:
      return "equal to an earlier row; taken for an order of its own";
    case DataRule::missing_amount:
      return "an order without an amount; counted as a purchase, not as spending";
    case DataRule::zero_amount:
      return "an order of zero; counted as a purchase, not as spending";
    case DataRule::unreadable_contract_end:
      return "contract end is no date from 1970 to 2099, or before the order; used without one";
  }
  return "";
}

void DataQualityReport::found(DataRule rule, std::uint64_t row, std::string_view example) {
  Finding& finding = findings_[rule];
  ++finding.count;
  keep_smallest(finding.first_rows, row);
  if (!example.empty()) keep_smallest(finding.examples, cut(example));
}

std::uint64_t DataQualityReport::rows_set_aside() const {
  std::uint64_t total = 0;
  for (const auto& [rule, finding] : findings_) {
    if (sets_aside(rule)) total += finding.count;
  }
  return total;
}

std::uint64_t DataQualityReport::count(DataRule rule) const {
  const auto found = findings_.find(rule);
  return found == findings_.end() ? 0 : found->second.count;
}

void DataQualityReport::merge(const DataQualityReport& other) {
  if (&other == this) {
    merge(DataQualityReport(other));
    return;
  }
  rows_read_ += other.rows_read_;
  rows_used_ += other.rows_used_;
  for (const auto& [rule, theirs] : other.findings_) {
    Finding& ours = findings_[rule];
    ours.count += theirs.count;
    for (const std::uint64_t row : theirs.first_rows) keep_smallest(ours.first_rows, row);
    for (const std::string& example : theirs.examples) keep_smallest(ours.examples, example);
  }
}

}  // namespace putki
