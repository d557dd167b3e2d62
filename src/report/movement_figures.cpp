#include <putki/report/movement_figures.hpp>

#include "report/movement_words.hpp"
#include "report/specification.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace putki {
namespace {

// How much of the pipeline may stay unmoved before the axis of the waterfall is cut.
constexpr double kUnmovedShare = 0.6;

bool comes_in(MovementLine line) {
  return line >= MovementLine::created && line <= MovementLine::grown;
}
bool is_level(MovementLine line) {
  return line == MovementLine::start || line == MovementLine::end;
}
// Deals that only change their amount neither come nor go.
bool changes_amounts(MovementLine line) {
  return line == MovementLine::valued || line == MovementLine::grown || line == MovementLine::shrunk;
}

struct WaterfallStep {
  MovementLine line;
  double size;        // currency units or deals, not below zero but for amounts below zero
  double begin, end;  // where the bar begins and ends
};

std::vector<WaterfallStep> waterfall_steps(const MovementTable& table, bool by_deals) {
  std::vector<WaterfallStep> steps;
  Money value{};
  double deals = 0;
  for (std::size_t i = 0; i < kMovementLines; ++i) {
    const auto line = static_cast<MovementLine>(i);
    const MovementTally& tally = table.lines[i];
    using enum MovementLine;
    const bool always = is_level(line) || line == created || line == won || line == lost;
    if ((tally.deals == 0 && !always) || (by_deals && changes_amounts(line))) continue;
    const double size = by_deals ? static_cast<double>(tally.deals) : tally.value.units();
    if (is_level(line)) {
      value = tally.value;
      deals = static_cast<double>(tally.deals);
      steps.push_back({line, size, 0, size});
      continue;
    }
    const double before = by_deals ? deals : value.units();
    value = comes_in(line) ? value + tally.value : value - tally.value;
    deals += (comes_in(line) ? 1 : -1) * static_cast<double>(tally.deals);
    steps.push_back({line, size, before, by_deals ? deals : value.units()});
  }
  return steps;
}

// Where the axis begins: zero, or just below all movement when most of the pipeline did not move.
double axis_begin(const std::vector<WaterfallStep>& steps) {
  double least = steps.front().end, most = least;
  for (const WaterfallStep& step : steps) {
    least = std::min(least, step.end);
    most = std::max(most, step.end);
  }
  if (!(most > least) || least < kUnmovedShare * most) return 0;
  const double spread = most - least, unit = std::pow(10, std::floor(std::log10(spread)));
  const double begin = std::floor((least - 0.3 * spread) / unit) * unit;
  return begin > kUnmovedShare / 2 * most ? begin : 0;
}

std::string waterfall_title(const MovementWords& words, const std::vector<WaterfallStep>& steps, bool by_deals) {
  const auto amount = [&](double size) { return by_deals ? words.deals(size) : words.format.money(size); };
  const double change = steps.back().size - steps.front().size;
  const std::string subject = words.subject(), now = amount(steps.back().size);
  if (change == 0) return words.say("title.kept", {subject, now});
  const WaterfallStep* most = nullptr;
  for (const WaterfallStep& step : steps)
    if (!is_level(step.line) && comes_in(step.line) == (change > 0) && (most == nullptr || step.size > most->size))
      most = &step;
  const std::string driver = words.say("driver." + to_string(most->line));
  return words.say(change > 0 ? "title.grew" : "title.shrank",
                   {subject, amount(std::abs(change)), now, driver,
                    (change > 0 ? "+" : "-") + (by_deals ? words.format.number(most->size) : amount(most->size))});
}

std::size_t characters(const std::string& utf8) {
  return static_cast<std::size_t>(
      std::count_if(utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace

Figure movement_figure(const Movement& movement, const FigureOptions& options) {
  const MovementWords words{movement, options.language, NumberFormat(options)};
  const MovementTable& table = movement.table;
  Figure figure{.name = "movement", .title = {}, .computed = words.say("computed")};
  figure.table.columns = {words.say("line"), words.say("column.deals"), words.say("column.value"),
                          words.say("column.without_amount")};
  bool any = false, by_deals = true, has_cents = false;
  double largest = 0;
  for (const MovementTally& tally : table.lines) {
    any = any || tally.deals > 0;
    by_deals = by_deals && tally.deals == tally.without_amount;
    has_cents = has_cents || tally.value.minor % 100 != 0;
    largest = std::max(largest, std::abs(tally.value.units()));
  }
  for (std::size_t i = 0; i < kMovementLines; ++i) {
    const MovementTally& tally = table.lines[i];
    figure.table.rows.push_back({FigureCell::of_text(words.line(static_cast<MovementLine>(i))),
                                 FigureCell::count(static_cast<double>(tally.deals)),
                                 FigureCell::money(tally.value.units()),
                                 FigureCell::count(static_cast<double>(tally.without_amount))});
  }
  if (any && by_deals) figure.computed += " " + words.say("computed.by_deals");
  if (!any) {
    figure.title = words.say("title.none", {words.format.day(movement.since), words.format.day(movement.as_of)});
    return figure;
  }

  const std::vector<WaterfallStep> steps = waterfall_steps(table, by_deals);
  const int decimals = has_cents && largest < 1e5 ? 2 : 0;
  SpecificationContent content{.data = {{"lines", Json::array()}}};
  std::size_t longest = 0;
  for (const WaterfallStep& step : steps) {
    const MovementTally& tally = table.line(step.line);
    const std::string sign = is_level(step.line) ? "" : comes_in(step.line) ? "+" : "-";
    const std::string label =
        sign + (by_deals ? words.format.number(step.size) : words.format.money(step.size, decimals));
    longest = std::max(longest, characters(label));
    const std::string deals = words.deals(static_cast<double>(tally.deals));
    std::string tip = words.line(step.line) + ": " + deals;
    if (!by_deals) tip += ", " + words.format.money(step.size, 2);
    if (tally.without_amount > 0 && !by_deals)
      tip += ", " + words.say("tip.without_amount", {words.format.number(static_cast<double>(tally.without_amount))});
    content.data["lines"].push_back({{"order", static_cast<int>(step.line)},
                                     {"line", words.line(step.line)},
                                     {"kind", is_level(step.line)              ? "level"
                                              : comes_in(step.line)            ? "in"
                                              : step.line == MovementLine::won ? "won"
                                                                               : "out"},
                                     {"begin", step.begin},
                                     {"end", step.end},
                                     {"text", label},
                                     {"tip", tip}});
  }
  figure.title = waterfall_title(words, steps, by_deals);
  content.signals = {{"from", axis_begin(steps)},
                     {"format_axis", by_deals ? "~s" : "$~s"},
                     {"longest", longest},
                     {"text_cut", words.say("cut")}};
  content.description = figure.title;
  figure.specification = specification("movement_waterfall", content, options);
  return figure;
}

}  // namespace putki
