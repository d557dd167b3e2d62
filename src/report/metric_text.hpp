#pragma once
// How figures with limits are written, in tables and in JSON.

#include <fmt/format.h>
#include <putki/funnel/metric_estimate.hpp>

#include "report/json.hpp"
#include "report/text_table.hpp"

#include <cmath>
#include <string>

namespace putki {

inline Json estimate_json(const std::optional<MetricEstimate>& estimate) {
  if (!estimate) return nullptr;
  const auto finite = [](double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); };
  return {{"value", finite(estimate->value)},
          {"std_error", estimate->std_error ? finite(*estimate->std_error) : Json(nullptr)},
          {"interval", estimate->interval
                           ? Json::array({finite(estimate->interval->lower), finite(estimate->interval->upper)})
                           : Json(nullptr)}};
}

inline Json count_json(const CountAndValue& deals) {
  return {{"deals", deals.deals}, {"value", deals.value.units()}, {"unknown_amounts", deals.unknown_amounts}};
}

inline std::string whole_number(std::uint64_t number) {
  return with_commas(static_cast<double>(number));
}

// `12.3`, `(8.1-17.9)`: percent.
inline std::string percent_text(const std::optional<MetricEstimate>& estimate) {
  return estimate ? fmt::format("{:.1f}", 100 * estimate->value) : "-";
}
inline std::string percent_limits(const std::optional<MetricEstimate>& estimate) {
  if (!estimate || !estimate->interval) return "-";
  return fmt::format("{:.1f}-{:.1f}", 100 * estimate->interval->lower, 100 * estimate->interval->upper);
}
// `12.3 % (95 % limits 8.1-17.9)`
inline std::string percent_with_limits(const std::optional<MetricEstimate>& estimate) {
  if (!estimate) return "-";
  const std::string text = percent_text(estimate) + " %";
  return estimate->interval ? text + " (95 % limits " + percent_limits(estimate) + ")" : text;
}
// `12,345`, and `10,001-15,123`, or `-10 to 12` below zero; in units of `unit`.
inline std::string money_text(const std::optional<MetricEstimate>& estimate, double unit = 1) {
  return estimate ? with_commas(estimate->value / unit) : "-";
}
inline std::string money_limits(const std::optional<MetricEstimate>& estimate, double unit = 1) {
  if (!estimate || !estimate->interval) return "-";
  const Interval& limits = *estimate->interval;
  return with_commas(limits.lower / unit) + (limits.lower < 0 ? " to " : "-") + with_commas(limits.upper / unit);
}
// `12.0 d`, and `10.1-13.0 d`, or `22.0 h to 1.5 d`
inline std::string duration_text(const std::optional<MetricEstimate>& estimate) {
  return estimate ? days_text(estimate->value) : "-";
}
inline std::string duration_limits(const std::optional<MetricEstimate>& estimate) {
  if (!estimate || !estimate->interval) return "-";
  const std::string lower = days_text(std::max(0.0, estimate->interval->lower)),
                    upper = days_text(estimate->interval->upper);
  const std::size_t unit = lower.find(' ');
  const bool alike = lower.substr(unit) == upper.substr(upper.find(' '));
  return (alike ? lower.substr(0, unit) : lower) + (alike ? "-" : " to ") + upper;
}

}  // namespace putki
