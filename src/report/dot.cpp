#include <putki/report/dot.hpp>

#include <algorithm>
#include <numeric>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace putki {

namespace {

// Inside double quotes DOT gives meaning to the quote, the backslash (\n, \N, \G) and character entities (&lt;).
std::string dot_label(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out += '"';
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

}  // namespace

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
