#include <putki/funnel/stage_reach.hpp>

#include <putki/core/error.hpp>

#include "random_log.hpp"

#include <catch2/catch.hpp>

#include <limits>

using namespace putki;

namespace {

// Without declared moves: Lead, Talk, Offer in order of definition.
StageGraph plain_graph() {
  StageGraph::Builder builder;
  builder.stage("Lead").stage("Talk").stage("Offer").stage("Parked", StageKind::on_hold);
  return builder.stage("Won", StageKind::won).stage("Lost", StageKind::lost).build();
}

}  // namespace

TEST_CASE("Transitions of stages that all visits left are shares of visits, as a naive walk counts them") {
  const StageGraph graph = plain_graph();
  std::mt19937 random(51);
  for (int round = 0; round < 300; ++round) {
    auto histories = test::random_histories(random, graph);
    for (auto& history : histories)  // all end, so that nothing is censored
      history.changes.push_back({test::kFirstInstant + Days{70}, StageId{5}});
    const ReachAndTransition result =
        reach_and_transition(AsOf(test::build_log(graph, histories), test::kFirstInstant + Days{80}), {.days = 7});
    for (std::size_t s = 0; s < 4; ++s) {
      double visits = 0, advanced = 0, lost = 0, elsewhere = 0;
      for (const auto& history : histories)
        for (const auto& visit : test::naive_visits(history, test::kFirstInstant + Days{80})) {
          if (index(visit.stage) != s) continue;
          ++visits;
          if (visit.left - visit.entered > Days{7}) continue;
          const std::size_t to = index(visit.next);
          if (to == 4 || (s < 3 && to < 3 && to > s))
            ++advanced;
          else if (to == 5)
            ++lost;
          else
            ++elsewhere;
        }
      const StageReach& stage = result.stages[s];
      REQUIRE(static_cast<double>(stage.visits) == visits);
      if (visits == 0) continue;
      REQUIRE(stage.advanced->share == Approx(advanced / visits).margin(1e-12));
      REQUIRE(stage.lost->share == Approx(lost / visits).margin(1e-12));
      REQUIRE(stage.elsewhere->share == Approx(elsewhere / visits).margin(1e-12));
    }
  }
}

TEST_CASE("Reach is that of the flows; terminal stages have no transition") {
  const StageGraph graph = plain_graph();
  std::mt19937 random(52);
  const AsOf view(test::build_log(graph, test::random_histories(random, graph)), test::kFirstInstant + Days{40});
  const ReachAndTransition result = reach_and_transition(view);
  const StageFlows flows = stage_flows(view);
  CHECK(result.deals == flows.deals);
  for (const StageReach& stage : result.stages) {
    CHECK(stage.reached == flows.stages[index(stage.stage)].reached);
    CHECK(stage.reach.share == Approx(static_cast<double>(stage.reached) / static_cast<double>(flows.deals)));
    CHECK(stage.advanced.has_value() == !graph.is_terminal(stage.stage));
  }
  CHECK(reach_and_transition(AsOf::end_of(EventLog(graph))).stages[0].reach.interval == Interval{0, 1});
  CHECK_THROWS_AS(reach_and_transition(view, {.days = 0}), InvalidArgument);
  CHECK_THROWS_AS(reach_and_transition(view, {.days = std::numeric_limits<double>::infinity()}), InvalidArgument);
}
