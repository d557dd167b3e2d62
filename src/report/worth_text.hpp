#pragma once
// How reports of values write money, and what their figures are.

#include <putki/forecast/margin.hpp>

#include "report/json.hpp"
#include "report/text_table.hpp"

#include <fmt/format.h>

#include <cmath>
#include <string>

namespace putki {

// `1,234`, `12,345`, `1.23 M`, `4.56 bn`.
inline std::string money_in_words(double value) {
  if (!std::isfinite(value)) return "an unknown sum";
  if (std::abs(value) >= 999.5e6) return fmt::format("{:.2f} bn", value / 1e9);
  if (std::abs(value) >= 999'999.5) return fmt::format("{:.2f} M", value / 1e6);
  return with_commas(value);
}

// `Revenue`, or `Margin (20 % of sales, 60 % of later purchases)`.
inline std::string kind_of_value(const Margin& margin) {
  if (margin.is_revenue()) return "Revenue";
  return fmt::format("Margin ({:.3g} % of sales, {:.3g} % of later purchases)", 100 * margin.sales, 100 * margin.later);
}

inline Json margin_json(const Margin& margin) {
  return {{"sales", margin.sales}, {"later", margin.later}};
}

inline const char* value_is(const Margin& margin) {
  return margin.is_revenue() ? "revenue" : "margin";
}

}  // namespace putki
