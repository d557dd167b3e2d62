#include "ingest/csv_layout.hpp"

#include <putki/core/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "core/in_quotes.hpp"
#include "ingest/cell_text.hpp"
#include "ingest/utf8_text.hpp"

namespace putki {
namespace {

constexpr std::string_view kSeparators = ",;\t|";
constexpr std::size_t kMostColumns = 100'000;
constexpr std::size_t kColumnsListed = 40;

struct Header {
  CsvFormat format;
  std::vector<std::string> names;
  std::size_t end = 0;
  std::uint64_t row = 1;
  bool unterminated = false;
};

// '\r' when the first line ends in a bare carriage return, else '\n'.
char find_line_end(std::string_view text) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') quoted = !quoted;
    if (quoted) continue;
    if (text[i] == '\n') return '\n';
    if (text[i] == '\r') return i + 1 < text.size() && text[i + 1] == '\n' ? '\n' : '\r';
  }
  return '\n';
}

Header read_header(CsvSource& source, CsvFormat format) {
  Header header{.format = format, .names = {}};
  source.restart_at(0);
  CsvScanner counter(source, format, {});
  if (!counter.next()) return header;
  header.unterminated = counter.unterminated();
  header.row = counter.row();
  std::vector<std::uint32_t> every(std::min(counter.field_count(), kMostColumns));
  std::iota(every.begin(), every.end(), 0U);
  source.restart_at(0);
  CsvScanner reader(source, format, every);
  reader.next();
  header.end = source.distance(reader.position());
  for (const std::uint32_t slot : every) {
    const std::string_view name = trimmed(reader.field(slot));
    header.names.push_back(is_utf8(name) ? std::string(name) : from_windows_1252(name));
  }
  return header;
}

std::vector<std::size_t> columns_named(const Header& header, const std::string& name) {
  std::vector<std::size_t> found;
  for (std::size_t c = 0; c < header.names.size(); ++c) {
    if (header.names[c] == name) found.push_back(c);
  }
  if (!found.empty()) return found;
  for (std::size_t c = 0; c < header.names.size(); ++c) {
    if (lower_ascii(header.names[c]) == lower_ascii(name)) found.push_back(c);
  }
  return found;
}

std::string list_of_columns(const Header& header) {
  std::string list;
  for (std::size_t c = 0; c < header.names.size() && c < kColumnsListed; ++c) {
    list += c == 0 ? "" : ", ";
    list += detail::in_quotes(header.names[c]);
  }
  if (header.names.size() > kColumnsListed) list += fmt::format(" and {} more", header.names.size() - kColumnsListed);
  return list;
}

std::string separator_name(char separator) {
  return separator == '\t' ? "tab" : std::string(1, separator);
}

}  // namespace

CsvLayout find_layout(CsvSource& source, const std::vector<WantedColumn>& wanted, char stated_separator,
                      std::string_view asker) {
  const std::string& where = source.where();
  source.restart_at(0);
  const char line_end = find_line_end(source.window());
  Header header;
  std::size_t best_score = 0;
  for (const char separator : stated_separator != '\0' ? std::string_view(&stated_separator, 1) : kSeparators) {
    Header candidate = read_header(source, {separator, line_end});
    std::size_t found = 0;
    for (const WantedColumn& column : wanted) found += columns_named(candidate, column.name).empty() ? 0 : 1;
    const std::size_t score = 1 + found * (kMostColumns + 1) + candidate.names.size();
    if (score > best_score) {
      best_score = score;
      header = std::move(candidate);
    }
  }
  if (best_score <= 1) {
    throw InputError(fmt::format("{} is empty; a header row with column names is expected", where));
  }
  if (header.unterminated) {
    throw InputError(fmt::format("{}, row {}: a quote opened in the header is never closed", where, header.row));
  }

  CsvLayout layout;
  layout.format = header.format;
  layout.column_count = header.names.size();
  layout.slots.assign(header.names.size(), CsvScanner::kNoSlot);
  layout.rows_begin = header.end;
  layout.header_row = header.row;
  for (std::size_t w = 0; w < wanted.size(); ++w) {
    const auto places = columns_named(header, wanted[w].name);
    if (places.empty()) {
      throw InputError(fmt::format("{}, row {}: no column {} ({} columns.{}); with separator {} the file has: {}",
                                   where, header.row, detail::in_quotes(wanted[w].name), asker, wanted[w].role,
                                   separator_name(header.format.separator), list_of_columns(header)));
    }
    if (places.size() > 1) {
      throw InputError(fmt::format("{}, row {}: {} columns are named {} ({} columns.{}); the file has: {}", where,
                                   header.row, places.size(), detail::in_quotes(wanted[w].name), asker, wanted[w].role,
                                   list_of_columns(header)));
    }
    if (layout.slots[places[0]] != CsvScanner::kNoSlot) {
      throw InputError(fmt::format("{}, row {}: column {} is asked for twice, as columns.{} and columns.{}", where,
                                   header.row, detail::in_quotes(header.names[places[0]]),
                                   wanted[layout.slots[places[0]]].role, wanted[w].role));
    }
    layout.slots[places[0]] = static_cast<std::uint32_t>(w);
  }
  return layout;
}

}  // namespace putki
