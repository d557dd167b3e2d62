#include "forecast/win_draws.hpp"

#include "forecast/deal_pool.hpp"
#include "forecast/segment_amounts.hpp"
#include "forecast/win_masses.hpp"

#include <putki/core/parallel.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace putki {

/// The weeks of the horizon that a period touches, and the share of its days in each.
struct PeriodWeeks {
  std::size_t first;
  std::vector<double> shares;
};

/// A period's shift in one scenario: the nodes of its law, and how weekly normals and levels make its normal.
struct PeriodShock {
  std::vector<double> factors;     // on the odds, by node
  std::vector<double> cumulative;  // share of the law up to each node
  double by_shocks = 0;            // factor of the mean of the weeks' shocks
  double by_levels = 0;            // factor of the mean of the weeks' levels
};

/// What one scenario says.
struct Course {
  WinMasses wins;
  CommonShock::Point point;
  std::vector<PeriodShock> shocks;  // [period]
  bool is_shocked() const { return !point.is_none(); }
};

namespace {

constexpr int kShockDays = 7;

PeriodWeeks weeks_of(const HorizonPeriod& period) {
  PeriodWeeks weeks{static_cast<std::size_t>(period.begin / kShockDays), {}};
  weeks.shares.resize(static_cast<std::size_t>((period.end - 1) / kShockDays) + 1 - weeks.first);
  for (int day = period.begin; day < period.end; ++day)
    weeks.shares[static_cast<std::size_t>(day / kShockDays) - weeks.first] += 1.0 / (period.end - period.begin);
  return weeks;
}

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

/// The column of one scenario.
WinMasses masses_of(const WinTable& table, std::size_t scenario, std::size_t cells, const GroupEffects& groups) {
  const std::size_t periods = table.cell.size();
  const bool differ = !table.new_wins_of.empty();
  const std::size_t segments = differ ? groups.segments().size() : 1;
  WinMasses masses{.cell = Matrix(periods, cells),
                   .new_wins = Matrix(periods, segments),
                   .created = std::vector<double>(segments, table.created[scenario])};
  for (std::size_t segment = 0; segment < segments && differ; ++segment)
    masses.created[segment] *= groups.share_of_segment(segment);
  for (std::size_t p = 0; p < periods; ++p) {
    for (std::size_t c = 0; c < cells; ++c) masses.cell(p, c) = table.cell[p](c, scenario);
    for (std::size_t segment = 0; segment < segments; ++segment)
      masses.new_wins(p, segment) = differ ? table.new_wins_of[p](segment, scenario) : table.new_wins[p][scenario];
  }
  return masses;
}

double shifted(double chance, double factor) {
  const double odds = chance * factor;
  return odds / (1 - chance + odds);
}

}  // namespace

/// Takes the revenue alone.
struct RevenueSink {
  static constexpr bool kTellsWinsApart = false;
  std::span<double> revenue;
  void open(std::size_t p, double amount, std::uint32_t) { revenue[p] += amount; }
  void not_yet_created(std::size_t p, double amount, std::uint32_t) { revenue[p] += amount; }
};

/// Takes win by win.
struct WinSink {
  static constexpr bool kTellsWinsApart = true;
  std::vector<DrawnWin>& wins;
  void open(std::size_t p, double amount, std::uint32_t deal) {
    wins.push_back({static_cast<std::uint32_t>(p), true, amount, deal});
  }
  void not_yet_created(std::size_t p, double amount, std::uint32_t segment) {
    wins.push_back({static_cast<std::uint32_t>(p), false, amount, segment});
  }
};

struct WinDraws::Prepared {
  std::uint64_t seed = 0;
  std::vector<HorizonPeriod> periods;
  DealCells cells;
  std::vector<AmountDistribution> amounts;  // by segment; one where they do not differ
  std::vector<AmountSampler> samplers;
  std::vector<double> segment_shares;  // by segment of the amounts
  AmountRevision revision;
  bool wins_vary = true;
  std::vector<DealPool> pools;     // [cell]
  std::vector<PeriodWeeks> weeks;  // [period]
  std::size_t week_count = 0;
  std::vector<Course> courses;  // [scenario]

  void draw_shifts(const Course& course, RandomStream& random, Workspace& work) const {
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

  template <class Sink>
  void run(std::uint64_t draw, Workspace& work, Sink&& sink) const {
    RandomStream random(seed, draw);
    const Course& course = courses[draw % courses.size()];
    if (course.is_shocked()) draw_shifts(course, random, work);
    const auto chance_of = [&](std::size_t p, double chance) {
      return course.is_shocked() ? shifted(chance, work.factors[p]) : chance;
    };
    for (std::size_t c = 0; c < pools.size(); ++c) {
      const AmountSampler& amount = samplers[cells.cells[c].segment];
      if (!Sink::kTellsWinsApart && periods.size() == 1 && wins_vary) {
        sink.open(0, pools[c].draw(chance_of(0, course.wins.cell(0, c)), random, amount), 0);
        continue;
      }
      double any = 0;
      for (std::size_t p = 0; p < periods.size(); ++p) {
        work.chances[p] = std::min(chance_of(p, course.wins.cell(p, c)), 1 - any);
        any += work.chances[p];
      }
      if (wins_vary) {
        pools[c].draw_wins(work.chances, any, random, amount,
                           [&](std::size_t p, double brought, std::uint32_t deal) { sink.open(p, brought, deal); });
        continue;
      }
      const double worth = pools[c].worth(random, amount);
      for (std::size_t p = 0; p < periods.size(); ++p) sink.open(p, work.chances[p] * worth, 0);
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
          const double wins_of = split ? wins * segment_shares[of] : wins;
          const auto told = split || course.wins.created.size() > 1 ? static_cast<std::uint32_t>(of) : kNoSegment;
          if (!wins_vary)
            sink.not_yet_created(p, wins_of * amounts[own].mean(), told);
          else
            for (std::uint64_t i = random.poisson(wins_of); i > 0; --i)
              sink.not_yet_created(p, samplers[own](random), told);
        }
      }
  }
};

WinDraws::WinDraws(const ForecastModel& model, const OpenPipeline& pipeline, const ForecastOptions& options,
                   std::vector<HorizonPeriod> periods, WinChanceSource chances, unsigned threads) {
  const auto prepared = std::make_shared<Prepared>();
  Prepared& own = *prepared;
  const std::vector<Scenario> scenarios = draw_scenarios(model, pipeline.first_day, options);
  own.seed = options.seed;
  own.periods = std::move(periods);
  own.cells = group_deals(model, pipeline);
  for (std::size_t segment = 0; segment < std::max<std::size_t>(model.segment_amounts.size(), 1); ++segment)
    own.amounts.push_back(options.uncertain.amounts ? amounts_of(model, segment)
                                                    : amounts_of(model, segment).at_mean());
  for (std::size_t segment = 0; segment < model.segment_amounts.size(); ++segment)
    own.segment_shares.push_back(model.groups.share_of_segment(segment));
  for (const AmountDistribution& of_segment : own.amounts) own.samplers.emplace_back(of_segment);
  own.wins_vary = options.uncertain.wins;
  own.revision = options.uncertain.amounts && own.wins_vary ? model.revision : model.revision.at_mean();

  own.pools.resize(own.cells.cells.size());
  for (std::size_t i = 0; i < pipeline.deals.size(); ++i)
    own.pools[own.cells.cell_of_deal[i]].add(static_cast<std::uint32_t>(i),
                                             own.revision.usable(pipeline.deals[i].amount), own.revision);
  for (DealPool& pool : own.pools) pool.close();

  for (const HorizonPeriod& period : own.periods) own.weeks.push_back(weeks_of(period));
  own.week_count = static_cast<std::size_t>((options.horizon_days + kShockDays - 1) / kShockDays);

  WinTable table;
  if (chances == WinChanceSource::first_passage) {
    ForecastOptions quietly = options;
    quietly.threads = threads;
    quietly.progress = {};
    table = tabulate_wins(model, scenarios, own.cells, own.periods, quietly);
  }
  own.courses.resize(scenarios.size());
  parallel_for(
      scenarios.size(),
      [&](std::size_t s) {
        Course& course = own.courses[s];
        course.wins = chances == WinChanceSource::first_passage
                          ? masses_of(table, s, own.cells.cells.size(), model.groups)
                          : push_wins(scenarios[s], own.cells.cells, model.stages.stages().entry_shares(), own.periods,
                                      model.groups);
        course.point = scenarios[s].shock;
        for (std::size_t p = 0; p < own.periods.size(); ++p)
          course.shocks.push_back(period_shock(scenarios[s].shock, own.periods[p], own.weeks[p]));
      },
      threads);
  prepared_ = prepared;
}

WinDraws::Workspace WinDraws::workspace() const {
  const std::size_t weeks = prepared_->week_count, periods = prepared_->periods.size();
  return {std::vector<double>(weeks), std::vector<double>(weeks), std::vector<double>(periods),
          std::vector<double>(periods)};
}

void WinDraws::add_revenue(std::uint64_t draw, Workspace& work, std::span<double> revenue) const {
  prepared_->run(draw, work, RevenueSink{revenue});
}

void WinDraws::wins(std::uint64_t draw, Workspace& work, std::vector<DrawnWin>& wins) const {
  prepared_->run(draw, work, WinSink{wins});
}

std::vector<WinDraws::Expected> WinDraws::expected() const {
  const Prepared& own = *prepared_;
  std::vector<double> worth;  // by cell
  for (std::size_t c = 0; c < own.pools.size(); ++c)
    worth.push_back(own.pools[c].expected_worth(own.amounts[own.cells.cells[c].segment].mean()));
  double mixed = own.amounts.front().mean();  // of a new deal where segments' hazards are alike
  if (own.amounts.size() > 1) {
    mixed = 0;
    for (std::size_t segment = 0; segment < own.amounts.size(); ++segment)
      mixed += own.segment_shares[segment] * own.amounts[segment].mean();
  }

  std::vector<Expected> expected(own.periods.size());
  for (const Course& course : own.courses)
    for (std::size_t p = 0; p < expected.size(); ++p) {
      const PeriodShock& shock = course.shocks[p];
      double passed = 0;
      for (std::size_t node = 0; node < shock.factors.size(); ++node) {
        const double weight = (shock.cumulative[node] - passed) / static_cast<double>(own.courses.size());
        passed = shock.cumulative[node];
        const auto add = [&](double wins, double amount) {
          expected[p].wins += weight * wins;
          expected[p].amount += weight * amount;
        };
        for (std::size_t c = 0; c < own.pools.size(); ++c) {
          const double chance = shifted(course.wins.cell(p, c), shock.factors[node]);
          add(static_cast<double>(own.pools[c].size()) * chance, worth[c] * chance);
        }
        const bool by_segment = course.wins.created.size() == own.amounts.size();
        for (std::size_t segment = 0; segment < course.wins.created.size(); ++segment) {
          const double created = course.wins.created[segment];
          if (created <= 0) continue;
          const double wins =
              created * shifted(std::min(course.wins.new_wins(p, segment) / created, 1.0), shock.factors[node]);
          add(wins, wins * (by_segment ? own.amounts[segment].mean() : mixed));
        }
      }
    }
  return expected;
}

}  // namespace putki
