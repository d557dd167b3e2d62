#pragma once
// Records and fields of CSV text (RFC 4180), without copying: a record's fields stay until the next is asked for.
//
// Every 64 bytes are turned into one mask of separators and line ends, so that finding the end of a field is one
// instruction and a field costs the same however long it is. A quote is special only where a field begins; there the
// scanner leaves the mask and looks for the closing quote.

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "ingest/csv_source.hpp"

namespace putki {

struct CsvFormat {
  char separator = ',';
  char line_end = '\n';  // '\r' only where lines end in a bare carriage return
};

class CsvScanner {
 public:
  // slots[c] is where the text of column c goes; kNoSlot and columns past the end are only counted.
  static constexpr std::uint32_t kNoSlot = 0xffffffffU;
  CsvScanner(CsvSource& source, CsvFormat format, std::vector<std::uint32_t> slots);

  // The next record that is not a blank line; false at the end of the text.
  bool next();

  std::size_t field_count() const { return field_count_; }
  std::string_view field(std::size_t slot) const { return fields_[slot]; }
  // A text for the slot that stays until the next record.
  std::string& own(std::size_t slot) { return owned_[slot]; }
  void replace(std::size_t slot, std::string_view text) { fields_[slot] = text; }

  // 1 for the first record of the text; blank lines count, line breaks inside quotes do not.
  std::uint64_t row() const { return row_; }
  void count_rows_from(std::uint64_t row) { row_ = row; }
  std::string_view record() const { return {record_, static_cast<std::size_t>(at_ - record_)}; }
  // Where the next record begins.
  const char* position() const { return at_; }
  // The last record ended with the text inside a quoted field.
  bool unterminated() const { return unterminated_; }

 private:
  void use_window();
  void load(const char* at);
  const char* field_end(const char* from);
  const char* quoted_field(const char* begin, std::uint32_t slot);
  bool is_blank_line(const char* begin, const char* end) const;

  CsvSource* source_;
  const char* end_ = nullptr;
  const char* at_ = nullptr;
  const char* record_ = nullptr;
  const char* block_ = nullptr;  // the mask speaks of [block_, block_ + 64)
  std::uint64_t mask_ = 0;
  CsvFormat format_;
  std::vector<std::uint32_t> slots_;
  std::vector<std::string_view> fields_;
  std::vector<std::string> owned_;
  std::size_t field_count_ = 0;
  std::uint64_t row_ = 0;
  bool unterminated_ = false;
};

namespace detail {

// Bit i: byte i of the 64 is a separator or line end.
inline std::uint64_t structural_mask(const char* bytes, CsvFormat format) {
#if defined(__SSE2__)
  const __m128i separator = _mm_set1_epi8(format.separator);
  const __m128i line_end = _mm_set1_epi8(format.line_end);
  std::uint64_t mask = 0;
  for (std::size_t part = 0; part < 64; part += 16) {
    const __m128i chunk = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + part));
    const __m128i hit = _mm_or_si128(_mm_cmpeq_epi8(chunk, separator), _mm_cmpeq_epi8(chunk, line_end));
    mask |= static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm_movemask_epi8(hit))) << part;
  }
  return mask;
#else
  std::uint64_t mask = 0;
  for (int i = 0; i < 64; ++i) {
    mask |= static_cast<std::uint64_t>(bytes[i] == format.separator || bytes[i] == format.line_end) << i;
  }
  return mask;
#endif
}

}  // namespace detail

inline void CsvScanner::load(const char* at) {
  block_ = at;
  if (end_ - at >= 64) [[likely]] {
    mask_ = detail::structural_mask(at, format_);
  } else {
    std::array<char, 64> rest{};
    if (at != end_) std::memcpy(rest.data(), at, static_cast<std::size_t>(end_ - at));
    mask_ = detail::structural_mask(rest.data(), format_);
  }
}

// The first separator or line end at or after `from`, else the end of the text.
inline const char* CsvScanner::field_end(const char* from) {
  if (from >= block_ + 64) {
    if (from >= end_) return end_;
    load(from);
  }
  mask_ &= ~std::uint64_t{0} << (from - block_);
  while (mask_ == 0) {
    if (end_ - block_ <= 64) return end_;
    load(block_ + 64);
  }
  return block_ + std::countr_zero(mask_);
}

inline bool CsvScanner::next() {
  while (at_ < end_ || source_->has_more()) {
    ++row_;
    field_count_ = 0;
    record_ = at_;
    const char* field_begin = at_;
    for (;;) {
      const std::uint32_t slot = field_count_ < slots_.size() ? slots_[field_count_] : kNoSlot;
      const char* stop = nullptr;
      if (field_begin < end_ && (*field_begin == '"' || *field_begin == ' ')) [[unlikely]] {
        stop = quoted_field(field_begin, slot);
      } else {
        stop = field_end(field_begin);
        // The line end of a CRLF file, when it is one.
        const bool has_return = stop > field_begin && stop[-1] == '\r' && (stop == end_ || *stop == '\n');
        if (slot != kNoSlot)
          fields_[slot] = {field_begin, static_cast<std::size_t>(stop - field_begin) - (has_return ? 1 : 0)};
      }
      ++field_count_;
      if (stop == end_) [[unlikely]] {
        if (source_->has_more()) {
          // The record goes on past the window: once more, from its beginning, in a window that has more of it.
          source_->advance(record_);
          use_window();
          field_begin = record_;
          field_count_ = 0;
          unterminated_ = false;
          continue;
        }
        at_ = end_;
        break;
      }
      field_begin = stop + 1;
      if (*stop == format_.line_end) {
        at_ = field_begin;
        break;
      }
    }
    if (field_count_ == 1 && is_blank_line(record_, at_)) continue;
    return true;
  }
  return false;
}

}  // namespace putki
