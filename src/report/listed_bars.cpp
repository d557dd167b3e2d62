#include "report/listed_bars.hpp"

#include <algorithm>

namespace putki {
namespace {

// About the width of the widest of the bars' numbers, in pixels: bold letters of 11 pixels.
double room_for_texts(const std::vector<ListedBar>& bars) {
  std::ptrdiff_t longest = 0;
  for (const ListedBar& bar : bars)
    longest = std::max(longest, std::count_if(bar.text.begin(), bar.text.end(),
                                              [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
  return std::clamp(16.0 + 7.5 * static_cast<double>(longest), 48.0, 240.0);
}

}  // namespace

std::string listed_bars(const std::vector<ListedBar>& bars, const std::vector<ListedBarKey>& keys, bool sign_colours,
                        const std::string& description, const FigureOptions& options) {
  if (bars.empty()) return "";
  SpecificationContent content{.data = {{"rows", Json::array()}, {"keys", Json::array()}},
                               .signals = {{"signColours", sign_colours}, {"room", room_for_texts(bars)}},
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
