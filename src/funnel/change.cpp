#include <putki/funnel/change.hpp>

#include <putki/core/error.hpp>
#include <putki/survival/confidence_sequence.hpp>
#include <putki/survival/kaplan_meier.hpp>
#include <putki/survival/value_incidence.hpp>

#include "funnel/ways.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

namespace putki {
namespace {

struct ChangePlan {
  ChangeOptions options;  // with defaults filled in
  int days_to_view;
  std::vector<char> success;  // per stage: being there is the outcome
};

// A cohort with what its estimates are made of.
struct FollowedCohort {
  ChangeCohort cohort;
  Durations outcome{{}, {}, {}, 2};  // 1 the outcome, 2 an end without it
  Durations life{{}, {}, {}, 2};     // 1 won, 2 lost
  std::vector<Money> amounts;        // of won deals, kNoAmount where unknown or not won
  std::vector<std::uint32_t> codes;  // of the attribute to adjust for
};

void check_change_stretch(const char* what, int days, int longest) {
  if (days < 0 || days > longest)
    throw InvalidArgument(
        fmt::format("{} of {} days; allowed: 1 to {}, the days from the change to the view", what, days, longest));
}

void check_change_value(const EventLog& log, const ChangeOptions& options, const std::string& value) {
  const Attribute& attribute = log.attribute(options.attribute);
  if (std::find(attribute.values.begin(), attribute.values.end(), value) != attribute.values.end()) return;
  std::string known;
  for (std::size_t i = 0; i < attribute.values.size() && i < 8; ++i)
    if (!attribute.values[i].empty()) known += (known.empty() ? "" : ", ") + attribute.values[i];
  throw InvalidArgument(fmt::format("no deal has the {} '{}'; there are {}{}", options.attribute, value, known,
                                    attribute.values.size() > 8 ? ", .." : ""));
}

ChangePlan plan_change(const AsOf& view, const ChangeOptions& given) {
  ChangePlan plan{given, 0, {}};
  ChangeOptions& options = plan.options;
  // Beyond the days a log may speak of there is nothing to compare, and no arithmetic with them to go wrong.
  if (options.change_on >= view.day() || options.change_on < to_day(kFirstLogDay - 40'000))
    throw InvalidArgument(fmt::format("the change is on {}; it must lie before the view, {}",
                                      to_string(options.change_on), to_string(view.day())));
  if (view.day() > to_day(kLastLogDay + 40'000))
    throw InvalidArgument(fmt::format("the view is on {}, after all days of a log", to_string(view.day())));
  plan.days_to_view = static_cast<int>((view.day() - options.change_on).count());
  check_change_stretch("a window", options.window_days, plan.days_to_view);
  check_change_stretch("a follow-up", options.follow_up_days, plan.days_to_view);
  if (options.window_days == 0) options.window_days = plan.days_to_view;
  if (options.follow_up_days == 0) options.follow_up_days = std::clamp(plan.days_to_view / 2, 1, 90);
  if (!(options.level > 0 && options.level < 1))
    throw InvalidArgument(fmt::format("level is {}; allowed: between 0 and 1, both excluded", options.level));
  if (!(options.power > 0.5 && options.power < 1))
    throw InvalidArgument(fmt::format("power is {}; allowed: between 0.5 and 1, both excluded", options.power));
  if (!(options.worthwhile >= 0 && options.worthwhile <= 1))
    throw InvalidArgument(fmt::format("worthwhile is {}; allowed: 0 to 1", options.worthwhile));
  if (!options.attribute.empty()) {
    check_change_value(view.log(), options, options.first_value);
    check_change_value(view.log(), options, options.second_value);
    if (options.first_value == options.second_value)
      throw InvalidArgument(
          fmt::format("{} '{}' compared with itself; two values are needed", options.attribute, options.first_value));
  }

  if (!options.adjust_for.empty()) {
    view.log().attribute(options.adjust_for);
    if (options.adjust_for == options.attribute)
      throw InvalidArgument(
          fmt::format("a comparison of two values of {} cannot be adjusted for it", options.attribute));
  }

  const StageGraph& graph = view.graph();
  if (options.reach) {
    if (index(*options.reach) >= graph.stage_count())
      throw InvalidArgument(
          fmt::format("stage {} to reach; the graph has {}", index(*options.reach), graph.stage_count()));
    const StageKind kind = graph.kind(*options.reach);
    if (kind != StageKind::open && kind != StageKind::won)
      throw InvalidArgument(fmt::format("'{}' as the stage to reach; an open or a won stage is allowed",
                                        graph.stage(*options.reach).name));
  }
  const Ways ways(graph);
  for (std::size_t s = 0; s < graph.stage_count(); ++s) {
    const auto stage = static_cast<StageId>(s);
    const std::vector<StageId> reached = ways.reached_by(stage);
    plan.success.push_back(options.reach ? std::find(reached.begin(), reached.end(), *options.reach) != reached.end()
                                         : graph.kind(stage) == StageKind::won);
  }
  return plan;
}

// One deal of a cohort from its events up to `cut`.
void follow_change_deal(const EventLog& log, const ChangePlan& plan, std::uint32_t first, std::uint32_t last,
                        Timestamp cut, FollowedCohort& followed) {
  const auto times = log.times();
  const auto stages = log.stages();
  const auto amounts = log.amounts();
  const StageGraph& graph = log.graph();
  const Timestamp created = times[first];
  double outcome_time = elapsed_days(created, cut), life_time = outcome_time;
  int outcome = 0, end = 0;
  Money amount = kNoAmount;
  for (std::uint32_t e = first; e < last && times[e] <= cut; ++e) {
    if (amounts[e] != kNoAmount) amount = amounts[e];
    if (end != 0) continue;  // what happens after the first end does not count, but for the amount
    const double age = elapsed_days(created, times[e]);
    if (graph.is_terminal(stages[e])) {
      end = graph.kind(stages[e]) == StageKind::won ? 1 : 2;
      life_time = age;
    }
    if (outcome == 0 && (plan.success[index(stages[e])] || end != 0)) {
      outcome = plan.success[index(stages[e])] ? 1 : 2;
      outcome_time = age;
    }
  }
  followed.outcome.time.push_back(outcome_time);
  followed.outcome.cause.push_back(outcome);
  followed.life.time.push_back(life_time);
  followed.life.cause.push_back(end);
  followed.amounts.push_back(end == 1 ? amount : kNoAmount);
  ChangeCohort& cohort = followed.cohort;
  ++cohort.deals;
  cohort.succeeded += outcome == 1;
  cohort.ended += outcome == 2;
  const bool complete = cut == created + Days{plan.options.follow_up_days};
  cohort.complete += complete;
  cohort.complete_succeeded += complete && outcome == 1;
  if (end != 1) return;
  ++cohort.won;
  if (amount == kNoAmount)
    ++cohort.won_without_amount;
  else
    cohort.won_amount += amount;
}

// Money per deal: the share won times the mean of the known amounts won, both weighed for censoring. When all are known
// that is the value incidence itself.
void estimate_change_money(FollowedCohort& followed, double horizon) {
  const std::size_t n = followed.amounts.size();
  std::vector<double> won(n), known(n), value(n);
  for (std::size_t i = 0; i < n; ++i) {
    won[i] = followed.life.cause[i] == 1;
    if (followed.amounts[i] == kNoAmount) continue;
    known[i] = 1;
    value[i] = followed.amounts[i].units();
  }
  const ValueIncidence wins = value_incidence(followed.life, won, horizon);
  const ValueIncidence known_wins = value_incidence(followed.life, known, horizon);
  const ValueIncidence money = value_incidence(followed.life, value, horizon);
  if (!(known_wins.mean > 0)) return;
  const double ratio = wins.mean / known_wins.mean;
  followed.cohort.money_per_deal = ratio * money.mean;
  double variance = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double influence = ratio * money.influence[i] +
                             money.mean / known_wins.mean * (wins.influence[i] - ratio * known_wins.influence[i]);
    variance += influence * influence;
  }
  followed.cohort.money_std_error = std::sqrt(variance);
}

FollowedCohort follow_change_cohort(const AsOf& view, const ChangePlan& plan, Day from, std::string label) {
  const ChangeOptions& options = plan.options;
  FollowedCohort followed;
  ChangeCohort& cohort = followed.cohort;
  cohort.label = std::move(label);
  cohort.from = from;
  cohort.to = from + Days{options.window_days};
  cohort.known = from + Days{plan.days_to_view};
  const EventLog& log = view.log();
  const Timestamp known = log.time_zone().start_of(cohort.known);
  const DayNumber first_day = day_number(cohort.from), end_day = day_number(cohort.to);
  const Attribute* mix = options.adjust_for.empty() ? nullptr : &log.attribute(options.adjust_for);
  view.for_each_deal([&](DealId deal, std::uint32_t first, std::uint32_t last) {
    const DayNumber day = log.days()[first];
    if (day < first_day || day >= end_day) return;
    const Timestamp cut = std::min(known, log.times()[first] + Days{options.follow_up_days});
    follow_change_deal(log, plan, first, last, cut, followed);
    if (mix != nullptr) followed.codes.push_back(mix->codes[index(deal)]);
  });
  const auto horizon = static_cast<double>(options.follow_up_days);
  cohort.share = incidence_share(followed.outcome, 1, horizon);
  cohort.share_limits = share_interval(cohort.share, options.level);
  const SurvivalCurve open = kaplan_meier(followed.life);
  cohort.days_open = open.restricted_mean(horizon);
  cohort.days_open_std_error = open.restricted_mean_std_error(horizon);
  if (cohort.deals == 0) cohort.days_open = 0;
  estimate_change_money(followed, horizon);
  return followed;
}

CohortComparison compare_change_cohorts(const FollowedCohort& first, const FollowedCohort& second,
                                        const ChangeOptions& options) {
  CohortComparison result;
  result.first = first.cohort;
  result.second = second.cohort;
  const ChangeCohort &a = first.cohort, &b = second.cohort;
  result.share = share_difference(a.share, b.share, options.level);
  const auto number = [](std::uint64_t n) { return static_cast<double>(n); };
  result.always_valid = always_valid_difference(number(a.complete_succeeded), number(a.complete),
                                                number(b.complete_succeeded), number(b.complete), options.level);
  result.days_open =
      mean_difference(a.days_open, a.days_open_std_error, b.days_open, b.days_open_std_error, options.level);
  if (a.money_per_deal && b.money_per_deal)
    result.money =
        mean_difference(*a.money_per_deal, a.money_std_error, *b.money_per_deal, b.money_std_error, options.level);
  const std::vector<Durations> lives{first.life, second.life}, outcomes{first.outcome, second.outcome};
  result.speed = log_rank_test(lives);
  result.outcome = gray_test(outcomes, 1);
  result.probability_of_improvement = probability_of_improvement(a.share, b.share);
  const TestPlan plan{options.level, options.power};
  // Rounding can leave a share a hair outside.
  const double p = std::clamp(a.share.probability, 0.0, 1.0), q = std::clamp(b.share.probability, 0.0, 1.0);
  if (const auto larger = larger_share_detectable(p, a.share.trials, b.share.trials, plan))
    result.detectable_increase = *larger - p;
  if (const auto smaller = smaller_share_detectable(p, a.share.trials, b.share.trials, plan))
    result.detectable_decrease = p - *smaller;
  if (p != q && a.deals > 0 && b.deals > 0) result.deals_needed = sample_needed(p, q, plan);
  return result;
}

void keep_observation(const Durations& from, std::size_t i, Durations& to) {
  to.time.push_back(from.time[i]);
  to.cause.push_back(from.cause[i]);
}

std::optional<AdjustedComparison> adjusted_comparison(const FollowedCohort& first, const FollowedCohort& second,
                                                      const ChangeOptions& options) {
  // [code][cohort]
  struct Stratum {
    std::vector<Durations> outcomes{2, Durations{{}, {}, {}, 2}}, lives{2, Durations{{}, {}, {}, 2}};
  };
  std::map<std::uint32_t, Stratum> strata;
  for (const std::size_t cohort : {0, 1}) {
    const FollowedCohort& followed = cohort == 0 ? first : second;
    for (std::size_t i = 0; i < followed.codes.size(); ++i) {
      Stratum& stratum = strata[followed.codes[i]];
      keep_observation(followed.outcome, i, stratum.outcomes[cohort]);
      keep_observation(followed.life, i, stratum.lives[cohort]);
    }
  }
  AdjustedComparison result;
  result.attribute = options.adjust_for;
  std::vector<std::vector<Durations>> outcomes, lives;
  double deals = 0;
  for (auto& [code, stratum] : strata) {
    const std::size_t a = stratum.outcomes[0].size(), b = stratum.outcomes[1].size();
    if (a == 0 || b == 0) {
      result.deals_left_out += a + b;
      continue;
    }
    deals += static_cast<double>(a + b);
    outcomes.push_back(std::move(stratum.outcomes));
    lives.push_back(std::move(stratum.lives));
  }
  result.values = outcomes.size();
  if (outcomes.empty()) return std::nullopt;
  double variance = 0, below = 0, above = 0;
  for (const std::vector<Durations>& groups : outcomes) {
    const double weight = static_cast<double>(groups[0].size() + groups[1].size()) / deals;
    const auto horizon = static_cast<double>(options.follow_up_days);
    const Difference difference =
        share_difference(incidence_share(groups[0], 1, horizon), incidence_share(groups[1], 1, horizon), options.level);
    result.share.value += weight * difference.value;
    variance += std::pow(weight * difference.std_error, 2);
    below += std::pow(weight * (difference.value - difference.interval.lower), 2);
    above += std::pow(weight * (difference.interval.upper - difference.value), 2);
  }
  result.share.std_error = std::sqrt(variance);
  result.share.interval = {result.share.value - std::sqrt(below), result.share.value + std::sqrt(above)};
  result.speed = stratified_log_rank_test(lives);
  result.outcome = stratified_gray_test(outcomes, 1);
  return result;
}

// Of the cohorts whose first window (A/B: only window) begins so many days later than change_on.
struct CohortPair {
  FollowedCohort first, second;
};
CohortPair change_cohorts_at(const AsOf& view, const ChangePlan& plan, int days_later) {
  const ChangeOptions& options = plan.options;
  const Day day = options.change_on + Days{days_later};
  if (options.attribute.empty())
    return {follow_change_cohort(view, plan, day - Days{options.window_days}, "before"),
            follow_change_cohort(view, plan, day, "after")};
  return {follow_change_cohort(view.where(options.attribute, options.first_value), plan, day, options.first_value),
          follow_change_cohort(view.where(options.attribute, options.second_value), plan, day, options.second_value)};
}

ChangeVerdict judge_change(const CohortComparison& cohorts, double worthwhile) {
  if (cohorts.first.deals == 0 || cohorts.second.deals == 0) return ChangeVerdict::nothing_to_compare;
  const Interval& limits = cohorts.share.interval;
  if (limits.lower > 0) return ChangeVerdict::better;
  if (limits.upper < 0) return ChangeVerdict::worse;
  return std::max(-limits.lower, limits.upper) <= worthwhile ? ChangeVerdict::no_difference : ChangeVerdict::too_early;
}

}  // namespace

std::string to_string(ChangeVerdict verdict) {
  switch (verdict) {
    case ChangeVerdict::nothing_to_compare:
      return "nothing_to_compare";
    case ChangeVerdict::too_early:
      return "too_early";
    case ChangeVerdict::no_difference:
      return "no_difference";
    case ChangeVerdict::better:
      return "better";
    case ChangeVerdict::worse:
      break;
  }
  return "worse";
}

ChangeComparison compare_change(const AsOf& view, const ChangeOptions& given) {
  const ChangePlan plan = plan_change(view, given);
  const ChangeOptions& options = plan.options;
  ChangeComparison change;
  change.as_of = view.day();
  change.change_on = options.change_on;
  change.window_days = options.window_days;
  change.follow_up_days = options.follow_up_days;
  change.level = options.level;
  change.power = options.power;
  change.worthwhile = options.worthwhile;
  change.outcome = options.reach ? view.graph().stage(*options.reach).name : "won";
  change.attribute = options.attribute;
  const CohortPair cohorts = change_cohorts_at(view, plan, 0);
  change.cohorts = compare_change_cohorts(cohorts.first, cohorts.second, options);
  if (!options.adjust_for.empty()) change.adjusted = adjusted_comparison(cohorts.first, cohorts.second, options);
  change.verdict = judge_change(change.cohorts, options.worthwhile);
  if (change.verdict != ChangeVerdict::nothing_to_compare) {
    const Interval& always = change.cohorts.always_valid;
    change.sure_at_every_look = always.lower > 0 || always.upper < 0;
  }
  const CohortPair earlier = change_cohorts_at(view, plan, -options.window_days);
  if (earlier.first.cohort.deals > 0 && earlier.second.cohort.deals > 0) {
    change.placebo = compare_change_cohorts(earlier.first, earlier.second, options);
    const Interval& limits = change.placebo->share.interval;
    change.placebo_differs = limits.lower > 0 || limits.upper < 0;
  }
  return change;
}

}  // namespace putki
