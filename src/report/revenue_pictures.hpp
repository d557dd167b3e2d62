#pragma once
// Pictures of revenue to come, whatever its parts are.

#include <putki/core/period.hpp>
#include <putki/forecast/revenue_distribution.hpp>
#include <putki/report/figure.hpp>

#include <optional>
#include <span>
#include <vector>

namespace putki {

// Revenue of a period or of all time up to its end.
struct DrawnRevenue {
  Period period;
  const RevenueDistribution* revenue;
  double mean;
  double booked;              // what of it is certain
  std::vector<double> parts;  // means, in the order of the names of `draw_parts`
};

// One from each of the library's own periods; the distributions must outlive it.
template <class PeriodOfForecast>
DrawnRevenue drawn_revenue(const PeriodOfForecast& of, double mean, std::vector<double> parts) {
  return {of.period, &of.revenue, mean, of.booked.mean, std::move(parts)};
}

// `running`: revenue from the first day to the end of each period; the last one is that of the whole horizon.
// `last_known`: the day before the first one forecast, at whose end all is what is booked.
// `computed_key`, `part_keys`: keys of texts.inc.
Figure draw_running_revenue(std::span<const DrawnRevenue> running, Day last_known, std::optional<double> target,
                            const FigureOptions& options, const char* computed_key = "revenue.running.computed");
Figure draw_periods(std::span<const DrawnRevenue> periods, const FigureOptions& options);
Figure draw_chance(const DrawnRevenue& total, std::optional<double> target, const FigureOptions& options);
// Each of `part_keys` has a text with `.title` behind it, for when it is the largest.
Figure draw_parts(std::span<const DrawnRevenue> periods, const DrawnRevenue& total,
                  std::span<const char* const> part_keys, const FigureOptions& options,
                  const char* computed_key = "revenue.parts.computed");

// Without years, when all periods lie in one.
bool in_one_year(const Period& period);

}  // namespace putki
