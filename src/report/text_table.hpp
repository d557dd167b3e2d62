#pragma once
/// \file
/// Plain-text tables: columns as wide as their widest cell.

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace putki {

class TextTable {
 public:
  enum class Align { left, right };

  explicit TextTable(std::vector<Align> columns) : columns_(std::move(columns)) {}
  /// Missing cells are empty; surplus ones are a mistake of the caller.
  void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  /// A rule across the table.
  void rule() { rows_.push_back({}); }
  void write(std::ostream& out) const;

 private:
  std::vector<Align> columns_;
  std::vector<std::vector<std::string>> rows_;
};

/// At most `width` characters, the last of them "…" when something was cut; control characters become spaces.
std::string shortened(const std::string& text, std::size_t width);
/// `text` in lines of at most `width` characters, broken at blanks, all but the first indented; a longer word stands
/// alone. Ends with a line break.
std::string wrapped(const std::string& text, std::size_t indent = 0, std::size_t width = 80);
/// `1,234,568`: whole units, rounded half away from zero.
std::string with_commas(double value);
/// `1 deal`, `2,345 deals`
std::string counted(double count, const std::string& thing);
/// `+1.2`, `-0.3`, and `0.0` where no digit is left.
std::string with_sign(double value, int decimals = 1);
/// Smallest of 1, 1,000, 1,000,000, .. in units of which `largest` stays below `limit`.
double money_unit(double largest, double limit);
/// `45 s`, `3 min`, `2.5 h`, `12.0 d`: the largest unit of which there is one; "-" for nothing.
std::string days_text(std::optional<double> days);
/// `12.3 %`
std::string percent(double share, int decimals = 1);

}  // namespace putki
