#include <putki/core/error.hpp>
#include <putki/model/dated_model.hpp>

#include "model/automatic_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

namespace putki {
namespace {

constexpr int kFactorRounds = 8;
constexpr std::size_t kTypes = kDayTypes;
/// Stages with fewer days that expect a move have no level of their own: deals pass them at once.
constexpr int kFewestDays = 10;

using ByType = std::array<double, kTypes>;

/// What one stage's visits say: moves and days at risk by age on the clock and day type, weighted by recency; and
/// plainly by day.
struct StageDays {
  std::vector<StageId> targets;
  std::vector<std::vector<ByType>> moves;    // [target][age]
  std::vector<ByType> at_risk;               // [age]
  std::vector<std::vector<double>> present;  // [entry day][days since]: visits at risk, unweighted
  std::vector<double> later_moves;           // [day]: moves at age 1 and above, unweighted
};

struct Span {
  DayNumber begin;
  std::size_t days;
  std::vector<std::size_t> types;
  std::vector<double> weights;
  std::vector<std::size_t> advances;  // [day]: days before it that make a visit older
  std::size_t age(std::size_t entered, std::size_t day) const { return advances[day] - advances[entered]; }
};

StageDays collect(std::span<const DatedStatistics::Visits> visits, const Span& span) {
  StageDays stage;
  for (const auto& visit : visits)
    if (visit.to != kNoStage && std::find(stage.targets.begin(), stage.targets.end(), visit.to) == stage.targets.end())
      stage.targets.push_back(visit.to);
  std::sort(stage.targets.begin(), stage.targets.end());
  stage.moves.resize(stage.targets.size());
  stage.later_moves.assign(span.days, 0.0);
  stage.present.resize(span.days);

  std::size_t oldest = 0;
  for (const auto& visit : visits) {
    const auto entered = static_cast<std::size_t>(visit.entered - span.begin);
    if (entered >= span.days) continue;  // on the as-of day itself: not wholly known
    const auto last_day = std::min(static_cast<std::size_t>(visit.left - span.begin), span.days - 1);
    // Differences first: +1 on entering, -1 after the last day at risk.
    auto& present = stage.present[entered];
    const std::size_t days =
        visit.to == kNoStage ? static_cast<std::size_t>(visit.left - visit.entered) : last_day - entered + 1;
    if (days == 0) continue;
    if (present.size() < days + 1) present.resize(days + 1);
    present[0] += static_cast<double>(visit.count);
    present[days] -= static_cast<double>(visit.count);
    oldest = std::max(oldest, span.age(entered, entered + days - 1) + 1);
  }
  stage.at_risk.assign(oldest, ByType{});
  for (auto& moves : stage.moves) moves.assign(oldest, ByType{});
  for (std::size_t entered = 0; entered < span.days; ++entered) {
    double here = 0;
    for (std::size_t since = 0; since < stage.present[entered].size(); ++since) {
      here = stage.present[entered][since] += here;
      const std::size_t day = entered + since;
      if (day >= span.days) continue;
      if (const std::size_t age = span.age(entered, day); age < oldest)
        stage.at_risk[age][span.types[day]] += span.weights[day] * here;
    }
  }
  for (const auto& visit : visits) {
    if (visit.to == kNoStage) continue;
    const auto day = static_cast<std::size_t>(visit.left - span.begin);
    if (day >= span.days) continue;
    const std::size_t age = span.age(static_cast<std::size_t>(visit.entered - span.begin), day);
    const auto k = static_cast<std::size_t>(std::find(stage.targets.begin(), stage.targets.end(), visit.to) -
                                            stage.targets.begin());
    stage.moves[k][age][span.types[day]] += span.weights[day] * static_cast<double>(visit.count);
    if (age > 0) stage.later_moves[day] += static_cast<double>(visit.count);
  }
  return stage;
}

double total(const ByType& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum;
}

/// Age bins that hold enough moves of any target; the day of entry is a bin of its own.
std::vector<int> bins_of(const StageDays& stage, double moves_per_bin) {
  std::vector<int> begins{0};
  double held = moves_per_bin;
  double all_moves = 0, all_days = 0;
  for (std::size_t age = 1; age < stage.at_risk.size(); ++age) {
    for (const auto& moves : stage.moves) all_moves += total(moves[age]);
    all_days += total(stage.at_risk[age]);
  }
  moves_per_bin = std::max(moves_per_bin, std::pow(all_moves, 2.0 / 3));
  double expected = moves_per_bin;
  held = moves_per_bin;
  for (std::size_t age = 1; age < stage.at_risk.size(); ++age) {
    if (held >= moves_per_bin || expected >= moves_per_bin) {
      begins.push_back(static_cast<int>(age));
      held = expected = 0;
    }
    for (const auto& moves : stage.moves) held += total(moves[age]);
    expected += all_days > 0 ? total(stage.at_risk[age]) * all_moves / all_days : 0;
  }
  return begins;
}

struct StageFit {
  StageHazard hazard;
  Matrix posterior;
  StageRhythm rhythm;
};

StageFit fit_stage(const StageDays& stage, const DatedModelOptions& options) {
  const std::size_t ages = stage.at_risk.size(), targets = stage.targets.size();
  StageFit fit;
  fit.hazard.targets = stage.targets;
  fit.hazard.begins = bins_of(stage, options.hazards.moves_per_bin);
  const std::size_t bins = fit.hazard.begins.size();
  fit.hazard.hazard = Matrix(bins, targets);
  fit.posterior = Matrix(bins, targets + 1);
  if (options.weekday_factors) {
    fit.rhythm.entry_day = Matrix(targets, kTypes, 1.0);
    fit.rhythm.later = Matrix(targets, kTypes, 1.0);
  }
  std::vector<std::size_t> bin_of(ages);
  for (std::size_t age = 0; age < ages; ++age) bin_of[age] = fit.hazard.bin_of(static_cast<int>(age));

  // Moves of any kind a day: a rare target is drawn to its constant hazard no more than a common one.
  double leaving = 0, later_days = 0;
  const std::size_t first_age = ages > 1 ? 1 : 0;
  for (std::size_t age = first_age; age < ages; ++age) {
    later_days += total(stage.at_risk[age]);
    for (const auto& moves : stage.moves) leaving += total(moves[age]);
  }
  leaving = later_days > 0 ? leaving / later_days : 0;

  std::vector<double> longest_rate(bins);
  for (std::size_t k = 0; k < targets; ++k) {
    std::vector<double> moved(bins), rate(bins);
    for (std::size_t age = 0; age < ages; ++age) moved[bin_of[age]] += total(stage.moves[k][age]);
    std::array<ByType, 2> factors;
    factors[0].fill(1.0);
    factors[1].fill(1.0);
    std::vector<double> prior_days(bins), hazard(bins);
    double usual = 0;
    for (int round = 0; round < (options.weekday_factors ? kFactorRounds : 1); ++round) {
      std::fill(rate.begin(), rate.end(), 0.0);
      for (std::size_t age = 0; age < ages; ++age)
        for (std::size_t type = 0; type < kTypes; ++type)
          rate[bin_of[age]] += stage.at_risk[age][type] * factors[age > 0][type];
      double later_moved = 0, later_rate = 0;
      for (std::size_t bin = 1; bin < bins; ++bin) {
        later_moved += moved[bin];
        later_rate += rate[bin];
      }
      // The stage's own constant hazard from age 1 on; of all ages where nothing is known later.
      usual = later_rate > 0 && later_moved > 0 ? later_moved / later_rate
                                                : (moved[0] + later_moved) / std::max(rate[0] + later_rate, 1e-300);
      for (std::size_t bin = 0; bin < bins; ++bin) {
        prior_days[bin] = leaving > 0 ? options.hazards.prior_moves / leaving : 0.0;
        // The day of entry is unlike the others: half a day of their hazard is all they say about it.
        if (bin == 0) prior_days[bin] = std::min(prior_days[bin], 0.5);
        const double days = rate[bin] + prior_days[bin];
        hazard[bin] = days > 0 ? (moved[bin] + prior_days[bin] * usual) / days : 0.0;
      }
      if (!options.weekday_factors) break;
      for (const std::size_t later : {std::size_t{0}, std::size_t{1}}) {
        ByType seen{}, expected{};
        for (std::size_t age = later; age < (later == 0 ? std::min<std::size_t>(ages, 1) : ages); ++age)
          for (std::size_t type = 0; type < kTypes; ++type) {
            seen[type] += stage.moves[k][age][type];
            expected[type] += stage.at_risk[age][type] * hazard[bin_of[age]];
          }
        const double scale = total(expected) > 0 ? total(seen) / total(expected) : 0;
        for (std::size_t type = 0; type < kTypes; ++type)
          if (scale > 0)
            factors[later][type] = (seen[type] + options.prior_moves) / (expected[type] * scale + options.prior_moves);
      }
    }
    for (std::size_t bin = 0; bin < bins; ++bin) {
      fit.hazard.hazard(bin, k) = hazard[bin];
      fit.posterior(bin, k) = moved[bin] + prior_days[bin] * usual;
      longest_rate[bin] = std::max(longest_rate[bin], rate[bin] + prior_days[bin]);
    }
    for (std::size_t type = 0; type < kTypes && options.weekday_factors; ++type) {
      fit.rhythm.entry_day(k, type) = factors[0][type];
      fit.rhythm.later(k, type) = factors[1][type];
    }
  }
  for (std::size_t bin = 0; bin < bins; ++bin) {
    // Targets have exposures of their own; scale each one's pseudo-count to a common number of days, which keeps its
    // mean.
    double sum = 0, left = 0;
    for (const double h : fit.hazard.hazard.row(bin)) sum += h;
    for (std::size_t k = 0; k < targets; ++k) {
      if (sum > 1) fit.hazard.hazard(bin, k) /= sum;
      left += fit.posterior(bin, k) = fit.hazard.hazard(bin, k) * longest_rate[bin];
    }
    fit.posterior(bin, targets) = std::max(longest_rate[bin] - left, 0.0);
  }
  return fit;
}

Level speed_of(const StageDays& stage, const StageFit& fit, const Span& span, const DatedModelOptions& options) {
  std::vector<double> expected(span.days);
  std::vector<ByType> moving(fit.hazard.begins.size());  // all targets together, by bin and day type
  for (std::size_t bin = 0; bin < moving.size(); ++bin)
    for (std::size_t type = 0; type < kTypes; ++type)
      for (std::size_t k = 0; k < stage.targets.size(); ++k)
        moving[bin][type] += fit.hazard.hazard(bin, k) * (options.weekday_factors ? fit.rhythm.later(k, type) : 1.0);
  for (std::size_t entered = 0; entered < span.days; ++entered) {
    std::size_t bin = 0;
    for (std::size_t since = 1; since < stage.present[entered].size() && entered + since < span.days; ++since) {
      const std::size_t day = entered + since, age = span.age(entered, day);
      if (age == 0) continue;
      while (bin + 1 < fit.hazard.begins.size() && fit.hazard.begins[bin + 1] <= static_cast<int>(age)) ++bin;
      expected[day] += stage.present[entered][since] * moving[bin][span.types[day]];
    }
  }
  const auto informative = std::count_if(expected.begin(), expected.end(),
                                         [&](double moves) { return moves >= options.level.least_expected; });
  return informative < kFewestDays ? Level() : fit_level(stage.later_moves, expected, options.level);
}

void check(const DatedModelOptions& options) {
  const auto at_least_zero = [](double value, const char* name) {
    if (!(value >= 0) || !std::isfinite(value))
      throw InvalidArgument(fmt::format("{} is {}; it must be 0 or more", name, value));
  };
  at_least_zero(options.prior_moves, "prior_moves of weekday factors");
  at_least_zero(options.half_life_days, "half_life_days");
  at_least_zero(options.hazards.prior_moves, "prior_moves");
  if (!(options.hazards.moves_per_bin > 0) || !std::isfinite(options.hazards.moves_per_bin))
    throw InvalidArgument(fmt::format("moves_per_bin is {}; it must be above 0", options.hazards.moves_per_bin));
}

}  // namespace

DatedModel fit_dated_model(const DatedStatistics& statistics, const BusinessCalendar& calendar,
                           const DatedModelOptions& options) {
  check(options);
  if (options.clock == Clock::automatic || options.choose_half_life)
    return fit_best_dated_model(statistics, calendar, options);
  const StageGraph& graph = statistics.graph();
  std::vector<StageHazard> hazards(graph.stage_count());
  std::vector<Matrix> posteriors(graph.stage_count());
  std::vector<StageRhythm> rhythm(graph.stage_count());
  std::vector<double> shares(graph.stage_count());
  FitInfo info;

  double created = 0;
  DayNumber first = statistics.as_of_day().value_or(0);
  for (const auto& creation : statistics.creations()) {
    if (!graph.is_terminal(creation.stage)) {
      shares[index(creation.stage)] += static_cast<double>(creation.count);
      created += static_cast<double>(creation.count);
    }
    first = std::min(first, creation.day);
  }
  for (double& share : shares) share = created > 0 ? share / created : 0;

  const auto visits = statistics.visits();
  if (visits.empty()) info.warnings.push_back("no visits: nothing moves in this model");
  Span span{first, static_cast<std::size_t>(statistics.as_of_day().value_or(0) - first), {}, {}, {}};
  std::size_t advances = 0;
  for (std::size_t d = 0; d < span.days; ++d) {
    const Day day = to_day(first + static_cast<DayNumber>(d));
    span.types.push_back(static_cast<std::size_t>(day_type(day, calendar)));
    span.advances.push_back(advances);
    if (options.clock == Clock::calendar || calendar.is_business_day(day)) ++advances;
    const double days_ago = static_cast<double>(span.days - 1 - d);
    span.weights.push_back(options.half_life_days > 0 ? std::exp2(-days_ago / options.half_life_days) : 1.0);
  }

  for (std::size_t begin = 0; begin < visits.size();) {
    const StageId from = visits[begin].from;
    std::size_t end = begin;
    while (end < visits.size() && visits[end].from == from) ++end;
    const StageDays days = span.days > 0 ? collect(visits.subspan(begin, end - begin), span) : StageDays{};
    begin = end;
    if (days.targets.empty() || days.at_risk.empty()) continue;
    StageFit fit = fit_stage(days, options);
    if (options.levels) fit.rhythm.speed = speed_of(days, fit, span, options);
    hazards[index(from)] = std::move(fit.hazard);
    posteriors[index(from)] = std::move(fit.posterior);
    rhythm[index(from)] = std::move(fit.rhythm);
  }
  for (std::size_t j = 0; j < graph.stage_count(); ++j)
    if (!visits.empty() && !graph.is_terminal(static_cast<StageId>(j)) && hazards[j].targets.empty())
      info.warnings.push_back(fmt::format("nobody was seen leaving '{}': the model keeps deals there for ever",
                                          graph.stage(static_cast<StageId>(j)).name));
  return DatedModel(
      StageModel(HazardTable(graph, std::move(hazards)), std::move(posteriors), std::move(shares), std::move(info)),
      calendar, std::move(rhythm), options.clock);
}

}  // namespace putki
