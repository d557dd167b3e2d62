#include <putki/report/stage_graph_figures.hpp>

#include "report/figure_words.hpp"
#include "report/specification.hpp"
#include "report/stage_graph_layout.hpp"
#include "report/texts.hpp"

#include <algorithm>

namespace putki {
namespace {

constexpr std::uint64_t kLeastVisitsNamed = 20;

const char* symbol_of(StageKind kind) {
  return kind == StageKind::won ? "diamond" : kind == StageKind::lost ? "square" : "circle";
}

const char* standing_key(StageKind kind) {
  return kind == StageKind::won ? "stage_graph.won" : kind == StageKind::lost ? "stage_graph.lost" : "stage_graph.now";
}

std::string stage_graph_title(const StageGraphNumbers& numbers, const FigureOptions& options,
                              const NumberFormat& format) {
  std::uint64_t most = 0;
  for (const StageGraphNode& node : numbers.nodes)
    if (!is_terminal(node.kind)) most = std::max(most, node.visits);
  const StageGraphNode* slowest = nullptr;
  for (const StageGraphNode& node : numbers.nodes) {
    if (is_terminal(node.kind) || node.visits < std::max(kLeastVisitsNamed, most / 20)) continue;
    const bool slower = slowest == nullptr ||
                        (slowest->median_days && (!node.median_days || *node.median_days > *slowest->median_days));
    if (slower) slowest = &node;
  }
  if (slowest == nullptr)
    return numbers.moves == 0 ? text(options.language, "stage_graph.title.empty")
                              : text(options.language, "stage_graph.title.moves",
                                     {counted_words(numbers.moves, "stage_graph.moves", options, format)});
  const std::string name = short_name(numbers.graph.stage(slowest->stage).name);
  if (!slowest->median_days) return text(options.language, "stage_graph.title.stuck", {name});
  return text(options.language, "stage_graph.title.slowest",
              {name, duration_words(*slowest->median_days, options, format)});
}

Json delay_legend(const StageGraphNumbers& numbers, const FigureOptions& options, const NumberFormat& format) {
  Json classes = Json::array();
  for (std::size_t i = 0; i < kDelayClasses; ++i) {
    const double limit = numbers.delay_limits[i == 0 ? 0 : i - 1];
    // Whole numbers of a unit, so without a decimal that says nothing.
    const double days = limit < 1 ? limit * 24 : limit;
    const std::string words =
        text(options.language, limit < 1 ? "duration.hours" : "duration.days", {format.number(days)});
    classes.push_back(
        {{"class", i}, {"label", text(options.language, i == 0 ? "stage_graph.under" : "stage_graph.from", {words})}});
  }
  return classes;
}

}  // namespace

Figure stage_graph_figure(const StageGraph& graph, const StageTraffic& traffic, const FigureOptions& options) {
  const NumberFormat format(options);
  const StageGraphNumbers numbers = stage_graph_numbers(graph, traffic);
  const auto say = [&](const char* key) { return text(options.language, key); };
  const auto name = [&](StageId stage) { return numbers.graph.stage(stage).name; };
  Figure figure{.name = "stage-graph",
                .title = stage_graph_title(numbers, options, format),
                .specification = {},
                .table = {},
                .computed = say("stage_graph.computed")};
  if (numbers.stages_left_out > 0 || numbers.moves_left_out > 0)
    figure.computed += ' ' + text(options.language, "stage_graph.left_out",
                                  {format.number(static_cast<double>(numbers.stages_left_out)),
                                   format.number(static_cast<double>(numbers.moves_left_out)),
                                   format.number(static_cast<double>(numbers.moves))});
  figure.table.columns = {say("stage_graph.column.stage"),  say("stage_graph.column.next"),
                          say("stage_graph.column.stands"), say("stage_graph.column.visits"),
                          say("stage_graph.column.median"), say("stage_graph.column.moves"),
                          say("stage_graph.column.mean")};
  if (numbers.deals == 0) return figure;
  const auto count = [](std::uint64_t n) { return FigureCell::count(static_cast<double>(n)); };
  for (const StageGraphNode& node : numbers.nodes) {
    figure.table.rows.push_back({FigureCell::of_text(name(node.stage)), FigureCell::of_text(""), count(node.stands),
                                 count(node.visits), FigureCell::days(node.median_days), FigureCell::count({}),
                                 FigureCell::days({})});
    for (const StageGraphEdge& edge : numbers.edges)
      if (edge.from == node.stage)
        figure.table.rows.push_back({FigureCell::of_text(name(edge.from)), FigureCell::of_text(name(edge.to)),
                                     FigureCell::count({}), FigureCell::count({}), FigureCell::days({}),
                                     count(edge.count), FigureCell::days(edge.mean_days)});
  }

  std::vector<std::string> labels;
  for (const StageGraphEdge& edge : numbers.edges) labels.push_back(format.number(static_cast<double>(edge.count)));
  const StageGraphLayout layout = stage_graph_layout(numbers, labels);
  Json stages = Json::array(), moves = Json::array();
  for (std::size_t i = 0; i < numbers.nodes.size(); ++i) {
    const StageGraphNode& node = numbers.nodes[i];
    const PlacedStage& placed = layout.stages[i];
    const std::string stands =
        text(options.language, standing_key(node.kind), {format.number(static_cast<double>(node.stands))});
    std::string tip =
        name(node.stage) + ": " + stands + ", " + counted_words(node.visits, "stage_graph.visits", options, format);
    std::string median;
    if (node.median_days) {
      median = duration_words(*node.median_days, options, format);
      tip += ", " + text(options.language, "stage_graph.half", {median});
    }
    stages.push_back({{"x", placed.x},
                      {"y", placed.y},
                      {"radius", placed.radius},
                      {"room", placed.room},
                      {"shape", symbol_of(node.kind)},
                      {"kind", to_string(node.kind)},
                      {"entry", node.entry},
                      {"name", name(node.stage)},
                      {"stands", stands},
                      {"median", median},
                      {"tip", tip}});
  }
  for (std::size_t e = 0; e < numbers.edges.size(); ++e) {
    const StageGraphEdge& edge = numbers.edges[e];
    const PlacedMove& p = layout.moves[e];
    moves.push_back(
        {{"x1", p.x1},
         {"y1", p.y1},
         {"cx1", p.cx1},
         {"cy1", p.cy1},
         {"cx2", p.cx2},
         {"cy2", p.cy2},
         {"x2", p.x2},
         {"y2", p.y2},
         {"begin", p.begin},
         {"end", p.end},
         {"width", edge.width},
         {"delay", edge.delay_class},
         {"back", edge.back},
         {"label", p.label_from > 0 ? labels[e] : ""},
         {"label_x", p.label_x},
         {"label_from", p.label_from},
         {"label_y", p.label_y},
         {"tip", name(edge.from) + " → " + name(edge.to) + ": " +
                     counted_words(edge.count, "stage_graph.moves", options, format) + ", " +
                     text(options.language, "stage_graph.after", {duration_words(edge.mean_days, options, format)})}});
  }
  SpecificationContent content{.data = {{"stages", std::move(stages)},
                                        {"moves", std::move(moves)},
                                        {"delays", delay_legend(numbers, options, format)}},
                               .signals = {{"graph_height", layout.height},
                                           {"text_delay", say("stage_graph.delay")},
                                           {"text_key", say("stage_graph.key")},
                                           {"text_back", say("stage_graph.back")}},
                               .description = figure.title};
  figure.specification = specification("stage_graph", content, options);
  return figure;
}

}  // namespace putki
