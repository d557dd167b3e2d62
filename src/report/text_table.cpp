#include "report/text_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ostream>
#include <sstream>

namespace putki {
namespace {

/// Characters, not bytes: continuation bytes of UTF-8 take no column.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

}  // namespace

void TextTable::write(std::ostream& out) const {
  std::vector<std::size_t> widths(columns_.size());
  for (const auto& cells : rows_)
    for (std::size_t c = 0; c < cells.size(); ++c) widths[c] = std::max(widths[c], width_of(cells[c]));
  std::size_t whole = 2 * (widths.size() - 1);
  for (const std::size_t width : widths) whole += width;

  for (const auto& cells : rows_) {
    if (cells.empty()) {
      out << std::string(whole, '-') << '\n';
      continue;
    }
    std::string line;
    for (std::size_t c = 0; c < cells.size(); ++c) {
      const std::string padding(widths[c] - width_of(cells[c]), ' ');
      line += c > 0 ? "  " : "";
      line += columns_[c] == Align::left ? cells[c] + padding : padding + cells[c];
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out << line << '\n';
  }
}

std::string shortened(const std::string& text, std::size_t width) {
  std::string result;
  std::size_t characters = 0;
  const bool cut = width_of(text) > width;
  for (const char c : text) {
    const bool begins = (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    if (begins && cut && characters == width - 1) return result + "…";
    characters += begins ? 1 : 0;
    result += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  }
  return result;
}

std::string wrapped(const std::string& text, std::size_t indent, std::size_t width) {
  std::string lines, line;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (!line.empty() && width_of(line) + 1 + width_of(word) > width) {
      lines += line + '\n';
      line = std::string(indent, ' ') + word;
    } else {
      line += (line.empty() ? "" : " ") + word;
    }
  }
  return lines + line + '\n';
}

std::string with_commas(double value) {
  if (!std::isfinite(value)) return "-";
  std::string digits = fmt::format("{:.0f}", std::round(std::abs(value)));
  for (std::size_t place = digits.size(); place > 3; place -= 3) digits.insert(place - 3, ",");
  return value <= -0.5 ? "-" + digits : digits;
}

std::string counted(double count, const std::string& thing) {
  return with_commas(count) + ' ' + thing + (std::round(count) == 1 ? "" : "s");
}

std::string with_sign(double value, int decimals) {
  const std::string text = fmt::format("{:+.{}f}", value, decimals);
  return text.find_first_of("123456789") == std::string::npos && std::isfinite(value) ? text.substr(1) : text;
}

double money_unit(double largest, double limit) {
  double unit = 1;
  while (std::isfinite(largest) && largest / unit >= limit) unit *= 1000;
  return unit;
}

std::string days_text(std::optional<double> days) {
  if (!days) return "-";
  const double seconds = *days * 86'400;
  if (seconds < 60) return fmt::format("{:.0f} s", seconds);
  if (seconds < 3'600) return fmt::format("{:.0f} min", seconds / 60);
  if (seconds < 86'400) return fmt::format("{:.1f} h", seconds / 3'600);
  return fmt::format("{:.1f} d", *days);
}

std::string percent(double share, int decimals) {
  const std::string text = fmt::format("{:.{}f} %", 100 * share, decimals);
  return text.find_first_of("123456789") == std::string::npos && text.front() == '-' ? text.substr(1) : text;
}

}  // namespace putki
