#include <putki/core/error.hpp>
#include <putki/core/parallel.hpp>
#include <putki/forecast/simulation.hpp>

#include "forecast/segment_amounts.hpp"
#include "forecast/win_masses.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>

namespace putki {
namespace {

constexpr std::size_t kDrawsPerTask = 256;
constexpr int kShockDays = 7;
constexpr std::size_t kLanes = 64;
/// Deals whose sums over all subsets are kept: 2^4 sums.
constexpr std::size_t kNibble = 4;
/// Below this chance of winning it pays to jump from win to win.
constexpr double kRare = 1.0 / 40;

/// The lanes below `lanes` of a word, each set with probability p: p's binary digits are compared with random ones, all
/// lanes at once, until every lane has met a digit that differs. About 2 + log2(lanes) words of random bits.
std::uint64_t set_lanes(double p, std::size_t lanes, RandomStream& random) {
  std::uint64_t undecided = lanes == kLanes ? ~std::uint64_t{0} : (std::uint64_t{1} << lanes) - 1;
  if (p >= 1) return undecided;
  std::uint64_t set = 0;
  auto digits = static_cast<std::uint64_t>(std::ldexp(p, 64));
  for (; undecided != 0 && digits != 0; digits <<= 1) {
    const std::uint64_t word = random.bits();
    if (digits >> 63 != 0) {
      set |= undecided & ~word;
      undecided &= word;
    } else {
      undecided &= ~word;
    }
  }
  return set;
}

/// Draws amounts of won deals in constant time on average: a guide table (Chen & Asau 1974) says where to begin.
class AmountSampler {
 public:
  explicit AmountSampler(const AmountDistribution& amounts)
      : values_(amounts.values()), cumulative_(amounts.cumulative()) {
    std::size_t at = 0;
    for (std::size_t i = 0; i < values_.size(); ++i) {
      while (at + 1 < values_.size() && cumulative_[at] * static_cast<double>(values_.size()) < static_cast<double>(i))
        ++at;
      guide_.push_back(at);
    }
  }
  double operator()(RandomStream& random) const {
    const double u = random.uniform();
    std::size_t at = guide_[static_cast<std::size_t>(u * static_cast<double>(guide_.size()))];
    while (at + 1 < values_.size() && cumulative_[at] < u) ++at;
    return values_[at];
  }

 private:
  std::span<const double> values_, cumulative_;
  std::vector<std::size_t> guide_;
};

/// The deals of one cell: the amounts known, and how many are not.
class DealPool {
 public:
  /// `usable` as AmountRevision::usable. The revision must outlive the pool.
  void add(std::optional<double> usable, const AmountRevision& revision) {
    if (!usable)
      ++missing_;
    else if (revision.ratios.size() > 1)
      amounts_.push_back(*usable);
    else
      amounts_.push_back(*usable * revision.moment(1));
    revision_ = revision.ratios.size() > 1 ? &revision : nullptr;
  }
  /// Once all are added: the sums of every subset of each four deals.
  void close() {
    for (std::size_t begin = 0; begin < amounts_.size(); begin += kNibble)
      for (std::size_t subset = 0; subset < std::size_t{1} << kNibble; ++subset) {
        double sum = 0;
        for (std::size_t i = 0; i < kNibble && begin + i < amounts_.size(); ++i)
          if ((subset >> i & 1) != 0) sum += amounts_[begin + i];
        sums_.push_back(sum);
      }
  }

  /// What those bring that win, each with this chance.
  double draw(double chance, RandomStream& random, const AmountSampler& amount) const {
    double revenue = 0;
    if (chance < kRare) {
      jump(chance, amounts_.size() + missing_, random, [&](std::size_t i) { revenue += brings(i, random, amount); });
      return revenue;
    }
    if (revision_ != nullptr) {
      each_winner(chance, amounts_.size() + missing_, random,
                  [&](std::size_t i) { revenue += brings(i, random, amount); });
      return revenue;
    }
    const double* sums = sums_.data();
    for (std::size_t begin = 0; begin < amounts_.size(); begin += kLanes) {
      const std::size_t lanes = std::min(kLanes, amounts_.size() - begin);
      std::uint64_t won = set_lanes(chance, lanes, random);
      for (std::size_t i = 0; i < lanes; i += kNibble, won >>= kNibble, sums += std::size_t{1} << kNibble)
        revenue += sums[won & ((std::size_t{1} << kNibble) - 1)];
    }
    if (missing_ > 0)
      for (std::uint64_t i = random.binomial(missing_, chance); i > 0; --i) revenue += amount(random);
    return revenue;
  }

  /// What all of them are worth.
  double worth(RandomStream& random, const AmountSampler& amount) const {
    double worth = 0;
    for (const double known : amounts_) worth += known;
    for (std::size_t i = 0; i < missing_; ++i) worth += amount(random);
    return worth;
  }

  /// The same over several periods: `chances` of winning in each, their sum at most 1. Adds to `revenue`.
  void draw(std::span<const double> chances, double any, RandomStream& random, const AmountSampler& amount,
            std::span<double> revenue) const {
    const auto book = [&](std::size_t i) {
      double pick = random.uniform() * any;
      std::size_t p = 0;
      while (p + 1 < chances.size() && pick >= chances[p]) pick -= chances[p++];
      revenue[p] += brings(i, random, amount);
    };
    const std::size_t deals = amounts_.size() + missing_;
    if (any < kRare) {
      jump(any, deals, random, book);
      return;
    }
    each_winner(any, deals, random, book);
  }

 private:
  double brings(std::size_t i, RandomStream& random, const AmountSampler& amount) const {
    if (i >= amounts_.size()) return amount(random);
    return revision_ != nullptr ? revision_->sample(amounts_[i], random) : amounts_[i];
  }
  template <class F>
  static void each_winner(double chance, std::size_t count, RandomStream& random, F&& f) {
    for (std::size_t begin = 0; begin < count; begin += kLanes)
      for (std::uint64_t won = set_lanes(chance, std::min(kLanes, count - begin), random); won != 0; won &= won - 1)
        f(begin + static_cast<std::size_t>(std::countr_zero(won)));
  }
  /// Calls f(i) for each of 0 .. count - 1 with this chance: the gap to the next one is geometric.
  template <class F>
  static void jump(double chance, std::size_t count, RandomStream& random, F&& f) {
    if (!(chance > 0)) return;
    const double rate = -std::log1p(-chance);
    double place = random.exponential() / rate;
    for (; place < static_cast<double>(count); place = std::floor(place) + 1 + random.exponential() / rate)
      f(static_cast<std::size_t>(place));
  }

  std::vector<double> amounts_;
  std::size_t missing_ = 0;
  const AmountRevision* revision_ = nullptr;  // null when what a deal brings is known
  std::vector<double> sums_;                  // [four deals][subset]
};

/// The weeks of the horizon that a period touches, and the share of its days in each.
struct PeriodWeeks {
  std::size_t first;
  std::vector<double> shares;
};

PeriodWeeks weeks_of(const HorizonPeriod& period) {
  PeriodWeeks weeks{static_cast<std::size_t>(period.begin / kShockDays), {}};
  weeks.shares.resize(static_cast<std::size_t>((period.end - 1) / kShockDays) + 1 - weeks.first);
  for (int day = period.begin; day < period.end; ++day)
    weeks.shares[static_cast<std::size_t>(day / kShockDays) - weeks.first] += 1.0 / (period.end - period.begin);
  return weeks;
}

/// A period's shift in one scenario: the nodes of its law, and how weekly normals and levels make its normal.
struct PeriodShock {
  std::vector<double> factors;     // on the odds, by node
  std::vector<double> cumulative;  // share of the law up to each node
  double by_shocks = 0;            // factor of the mean of the weeks' shocks
  double by_levels = 0;            // factor of the mean of the weeks' levels
};

PeriodShock period_shock(const CommonShock::Point& point, const HorizonPeriod& period, const PeriodWeeks& weeks) {
  PeriodShock shock;
  double passed = 0;
  for (const ShockNode& node : shock_nodes(point, period.begin, period.end)) {
    shock.factors.push_back(std::exp(node.shift));
    shock.cumulative.push_back(passed += node.weight);
  }
  const double sd = point.over(period.begin, period.end).sd,
               of_shocks =
                   point.size * std::sqrt(std::min(1.0, kShockDays / static_cast<double>(period.end - period.begin)));
  if (sd == 0) return shock;
  double squares = 0, levels = 0;
  const double stationary = point.drift * point.drift, phi = std::exp2(-1 / point.half_life_weeks);
  for (std::size_t a = 0; a < weeks.shares.size(); ++a) {
    squares += weeks.shares[a] * weeks.shares[a];
    for (std::size_t b = 0; b < weeks.shares.size() && point.drift > 0; ++b)
      levels += weeks.shares[a] * weeks.shares[b] *
                (stationary * std::pow(phi, a < b ? b - a : a - b) +
                 (point.variance - stationary) * std::pow(phi, 2 * weeks.first + a + b + 2));
  }
  shock.by_shocks = of_shocks / (sd * std::sqrt(squares));
  if (levels > 0) shock.by_levels = std::sqrt(std::max(sd * sd - of_shocks * of_shocks, 0.0) / levels) / sd;
  return shock;
}

double shifted(double chance, double factor) {
  const double odds = chance * factor;
  return odds / (1 - chance + odds);
}

/// What one scenario says.
struct Course {
  WinMasses wins;
  CommonShock::Point point;
  std::vector<PeriodShock> shocks;  // [period]
  bool is_shocked() const { return !point.is_none(); }
};

}  // namespace

Simulation simulate(const ForecastModel& model, const OpenPipeline& pipeline, const ForecastOptions& options,
                    const SimulationOptions& simulation) {
  check_forecast_input(model, pipeline, options);
  if (simulation.draws == 0) throw InvalidArgument("simulation of 0 draws; at least 1 is needed");
  const auto periods = horizon_periods(pipeline, options);
  const std::vector<Scenario> scenarios = draw_scenarios(model, pipeline.first_day, options);
  const DealCells cells = group_deals(model, pipeline);
  std::vector<AmountDistribution> amounts;  // by segment; one where they do not differ
  for (std::size_t segment = 0; segment < std::max<std::size_t>(model.segment_amounts.size(), 1); ++segment)
    amounts.push_back(options.uncertain.amounts ? amounts_of(model, segment) : amounts_of(model, segment).at_mean());
  std::vector<AmountSampler> samplers;
  for (const AmountDistribution& of_segment : amounts) samplers.emplace_back(of_segment);
  const bool wins_vary = options.uncertain.wins;
  const AmountRevision revision = options.uncertain.amounts && wins_vary ? model.revision : model.revision.at_mean();

  std::vector<DealPool> pools(cells.cells.size());
  for (std::size_t i = 0; i < pipeline.deals.size(); ++i)
    pools[cells.cell_of_deal[i]].add(revision.usable(pipeline.deals[i].amount), revision);
  for (DealPool& pool : pools) pool.close();

  std::vector<PeriodWeeks> weeks;
  for (const HorizonPeriod& period : periods) weeks.push_back(weeks_of(period));
  const auto week_count = static_cast<std::size_t>((options.horizon_days + kShockDays - 1) / kShockDays);

  std::vector<Course> courses(scenarios.size());
  parallel_for(
      scenarios.size(),
      [&](std::size_t s) {
        courses[s].wins =
            push_wins(scenarios[s], cells.cells, model.stages.stages().entry_shares(), periods, model.groups);
        courses[s].point = scenarios[s].shock;
        for (std::size_t p = 0; p < periods.size(); ++p)
          courses[s].shocks.push_back(period_shock(scenarios[s].shock, periods[p], weeks[p]));
      },
      simulation.threads);
  Simulation result;
  for (const HorizonPeriod& period : periods) result.periods.push_back(period.period);
  result.revenue = Matrix(simulation.draws, periods.size());
  std::vector<double> totals(simulation.draws);

  struct Workspace {
    std::vector<double> weekly, levels, factors, chances;
  };
  const auto run = [&](std::size_t draw, Workspace& work) {
    RandomStream random(options.seed, draw);
    const Course& course = courses[draw % courses.size()];
    const std::span<double> revenue = result.revenue.row(draw);
    for (std::size_t p = 0; p < periods.size(); ++p) revenue[p] = periods[p].booked;

    if (course.is_shocked()) {
      for (double& shock : work.weekly) shock = random.normal();
      if (course.point.drift > 0) {
        const double phi = std::exp2(-1 / course.point.half_life_weeks),
                     innovation = course.point.drift * std::sqrt(1 - phi * phi);
        double level = std::sqrt(course.point.variance) * random.normal();
        for (double& of_week : work.levels) of_week = level = phi * level + innovation * random.normal();
      }
      for (std::size_t p = 0; p < periods.size(); ++p) {
        double normal = 0;
        for (std::size_t w = 0; w < weeks[p].shares.size(); ++w)
          normal += weeks[p].shares[w] * (course.shocks[p].by_shocks * work.weekly[weeks[p].first + w] +
                                          course.shocks[p].by_levels * work.levels[weeks[p].first + w]);
        // The node that holds this place of the normal law: each period then has the very law of the exact forecast.
        const double place = 0.5 * std::erfc(-normal / std::numbers::sqrt2);
        const PeriodShock& shock = course.shocks[p];
        std::size_t node = 0;
        while (node + 1 < shock.factors.size() && place > shock.cumulative[node]) ++node;
        work.factors[p] = shock.factors[node];
      }
    }

    const auto chance_of = [&](std::size_t p, double chance) {
      return course.is_shocked() ? shifted(chance, work.factors[p]) : chance;
    };
    for (std::size_t c = 0; c < pools.size(); ++c) {
      const AmountSampler& amount = samplers[cells.cells[c].segment];
      if (periods.size() == 1 && wins_vary) {
        revenue[0] += pools[c].draw(chance_of(0, course.wins.cell(0, c)), random, amount);
        continue;
      }
      double any = 0;
      for (std::size_t p = 0; p < periods.size(); ++p) {
        work.chances[p] = std::min(chance_of(p, course.wins.cell(p, c)), 1 - any);
        any += work.chances[p];
      }
      if (wins_vary) {
        pools[c].draw(work.chances, any, random, amount, revenue);
        continue;
      }
      const double worth = pools[c].worth(random, amount);
      for (std::size_t p = 0; p < periods.size(); ++p) revenue[p] += work.chances[p] * worth;
    }
    for (std::size_t p = 0; p < periods.size(); ++p)
      for (std::size_t segment = 0; segment < course.wins.created.size(); ++segment) {
        const double created = course.wins.created[segment];
        if (created <= 0) continue;
        const double wins = created * chance_of(p, std::min(course.wins.new_wins(p, segment) / created, 1.0));
        // Segments of like hazards are one there, and may still differ in their amounts.
        const bool split = course.wins.created.size() < amounts.size();
        for (std::size_t of = split ? 0 : segment; of < (split ? amounts.size() : segment + 1); ++of) {
          const std::size_t own = amounts.size() > 1 ? of : 0;
          const double wins_of = split ? wins * model.groups.share_of_segment(of) : wins;
          if (!wins_vary)
            revenue[p] += wins_of * amounts[own].mean();
          else
            for (std::uint64_t i = random.poisson(wins_of); i > 0; --i) revenue[p] += samplers[own](random);
        }
      }
    for (const double period_revenue : revenue) totals[draw] += period_revenue;
  };
  const std::size_t tasks = (simulation.draws + kDrawsPerTask - 1) / kDrawsPerTask;
  parallel_for(
      tasks,
      [&](std::size_t task) {
        Workspace work{std::vector<double>(week_count), std::vector<double>(week_count),
                       std::vector<double>(periods.size()), std::vector<double>(periods.size())};
        for (std::size_t draw = task * kDrawsPerTask; draw < std::min(simulation.draws, (task + 1) * kDrawsPerTask);
             ++draw)
          run(draw, work);
      },
      simulation.threads, simulation.progress);
  std::sort(totals.begin(), totals.end());
  result.total = RevenueDistribution::from_sample(std::move(totals));
  return result;
}

}  // namespace putki
