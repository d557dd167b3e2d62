#include <putki/core/error.hpp>
#include <putki/model/eventual_shares.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace putki {
namespace {

constexpr int kWeek = 7;

/// Visits grow older at all: otherwise they stay in the bin they begin in.
bool ages(const DatedHazards& week) {
  for (int day = 0; day < kWeek; ++day)
    if (week.age_advances(day)) return true;
  return false;
}

/// One stage of a plain week, with the expected days per visit on each day type and in each age bin.
struct Visits {
  const DatedHazards week;
  const DatedHazards::Exits& exits;
  Matrix days;  // day types x bins

  Visits(const DatedModel& model, StageId stage)
      : week(model.plain_week()), exits(week.exits(stage)), days(kWeek, exits.begins.size()) {
    if (exits.targets.empty()) return;
    for (int entered = 0; entered < kWeek; ++entered) {
      double here = 1.0 / kWeek;
      int age = 0, day = entered;
      std::size_t bin = 0;
      const auto pass = [&](double& present) {
        days(static_cast<std::size_t>(day), bin) += present;
        present *= exits.stay_of(day, bin);
        day = (day + 1) % kWeek;
      };
      while (ages(week) && bin + 1 < exits.begins.size() && here > 0) {
        age += week.age_advances(day) ? 1 : 0;
        pass(here);
        if (exits.begins[bin + 1] <= age) ++bin;
      }
      double week_later = 1;
      for (int d = 0; d < kWeek; ++d) week_later *= exits.stay_of(d, bin);
      if (here == 0 || week_later == 1) continue;
      here /= 1 - week_later;
      for (int d = 0; d < kWeek; ++d) pass(here);
    }
  }

  std::size_t place_of(StageId target) const {
    return static_cast<std::size_t>(std::find(exits.targets.begin(), exits.targets.end(), target) -
                                    exits.targets.begin());
  }

  /// Sum over days and bins of the visits' days times what `part(chances)` makes of the chances there.
  template <typename Part>
  double sum(const Part& part) const {
    double total = 0;
    for (int day = 0; day < kWeek; ++day)
      for (std::size_t bin = 0; bin < exits.begins.size(); ++bin)
        if (const double here = days(static_cast<std::size_t>(day), bin); here > 0)
          total += here * part(exits.chances_of(day, bin));
    return total;
  }

  /// Chance of moving to any of the others, or to the payer.
  double rest(const double* chances, std::size_t k, std::size_t payer) const {
    double rest = 0;
    for (std::size_t m = 0; m < exits.targets.size(); ++m)
      if (m != k && (payer == exits.targets.size() || m == payer)) rest += chances[m];
    return rest;
  }
};

/// Expected whole days of a visit at this pace of leaving, and how they answer to its logarithm.
struct MeanStay {
  double days = 0;
  double per_log_pace = 0;
};

MeanStay mean_stay(const DatedHazards& week, StageId stage, double pace) {
  const DatedHazards::Exits& exits = week.exits(stage);
  MeanStay mean{-1, 0};  // days begun less the one of leaving
  for (int entered = 0; entered < kWeek; ++entered) {
    double here = 1.0 / kWeek, slope = 0;  // those still there, and their derivative by the logarithm of the pace
    int day = entered;
    std::size_t bin = 0;
    const auto logarithm = [&] { return pace * std::log(exits.stay_of(day, bin)); };
    const auto pass = [&] {
      mean.days += here;
      mean.per_log_pace += slope;
      const double log_stay = logarithm(), stay = std::exp(log_stay);
      slope = stay > 0 ? stay * (slope + here * log_stay) : 0.0;
      here *= stay;
      day = (day + 1) % kWeek;
    };
    for (int age = 0; ages(week) && bin + 1 < exits.begins.size() && here > 0;) {
      age += week.age_advances(day) ? 1 : 0;
      pass();
      if (exits.begins[bin + 1] <= age) ++bin;
    }
    if (here == 0) continue;
    double log_week = 0;
    for (int d = 0; d < kWeek; ++d, day = (day + 1) % kWeek) log_week += logarithm();
    if (log_week == 0) return {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()};
    const double left = -std::expm1(log_week);
    slope = slope / left + (std::isinf(log_week) ? 0.0 : here * (1 - left) * log_week / (left * left));
    here /= left;
    for (int d = 0; d < kWeek; ++d) pass();
  }
  mean.days = std::max(mean.days, 0.0);
  return mean;
}

void check_stage(const DatedModel& model, StageId stage) {
  if (index(stage) >= model.graph().stage_count())
    throw InvalidArgument(fmt::format("stage {} of {} stages", index(stage), model.graph().stage_count()));
}

std::size_t known_target(const DatedModel& model, const Visits& visits, StageId stage, StageId target) {
  const std::size_t place = visits.place_of(target);
  const StageGraph& graph = model.graph();
  if (place == visits.exits.targets.size())
    throw InvalidArgument(fmt::format(
        "no deal was seen moving from '{}' to '{}': there are no chances to change", graph.stage(stage).name,
        index(target) < graph.stage_count() ? graph.stage(target).name : fmt::format("stage {}", index(target))));
  return place;
}

}  // namespace

EventualShares eventual_shares(const DatedModel& model, StageId stage) {
  check_stage(model, stage);
  const Visits visits(model, stage);
  EventualShares result{.targets = visits.exits.targets, .shares = {}};
  for (std::size_t k = 0; k < result.targets.size(); ++k) {
    result.shares.push_back(visits.sum([&](const double* chances) { return chances[k]; }));
  }
  result.days =
      result.targets.empty() ? std::numeric_limits<double>::infinity() : mean_stay(visits.week, stage, 1).days;
  return result;
}

double share_per_log_odds(const DatedModel& model, StageId stage, StageId target) {
  check_stage(model, stage);
  const Visits visits(model, stage);
  const std::size_t k = known_target(model, visits, stage, target), none = visits.exits.targets.size();
  return visits.sum([&](const double* chances) {
    const double rest = visits.rest(chances, k, none);
    return rest > 0 ? chances[k] * rest / (chances[k] + rest) : 0.0;
  });
}

ExitChange change_of_share(const DatedModel& model, StageId stage, StageId target, double points, StageId payer) {
  check_stage(model, stage);
  const Visits visits(model, stage);
  const std::size_t k = known_target(model, visits, stage, target), none = visits.exits.targets.size(),
                    pays = payer == kNoStage ? none : known_target(model, visits, stage, payer);
  const auto name = [&](StageId id) { return model.graph().stage(id).name; };
  if (pays == k) throw InvalidArgument(fmt::format("'{}' cannot pay for its own share", name(target)));
  const auto share = [&](double odds) {
    return visits.sum([&](const double* chances) {
      const double rest = visits.rest(chances, k, pays);
      if (rest <= 0 || chances[k] <= 0) return chances[k];
      return std::isinf(odds) ? chances[k] + rest : (chances[k] + rest) / (1 + rest / (odds * chances[k]));
    });
  };
  ExitChange change{.stage = stage, .pace = 1, .target = target, .odds = 1, .payer = payer};
  const double now = share(1), wanted = now + points, most = share(std::numeric_limits<double>::infinity()),
               least = share(0), slack = 1e-12 * std::max(now, 1e-3);
  if (!(wanted >= least - slack && wanted <= most - slack) && points != 0)
    throw InvalidArgument(fmt::format(
        "of visits to '{}' {:.1f} % move on to '{}'; {:+.1f} points would make it {:.1f} %, and {} allow {:.1f} to "
        "{:.1f} %",
        name(stage), 100 * now, name(target), 100 * points, 100 * wanted,
        payer == kNoStage ? "the other moves" : fmt::format("moves to '{}'", name(payer)), 100 * least, 100 * most));
  if (points == 0) return change;
  if (wanted <= least) {
    change.odds = 0;
    return change;
  }
  // The share grows with the odds; halve an interval of their logarithm until it cannot be halved.
  double low = -60, high = 60;
  for (int round = 0; round < 200 && high - low > 1e-15; ++round) {
    const double middle = 0.5 * (low + high);
    (share(std::exp(middle)) < wanted ? low : high) = middle;
  }
  change.odds = std::exp(0.5 * (low + high));
  return change;
}

double days_per_log_pace(const DatedModel& model, StageId stage) {
  check_stage(model, stage);
  const DatedHazards week = model.plain_week();
  const DatedHazards::Exits& exits = week.exits(stage);
  return exits.targets.empty() ? std::numeric_limits<double>::quiet_NaN() : mean_stay(week, stage, 1).per_log_pace;
}

ExitChange change_of_days(const DatedModel& model, StageId stage, double factor) {
  check_stage(model, stage);
  const std::string& name = model.graph().stage(stage).name;
  if (!(factor > 0) || !std::isfinite(factor) || !std::isfinite(1 / factor))
    throw InvalidArgument(fmt::format("time in '{}' times {}; the factor must be above 0", name, factor));
  const DatedHazards week = model.plain_week();
  const DatedHazards::Exits& exits = week.exits(stage);
  if (exits.targets.empty()) throw InvalidArgument(fmt::format("nobody was seen leaving '{}'", name));
  ExitChange change{.stage = stage};
  const double now = mean_stay(week, stage, 1).days, wanted = factor * now;
  if (now == 0 || factor == 1) return change;
  if (std::isinf(now)) {
    change.pace = 1 / factor;
    return change;
  }
  double low = -40, high = 40;  // of the logarithm of the pace; days fall with it
  if (const double least = mean_stay(week, stage, std::exp(high)).days; wanted <= least)
    throw InvalidArgument(
        fmt::format("time in '{}' is {:.2f} days and cannot fall to {:.2f}: allowed are more than {:.2f}", name, now,
                    wanted, least));
  for (int round = 0; round < 200 && high - low > 1e-15; ++round) {
    const double middle = 0.5 * (low + high);
    (mean_stay(week, stage, std::exp(middle)).days > wanted ? low : high) = middle;
  }
  change.pace = std::exp(0.5 * (low + high));
  return change;
}

}  // namespace putki
