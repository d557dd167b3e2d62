#include "forecast/plan_tables.hpp"

#include "forecast/win_worth.hpp"

#include <putki/core/error.hpp>
#include <putki/core/parallel.hpp>
#include <putki/model/dated_passage.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <numeric>

namespace putki {
namespace {

/// Guided steps of a search before it halves what is left.
constexpr int kGuidedSteps = 10;

}  // namespace

void check_plan_input(const ForecastModel& model, const OpenPipeline& pipeline, const PlanOptions& options) {
  check_forecast_input(model, pipeline, options.forecast);
  if (!std::isfinite(options.target)) throw InvalidArgument(fmt::format("the target is {}", options.target));
  for (const auto& [name, value] :
       {std::pair{"confidence", options.confidence}, {"least chance", options.least_chance}})
    if (!(value > 0 && value < 1))
      throw InvalidArgument(fmt::format("{} is {}; allowed is more than 0 and less than 1", name, value));
  if (options.most_leads < 1 || options.most_leads > 1'000'000)
    throw InvalidArgument(fmt::format("at most {} leads; allowed are 1 to 1,000,000", options.most_leads));
  if (options.capacity && !(*options.capacity >= static_cast<double>(pipeline.deals.size())))
    throw InvalidArgument(
        fmt::format("the capacity is {} deals; {} are open now", *options.capacity, pipeline.deals.size()));
}

PlanTables::PlanTables(const ForecastModel& model, const OpenPipeline& pipeline, const PlanOptions& options)
    : model_(model), pipeline_(pipeline), options_(options) {
  check_plan_input(model, pipeline, options);
  ForecastOptions whole = options.forecast;
  whole.period = std::nullopt;
  const std::vector<HorizonPeriod> periods = horizon_periods(pipeline, whole);
  const std::vector<Scenario> scenarios = draw_scenarios(model, pipeline.first_day, whole);
  const DealCells cells = group_deals(model, pipeline);
  const WinTable wins = tabulate_wins(model, scenarios, cells, periods, whole);
  booked_ = periods.front().booked;
  problem_ = problem_of(model, pipeline, scenarios, cells, wins, 0, 0, whole.horizon_days, whole.uncertain);
  const WinWorth won(problem_.amounts, problem_.revision);
  mean_amount_ = won.mean();
  mean_square_ = won.square();
  usual_inflow_ = model.inflow.expected_rates(pipeline.first_day, whole.horizon_days);

  for (std::size_t s = 0; s < scenarios.size(); ++s)
    for (const ShockNode& node : shock_nodes(scenarios[s].shock, 0, whole.horizon_days)) {
      scenario_of_.push_back(s);
      shifts_.push_back(node.shift);
    }

  const std::size_t days = static_cast<std::size_t>(whole.horizon_days), stages = model.stages.graph().stage_count();
  entry_.assign(scenarios.size(), Matrix(days, stages));
  parallel_for(
      scenarios.size(),
      [&](std::size_t s) {
        for (std::size_t group = 0; group < std::max<std::size_t>(scenarios[s].groups.size(), 1); ++group) {
          const double share = scenarios[s].groups.empty() ? 1.0 : model.groups.shares()[group];
          if (share == 0) continue;
          const DatedPassage passage(scenarios[s].hazards_of(group), whole.horizon_days);
          for (std::size_t day = 0; day < days; ++day)
            for (std::size_t j = 0; j < stages; ++j)
              entry_[s](day, j) += share * passage.from_entry(static_cast<StageId>(j), static_cast<int>(day));
        }
        for (double& chance : entry_[s].values()) chance = std::clamp(chance, 0.0, 1.0);
      },
      whole.threads);

  open_mean_.assign(splits(), 0.0);
  open_variance_.assign(splits(), 0.0);
  const std::size_t rows = problem_.win.rows();
  std::vector<double> means(rows), squares(rows), squared_means(rows);
  for (const auto& deal : problem_.deals) {
    const double mean = won.mean(deal.amount);
    means[deal.cell] += mean;
    squares[deal.cell] += won.square(deal.amount);
    squared_means[deal.cell] += mean * mean;
  }
  for (std::size_t c = 0; c < rows; ++c)
    for (std::size_t i = 0; i < splits(); ++i) {
      const double p = problem_.win(c, i);
      open_mean_[i] += p * means[c];
      open_variance_[i] += p * squares[c] - p * p * squared_means[c];
    }
}

WinChances PlanTables::shifted(std::span<const double> by_scenario) const {
  WinChances chances;
  chances.reserve(splits());
  for (std::size_t i = 0; i < splits(); ++i) {
    const double chance = std::clamp(by_scenario[scenario_of_[i]], 0.0, 1.0);
    chances.push_back(shifts_[i] == 0 ? chance : shift_odds(chance, shifts_[i]));
  }
  return chances;
}

WinChances PlanTables::today(StageId stage) const {
  std::vector<double> by_scenario;
  for (const Matrix& entry : entry_) by_scenario.push_back(entry(0, index(stage)));
  return shifted(by_scenario);
}

std::vector<double> PlanTables::day_shares(int begin, int end, bool by_rhythm) const {
  std::vector<double> shares(usual_inflow_.begin() + begin, usual_inflow_.begin() + end);
  const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
  for (double& share : shares) share = by_rhythm && sum > 0 ? share / sum : 1.0 / (end - begin);
  return shares;
}

WinChances PlanTables::entering(int begin, int end, bool by_rhythm) const {
  const std::vector<double>& mix = model_.stages.stages().entry_shares();
  const std::vector<double> shares = day_shares(begin, end, by_rhythm);
  std::vector<double> by_scenario(entry_.size());
  for (std::size_t s = 0; s < entry_.size(); ++s)
    for (int day = begin; day < end; ++day)
      for (std::size_t j = 0; j < mix.size(); ++j)
        by_scenario[s] +=
            shares[static_cast<std::size_t>(day - begin)] * mix[j] * entry_[s](static_cast<std::size_t>(day), j);
  return shifted(by_scenario);
}

double PlanTables::mean(const WinChances& chances) const {
  return std::inner_product(chances.begin(), chances.end(), problem_.weights.begin(), 0.0);
}

std::vector<double> PlanTables::chance_by_day(StageId stage) const {
  std::vector<double> chances, by_scenario(entry_.size());
  for (std::size_t day = 0; day < entry_.front().rows(); ++day) {
    for (std::size_t s = 0; s < entry_.size(); ++s) by_scenario[s] = entry_[s](day, index(stage));
    chances.push_back(mean(shifted(by_scenario)));
  }
  return chances;
}

std::vector<double> PlanTables::chance_by_day() const {
  std::vector<double> chances;
  for (int day = 0; day < options_.forecast.horizon_days; ++day) chances.push_back(mean(entering(day, day + 1, false)));
  return chances;
}

double PlanTables::probability(const RevenueProblem& problem) const {
  return invert(problem).shifted(booked_).probability_at_least(options_.target);
}

double PlanTables::normal_probability(std::span<const double> mean, std::span<const double> variance) const {
  double sum = 0;
  const double remaining = options_.target - booked_;
  for (std::size_t i = 0; i < splits(); ++i) {
    const double above = mean[i] - remaining;
    sum += problem_.weights[i] *
           (variance[i] > 0 ? 0.5 * std::erfc(-above / std::sqrt(2 * variance[i])) : (above >= 0 ? 1.0 : 0.0));
  }
  return sum;
}

SmallestNumber smallest_number(int most, double wanted, double at_zero, const std::function<double(int)>& exact,
                               const std::function<double(int)>& near) {
  int low = 0, high = most + 1;
  double at_low = at_zero, at_high = 1, correction = 0;
  for (int step = 0; high - low > 1; ++step) {
    int number = low + (high - low) / 2;
    if (step < kGuidedSteps) {
      int below = low, above = high;  // the smallest that is near enough, of low + 1 .. high
      for (int reach = 1; above == high && below + reach < high; reach *= 2)
        if (near(below + reach) >= wanted + correction)
          above = below + reach;
        else
          below += reach;
      while (above - below > 1) {
        const int middle = below + (above - below) / 2;
        (near(middle) >= wanted + correction ? above : below) = middle;
      }
      number = std::clamp(above, low + 1, high - 1);
    }
    const double probability = exact(number);
    correction = near(number) - probability;
    if (probability >= wanted) {
      high = number;
      at_high = probability;
    } else {
      low = number;
      at_low = probability;
    }
  }
  return {high, at_high, at_low};
}

std::vector<HorizonPeriod> horizon_weeks(const OpenPipeline& pipeline, const PlanOptions& options) {
  const Day begin = pipeline.first_day;
  std::vector<HorizonPeriod> weeks;
  for (const Period& week : split_into_periods(begin, begin + Days{options.forecast.horizon_days}, PeriodUnit::week))
    weeks.push_back(
        {week, static_cast<int>((week.begin - begin).count()), static_cast<int>((week.end - begin).count()), 0.0});
  return weeks;
}

}  // namespace putki
