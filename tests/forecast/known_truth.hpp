#pragma once
/// \file
/// Pipelines of known truth: simulated deal by deal and day by day from hazards of their own, to the end of a history
/// and on through the horizon, so that a forecast from the history can be held against what the truth goes on to bring.
/// Shares no code with the library's simulation.

#include <putki/events/event_log_builder.hpp>
#include <putki/forecast/forecast.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <string>
#include <tuple>
#include <vector>

namespace putki::calibration {

inline constexpr int kHistory = 26 * 7, kAhead = 28;
inline constexpr std::array<int, 2> kHorizons{7, 28};
inline constexpr std::array<double, 3> kLevels{0.5, 0.8, 0.95};
inline constexpr std::size_t kWednesday = 2;
inline const Day kBegin = Day{std::chrono::year{2024} / 1 / 1};  // a Monday

struct Exit {
  std::size_t to;
  double share;  // of those who leave
};

/// Leaves with `speed` x 1 / (1 + 0.1 age) a day, after the day of entry; on that day with `at_once`.
struct TrueStage {
  double at_once;
  double speed;
  std::vector<Exit> exits;
};

struct Truth {
  std::string name;
  std::vector<TrueStage> stages;  // then Won, then Lost
  double new_per_day = 8;
  std::array<double, 7> weekday = {1, 1, 1, 1, 1, 1, 1};  // of hazards and of new deals
  double shock = 0;                                       // weekly, on the log of the hazard of winning
  double drift = 0;                                       // standard deviation of each stage's log speed
  double half_life = 16;                                  // of the drift, days
  std::size_t won() const { return stages.size(); }
};

inline std::vector<Truth> truths() {
  const std::vector<TrueStage> line{
      {0.1, 0.20, {{1, 0.7}, {4, 0.3}}}, {0.02, 0.12, {{2, 0.65}, {4, 0.35}}}, {0.02, 0.12, {{3, 0.55}, {4, 0.45}}}};
  std::vector<Truth> all{{.name = "linear", .stages = line},
                         {.name = "branching",
                          .stages = {{0.1, 0.20, {{1, 0.4}, {2, 0.35}, {4, 0.25}}},
                                     {0.02, 0.25, {{3, 0.4}, {4, 0.6}}},
                                     {0.02, 0.08, {{3, 0.6}, {4, 0.4}}}}},
                         {.name = "looping",
                          .stages = {{0.1, 0.20, {{1, 0.75}, {4, 0.25}}},
                                     {0.02, 0.15, {{0, 0.15}, {2, 0.55}, {4, 0.3}}},
                                     {0.05, 0.20, {{1, 0.35}, {3, 0.4}, {4, 0.25}}}}},
                         {.name = "weekly rhythm", .stages = line, .weekday = {1.6, 1.4, 1.3, 1.2, 1.1, 0.3, 0.1}},
                         {.name = "drift", .stages = line, .new_per_day = 12, .drift = 0.25},
                         {.name = "common shock", .stages = line, .new_per_day = 25, .shock = 0.2}};
  return all;
}

inline double leaving(const Truth& truth, std::size_t stage, int age) {
  return age == 0 ? truth.stages[stage].at_once : truth.stages[stage].speed / (1 + 0.1 * age);
}

struct History {
  EventLog log;
  std::array<double, kAhead> won_by_day{};  // after the history
};

inline History simulate_history(const Truth& truth, RandomStream& random) {
  constexpr int days = kHistory + kAhead;
  std::vector<double> shock;
  for (int week = 0; week * 7 < days; ++week)
    shock.push_back(std::exp(truth.shock * random.normal() - 0.5 * truth.shock * truth.shock));
  std::vector<std::vector<double>> speed(truth.stages.size());
  const double persistence = std::exp2(-1 / truth.half_life);
  for (auto& path : speed) {
    double level = truth.drift * random.normal();
    for (int day = 0; day < days; ++day) {
      level = persistence * level + truth.drift * std::sqrt(1 - persistence * persistence) * random.normal();
      path.push_back(std::exp(level - 0.5 * truth.drift * truth.drift));
    }
  }

  StageGraph::Builder graph;
  for (std::size_t j = 0; j < truth.stages.size(); ++j) graph.stage("Stage " + std::to_string(j));
  graph.stage("Won", StageKind::won).stage("Lost", StageKind::lost);
  EventLogBuilder builder(graph.build());
  std::array<double, kAhead> won_by_day{};
  int deals = 0;
  for (int created = 0; created < days; ++created) {
    const double expected = truth.new_per_day * truth.weekday[static_cast<std::size_t>(created % 7)];
    for (std::uint64_t i = random.poisson(expected); i > 0; --i) {
      const DealId deal = builder.deal("D" + std::to_string(deals++));
      const Money amount = Money::from_units(std::round(100'000 * std::exp(0.7 * random.normal())) / 100);
      std::size_t stage = 0;
      int steps = 0, age = 0;
      const auto record = [&](int day) {
        builder.add({.deal = deal,
                     .time = kBegin + Days{day} + std::chrono::hours{8} + std::chrono::minutes{5 * steps++},
                     .stage = static_cast<StageId>(stage),
                     .amount = amount});
      };
      record(created);
      for (int day = created; day < days && stage < truth.stages.size(); ++day, ++age)
        for (bool moved = true; moved && stage < truth.stages.size() && steps < 180;) {
          moved = false;
          double pick = random.uniform();
          for (const Exit& exit : truth.stages[stage].exits) {
            double chance = exit.share * leaving(truth, stage, age) * truth.weekday[static_cast<std::size_t>(day % 7)];
            if (age > 0) chance *= speed[stage][static_cast<std::size_t>(day)];
            if (exit.to == truth.won()) chance *= shock[static_cast<std::size_t>(day / 7)];
            if (pick < chance) {
              stage = exit.to;
              moved = true;
              break;
            }
            pick -= chance;
          }
          if (!moved) break;
          age = 0;
          record(day);
          if (stage == truth.won() && day >= kHistory)
            won_by_day[static_cast<std::size_t>(day - kHistory)] += amount.units();
        }
    }
  }
  return {builder.build(), won_by_day};
}

struct Estimate {
  const char* name;
  double truth;
  double value;
};

struct Replication {
  std::array<double, kHorizons.size()> place{};  // randomised PIT
  std::array<double, kHorizons.size()> bias{};   // expected less actual
  std::array<double, kHorizons.size()> actual{};
  std::array<double, kHorizons.size()> sd{};
  std::vector<Estimate> estimates;
};

inline Replication replicate(const Truth& truth, std::uint64_t number) {
  RandomStream random(number, 7);
  const History history = simulate_history(truth, random);
  const AsOf view(history.log, kBegin + Days{kHistory});
  const ForecastModel model = fit_forecast_model(view, {.threads = 1});
  const OpenPipeline pipeline = OpenPipeline::as_of_view(view);
  Replication result;
  for (std::size_t h = 0; h < kHorizons.size(); ++h) {
    double actual = 0;
    for (int day = 0; day < kHorizons[h]; ++day) actual += history.won_by_day[static_cast<std::size_t>(day)];
    const RevenueDistribution revenue = forecast(model, pipeline, {.horizon_days = kHorizons[h]}).total.revenue;
    // Sums of cents differ in their last bits from the atoms of the forecast.
    const double below = 1 - revenue.probability_at_least(actual - 0.001), upto = revenue.cdf(actual + 0.001);
    result.place[h] = below + random.uniform() * (upto - below);
    result.bias[h] = revenue.mean() - actual;
    result.actual[h] = actual;
    result.sd[h] = revenue.sd();
  }
  // On a Wednesday: a hazard alone means little, since the model's day factors have mean 1 over its days at risk.
  const auto hazard_at = [&](std::size_t stage, int age, std::size_t to) {
    const auto id = static_cast<StageId>(stage);
    const StageHazard& exits = model.stages.stages().hazards().stage(id);
    const Matrix& days = age == 0 ? model.stages.rhythm(id).entry_day : model.stages.rhythm(id).later;
    for (std::size_t k = 0; k < exits.targets.size(); ++k)
      if (index(exits.targets[k]) == to)
        return exits.hazard(exits.bin_of(age), k) * (days.rows() > 0 ? days(k, kWednesday) : 1.0);
    return 0.0;
  };
  for (const auto& [name, stage, age] :
       {std::tuple{"first stage, day of entry", std::size_t{0}, 0}, std::tuple{"first stage, age 1", std::size_t{0}, 1},
        std::tuple{"second stage, age 3", std::size_t{1}, 3}, std::tuple{"third stage, age 3", std::size_t{2}, 3}}) {
    const Exit& exit = truth.stages[stage].exits[stage == 2 && truth.stages[2].exits.size() > 2 ? 1 : 0];
    result.estimates.push_back(
        {name, exit.share * leaving(truth, stage, age) * truth.weekday[kWednesday], hazard_at(stage, age, exit.to)});
  }
  const auto& factors = model.stages.rhythm(StageId{1}).later;
  if (factors.rows() > 0) {
    const double workdays = (factors(0, 0) + factors(0, 1) + factors(0, 2) + factors(0, 3) + factors(0, 4)) / 5;
    double true_workdays = 0;
    for (std::size_t day = 0; day < 5; ++day) true_workdays += truth.weekday[day] / 5;
    result.estimates.push_back({"Saturday over workdays", truth.weekday[5] / true_workdays, factors(0, 5) / workdays});
  }
  result.estimates.push_back({"new deals a day", truth.new_per_day, model.inflow.per_day});
  result.estimates.push_back({"common shock, weekly", truth.shock, model.shock.mean_size()});
  double half_life = 0, deviation = 0;
  for (const Level::Point& point : model.stages.rhythm(StageId{1}).speed.points()) {
    half_life += point.weight * -1 / std::log2(point.persistence);
    deviation += point.weight * point.deviation;
  }
  if (truth.drift > 0) result.estimates.push_back({"half-life of the drift", truth.half_life, half_life});
  result.estimates.push_back({"deviation of the drift", truth.drift, deviation});
  return result;
}

/// P(Binomial(n, p) <= k)
inline double binomial_cdf(int k, int n, double p) {
  double sum = 0;
  for (int i = 0; i <= k; ++i)
    sum += std::exp(std::lgamma(n + 1.0) - std::lgamma(i + 1.0) - std::lgamma(n - i + 1.0) + i * std::log(p) +
                    (n - i) * std::log1p(-p));
  return sum;
}

/// So many of n intervals of this level may hold what came: each tail has at least half of what `confidence` leaves.
inline bool within_limits(int inside, int n, double level, double confidence) {
  const double tail = 0.5 * (1 - confidence);
  return binomial_cdf(inside, n, level) > tail && 1 - binomial_cdf(inside - 1, n, level) > tail;
}

inline int inside(std::span<const Replication> replications, std::size_t horizon, double level) {
  return static_cast<int>(std::count_if(replications.begin(), replications.end(), [&](const Replication& r) {
    return std::abs(r.place[horizon] - 0.5) <= level / 2;
  }));
}

}  // namespace putki::calibration
