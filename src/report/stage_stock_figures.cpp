#include <putki/report/stage_stock_figures.hpp>

#include <putki/core/error.hpp>

#include "report/figure_words.hpp"
#include "report/specification.hpp"
#include "report/texts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace putki {
namespace {

constexpr std::size_t kStockStagesShown = 7;
constexpr std::size_t kStockPeriodsShown = 160;
constexpr std::size_t kStockPeriodsBack = 13;

// One band of the picture.
struct StockBand {
  std::string name;
  std::vector<double> at_end;  // by period shown
};

// The latest ones. A last period of which no day is known yet (the view stands at its very beginning) takes the place
// of the one before.
std::vector<std::size_t> stock_periods_shown(const StageStocks& stocks) {
  std::vector<std::size_t> shown(stocks.periods.size());
  std::iota(shown.begin(), shown.end(), std::size_t{0});
  if (shown.size() > 1 && stocks.periods.back().begin >= stocks.known_before) shown.erase(shown.end() - 2);
  if (shown.size() > kStockPeriodsShown) shown.erase(shown.begin(), shown.end() - kStockPeriodsShown);
  return shown;
}

}  // namespace

Figure stock_figure(const StageGraph& graph, const StageStocks& stocks, const FigureOptions& options) {
  if (!stocks.stages.empty() && stocks.stages.size() != graph.stage_count())
    throw InvalidArgument(
        fmt::format("stocks of {} stages on a graph of {}", stocks.stages.size(), graph.stage_count()),
        ErrorCode::incompatible);
  const NumberFormat format(options);
  const auto say = [&](const char* key) { return text(options.language, key); };
  Figure figure{.name = "stock",
                .title = say("stock.title.empty"),
                .specification = {},
                .table = {},
                .computed = say("stock.computed")};
  figure.table.columns = {say("stock.column.end")};
  if (stocks.periods.empty()) return figure;

  const std::vector<std::size_t> periods = stock_periods_shown(stocks);
  const std::size_t shown = periods.size();
  std::vector<std::size_t> stages;
  for (std::size_t s = 0; s < graph.stage_count(); ++s)
    if (!is_terminal(graph.stages()[s].kind)) stages.push_back(s);
  const auto held = [&](std::size_t s) {
    return std::accumulate(periods.begin(), periods.end(), std::uint64_t{0},
                           [&](std::uint64_t sum, std::size_t p) { return sum + stocks.stages[s].at_end[p]; });
  };
  std::vector<std::size_t> largest = stages;
  std::stable_sort(largest.begin(), largest.end(), [&](std::size_t a, std::size_t b) { return held(a) > held(b); });
  // One more than fits is as well shown by its name as by "others".
  if (largest.size() > kStockStagesShown + 1) largest.resize(kStockStagesShown);
  std::vector<StockBand> bands;
  StockBand others{say("stock.others"), std::vector<double>(shown)};
  for (const std::size_t s : stages) {
    const bool told_apart = std::find(largest.begin(), largest.end(), s) != largest.end();
    if (told_apart) bands.push_back({graph.stages()[s].name, std::vector<double>(shown)});
    std::vector<double>& counts = told_apart ? bands.back().at_end : others.at_end;
    for (std::size_t p = 0; p < shown; ++p) counts[p] += static_cast<double>(stocks.stages[s].at_end[periods[p]]);
  }
  if (largest.size() < stages.size()) {
    bands.push_back(others);
    figure.computed += ' ' + text(options.language, "stock.left_out",
                                  {format.number(static_cast<double>(stages.size() - largest.size()))});
  }
  if (periods.front() > 0)
    figure.computed +=
        ' ' + text(options.language, "stock.periods_left_out", {format.number(static_cast<double>(shown))});

  const auto last_day = [&](std::size_t p) {
    return std::min(stocks.periods[periods[p]].end, stocks.known_before) - Days(1);
  };
  std::vector<double> open(shown);
  for (const StockBand& band : bands) figure.table.columns.push_back(band.name);
  figure.table.columns.push_back(say("stock.column.open"));
  Json areas = Json::array();
  for (std::size_t p = 0; p < shown; ++p) {
    const Day end = last_day(p);
    std::vector<FigureCell>& row = figure.table.rows.emplace_back();
    row.push_back(FigureCell::day(end));
    for (const StockBand& band : bands) {
      row.push_back(FigureCell::count(band.at_end[p]));
      open[p] += band.at_end[p];
    }
    row.push_back(FigureCell::count(open[p]));
    double below = 0;  // the last stage at the bottom
    for (std::size_t b = bands.size(); b-- > 0;) {
      areas.push_back({{"day", static_cast<std::int64_t>(end.time_since_epoch().count()) * 86'400'000},
                       {"band", b},
                       {"name", bands[b].name},
                       {"y0", below},
                       {"y1", below + bands[b].at_end[p]},
                       {"last", p + 1 == shown},
                       {"tip", bands[b].name + ", " + format.day(end) + ": " + format.number(bands[b].at_end[p])}});
      below += bands[b].at_end[p];
    }
  }

  const double now = open.back();
  const std::size_t back = shown > kStockPeriodsBack ? shown - 1 - kStockPeriodsBack : 0;
  const double before = open[back];
  const std::string now_words = counted_words(static_cast<std::uint64_t>(now), "stock.open", options, format);
  const std::string day = format.day(last_day(back));
  if (back + 1 == shown)
    figure.title = text(options.language, "stock.title.one", {now_words});
  else if (now == before)
    figure.title = text(options.language, "stock.title.same", {now_words, day});
  else
    figure.title = text(options.language, now > before ? "stock.title.more" : "stock.title.fewer",
                        {now_words, format.number(std::abs(now - before)), day});

  Json legend = Json::array();
  for (std::size_t b = 0; b < bands.size(); ++b) legend.push_back({{"band", b}, {"label", bands[b].name}});
  const auto span = last_day(shown - 1) - last_day(0);
  const SpecificationContent content{.data = {{"areas", std::move(areas)}, {"legend", std::move(legend)}},
                                     .signals = {{"date_format", say(span > Days(400) ? "date.month" : "date.day")},
                                                 {"text_deals", say("stock.axis")}},
                                     .description = figure.title};
  if (std::any_of(open.begin(), open.end(), [](double deals) { return deals > 0; }))
    figure.specification = specification("stock", content, options);
  return figure;
}

}  // namespace putki
