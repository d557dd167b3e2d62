#include <putki/report/stage_time_figures.hpp>

#include "report/figure_words.hpp"
#include "report/specification.hpp"
#include "report/texts.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace putki {
namespace {

constexpr std::size_t kStaysShown = 6;
constexpr std::size_t kAgesDrawn = 60;
constexpr double kShareLeftOut = 0.05;
constexpr double kLeastVisitsOfTail = 20;
constexpr std::array<double, 9> kAgesRead = {1, 3, 7, 14, 30, 60, 90, 180, 365};

double visits_of(const SurvivalCurve& stay) {
  return stay.at_risk.empty() ? 0 : stay.at_risk.front();
}

// Days that all visits take, up to the longest seen.
double total_time(const SurvivalCurve& stay) {
  return visits_of(stay) * stay.restricted_mean(stay.times.back());
}

// The unit of a chart whose last age is this: how many of it make a day, and its name.
struct AgeUnit {
  double per_day;
  const char* key;
};
AgeUnit unit_of(double until) {
  if (until < 2. / 1440) return {86'400, "stage_time.seconds"};
  if (until < 2. / 24) return {1440, "stage_time.minutes"};
  if (until < 2) return {24, "stage_time.hours"};
  return {1, "stage_time.days"};
}

// Age at which a chart ends.
double last_age(const SurvivalCurve& stay) {
  double age = stay.times.back();
  for (std::size_t i = 0; i < stay.times.size(); ++i)
    if (stay.values[i] <= kShareLeftOut) {
      age = stay.times[i];
      break;
    }
  return age > 0 ? age : 1. / 24;
}

// Ages at which a curve steps, or evenly spaced ones where that is too many.
std::vector<double> ages_drawn(const SurvivalCurve& stay, double until) {
  std::vector<double> ages{0};
  for (std::size_t i = 0; i < stay.times.size(); ++i)
    if (stay.ends[i] > 0 && stay.times[i] > 0 && stay.times[i] <= until) ages.push_back(stay.times[i]);
  if (ages.size() > kAgesDrawn) {
    ages.clear();
    for (std::size_t i = 0; i < kAgesDrawn; ++i)
      ages.push_back(until * static_cast<double>(i) / static_cast<double>(kAgesDrawn - 1));
  } else if (ages.back() < until) {
    ages.push_back(until);
  }
  return ages;
}

std::string stage_time_title(const StageGraph& graph, const std::vector<const StageStay*>& shown,
                             const FigureOptions& options, const NumberFormat& format) {
  // Not reached is longer than any age; among stages of which that holds, the one with the most left.
  constexpr double kNotReached = std::numeric_limits<double>::infinity();
  const StageStay* slowest = nullptr;
  double slowest_tenth = 0;
  for (const StageStay* one : shown) {
    if (visits_of(one->stay) < kLeastVisitsOfTail) continue;
    const double tenth = one->stay.quantile(0.9).value_or(kNotReached);
    const bool slower = slowest == nullptr || tenth > slowest_tenth ||
                        (tenth == kNotReached && one->stay.values.back() > slowest->stay.values.back());
    if (!slower) continue;
    slowest = one;
    slowest_tenth = tenth;
  }
  if (shown.empty()) return text(options.language, "stage_time.title.empty");
  if (slowest == nullptr) return text(options.language, "stage_time.title.few");
  const std::string name = short_name(graph.stage(slowest->stage).name);
  if (slowest_tenth == kNotReached)
    return text(options.language, "stage_time.title.open",
                {format.share(slowest->stay.values.back(), 0), name,
                 duration_words(slowest->stay.times.back(), options, format)});
  return text(options.language, "stage_time.title.tenth", {name, duration_words(slowest_tenth, options, format)});
}

void read_ages(Figure& figure, const std::string& name, const SurvivalCurve& stay) {
  const std::optional<double> median = stay.quantile(0.5), p90 = stay.quantile(0.9);
  const SurvivalCurve::QuantileLimits limits = stay.quantile_limits(0.5);
  figure.table.rows.push_back({FigureCell::of_text(name), FigureCell::count(visits_of(stay)), FigureCell::days(median),
                               FigureCell::days(limits.lower), FigureCell::days(limits.upper), FigureCell::days(p90),
                               FigureCell::of_number({}), FigureCell::share({}), FigureCell::share({}),
                               FigureCell::share({}), FigureCell::count({})});
  for (const double age : kAgesRead) {
    if (age > stay.times.back()) break;
    const auto later = std::lower_bound(stay.times.begin(), stay.times.end(), age);
    const Interval interval = stay.interval(age);
    figure.table.rows.push_back(
        {FigureCell::of_text(name), FigureCell::count({}), FigureCell::days({}), FigureCell::days({}),
         FigureCell::days({}), FigureCell::days({}), FigureCell::count(age), FigureCell::share(stay.survival(age)),
         FigureCell::share(interval.lower), FigureCell::share(interval.upper),
         FigureCell::count(stay.at_risk[static_cast<std::size_t>(later - stay.times.begin())])});
  }
}

}  // namespace

Figure stage_time_figure(const StageGraph& graph, std::span<const StageStay> stays, const FigureOptions& options) {
  const NumberFormat format(options);
  const auto say = [&](const char* key) { return text(options.language, key); };
  for (const StageStay& one : stays) graph.stage(one.stage);  // refuses what is not of the graph
  Figure figure{
      .name = "time-in-stage", .title = {}, .specification = {}, .table = {}, .computed = say("stage_time.computed")};
  figure.table.columns = {say("stage_time.column.stage"),
                          say("stage_time.column.visits"),
                          say("stage_time.column.median"),
                          say("column.lower"),
                          say("column.upper"),
                          say("stage_time.column.p90"),
                          say("stage_time.column.age"),
                          say("stage_time.column.still"),
                          say("column.lower"),
                          say("column.upper"),
                          say("stage_time.column.at_risk")};
  std::vector<const StageStay*> shown;
  for (const StageStay& one : stays)
    if (visits_of(one.stay) > 0) shown.push_back(&one);
  if (shown.size() > kStaysShown) {
    std::vector<const StageStay*> largest = shown;
    std::stable_sort(largest.begin(), largest.end(),
                     [](const StageStay* a, const StageStay* b) { return total_time(a->stay) > total_time(b->stay); });
    largest.resize(kStaysShown);
    figure.computed += ' ' + text(options.language, "stage_time.left_out",
                                  {format.number(static_cast<double>(shown.size() - kStaysShown))});
    shown.erase(std::remove_if(shown.begin(), shown.end(),
                               [&](const StageStay* one) {
                                 return std::find(largest.begin(), largest.end(), one) == largest.end();
                               }),
                shown.end());
  }

  figure.title = stage_time_title(graph, shown, options, format);

  Json panels = Json::array(), steps = Json::array();
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const SurvivalCurve& stay = shown[i]->stay;
    const std::string& name = graph.stage(shown[i]->stage).name;
    read_ages(figure, name, stay);
    const double until = last_age(stay);
    const AgeUnit unit = unit_of(until);
    const std::optional<double> median = stay.quantile(0.5);
    panels.push_back(
        {{"panel", i},
         {"name", name},
         {"until", until * unit.per_day},
         {"unit", say(unit.key)},
         {"median", median && *median <= until ? Json(*median / until) : Json(nullptr)},
         {"note", median ? text(options.language, "stage_time.half", {duration_words(*median, options, format)})
                         : say("stage_time.not_half")}});
    for (const double age : ages_drawn(stay, until)) {
      const Interval interval = stay.interval(age);
      const double still = stay.survival(age);
      steps.push_back({{"panel", i},
                       {"age", age * unit.per_day},
                       {"until", until * unit.per_day},
                       {"still", still},
                       {"lower", interval.lower},
                       {"upper", interval.upper},
                       {"tip", name + ": " +
                                   text(options.language, "stage_time.tip",
                                        {format.share(still), duration_words(age, options, format),
                                         format.share(interval.lower), format.share(interval.upper)})}});
    }
  }
  if (shown.empty()) return figure;
  const SpecificationContent content{.data = {{"panels", std::move(panels)}, {"steps", std::move(steps)}},
                                     .signals = {{"text_axis", say("stage_time.axis")}},
                                     .description = figure.title};
  figure.specification = specification("stage_time", content, options);
  return figure;
}

}  // namespace putki
