#pragma once
// Reading figures in tests, and names that must stay data.

#include <putki/graph/stage_graph.hpp>
#include <putki/report/figure.hpp>

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace putki::test {

inline nlohmann::json chart_of(const Figure& figure) {
  return nlohmann::json::parse(figure.specification);
}

inline nlohmann::json data_of(const nlohmann::json& chart, const std::string& name) {
  for (const auto& set : chart.at("data"))
    if (set.at("name") == name) return set.at("values");
  return {};
}

// The chart without what its data sets and signals hold: the same for all names.
inline nlohmann::json skeleton_of(nlohmann::json chart) {
  for (auto& set : chart.at("data"))
    if (set.contains("values")) set["values"] = nullptr;
  for (auto& signal : chart.at("signals"))
    if (signal.contains("value")) signal["value"] = nullptr;
  chart["description"] = nullptr;
  return chart;
}

inline bool every_row_is_whole(const Figure& figure) {
  for (const auto& row : figure.table.rows)
    if (row.size() != figure.table.columns.size()) return false;
  return true;
}

inline std::vector<std::string> hostile_names() {
  return {"</script><img src=x onerror=alert(1)>", "'+alert(1)+'", "\xd7\xa9\xd7\x9c\xd7\x91 abc",
          std::string(1000, 'x')};
}

// Those names as open stages one after the other, then Won and Lost.
inline StageGraph hostile_graph() {
  return StageGraph::linear(hostile_names());
}

// Stages S0, S1, .. in a row, then Won and Lost.
inline StageGraph long_graph(int stages) {
  std::vector<std::string> names;
  for (int i = 0; i < stages; ++i) names.push_back("S" + std::to_string(i));
  return StageGraph::linear(names);
}

}  // namespace putki::test
