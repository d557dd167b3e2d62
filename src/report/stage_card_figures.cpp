#include <putki/report/stage_card_figures.hpp>

#include <putki/core/error.hpp>

#include "report/figure_words.hpp"
#include "report/specification.hpp"
#include "report/texts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace putki {
namespace {

constexpr std::size_t kCardsShown = 24;
constexpr std::size_t kCardPeriods = 26;
constexpr double kCardStandsOut = 2;  // standard deviations

std::vector<const StageCard*> cards_shown(const StageCards& cards) {
  std::vector<const StageCard*> shown;
  for (const StageCard& card : cards.cards) shown.push_back(&card);
  if (shown.size() <= kCardsShown) return shown;
  const auto busy = [](const StageCard* card) {
    return card->presence.still_there.deals + card->presence.entered.deals;
  };
  std::stable_sort(shown.begin(), shown.end(), [&](const auto* a, const auto* b) { return busy(a) > busy(b); });
  shown.resize(kCardsShown);
  std::sort(shown.begin(), shown.end());  // cards stand one after the other in memory, in stage order
  return shown;
}

std::string cards_title(const StageCards& cards, const FigureOptions& options, const NumberFormat& format) {
  const StageCard *fullest = nullptr, *emptiest = nullptr;
  bool any = false;
  for (const StageCard& card : cards.cards) {
    any = any || card.mean_stay;
    if (!card.z_score) continue;
    if (fullest == nullptr || *card.z_score > *fullest->z_score) fullest = &card;
    if (emptiest == nullptr || *card.z_score < *emptiest->z_score) emptiest = &card;
  }
  if (!any) return text(options.language, "cards.title.empty");
  const bool full = fullest != nullptr && *fullest->z_score > kCardStandsOut;
  const bool dry = emptiest != nullptr && *emptiest->z_score < -kCardStandsOut;
  if (!full && !dry) return text(options.language, "cards.title.none");
  const StageCard& card = full ? *fullest : *emptiest;
  return text(options.language, full ? "cards.title.full" : "cards.title.dry",
              {short_name(cards.graph.stage(card.presence.stage).name),
               counted_words(card.presence.still_there.deals, "cards.deals", options, format),
               format.number(card.expected->value, 1)});
}

const StageTransition* commonest_way(const StageCard& card) {
  const StageTransition* most = nullptr;
  for (const StageTransition& transition : card.transitions)
    if (transition.share && (most == nullptr || transition.share->value > most->share->value)) most = &transition;
  return most;
}

FigureCell limit_cell(const std::optional<MetricEstimate>& estimate, double Interval::*limit,
                      FigureCell (*cell)(std::optional<double>)) {
  if (!estimate || !estimate->interval) return cell({});
  return cell((*estimate->interval).*limit);
}

}  // namespace

Figure stage_cards_figure(const StageCards& cards, const StageStocks& stocks, const Readiness* readiness,
                          const FigureOptions& options) {
  if (!stocks.stages.empty() && stocks.stages.size() != cards.graph.stage_count())
    throw InvalidArgument(
        fmt::format("stage cards of {} stages with stocks of {}", cards.graph.stage_count(), stocks.stages.size()),
        ErrorCode::incompatible);
  const NumberFormat format(options);
  const auto say = [&](const char* key) { return text(options.language, key); };
  const std::string days = format.number(cards.age_days, cards.age_days == std::floor(cards.age_days) ? 0 : 1);
  const std::size_t periods = std::min(stocks.periods.size(), kCardPeriods);
  Figure figure{.name = "stage-cards",
                .title = cards_title(cards, options, format),
                .specification = {},
                .table = {},
                .computed = text(options.language, "cards.computed", {format.day(cards.since), days})};
  const std::vector<const StageCard*> shown = cards_shown(cards);
  if (shown.size() < cards.cards.size())
    figure.computed += ' ' + text(options.language, "cards.left_out",
                                  {format.number(static_cast<double>(cards.cards.size() - shown.size()))});
  figure.table.columns = {say("cards.column.stage"),
                          say("cards.column.now"),
                          say("cards.column.value"),
                          say("cards.column.overdue"),
                          say("cards.column.expected"),
                          say("column.lower"),
                          say("column.upper"),
                          say("cards.column.z"),
                          say("cards.column.median"),
                          say("column.lower"),
                          say("column.upper"),
                          say("cards.column.next"),
                          text(options.language, "cards.column.share", {days}),
                          say("column.lower"),
                          say("column.upper")};
  Json list = Json::array(), lines = Json::array();
  bool any = false;
  const std::optional<MetricEstimate> nowhere;
  for (const StageCard* card : shown) {
    const std::string& name = cards.graph.stage(card->presence.stage).name;
    const std::uint64_t now = card->presence.still_there.deals;
    any = any || card->mean_stay;
    std::optional<double> overdue;
    if (readiness != nullptr)
      overdue = static_cast<double>(
          std::count_if(readiness->deals.begin(), readiness->deals.end(),
                        [&](const ReadyDeal& deal) { return deal.stage == card->presence.stage && deal.overdue; }));
    const StageTransition* next = commonest_way(*card);
    const std::optional<MetricEstimate>& share = next != nullptr ? next->share : nowhere;
    const auto value = [](const std::optional<MetricEstimate>& estimate) {
      return estimate ? std::optional(estimate->value) : std::nullopt;
    };
    const bool any_amount = card->presence.still_there.unknown_amounts < now || now == 0;
    figure.table.rows.push_back(
        {FigureCell::of_text(name), FigureCell::count(static_cast<double>(now)),
         FigureCell::money(any_amount ? std::optional(card->presence.still_there.value.units()) : std::nullopt),
         FigureCell::count(overdue), FigureCell::of_number(value(card->expected)),
         limit_cell(card->expected, &Interval::lower, &FigureCell::of_number),
         limit_cell(card->expected, &Interval::upper, &FigureCell::of_number), FigureCell::of_number(card->z_score),
         FigureCell::days(value(card->median_stay)), limit_cell(card->median_stay, &Interval::lower, &FigureCell::days),
         limit_cell(card->median_stay, &Interval::upper, &FigureCell::days),
         FigureCell::of_text(next != nullptr ? cards.graph.stage(next->to).name : ""), FigureCell::share(value(share)),
         limit_cell(share, &Interval::lower, &FigureCell::share),
         limit_cell(share, &Interval::upper, &FigureCell::share)});

    std::vector<double> line;
    if (!stocks.stages.empty()) {
      const std::vector<std::uint64_t>& counts = stocks.stages[index(card->presence.stage)].at_end;
      line.assign(counts.end() - static_cast<std::ptrdiff_t>(periods), counts.end());
    }
    const double largest = line.empty() ? 0 : *std::max_element(line.begin(), line.end());
    const bool limits = card->expected && card->expected->interval;
    const double top = std::max({1.0, largest, limits ? std::min(card->expected->interval->upper, 2 * largest) : 0});
    const std::size_t number = list.size();
    for (std::size_t p = 0; p < line.size(); ++p) {
      const Period& period = stocks.periods[stocks.periods.size() - periods + p];
      const Day end = std::min(period.end, stocks.known_before) - Days(1);
      lines.push_back({{"card", number},
                       {"at", line.size() > 1 ? static_cast<double>(p) / static_cast<double>(line.size() - 1) : 1.0},
                       {"height", line[p] / top},
                       {"last", p + 1 == line.size()},
                       {"tip", name + ", " + format.day(end) + ": " + format.number(line[p])}});
    }
    std::string expected = say("cards.expected.none"), verdict;
    int standing = 0;
    if (card->expected) {
      expected = text(options.language, card->stay_complete ? "cards.expected" : "cards.expected.more",
                      {format.number(card->expected->value, 1)});
      if (limits)
        expected +=
            text(options.language, "cards.limits",
                 {format.number(card->expected->interval->lower), format.number(card->expected->interval->upper)});
    }
    if (card->z_score && std::abs(*card->z_score) > kCardStandsOut) standing = *card->z_score > 0 ? 1 : -1;
    if (standing != 0) verdict = say(standing > 0 ? "cards.full" : "cards.dry");
    list.push_back(
        {{"card", number},
         {"name", name},
         {"now", format.number(static_cast<double>(now))},
         {"overdue", overdue && *overdue > 0 ? text(options.language, "cards.overdue", {format.number(*overdue)}) : ""},
         {"standing", standing},
         {"verdict", verdict},
         {"expected", expected},
         {"lower", limits ? Json(std::min(1.0, card->expected->interval->lower / top)) : Json(0)},
         {"upper", limits ? Json(std::min(1.0, card->expected->interval->upper / top)) : Json(0)},
         {"stay", card->median_stay ? text(options.language, "cards.stay",
                                           {duration_words(card->median_stay->value, options, format)})
                                    : say("cards.stay.open")},
         {"next", share ? text(options.language, "cards.next",
                               {format.share(share->value, 0), cards.graph.stage(next->to).name})
                        : ""}});
  }
  if (!any) {
    figure.table.rows.clear();
    return figure;
  }
  const SpecificationContent content{
      .data = {{"cards", std::move(list)}, {"lines", std::move(lines)}},
      .signals = {{"text_line", text(options.language, "cards.line", {format.number(static_cast<double>(periods))})}},
      .description = figure.title};
  figure.specification = specification("stage_cards", content, options);
  return figure;
}

}  // namespace putki
