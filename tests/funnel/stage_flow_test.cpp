#include <putki/funnel/stage_flow.hpp>

#include <putki/core/error.hpp>

#include "random_log.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <set>

using namespace putki;
using std::chrono::hours;

namespace {

// Demo and Trial are two ways from Lead to Talk; Talk may fall back to Lead.
StageGraph branching_graph() {
  StageGraph::Builder builder;
  builder.stage("Lead").stage("Parked", StageKind::on_hold).stage("Demo").stage("Trial").stage("Talk");
  builder.stage("Won", StageKind::won).stage("Lost", StageKind::lost).stage("Declined", StageKind::lost);
  builder.move("Lead", "Demo").move("Lead", "Trial").move("Demo", "Talk").move("Trial", "Talk").move("Talk", "Won");
  builder.move("Talk", "Lead").move("Lead", "Parked").move("Parked", "Lead");
  for (const char* stage : {"Lead", "Demo", "Trial", "Talk"}) builder.move(stage, "Lost").move(stage, "Declined");
  return builder.entry("Lead").build();
}

// The same as a table written by hand.
const std::map<std::string, int> kPlace{{"Lead", 0}, {"Demo", 1}, {"Trial", 1}, {"Talk", 2}};
const std::map<std::string, std::set<std::string>> kReachedBy{{"Lead", {"Lead"}},
                                                              {"Parked", {"Parked"}},
                                                              {"Demo", {"Lead", "Demo"}},
                                                              {"Trial", {"Lead", "Trial"}},
                                                              {"Talk", {"Lead", "Demo", "Trial", "Talk"}},
                                                              {"Won", {"Lead", "Demo", "Trial", "Talk", "Won"}},
                                                              {"Lost", {"Lost"}},
                                                              {"Declined", {"Declined"}}};

struct NaiveFlow {
  std::uint64_t entered = 0, advanced = 0, won = 0, lost = 0, back = 0, sideways = 0, still_there = 0;
  std::set<std::string> reached;  // deals
};

std::map<std::string, NaiveFlow> naive_flows(const StageGraph& graph, const std::vector<test::DealHistory>& histories,
                                             Timestamp instant) {
  std::map<std::string, NaiveFlow> flows;
  for (const auto& history : histories)
    for (const auto& visit : test::naive_visits(history, instant)) {
      const std::string from = graph.stage(visit.stage).name;
      NaiveFlow& flow = flows[from];
      ++flow.entered;
      for (const auto& stage : kReachedBy.at(from)) flows[stage].reached.insert(history.name);
      if (visit.next == kNoStage) {
        ++flow.still_there;
        continue;
      }
      const std::string to = graph.stage(visit.next).name;
      if (to == "Won") {
        ++flow.advanced;
        ++flow.won;
      } else if (to == "Lost" || to == "Declined") {
        ++flow.lost;
      } else if (from == "Won" || from == "Lost" || from == "Declined") {
        ++flow.back;
      } else if (from == "Parked" || to == "Parked" || kPlace.at(from) == kPlace.at(to)) {
        ++flow.sideways;
      } else if (kPlace.at(to) > kPlace.at(from)) {
        ++flow.advanced;
      } else {
        ++flow.back;
      }
    }
  return flows;
}

test::DealHistory history(std::string name, std::vector<std::pair<int, std::size_t>> changes) {
  test::DealHistory result{.name = std::move(name), .region = "", .changes = {}};
  for (const auto& [day, stage] : changes)
    result.changes.push_back({test::kFirstInstant + hours{24 * day}, static_cast<StageId>(stage)});
  return result;
}

}  // namespace

TEST_CASE("Entered is advanced + lost + back + sideways + still there, at every stage and instant") {
  std::mt19937 random(31);
  for (const StageGraph& graph : {branching_graph(), StageGraph::b2b_template()})
    for (int round = 0; round < 60; ++round) {
      const auto policy = round % 2 == 0 ? ReopenPolicy::keep : ReopenPolicy::ignore;
      const EventLog log = test::build_log(graph, test::random_histories(random, graph, {.most_changes = 12}), policy);
      const StageFlows flows = stage_flows(AsOf(log, test::kFirstInstant + hours{6 * (random() % 260)}));
      for (const StageFlow& flow : flows.stages) {
        REQUIRE(flow.entered == flow.advanced + flow.lost + flow.back + flow.sideways + flow.still_there);
        REQUIRE(flow.won <= flow.advanced);
        REQUIRE(flow.reached <= flows.deals);
        if (policy == ReopenPolicy::ignore && graph.is_terminal(flow.stage)) REQUIRE(flow.entered == flow.still_there);
      }
    }
}

TEST_CASE("Flows and reach equal those of a naive walk, with loops, skips, ties and reopened deals") {
  const StageGraph graph = branching_graph();
  std::mt19937 random(32);
  for (int round = 0; round < 80; ++round) {
    const auto histories = test::random_histories(random, graph, {.most_changes = 10});
    const Timestamp instant = test::kFirstInstant + hours{6 * (random() % 260)};
    const StageFlows flows = stage_flows(AsOf(test::build_log(graph, histories), instant));
    auto expected = naive_flows(graph, histories, instant);
    for (const StageFlow& flow : flows.stages) {
      const NaiveFlow& naive = expected[graph.stage(flow.stage).name];
      REQUIRE(flow.entered == naive.entered);
      REQUIRE(flow.advanced == naive.advanced);
      REQUIRE(flow.won == naive.won);
      REQUIRE(flow.lost == naive.lost);
      REQUIRE(flow.back == naive.back);
      REQUIRE(flow.sideways == naive.sideways);
      REQUIRE(flow.still_there == naive.still_there);
      REQUIRE(flow.reached == naive.reached.size());
    }
  }
}

TEST_CASE("A deal that skips a stage has reached it, one lost before it has not") {
  // without declared moves: Lead, Talk, Offer in order of definition
  const StageGraph graph = StageGraph::Builder()
                               .stage("Lead")
                               .stage("Talk")
                               .stage("Offer")
                               .stage("Won", StageKind::won)
                               .stage("Declined", StageKind::lost)
                               .build();
  const std::vector<test::DealHistory> histories{
      history("skips Talk", {{0, 0}, {1, 2}}), history("declined at once", {{0, 0}, {2, 4}}),
      history("won from Lead", {{0, 0}, {3, 3}}), history("back and forth", {{0, 1}, {1, 0}, {2, 1}, {5, 4}})};
  const StageFlows flows = stage_flows(AsOf::end_of(test::build_log(graph, histories)));
  CHECK(flows.deals == 4);
  const auto reached = [&](std::size_t stage) { return flows.stages[stage].reached; };
  CHECK(reached(0) == 4);
  CHECK(reached(1) == 3);  // all but the one declined from Lead
  CHECK(reached(2) == 2);
  CHECK(reached(3) == 1);
  CHECK(reached(4) == 2);
  // Lead was visited once by each deal: on to Offer, Declined, Won, Talk
  CHECK(flows.stages[0] ==
        StageFlow{.stage = StageId{0}, .entered = 4, .advanced = 3, .won = 1, .lost = 1, .reached = 4});
  CHECK(flows.stages[1] == StageFlow{.stage = StageId{1}, .entered = 2, .lost = 1, .back = 1, .reached = 3});
  CHECK(flows.stages[2] == StageFlow{.stage = StageId{2}, .entered = 1, .still_there = 1, .reached = 2});
}

TEST_CASE("Stage times treat those still there as censored") {
  const StageGraph graph = StageGraph::b2b_template();
  // Six deals in the first stage: leave after 2, 2, 4 and 10 days, two still there after 5 and 12.
  const std::vector<test::DealHistory> histories{history("a", {{0, 0}, {2, 1}}), history("b", {{1, 0}, {3, 6}}),
                                                 history("c", {{0, 0}, {4, 1}}), history("d", {{2, 0}, {12, 1}}),
                                                 history("e", {{7, 0}}),         history("f", {{0, 0}})};
  const StageTimes times =
      stage_times(AsOf(test::build_log(graph, histories), test::kFirstInstant + hours{24 * 12}), StageId{0});
  // at risk 6 at day 2, 4 at day 4, 2 at day 10
  CHECK(times.stay.survival(2) == Approx(4.0 / 6));
  CHECK(times.stay.survival(4) == Approx(4.0 / 6 * 3 / 4));
  CHECK(times.stay.survival(10) == Approx(4.0 / 6 * 3 / 4 / 2));
  CHECK(times.median_days == 7.0);  // one half from day 4 to day 10
  CHECK(times.p90_days == std::nullopt);
  CHECK(times.transitions.probability(2, 12) == Approx(1.0 / 6 + 4.0 / 6 / 4 + 4.0 / 6 * 3 / 4 / 2));
  CHECK(times.transitions.probability(7, 12) == Approx(1.0 / 6));
  CHECK_THROWS_AS(stage_times(AsOf::end_of(EventLog(graph)), StageId{40}), InvalidArgument);
}

TEST_CASE("Without deals all flows are zero and no time is known") {
  const StageGraph graph = StageGraph::b2b_template();
  const AsOf view = AsOf::end_of(EventLog(graph));
  const StageFlows flows = stage_flows(view);
  CHECK(flows.deals == 0);
  REQUIRE(flows.stages.size() == graph.stage_count());
  for (std::size_t s = 0; s < flows.stages.size(); ++s)
    CHECK(flows.stages[s] == StageFlow{.stage = static_cast<StageId>(s)});
  CHECK(stage_times(view, StageId{0}).median_days == std::nullopt);
  CHECK(stage_times(view, StageId{0}).transitions.probability(0, 3) == 1.0);
}
