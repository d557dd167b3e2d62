#pragma once
/// \file
/// Invented inflows of several kinds with what came after them, to score and calibrate forecasts of new deals.

#include <putki/core/random.hpp>
#include <putki/events/event_log_builder.hpp>
#include <putki/forecast/inflow.hpp>
#include <putki/stats/dated_statistics.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

namespace putki {

struct InflowKind {
  const char* name;
  int days;               ///< of history
  double per_day = 12;    ///< on the last day, averaged over the week
  double growth = 0;      ///< log a year
  double weekend = 1;     ///< factor of Saturdays and Sundays
  double season = 0;      ///< amplitude of a yearly wave, on the log scale
  double dispersion = 0;  ///< alpha of single days
  double jump = 0;        ///< log; up or down, on a random day of the last two thirds
  double level = 0;       ///< deviation of an AR(1) level
  double level_half_life = 20;
};

inline const std::vector<InflowKind> kInflowKinds{
    {.name = "flat", .days = 365},
    {.name = "weekly rhythm", .days = 365, .weekend = 0.15},
    {.name = "growth 30 % a year", .days = 730, .growth = 0.262364},
    {.name = "growth 200 % a year", .days = 730, .growth = 1.098612},
    {.name = "a break", .days = 365, .jump = 0.5},
    {.name = "season, two years", .days = 731, .season = 0.3},
    {.name = "season, one year", .days = 365, .season = 0.3},
    {.name = "season, four years", .days = 1461, .season = 0.3},
    {.name = "overdispersed", .days = 365, .dispersion = 0.5},
    {.name = "a level that strays", .days = 365, .level = 0.3},
    {.name = "one deal a month", .days = 730, .per_day = 1 / 30.0},
    {.name = "two weeks of history", .days = 14},
    {.name = "one day of history", .days = 1},
};

struct SimulatedInflow {
  DatedStatistics statistics;
  Day begin;                   ///< of what comes after
  std::vector<double> future;  ///< by day
};

inline SimulatedInflow simulate_inflow(const InflowKind& kind, std::uint64_t number, int ahead, double jitter = 0) {
  static const StageGraph graph = StageGraph::Builder().stage("Open").stage("Won", StageKind::won).build();
  RandomStream random(77, number);
  const Day first = Day{Days{18'000 + static_cast<int>(random.below(365))}};
  const int jump_day =
      kind.days / 3 + static_cast<int>(random.below(static_cast<std::uint64_t>(kind.days * 2 / 3 + 1)));
  const double jump = (random.uniform() < 0.5 ? 1 : -1) * kind.jump;
  const double base = kind.per_day * std::exp(jitter * random.normal());
  const double phi = std::exp2(-1 / kind.level_half_life);
  double u = kind.level * random.normal();
  std::vector<double> counts;
  for (int day = 0; day < kind.days + ahead; ++day) {
    const int weekday = ((18'000 % 7) + static_cast<int>((first - Day{Days{18'000}}).count()) + day) % 7;
    u = phi * u + kind.level * std::sqrt(1 - phi * phi) * random.normal();
    const double angle =
        2 * std::numbers::pi * static_cast<double>((first + Days{day}).time_since_epoch().count()) / 365.2425;
    double mean = base * std::exp(kind.growth * (day - kind.days) / 365.2425 + kind.season * std::cos(angle) + u -
                                  0.5 * kind.level * kind.level + (day < jump_day ? -jump : 0.0));
    if (weekday < 2) mean *= kind.weekend;  // any two neighbouring days will do
    if (kind.dispersion > 0) mean *= random.gamma(1 / kind.dispersion) * kind.dispersion;
    counts.push_back(static_cast<double>(random.poisson(mean)));
  }
  EventLogBuilder builder(graph);
  int deal = 0;
  const auto begin = counts.begin();
  for (int day = 0; day < kind.days; ++day)
    for (int i = 0; i < static_cast<int>(begin[day]); ++i)
      builder.add(
          {builder.deal(std::to_string(deal++)), Timestamp(first + Days{day}) + std::chrono::hours{12}, StageId{0}});
  SimulatedInflow result{DatedStatistics(graph), first + Days{kind.days}, {begin + kind.days, counts.end()}};
  const EventLog log = builder.build();
  result.statistics.update(AsOf(log, result.begin));
  return result;
}

/// Sums of the first `ahead` days, one Poisson count a draw of the rates; ascending.
inline std::vector<double> predicted_sums(const InflowModel& model, Day begin, int ahead, int draws) {
  std::vector<double> sums;
  for (int i = 0; i < draws; ++i) {
    RandomStream random(5, static_cast<std::uint64_t>(i / 2));
    const auto rates = model.draw_rates(random, begin, ahead, (i / 2 + 0.5) / (draws / 2), i % 2 == 1);
    double mean = 0;
    for (const double rate : rates) mean += rate;
    RandomStream counting(6, static_cast<std::uint64_t>(i));
    sums.push_back(static_cast<double>(counting.poisson(mean)));
  }
  std::sort(sums.begin(), sums.end());
  return sums;
}

/// P(sum below actual) + half of P(equal)
inline double place_of(const std::vector<double>& sums, double actual) {
  const auto [low, high] = std::equal_range(sums.begin(), sums.end(), actual);
  return 0.5 * static_cast<double>((low - sums.begin()) + (high - sums.begin())) / static_cast<double>(sums.size());
}

inline double crps_of(const std::vector<double>& sums, double actual) {
  double error = 0, spread = 0;
  const double n = static_cast<double>(sums.size());
  for (std::size_t i = 0; i < sums.size(); ++i) {
    error += std::abs(sums[i] - actual) / n;
    spread += (2 * static_cast<double>(i) + 1 - n) * sums[i] / (n * n);
  }
  return error - spread;
}

}  // namespace putki
