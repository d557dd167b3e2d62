#include <putki/report/dot.hpp>

#include "report/figure_words.hpp"
#include "report/specification.hpp"
#include "report/stage_graph_numbers.hpp"
#include "report/texts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace putki {

namespace {

// Inside double quotes DOT gives meaning to the quote, the backslash (\n, \N, \G) and character entities (&lt;).
std::string dot_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string dot_label(std::string_view text) {
  return '"' + dot_text(text) + '"';
}

std::string_view dot_shape(StageKind kind) {
  switch (kind) {
    case StageKind::open:
      return "shape=box";
    case StageKind::on_hold:
      return "shape=box, style=dashed";
    case StageKind::won:
      return "shape=doubleoctagon";
    case StageKind::lost:
      return "shape=octagon";
  }
  return "shape=plain";
}

// Numbers by to_string: the stream may belong to a locale that writes 1,234.
std::string dot_node(std::size_t stage) {
  return "s" + std::to_string(stage);
}

void write_declared_moves(std::ostream& out, const StageGraph& graph, const std::vector<int>& ranks) {
  for (std::size_t i = 0; i < graph.stage_count(); ++i)
    for (const StageId to : graph.next_stages(static_cast<StageId>(i))) {
      const bool back = ranks[index(to)] <= ranks[i];
      out << "  " << dot_node(i) << " -> " << dot_node(index(to)) << (back ? " [style=dashed, constraint=false]" : "")
          << ";\n";
    }
}

// The first stage of each rank is joined to all of the next.
void write_order(std::ostream& out, const std::vector<int>& ranks) {
  std::vector<std::size_t> order(ranks.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return ranks[a] < ranks[b]; });
  std::size_t before = order.front(), first = order.front();
  for (const std::size_t i : order) {
    if (ranks[i] != ranks[first]) {
      before = first;
      first = i;
    }
    if (ranks[i] != ranks[order.front()])
      out << "  " << dot_node(before) << " -> " << dot_node(i) << " [style=dotted, arrowhead=none];\n";
  }
}

// The colours of a picture in this theme: `config` of a specification.
struct DotColours {
  explicit DotColours(const FigureOptions& options) {
    const Json config = vega_config(options);
    for (const Json& signal : config.at("signals")) {
      const std::string name = signal.at("name"), colour = signal.at("value");
      if (name == "ink") ink = colour;
      if (name == "muted") muted = colour;
      if (name == "paper") paper = colour;
      if (name == "good") good = colour;
      if (name == "bad") bad = colour;
    }
    for (std::size_t i = 0; i < ramp.size(); ++i) ramp[i] = config.at("range").at("ramp").at(i).get<std::string>();
  }

  // As the scale `delay` of stage_graph.vg.json has it: the ramp at -1.5, 2 and 4, mixed between.
  std::string of_delay(std::size_t delay_class) const {
    const double x = static_cast<double>(delay_class);
    const std::size_t from = x < 2 ? 0 : 1;
    const double share = x < 2 ? (x + 1.5) / 3.5 : (x - 2) / 2;
    std::string mixed = "#";
    for (std::size_t i = 1; i < 7; i += 2) {
      const int a = std::stoi(ramp[from].substr(i, 2), nullptr, 16);
      const int b = std::stoi(ramp[from + 1].substr(i, 2), nullptr, 16);
      mixed += fmt::format("{:02x}", static_cast<int>(std::lround(a + share * (b - a))));
    }
    return mixed;
  }

  std::string ink, muted, paper, good, bad;
  std::array<std::string, 3> ramp;
};

std::string colour_of_kind(StageKind kind, const DotColours& colours) {
  return kind == StageKind::won ? colours.good : kind == StageKind::lost ? colours.bad : colours.ink;
}

// `12 now · 4.2 d`
std::string standing_words(const StageGraphNode& node, const FigureOptions& options, const NumberFormat& format) {
  const char* key = node.kind == StageKind::won    ? "stage_graph.won"
                    : node.kind == StageKind::lost ? "stage_graph.lost"
                                                   : "stage_graph.now";
  std::string words = text(options.language, key, {format.number(static_cast<double>(node.stands))});
  if (node.median_days) words += " · " + duration_words(*node.median_days, options, format);
  return words;
}

// An HTML-like label: the classes of delay, each with a patch of its colour.
std::string delay_key(const StageGraphNumbers& numbers, const DotColours& colours, const FigureOptions& options,
                      const NumberFormat& format) {
  std::string key =
      R"(<<table border="0" cellspacing="4"><tr><td>)" + text(options.language, "stage_graph.delay") + "</td>";
  for (std::size_t i = 0; i < kDelayClasses; ++i) {
    const double limit = numbers.delay_limits[i == 0 ? 0 : i - 1];
    const std::string words = text(options.language, limit < 1 ? "duration.hours" : "duration.days",
                                   {format.number(limit < 1 ? limit * 24 : limit)});
    key += fmt::format(R"(<td width="24" bgcolor="{}"></td><td>{}</td>)", colours.of_delay(i),
                       text(options.language, i == 0 ? "stage_graph.under" : "stage_graph.from", {words}));
  }
  return key + "</tr></table>>";
}

}  // namespace

void write_dot(std::ostream& out, const StageGraph& graph, const StageTraffic& traffic, const FigureOptions& options) {
  const NumberFormat format(options);
  const DotColours colours(options);
  const StageGraphNumbers numbers = stage_graph_numbers(graph, traffic,
                                                        {.most_stages = std::max<std::size_t>(2, graph.stage_count()),
                                                         .most_edges = std::max<std::size_t>(1, traffic.moves.size())});
  out << fmt::format(
      "digraph pipeline {{\n  rankdir=LR;\n  bgcolor=\"{0}\";\n  fontname=\"sans-serif\";\n  fontcolor=\"{1}\";\n"
      "  node [fontname=\"sans-serif\", fontcolor=\"{2}\"];\n"
      "  edge [fontname=\"sans-serif\", fontcolor=\"{1}\", fontsize=10];\n",
      colours.paper, colours.muted, colours.ink);
  if (!numbers.edges.empty()) out << "  label=" << delay_key(numbers, colours, options, format) << ";\n";
  for (const StageGraphNode& node : numbers.nodes)
    out << fmt::format("  {} [label=\"{}\\n{}\", {}, color=\"{}\", penwidth={}];\n", dot_node(index(node.stage)),
                       dot_text(graph.stage(node.stage).name), dot_text(standing_words(node, options, format)),
                       dot_shape(node.kind), colour_of_kind(node.kind, colours), node.entry ? 3 : 1.5);
  for (const StageGraphEdge& edge : numbers.edges)
    out << fmt::format("  {} -> {} [label=\"{}\", tooltip=\"{}\", color=\"{}\", penwidth={:.2f}{}];\n",
                       dot_node(index(edge.from)), dot_node(index(edge.to)),
                       dot_text(format.number(static_cast<double>(edge.count))),
                       dot_text(duration_words(edge.mean_days, options, format)), colours.of_delay(edge.delay_class),
                       1.2 + 12 * edge.width, edge.back ? ", style=dashed, constraint=false" : "");
  out << "}\n";
}

void write_dot(std::ostream& out, const StageGraph& graph) {
  const std::vector<int> ranks = graph.ranks();
  const std::vector<StageId> entries = graph.entries();
  out << "digraph pipeline {\n  rankdir=LR;\n  node [fontname=\"sans-serif\"];\n";
  if (!graph.declares_moves()) out << "  label=\"any move is allowed\";\n";
  for (std::size_t i = 0; i < graph.stage_count(); ++i) {
    const Stage& stage = graph.stages()[i];
    const bool entry = std::binary_search(entries.begin(), entries.end(), static_cast<StageId>(i));
    out << "  " << dot_node(i) << " [label=" << dot_label(stage.name) << ", " << dot_shape(stage.kind)
        << (entry ? ", penwidth=2" : "") << "];\n";
  }
  if (graph.declares_moves()) {
    write_declared_moves(out, graph, ranks);
  } else {
    write_order(out, ranks);
  }
  out << "}\n";
}

}  // namespace putki
