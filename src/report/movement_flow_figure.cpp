#include <fmt/format.h>
#include <putki/report/movement_figures.hpp>

#include "report/movement_words.hpp"
#include "report/specification.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace putki {
namespace {

constexpr std::size_t kOpenPlaces = 10, kClosedPlaces = 3;  // stages with a place of their own
constexpr std::size_t kMostFlowRows = 100;
constexpr double kDrawnHeight = 280;  // of all deals together, pixels
constexpr double kPlaceSlot = 16;     // least height of a place, for its label
constexpr double kPlaceGap = 6;
constexpr double kHeadings = 22;  // above the diagram; the template says the same

enum class FlowKind { fresh, stayed, advanced, back, won, lost };
constexpr std::array<const char*, 6> kFlowKinds = {"new", "stayed", "advanced", "back", "won", "lost"};

struct StageMove {
  StageId from, to;
  FlowKind kind;
  MovementTally tally;
};

// A stage, or those of few deals together, at one of the two days.
struct FlowPlace {
  std::string label;
  MovementTally tally{};
  double y = 0, height = 0, used = 0;
};

void add(MovementTally& sum, const MovementTally& tally) {
  sum.deals += tally.deals;
  sum.value += tally.value;
  sum.without_amount += tally.without_amount;
}

FlowKind kind_of(const StageGraph& graph, const std::vector<int>& ranks, StageId from, StageId to) {
  if (graph.kind(to) == StageKind::won) return FlowKind::won;
  if (graph.kind(to) == StageKind::lost) return FlowKind::lost;
  if (from == kNoStage) return FlowKind::fresh;
  if (from == to) return FlowKind::stayed;
  const bool both_open = graph.kind(from) == StageKind::open && graph.kind(to) == StageKind::open;
  return both_open && ranks[index(to)] > ranks[index(from)] ? FlowKind::advanced : FlowKind::back;
}

std::vector<StageMove> stage_moves(const Movement& movement) {
  const std::vector<int> ranks = movement.graph.ranks();
  std::vector<StageMove> moves;
  const MovementTable& table = movement.table;
  for (std::size_t row = 0; row <= table.stages; ++row)
    for (std::size_t to = 0; to < table.stages; ++to) {
      const StageId from = row == table.stages ? kNoStage : static_cast<StageId>(row), end = static_cast<StageId>(to);
      const MovementTally& tally = table.flow(from, end);
      if (tally.deals > 0) moves.push_back({from, end, kind_of(movement.graph, ranks, from, end), tally});
    }
  return moves;
}

// Which place each stage has, in the order of the diagram: open stages, then won, then lost, each group's others last.
struct FlowPlaces {
  std::vector<std::string> labels;
  std::vector<std::size_t> of_stage;
  std::size_t bundled = 0;  // stages that share a place
};

FlowPlaces flow_places(const MovementWords& words, const std::vector<StageMove>& moves) {
  const StageGraph& graph = words.movement.graph;
  std::vector<std::uint64_t> deals(graph.stage_count(), 0);
  for (const StageMove& move : moves) {
    if (move.from != kNoStage) deals[index(move.from)] += move.tally.deals;
    deals[index(move.to)] += move.tally.deals;
  }
  FlowPlaces places;
  places.of_stage.assign(graph.stage_count(), 0);
  const auto add_group = [&](auto&& belongs, std::size_t most, const char* others) {
    std::vector<std::size_t> stages;
    for (std::size_t s = 0; s < deals.size(); ++s)
      if (deals[s] > 0 && belongs(graph.kind(static_cast<StageId>(s)))) stages.push_back(s);
    std::vector<std::size_t> by_deals = stages;
    std::stable_sort(by_deals.begin(), by_deals.end(), [&](auto a, auto b) { return deals[a] > deals[b]; });
    // One stage alone is better named than bundled.
    if (by_deals.size() > most + 1)
      by_deals.erase(by_deals.begin() + static_cast<std::ptrdiff_t>(most), by_deals.end());
    std::vector<std::size_t> rest;
    for (const std::size_t stage : stages) {
      if (std::find(by_deals.begin(), by_deals.end(), stage) == by_deals.end()) {
        rest.push_back(stage);
        continue;
      }
      places.of_stage[stage] = places.labels.size();
      places.labels.push_back(graph.stage(static_cast<StageId>(stage)).name);
    }
    if (rest.empty()) return;
    for (const std::size_t stage : rest) places.of_stage[stage] = places.labels.size();
    places.labels.push_back(text(words.language, others, {words.format.number(static_cast<double>(rest.size()))}));
    places.bundled += rest.size();
  };
  add_group([](StageKind kind) { return !is_terminal(kind); }, kOpenPlaces, "movement_flow.others");
  add_group([](StageKind kind) { return kind == StageKind::won; }, kClosedPlaces, "movement_flow.others_won");
  add_group([](StageKind kind) { return kind == StageKind::lost; }, kClosedPlaces, "movement_flow.others_lost");
  return places;
}

// Gives the places of a side their heights; the height of the side.
double lay_out(std::vector<FlowPlace>& side, double per_deal) {
  double y = 0;
  for (FlowPlace& place : side) {
    if (place.tally.deals == 0) continue;
    place.height = std::max(1.0, per_deal * static_cast<double>(place.tally.deals));
    const double slot = std::max(place.height, kPlaceSlot);
    place.y = y + (slot - place.height) / 2;
    y += slot + kPlaceGap;
  }
  return y - kPlaceGap;
}

// Spreads a side over the whole height.
void spread(std::vector<FlowPlace>& side, double own, double height) {
  const auto shown = std::count_if(side.begin(), side.end(), [](const FlowPlace& p) { return p.tally.deals > 0; });
  const double extra = height - own;
  double shift = shown == 1 ? extra / 2 : 0;
  for (FlowPlace& place : side) {
    if (place.tally.deals == 0) continue;
    place.y += shift;
    if (shown > 1) shift += extra / static_cast<double>(shown - 1);
  }
}

std::string ribbon_path(double left, double right, double width) {
  return fmt::format("M0,{0:.2f}C500,{0:.2f} 500,{1:.2f} 1000,{1:.2f}L1000,{3:.2f}C500,{3:.2f} 500,{2:.2f} 0,{2:.2f}Z",
                     left, right, left + width, right + width);
}

std::string flow_title(const MovementWords& words, const std::vector<StageMove>& moves) {
  const StageGraph& graph = words.movement.graph;
  const std::string since = words.format.day(words.movement.since), as_of = words.format.day(words.movement.as_of);
  const auto say = [&](const char* key, const std::string& number) {
    return text(words.language, std::string("movement_flow.title.") + key, {since, as_of, number});
  };
  std::uint64_t fresh = 0, open = 0;
  enum { stayed, moved, won, lost };
  std::array<std::uint64_t, 4> fates{};
  constexpr std::array<const char*, 4> keys = {"stayed", "moved", "won", "lost"};
  for (const StageMove& move : moves) {
    if (move.from == kNoStage) fresh += move.tally.deals;
    if (move.from == kNoStage || graph.is_terminal(move.from)) continue;
    open += move.tally.deals;
    fates[move.kind == FlowKind::stayed ? stayed
          : move.kind == FlowKind::won  ? won
          : move.kind == FlowKind::lost ? lost
                                        : moved] += move.tally.deals;
  }
  if (moves.empty()) return say("none", "");
  if (open == 0) return say("created", words.format.number(static_cast<double>(fresh)));
  const auto most = std::max_element(fates.begin(), fates.end());
  return say(keys[static_cast<std::size_t>(most - fates.begin())],
             words.format.share(static_cast<double>(*most) / static_cast<double>(open), 0));
}

void fill_table(const MovementWords& words, std::vector<StageMove> moves, FigureTable& table) {
  const auto say = [&](const char* key, std::initializer_list<std::string_view> values = {}) {
    return text(words.language, std::string("movement_flow.") + key, values);
  };
  table.columns = {say("from"),
                   say("to"),
                   say("kind"),
                   words.say("column.deals"),
                   words.say("column.value"),
                   words.say("column.without_amount")};
  const auto add_row = [&](std::string from, std::string to, std::string kind, const MovementTally& tally) {
    table.rows.push_back({FigureCell::of_text(std::move(from)), FigureCell::of_text(std::move(to)),
                          FigureCell::of_text(std::move(kind)), FigureCell::count(static_cast<double>(tally.deals)),
                          FigureCell::money(tally.value.units()),
                          FigureCell::count(static_cast<double>(tally.without_amount))});
  };
  std::stable_sort(moves.begin(), moves.end(),
                   [](const StageMove& a, const StageMove& b) { return a.tally.deals > b.tally.deals; });
  MovementTally rest;
  for (std::size_t i = 0; i < moves.size(); ++i) {
    const StageMove& move = moves[i];
    if (i >= kMostFlowRows) {
      add(rest, move.tally);
      continue;
    }
    const StageGraph& graph = words.movement.graph;
    add_row(move.from == kNoStage ? say("new") : graph.stage(move.from).name, graph.stage(move.to).name,
            say((std::string("kind.") + kFlowKinds[static_cast<std::size_t>(move.kind)]).c_str()), move.tally);
  }
  if (moves.size() > kMostFlowRows)
    add_row(say("smaller", {words.format.number(static_cast<double>(moves.size() - kMostFlowRows))}), "", "", rest);
}

Json place_row(const MovementWords& words, const FlowPlace& place, const char* side) {
  const auto deals = static_cast<double>(place.tally.deals);
  return {{"side", side}, {"label", place.label},   {"count", words.format.number(deals)},
          {"y", place.y}, {"height", place.height}, {"tip", place.label + ": " + words.deals(deals)}};
}

}  // namespace

Figure movement_flow_figure(const Movement& movement, const FigureOptions& options) {
  const MovementWords words{movement, options.language, NumberFormat(options)};
  const std::vector<StageMove> moves = stage_moves(movement);
  Figure figure{.name = "movement-flow",
                .title = flow_title(words, moves),
                .computed = text(options.language, "movement_flow.computed")};
  fill_table(words, moves, figure.table);
  if (moves.empty()) return figure;

  const FlowPlaces places = flow_places(words, moves);
  if (places.bundled > 0)
    figure.computed += " " + text(options.language, "movement_flow.computed.bundled",
                                  {words.format.number(static_cast<double>(places.bundled))});
  // On the left, new deals come first.
  std::vector<FlowPlace> left(places.labels.size() + 1), right(places.labels.size());
  left[0].label = text(options.language, "movement_flow.new");
  for (std::size_t p = 0; p < places.labels.size(); ++p) left[p + 1].label = right[p].label = places.labels[p];
  std::map<std::tuple<std::size_t, std::size_t, FlowKind>, MovementTally> ribbons;
  std::array<bool, kFlowKinds.size()> occurs{};
  double all = 0;
  for (const StageMove& move : moves) {
    const std::size_t from = move.from == kNoStage ? 0 : places.of_stage[index(move.from)] + 1;
    const std::size_t to = places.of_stage[index(move.to)];
    add(ribbons[{from, to, move.kind}], move.tally);
    add(left[from].tally, move.tally);
    add(right[to].tally, move.tally);
    occurs[static_cast<std::size_t>(move.kind)] = true;
    all += static_cast<double>(move.tally.deals);
  }
  const double per_deal = kDrawnHeight / all;
  const double left_height = lay_out(left, per_deal), right_height = lay_out(right, per_deal);
  const double height = std::max(left_height, right_height);
  spread(left, left_height, height);
  spread(right, right_height, height);

  SpecificationContent content{.data = {{"nodes", Json::array()}, {"ribbons", Json::array()}}};
  std::size_t longest = 0;
  for (const FlowPlace& place : left)
    if (place.tally.deals > 0) content.data["nodes"].push_back(place_row(words, place, "start"));
  for (const FlowPlace& place : right)
    if (place.tally.deals > 0) content.data["nodes"].push_back(place_row(words, place, "end"));
  for (const Json& node : content.data["nodes"])
    longest = std::max(longest, node["label"].get_ref<const std::string&>().size());
  for (const auto& [key, tally] : ribbons) {
    const auto& [from, to, kind] = key;
    FlowPlace& begin = left[from];
    FlowPlace& end = right[to];
    const double width = per_deal * static_cast<double>(tally.deals);
    std::string tip = begin.label + " → " + end.label + ": " + words.deals(static_cast<double>(tally.deals));
    if (tally.without_amount < tally.deals) tip += ", " + words.format.money(tally.value.units());
    content.data["ribbons"].push_back({{"kind", kFlowKinds[static_cast<std::size_t>(kind)]},
                                       {"from", begin.label},
                                       {"to", end.label},
                                       {"deals", tally.deals},
                                       {"path", ribbon_path(begin.y + begin.used, end.y + end.used, width)},
                                       {"tip", tip}});
    begin.used += width;
    end.used += width;
  }
  Json kinds = Json::array(), names = Json::object();
  for (std::size_t k = 0; k < kFlowKinds.size(); ++k) {
    if (!occurs[k]) continue;
    kinds.push_back(kFlowKinds[k]);
    names[kFlowKinds[k]] = text(options.language, std::string("movement_flow.kind.") + kFlowKinds[k]);
  }
  content.signals = {{"height", height + kHeadings},
                     {"kinds", kinds},
                     {"names", names},
                     {"longest", longest},
                     {"count_room", 8 + 7 * words.format.number(all).size()},
                     {"text_start", words.format.day(movement.since)},
                     {"text_end", words.format.day(movement.as_of)}};
  content.description = figure.title;
  figure.specification = specification("movement_flow", content, options);
  return figure;
}

}  // namespace putki
