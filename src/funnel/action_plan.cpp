#include <Eigen/LU>
#include <putki/core/error.hpp>
#include <putki/funnel/action_plan.hpp>
#include <putki/survival/kaplan_meier.hpp>

#include "funnel/stage_course.hpp"
#include "funnel/ways.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace putki {
namespace {

void check_action_plan(const ActionPlanOptions& options) {
  if (!(options.at_age_days >= 0) || std::isinf(options.at_age_days))
    throw InvalidArgument(
        fmt::format("an action plan at an age of {} days; allowed are 0 or more", options.at_age_days));
  if (options.least_at_risk < 2 || options.least_at_risk > 1'000'000)
    throw InvalidArgument(
        fmt::format("a latest useful day from {} visits; allowed are 2 to 1,000,000", options.least_at_risk));
  if (options.continuations > 1'000)
    throw InvalidArgument(fmt::format("{} continuations; allowed are 0 to 1000", options.continuations));
}

std::vector<Durations> plan_stays(const AsOf& view) {
  std::vector<Durations> stays(view.graph().stage_count());
  for (Durations& of_stage : stays) of_stage.cause_count = static_cast<int>(stays.size());
  const auto times = view.log().times();
  view.for_each_visit([&](const Visit& visit) {
    if (view.graph().is_terminal(visit.stage)) return;
    const bool moved = visit.next != kNoStage;
    Durations& of_stage = stays[index(visit.stage)];
    of_stage.time.push_back(elapsed_days(times[visit.entry], moved ? times[visit.exit] : view.instant()));
    of_stage.cause.push_back(moved ? static_cast<int>(index(visit.next)) + 1 : 0);
  });
  return stays;
}

// The first day of the last run of days on which loss is likelier, if noise does not explain it.
void find_latest_useful_day(StagePlan& plan, const StageCourse& course, const std::vector<double>& advance,
                            const std::vector<double>& lost, std::size_t least_at_risk) {
  constexpr double kBeyondNoise = 2.326;  // 1 %, one-sided
  std::vector<double> difference(advance.size()), either(advance.size());
  for (std::size_t cause = 0; cause < advance.size(); ++cause) {
    difference[cause] = advance[cause] - lost[cause];
    either[cause] = advance[cause] + lost[cause];
  }
  const auto age_on = [](int day) { return day == 0 ? StageCourse::kFresh : static_cast<double>(day); };
  int last = -1;
  while (course.at_risk_after(age_on(last + 1)) >= least_at_risk) ++last;
  bool certain = false;
  int first = last + 1;
  for (int day = last; day >= 0; --day) {
    const auto left = course.share(age_on(day), course.longest_stay(), difference);
    if (left.probability >= -1e-12) break;  // alike, but for rounding
    first = day;
    const double decided = course.share(age_on(day), course.longest_stay(), either).probability;
    const double spread = decided - left.probability * left.probability;
    const double visits = left.variance > 0 && spread > 0 ? spread / left.variance
                                                          : static_cast<double>(course.at_risk_after(age_on(day)));
    certain = certain || left.probability < -kBeyondNoise * std::sqrt(decided / visits);
  }
  if (first > last || !certain) return;
  plan.latest_useful_day = first;
  plan.advance_then = course.share(age_on(first), course.longest_stay(), advance).probability;
  plan.lost_then = course.share(age_on(first), course.longest_stay(), lost).probability;
}

using WaysSeen = std::vector<std::map<std::vector<StageId>, Continuation>>;

void add_outcome(Continuation& way, StageKind kind) {
  ++(kind == StageKind::won ? way.won : kind == StageKind::lost ? way.lost : way.open);
}

WaysSeen count_continuations(const AsOf& view, std::vector<Continuation>& longer) {
  const StageGraph& graph = view.graph();
  WaysSeen seen(graph.stage_count());
  longer.resize(graph.stage_count());
  const auto stages = view.log().stages();
  std::vector<StageId> passed;
  view.for_each_deal([&](DealId, std::uint32_t first, std::uint32_t last) {
    passed.clear();
    std::uint32_t event = first;
    for (; event < last && !graph.is_terminal(stages[event]); ++event)
      if (passed.empty() || passed.back() != stages[event]) passed.push_back(stages[event]);
    const StageKind end = event < last ? graph.kind(stages[event]) : StageKind::open;
    for (std::size_t i = 0; i < passed.size(); ++i) {
      const std::size_t stage = index(passed[i]);
      const std::vector<StageId>::const_iterator after = passed.begin() + static_cast<std::ptrdiff_t>(i) + 1;
      if (passed.size() - i - 1 > kLongestContinuation)
        add_outcome(longer[stage], end);
      else
        add_outcome(seen[stage][std::vector<StageId>(after, passed.cend())], end);
    }
  });
  return seen;
}

void limit_wins(Continuation& way) {
  way.win_limits = wilson_interval(static_cast<double>(way.won), static_cast<double>(way.won + way.lost));
}

void keep_best_continuations(StagePlan& plan, const std::map<std::vector<StageId>, Continuation>& seen,
                             std::size_t most) {
  plan.ways = seen.size();
  for (const auto& [stages, way] : seen) {
    if (way.won + way.lost == 0) continue;
    plan.continuations.push_back(way);
    plan.continuations.back().stages = stages;
    limit_wins(plan.continuations.back());
  }
  std::stable_sort(
      plan.continuations.begin(), plan.continuations.end(),
      [](const Continuation& a, const Continuation& b) { return a.won != b.won ? a.won > b.won : a.lost < b.lost; });
  if (plan.continuations.size() > most) plan.continuations.resize(most);
}

// Means over every way from each stage to an end.
void expect_remaining(std::vector<StagePlan>& plans, const StageGraph& graph, const std::vector<StageCourse>& courses,
                      const std::vector<Durations>& stays) {
  const std::size_t n = plans.size();
  std::vector<std::size_t> place(graph.stage_count(), n);
  for (std::size_t i = 0; i < n; ++i) place[index(plans[i].stage)] = i;
  Eigen::MatrixXd moves = Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(n), static_cast<Eigen::Index>(n));
  Eigen::MatrixXd means = Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(n), 3);  // days, visits, wins
  std::vector<double> ends(n), left(n);
  const auto at = [](std::size_t i) { return static_cast<Eigen::Index>(i); };
  std::vector<double> only(graph.stage_count() + 1);
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t stage = index(plans[i].stage);
    const StageCourse& course = courses[stage];
    double gone = 0;
    for (const int cause : course.causes()) {
      const std::size_t to = static_cast<std::size_t>(cause) - 1;
      only[to + 1] = 1;
      const double share = course.share(StageCourse::kFresh, course.longest_stay(), only).probability;
      only[to + 1] = 0;
      gone += share;
      if (place[to] < n)
        moves(at(i), at(place[to])) = share;
      else
        ends[i] += share;
      if (graph.kind(static_cast<StageId>(to)) == StageKind::won) means(at(i), 2) += share;
    }
    left[i] = std::max(0.0, 1 - gone);
    if (gone > 0) {
      moves.row(at(i)) /= gone;
      means(at(i), 2) /= gone;
    }
    means(at(i), 0) = kaplan_meier(stays[stage]).restricted_mean(course.longest_stay());
    means(at(i), 1) = 1;
  }
  // Stages from which every way leads to an end: no way leads to a stage that leads to none.
  std::vector<bool> ending(n), known(n, true);
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t i = 0; i < n; ++i) {
      bool now = ending[i] || ends[i] > 0;
      for (std::size_t j = 0; j < n && !now; ++j) now = moves(at(i), at(j)) > 0 && ending[j];
      changed = changed || now != ending[i];
      ending[i] = now;
    }
  }
  known = ending;
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j)
        if (known[i] && moves(at(i), at(j)) > 0 && !known[j]) {
          known[i] = false;
          changed = true;
        }
  }
  for (std::size_t i = 0; i < n; ++i)
    if (!known[i]) moves.row(at(i)).setZero();
  const Eigen::MatrixXd all = (Eigen::MatrixXd::Identity(at(n), at(n)) - moves).partialPivLu().solve(means);
  for (std::size_t i = 0; i < n; ++i) {
    if (!known[i]) continue;
    plans[i].expected_days = all(at(i), 0);
    plans[i].expected_visits = all(at(i), 1);
    plans[i].win_ever = std::clamp(all(at(i), 2) + 0.0, 0.0, 1.0);  // no -0
    plans[i].unresolved = left[i];
  }
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j)
        if (known[i] && moves(at(i), at(j)) > 0 && plans[j].unresolved > plans[i].unresolved) {
          plans[i].unresolved = plans[j].unresolved;
          changed = true;
        }
  }
}

}  // namespace

ActionPlan action_plan(const AsOf& view, const ActionPlanOptions& options) {
  check_action_plan(options);
  const StageGraph& graph = view.graph();
  const Ways ways(graph);
  ActionPlan result{.as_of = view.day(), .at_age_days = options.at_age_days, .graph = graph, .stages = {}};
  const std::vector<Durations> stays = plan_stays(view);
  std::vector<Continuation> longer;
  const WaysSeen continuations = count_continuations(view, longer);
  std::vector<StageCourse> courses;
  for (const Durations& of_stage : stays) courses.emplace_back(of_stage, 0);

  const double age = options.at_age_days == 0 ? StageCourse::kFresh : options.at_age_days;
  for (std::size_t s = 0; s < graph.stage_count(); ++s) {
    const auto stage = static_cast<StageId>(s);
    if (graph.is_terminal(stage)) continue;
    const StageCourse& course = courses[s];
    StagePlan plan{.stage = stage, .next = {}, .continuations = {}, .longer = longer[s]};
    limit_wins(plan.longer);
    plan.visits = course.visits();
    plan.still_at_age = course.at_risk_after(age);
    std::vector<double> advance(graph.stage_count() + 1), lost = advance, only = advance;
    for (const int cause : course.causes()) {
      const auto to = static_cast<StageId>(cause - 1);
      const auto c = static_cast<std::size_t>(cause);
      const Way way = ways.way(stage, to);
      if (way == Way::advanced) advance[c] = 1;
      if (way == Way::lost) lost[c] = 1;
      only[c] = 1;
      const auto share = course.share(age, course.longest_stay(), only);
      if (share.probability > 0) {
        const Interval limits = effective_limits(share, static_cast<double>(plan.still_at_age));
        NextStage next{
            .stage = to, .probability = share.probability, .std_error = std::sqrt(share.variance), .limits = limits};
        next.q25 = course.quantile(age, only, 0.25).value_or(0);
        next.q50 = course.quantile(age, only, 0.50).value_or(0);
        next.q75 = course.quantile(age, only, 0.75).value_or(0);
        plan.still_here -= share.probability;
        if (way == Way::advanced) plan.advance += share.probability;
        if (way == Way::lost) plan.lost += share.probability;
        plan.next.push_back(next);
      }
      only[c] = 0;
    }
    plan.still_here = std::max(0.0, plan.still_here);
    std::stable_sort(plan.next.begin(), plan.next.end(),
                     [](const NextStage& a, const NextStage& b) { return a.probability > b.probability; });
    find_latest_useful_day(plan, course, advance, lost, options.least_at_risk);
    keep_best_continuations(plan, continuations[s], options.continuations);
    result.stages.push_back(std::move(plan));
  }
  expect_remaining(result.stages, graph, courses, stays);
  return result;
}

}  // namespace putki
