#include "report/specification.hpp"

#include "report/number_format.hpp"

#include <array>
#include <stdexcept>

namespace putki {
namespace {

struct Colours {
  const char *ink, *muted, *grid, *paper, *accent, *good, *bad, *warn;
  std::array<const char*, 8> category;  // Okabe & Ito 2008, black and yellow replaced where they vanish on the paper
  std::array<const char*, 3> ramp;
  std::array<const char*, 3> diverging;
};
constexpr Colours kLight = {"#1f2328",
                            "#59636e",
                            "#d1d9e0",
                            "#ffffff",
                            "#0072b2",
                            "#0072b2",
                            "#d55e00",
                            "#e69f00",
                            {"#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#8c6d1f", "#59636e"},
                            {"#eaf3fa", "#56b4e9", "#00456b"},
                            {"#d55e00", "#f4f4f4", "#0072b2"}};
constexpr Colours kDark = {"#e6edf3",
                           "#9da7b3",
                           "#30363d",
                           "#0d1117",
                           "#56b4e9",
                           "#56b4e9",
                           "#ff8f43",
                           "#e69f00",
                           {"#56b4e9", "#e69f00", "#2fc79a", "#e59cc4", "#8ec9f0", "#ff8f43", "#f0e442", "#9da7b3"},
                           {"#12293a", "#2f7fb0", "#b8e0f8"},
                           {"#ff8f43", "#2a2f36", "#56b4e9"}};

template <std::size_t n>
Json list(const std::array<const char*, n>& colours) {
  Json array = Json::array();
  for (const char* colour : colours) array.push_back(colour);
  return array;
}

// The entry of that name in an array of named objects.
Json& named(Json& entries, const std::string& name, std::string_view what, std::string_view chart) {
  for (Json& entry : entries)
    if (entry.at("name") == name) return entry;
  throw std::logic_error(std::string(chart) + ".vg.json has no " + std::string(what) + " '" + name + "'");
}

}  // namespace

Json vega_config(const FigureOptions& options) {
  const Colours& c = options.theme == Theme::dark ? kDark : kLight;
  Json signals = Json::array();
  const std::array<std::pair<const char*, const char*>, 8> named_colours = {{{"ink", c.ink},
                                                                             {"muted", c.muted},
                                                                             {"grid", c.grid},
                                                                             {"paper", c.paper},
                                                                             {"accent", c.accent},
                                                                             {"good", c.good},
                                                                             {"bad", c.bad},
                                                                             {"warn", c.warn}}};
  for (const auto& [name, colour] : named_colours) signals.push_back({{"name", name}, {"value", colour}});
  const char* font = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif";
  Json axis = {{"labelColor", c.muted}, {"titleColor", c.ink}, {"labelFont", font},          {"titleFont", font},
               {"labelFontSize", 11},   {"titleFontSize", 11}, {"titleFontWeight", "normal"}};
  Json legend = axis;
  legend["labelLimit"] = 240;
  for (const char* line : {"gridColor", "domainColor", "tickColor"}) axis[line] = c.grid;
  return {{"background", c.paper},
          {"signals", std::move(signals)},
          {"locale", NumberFormat(options).vega_locale()},
          {"axis", std::move(axis)},
          {"legend", std::move(legend)},
          {"title", {{"color", c.ink}, {"subtitleColor", c.muted}, {"font", font}, {"subtitleFont", font}}},
          {"text", {{"fill", c.ink}, {"font", font}, {"fontSize", 11}}},
          {"range",
           {{"category", list(c.category)},
            {"ramp", list(c.ramp)},
            {"heatmap", list(c.ramp)},
            {"ordinal", list(c.ramp)},
            {"diverging", list(c.diverging)}}}};
}

std::string specification(std::string_view name, const SpecificationContent& content, const FigureOptions& options) {
  Json chart = Json::parse(vega_template(name));
  for (const auto& [set, rows] : content.data.items()) {
    Json& entry = named(chart.at("data"), set, "data set", name);
    entry["values"] = rows;
  }
  for (const auto& [signal, value] : content.signals.items()) {
    Json& entry = named(chart.at("signals"), signal, "signal", name);
    entry["value"] = value;
  }
  if (!content.description.empty()) chart["description"] = content.description;
  chart["config"] = vega_config(options);
  // Names from the data may hold bytes that are no UTF-8.
  return chart.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace putki
