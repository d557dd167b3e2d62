#include <putki/forecast/level_inflow.hpp>

#include <putki/model/dated_passage.hpp>

#include "forecast/plan_tables.hpp"
#include "forecast/quadratic_program.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace putki {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// Weight of the sum of squares beside that of the changes.
constexpr double kUniqueness = 1e-6;
/// Probability by which a confident plan may be too sure.
constexpr double kTooSure = 0.002;
constexpr int kMostCorrections = 12;
constexpr int kHalvings = 60;

/// The same chances with every end taken for a win: its passage says whether a deal has ended.
DatedHazards ended_hazards(const DatedHazards& hazards) {
  const StageGraph& graph = hazards.graph();
  StageGraph::Builder builder;
  std::vector<DatedHazards::Exits> exits;
  for (std::size_t j = 0; j < graph.stage_count(); ++j) {
    const auto id = static_cast<StageId>(j);
    builder.stage(graph.stage(id).name, graph.is_terminal(id) ? StageKind::won : graph.kind(id));
    exits.push_back(hazards.exits(id));
  }
  std::vector<bool> age_advances;
  for (int day = 0; day < hazards.days(); ++day) age_advances.push_back(hazards.age_advances(day));
  return DatedHazards(builder.build(), hazards.days(), std::move(exits), std::move(age_advances));
}

/// What weeks of leads bring and occupy, per lead a seven days (the x of the header).
class WeeklyProgram {
 public:
  explicit WeeklyProgram(const PlanTables& tables)
      : tables_(tables), weeks(horizon_weeks(tables.pipeline(), tables.options())) {
    const ForecastModel& model = tables.model();
    const int days = tables.options().forecast.horizon_days;
    const Index count = static_cast<Index>(weeks.size());
    size = VectorXd(count);
    worth = VectorXd(count);
    for (Index w = 0; w < count; ++w) {
      const HorizonPeriod& week = weeks[static_cast<std::size_t>(w)];
      chances.push_back(tables.entering(week.begin, week.end, true));
      size[w] = (week.end - week.begin) / 7.0;
      worth[w] = size[w] * tables.mean(chances.back()) * tables.mean_amount();
    }
    for (std::size_t i = 0; i < tables.splits(); ++i) open_mean += tables.problem().weights[i] * tables.open_mean()[i];

    const DatedHazards hazards = ended_hazards(model.stages.expected(tables.pipeline().first_day, days));
    const DealCells cells = group_deals(model, tables.pipeline());
    const std::vector<double>& mix = model.stages.stages().entry_shares();
    left = VectorXd::Zero(count);
    open = MatrixXd::Zero(count, count);
    for (Index w = 0; w < count; ++w) {
      const DatedPassage ended(hazards, weeks[static_cast<std::size_t>(w)].end);
      for (const std::uint32_t c : cells.cell_of_deal)
        left[w] += 1 - ended.from_age(cells.cells[c].stage, cells.cells[c].age);
      for (Index v = 0; v <= w; ++v) {
        const HorizonPeriod& entry = weeks[static_cast<std::size_t>(v)];
        const std::vector<double> shares = tables.day_shares(entry.begin, entry.end, true);
        for (int day = entry.begin; day < entry.end; ++day)
          for (std::size_t j = 0; j < mix.size(); ++j)
            if (mix[j] > 0)
              open(w, v) += size[v] * shares[static_cast<std::size_t>(day - entry.begin)] * mix[j] *
                            (1 - ended.from_entry(static_cast<StageId>(j), day));
      }
    }
  }

  /// The most level plan that is expected to bring so much (booked left out) and keeps to the capacity.
  std::optional<VectorXd> plan(double revenue, std::optional<double> capacity) const {
    const Index count = worth.size(), rows = 1 + count + (capacity ? count : 0);
    QuadraticProgram program{kUniqueness * MatrixXd::Identity(count, count), VectorXd::Zero(count),
                             MatrixXd::Zero(rows, count), VectorXd::Zero(rows)};
    for (Index w = 1; w < count; ++w) {
      program.quadratic(w, w) += 1;
      program.quadratic(w - 1, w - 1) += 1;
      program.quadratic(w, w - 1) -= 1;
      program.quadratic(w - 1, w) -= 1;
    }
    const double unit = std::max(worth.maxCoeff(), std::numeric_limits<double>::min());
    program.constraints.row(0) = worth.transpose() / unit;
    program.bounds[0] = (revenue - open_mean) / unit;
    program.constraints.middleRows(1, count).setIdentity();
    if (capacity) {
      program.constraints.bottomRows(count) = -open;
      program.bounds.tail(count) = left.array() - *capacity;
    }
    const std::optional<QuadraticSolution> solution = solve(program);
    if (!solution) return std::nullopt;
    return VectorXd(solution->x.cwiseMax(0.0));
  }

  double expected_revenue(const VectorXd& x) const { return tables_.booked() + open_mean + worth.dot(x); }
  double probability(const VectorXd& x) const {
    RevenueProblem problem = tables_.problem();
    problem.new_wins = new_wins(x);
    return tables_.probability(problem);
  }
  double near_probability(const VectorXd& x) const {
    std::vector<double> mean = new_wins(x), variance = mean;
    for (std::size_t i = 0; i < mean.size(); ++i) {
      mean[i] = tables_.open_mean()[i] + mean[i] * tables_.mean_amount();
      variance[i] = tables_.open_variance()[i] + variance[i] * tables_.mean_square();
    }
    return tables_.normal_probability(mean, variance);
  }
  VectorXd work(const VectorXd& x) const { return left + open * x; }

 private:
  std::vector<double> new_wins(const VectorXd& x) const {
    std::vector<double> wins(tables_.splits());
    for (Index w = 0; w < x.size(); ++w)
      for (std::size_t i = 0; i < wins.size(); ++i) wins[i] += size[w] * x[w] * chances[static_cast<std::size_t>(w)][i];
    return wins;
  }

  const PlanTables& tables_;

 public:
  std::vector<HorizonPeriod> weeks;
  std::vector<WinChances> chances;  // by week
  VectorXd size;                    // weeks of seven days
  VectorXd worth;                   // expected revenue of x = 1
  VectorXd left;                    // of today's deals, when the week ends
  MatrixXd open;                    // of x = 1 in the column's week, when the row's ends
  double open_mean = 0;
};

/// The most revenue (booked left out) that can be expected within the capacity, and its plan; from above by a hair.
std::pair<double, VectorXd> most_revenue(const WeeklyProgram& program, double capacity) {
  double low = program.open_mean, high = low;
  VectorXd best = VectorXd::Zero(program.worth.size());
  // No more leads fit a week than the capacity over what one of them occupies when it ends.
  for (Index w = 0; w < best.size(); ++w) high += program.worth[w] * capacity / std::max(program.open(w, w), 1e-9);
  for (int i = 0; i < kHalvings && high - low > 1e-7 * high; ++i) {
    const double middle = low + 0.5 * (high - low);
    if (auto x = program.plan(middle, capacity)) {
      best = *x;
      low = middle;
    } else {
      high = middle;
    }
  }
  return {low, best};
}

/// The expected revenue (booked left out) to ask for so that the plan has the probability, and the plan. `most` is
/// known to be enough, or infinite.
std::pair<double, VectorXd> confident_plan(const WeeklyProgram& program, double wanted, double remaining, double most,
                                           std::optional<double> capacity) {
  double asked = wanted, enough = most;
  std::optional<VectorXd> best;
  if (std::isfinite(most)) best = program.plan(most, capacity);
  for (int step = 0; step < kMostCorrections; ++step) {
    double low = std::min(program.open_mean, remaining),
           high = std::isfinite(enough) ? enough : std::max(remaining, 1.0);
    const auto does = [&](double revenue) {
      const auto x = program.plan(revenue, capacity);
      return !x || program.near_probability(*x) >= asked;
    };
    for (int i = 0; i < kHalvings && !std::isfinite(enough) && !does(high); ++i) high *= 2;
    for (int i = 0; i < kHalvings && high - low > 1e-7 * std::abs(high); ++i) {
      const double middle = low + 0.5 * (high - low);
      (does(middle) ? high : low) = middle;
    }
    const auto x = program.plan(high, capacity);
    if (!x) break;
    const double probability = program.probability(*x);
    if (probability >= wanted) {
      enough = std::min(enough, high);
      best = x;
      if (probability - wanted <= kTooSure) break;
    }
    asked = std::clamp(asked + wanted + 0.4 * kTooSure - probability, 1e-6, 1 - 1e-6);
  }
  if (!best) return {enough, VectorXd::Zero(program.worth.size())};
  return {enough, *best};
}

}  // namespace

LevelInflow level_inflow(const PlanTables& tables) {
  const PlanOptions& options = tables.options();
  const WeeklyProgram program(tables);
  const Index count = program.worth.size();
  const double remaining = options.target - tables.booked();
  const bool confident = options.aim == InflowAim::confident;
  const auto meets = [&](const VectorXd& x) {
    return confident ? program.probability(x) >= options.confidence
                     : program.expected_revenue(x) >= options.target * (1 - 1e-9);
  };

  LevelInflow result;
  result.present_work = static_cast<double>(tables.pipeline().deals.size());
  VectorXd x = VectorXd::Zero(count);
  if (!meets(x)) {
    if (program.worth.maxCoeff() <= 0) {
      result.answer = LevelInflowAnswer::too_late;
    } else {
      const auto find = [&](double most, std::optional<double> capacity) {
        return confident ? confident_plan(program, options.confidence, remaining, most, capacity)
                         : std::pair(remaining, program.plan(remaining, capacity).value_or(VectorXd::Zero(count)));
      };
      constexpr double kUnlimited = std::numeric_limits<double>::infinity();
      bool fits = true;
      if (options.capacity) {
        const auto [most, fullest] = most_revenue(program, *options.capacity);
        fits = confident ? meets(fullest) : most >= remaining * (1 - 1e-6);
        x = fits ? find(most, options.capacity).second : fullest;
        if (fits && !confident && x.isZero()) x = fullest;
      } else {
        x = find(kUnlimited, std::nullopt).second;
      }
      if (!fits) {
        result.answer = LevelInflowAnswer::capacity_too_small;
        const auto [asked, free] = find(kUnlimited, std::nullopt);
        double low = *options.capacity, high = std::max(program.work(free).maxCoeff(), low);
        while (high - low > 1e-3 * high) {
          const double middle = low + 0.5 * (high - low);
          (program.plan(asked, middle) ? high : low) = middle;
        }
        result.capacity_needed = high;
      }
    }
  }

  const VectorXd work = program.work(x);
  result.expected_revenue = program.expected_revenue(x);
  result.probability = program.probability(x);
  result.peak_work = result.present_work;
  result.peak_day = tables.pipeline().as_of;
  for (Index w = 0; w < count; ++w) {
    const HorizonPeriod& week = program.weeks[static_cast<std::size_t>(w)];
    double usual = 0;
    for (int day = week.begin; day < week.end; ++day) usual += tables.usual_inflow()[static_cast<std::size_t>(day)];
    result.weeks.push_back({.week = week.period,
                            .leads = program.size[w] * x[w],
                            .usual_leads = usual,
                            .win_chance = tables.mean(program.chances[static_cast<std::size_t>(w)]),
                            .work_in_progress = work[w]});
    if (work[w] > result.peak_work) {
      result.peak_work = work[w];
      result.peak_day = week.period.end - Days{1};
    }
  }
  return result;
}

LevelInflow level_inflow(const ForecastModel& model, const OpenPipeline& pipeline, const PlanOptions& options) {
  return level_inflow(PlanTables(model, pipeline, options));
}

}  // namespace putki
