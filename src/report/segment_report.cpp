#include <putki/report/segment_report.hpp>

#include <putki/core/error.hpp>

#include "report/json.hpp"
#include "report/text_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ostream>

namespace putki {
namespace {

constexpr std::size_t kNameWidth = 20;
/// A lead of less than this many standard errors is no difference.
constexpr double kClear = 2;

std::string title(const std::string& segment, std::size_t width) {
  return segment.empty() ? "(none)" : shortened(segment, width);
}

}  // namespace

std::string with_segments(std::string_view forecast_json, std::string_view attribute, const GroupEffects& groups,
                          std::span<const SegmentForecast> segments) {
  Json json = Json::parse(forecast_json, nullptr, false);
  if (!json.is_object()) throw InvalidArgument("segments can only be added to the JSON of a forecast");
  Json by{{"attribute", attribute}, {"strength", Json::array()}, {"segments", Json::array()}};
  const std::size_t terms = groups.deviations().size();
  for (std::size_t t = 0; t < terms; ++t) {
    // Covariates have names of their own; the one term more is the segments'.
    const bool segment = segments.size() > 1 && t + 1 == terms;
    by["strength"].push_back(
        {{"term", segment ? std::string(attribute) : groups.names()[t]}, {"deviation", groups.deviations()[t]}});
  }
  for (const SegmentForecast& part : segments) {
    Json quantiles;
    for (const double p : {0.1, 0.25, 0.5, 0.75, 0.9})
      quantiles[fmt::format("{}", p)] = part.revenue.revenue.quantile(p);
    by["segments"].push_back({{"segment", part.segment},
                              {"open_deals", part.open_deals},
                              {"open_value", part.open_value},
                              {"mean", part.revenue.revenue.mean()},
                              {"sd", part.revenue.revenue.sd()},
                              {"quantiles", quantiles},
                              {"parts",
                               {{"booked", part.revenue.booked.mean},
                                {"open", part.revenue.open.mean},
                                {"new", part.revenue.not_yet_created.mean}}},
                              {"win_rate", part.win_rate},
                              {"win_rate_lead", part.win_rate_lead},
                              {"win_rate_error", part.win_rate_error}});
  }
  json["by"] = std::move(by);
  return json.dump(2);
}

void write_segments(std::ostream& out, std::string_view attribute, const GroupEffects& groups,
                    std::span<const SegmentForecast> segments) {
  using enum TextTable::Align;
  double unit = 1, sum = 0;
  std::size_t deals = 0;
  for (const SegmentForecast& part : segments) {
    while (part.revenue.revenue.quantile(0.9) / unit >= 1e7) unit *= 1000;
    sum += part.revenue.revenue.mean();
    deals += part.open_deals;
  }
  TextTable table({left, right, right, right, right, right, right});
  table.row({shortened(std::string(attribute), kNameWidth), "Open", "Expected", "Low", "High", "Win rate", "Lead"});
  table.rule();
  bool clear = false;
  for (const SegmentForecast& part : segments) {
    const RevenueDistribution& revenue = part.revenue.revenue;
    const bool leads = part.win_rate_error > 0 && std::abs(part.win_rate_lead) > kClear * part.win_rate_error;
    clear = clear || leads;
    table.row({title(part.segment, kNameWidth), with_commas(static_cast<double>(part.open_deals)),
               with_commas(revenue.mean() / unit), with_commas(revenue.quantile(0.1) / unit),
               with_commas(revenue.quantile(0.9) / unit), percent(part.win_rate),
               groups.is_pooled() ? std::string("none")
                                  : fmt::format("{:+.1f} ± {:.1f}{}", 100 * part.win_rate_lead,
                                                100 * part.win_rate_error, leads ? " *" : "  ")});
  }
  table.rule();
  table.row({"Sum", with_commas(static_cast<double>(deals)), with_commas(sum / unit)});
  table.write(out);
  out << "\nWin rate: of 100 new deals of this " << attribute << ", how many will be won in the end";
  if (groups.is_pooled()) {
    out << ".\nThe history shows no difference between them beyond chance.\n";
    return;
  }
  out << ".\nLead: percentage points above the average, with its standard error"
      << (clear ? "; * more than chance." : ";\nnone is more than chance explains.") << '\n';
  if (unit > 1) out << "Revenue in units of " << with_commas(unit) << ".\n";
}

void write_size_effects(std::ostream& out, const GroupEffects& groups, const StageGraph& graph) {
  const auto size = std::find(groups.names().begin(), groups.names().end(), "size");
  if (size == groups.names().end()) return;
  const auto effect = static_cast<std::size_t>(size - groups.names().begin());
  if (groups.is_pooled() || groups.deviations()[effect] == 0) {
    out << "\nThe amount of a deal changes neither its chances nor its pace, as far as the\nhistory shows.\n";
    return;
  }
  out << "\nA large deal (one standard deviation above the mean) against one of mean size:\n";
  for (const GroupEffects::Move& move : groups.moves()) {
    if (!graph.is_terminal(move.to)) continue;
    const double log_factor = move.effects.effects[effect], error = move.effects.standard_error(effect);
    out << fmt::format("  {} > {}: {:+.0f} % a day ({:+.0f} to {:+.0f})\n", shortened(graph.stage(move.from).name, 24),
                       shortened(graph.stage(move.to).name, 24), 100 * std::expm1(log_factor),
                       100 * std::expm1(log_factor - kClear * error), 100 * std::expm1(log_factor + kClear * error));
  }
}

}  // namespace putki
