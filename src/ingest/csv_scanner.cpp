#include "ingest/csv_scanner.hpp"

#include <algorithm>

#include "ingest/cell_text.hpp"

namespace putki {

CsvScanner::CsvScanner(CsvSource& source, CsvFormat format, std::vector<std::uint32_t> slots)
    : source_(&source), format_(format), slots_(std::move(slots)) {
  std::size_t slot_count = 0;
  for (const std::uint32_t slot : slots_) {
    if (slot != kNoSlot) slot_count = std::max<std::size_t>(slot_count, slot + 1);
  }
  fields_.resize(slot_count);
  owned_.resize(slot_count);
  use_window();
}

void CsvScanner::use_window() {
  const std::string_view window = source_->window();
  record_ = at_ = window.data();
  end_ = at_ + window.size();
  load(at_);
}

// The field that may begin with a quote, after spaces. Returns where it stops; what stands between the closing quote
// and there belongs to the field, as most writers of such files mean it.
const char* CsvScanner::quoted_field(const char* begin, std::uint32_t slot) {
  const auto keep = [this, slot](std::string_view field) {
    if (slot != kNoSlot) fields_[slot] = field;
  };
  const char* open = begin;
  while (open < end_ && *open == ' ') ++open;
  if (open == end_ || *open != '"') {
    const char* stop = field_end(begin);
    keep({begin, static_cast<std::size_t>(stop - begin)});
    return stop;
  }
  const char* content = open + 1;
  const char* close = content;
  bool doubled = false;
  for (;;) {
    close = static_cast<const char*>(close == end_ ? nullptr
                                                   : std::memchr(close, '"', static_cast<std::size_t>(end_ - close)));
    if (close == nullptr) {
      unterminated_ = true;
      keep({content, static_cast<std::size_t>(end_ - content)});
      return end_;
    }
    if (close + 1 == end_ || close[1] != '"') break;
    doubled = true;
    close += 2;
  }
  const char* stop = field_end(close + 1);
  const std::string_view field{content, static_cast<std::size_t>(close - content)};
  keep(field);
  const std::string_view after = trimmed({close + 1, static_cast<std::size_t>(stop - close - 1)});
  if ((doubled || !after.empty()) && slot != kNoSlot) {
    std::string& text = owned_[slot];
    text.clear();
    for (std::size_t i = 0; i < field.size(); ++i) {
      text += field[i];
      if (field[i] == '"') ++i;
    }
    text += after;
    keep(text);
  }
  return stop;
}

bool CsvScanner::is_blank_line(const char* begin, const char* end) const {
  return std::all_of(begin, end, [](char c) { return static_cast<unsigned char>(c) <= ' '; });
}

}  // namespace putki
