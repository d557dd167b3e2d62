#include <putki/funnel/this_week.hpp>

#include <putki/core/error.hpp>

#include "random_log.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace putki;
using std::chrono::hours;

namespace {

template <class Task>
const Task* task_of(const ThisWeek& week) {
  for (const WeekTask& task : week.tasks)
    if (const Task* found = std::get_if<Task>(&task)) return found;
  return nullptr;
}

StageGraph two_stages() {
  StageGraph::Builder builder;
  builder.stage("Lead").stage("Talk").stage("Won", StageKind::won).stage("Lost", StageKind::lost);
  return builder.build();
}

// Of every ten deals: nine leave Lead after 1 day, four of these are lost and five go on to Talk; three of the five
// are won after 2 days, bringing 100, two lost. The tenth stays in Lead.
EventLog worked_by_hand(int tens, int tens_open = 1) {
  EventLogBuilder builder(two_stages());
  const StageId lead{0}, talk{1}, won{2}, lost{3};
  for (int i = 0; i < 10 * tens; ++i) {
    const DealId deal = builder.deal(std::to_string(i));
    const Timestamp t = test::kFirstInstant + hours{8 + 24 * (i / 10)};
    builder.add({.deal = deal, .time = t, .stage = lead, .amount = Money::from_units(100)});
    const int kind = i % 10;
    if (kind < 4) builder.add({.deal = deal, .time = t + hours{24}, .stage = lost});
    if (kind >= 4 && kind < 9) {
      builder.add({.deal = deal, .time = t + hours{24}, .stage = talk});
      builder.add({.deal = deal, .time = t + hours{72}, .stage = kind < 7 ? won : lost});
    }
    if (kind == 9 && i < 10 * (tens - tens_open)) builder.add({.deal = deal, .time = t + hours{24}, .stage = lost});
  }
  return builder.build();
}

}  // namespace

TEST_CASE("what an advance is worth, worked by hand") {
  // 20 tens over 20 days; all tenth deals but the last are lost after a day, so half of the visits to Lead advance.
  const AsOf view(worked_by_hand(20, 0), test::kFirstInstant + hours{24 * 30});
  const std::vector<StageWorth> worths = stage_worths(view, 30);
  REQUIRE(worths.size() == 2);
  const double months = (30 - 8.0 / 24) / (365.25 / 12);  // since the first event
  CHECK(worths[0].advance == Approx(0.5));
  CHECK(worths[0].lost == Approx(0.5));
  CHECK(worths[0].visits_per_month == Approx(200 / months));
  CHECK(*worths[0].worth == Approx(0.6 * 100));  // three of the five that go on are won
  CHECK(*worths[0].point_per_month() == Approx(200 / months * 0.6));
  CHECK(worths[1].advance == Approx(0.6));
  CHECK(worths[1].lost == Approx(0.4));
  CHECK(*worths[1].worth == Approx(100));
  CHECK_THROWS_AS(stage_worths(view, 0), InvalidArgument);

  const ThisWeek week = this_week(view, test::kFirstInstant);
  CHECK(week.open_deals == 0);
  const StopLeak* leak = task_of<StopLeak>(week);
  REQUIRE(leak != nullptr);
  CHECK(leak->stage.stage == StageId{0});  // 0.5 x 0.6 of 200 against 0.4 of 100
  CHECK(leak->cost_per_month == Approx(200 / (view.log().first_time() ? months : 1) * 0.5 * 60));
}

TEST_CASE("every task says what its own function says") {
  std::mt19937 random(71);
  const StageGraph graph = StageGraph::b2b_template();
  std::set<std::size_t> kinds;
  for (int round = 0; round < 120; ++round) {
    const auto histories = test::random_histories(
        random, graph, {.deals = 20 + 15 * (round % 8), .most_changes = 6, .last_day = 120, .amounts = true});
    const AsOf view(test::build_log(graph, histories, ReopenPolicy::ignore), test::kFirstInstant + hours{24 * 100});
    const Timestamp since = test::kFirstInstant + hours{24 * 72};
    const ThisWeek week = this_week(view, since, {.deals_named = 3});
    const Readiness ready = readiness(view);
    REQUIRE(week.tasks.size() <= 3);
    REQUIRE(week.open_deals == ready.deals.size());
    std::size_t previous = 0;
    for (const WeekTask& task : week.tasks) {
      REQUIRE((&task == &week.tasks.front() || task.index() > previous));  // in the order of the header
      kinds.insert(previous = task.index());
    }

    std::set<std::string> past, fresh;
    Money value;
    std::uint64_t unknown = 0;
    double most_at_stake = 0;
    for (const ReadyDeal& deal : ready.deals) {
      if (deal.overdue || deal.stalled || deal.silent) {
        past.insert(deal.deal);
        if (deal.amount == kNoAmount)
          ++unknown;
        else
          value += deal.amount;
      } else if (deal.at_stake.value_or(0) > 0) {
        fresh.insert(deal.deal);
        most_at_stake = std::max(most_at_stake, *deal.at_stake);
      }
    }
    const DecideDeals* decide = task_of<DecideDeals>(week);
    if (!fresh.empty()) REQUIRE(decide != nullptr);
    if (decide != nullptr && !fresh.empty()) {
      REQUIRE(decide->deals.size() == std::min<std::size_t>(3, fresh.size()));
      REQUIRE(*decide->deals.front().at_stake == most_at_stake);
      double sum = 0;
      for (const ReadyDeal& deal : decide->deals) {
        REQUIRE(fresh.count(deal.deal) == 1);
        sum += *deal.at_stake;
      }
      REQUIRE(decide->at_stake == Approx(sum));
    }
    if (const CleanUpDeals* clean = task_of<CleanUpDeals>(week)) {
      REQUIRE(clean->deals == past.size());
      REQUIRE(clean->value == value);
      REQUIRE(clean->without_amount == unknown);
      REQUIRE(clean->named.size() == std::min<std::size_t>(3, past.size()));
      for (std::size_t i = 0; i < clean->named.size(); ++i) {
        REQUIRE(past.count(clean->named[i].deal) == 1);
        REQUIRE((i == 0 || clean->named[i].amount <= clean->named[i - 1].amount));
      }
    }
    if (const FillStage* fill = task_of<FillStage>(week)) {
      const auto all = project_stages(view, since, {.weeks_ahead = 4});
      for (const StageProjection& stage : all)
        if (stage.dry_in_week) REQUIRE(*stage.dry_in_week >= *fill->projection.dry_in_week);
      REQUIRE(fill->dry_by == to_day(view.first_unknown_day()) + Days{7 * *fill->projection.dry_in_week});
    }
    if (const CloseGap* gap = task_of<CloseGap>(week)) {
      REQUIRE(gap->weakness.discovery);
      REQUIRE(*gap->weakness.money_per_month < 0);
    }
    if (const StopLeak* leak = task_of<StopLeak>(week))
      for (const StageWorth& stage : stage_worths(view))
        REQUIRE(leak->cost_per_month >= stage.visits_per_month * stage.lost * stage.worth.value_or(0) * (1 - 1e-12));
  }
  CHECK(kinds.count(0) + kinds.count(1) + kinds.count(3) + kinds.count(4) == 4);
}

TEST_CASE("a pipeline without deals has nothing to do") {
  const AsOf view(EventLog(two_stages()), test::kFirstInstant);
  const ThisWeek week = this_week(view, test::kFirstInstant - hours{24});
  CHECK(week.tasks.empty());
  CHECK(week.open_deals == 0);
  CHECK_THROWS_AS(this_week(view, test::kFirstInstant - hours{24}, {.deals_named = 0}), InvalidArgument);
  CHECK_THROWS_AS(this_week(view, test::kFirstInstant - hours{24}, {.weeks_ahead = 0}), InvalidArgument);
  CHECK_THROWS_AS(this_week(view, test::kFirstInstant - hours{24}, {.within_days = 0}), InvalidArgument);
}
