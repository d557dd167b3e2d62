#include <putki/report/value_figures.hpp>

#include "report/specification.hpp"
#include "report/value_words.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace putki {
namespace {

constexpr double kMostSilences = 12;  // columns
// Rows begin at these numbers of repeat purchases.
constexpr std::array<int, 8> kRepeatRows = {0, 1, 2, 3, 4, 6, 10, 20};

struct AliveCell {
  double customers = 0;
  double alive = 0;  // expected number
};

// 1, 2 or 5 times a power of ten, so that `longest` makes few columns.
double silence_step(double longest) {
  const double least = longest / kMostSilences;
  if (!(least > 0)) return 1;
  const double power = std::pow(10, std::floor(std::log10(least)));
  for (const double factor : {1, 2, 5})
    if (factor * power >= least) return factor * power;
  return 10 * power;
}

// A silence of exactly so many steps begins a column, also where the difference of ages, which are fractions of a unit,
// comes out a rounding below.
int column_of(double silence, double step) {
  return static_cast<int>(silence / step + 1e-9);
}

std::size_t row_of(double repeats) {
  std::size_t row = 0;
  while (row + 1 < kRepeatRows.size() && repeats >= kRepeatRows[row + 1]) ++row;
  return row;
}

std::string row_label(std::size_t row) {
  const std::string begin = std::to_string(kRepeatRows[row]);
  if (row + 1 == kRepeatRows.size()) return begin + "+";
  const int last = kRepeatRows[row + 1] - 1;
  return last == kRepeatRows[row] ? begin : begin + " – " + std::to_string(last);
}

}  // namespace

Figure alive_figure(const CustomerValueReport& report, const FigureOptions& options) {
  const ValueWords words{report, options.language, NumberFormat(options)};
  Figure figure{.name = "alive",
                .title = words.say(report.contractual ? "alive.title.contract" : "alive.title.none"),
                .computed = words.say("alive.computed", {report.model_name, words.units()})};
  figure.table.columns = {words.say("alive.repeats"), words.say("alive.silent_from", {words.units()}),
                          words.say("alive.silent_to", {words.units()}), words.say("customers"),
                          words.say("alive.probability")};
  if (report.contractual || report.base.customers.empty()) return figure;

  double longest = 0, alive = 0, again = 0, alive_again = 0, slipped = 0;
  bool in_doubt = false;  // somebody without a repeat purchase may be gone
  for (const CustomerValue& customer : report.base.customers) {
    longest = std::max(longest, customer.age - customer.recency);
    alive += customer.probability_alive;
    if (customer.repeats > 0) {
      ++again;
      alive_again += customer.probability_alive;
      slipped += customer.probability_alive < 0.5 ? 1 : 0;
    } else {
      in_doubt = in_doubt || customer.probability_alive < 1;
    }
  }
  const double step = silence_step(longest);
  std::map<std::pair<std::size_t, int>, AliveCell> cells;
  std::set<std::size_t> rows;
  for (const CustomerValue& customer : report.base.customers) {
    const int column = column_of(customer.age - customer.recency, step);
    const std::size_t row = row_of(customer.repeats);
    rows.insert(row);
    AliveCell& cell = cells[{row, column}];
    ++cell.customers;
    cell.alive += customer.probability_alive;
  }
  SpecificationContent content{.data = {{"cells", Json::array()}}};
  for (const auto& [place, cell] : cells) {
    const auto& [row, column] = place;
    const double begin = step * column, end = begin + step, probability = cell.alive / cell.customers;
    figure.table.rows.push_back({FigureCell::of_text(row_label(row)), FigureCell::count(begin), FigureCell::count(end),
                                 FigureCell::count(cell.customers), FigureCell::share(probability)});
    content.data["cells"].push_back(
        {{"row", row},
         {"label", row_label(row)},
         {"begin", begin},
         {"end", end},
         {"customers", cell.customers},
         {"probability", probability},
         {"tip", words.say("alive.tip", {row_label(row), words.format.number(begin, begin == std::floor(begin) ? 0 : 1),
                                         words.format.number(end, end == std::floor(end) ? 0 : 1), words.units(),
                                         words.count(cell.customers), words.format.share(probability)})}});
  }
  const auto customers = static_cast<double>(report.base.customers.size());
  if (again > 0 && again < customers && !in_doubt) {
    figure.computed += " " + words.say("alive.computed.no_doubt", {report.model_name});
    figure.title = words.say("alive.title.again",
                             {words.count(again), words.format.share(alive_again / again, 0), words.count(slipped)});
  } else {
    figure.title = words.say(slipped > 0 ? "alive.title.slipped" : "alive.title",
                             {words.format.share(alive / customers, 0), words.count(customers), words.count(slipped)});
  }
  content.signals = {{"rows", rows.size()},
                     {"text_repeats", words.say("alive.repeats")},
                     {"text_silent", words.say("alive.silent", {words.units()})},
                     {"text_cell", words.say("alive.cell")}};
  content.description = figure.title;
  figure.specification = specification("alive_map", content, options);
  return figure;
}

}  // namespace putki
