#include <putki/report/movement_report.hpp>

#include "report/json.hpp"
#include "report/text_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>

namespace putki {
namespace {

constexpr std::size_t kMovedShown = 3;  // deals per line
constexpr std::size_t kFlowsShown = 15;

Json moved_money_json(Money amount) {
  return amount == kNoAmount ? Json(nullptr) : Json(amount.units());
}

Json moved_day_json(const std::optional<Day>& day) {
  return day ? Json(to_string(*day)) : Json(nullptr);
}

Json tally_json(const MovementTally& tally) {
  return {{"deals", tally.deals}, {"value", tally.value.units()}, {"without_amount", tally.without_amount}};
}

Json moved_deals_json(const StageGraph& graph, const std::vector<MovementDeal>& deals) {
  Json list = Json::array();
  for (const MovementDeal& deal : deals)
    list.push_back({{"deal", deal.name},
                    {"from", deal.from == kNoStage ? Json(nullptr) : Json(graph.stage(deal.from).name)},
                    {"to", graph.stage(deal.to).name},
                    {"amount_before", moved_money_json(deal.amount_before)},
                    {"amount_after", moved_money_json(deal.amount_after)},
                    {"expected_before", moved_day_json(deal.expected_before)},
                    {"expected_after", moved_day_json(deal.expected_after)}});
  return list;
}

MovementTally group_total(const MovementTable& table, std::size_t group) {
  MovementTally total;
  for (const MovementTally& fate : table.due[group]) {
    total.deals += fate.deals;
    total.value += fate.value;
    total.without_amount += fate.without_amount;
  }
  return total;
}

constexpr const char* kGroupKeys[kCloseGroups] = {"overdue", "due", "later"};
constexpr const char* kFateKeys[kCloseFates] = {"won", "lost", "moved_later", "not_due", "past_due"};
constexpr const char* kChangeKeys[kCloseChanges] = {"later", "earlier", "same", "given", "missing"};

struct MovedFlow {
  StageId from, to;
  MovementTally tally;
};

std::vector<MovedFlow> flows_with_deals(const Movement& movement) {
  std::vector<MovedFlow> flows;
  const MovementTable& table = movement.table;
  for (std::size_t row = 0; row <= table.stages; ++row)
    for (std::size_t to = 0; to < table.stages; ++to) {
      const StageId from = row == table.stages ? kNoStage : static_cast<StageId>(row);
      const MovementTally& tally = table.flow(from, static_cast<StageId>(to));
      if (tally.deals > 0) flows.push_back({from, static_cast<StageId>(to), tally});
    }
  return flows;
}

std::string moved_count(std::uint64_t deals) {
  return with_commas(static_cast<double>(deals)) + (deals == 1 ? " deal" : " deals");
}

std::string moved_money(Money amount) {
  return amount == kNoAmount ? "-" : with_commas(amount.units());
}

void write_headline(std::ostream& out, const Movement& movement) {
  const MovementTally& start = movement.table.line(MovementLine::start);
  const MovementTally& end = movement.table.line(MovementLine::end);
  const Money change = end.value - start.value;
  const std::string pipeline = movement.table.period ? fmt::format("pipeline\nexpected to close from {} to before {}",
                                                                   to_string(movement.table.period->begin),
                                                                   to_string(movement.table.period->end))
                                                     : std::string("open pipeline");
  out << fmt::format("From {} to {} the {}\n", to_string(movement.since), to_string(movement.as_of), pipeline);
  const auto deals =
      fmt::format("from {} to {}", moved_count(start.deals), with_commas(static_cast<double>(end.deals)));
  if (change == Money{})
    out << fmt::format("kept its worth of {}, {}.\n", moved_money(end.value), deals);
  else
    out << fmt::format("{} by {} to {}, {}.\n", change > Money{} ? "grew" : "shrank",
                       moved_money(change > Money{} ? change : Money{} - change), moved_money(end.value), deals);
}

void write_waterfall(std::ostream& out, const Movement& movement) {
  using enum TextTable::Align;
  struct Step {
    MovementLine line;
    std::string title;
    bool always;  // others are left out while they are zero
  };
  using enum MovementLine;
  const Step steps[] = {{start, "  Start, " + to_string(movement.since), true},
                        {created, "+ Created", true},
                        {reopened, "+ Reopened", false},
                        {pulled_in, "+ Pulled in", movement.table.period.has_value()},
                        {valued, "+ Amount became known", false},
                        {grown, "+ Grown", true},
                        {shrunk, "- Shrunk", true},
                        {pushed_out, "- Pushed out", movement.table.period.has_value()},
                        {won, "- Won", true},
                        {lost, "- Lost", true},
                        {end, "= End, " + to_string(movement.as_of), true}};
  const bool unvalued = std::any_of(std::begin(movement.table.lines), std::end(movement.table.lines),
                                    [](const MovementTally& line) { return line.without_amount > 0; });
  TextTable table(unvalued ? std::vector{left, right, right, right} : std::vector{left, right, right});
  const auto row = [&](std::vector<std::string> cells, const std::string& extra) {
    if (unvalued) cells.push_back(extra);
    table.row(cells);
  };
  row({"", "Deals", "Value"}, "No amount");
  table.rule();
  for (const Step& step : steps) {
    const MovementTally& line = movement.table.line(step.line);
    if (!step.always && line.deals == 0) continue;
    if (step.line == end) table.rule();
    const bool changes_only = step.line == valued || step.line == grown || step.line == shrunk;
    const auto deals = with_commas(static_cast<double>(line.deals));
    // deals that only change their amount neither come nor go
    row({step.title, changes_only ? "(" + deals + ")" : deals, moved_money(line.value)},
        changes_only ? "" : with_commas(static_cast<double>(line.without_amount)));
  }
  table.write(out);
  if (movement.table.on_hold_at_end.deals > 0)
    out << fmt::format("Of the end, {} worth {} on hold.\n", moved_count(movement.table.on_hold_at_end.deals),
                       moved_money(movement.table.on_hold_at_end.value));
}

void write_largest(std::ostream& out, const Movement& movement) {
  using enum TextTable::Align;
  using enum MovementLine;
  const auto stage = [&](StageId id) {
    return id == kNoStage ? std::string("-") : shortened(movement.graph.stage(id).name, 12);
  };
  TextTable table({left, left, left, left, right, right});
  table.row({"", "Deal", "From", "To", "Before", "After"});
  table.rule();
  bool any = false;
  const std::pair<MovementLine, const char*> titles[] = {
      {created, "Created"},       {reopened, "Reopened"}, {pulled_in, "Pulled in"},
      {valued, "Amount known"},   {grown, "Grown"},       {shrunk, "Shrunk"},
      {pushed_out, "Pushed out"}, {won, "Won"},           {lost, "Lost"}};
  for (const auto& [line, title] : titles) {
    const auto& deals = movement.deals[static_cast<std::size_t>(line)];
    for (std::size_t i = 0; i < std::min(deals.size(), kMovedShown); ++i) {
      table.row({i == 0 ? title : "", shortened(deals[i].name, 18), stage(deals[i].from), stage(deals[i].to),
                 moved_money(deals[i].amount_before), moved_money(deals[i].amount_after)});
      any = true;
    }
  }
  if (!any) return;
  out << "\nThe largest deals behind it:\n\n";
  table.write(out);
}

void write_flows(std::ostream& out, const Movement& movement) {
  using enum TextTable::Align;
  std::vector<MovedFlow> flows = flows_with_deals(movement);
  if (flows.empty()) return;
  std::stable_sort(flows.begin(), flows.end(),
                   [](const MovedFlow& a, const MovedFlow& b) { return a.tally.deals > b.tally.deals; });
  TextTable table({left, left, right, right});
  table.row({"Stage at the start", "at the end", "Deals", "Value"});
  table.rule();
  for (std::size_t i = 0; i < std::min(flows.size(), kFlowsShown); ++i) {
    const MovedFlow& flow = flows[i];
    table.row({flow.from == kNoStage ? "(created)" : shortened(movement.graph.stage(flow.from).name, 22),
               flow.from == flow.to ? "(the same)" : shortened(movement.graph.stage(flow.to).name, 22),
               with_commas(static_cast<double>(flow.tally.deals)),
               flow.tally.without_amount == flow.tally.deals ? "-" : moved_money(flow.tally.value)});
  }
  out << "\nFrom stage to stage:\n\n";
  table.write(out);
  if (flows.size() > kFlowsShown)
    out << "and " << counted(static_cast<double>(flows.size() - kFlowsShown), "smaller flow") << '\n';
}

void write_expected_closes(std::ostream& out, const Movement& movement) {
  using enum TextTable::Align;
  const MovementTable& table = movement.table;
  if (!movement.dates_known) {
    out << "\nThe history has no expected closes, so none was moved or missed.\n";
    return;
  }
  TextTable fates({left, right, right, right, right, right, right});
  fates.row({"Expected at the start", "Deals", "=Won", "+Lost", "+Later", "+Not due", "+Past due"});
  fates.rule();
  const char* titles[] = {"past already", "in this time", "after it"};
  for (std::size_t group = 0; group < kCloseGroups; ++group) {
    const MovementTally total = group_total(table, group);
    std::vector<std::string> deals{titles[group], with_commas(static_cast<double>(total.deals))};
    std::vector<std::string> values{"  value", moved_money(total.value)};
    for (const MovementTally& fate : table.due[group]) {
      deals.push_back(with_commas(static_cast<double>(fate.deals)));
      values.push_back(moved_money(fate.value));
    }
    fates.row(deals);
    fates.row(values);
  }
  out << "\nWhat became of deals by the close expected at the start (amounts of then):\n\n";
  fates.write(out);
  if (table.undated.deals > 0)
    out << fmt::format("and {} open at the start had no expected close\n", moved_count(table.undated.deals));
  const auto changed = [&](CloseChange change) {
    return with_commas(static_cast<double>(table.close_change(change).deals));
  };
  std::uint64_t both = 0;
  for (const MovementTally& change : table.close_changes) both += change.deals;
  if (both == 0) return;
  out << fmt::format(
      "Of {} open at both ends: {} moved later, {} earlier, {} left as they\nwere; {} given a date, {} without.\n",
      moved_count(both), changed(CloseChange::later), changed(CloseChange::earlier), changed(CloseChange::same),
      changed(CloseChange::given), changed(CloseChange::missing));
}

}  // namespace

std::string to_json(const Movement& movement) {
  const MovementTable& table = movement.table;
  Json lines = Json::object(), deals = Json::object(), flows = Json::array();
  for (std::size_t i = 0; i < kMovementLines; ++i) {
    const std::string name = to_string(static_cast<MovementLine>(i));
    lines[name] = tally_json(table.lines[i]);
    deals[name] = moved_deals_json(movement.graph, movement.deals[i]);
  }
  deals["moved_later"] = moved_deals_json(movement.graph, movement.moved_later);
  deals["moved_earlier"] = moved_deals_json(movement.graph, movement.moved_earlier);
  deals["past_due"] = moved_deals_json(movement.graph, movement.past_due);
  for (const MovedFlow& flow : flows_with_deals(movement)) {
    Json cell{{"from", flow.from == kNoStage ? Json(nullptr) : Json(movement.graph.stage(flow.from).name)},
              {"to", movement.graph.stage(flow.to).name}};
    cell.update(tally_json(flow.tally));
    flows.push_back(cell);
  }
  Json expected;
  if (movement.dates_known) {
    for (std::size_t group = 0; group < kCloseGroups; ++group) {
      Json json = tally_json(group_total(table, group));
      for (std::size_t fate = 0; fate < kCloseFates; ++fate) json[kFateKeys[fate]] = tally_json(table.due[group][fate]);
      expected[kGroupKeys[group]] = json;
    }
    expected["undated"] = tally_json(table.undated);
    for (std::size_t i = 0; i < kCloseChanges; ++i)
      expected["changes"][kChangeKeys[i]] = tally_json(table.close_changes[i]);
  }
  Json period;
  if (table.period) period = {{"begin", to_string(table.period->begin)}, {"end", to_string(table.period->end)}};
  const Json json{
      {"since", to_string(movement.since)},
      {"as_of", to_string(movement.as_of)},
      {"period", period},
      {"lines", lines},
      {"on_hold", {{"start", tally_json(table.on_hold_at_start)}, {"end", tally_json(table.on_hold_at_end)}}},
      {"flows", flows},
      {"expected_close", expected},
      {"deals", deals}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

void write_tables(std::ostream& out, const Movement& movement) {
  write_headline(out, movement);
  out << '\n';
  write_waterfall(out, movement);
  write_largest(out, movement);
  write_flows(out, movement);
  write_expected_closes(out, movement);
}

}  // namespace putki
