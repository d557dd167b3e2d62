#include <putki/core/error.hpp>
#include <putki/forecast/inflow.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace putki {

std::vector<double> InflowModel::expected_rates(Day begin, int days) const {
  const DayTypes types(begin, begin + Days{days}, calendar);
  std::vector<double> rates;
  for (int d = 0; d < days; ++d)
    rates.push_back(per_day * day_factors[types.types()[static_cast<std::size_t>(d)]] * level.expected_factor(d + 1));
  return rates;
}

std::vector<double> InflowModel::draw_rates(RandomStream& random, Day begin, int days, double where,
                                            bool mirrored) const {
  std::vector<double> rates =
      level.is_constant() ? expected_rates(begin, days) : level.draw(random, days, where, mirrored);
  if (per_day <= 0) return std::vector<double>(static_cast<std::size_t>(days), 0.0);
  if (level.is_constant()) {
    const double variance = per_day * (dispersion / window_days + (dispersion - 1) / std::max(days, 1));
    const double shape = per_day * per_day / variance;
    const double factor = mirrored_gamma(shape, random, mirrored) / shape;
    for (double& rate : rates) rate *= factor;
    return rates;
  }
  const DayTypes types(begin, begin + Days{days}, calendar);
  for (std::size_t d = 0; d < rates.size(); ++d) rates[d] *= per_day * day_factors[types.types()[d]];
  return rates;
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

InflowModel fit_inflow_rhythm(const DatedStatistics& statistics, const BusinessCalendar& calendar,
                              const LevelOptions& level) {
  (void)statistics.graph();  // refuses the identity
  InflowModel model;
  model.calendar = calendar;
  if (statistics.creations().empty()) return model;
  DayNumber first = std::numeric_limits<DayNumber>::max();
  for (const auto& creation : statistics.creations()) first = std::min(first, creation.day);
  const DayNumber begin = first + 1, end = *statistics.as_of_day();
  if (begin >= end) return model;

  const std::size_t days = static_cast<std::size_t>(end - begin);
  std::vector<double> created(days), expected(days);
  double total = 0;
  for (const auto& creation : statistics.creations()) {
    if (creation.day < begin || creation.day >= end || statistics.graph().is_terminal(creation.stage)) continue;
    created[static_cast<std::size_t>(creation.day - begin)] += static_cast<double>(creation.count);
    total += static_cast<double>(creation.count);
  }
  if (total == 0) return model;
  model.window_days = static_cast<double>(days);
  model.per_day = total / model.window_days;

  const DayTypes types(to_day(begin), to_day(end), calendar);
  std::array<double, kDayTypes> sum{}, count{};
  for (std::size_t d = 0; d < days; ++d) {
    sum[types.types()[d]] += created[d];
    count[types.types()[d]] += 1;
  }
  for (std::size_t type = 0; type < kDayTypes; ++type)
    model.day_factors[type] = (sum[type] / model.per_day + 1) / (count[type] + 1);
  for (std::size_t d = 0; d < days; ++d) expected[d] = model.per_day * model.day_factors[types.types()[d]];
  model.level = fit_level(created, expected, level);
  return model;
}

}  // namespace putki
