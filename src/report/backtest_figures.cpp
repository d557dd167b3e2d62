#include <putki/report/backtest_figures.hpp>

#include "report/listed_bars.hpp"
#include "report/number_format.hpp"
#include "report/specification.hpp"
#include "report/texts.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace putki {
namespace {

constexpr std::size_t kMostHorizons = 6, kMostOrigins = 200, kFewOutcomes = 10;

struct BinomialRange {
  std::size_t low = 0;
  std::size_t high = 0;
};

// The binomial distribution less both its tails; by default its central 95 %.
BinomialRange chance_range(std::size_t trials, double probability, double tail = 0.025) {
  if (probability >= 1) return {trials, trials};
  BinomialRange range{0, trials};
  double logarithm = static_cast<double>(trials) * std::log1p(-probability), cumulative = 0;
  bool low_found = false;
  for (std::size_t k = 0; k <= trials; ++k) {
    cumulative += std::exp(logarithm);
    if (!low_found && cumulative >= tail) {
      range.low = k;
      low_found = true;
    }
    if (cumulative >= 1 - tail) {
      range.high = k;
      break;
    }
    logarithm += std::log(static_cast<double>(trials - k) / static_cast<double>(k + 1)) + std::log(probability) -
                 std::log1p(-probability);
  }
  return range;
}

std::vector<const HorizonRecord*> shown_horizons(const Backtest& backtest) {
  std::vector<const HorizonRecord*> shown;
  for (const HorizonRecord& record : backtest.horizons)
    if (!record.origins.empty() && shown.size() < kMostHorizons) shown.push_back(&record);
  return shown;
}

std::string days_ahead(const FigureOptions& options, int days) {
  return days == 1 ? text(options.language, "backtest.day_ahead")
                   : text(options.language, "backtest.days_ahead", {NumberFormat(options).number(days)});
}

std::string horizons_left_out(const Backtest& backtest, const FigureOptions& options) {
  const NumberFormat format(options);
  const auto filled = std::count_if(backtest.horizons.begin(), backtest.horizons.end(),
                                    [](const HorizonRecord& record) { return !record.origins.empty(); });
  if (static_cast<std::size_t>(filled) <= kMostHorizons) return "";
  return " " + text(options.language, "backtest.horizons_left_out",
                    {format.number(kMostHorizons), format.number(static_cast<double>(filled))});
}

Json panel(std::size_t index, std::string title) {
  return {{"panel", index}, {"title", std::move(title)}};
}

std::string count_text(const NumberFormat& format, std::size_t count) {
  return format.number(static_cast<double>(count));
}

Figure begun(const char* name, const FigureOptions& options, const Backtest& backtest) {
  Figure figure{.name = name, .title = text(options.language, "backtest.none"), .computed = {}};
  figure.computed =
      text(options.language, std::string("backtest.") + name + ".computed") + horizons_left_out(backtest, options);
  return figure;
}

std::string coverage_title(const std::vector<const HorizonRecord*>& shown, const FigureOptions& options) {
  const NumberFormat format(options);
  std::size_t inside = 0, total = 0, fewest = shown.front()->coverage80.total;
  const HorizonRecord* worst = nullptr;
  for (const HorizonRecord* record : shown) {
    const Coverage& coverage = record->coverage80;
    inside += coverage.inside;
    total += coverage.total;
    fewest = std::min(fewest, coverage.total);
    // One false alarm in twenty backtests, however many horizons there are.
    const BinomialRange range = chance_range(coverage.total, 0.8, 0.025 / static_cast<double>(shown.size()));
    const bool as_promised = coverage.inside >= range.low && coverage.inside <= range.high;
    if (!as_promised && (!worst || std::abs(coverage.share - 0.8) > std::abs(worst->coverage80.share - 0.8)))
      worst = record;
  }
  if (worst) {
    const Coverage& coverage = worst->coverage80;
    return text(
        options.language, coverage.share < 0.8 ? "backtest.title.narrow" : "backtest.title.wide",
        {days_ahead(options, worst->days), count_text(format, coverage.inside), count_text(format, coverage.total)});
  }
  return text(options.language, fewest < kFewOutcomes ? "backtest.title.few" : "backtest.title.kept",
              {count_text(format, inside), count_text(format, total)});
}

}  // namespace

Figure outcomes_figure(const Backtest& backtest, const FigureOptions& options) {
  const NumberFormat format(options);
  const auto say = [&](const char* key) { return text(options.language, key); };
  Figure figure = begun("outcomes", options, backtest);
  figure.table.columns = {say("backtest.horizon"), say("backtest.origin"), say("backtest.actual"), say("backtest.mean"),
                          say("backtest.low"),     say("backtest.high"),   say("backtest.result")};
  const auto shown = shown_horizons(backtest);
  if (shown.empty()) return figure;
  SpecificationContent content{.data = {{"panels", Json::array()}, {"origins", Json::array()}}};
  const std::size_t most = kMostOrigins / shown.size();
  bool left_out = false;
  for (std::size_t h = 0; h < shown.size(); ++h) {
    const HorizonRecord& record = *shown[h];
    const std::string horizon = days_ahead(options, record.days);
    content.data["panels"].push_back(panel(
        h, text(options.language, "backtest.panel",
                {horizon, count_text(format, record.coverage80.inside), count_text(format, record.coverage80.total)})));
    const std::size_t first = record.origins.size() - std::min(record.origins.size(), most);
    left_out = left_out || first > 0;
    for (std::size_t i = first; i < record.origins.size(); ++i) {
      const BacktestOrigin& origin = record.origins[i];
      const bool inside = origin.q10 <= origin.actual && origin.actual <= origin.q90;
      figure.table.rows.push_back({FigureCell::of_text(horizon), FigureCell::day(origin.as_of),
                                   FigureCell::money(origin.actual), FigureCell::money(origin.mean),
                                   FigureCell::money(origin.q10), FigureCell::money(origin.q90),
                                   FigureCell::of_text(say(inside ? "backtest.inside" : "backtest.outside"))});
      content.data["origins"].push_back(
          {{"panel", h},
           {"time", 86'400'000.0 * static_cast<double>(origin.as_of.time_since_epoch().count())},
           {"day", format.day(origin.as_of)},
           {"low", origin.q10},
           {"high", origin.q90},
           {"mean", origin.mean},
           {"actual", origin.actual},
           {"result", inside ? "inside" : "outside"}});
    }
  }
  if (left_out)
    figure.computed += " " + text(options.language, "backtest.origins_left_out", {count_text(format, most)});
  content.data["keys"] = Json::array({{{"result", "inside"}, {"label", say("backtest.key.inside")}},
                                      {{"result", "outside"}, {"label", say("backtest.key.outside")}},
                                      {{"result", "interval"}, {"label", say("backtest.key.interval")}}});
  content.signals["labels"] = {{"actual", say("backtest.actual")}, {"mean", say("backtest.mean")}};
  figure.title = content.description = coverage_title(shown, options);
  figure.specification = specification("backtest_outcomes", content, options);
  return figure;
}

Figure pit_figure(const Backtest& backtest, const FigureOptions& options) {
  const NumberFormat format(options);
  const auto say = [&](const char* key) { return text(options.language, key); };
  Figure figure = begun("pit", options, backtest);
  figure.table.columns = {say("backtest.horizon"),    say("backtest.pit.from"), say("backtest.pit.to"),
                          say("backtest.outcomes"),   say("backtest.expected"), say("backtest.chance.low"),
                          say("backtest.chance.high")};
  const auto shown = shown_horizons(backtest);
  if (shown.empty()) return figure;
  SpecificationContent content{.data = {{"panels", Json::array()}, {"bins", Json::array()}}};
  std::size_t most_beyond = 0, outside = 0, total = 0;
  const HorizonRecord* worst = nullptr;
  for (std::size_t h = 0; h < shown.size(); ++h) {
    const HorizonRecord& record = *shown[h];
    const std::size_t count = record.origins.size(), bins = count < 30 ? 5 : 10;
    const double share = 1 / static_cast<double>(bins), expected = static_cast<double>(count) * share;
    std::vector<std::size_t> counts(bins);
    for (const BacktestOrigin& origin : record.origins)
      ++counts[std::min(static_cast<std::size_t>(origin.pit * static_cast<double>(bins)), bins - 1)];
    const BinomialRange range = chance_range(count, share),
                        any = chance_range(count, share, 0.025 / static_cast<double>(bins * shown.size()));
    const std::string horizon = days_ahead(options, record.days);
    content.data["panels"].push_back(panel(h, horizon));
    std::size_t beyond = 0;
    for (std::size_t b = 0; b < bins; ++b) {
      const double from = static_cast<double>(b) / static_cast<double>(bins),
                   to = static_cast<double>(b + 1) / static_cast<double>(bins);
      outside += counts[b] < range.low || counts[b] > range.high;
      beyond += counts[b] < any.low || counts[b] > any.high;
      figure.table.rows.push_back({FigureCell::of_text(horizon), FigureCell::share(from), FigureCell::share(to),
                                   FigureCell::count(static_cast<double>(counts[b])), FigureCell::count(expected),
                                   FigureCell::count(static_cast<double>(range.low)),
                                   FigureCell::count(static_cast<double>(range.high))});
      content.data["bins"].push_back({{"panel", h},
                                      {"from", from},
                                      {"to", to},
                                      {"count", counts[b]},
                                      {"expected", expected},
                                      {"low", range.low},
                                      {"high", range.high}});
    }
    total += count;
    if (beyond > most_beyond) {
      most_beyond = beyond;
      worst = &record;
    }
  }
  if (!worst) {
    figure.title =
        text(options.language, outside == 0 ? "backtest.pit.even" : "backtest.pit.nearly",
             {count_text(format, total), count_text(format, outside), count_text(format, figure.table.rows.size())});
  } else {
    double mean = 0, middle = 0;
    for (const BacktestOrigin& origin : worst->origins) {
      mean += origin.pit / static_cast<double>(worst->origins.size());
      middle += (origin.pit > 0.25 && origin.pit < 0.75) / static_cast<double>(worst->origins.size());
    }
    const char* const key = mean > 0.6     ? "backtest.pit.higher"
                            : mean < 0.4   ? "backtest.pit.lower"
                            : middle < 0.5 ? "backtest.pit.narrow"
                                           : "backtest.pit.wide";
    figure.title = text(options.language, key, {days_ahead(options, worst->days)});
  }
  content.data["keys"] = Json::array({{{"label", say("backtest.key.chance")}}});
  content.signals["labels"] = {{"x", say("backtest.pit.place")}, {"chance", say("backtest.key.chance")}};
  content.description = figure.title;
  figure.specification = specification("backtest_pit", content, options);
  return figure;
}

Figure coverage_figure(const Backtest& backtest, const FigureOptions& options) {
  const NumberFormat format(options);
  const auto say = [&](const char* key) { return text(options.language, key); };
  Figure figure = begun("coverage", options, backtest);
  figure.table.columns = {say("backtest.horizon"),    say("backtest.level"),    say("backtest.inside.count"),
                          say("backtest.outcomes"),   say("backtest.observed"), say("backtest.chance.low"),
                          say("backtest.chance.high")};
  const auto shown = shown_horizons(backtest);
  if (shown.empty()) return figure;
  SpecificationContent content{.data = {{"panels", Json::array()}, {"levels", Json::array()}}};
  std::size_t most_beyond = 0, outside = 0;
  double error = 0;
  const HorizonRecord* worst = nullptr;
  for (std::size_t h = 0; h < shown.size(); ++h) {
    const HorizonRecord& record = *shown[h];
    const std::size_t count = record.origins.size();
    const double outcomes = static_cast<double>(count);
    const std::string horizon = days_ahead(options, record.days);
    content.data["panels"].push_back(panel(h, horizon));
    std::size_t beyond = 0;
    double sum = 0;
    for (const int percent : {10, 20, 30, 40, 50, 60, 70, 80, 90, 95}) {
      const double level = percent / 100.0;
      const auto within = [&](const BacktestOrigin& origin) { return std::abs(origin.pit - 0.5) <= level / 2 + 1e-12; };
      std::size_t inside =
          static_cast<std::size_t>(std::count_if(record.origins.begin(), record.origins.end(), within));
      if (percent == 80) inside = record.coverage80.inside;
      const double observed = percent == 80 ? record.coverage80.share : static_cast<double>(inside) / outcomes;
      const BinomialRange range = chance_range(count, level),
                          any = chance_range(count, level, 0.025 / static_cast<double>(10 * shown.size()));
      const double low = static_cast<double>(range.low) / outcomes, high = static_cast<double>(range.high) / outcomes;
      const bool as_chance = inside >= range.low && inside <= range.high;
      outside += !as_chance;
      beyond += inside < any.low || inside > any.high;
      sum += observed - level;
      figure.table.rows.push_back({FigureCell::of_text(horizon), FigureCell::share(level),
                                   FigureCell::count(static_cast<double>(inside)), FigureCell::count(outcomes),
                                   FigureCell::share(observed), FigureCell::share(low), FigureCell::share(high)});
      content.data["levels"].push_back({{"panel", h},
                                        {"level", level},
                                        {"observed", observed},
                                        {"low", low},
                                        {"high", high},
                                        {"result", as_chance ? "inside" : "outside"}});
    }
    if (beyond > most_beyond) {
      most_beyond = beyond;
      worst = &record;
      error = sum;
    }
  }
  if (worst)
    figure.title = text(options.language, error < 0 ? "backtest.coverage.narrow" : "backtest.coverage.wide",
                        {days_ahead(options, worst->days), format.share(worst->coverage80.share, 0)});
  else
    figure.title = text(options.language, outside == 0 ? "backtest.coverage.kept" : "backtest.coverage.nearly",
                        {count_text(format, outside), count_text(format, figure.table.rows.size())});
  content.data["keys"] = Json::array({{{"label", say("backtest.key.chance")}}});
  content.signals["labels"] = {{"x", say("backtest.level")}, {"chance", say("backtest.key.chance")}};
  content.description = figure.title;
  figure.specification = specification("backtest_coverage", content, options);
  return figure;
}

Figure skill_figure(const Backtest& backtest, const FigureOptions& options) {
  const NumberFormat format(options);
  const auto say = [&](const char* key) { return text(options.language, key); };
  Figure figure = begun("skill", options, backtest);
  figure.table.columns = {say("backtest.baseline"), say("backtest.horizon"), say("backtest.own_crps"),
                          say("backtest.crps"),     say("backtest.own_mae"), say("backtest.mae"),
                          say("backtest.skill"),    say("backtest.p_value")};
  const auto shown = shown_horizons(backtest);
  if (shown.empty()) return figure;
  const auto known = [](double value) { return std::isfinite(value) ? std::optional(value) : std::nullopt; };
  std::vector<ListedBar> bars;
  std::size_t compared = 0, better = 0, beyond_luck = 0, worse_beyond_luck = 0;
  for (std::size_t b = 0; b < kBaselines.size(); ++b) {
    const std::string baseline = text(options.language, "backtest.baseline." + std::string(name(kBaselines[b])));
    for (const HorizonRecord* record : shown) {
      const BaselineRecord& against = record->baselines[b];
      const std::string horizon = days_ahead(options, record->days);
      const std::optional<double> p = against.test ? known(against.test->p_value) : std::nullopt;
      figure.table.rows.push_back({FigureCell::of_text(baseline), FigureCell::of_text(horizon),
                                   FigureCell::money(known(record->crps)), FigureCell::money(known(against.crps)),
                                   FigureCell::money(known(record->mae)), FigureCell::money(known(against.mae)),
                                   FigureCell::share(known(against.skill)), FigureCell::of_number(p)});
      const bool sure = p && *p < 0.05;
      if (std::isfinite(against.skill)) {
        ++compared;
        better += against.skill > 0;
        beyond_luck += sure && against.skill > 0;
        worse_beyond_luck += sure && against.skill < 0;
      }
      bars.push_back({.label = baseline + ", " + horizon,
                      .detail = !p           ? say("backtest.no_test")
                                : *p < 0.001 ? text(options.language, "backtest.p_below", {format.number(0.001, 3)})
                                             : text(options.language, "backtest.p", {format.number(*p, 3)}),
                      .value = std::isfinite(against.skill) ? std::max(against.skill, -1.0) : 0,
                      .text = format.share(against.skill, 0),
                      .solid = sure});
    }
  }
  if (compared > 0)
    figure.title = text(options.language, worse_beyond_luck > 0 ? "backtest.skill.title.worse" : "backtest.skill.title",
                        {count_text(format, better), count_text(format, compared), count_text(format, beyond_luck),
                         count_text(format, worse_beyond_luck)});
  figure.specification = listed_bars(bars, {{say("backtest.key.sure"), 0.9}, {say("backtest.key.luck"), 0.25}}, true,
                                     figure.title, options);
  return figure;
}

PageSection backtest_section(const Backtest& backtest, const FigureOptions& options) {
  return {.title = text(options.language, "backtest.section"),
          .figures = {outcomes_figure(backtest, options), skill_figure(backtest, options),
                      coverage_figure(backtest, options), pit_figure(backtest, options)}};
}

}  // namespace putki
