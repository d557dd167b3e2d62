#include <putki/core/interval.hpp>
#include <putki/report/cohorts_figures.hpp>

#include "report/number_format.hpp"
#include "report/period_label.hpp"
#include "report/specification.hpp"
#include "report/texts.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace putki {
namespace {

constexpr double kStandingOut = 0.05;      // chance that any cohort is named though all are alike
constexpr double kLeastExpected = 5;       // wins and losses, of a cohort that is compared
constexpr std::uint64_t kScaleDeals = 10;  // of a cohort that has a say in the scales

// Says everything in the words and numbers of the options.
struct CohortWords {
  const Cohorts& cohorts;
  Language language;
  NumberFormat format;

  std::string say(std::string_view key, std::initializer_list<std::string_view> values = {}) const {
    return text(language, "cohorts." + std::string(key), values);
  }
  std::string count(double number) const { return format.number(number); }
  std::string horizon() const { return count(*cohorts.horizon); }
  std::string label(const CohortFigures& cohort) const {
    return cohorts.unit == PeriodUnit::week ? format.day(cohort.period.begin)
                                            : period_label(cohort.period, cohorts.unit);
  }
  std::string limits(double lower, double upper, int decimals) const {
    return format.share(lower, decimals) + " – " + format.share(upper, decimals);
  }
};

double per_deal(double number, const CohortFigures& cohort) {
  return number / static_cast<double>(cohort.deals);
}

// The cohorts whose outcome is known and that are large enough to be compared with all.
std::vector<const CohortFigures*> comparable(const Cohorts& cohorts) {
  const double pooled = cohorts.pooled_won.back().share, rarer = std::min(pooled, 1 - pooled);
  std::vector<const CohortFigures*> list;
  for (const CohortFigures& cohort : cohorts.cohorts)
    if (cohort.mature && cohort.count && rarer * static_cast<double>(cohort.deals) >= kLeastExpected)
      list.push_back(&cohort);
  return list;
}

// The one least like all deals; nullptr when chance explains it.
const CohortFigures* outstanding(const std::vector<const CohortFigures*>& compared, double pooled) {
  const CohortFigures* least_like = nullptr;
  double most = 0;
  for (const CohortFigures* cohort : compared) {
    const auto deals = static_cast<double>(cohort->deals), won = cohort->count->so_far;
    const Interval limits = wilson_interval(won, deals, 1 - kStandingOut / static_cast<double>(compared.size()));
    if (pooled >= limits.lower && pooled <= limits.upper) continue;
    const double distance = std::abs(won / deals - pooled) * std::sqrt(deals);
    if (distance > most) {
      most = distance;
      least_like = cohort;
    }
  }
  return least_like;
}

std::string finding(const CohortWords& words) {
  const double pooled = words.cohorts.pooled_won.back().share;
  const std::string of_all = words.format.share(pooled);
  const std::vector<const CohortFigures*> compared = comparable(words.cohorts);
  const CohortFigures* cohort = outstanding(compared, pooled);
  if (cohort == nullptr) return words.say(compared.size() > 1 ? "title.alike" : "title.all", {of_all, words.horizon()});
  const double share = per_deal(cohort->count->so_far, *cohort);
  return words.say(share > pooled ? "title.more" : "title.less",
                   {words.label(*cohort), words.format.share(share), words.horizon(), of_all});
}

std::vector<FigureCell> table_row(const CohortWords& words, const CohortFigures& cohort) {
  std::vector<FigureCell> row{FigureCell::of_text(words.label(cohort)),
                              FigureCell::count(static_cast<double>(cohort.deals)),
                              FigureCell::count(static_cast<double>(cohort.open))};
  for (const CohortCell& cell : cohort.cells) {
    if (cell.seen == CohortSeen::part && cohort.deals > 0)
      row.push_back(
          FigureCell::of_text(words.format.share(per_deal(static_cast<double>(cell.won), cohort)) + "\u00A0+"));
    else
      row.push_back(FigureCell::share(cell.won_share ? std::optional(cell.won_share->share) : std::nullopt));
  }
  if (cohort.count && cohort.deals > 0) {
    row.push_back(FigureCell::of_number(cohort.count->expected));
    for (const double number : {cohort.count->expected, cohort.count->limits.lower, cohort.count->limits.upper})
      row.push_back(FigureCell::share(per_deal(number, cohort)));
  } else {
    row.push_back(FigureCell::of_number({}));
    row.insert(row.end(), 3, FigureCell::share({}));
  }
  return row;
}

void add_cohort(const CohortWords& words, const CohortFigures& cohort, SpecificationContent& content) {
  const std::string label = words.label(cohort), deals = words.count(static_cast<double>(cohort.deals));
  Json row{{"label", label}, {"deals", cohort.deals},  {"all", false}, {"share", nullptr}, {"lower", nullptr},
           {"upper", 0},     {"known", cohort.mature}, {"text", "–"},  {"tip", label}};
  if (cohort.count && cohort.deals > 0) {
    const CohortProjection& count = *cohort.count;
    const double share = per_deal(count.expected, cohort);
    row["share"] = share;
    row["lower"] = per_deal(count.limits.lower, cohort);
    row["upper"] = per_deal(count.limits.upper, cohort);
    row["text"] = words.format.share(share, 0);
    row["tip"] = cohort.mature
                     ? words.say("tip.known", {label, words.count(count.expected), deals, words.horizon()})
                     : words.say("tip.expected", {label, words.format.number(count.expected, 1), deals, words.horizon(),
                                                  words.count(count.limits.lower), words.count(count.limits.upper)});
  }
  content.data["rows"].push_back(row);
  for (std::size_t i = 0; i < cohort.cells.size(); ++i) {
    const CohortCell& cell = cohort.cells[i];
    if (cell.seen == CohortSeen::none || cohort.deals == 0) continue;
    const bool whole = cell.seen == CohortSeen::whole;
    const double share = whole ? cell.won_share->share : per_deal(static_cast<double>(cell.won), cohort);
    const std::string won = words.count(static_cast<double>(cell.won)), age = words.count(words.cohorts.ages[i]);
    const std::string tip =
        whole
            ? words.say("tip.whole", {label, age, won, deals, words.format.share(share),
                                      words.limits(cell.won_share->interval.lower, cell.won_share->interval.upper, 1)})
            : words.say("tip.part", {label, age, won, deals});
    content.data["cells"].push_back(
        {{"label", label}, {"age", words.cohorts.ages[i]}, {"share", share}, {"whole", whole}, {"tip", tip}});
  }
}

// The largest share that a scale must hold: cohorts of few deals do not flatten all others.
struct CohortScales {
  double seen = 0, final = 0;
};
CohortScales scales_of(const Cohorts& cohorts) {
  CohortScales scales;
  for (const ShareWithLimits& pooled : cohorts.pooled_won) {
    scales.seen = std::max(scales.seen, pooled.share);
    scales.final = std::max(scales.final, pooled.interval.upper);
  }
  for (const CohortFigures& cohort : cohorts.cohorts) {
    if (cohort.deals < kScaleDeals) continue;
    for (const CohortCell& cell : cohort.cells)
      if (cell.seen != CohortSeen::none)
        scales.seen = std::max(scales.seen, per_deal(static_cast<double>(cell.won), cohort));
    if (cohort.count) scales.final = std::max(scales.final, per_deal(cohort.count->limits.upper, cohort));
  }
  return scales;
}

}  // namespace

Figure cohorts_figure(const Cohorts& cohorts, const FigureOptions& options) {
  const CohortWords words{cohorts, options.language, NumberFormat(options)};
  const std::string unit = words.say("unit." + to_string(cohorts.unit));
  Figure figure{.name = "cohorts", .title = {}, .computed = words.say("computed", {unit})};
  figure.table.columns = {words.say("created"), words.say("deals"), words.say("open")};
  if (cohorts.cohorts.empty() || !cohorts.horizon) {
    figure.title = cohorts.cohorts.empty() ? words.say("title.none") : words.say("title.young", {unit});
    return figure;
  }
  const std::string level = words.format.share(cohorts.level, 0);
  for (const int age : cohorts.ages) figure.table.columns.push_back(words.say("age", {words.count(age)}));
  figure.table.columns.insert(figure.table.columns.end(),
                              {words.say("expected_deals", {words.horizon()}), words.say("final", {words.horizon()}),
                               words.say("lower", {level}), words.say("upper", {level})});

  SpecificationContent content{.data = {{"rows", Json::array()}, {"cells", Json::array()}}};
  double deals = static_cast<double>(cohorts.earlier_deals);
  for (const CohortFigures& cohort : cohorts.cohorts) {
    figure.table.rows.push_back(table_row(words, cohort));
    add_cohort(words, cohort, content);
    deals += static_cast<double>(cohort.deals);
  }

  const std::string all = words.say("all");
  std::vector<FigureCell> row{FigureCell::of_text(all), FigureCell::count(deals), FigureCell::count({})};
  for (std::size_t i = 0; i < cohorts.ages.size(); ++i) {
    const ShareWithLimits& pooled = cohorts.pooled_won[i];
    row.push_back(FigureCell::share(pooled.share));
    content.data["cells"].push_back(
        {{"label", all},
         {"age", cohorts.ages[i]},
         {"share", pooled.share},
         {"whole", true},
         {"tip", words.say("tip.all", {words.count(cohorts.ages[i]), words.format.share(pooled.share),
                                       words.limits(pooled.interval.lower, pooled.interval.upper, 1)})}});
  }
  const ShareWithLimits& pooled = cohorts.pooled_won.back();
  row.push_back(FigureCell::of_number({}));
  for (const double share : {pooled.share, pooled.interval.lower, pooled.interval.upper})
    row.push_back(FigureCell::share(share));
  figure.table.rows.push_back(std::move(row));
  content.data["rows"].push_back({{"label", all},
                                  {"deals", deals},
                                  {"all", true},
                                  {"share", pooled.share},
                                  {"lower", pooled.interval.lower},
                                  {"upper", pooled.interval.upper},
                                  {"known", true},
                                  {"text", words.format.share(pooled.share, 0)},
                                  {"tip", content.data["cells"].back()["tip"]}});

  const CohortScales scales = scales_of(cohorts);
  content.signals = {{"decimals", scales.seen < 0.2 ? ".1f" : ".0f"},
                     {"most_seen", std::max(scales.seen, 0.01)},
                     {"most_final", std::max(scales.final, 0.01)},
                     {"text_deals", words.say("deals")},
                     {"text_ages", words.say("heading.ages")},
                     {"text_final", words.say("heading.final", {words.horizon(), level})},
                     {"text_part", words.say("part")},
                     {"text_known", words.say("known")},
                     {"text_expected", words.say("expected")}};
  figure.title = finding(words);
  figure.computed += " " + words.say("computed.final", {words.horizon(), level});
  if (cohorts.earlier_deals > 0)
    figure.computed += " " + words.say("computed.earlier", {words.count(static_cast<double>(cohorts.earlier_deals))});
  content.description = figure.title;
  figure.specification = specification("cohort_triangle", content, options);
  return figure;
}

}  // namespace putki
