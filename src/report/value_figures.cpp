#include <putki/report/value_figures.hpp>

#include "core/normal_quantile.hpp"
#include "report/specification.hpp"
#include "report/text_table.hpp"
#include "report/value_words.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <string>

namespace putki {
namespace {

constexpr std::size_t kTenths = 10;
constexpr double kEvenShare = 0.15;  // of the best tenth, below which value is spread evenly
constexpr std::size_t kMostSegments = 20;
constexpr std::uint64_t kLeastCustomers = 10;  // of a segment shown, when two are as large
constexpr double kLeastFitExpected = 5;        // customers on a line of the chi-square test
constexpr double kBadFit = 0.01;               // its level
constexpr std::size_t kSegmentNameShown = 40;

// Quantile of chi-square (Wilson & Hilferty 1931).
double chi_square_quantile(double p, double freedom) {
  const double spread = 2 / (9 * freedom);
  return freedom * std::pow(1 - spread + normal_quantile(p) * std::sqrt(spread), 3);
}

// The line on which the model is furthest off, if it is further off in all than chance explains.
const CountFit* worst_misfit(const CustomerValueReport& report) {
  double distance = 0, lines = 0, furthest = 0;
  const CountFit* worst = nullptr;
  for (const CountFit& line : report.base.fit) {
    if (line.expected < kLeastFitExpected) continue;
    const double off = (line.observed - line.expected) * (line.observed - line.expected) / line.expected;
    distance += off;
    ++lines;
    if (off > furthest) {
      furthest = off;
      worst = &line;
    }
  }
  // Customers by purchases are one multinomial, ends by period are not: one degree of freedom less, or none.
  const double freedom =
      std::max(1.0, lines - (report.contractual ? 0 : 1) - static_cast<double>(report.parameters.values.size()));
  return worst != nullptr && distance > chi_square_quantile(1 - kBadFit, freedom) ? worst : nullptr;
}

std::string fit_title(const ValueWords& words) {
  const CustomerValueReport& report = words.report;
  if (report.base.fit.empty()) return words.say("fit.title.none");
  const std::string kind = report.contractual ? "contract." : "";
  const auto named = [&](const CountFit& line) {
    return (report.contractual ? words.span(line.count) : words.count(line.count)) +
           (line.or_more ? words.say("fit.or_more") : "");
  };
  const CountFit* worst = worst_misfit(report);
  const CountFit& line = worst != nullptr ? *worst : report.base.fit.front();
  return words.say("fit.title." + kind + (worst != nullptr ? "bad" : "good"),
                   {report.model_name, named(line), words.count(line.observed), words.some(line.expected)});
}

// What a customer's share of the total is measured in: money where it is known.
double held_by(const CustomerValue& customer) {
  return customer.residual_value.value_or(customer.expected_purchases);
}

// Of so many customers in order, the first one of a tenth; where tenths differ the better ones are larger.
std::size_t tenth_begin(std::size_t tenth, std::size_t customers) {
  return (tenth * customers + kTenths - 1) / kTenths;
}

// Of a total that was not drawn there are none.
std::optional<Interval> limits_of_total(const ValueTotal& total) {
  return total.sample.empty() ? std::nullopt : std::optional(total.interval(0.8));
}

struct SegmentWorth {
  const SegmentValue* segment;
  double each;
  std::optional<Interval> limits;
};

}  // namespace

Figure purchase_fit_figure(const CustomerValueReport& report, const FigureOptions& options) {
  const ValueWords words{report, options.language, NumberFormat(options)};
  const std::string by = report.contractual ? words.say("fit.periods", {words.units()}) : words.say("fit.repeats");
  Figure figure{.name = "purchase-fit",
                .title = fit_title(words),
                .computed = words.say(report.contractual ? "fit.computed.contract" : "fit.computed")};
  figure.table.columns = {by, words.say("fit.observed"), words.say("fit.expected")};
  SpecificationContent content{.data = {{"lines", Json::array()}}};
  for (const CountFit& line : report.base.fit) {
    const std::string label = words.count(line.count) + (line.or_more ? "+" : "");
    figure.table.rows.push_back(
        {FigureCell::of_text(label), FigureCell::count(line.observed), FigureCell::of_number(line.expected)});
    content.data["lines"].push_back(
        {{"label", label},
         {"observed", line.observed},
         {"expected", line.expected},
         {"text", words.count(line.observed)},
         {"tip", by + " " + label + ": " + words.say("fit.observed") + " " + words.count(line.observed) + ", " +
                     words.say("fit.expected") + " " + words.format.number(line.expected, 1)}});
  }
  if (report.base.fit.empty()) return figure;
  content.signals = {{"text_by", by},
                     {"text_customers", words.say("customers")},
                     {"text_observed", words.say("fit.observed")},
                     {"text_expected", words.say("fit.expected") + ", " + report.model_name}};
  content.description = figure.title;
  figure.specification = specification("purchase_fit", content, options);
  return figure;
}

Figure value_concentration_figure(const CustomerValueReport& report, const FigureOptions& options) {
  const ValueWords words{report, options.language, NumberFormat(options)};
  const bool money = report.base.residual_value.has_value();
  const std::string kind = money ? "residual" : report.contractual ? "renewals" : "purchases";
  const std::string what = words.say(kind), of_it = words.say("of." + kind);
  Figure figure{.name = "value-concentration",
                .title = words.say("concentration.title.none"),
                .computed = words.say(
                    money ? "concentration.computed.money" : "concentration.computed.count",
                    {words.format.share(report.annual_discount, 0), words.count(report.horizon), words.units()})};
  if (report.contractual) figure.computed += " " + words.say("concentration.computed.contract");
  figure.table.columns = {words.say("concentration.tenth"), words.say("customers"), what,
                          words.say("concentration.share"), words.say("concentration.together")};
  std::vector<double> held;
  for (const CustomerValue& customer : report.base.customers)
    if (!report.contractual || customer.probability_alive > 0) held.push_back(held_by(customer));
  std::sort(held.begin(), held.end(), std::greater<>());
  const double total = std::accumulate(held.begin(), held.end(), 0.0);
  if (!(total > 0) || !std::isfinite(total)) return figure;

  SpecificationContent content{.data = {{"tenths", Json::array()}}};
  double together = 0;
  for (std::size_t tenth = 0; tenth < kTenths; ++tenth) {
    const std::size_t begin = tenth_begin(tenth, held.size()), end = tenth_begin(tenth + 1, held.size());
    if (begin == end) continue;
    const double sum = std::accumulate(held.begin() + static_cast<std::ptrdiff_t>(begin),
                                       held.begin() + static_cast<std::ptrdiff_t>(end), 0.0);
    together += sum;
    const std::string label = words.count(static_cast<double>(10 * tenth)) + " – " +
                              words.format.share(static_cast<double>(tenth + 1) / kTenths, 0);
    const auto customers = static_cast<double>(end - begin);
    figure.table.rows.push_back({FigureCell::of_text(label), FigureCell::count(customers),
                                 money ? FigureCell::money(sum) : FigureCell::of_number(sum),
                                 FigureCell::share(sum / total), FigureCell::share(together / total)});
    const std::string amount = money ? words.format.money(sum) : words.some(sum);
    content.data["tenths"].push_back(
        {{"order", tenth},
         {"label", label},
         {"customers", customers},
         {"held", sum},
         {"share", sum / total},
         {"together", together / total},
         {"amount", amount},
         {"tip", words.say("concentration.tip", {label, words.count(customers), amount, words.format.share(sum / total),
                                                 words.format.share(together / total)})}});
  }
  const double best = *figure.table.rows.front()[3].number;
  figure.title = words.say(held.size() < kTenths ? "concentration.title.few"
                           : best < kEvenShare   ? "concentration.title.even"
                                                 : "concentration.title",
                           {words.format.share(best, 0), of_it, words.count(static_cast<double>(held.size()))});
  content.signals = {{"text_tenth", words.say("concentration.tenth")},
                     {"text_share", words.say("concentration.share_of", {of_it})},
                     {"text_together", words.say("concentration.together")}};
  content.description = figure.title;
  figure.specification = specification("value_concentration", content, options);
  return figure;
}

Figure segment_value_figure(const CustomerValueReport& report, const FigureOptions& options) {
  const ValueWords words{report, options.language, NumberFormat(options)};
  const bool money = report.base.residual_value.has_value();
  const std::string what = words.say(money ? "segments.each" : "segments.each_count");
  Figure figure{.name = "segment-value",
                .title = words.say("segments.title.none"),
                .computed = words.say(
                    money ? "segments.computed.money" : "segments.computed.count",
                    {words.format.share(report.annual_discount, 0), words.count(report.horizon), words.units()})};
  figure.table.columns = {
      report.by ? shortened(report.by->attribute, kSegmentNameShown) : words.say("segments.segment"),
      words.say("customers"), what, words.say("segments.lower"), words.say("segments.upper")};
  if (!report.by || report.by->segments.empty()) return figure;

  std::vector<SegmentWorth> worths;
  for (const SegmentValue& segment : report.by->segments) {
    if (segment.customers == 0 || (money && !segment.residual_value)) continue;
    const ValueTotal& total = money ? *segment.residual_value : segment.purchases;
    const auto customers = static_cast<double>(segment.customers);
    std::optional<Interval> limits = limits_of_total(total);
    if (limits) limits = Interval{limits->lower / customers, limits->upper / customers};
    worths.push_back({&segment, total.expected / customers, limits});
  }
  if (worths.empty()) return figure;
  const std::size_t all = worths.size();
  std::stable_sort(worths.begin(), worths.end(), [](const SegmentWorth& a, const SegmentWorth& b) {
    return a.segment->customers > b.segment->customers;
  });
  const auto large = static_cast<std::size_t>(std::count_if(
      worths.begin(), worths.end(), [](const SegmentWorth& w) { return w.segment->customers >= kLeastCustomers; }));
  worths.resize(std::min(large >= 2 ? large : all, kMostSegments));
  if (all > worths.size())
    figure.computed +=
        " " + words.say("segments.computed.left_out", {words.count(static_cast<double>(all - worths.size()))});
  std::stable_sort(worths.begin(), worths.end(),
                   [](const SegmentWorth& a, const SegmentWorth& b) { return a.each > b.each; });

  const int decimals = worths.front().each < 1000 ? 2 : 0;
  const auto amount = [&](double size) {
    return money ? words.format.money(size, decimals) : words.format.number(size, 2);
  };
  const auto cell = [&](std::optional<double> size) {
    return money ? FigureCell::money(size) : FigureCell::of_number(size);
  };
  const auto name_of = [&](const SegmentValue& segment) {
    return segment.segment.empty() ? words.say("segments.unknown") : segment.segment;
  };
  SpecificationContent content{.data = {{"segments", Json::array()}}};
  for (std::size_t i = 0; i < worths.size(); ++i) {
    const auto& [segment, each, limits] = worths[i];
    const std::string name = name_of(*segment), customers = words.count(static_cast<double>(segment->customers));
    figure.table.rows.push_back({FigureCell::of_text(name), FigureCell::count(static_cast<double>(segment->customers)),
                                 cell(each), cell(limits ? std::optional(limits->lower) : std::nullopt),
                                 cell(limits ? std::optional(limits->upper) : std::nullopt)});
    std::string tip = shortened(name, kSegmentNameShown) + ": " + amount(each);
    if (limits) tip += " " + words.say("segments.tip.limits", {amount(limits->lower), amount(limits->upper)});
    content.data["segments"].push_back({{"order", i},
                                        {"label", name},
                                        {"customers", customers},
                                        {"each", each},
                                        {"lower", limits ? limits->lower : each},
                                        {"upper", limits ? limits->upper : each},
                                        {"text", amount(each)},
                                        {"tip", tip + ", " + words.say("segments.tip.customers", {customers})}});
  }
  const SegmentWorth &best = worths.front(), &least = worths.back();
  const bool apart = std::isfinite(report.by->pooled_customers) && worths.size() > 1 && best.limits && least.limits &&
                     best.limits->lower > least.limits->upper;
  figure.title = apart ? words.say(money ? "segments.title.apart" : "segments.title.apart_count",
                                   {shortened(name_of(*best.segment), kSegmentNameShown), amount(best.each),
                                    shortened(name_of(*least.segment), kSegmentNameShown), amount(least.each),
                                    shortened(report.by->attribute, kSegmentNameShown)})
                       : words.say("segments.title.alike", {shortened(report.by->attribute, kSegmentNameShown)});
  content.signals = {
      {"text_each", what}, {"text_customers", words.say("customers")}, {"format_each", money ? "$,~r" : ",~r"}};
  content.description = figure.title;
  figure.specification = specification("segment_value", content, options);
  return figure;
}

PageSection value_section(const CustomerValueReport& report, const FigureOptions& options) {
  const ValueWords words{report, options.language, NumberFormat(options)};
  PageSection section{.title = words.say("section", {words.format.day(report.as_of)}), .figures = {}};
  section.figures.push_back(report.contractual ? retention_figure(report, options) : alive_figure(report, options));
  section.figures.push_back(value_concentration_figure(report, options));
  if (report.by) section.figures.push_back(segment_value_figure(report, options));
  section.figures.push_back(purchase_fit_figure(report, options));
  return section;
}

}  // namespace putki
