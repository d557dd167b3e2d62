#include <putki/core/error.hpp>
#include <putki/forecast/inflow.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace putki {

double InflowModel::draw_rate(RandomStream& random, int horizon_days) const {
  if (per_day <= 0) return 0;
  const double variance = per_day * (dispersion / window_days + (dispersion - 1) / std::max(horizon_days, 1));
  return random.gamma(per_day * per_day / variance) * variance / per_day;
}

InflowModel fit_inflow(const AsOf& view, const InflowOptions& options) {
  if (options.weeks < 1)
    throw InvalidArgument(fmt::format("inflow looks back on {} weeks; 1 or more are needed", options.weeks));
  const auto days = view.log().days();
  const DayNumber end = view.first_unknown_day();
  DayNumber first_day = std::numeric_limits<DayNumber>::max();
  std::vector<double> by_week(static_cast<std::size_t>(options.weeks));
  view.for_each_deal([&](DealId, std::uint32_t first, std::uint32_t) {
    const DayNumber created = days[first];
    first_day = std::min(first_day, created);
    const DayNumber weeks_ago = (end - 1 - created) / 7;
    if (created < end && weeks_ago < options.weeks) by_week[static_cast<std::size_t>(weeks_ago)] += 1;
  });
  InflowModel model;
  if (first_day >= end) return model;

  // A history shorter than the window: whole weeks of it only, at least one.
  const std::size_t weeks = std::clamp<std::size_t>(static_cast<std::size_t>((end - first_day) / 7), 1, by_week.size());
  by_week.resize(weeks);
  double sum = 0, squares = 0;
  for (const double n : by_week) sum += n;
  const double mean = sum / static_cast<double>(weeks);
  for (const double n : by_week) squares += (n - mean) * (n - mean);
  model.window_days = static_cast<double>(std::min<DayNumber>(end - first_day, static_cast<DayNumber>(7 * weeks)));
  model.per_day = sum / model.window_days;
  if (weeks > 1 && mean > 0) model.dispersion = std::max(1.0, squares / static_cast<double>(weeks - 1) / mean);
  return model;
}

}  // namespace putki
