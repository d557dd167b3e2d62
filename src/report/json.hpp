#pragma once
// What the JSON writers share.

#include <nlohmann/json.hpp>
#include <putki/core/interval.hpp>

#include <optional>
#include <vector>

namespace putki {

using Json = nlohmann::ordered_json;

inline Json number_or_null(std::optional<double> value) {
  return value ? Json(*value + 0.0) : Json(nullptr);  // -0 becomes 0
}

// `[{"rule", "count"}]`, of an InputSummary.
template <class Finding>
Json findings_json(const std::vector<Finding>& findings) {
  Json list = Json::array();
  for (const Finding& finding : findings) list.push_back({{"rule", finding.rule}, {"count", finding.count}});
  return list;
}

// `[lower, upper]`
inline Json interval_json(const Interval& interval) {
  return Json::array({interval.lower, interval.upper});
}

}  // namespace putki
