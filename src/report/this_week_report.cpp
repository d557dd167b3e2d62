#include <fmt/format.h>
#include <putki/report/this_week_report.hpp>

#include "report/json.hpp"
#include "report/text_table.hpp"

#include <algorithm>
#include <ostream>
#include <sstream>

namespace putki {
namespace {

constexpr std::size_t kWeekIndent = 3;

std::string week_stage(const StageGraph& graph, StageId stage) {
  return shortened(graph.stage(stage).name, 20);
}

std::string counted_deals(std::uint64_t count) {
  return with_commas(static_cast<double>(count)) + (count == 1 ? " deal" : " deals");
}

std::string week_money(Money money) {
  return with_commas(money.units());
}

// `one` where there is one, else `more`.
const char* by_number(std::uint64_t count, const char* one, const char* more) {
  return count == 1 ? one : more;
}

Json week_deals_json(const StageGraph& graph, const std::vector<ReadyDeal>& deals) {
  Json list = Json::array();
  for (const ReadyDeal& deal : deals)
    list.push_back({{"deal", deal.deal},
                    {"stage", graph.stage(deal.stage).name},
                    {"age_days", deal.age_days},
                    {"amount", deal.amount == kNoAmount ? Json(nullptr) : Json(deal.amount.units())},
                    {"advance", deal.advance.probability},
                    {"lost", deal.lost.probability},
                    {"at_stake", number_or_null(deal.at_stake)}});
  return list;
}

struct WeekTaskJson {
  const StageGraph& graph;

  Json operator()(const DecideDeals& task) const {
    return {{"task", "decide"},
            {"at_stake", task.at_stake},
            {"at_risk", task.at_risk},
            {"decisions", task.decisions},
            {"deals", week_deals_json(graph, task.deals)}};
  }
  Json operator()(const FillStage& task) const {
    const StageProjection& stage = task.projection;
    return {{"task", "fill"},
            {"stage", graph.stage(stage.stage).name},
            {"present", stage.present},
            {"usual", stage.usual},
            {"dry_in_week", *stage.dry_in_week},
            {"dry_by", to_string(task.dry_by)},
            {"expected", stage.expected}};
  }
  Json operator()(const CloseGap& task) const {
    const Strength& one = task.weakness;
    return {{"task", "gap"},
            {"attribute", one.attribute},
            {"value", one.value},
            {"measure", to_string(one.measure)},
            {"stage", one.stage == kNoStage ? Json(nullptr) : Json(graph.stage(one.stage).name)},
            {"by_days", one.by_days},
            {"here", one.here},
            {"others", one.others},
            {"limits", interval_json(one.limits)},
            {"money_per_month", number_or_null(one.money_per_month)}};
  }
  Json operator()(const CleanUpDeals& task) const {
    return {{"task", "clean_up"},
            {"deals_count", task.deals},
            {"without_amount", task.without_amount},
            {"value", task.value.units()},
            {"expected_value", task.expected_value},
            {"deals", week_deals_json(graph, task.named)}};
  }
  Json operator()(const StopLeak& task) const {
    const StageWorth& stage = task.stage;
    return {{"task", "leak"},
            {"stage", graph.stage(stage.stage).name},
            {"visits_per_month", stage.visits_per_month},
            {"advance", stage.advance},
            {"lost", stage.lost},
            {"worth", number_or_null(stage.worth)},
            {"point_per_month", number_or_null(stage.point_per_month())},
            {"lost_per_month", task.lost_per_month},
            {"cost_per_month", task.cost_per_month}};
  }
};

// A task as a paragraph, and the lines below it.
struct WeekTaskText {
  const StageGraph& graph;
  double within_days;

  std::string operator()(const DecideDeals& task) const {
    const std::string which = by_number(task.deals.size(), "Decide this deal", "Decide these deals");
    if (task.at_stake <= 0)
      return fmt::format("{}: {:.1f} decisions are likely on {} within {:g} days. Do the next step now.", which,
                         task.decisions, by_number(task.deals.size(), "it", "them"), within_days);
    return fmt::format(
        "{}: on {}, {} is likely to be settled within {:g} days, {} of it as a loss. Do the next step now.", which,
        by_number(task.deals.size(), "it", "them"), with_commas(task.at_stake), within_days, with_commas(task.at_risk));
  }
  std::string operator()(const FillStage& task) const {
    const StageProjection& stage = task.projection;
    const double then = stage.expected[static_cast<std::size_t>(*stage.dry_in_week) - 1];
    return fmt::format(
        "Fill {}: {} there now, {:.1f} expected by {} if deals come and go as they do, against {:.1f} on most days.",
        week_stage(graph, stage.stage), counted_deals(stage.present), then, to_string(task.dry_by), stage.usual);
  }
  std::string operator()(const CloseGap& task) const {
    const Strength& one = task.weakness;
    const std::string who =
        shortened(one.attribute, 20) + " " + (one.value.empty() ? "unknown" : shortened(one.value, 30));
    const std::string what = one.stage == kNoStage ? fmt::format("wins {:.0f} of 100 deals", 100 * one.here)
                                                   : fmt::format("brings {:.0f} of 100 on from {}", 100 * one.here,
                                                                 week_stage(graph, one.stage));
    return fmt::format(
        "Help {}: it {} within {:g} days, the others {:.0f}. What of this is not chance costs {} a month.", who, what,
        one.by_days, 100 * one.others, with_commas(-*one.money_per_month));
  }
  std::string operator()(const CleanUpDeals& task) const {
    const std::string what = fmt::format("Ask or close {} that {} longer than the stage's usual time",
                                         counted_deals(task.deals), by_number(task.deals, "has waited", "have waited"));
    if (task.without_amount == task.deals) return what + ".";
    return fmt::format("{}: worth {}{}, of which {} is expected within {:g} days.", what, week_money(task.value),
                       task.without_amount > 0 ? fmt::format(" ({} of unknown amount)", task.without_amount) : "",
                       with_commas(task.expected_value), within_days);
  }
  std::string operator()(const StopLeak& task) const {
    const StageWorth& stage = task.stage;
    const std::string where = fmt::format("Stop the leak at {}: {:.0f} of 100 deals are lost there",
                                          week_stage(graph, stage.stage), 100 * stage.lost);
    if (task.cost_per_month <= 0) return fmt::format("{}, {:.1f} a month.", where, task.lost_per_month);
    return fmt::format("{}, which costs {} a month. One more of 100 going on brings {} a month.", where,
                       with_commas(task.cost_per_month), with_commas(stage.point_per_month().value_or(0)));
  }
};

std::string week_deals_table(const StageGraph& graph, const std::vector<ReadyDeal>& deals) {
  using enum TextTable::Align;
  TextTable table({left, left, right, right, right, right});
  table.row({"Deal", "Stage", "There for", "Amount", "Goes on", "Is lost"});
  for (const ReadyDeal& deal : deals)
    table.row({shortened(deal.deal, 20), week_stage(graph, deal.stage), days_text(deal.age_days),
               deal.amount == kNoAmount ? "-" : week_money(deal.amount), percent(deal.advance.probability, 0),
               percent(deal.lost.probability, 0)});
  std::ostringstream text;
  table.write(text);
  return text.str();
}

struct WeekTaskDeals {
  const std::vector<ReadyDeal>* operator()(const DecideDeals& task) const { return &task.deals; }
  const std::vector<ReadyDeal>* operator()(const CleanUpDeals& task) const { return &task.named; }
  template <class Other>
  const std::vector<ReadyDeal>* operator()(const Other&) const {
    return nullptr;
  }
};

}  // namespace

std::string to_json(const ThisWeek& week) {
  Json tasks = Json::array();
  for (const WeekTask& task : week.tasks) tasks.push_back(std::visit(WeekTaskJson{week.graph}, task));
  return Json{{"as_of", to_string(week.as_of)},        {"within_days", week.within_days},
              {"open_deals", week.open_deals},         {"without_amount", week.without_amount},
              {"open_value", week.open_value.units()}, {"tasks", tasks}}
      .dump(2);
}

void write_tables(std::ostream& out, const ThisWeek& week) {
  out << counted_deals(week.open_deals) << " open on " << to_string(week.as_of);
  if (week.open_deals == 0 || week.without_amount < week.open_deals) out << ", worth " << week_money(week.open_value);
  if (week.without_amount > 0)
    out << " (" << with_commas(static_cast<double>(week.without_amount)) << " of unknown amount)";
  out << ".\n";
  if (week.tasks.empty()) {
    out << "Nothing calls for action yet: the history is too short to say more.\n";
    return;
  }
  out << by_number(week.tasks.size(), "One thing", week.tasks.size() == 2 ? "Two things" : "Three things")
      << " to do this week:\n";
  int number = 0;
  for (const WeekTask& task : week.tasks) {
    const std::string text =
        fmt::format("{}. {}", ++number, std::visit(WeekTaskText{week.graph, week.within_days}, task));
    out << '\n' << wrapped(text, kWeekIndent);
    const std::vector<ReadyDeal>* deals = std::visit(WeekTaskDeals{}, task);
    if (deals == nullptr) continue;
    std::istringstream lines(week_deals_table(week.graph, *deals));
    for (std::string line; std::getline(lines, line);) out << std::string(kWeekIndent + 1, ' ') << line << '\n';
  }
}

}  // namespace putki
