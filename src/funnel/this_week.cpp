#include <putki/funnel/this_week.hpp>

#include <putki/core/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace putki {
namespace {

constexpr std::size_t kMostTasks = 3;

bool past_its_time(const ReadyDeal& deal) {
  return deal.overdue || deal.stalled || deal.silent;
}

class WeekCandidates {
 public:
  WeekCandidates(const AsOf& view, const ThisWeekOptions& options) : view_(view), options_(options) {}

  std::optional<WeekTask> decide(const Readiness& ready) const {
    DecideDeals task;
    const bool worthless = std::none_of(ready.deals.begin(), ready.deals.end(),
                                        [](const ReadyDeal& deal) { return deal.at_stake.value_or(0) > 0; });
    for (const ReadyDeal& deal : ready.deals) {  // ranked by what is at stake, without amounts by chance
      if (task.deals.size() == options_.deals_named) break;
      const double decision = deal.advance.probability + deal.lost.probability;
      const double counts_by = worthless ? decision : deal.at_stake.value_or(0);
      if (is_open(deal.stage) && !past_its_time(deal) && counts_by > 0) task.deals.push_back(deal);
    }
    for (const ReadyDeal& deal : task.deals) {
      task.decisions += deal.advance.probability + deal.lost.probability;
      task.at_stake += deal.at_stake.value_or(0);
      task.at_risk += deal.at_risk.value_or(0);
    }
    if (task.deals.empty()) return std::nullopt;
    return task;
  }

  std::optional<WeekTask> fill(Timestamp since) const {
    std::optional<StageProjection> driest;
    for (StageProjection& stage : project_stages(view_, since, {.weeks_ahead = options_.weeks_ahead})) {
      if (!is_open(stage.stage) || !stage.dry_in_week) continue;
      if (!driest || *stage.dry_in_week < *driest->dry_in_week) driest = std::move(stage);
    }
    if (!driest) return std::nullopt;
    const Day dry_by = to_day(view_.first_unknown_day()) + Days{7 * *driest->dry_in_week};
    return FillStage{std::move(*driest), dry_by};
  }

  std::optional<WeekTask> gap() const {
    const Strengths found = strengths(view_);
    const auto costs = [](const Strength& one) { return one.discovery && one.money_per_month.value_or(0) < 0; };
    const auto worst = std::find_if(found.comparisons.begin(), found.comparisons.end(), costs);  // ranked by money
    if (worst == found.comparisons.end()) return std::nullopt;
    return CloseGap{*worst};
  }

  std::optional<WeekTask> clean_up(const Readiness& ready) const {
    CleanUpDeals task;
    for (const ReadyDeal& deal : ready.deals) {
      if (!is_open(deal.stage) || !past_its_time(deal)) continue;
      ++task.deals;
      if (deal.amount == kNoAmount) {
        ++task.without_amount;
      } else {
        task.value += deal.amount;
        task.expected_value += deal.expected_value.value_or(0);
      }
      task.named.push_back(deal);
    }
    // kNoAmount is the smallest of all amounts.
    std::stable_sort(task.named.begin(), task.named.end(),
                     [](const ReadyDeal& a, const ReadyDeal& b) { return a.amount > b.amount; });
    if (task.named.size() > options_.deals_named) task.named.resize(options_.deals_named);
    if (task.deals == 0) return std::nullopt;
    return task;
  }

  std::optional<WeekTask> leak() const {
    std::optional<StopLeak> worst;
    for (const StageWorth& stage : stage_worths(view_)) {
      const double lost = stage.visits_per_month * stage.lost, cost = stage.worth.value_or(0) * lost;
      if (!is_open(stage.stage) || lost <= 0) continue;
      if (!worst || std::pair(cost, lost) > std::pair(worst->cost_per_month, worst->lost_per_month))
        worst = StopLeak{stage, lost, cost};
    }
    if (!worst) return std::nullopt;
    return *worst;
  }

 private:
  bool is_open(StageId stage) const { return view_.graph().kind(stage) == StageKind::open; }

  const AsOf& view_;
  const ThisWeekOptions& options_;
};

}  // namespace

ThisWeek this_week(const AsOf& view, Timestamp since, const ThisWeekOptions& options) {
  if (options.deals_named < 1 || options.deals_named > 1'000)
    throw InvalidArgument(fmt::format("{} deals named with a task; allowed are 1 to 1,000", options.deals_named));
  if (options.weeks_ahead < 1 || options.weeks_ahead > 104)
    throw InvalidArgument(fmt::format("{} weeks ahead; allowed are 1 to 104", options.weeks_ahead));
  const Readiness ready = readiness(view, {.within_days = options.within_days});
  ThisWeek week{
      .as_of = view.day(), .within_days = options.within_days, .graph = view.graph(), .open_value = {}, .tasks = {}};
  for (const ReadyDeal& deal : ready.deals) {
    ++week.open_deals;
    if (deal.amount == kNoAmount)
      ++week.without_amount;
    else
      week.open_value += deal.amount;
  }

  const WeekCandidates candidates(view, options);
  const auto keep = [&](std::optional<WeekTask> task) {
    if (task) week.tasks.push_back(std::move(*task));
    return week.tasks.size() == kMostTasks;
  };
  if (keep(candidates.decide(ready)) || keep(candidates.fill(since)) || keep(candidates.gap()) ||
      keep(candidates.clean_up(ready)))
    return week;
  keep(candidates.leak());
  return week;
}

}  // namespace putki
