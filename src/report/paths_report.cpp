#include <putki/report/paths_report.hpp>

#include "report/json.hpp"
#include "report/text_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>

namespace putki {
namespace {

constexpr std::size_t kMovesShown = 12;
constexpr std::size_t kVariantsShown = 10;
constexpr std::size_t kLoopsShown = 5;
constexpr std::size_t kUndeclaredShown = 5;
constexpr std::size_t kPathWidth = 37;
constexpr std::uint64_t kFewDeals = 10;  // below, limits from their own spread mean nothing

Json priced_json(const PricedFigure& figure) {
  return {{"value", figure.value}, {"std_error", figure.std_error}, {"limits", interval_json(figure.limits)}};
}

Json gate_side_json(const GateSide& side) {
  return {{"deals", side.deals},
          {"won", side.won},
          {"lost", side.lost},
          {"open", side.open},
          {"close_rate", number_or_null(side.close_rate)},
          {"close_rate_limits", interval_json(side.close_rate_limits)}};
}

Json rework_price_json(const std::optional<ReworkPrice>& price) {
  if (!price) return nullptr;
  return {{"matched", price->matched},
          {"unmatched", price->unmatched},
          {"comparables", price->comparables},
          {"won_back", priced_json(price->won_back)},
          {"won_comparable", priced_json(price->won_comparable)},
          {"win_difference", priced_json(price->win_difference)},
          {"days_back", priced_json(price->days_back)},
          {"days_comparable", priced_json(price->days_comparable)},
          {"extra_days", priced_json(price->extra_days)}};
}

std::string whole(std::uint64_t count) {
  return with_commas(static_cast<double>(count));
}

// `1 deal`, `2 deals`
std::string deals_text(std::uint64_t count) {
  return whole(count) + (count == 1 ? " deal" : " deals");
}

double path_share(std::uint64_t part, std::uint64_t of) {
  return of == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(of);
}

std::string percent_range(const Interval& limits) {
  return fmt::format("{:.0f}-{:.0f} %", 100 * limits.lower, 100 * limits.upper);
}

// `1 rarer one is`, `2 rarer ones are`
std::string rarer_text(std::size_t count, const std::string& what) {
  return whole(count) + " rarer " + what + (count == 1 ? " is" : "s are");
}

// Lines of at most kPathWidth characters; of a long path the first and the last stages.
std::vector<std::string> path_lines(const StageGraph& graph, const std::vector<StageId>& stages) {
  if (stages.empty()) return {"(ended at once)"};
  constexpr std::size_t kEnds = 4;
  std::vector<std::string> lines{""};
  const auto add = [&](const std::string& text) {
    const bool fits = lines.back().empty() || lines.back().size() + 3 + text.size() <= kPathWidth;
    if (!fits) lines.emplace_back();
    lines.back() += (lines.back().empty() ? (lines.size() > 1 ? "> " : "") : " > ") + text;
  };
  for (std::size_t i = 0; i < stages.size(); ++i) {
    if (stages.size() > 2 * kEnds + 1 && i == kEnds) {
      add(fmt::format("({} more)", stages.size() - 2 * kEnds));
      i = stages.size() - kEnds;
    }
    add(shortened(graph.stage(stages[i]).name, 18));
  }
  return lines;
}

void write_what_was_found(std::ostream& out, const Paths& paths) {
  const PathVariants& variants = paths.variants;
  out << deals_text(variants.deals) << " known on " << to_string(paths.as_of) << " took "
      << (variants.distinct == 1 ? "one way" : whole(variants.distinct) + " different ways");
  if (variants.variants.size() > 1) {
    const std::size_t first = std::min<std::size_t>(3, variants.variants.size());
    out << fmt::format(";\nthe {} most common cover {}", first, percent(variants.variants[first - 1].covered_deals));
  }
  out << ".\n";
  if (paths.rework.went_back > 0)
    out << deals_text(paths.rework.went_back)
        << fmt::format(" ({}) went back at least once.\n",
                       percent(path_share(paths.rework.went_back, paths.rework.deals)));
  const Conformance& conformance = paths.conformance;
  if (conformance.declares_moves)
    out << fmt::format("{} of moves and {} of deals follow the declared moves.\n",
                       percent(path_share(conformance.declared, conformance.moves)),
                       percent(path_share(conformance.conforming, conformance.deals)));
}

void write_moves(std::ostream& out, const Paths& paths) {
  constexpr auto left = TextTable::Align::left, right = TextTable::Align::right;
  std::vector<DirectMove> moves = paths.follows.moves;
  if (moves.empty()) return;
  std::stable_sort(moves.begin(), moves.end(), [](const auto& a, const auto& b) { return a.count > b.count; });
  const bool cut = moves.size() > kMovesShown;
  if (cut) moves.resize(kMovesShown);
  double largest = 0;
  for (const DirectMove& move : moves) largest = std::max(largest, move.value.units());
  const double unit = money_unit(largest, 1e7);
  std::vector<std::uint64_t> leaving(paths.graph.stage_count());
  for (const DirectMove& move : paths.follows.moves) leaving[index(move.from)] += move.count;
  TextTable table({left, left, right, right, right, right});
  table.row({"From", "to", "Moves", "of leaving", "Mean time", largest > 0 ? "Value" : ""});
  table.rule();
  for (const DirectMove& move : moves)
    table.row({shortened(paths.graph.stage(move.from).name, 15), shortened(paths.graph.stage(move.to).name, 15),
               whole(move.count), percent(path_share(move.count, leaving[index(move.from)])),
               days_text(move.mean_days()), largest > 0 ? with_commas(move.value.units() / unit) : ""});
  out << "\nWhich stage follows which (mean time of the moves made; open visits not in it)"
      << (unit > 1 ? fmt::format(",\nvalue in {}", with_commas(unit)) : "") << ":\n\n";
  table.write(out);
  if (cut) out << rarer_text(paths.follows.moves.size() - kMovesShown, "one") << " in the JSON.\n";
}

void write_variants(std::ostream& out, const Paths& paths) {
  constexpr auto left = TextTable::Align::left, right = TextTable::Align::right;
  const PathVariants& variants = paths.variants;
  if (variants.variants.empty()) return;
  TextTable table({right, right, right, right, right, left});
  table.row({"Deals", "Covered", "Won", "95 %", "Median", "Way"});
  table.rule();
  const std::size_t shown = std::min(kVariantsShown, variants.variants.size());
  for (std::size_t i = 0; i < shown; ++i) {
    const PathVariant& variant = variants.variants[i];
    const auto lines = path_lines(paths.graph, variant.stages);
    table.row({whole(variant.won + variant.lost + variant.open), percent(variant.covered_deals, 0),
               variant.share_won ? percent(*variant.share_won, 0) : "-",
               variant.share_won ? percent_range(variant.share_won_limits) : "-", days_text(variant.median_days),
               lines[0]});
    for (std::size_t line = 1; line < lines.size(); ++line) table.row({"", "", "", "", "", lines[line]});
  }
  out << "\nWays taken so far, without the end. Won and median: of the deals that ended:\n\n";
  table.write(out);
  if (variants.distinct > shown) out << rarer_text(variants.distinct - shown, "way") << " not shown.\n";
}

void write_rework(std::ostream& out, const Paths& paths) {
  const ReworkCounts& rework = paths.rework;
  if (rework.moves_back == 0) return;
  std::vector<ReworkLoop> loops = rework.loops;
  std::stable_sort(loops.begin(), loops.end(), [](const auto& a, const auto& b) { return a.count > b.count; });
  if (loops.size() > kLoopsShown) loops.resize(kLoopsShown);
  constexpr auto left = TextTable::Align::left, right = TextTable::Align::right;
  TextTable table({left, left, right, right});
  table.row({"Back from", "to", "Moves", "Deals"});
  table.rule();
  for (const ReworkLoop& loop : loops)
    table.row({shortened(paths.graph.stage(loop.from).name, 20), shortened(paths.graph.stage(loop.to).name, 20),
               whole(loop.count), whole(loop.deals)});
  out << "\nGoing back, " << whole(rework.moves_back) << (rework.moves_back == 1 ? " time" : " times")
      << (rework.loops.size() > kLoopsShown ? ", the most common:\n\n" : ":\n\n");
  table.write(out);
  if (!paths.rework_price) {
    out << "No other deal was in the same stage at the same age: nothing to compare with.\n";
    return;
  }
  const ReworkPrice& price = *paths.rework_price;
  if (price.matched < kFewDeals) {
    out << deals_text(price.matched) << (price.matched == 1 ? " is" : " are") << " too few to say what goes with it.\n";
    return;
  }
  out << fmt::format(
      "Against deals in the same stage at the same age, from the first move back on:\n"
      "  won within {:g} days  {} instead of {}: {} points ({} to {})\n"
      "  days until any end   {:.1f} instead of {:.1f}: {} days ({} to {})\n",
      price.horizon_days, percent(price.won_back.value), percent(price.won_comparable.value),
      with_sign(100 * price.win_difference.value), with_sign(100 * price.win_difference.limits.lower),
      with_sign(100 * price.win_difference.limits.upper), price.days_back.value, price.days_comparable.value,
      with_sign(price.extra_days.value), with_sign(price.extra_days.limits.lower),
      with_sign(price.extra_days.limits.upper));
  out << "What goes with going back, not what it causes.\n";
}

void write_gates(std::ostream& out, const Paths& paths) {
  constexpr auto left = TextTable::Align::left, right = TextTable::Align::right;
  const bool any = std::any_of(paths.gates.begin(), paths.gates.end(),
                               [](const SkippedGate& gate) { return gate.skipped.deals > 0; });
  if (!any) {
    if (!paths.gates.empty() && paths.variants.deals > 0) out << "\nNo deal passed a gate by.\n";
    return;
  }
  TextTable table({left, right, right, right, right, right});
  table.row({"Gate", "Skipped by", "Won/lost", "Close rate", "Through", "Close rate"});
  table.rule();
  const auto rate = [](const GateSide& side) {
    return side.close_rate ? percent(*side.close_rate, 0) + " (" + percent_range(side.close_rate_limits) + ")" : "-";
  };
  for (const SkippedGate& gate : paths.gates) {
    if (gate.skipped.deals == 0) continue;
    table.row({shortened(paths.graph.stage(gate.gate).name, 14), whole(gate.skipped.deals),
               whole(gate.skipped.won) + "/" + whole(gate.skipped.lost), rate(gate.skipped), whole(gate.through.deals),
               rate(gate.through)});
  }
  out << fmt::format("\nGates passed by, and won within {:g} days of being beyond (95 % limits):\n\n",
                     paths.horizon_days);
  table.write(out);
}

void write_undeclared(std::ostream& out, const Paths& paths) {
  constexpr auto left = TextTable::Align::left, right = TextTable::Align::right;
  std::vector<UndeclaredMove> moves = paths.conformance.undeclared;
  if (moves.empty() && paths.conformance.began_elsewhere == 0) return;
  out << '\n';
  if (paths.conformance.began_elsewhere > 0)
    out << deals_text(paths.conformance.began_elsewhere) << " began in a stage that is no entry.\n";
  if (moves.empty()) return;
  std::stable_sort(moves.begin(), moves.end(), [](const auto& a, const auto& b) { return a.count > b.count; });
  if (moves.size() > kUndeclaredShown) moves.resize(kUndeclaredShown);
  TextTable table({left, left, right, right});
  table.row({"Not declared", "to", "Moves", "Deals"});
  table.rule();
  for (const UndeclaredMove& move : moves)
    table.row({shortened(paths.graph.stage(move.from).name, 20), shortened(paths.graph.stage(move.to).name, 20),
               whole(move.count), whole(move.deals)});
  table.write(out);
  if (paths.conformance.undeclared.size() > kUndeclaredShown)
    out << rarer_text(paths.conformance.undeclared.size() - kUndeclaredShown, "one") << " in the JSON.\n";
}

}  // namespace

std::string to_json(const Paths& paths) {
  const auto name = [&](StageId stage) { return paths.graph.stage(stage).name; };
  Json follows = Json::array(), variants = Json::array(), loops = Json::array(), gates = Json::array(),
       undeclared = Json::array();
  for (const DirectMove& move : paths.follows.moves)
    follows.push_back({{"from", name(move.from)},
                       {"to", name(move.to)},
                       {"count", move.count},
                       {"mean_days", move.mean_days()},
                       {"value", move.value.units()},
                       {"without_amount", move.without_amount}});
  for (const PathVariant& variant : paths.variants.variants) {
    Json stages = Json::array();
    for (const StageId stage : variant.stages) stages.push_back(name(stage));
    variants.push_back({{"stages", stages},
                        {"won", variant.won},
                        {"lost", variant.lost},
                        {"open", variant.open},
                        {"share_of_deals", variant.share_of_deals},
                        {"covered_deals", variant.covered_deals},
                        {"share_of_finished", variant.share_of_finished},
                        {"covered_finished", variant.covered_finished},
                        {"share_won", number_or_null(variant.share_won)},
                        {"share_won_limits", interval_json(variant.share_won_limits)},
                        {"won_value", variant.won_value.units()},
                        {"won_without_amount", variant.won_without_amount},
                        {"median_days", number_or_null(variant.median_days)}});
  }
  for (const ReworkLoop& loop : paths.rework.loops)
    loops.push_back({{"from", name(loop.from)}, {"to", name(loop.to)}, {"count", loop.count}, {"deals", loop.deals}});
  for (const SkippedGate& gate : paths.gates)
    gates.push_back({{"gate", name(gate.gate)},
                     {"through", gate_side_json(gate.through)},
                     {"skipped", gate_side_json(gate.skipped)},
                     {"later", gate.later},
                     {"never_beyond", gate.never_beyond}});
  for (const UndeclaredMove& move : paths.conformance.undeclared)
    undeclared.push_back(
        {{"from", name(move.from)}, {"to", name(move.to)}, {"count", move.count}, {"deals", move.deals}});
  const Json json{{"as_of", to_string(paths.as_of)},
                  {"horizon_days", paths.horizon_days},
                  {"deals", paths.follows.deals},
                  {"moves", paths.follows.count},
                  {"directly_follows", follows},
                  {"variants",
                   {{"deals", paths.variants.deals},
                    {"finished", paths.variants.finished},
                    {"distinct", paths.variants.distinct},
                    {"listed", variants}}},
                  {"rework",
                   {{"went_back", paths.rework.went_back},
                    {"moves_back", paths.rework.moves_back},
                    {"reopened", paths.rework.reopened},
                    {"loops", loops},
                    {"price", rework_price_json(paths.rework_price)}}},
                  {"gates", gates},
                  {"conformance",
                   {{"declares_moves", paths.conformance.declares_moves},
                    {"deals", paths.conformance.deals},
                    {"conforming", paths.conformance.conforming},
                    {"began_elsewhere", paths.conformance.began_elsewhere},
                    {"moves", paths.conformance.moves},
                    {"declared", paths.conformance.declared},
                    {"undeclared", undeclared}}}};
  return json.dump(2);
}

void write_tables(std::ostream& out, const Paths& paths) {
  if (paths.variants.deals == 0) {
    out << "0 deals known on " << to_string(paths.as_of) << '\n';
    return;
  }
  write_what_was_found(out, paths);
  write_moves(out, paths);
  write_variants(out, paths);
  write_rework(out, paths);
  write_gates(out, paths);
  write_undeclared(out, paths);
}

}  // namespace putki
