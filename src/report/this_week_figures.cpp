#include <putki/report/this_week_figures.hpp>

#include "report/figure_words.hpp"
#include "report/specification.hpp"
#include "report/texts.hpp"

#include <algorithm>

namespace putki {
namespace {

constexpr std::size_t kLeaksShown = 15;

// A task for a table: what kind it is, what it is about, the deals named, the money behind it.
struct WeekTaskRow {
  std::string what;
  std::string about;
  std::vector<const ReadyDeal*> deals = {};
  std::optional<double> money = {};
};

struct WeekTaskRows {
  const StageGraph& graph;
  const FigureOptions& options;
  const NumberFormat& format;

  std::string say(const char* key, std::initializer_list<std::string_view> values = {}) const {
    return text(options.language, key, values);
  }
  std::string stage(StageId id) const { return short_name(graph.stage(id).name); }
  std::string deals(std::uint64_t count) const { return counted_words(count, "week.deals", options, format); }
  static std::vector<const ReadyDeal*> named(const std::vector<ReadyDeal>& list) {
    std::vector<const ReadyDeal*> pointers;
    for (const ReadyDeal& deal : list) pointers.push_back(&deal);
    return pointers;
  }

  WeekTaskRow operator()(const DecideDeals& task) const {
    return {say("week.decide"), say("week.decide.about", {format.number(task.decisions, 1)}), named(task.deals),
            task.at_stake > 0 ? std::optional(task.at_stake) : std::nullopt};
  }
  WeekTaskRow operator()(const FillStage& task) const {
    const StageProjection& projection = task.projection;
    const double then = projection.expected[static_cast<std::size_t>(*projection.dry_in_week) - 1];
    return {say("week.fill", {stage(projection.stage)}),
            say("week.fill.about", {deals(projection.present), format.number(then, 1), format.day(task.dry_by),
                                    format.number(projection.usual, 1)})};
  }
  WeekTaskRow operator()(const CloseGap& task) const {
    const Strength& one = task.weakness;
    const std::string who =
        short_name(one.attribute) + ": " + (one.value.empty() ? say("week.unknown") : short_name(one.value));
    const std::string days = format.number(one.by_days), here = format.share(one.here, 0),
                      others = format.share(one.others, 0);
    return {say("week.gap", {who}),
            one.stage == kNoStage ? say("week.gap.won", {here, others, days})
                                  : say("week.gap.advance", {stage(one.stage), here, others, days}),
            {},
            one.money_per_month ? std::optional(-*one.money_per_month) : std::nullopt};
  }
  WeekTaskRow operator()(const CleanUpDeals& task) const {
    return {say("week.clean"), say("week.clean.about", {deals(task.deals)}), named(task.named),
            task.without_amount < task.deals ? std::optional(task.value.units()) : std::nullopt};
  }
  WeekTaskRow operator()(const StopLeak& task) const {
    return {say("week.leak", {stage(task.stage.stage)}),
            say("week.leak.about", {format.share(task.stage.lost, 0), format.number(task.lost_per_month, 1)}),
            {},
            task.cost_per_month > 0 ? std::optional(task.cost_per_month) : std::nullopt};
  }
};

}  // namespace

Figure this_week_figure(const ThisWeek& week, const FigureOptions& options) {
  const NumberFormat format(options);
  const auto say = [&](const char* key) { return text(options.language, key); };
  Figure figure{.name = "this-week",
                .title = {},
                .specification = {},
                .table = {},
                .computed = text(options.language, "week.computed", {format.number(week.within_days)})};
  figure.table.columns = {say("week.column.task"), say("week.column.about"), say("week.column.stage"),
                          say("week.column.age"),  say("week.column.money"), say("week.column.advance"),
                          say("week.column.lost")};
  const WeekTaskRows rows{.graph = week.graph, .options = options, .format = format};
  std::string first;
  for (const WeekTask& task : week.tasks) {
    const WeekTaskRow row = std::visit(rows, task);
    if (first.empty()) first = row.what;
    figure.table.rows.push_back({FigureCell::of_text(row.what), FigureCell::of_text(row.about), FigureCell::of_text(""),
                                 FigureCell::days({}), FigureCell::money(row.money), FigureCell::share({}),
                                 FigureCell::share({})});
    for (const ReadyDeal* deal : row.deals)
      figure.table.rows.push_back(
          {FigureCell::of_text(""), FigureCell::of_text(deal->deal),
           FigureCell::of_text(week.graph.stage(deal->stage).name), FigureCell::days(deal->age_days),
           FigureCell::money(deal->amount == kNoAmount ? std::nullopt : std::optional(deal->amount.units())),
           FigureCell::share(deal->advance.probability), FigureCell::share(deal->lost.probability)});
  }
  figure.title = week.tasks.empty()       ? say("week.title.empty")
                 : week.tasks.size() == 1 ? text(options.language, "week.title.one", {first})
                                          : text(options.language, "week.title.many",
                                                 {format.number(static_cast<double>(week.tasks.size())), first});
  return figure;
}

Figure leaks_figure(const StageGraph& graph, std::span<const StageWorth> stages, const FigureOptions& options) {
  const NumberFormat format(options);
  const auto say = [&](const char* key) { return text(options.language, key); };
  struct Leak {
    const StageWorth* stage;
    double lost;                 // deals a month
    std::optional<double> cost;  // of them, currency units a month
  };
  std::vector<Leak> leaks;
  bool money = false;
  for (const StageWorth& stage : stages) {
    const double lost = stage.visits_per_month * stage.lost;
    graph.stage(stage.stage);  // refuses what is not of the graph
    leaks.push_back({&stage, lost, stage.worth ? std::optional(lost * *stage.worth) : std::nullopt});
    money = money || leaks.back().cost.value_or(0) > 0;
  }
  const auto size = [&](const Leak& leak) { return money ? leak.cost.value_or(0) : leak.lost; };
  std::stable_sort(leaks.begin(), leaks.end(), [&](const Leak& a, const Leak& b) { return size(a) > size(b); });
  Figure figure{.name = "leaks", .title = {}, .specification = {}, .table = {}, .computed = say("leaks.computed")};
  if (leaks.size() > kLeaksShown) {
    figure.computed += ' ' + text(options.language, "leaks.left_out",
                                  {format.number(static_cast<double>(leaks.size() - kLeaksShown))});
    leaks.resize(kLeaksShown);
  }
  figure.table.columns = {say("leaks.column.stage"), say("leaks.column.visits"), say("leaks.column.lost_share"),
                          say("leaks.column.lost"),  say("leaks.column.worth"),  say("leaks.column.cost"),
                          say("leaks.column.point")};
  if (leaks.empty() || size(leaks.front()) <= 0) {
    figure.title = say("leaks.title.empty");
    return figure;
  }
  const std::string name = short_name(graph.stage(leaks.front().stage->stage).name);
  figure.title = money ? text(options.language, "leaks.title.money", {name, format.money(size(leaks.front()))})
                       : text(options.language, "leaks.title.deals", {name, format.number(size(leaks.front()), 1)});
  Json bars = Json::array();
  for (const Leak& leak : leaks) {
    const StageWorth& stage = *leak.stage;
    const std::optional<double> point = stage.point_per_month();
    figure.table.rows.push_back({FigureCell::of_text(graph.stage(stage.stage).name),
                                 FigureCell::of_number(stage.visits_per_month), FigureCell::share(stage.lost),
                                 FigureCell::of_number(leak.lost), FigureCell::money(stage.worth),
                                 FigureCell::money(leak.cost), FigureCell::money(point)});
    const std::string label = money ? format.money(size(leak)) : format.number(size(leak), 1);
    bars.push_back({{"row", bars.size()},
                    {"name", graph.stage(stage.stage).name},
                    {"size", size(leak)},
                    {"label", label},
                    {"note", money && point ? text(options.language, "leaks.point", {format.money(*point)}) : ""},
                    {"tip", graph.stage(stage.stage).name + ": " + label + "; " +
                                text(options.language, "leaks.tip",
                                     {format.share(stage.lost), format.number(stage.visits_per_month, 1)})}});
  }
  const SpecificationContent content{.data = {{"bars", std::move(bars)}},
                                     .signals = {{"text_axis", say(money ? "leaks.axis.money" : "leaks.axis.deals")}},
                                     .description = figure.title};
  figure.specification = specification("leaks", content, options);
  return figure;
}

}  // namespace putki
