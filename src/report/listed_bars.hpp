#pragma once
// A list of named bars, largest first or in the order of the pipeline: levers, deals, stages, scores.

#include "report/specification.hpp"

#include <optional>
#include <string>
#include <vector>

namespace putki {

struct ListedBar {
  std::string label;
  std::string detail = {};  // beside the label, in the muted colour
  double value = 0;
  std::string text = {};                    // the value as written beside the bar
  std::optional<double> behind = {};        // a pale bar of what the value is a part of
  bool solid = true;                        // a hollow bar is less certain
  std::optional<std::string> tooltip = {};  // nothing: label, detail and text
};

// What solid and pale bars mean, above the chart.
struct ListedBarKey {
  std::string label;
  double opacity;
};

// "" without bars. At least one key: Vega lays a chart out wrongly around a legend without entries. With `sign_colours`
// gains and losses have colours of their own.
std::string listed_bars(const std::vector<ListedBar>& bars, const std::vector<ListedBarKey>& keys, bool sign_colours,
                        const std::string& description, const FigureOptions& options);

}  // namespace putki
