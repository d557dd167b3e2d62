#pragma once
/// \file
/// What was wrong with the input, by rule: how many rows, and which came first.
///
/// Every row read is either used or set aside under exactly one rule: rows_used + sum of set-aside counts == rows_read.
/// Notes are about rows that were used all the same; a row may have several.
///
/// A mergeable value: reports of two files, merged, describe both, in either order. For that, what is kept of each
/// finding does not depend on the order in which it was found: the smallest row numbers, and the examples that come
/// first in byte order. Cost of `found`: O(log rules + kRowsKept). Not for use by two threads at once.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace putki {

enum class DataRule {
  // rows set aside
  ignored_stage,  ///< the definition says to ignore this raw stage name
  missing_id,
  missing_stage,
  unknown_stage,
  missing_time,
  unreadable_time,
  time_out_of_range,  ///< local day before 1970 or after 2099
  wrong_column_count,
  closed_before_created,
  stage_dates_out_of_order,
  duplicate_row,
  after_terminal,   ///< a move out of a won or lost stage, under ReopenPolicy::ignore
  negative_amount,  ///< of an order: a return or a credit, under ReturnPolicy::set_aside
  // notes on rows that were used
  reopened,                 ///< the same, under ReopenPolicy::keep
  unreadable_amount,        ///< used without an amount
  impossible_amount,        ///< negative, infinite or beyond range; used without an amount
  unreadable_close_date,    ///< used without an expected close
  empty_amount_while_open,  ///< once a deal, at its first row: no amount was known in any open stage
  zero_amount_at_loss,      ///< once a deal, at its first row in a lost stage with an amount of exactly 0
  undeclared_move,          ///< the graph declares moves, and not this one
  undated_stage,            ///< a deals export does not say since when; see csv_reader.hpp
  not_utf8,                 ///< some text of the row was read as Windows-1252
  repeated_row,             ///< of an order: equal to an earlier row, and used; see DuplicatePolicy
  missing_amount,           ///< of an order: a purchase, but none whose money is known
  zero_amount,              ///< of an order: a purchase, but no spending
  unreadable_contract_end,  ///< of an order: used without a contract end
};
/// True: a row under this rule was set aside. False: a note.
bool sets_aside(DataRule rule);
/// `unknown_stage`, ...: the word used in programs' output and JSON.
std::string_view name(DataRule rule);
/// One line for a person, without a full stop.
std::string_view explain(DataRule rule);

class DataQualityReport {
 public:
  struct Finding {
    std::uint64_t count = 0;
    /// Up to kRowsKept, ascending; 1 is the first row of the file (the header).
    std::vector<std::uint64_t> first_rows;
    /// Up to kRowsKept distinct offending texts in byte order, each cut to 80 bytes (whole UTF-8 characters).
    std::vector<std::string> examples;
    friend bool operator==(const Finding&, const Finding&) = default;
  };
  static constexpr std::size_t kRowsKept = 5;

  void row_read(std::uint64_t count = 1) { rows_read_ += count; }
  void row_used(std::uint64_t count = 1) { rows_used_ += count; }
  /// Counts one row under `rule`; an empty example is not kept.
  void found(DataRule rule, std::uint64_t row, std::string_view example = {});

  std::uint64_t rows_read() const { return rows_read_; }
  std::uint64_t rows_used() const { return rows_used_; }
  std::uint64_t rows_set_aside() const;
  /// 0 for a rule never met.
  std::uint64_t count(DataRule rule) const;
  /// Rules met at least once, in the order of the enumeration: defects first, then notes.
  const std::map<DataRule, Finding>& findings() const { return findings_; }
  /// rows_used + rows_set_aside == rows_read
  bool adds_up() const { return rows_used_ + rows_set_aside() == rows_read_; }

  void merge(const DataQualityReport& other);
  friend bool operator==(const DataQualityReport&, const DataQualityReport&) = default;

 private:
  std::uint64_t rows_read_ = 0;
  std::uint64_t rows_used_ = 0;
  std::map<DataRule, Finding> findings_;
};

}  // namespace putki
