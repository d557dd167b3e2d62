#pragma once
// Amounts of money as exports write them.
//
// The danger is not the amount that cannot be read but the one that is read wrongly: 1.234 is one and a bit in London
// and over a thousand in Berlin. So only the decimal mark and the thousands mark that the definition states are taken,
// groups must have three digits (or be Indian: twos before a last three), and a single mark before exactly three digits
// is believed to be decimal only when a thousands mark is stated, too, or when other amounts of the column can only be
// read that way (12.5) and none only the other way (1.234.567).

#include <putki/core/money.hpp>
#include <putki/ingest/pipeline_definition.hpp>

#include <cstdint>
#include <string_view>

namespace putki {

class AmountColumn {
 public:
  enum class Outcome { read, missing, unreadable, impossible };

  // What deals are worth is never below zero: `impossible`, unless `negatives` are wanted, as of orders.
  explicit AmountColumn(const ReadFormats& formats, bool negatives = false)
      : decimal_(formats.decimal),
        thousands_(formats.thousands),
        negatives_(negatives),
        mark_is_decimal_(thousands_ != '\0') {}

  // `amount` is kNoAmount unless the outcome is `read`.
  Outcome read(std::string_view text, Money& amount) {
    // Up to 13 plain digits, and no more than two after a decimal mark: the common cases.
    std::int64_t units = 0;
    std::size_t i = 0;
    for (; i < text.size() && i < 13 && static_cast<unsigned char>(text[i] - '0') < 10; ++i) {
      units = units * 10 + (text[i] - '0');
    }
    if (i == text.size() && i > 0) [[likely]] {
      amount = Money{units * 100};
      return Outcome::read;
    }
    const std::size_t after = text.size() - i;
    if (i > 0 && (after == 2 || after == 3) && text[i] == decimal_) {
      const unsigned tenths = static_cast<unsigned char>(text[i + 1] - '0');
      const unsigned hundredths = after == 3 ? static_cast<unsigned char>(text[i + 2] - '0') : 0;
      if (tenths < 10 && hundredths < 10) {
        ++decimals_;
        amount = Money{units * 100 + std::int64_t{tenths * 10 + hundredths}};
        return Outcome::read;
      }
    }
    return read_any(text, amount);
  }

  // To be called after all rows were read: false when the marks before three digits were taken for what the column as a
  // whole says they are not; then the next go takes them rightly.
  bool settle();
  // The same after some of the rows: the best guess.
  void guess() { settle(); }

 private:
  Outcome read_any(std::string_view text, Money& amount);
  Outcome read_number(std::string_view text, bool negative, Money& amount);

  char decimal_;
  char thousands_;
  bool negatives_;
  bool mark_is_decimal_;
  std::uint64_t doubtful_ = 0;  // a mark before exactly three digits
  std::uint64_t decimals_ = 0;  // marks that can only be decimal
  std::uint64_t groups_ = 0;    // marks that can only part thousands
};

}  // namespace putki
