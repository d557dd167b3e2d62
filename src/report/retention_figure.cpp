#include <putki/report/value_figures.hpp>

#include "report/specification.hpp"
#include "report/value_words.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

namespace putki {
namespace {

constexpr double kRetentionLevel = 0.95;  // of RetentionPoint::limits
constexpr std::size_t kMostRetentionDrawn = 120;

// The model's share of those with `last` renewals that makes `renewals`, more than these.
double continued(const CustomerValueReport& report, double last, double renewals) {
  const double further = renewals - last;
  if (report.parameters.values.size() == 3) return BetaDiscreteWeibull(report.parameters).survival_after(last, further);
  return Sbg(report.parameters).survival_after(last, further);
}

std::string retention_title(const ValueWords& words, const std::vector<RetentionPoint>& points) {
  const auto half =
      std::find_if(points.begin(), points.end(), [](const RetentionPoint& p) { return p.kaplan_meier <= 0.5; });
  if (half != points.end()) return words.say("retention.title.half", {words.span(half->renewal)});
  const RetentionPoint& last = points.back();
  return words.say("retention.title.most",
                   {words.format.share(last.kaplan_meier, 0), words.span(last.renewal),
                    words.format.share(last.limits.lower, 0), words.format.share(last.limits.upper, 0)});
}

}  // namespace

Figure retention_figure(const CustomerValueReport& report, const FigureOptions& options) {
  const ValueWords words{report, options.language, NumberFormat(options)};
  const std::string level = words.format.share(kRetentionLevel, 0);
  Figure figure{.name = "retention",
                .title = words.say(report.contractual ? "retention.title.none" : "retention.title.no_contract"),
                .computed = words.say("retention.computed", {level, report.model_name})};
  const std::string model_name = words.say("retention.model", {report.model_name});
  figure.table.columns = {words.say("retention.renewals", {words.units()}), words.say("retention.observed"),
                          words.say("lower", {level}), words.say("upper", {level}), model_name};
  const std::vector<RetentionPoint>& points = report.base.retention;
  if (!report.contractual || points.empty()) return figure;

  SpecificationContent content{.data = {{"observed", Json::array()}, {"model", Json::array()}}};
  const auto add_observed = [&](double renewal, double share, const Interval& limits) {
    content.data["observed"].push_back(
        {{"renewals", renewal},
         {"share", share},
         {"lower", limits.lower},
         {"upper", limits.upper},
         {"tip", words.say("retention.tip", {words.span(renewal), words.format.share(share),
                                             words.format.share(limits.lower), words.format.share(limits.upper)})}});
  };
  const auto add_model = [&](double renewal, double share) {
    content.data["model"].push_back(
        {{"renewals", renewal},
         {"share", share},
         {"tip", words.say("retention.tip.model", {words.span(renewal), words.format.share(share), model_name})}});
  };
  add_observed(points.front().renewal - 1, 1, {1, 1});
  add_model(points.front().renewal - 1, 1);
  const auto beyond = static_cast<std::size_t>(std::max(0.0, report.horizon));
  const std::size_t step = (points.size() + beyond) / kMostRetentionDrawn + 1;
  for (std::size_t i = 0; i < points.size(); i += step) {
    const RetentionPoint& point = points[i];
    figure.table.rows.push_back({FigureCell::count(point.renewal), FigureCell::share(point.kaplan_meier),
                                 FigureCell::share(point.limits.lower), FigureCell::share(point.limits.upper),
                                 FigureCell::share(point.model)});
    add_observed(point.renewal, point.kaplan_meier, point.limits);
    add_model(point.renewal, point.model);
  }
  const RetentionPoint& last = points.back();
  for (std::size_t further = step; further <= beyond; further += step) {
    const double renewal = last.renewal + static_cast<double>(further);
    const double share = last.model * continued(report, last.renewal, renewal);
    std::vector<FigureCell>& row = figure.table.rows.emplace_back();
    row.push_back(FigureCell::count(renewal));
    row.insert(row.end(), 3, FigureCell::share({}));
    row.push_back(FigureCell::share(share));
    add_model(renewal, share);
  }
  figure.title = retention_title(words, points);
  content.signals = {{"text_observed", words.say("retention.observed_limits", {level})},
                     {"text_model", model_name},
                     {"text_renewals", words.say("retention.axis", {words.units()})}};
  content.description = figure.title;
  figure.specification = specification("customer_retention", content, options);
  return figure;
}

}  // namespace putki
