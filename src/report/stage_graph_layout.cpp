#include "report/stage_graph_layout.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

namespace putki {
namespace {

constexpr double kAboveRow = 54;   // three lines of a label and air
constexpr double kRowPitch = 104;  // from row to row
constexpr double kStagger = 60;    // by which every other column stands lower
constexpr int kStaggerFrom = 6;    // columns
constexpr double kLanePitch = 56;  // from lost end to lost end
constexpr double kLeastRadius = 5, kMostRadius = 15, kEndRadius = 9;
constexpr double kMostArches = 150;  // pixels over or under the rows for moves that skip or go back
constexpr std::array<double, 5> kWidths = {430, 540, 640, 720, 960};  // at which labels must not meet

struct Box {
  double x1, y1, x2, y2;
  bool meets(const Box& other) const { return x1 < other.x2 && other.x1 < x2 && y1 < other.y2 && other.y1 < y2; }
};

double text_width(std::size_t bytes) {
  return 6.5 * static_cast<double>(bytes);
}

// Heights of arches: one for each span there is, in steps that fit.
class Arches {
 public:
  void add(int span) { spans_.insert(span); }
  double height(int span) const {
    const auto steps = static_cast<double>(std::distance(spans_.begin(), spans_.find(span)));
    return 14 + steps * step();
  }
  double highest() const { return spans_.empty() ? 0 : height(*spans_.rbegin()) + 10; }

 private:
  double step() const {
    return std::min(22.0, kMostArches / static_cast<double>(std::max<std::size_t>(spans_.size(), 1)));
  }
  std::set<int> spans_;
};

struct Builder {
  const StageGraphNumbers& numbers;
  StageGraphLayout layout = {};
  std::map<StageId, std::size_t> node_of = {};
  std::vector<int> row = {};  // of each node; lost ends: their lane
  int rows = 1;
  Arches over = {}, under = {};
  double top = 0, bottom = 0;  // of the rows

  bool is_lost(std::size_t node) const { return numbers.nodes[node].kind == StageKind::lost; }
  bool staggered() const { return layout.columns >= kStaggerFrom; }

  void assign_rows() {
    int lanes = 0;
    row.resize(numbers.nodes.size());
    for (std::size_t i = 0; i < numbers.nodes.size(); ++i) {
      node_of[numbers.nodes[i].stage] = i;
      layout.columns = std::max(layout.columns, numbers.nodes[i].column + 1);
    }
    for (int column = 0; column < layout.columns; ++column) {
      std::vector<std::size_t> in_rows;
      for (std::size_t i = 0; i < numbers.nodes.size(); ++i) {
        if (numbers.nodes[i].column != column) continue;
        if (is_lost(i))
          row[i] = lanes++;
        else
          in_rows.push_back(i);
      }
      std::stable_sort(in_rows.begin(), in_rows.end(), [&](std::size_t a, std::size_t b) {
        const StageGraphNode &first = numbers.nodes[a], &second = numbers.nodes[b];
        if ((first.kind == StageKind::won) != (second.kind == StageKind::won)) return first.kind == StageKind::won;
        return first.visits > second.visits;
      });
      for (std::size_t k = 0; k < in_rows.size(); ++k) row[in_rows[k]] = static_cast<int>(k);
      rows = std::max(rows, static_cast<int>(in_rows.size()));
    }
  }

  // Between the border and the middle of the first column, in columns; and a column's share of the width.
  double margin() const { return staggered() ? 0.75 : 0.5; }
  double column() const { return 1 / (layout.columns - 1 + 2 * margin()); }

  int span(const StageGraphEdge& edge) const {
    return numbers.nodes[node_of.at(edge.to)].column - numbers.nodes[node_of.at(edge.from)].column;
  }
  bool falls(const StageGraphEdge& edge) const { return is_lost(node_of.at(edge.to)) && !edge.back; }
  bool arches(const StageGraphEdge& edge) const { return !edge.back && !falls(edge) && span(edge) > 1; }

  void place_stages() {
    for (const StageGraphEdge& edge : numbers.edges) {
      if (edge.back) under.add(-span(edge));
      if (arches(edge)) over.add(span(edge));
    }
    top = over.highest() + kAboveRow;
    bottom = top + kRowPitch * (rows - 1) + (staggered() ? kStagger : 0);
    const double lanes = bottom + std::max(under.highest() + 20, 34.0) + kAboveRow;
    std::uint64_t most = 1;
    for (const StageGraphNode& node : numbers.nodes)
      if (!is_terminal(node.kind)) most = std::max(most, node.stands);
    layout.height = bottom + std::max(under.highest(), kMostRadius) + 8;
    for (std::size_t i = 0; i < numbers.nodes.size(); ++i) {
      const StageGraphNode& node = numbers.nodes[i];
      const bool border = node.column == 0 || node.column == layout.columns - 1;
      PlacedStage placed{.x = (margin() + node.column) * column(),
                         .y = top + kRowPitch * row[i] + (staggered() && node.column % 2 == 1 ? kStagger : 0),
                         .radius = kEndRadius,
                         .room = (!staggered() ? 1
                                  : border     ? 2 * margin()
                                               : 2) *
                                 column()};
      if (is_lost(i)) {
        placed.y = lanes + kLanePitch * row[i];
        layout.height = std::max(layout.height, placed.y + kEndRadius + 8);
      } else if (node.kind != StageKind::won) {
        placed.radius = kLeastRadius + (kMostRadius - kLeastRadius) *
                                           std::sqrt(static_cast<double>(node.stands) / static_cast<double>(most));
      }
      layout.stages.push_back(placed);
    }
  }

  PlacedMove curve(const StageGraphEdge& edge) const {
    const PlacedStage &from = layout.stages[node_of.at(edge.from)], &to = layout.stages[node_of.at(edge.to)];
    PlacedMove move{.x1 = from.x, .y1 = from.y, .x2 = to.x, .y2 = to.y};
    if (falls(edge)) {
      move.cx1 = from.x + 0.12 * column();
      move.cy1 = to.y;
      move.cx2 = from.x + 0.5 * (to.x - from.x);
      move.cy2 = to.y;
      move.y1 += from.radius;
      move.end = -to.radius - 7;
    } else if (edge.back) {
      // A cubic curve whose two inner points are this deep hangs three quarters of it.
      const double depth = bottom + kMostRadius + under.height(-span(edge));
      const double aside = span(edge) == 0 ? 0.3 * column() : 0;
      move.y1 += from.radius;
      move.y2 += to.radius + 6;
      move.cx1 = from.x + aside;
      move.cx2 = to.x + (aside > 0 ? -aside : 0.2 * column());
      move.cy1 = move.cy2 = std::max(move.y1, move.y2) + (depth - std::max(move.y1, move.y2)) * 4 / 3;
    } else if (arches(edge)) {
      const double peak = top - kAboveRow - over.height(span(edge));
      move.y1 -= from.radius;
      move.y2 -= to.radius + 6;
      move.cx1 = from.x + 0.3 * column();
      move.cx2 = to.x - 0.3 * column();
      const double from_y = std::min(move.y1, move.y2);
      move.cy1 = move.cy2 = from_y - (from_y - peak) * 4 / 3;
    } else {
      move.cx1 = move.cx2 = (from.x + to.x) / 2;
      move.cy1 = from.y;
      move.cy2 = to.y;
      move.begin = from.radius;
      move.end = -to.radius - 7;
    }
    return move;
  }

  // The place along the curve where its number meets no other label at most widths.
  void place_labels(const std::vector<std::string>& labels) {
    std::array<std::vector<Box>, kWidths.size()> taken;
    for (std::size_t w = 0; w < kWidths.size(); ++w)
      for (std::size_t i = 0; i < layout.stages.size(); ++i) {
        const PlacedStage& stage = layout.stages[i];
        const double room = stage.room * kWidths[w];
        const double width = std::min(text_width(numbers.graph.stage(numbers.nodes[i].stage).name.size() + 2), room);
        const double x = stage.x * kWidths[w], half = std::max(width / 2, 26.0);
        taken[w].push_back({x - half, stage.y - stage.radius - 44, x + half, stage.y + stage.radius + 2});
      }
    for (std::size_t e = 0; e < layout.moves.size(); ++e) {
      PlacedMove& move = layout.moves[e];
      const double half = text_width(labels[e].size()) / 2 + 3;
      std::size_t best = kWidths.size();  // from this width on there is room
      std::array<Box, kWidths.size()> boxes{};
      for (const double t : {0.5, 0.4, 0.6, 0.3, 0.7, 0.22, 0.8}) {
        const double u = 1 - t;
        const double x =
            u * u * u * move.x1 + 3 * u * u * t * move.cx1 + 3 * u * t * t * move.cx2 + t * t * t * move.x2;
        const double y =
            u * u * u * move.y1 + 3 * u * u * t * move.cy1 + 3 * u * t * t * move.cy2 + t * t * t * move.y2;
        const auto at_width = [&](std::size_t w) {
          return Box{x * kWidths[w] - half, y - 8, x * kWidths[w] + half, y + 8};
        };
        std::size_t from = kWidths.size();
        while (from > 0) {
          const Box box = at_width(from - 1);
          const bool meets = std::any_of(taken[from - 1].begin(), taken[from - 1].end(),
                                         [&](const Box& other) { return other.meets(box); });
          if (meets || box.x1 < 0 || box.x2 > kWidths[from - 1]) break;
          --from;
        }
        if (from >= best) continue;
        best = from;
        move.label_x = x;
        move.label_y = y;
        move.label_from = kWidths[from];
        for (std::size_t w = from; w < kWidths.size(); ++w) boxes[w] = at_width(w);
      }
      for (std::size_t w = best; w < kWidths.size(); ++w) taken[w].push_back(boxes[w]);
    }
  }
};

}  // namespace

StageGraphLayout stage_graph_layout(const StageGraphNumbers& numbers, const std::vector<std::string>& labels) {
  Builder builder{.numbers = numbers};
  builder.assign_rows();
  builder.place_stages();
  for (const StageGraphEdge& edge : numbers.edges) builder.layout.moves.push_back(builder.curve(edge));
  builder.place_labels(labels);
  return std::move(builder.layout);
}

}  // namespace putki
