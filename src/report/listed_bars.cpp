#include "report/listed_bars.hpp"

namespace putki {

std::string listed_bars(const std::vector<ListedBar>& bars, const std::vector<ListedBarKey>& keys, bool sign_colours,
                        const std::string& description, const FigureOptions& options) {
  if (bars.empty()) return "";
  SpecificationContent content{.data = {{"rows", Json::array()}, {"keys", Json::array()}},
                               .signals = {{"signColours", sign_colours}},
                               .description = description};
  for (const ListedBar& bar : bars) {
    const std::string tooltip = bar.label + (bar.detail.empty() ? "" : " · " + bar.detail) + " · " + bar.text;
    content.data["rows"].push_back({{"row", content.data["rows"].size()},
                                    {"label", bar.label},
                                    {"detail", bar.detail},
                                    {"value", bar.value},
                                    {"behind", number_or_null(bar.behind)},
                                    {"text", bar.text},
                                    {"solid", bar.solid},
                                    {"tip", bar.tooltip.value_or(tooltip)}});
  }
  for (const ListedBarKey& key : keys) content.data["keys"].push_back({{"label", key.label}, {"opacity", key.opacity}});
  return specification("listed_bars", content, options);
}

}  // namespace putki
