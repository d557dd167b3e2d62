#include "funnel/balance_checks.hpp"

#include <algorithm>
#include <numeric>

namespace putki {
namespace {

constexpr std::uint64_t kLeastAtRisk = 10;
constexpr std::size_t kOldestAge = 1000;  // days with a chance of their own
constexpr int kMostSameDayMoves = 1000;   // loops within a day end here
constexpr double kNothingMoves = 1e-12;

struct MoveChance {
  std::size_t next;
  double chance;
};

/// Chances of moving on by age; the last age stands for all older ones.
struct StageChances {
  std::vector<std::vector<MoveChance>> by_age;
  std::vector<double> leaving;  // their sum
  std::size_t oldest() const { return by_age.size() - 1; }
  std::size_t age(std::size_t days) const { return std::min(days, oldest()); }
};

struct SeenVisit {
  std::size_t age;
  StageId next;  // kNoStage: still there
};

StageChances chances_of(const std::vector<SeenVisit>& visits, std::size_t stages) {
  std::vector<std::uint64_t> at_risk(kOldestAge + 2);  // first how many leave the risk set after each day
  std::size_t longest = 0;
  for (const SeenVisit& visit : visits) {
    const std::size_t days = std::min(visit.age, kOldestAge) + (visit.next == kNoStage ? 0 : 1);  // days at risk
    if (days > 0) ++at_risk[days - 1];
    longest = std::max(longest, days);
  }
  std::partial_sum(at_risk.rbegin(), at_risk.rend(), at_risk.rbegin());
  std::size_t oldest = 0;
  for (std::size_t day = 0; day < longest; ++day)
    if (at_risk[day] >= kLeastAtRisk) oldest = day;
  std::vector<std::vector<double>> moves(oldest + 1, std::vector<double>());
  for (const SeenVisit& visit : visits) {
    if (visit.next == kNoStage) continue;
    auto& at = moves[std::min(visit.age, oldest)];
    at.resize(stages);
    at[index(visit.next)] += 1;
  }
  // Beyond kOldestAge nobody is counted at risk day by day; exposure there is added below.
  double tail_exposure = 0;
  for (const SeenVisit& visit : visits) {
    const std::size_t days = visit.age + (visit.next == kNoStage ? 0 : 1);
    if (days > oldest) tail_exposure += static_cast<double>(days - oldest);
  }
  StageChances chances;
  for (std::size_t age = 0; age <= oldest; ++age) {
    const double exposure = age == oldest ? tail_exposure : static_cast<double>(at_risk[age]);
    chances.by_age.emplace_back();
    double leaving = 0;
    for (std::size_t next = 0; next < moves[age].size(); ++next) {
      if (moves[age][next] == 0) continue;
      chances.by_age.back().push_back({next, moves[age][next] / exposure});
      leaving += moves[age][next] / exposure;
    }
    chances.leaving.push_back(std::min(leaving, 1.0));
  }
  return chances;
}

/// Expected numbers by stage and age, day after day.
class ExpectedPresence {
 public:
  ExpectedPresence(const StageGraph& graph, std::vector<StageChances> chances, std::vector<double> inflow)
      : graph_(graph), chances_(std::move(chances)), inflow_(std::move(inflow)) {
    for (const StageChances& stage : chances_) present_.emplace_back(stage.by_age.size());
  }

  void put(std::size_t stage, std::size_t age) { present_[stage][chances_[stage].age(age)] += 1; }
  double in(std::size_t stage) const { return std::accumulate(present_[stage].begin(), present_[stage].end(), 0.0); }

  void pass_day() {
    std::vector<double> arriving = inflow_;
    for (std::size_t s = 0; s < present_.size(); ++s) {
      std::vector<double> tomorrow(present_[s].size());
      for (std::size_t age = 0; age < present_[s].size(); ++age) {
        const double here = present_[s][age];
        if (here == 0) continue;
        for (const MoveChance& move : chances_[s].by_age[age]) arriving[move.next] += here * move.chance;
        tomorrow[chances_[s].age(age + 1)] += here * (1 - chances_[s].leaving[age]);
      }
      present_[s] = std::move(tomorrow);
    }
    for (int round = 0; round <= kMostSameDayMoves; ++round) {
      std::vector<double> on(arriving.size());
      double moving = 0;
      for (std::size_t s = 0; s < present_.size(); ++s) {
        const double came = arriving[s];
        if (came == 0 || graph_.is_terminal(static_cast<StageId>(s))) continue;
        const bool stays = round == kMostSameDayMoves;
        present_[s][chances_[s].age(1)] += came * (stays ? 1 : 1 - chances_[s].leaving[0]);
        if (stays) continue;
        for (const MoveChance& move : chances_[s].by_age[0]) {
          on[move.next] += came * move.chance;
          moving += came * move.chance;
        }
      }
      if (moving < kNothingMoves) break;
      arriving = std::move(on);
    }
  }

 private:
  StageGraph graph_;
  std::vector<StageChances> chances_;
  std::vector<double> inflow_;                // a day, by stage
  std::vector<std::vector<double>> present_;  // [stage][age] at the start of the day
};

}  // namespace

int days_of_usual(const AsOf& view, const BalanceOptions& options) {
  const auto first = view.log().first_time();
  if (!first || *first > view.instant()) return 0;
  const Day known_from = view.log().time_zone().day_of(*first);
  // a day counts when its start is known; the first day starts before the history
  const auto days = view.first_unknown_day() - day_number(known_from);
  return std::clamp(days, 0, options.usual_days);
}

std::vector<StageProjection> project_stages(const AsOf& view, Timestamp since, const BalanceOptions& options) {
  check_balance(view, since, options);
  const StageGraph& graph = view.graph();
  const std::size_t stages = graph.stage_count();
  const DayNumber unknown = view.first_unknown_day();
  const DayNumber begin = day_number(view.at(since).day());
  const int usual_days = days_of_usual(view, options);
  const auto days = view.log().days();

  std::vector<std::vector<SeenVisit>> seen(stages);
  std::vector<double> inflow(stages), stays(stages);
  std::vector<std::vector<std::size_t>> open(stages);
  view.for_each_visit([&](const Visit& visit) {
    if (graph.is_terminal(visit.stage)) return;
    const std::size_t stage = index(visit.stage);
    const DayNumber entered = days[visit.entry];
    const DayNumber left = visit.next == kNoStage ? unknown : days[visit.exit];
    const auto age = static_cast<std::size_t>(std::max(0, left - entered));
    seen[stage].push_back({age, visit.next});
    if (visit.next == kNoStage) open[stage].push_back(age);
    if (visit.number == 0 && entered >= begin) inflow[stage] += 1;
    // starts of days at which it was there: entered + 1 .. left, of unknown - usual_days + 1 .. unknown
    stays[stage] += std::max(0, std::min(left, unknown) - std::max(entered, unknown - usual_days));
  });
  for (double& rate : inflow) rate /= std::max(1, unknown - begin);

  std::vector<StageChances> chances;
  for (const auto& visits : seen) chances.push_back(chances_of(visits, stages));
  ExpectedPresence presence(graph, std::move(chances), inflow);
  for (std::size_t s = 0; s < stages; ++s)
    for (const std::size_t age : open[s]) presence.put(s, age);

  std::vector<StageProjection> result;
  for (std::size_t s = 0; s < stages; ++s) {
    if (graph.is_terminal(static_cast<StageId>(s))) continue;
    result.push_back({.stage = static_cast<StageId>(s),
                      .present = open[s].size(),
                      .expected = {},
                      .usual = usual_days > 0 ? stays[s] / usual_days : 0,
                      .inflow_per_day = inflow[s],
                      .dry_in_week = {},
                      .clogs_in_week = {}});
  }
  for (int week = 1; week <= options.weeks_ahead; ++week) {
    for (int day = 0; day < 7; ++day) presence.pass_day();
    for (StageProjection& stage : result) {
      const double expected = presence.in(index(stage.stage));
      stage.expected.push_back(expected);
      const bool holds_deals = stage.usual >= 1 && graph.kind(stage.stage) == StageKind::open;
      if (!stage.dry_in_week && holds_deals && expected < options.dry_share * stage.usual) stage.dry_in_week = week;
      if (!stage.clogs_in_week && expected > options.clog_share * std::max(1.0, stage.usual))
        stage.clogs_in_week = week;
    }
  }
  return result;
}

}  // namespace putki
