#include <putki/report/explanation_figures.hpp>

#include "report/listed_bars.hpp"
#include "report/number_format.hpp"
#include "report/text_table.hpp"
#include "report/texts.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace putki {
namespace {

constexpr std::size_t kMostListed = 15, kMostStages = 40, kDealTitleWidth = 60;

std::string deal_count(const FigureOptions& options, std::size_t count) {
  const NumberFormat format(options);
  return count == 1 ? text(options.language, "deals.one")
                    : text(options.language, "deals.many", {format.number(static_cast<double>(count))});
}

struct OpenStage {
  std::string name;
  std::size_t deals = 0;
  std::size_t unknown = 0;
  double value = 0;
  double mean = 0;
};

std::vector<OpenStage> open_stages(std::span<const DealPart> deals, const StageGraph& graph,
                                   const FigureOptions& options, bool& others) {
  std::map<StageId, OpenStage> by_stage;
  for (const DealPart& deal : deals) {
    OpenStage& stage = by_stage[deal.stage];
    ++stage.deals;
    if (deal.amount)
      stage.value += *deal.amount;
    else
      ++stage.unknown;
    stage.mean += deal.mean;
  }
  double least = -1;
  others = by_stage.size() > kMostStages;
  if (others) {
    std::vector<double> means;
    for (const auto& [id, stage] : by_stage) means.push_back(stage.mean);
    std::nth_element(means.begin(), means.begin() + kMostStages - 1, means.end(), std::greater<>());
    least = means[kMostStages - 1];
  }
  std::vector<OpenStage> shown;
  OpenStage rest{.name = text(options.language, "stages.other")};
  for (auto& [id, stage] : by_stage) {
    if (stage.mean >= least && shown.size() < kMostStages) {
      stage.name = graph.stage(id).name;
      shown.push_back(stage);
      continue;
    }
    rest.deals += stage.deals;
    rest.unknown += stage.unknown;
    rest.value += stage.value;
    rest.mean += stage.mean;
  }
  if (rest.deals > 0) shown.push_back(rest);
  return shown;
}

// What a step of the lever is.
std::string lever_label(const Lever& lever, const StageGraph& graph, Language language) {
  const auto name = [&](StageId stage) { return graph.stage(stage).name; };
  switch (lever.kind) {
    case Lever::Kind::conversion:
      return text(language, "levers.conversion", {name(lever.from), name(lever.to)});
    case Lever::Kind::delay:
      return text(language, "levers.delay", {name(lever.from)});
    case Lever::Kind::inflow:
      return text(language, "levers.inflow");
    case Lever::Kind::amounts:
      break;
  }
  return text(language, "levers.amounts");
}

FigureCell lever_now(const Lever& lever) {
  const std::optional<double> now = std::isfinite(lever.now) ? std::optional(lever.now) : std::nullopt;
  switch (lever.kind) {
    case Lever::Kind::conversion:
      return FigureCell::share(now);
    case Lever::Kind::delay:
      return FigureCell::days(now);
    case Lever::Kind::inflow:
      return FigureCell::of_number(now);
    case Lever::Kind::amounts:
      break;
  }
  return FigureCell::money(now);
}

const char* lever_now_key(Lever::Kind kind) {
  switch (kind) {
    case Lever::Kind::conversion:
      return "levers.now.conversion";
    case Lever::Kind::delay:
      return "levers.now.delay";
    case Lever::Kind::inflow:
      return "levers.now.inflow";
    case Lever::Kind::amounts:
      break;
  }
  return "levers.now.amounts";
}

std::string signed_money(const NumberFormat& format, double amount) {
  const std::string money = format.money(amount);
  return amount > 0 ? "+" + money : money;
}

}  // namespace

Figure open_stages_figure(std::span<const DealPart> deals, const StageGraph& graph, const FigureOptions& options) {
  const NumberFormat format(options);
  const auto say = [&](const char* key) { return text(options.language, key); };
  Figure figure{.name = "open-stages", .title = say("stages.none"), .computed = say("stages.computed")};
  figure.table.columns = {say("stages.stage"),  say("stages.deals"),    say("stages.unknown"),
                          say("stages.amount"), say("stages.expected"), say("stages.share")};
  bool others = false;
  const std::vector<OpenStage> stages = open_stages(deals, graph, options, others);
  if (stages.empty()) return figure;
  double sum = 0;
  for (const OpenStage& stage : stages) sum += stage.mean;
  std::vector<ListedBar> bars;
  for (const OpenStage& stage : stages) {
    const double count = static_cast<double>(stage.deals), unknown = static_cast<double>(stage.unknown);
    figure.table.rows.push_back({FigureCell::of_text(stage.name), FigureCell::count(count), FigureCell::count(unknown),
                                 FigureCell::money(stage.value), FigureCell::money(stage.mean),
                                 FigureCell::share(sum > 0 ? std::optional(stage.mean / sum) : std::nullopt)});
    std::string detail = deal_count(options, stage.deals);
    if (stage.unknown > 0) detail += ", " + text(options.language, "stages.of_unknown", {format.number(unknown)});
    bars.push_back({.label = stage.name,
                    .detail = std::move(detail),
                    .value = stage.mean,
                    .text = stage.value > 0 ? text(options.language, "stages.of",
                                                   {format.money(stage.mean), format.money(stage.value)})
                                            : format.money(stage.mean),
                    .behind = stage.value});
  }
  const auto most = std::max_element(bars.begin(), bars.end() - (others ? 1 : 0),
                                     [](const ListedBar& a, const ListedBar& b) { return a.value < b.value; });
  if (sum > 0)
    figure.title = text(options.language, "stages.title",
                        {shortened(most->label, kDealTitleWidth), format.money(most->value), format.money(sum)});
  else
    figure.title = say("stages.nothing");
  figure.specification = listed_bars(bars, {{say("stages.key.expected"), 0.9}, {say("stages.key.amount"), 0.25}}, false,
                                     figure.title, options);
  return figure;
}

Figure largest_deals_figure(const Forecast& forecast, const ForecastExplanation& explanation,
                            const FigureOptions& options) {
  const NumberFormat format(options);
  const auto say = [&](const char* key) { return text(options.language, key); };
  Figure figure{.name = "largest-deals", .title = say("deals.none"), .computed = say("deals.computed")};
  figure.table.columns = {say("deals.deal"),   say("deals.stage"),    say("deals.days"),  say("deals.amount"),
                          say("deals.chance"), say("deals.expected"), say("deals.share"), say("deals.variance")};
  if (explanation.deals.empty()) return figure;
  const double mean = forecast.total.revenue.mean(), variance = forecast.total.variance.total();
  std::vector<ListedBar> bars;
  const auto share = [](double part, double whole) { return whole > 0 ? std::optional(part / whole) : std::nullopt; };
  for (const DealPart& deal : explanation.deals) {
    if (bars.size() == kMostListed) break;
    const std::string& stage = explanation.graph.stage(deal.stage).name;
    figure.table.rows.push_back(
        {FigureCell::of_text(deal.name), FigureCell::of_text(stage), FigureCell::count(deal.age_days),
         FigureCell::money(deal.amount), FigureCell::share(deal.chance), FigureCell::money(deal.mean),
         FigureCell::share(share(deal.mean, mean)), FigureCell::share(share(deal.variance, variance))});
    std::string detail =
        text(options.language, "deals.detail", {stage, format.number(deal.age_days), format.share(deal.chance, 0)});
    if (!deal.amount) detail += " · " + say("deals.unknown");
    const std::string expected = format.money(deal.mean);
    bars.push_back(
        {.label = deal.name,
         .detail = std::move(detail),
         .value = deal.mean,
         .text = deal.amount ? text(options.language, "stages.of", {expected, format.money(*deal.amount)}) : expected,
         .behind = deal.amount});
  }
  const std::string largest = shortened(explanation.deals.front().name, kDealTitleWidth);
  const double part = mean > 0 ? explanation.deals.front().mean / mean : 0;
  figure.title = text(options.language, part >= 0.2 ? "deals.title.one" : "deals.title.many",
                      {largest, format.share(part, part < 0.1 ? 1 : 0)});
  if (explanation.without_first) {
    const RevenueDistribution& rest = explanation.without_first->total.revenue;
    figure.computed += " " + text(options.language, "deals.without",
                                  {largest, format.money(rest.mean()), format.money(rest.quantile(0.1)),
                                   format.money(rest.quantile(0.9))});
  }
  figure.specification = listed_bars(bars, {{say("stages.key.expected"), 0.9}, {say("deals.key.amount"), 0.25}}, false,
                                     figure.title, options);
  return figure;
}

Figure levers_figure(const Forecast& forecast, const ForecastExplanation& explanation, const FigureOptions& options) {
  const NumberFormat format(options);
  const auto say = [&](const char* key) { return text(options.language, key); };
  Figure figure{.name = "levers", .title = say("levers.none"), .computed = say("levers.computed")};
  figure.table.columns = {say("levers.lever"), say("levers.now"), say("levers.money")};
  std::vector<ListedBar> bars;
  for (const Lever& lever : explanation.levers) {
    if (bars.size() == kMostListed || lever.money == 0) break;
    const std::string label = lever_label(lever, explanation.graph, options.language);
    const FigureCell now = lever_now(lever);
    figure.table.rows.push_back({FigureCell::of_text(label), now, FigureCell::money(lever.money)});
    bars.push_back({.label = label,
                    .detail = now.number ? text(options.language, lever_now_key(lever.kind), {format.cell(now)}) : "",
                    .value = lever.money,
                    .text = signed_money(format, lever.money)});
  }
  if (bars.empty()) return figure;
  figure.title =
      text(options.language, "levers.title", {shortened(bars.front().label, 2 * kDealTitleWidth), bars.front().text});
  figure.computed += " " + text(options.language, "levers.horizon", {format.number(forecast.horizon_days)});
  if (explanation.levers.size() > bars.size())
    figure.computed += " " + text(options.language, "levers.left_out",
                                  {format.number(static_cast<double>(bars.size())),
                                   format.number(static_cast<double>(explanation.levers.size()))});
  figure.specification = listed_bars(bars, {{say("levers.money"), 0.9}}, true, figure.title, options);
  return figure;
}

PageSection explanation_section(const Forecast& forecast, const ForecastExplanation& explanation,
                                std::span<const DealPart> deals, const FigureOptions& options) {
  return {
      .title = text(options.language, "explanation.section"),
      .figures = {open_stages_figure(deals, explanation.graph, options),
                  largest_deals_figure(forecast, explanation, options), levers_figure(forecast, explanation, options)}};
}

}  // namespace putki
