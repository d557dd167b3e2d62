#include <putki/graph/stage_graph.hpp>

#include <catch2/catch.hpp>

#include <algorithm>

using namespace putki;
using Catch::Matchers::Contains;

namespace {

std::vector<std::string> names(const StageGraph& graph, const std::vector<StageId>& stages) {
  std::vector<std::string> result;
  for (const StageId s : stages) result.push_back(graph.stage(s).name);
  return result;
}

std::vector<StructureProblem> problems(const StageGraph& graph) {
  std::vector<StructureProblem> result;
  for (const StructureFinding& finding : graph.check()) {
    CHECK(finding.message.find('\n') == std::string::npos);
    result.push_back(finding.problem);
  }
  return result;
}

using Names = std::vector<std::string>;
using Problems = std::vector<StructureProblem>;

}  // namespace

TEST_CASE("a linear graph allows the next stage, any loss, and a win from the last stage only") {
  const StageGraph g = StageGraph::linear(Names{"Lead", "Offer"}, "Won", {"Declined", "Cancelled"});
  const StageId lead = *g.find("Lead"), offer = *g.find("Offer"), won = *g.find("Won");
  CHECK(g.stage_count() == 5);
  CHECK(names(g, g.next_stages(lead)) == Names{"Offer", "Declined", "Cancelled"});
  CHECK(names(g, g.next_stages(offer)) == Names{"Won", "Declined", "Cancelled"});
  CHECK(g.next_stages(won).empty());
  CHECK_FALSE(g.allows(lead, won));
  CHECK_FALSE(g.allows(offer, lead));
  CHECK_FALSE(g.allows(lead, lead));
  CHECK(names(g, g.entries()) == Names{"Lead"});
  CHECK(names(g, g.gates()) == Names{"Lead", "Offer"});
  CHECK(names(g, g.stages_of(StageKind::lost)) == Names{"Declined", "Cancelled"});
  CHECK(g.ranks() == std::vector<int>{0, 1, 2, 2, 2});
  CHECK(g.loops().empty());
  CHECK(g.check().empty());
  CHECK(g.is_terminal(won));
  CHECK_FALSE(g.find("lead"));
}

TEST_CASE("the B2B template has five open steps in order, a win that begins after-sale care, and no findings") {
  const StageGraph g = StageGraph::b2b_template();
  CHECK(names(g, g.stages_of(StageKind::open)) ==
        Names{"Prospecting", "First contact", "Conversation", "Proposal", "Closing"});
  CHECK(names(g, g.stages_of(StageKind::won)) == Names{"Won"});
  CHECK(names(g, g.stages_of(StageKind::lost)) == Names{"Lost"});
  CHECK(g.allows(*g.find("Prospecting"), *g.find("Proposal")));
  CHECK(g.allows(*g.find("Closing"), *g.find("Conversation")));
  CHECK(g.ranks() == std::vector<int>{0, 1, 2, 3, 4, 5, 5});
  CHECK(names(g, g.entries()) == Names{"Prospecting"});
  CHECK(g.check().empty());
}

TEST_CASE("without declared moves any move out of a non-terminal stage is allowed, and none out of a terminal one") {
  const StageGraph g = StageGraph::Builder()
                           .stage("Won", StageKind::won)
                           .stage("A")
                           .stage("Waiting", StageKind::on_hold)
                           .stage("Lost", StageKind::lost)
                           .build();
  CHECK_FALSE(g.declares_moves());
  CHECK(names(g, g.entries()) == Names{"A"});
  CHECK(names(g, g.next_stages(*g.find("Waiting"))) == Names{"Won", "A", "Lost"});
  CHECK(g.next_stages(*g.find("Lost")).empty());
  CHECK(names(g, g.gates()) == Names{"A"});
  CHECK(g.ranks() == std::vector<int>{2, 0, 1, 2});
  CHECK(g.check().empty());
}

TEST_CASE("each doubtful structure is a finding under its own name") {
  SECTION("unreachable, stuck, terminal with exits, a move to itself") {
    const StageGraph g = StageGraph::Builder()
                             .stage("A")
                             .stage("B")
                             .stage("Stuck", StageKind::on_hold)
                             .stage("Island")
                             .stage("Won", StageKind::won)
                             .stage("Lost", StageKind::lost)
                             .move("A", "B")
                             .move("B", "B")
                             .move("B", "Stuck")
                             .move("B", "Won")
                             .move("Won", "A")
                             .entry("A")
                             .build();
    CHECK(problems(g) == Problems{StructureProblem::move_to_itself, StructureProblem::no_way_to_won,
                                  StructureProblem::unreachable_stage, StructureProblem::no_way_to_won,
                                  StructureProblem::terminal_with_exits, StructureProblem::unreachable_stage});
    CHECK_FALSE(g.allows(*g.find("B"), *g.find("B")));
    CHECK(g.allows(*g.find("Won"), *g.find("A")));
    CHECK(to_string(g.check()[0].problem) == "move_to_itself");
    CHECK_THAT(g.check()[1].message, Contains("on_hold stage \"Stuck\""));
  }
  SECTION("no entry: every open stage has a way in") {
    const StageGraph g = StageGraph::Builder()
                             .stage("A")
                             .stage("B")
                             .stage("Won", StageKind::won)
                             .move("A", "B")
                             .move("B", "A")
                             .move("A", "Won")
                             .build();
    CHECK(g.entries().empty());
    CHECK(g.gates().empty());
    CHECK(problems(g) == Problems{StructureProblem::no_entry});
    CHECK(g.ranks() == std::vector<int>{0, 1, 1});
  }
  SECTION("no won stage is said once") {
    const StageGraph g = StageGraph::Builder().stage("A").stage("B").build();
    CHECK(problems(g) == Problems{StructureProblem::no_won_stage});
    CHECK(g.gates().empty());
  }
  SECTION("terminal stages only") {
    const StageGraph g = StageGraph::Builder().stage("Won", StageKind::won).stage("Lost", StageKind::lost).build();
    CHECK(problems(g) == Problems{StructureProblem::no_entry});
    CHECK(g.ranks() == std::vector<int>{0, 0});
  }
}

TEST_CASE("what cannot be a graph is refused in one line that says what was given") {
  const auto message = [](const StageGraph::Builder& builder) {
    try {
      builder.build();
    } catch (const DefinitionError& error) {
      CHECK(error.code() == ErrorCode::invalid_graph);
      const std::string text = error.what();
      CHECK(text.find('\n') == std::string::npos);
      CHECK(text.size() < 400);
      return text;
    }
    return std::string("accepted");
  };
  using B = StageGraph::Builder;
  CHECK_THAT(message(B()), Contains("no stages"));
  CHECK_THAT(message(B().stage("")), Contains("empty"));
  CHECK_THAT(message(B().stage(" A")), Contains("blank"));
  CHECK_THAT(message(B().stage("A\nB")), Contains("\"A\\x0aB\" has a control character"));
  CHECK_THAT(message(B().stage("A\xe2\x80\xaeZ")), Contains("control character"));
  CHECK_THAT(message(B().stage("M\xfcnchen")), Contains("\"M\\xfcnchen\" is not UTF-8"));
  CHECK_THAT(message(B().stage(std::string(10'000, 'x'))), Contains("10000 bytes"));
  CHECK_THAT(message(B().stage("A").stage("B").stage("A")), Contains("stages 1 and 3 are both named \"A\""));
  CHECK_THAT(message(B().stage("Proposal").move("Proposl", "Proposal")),
             Contains("no stage is named \"Proposl\"; did you mean \"Proposal\"?"));
  CHECK_THAT(message(B().stage("A").entry("Zebra")), Contains("entry: no stage is named \"Zebra\""));
  CHECK_THROWS_AS(B().stage("A", static_cast<StageKind>(9)).build(), InvalidArgument);
  CHECK(message(B().stage("M\xc3\xbcnchen \xe2\x82\xac \xf0\x9f\x98\x80")) == "accepted");
  CHECK(message(B().stage(std::string(1'000, 'x'))) == "accepted");
  CHECK_THROWS_AS(StageGraph::linear(Names{}), DefinitionError);
}

TEST_CASE("a stage id of another graph is refused by every function") {
  const StageGraph g = StageGraph::linear(Names{"A"});
  const StageId a{0};
  for (const StageId foreign : {StageId{3}, kNoStage}) {
    CHECK_THROWS_AS(g.stage(foreign), InvalidArgument);
    CHECK_THROWS_AS(g.allows(a, foreign), InvalidArgument);
    CHECK_THROWS_AS(g.allows(foreign, a), InvalidArgument);
    CHECK_THROWS_AS(g.next_stages(foreign), InvalidArgument);
    CHECK_THROWS_AS(g.reachable(a, foreign), InvalidArgument);
    CHECK_THROWS_AS(g.reachable(foreign, a), InvalidArgument);
  }
}

TEST_CASE("graphs are equal when stages, moves and entries are, however they were declared") {
  const auto ab = [] { return StageGraph::Builder().stage("A").stage("Won", StageKind::won); };
  CHECK(ab().build() == ab().entry("A").entry("A").build());
  CHECK(ab().move("A", "Won").build() == ab().move("A", "Won").move("A", "Won").build());
  CHECK_FALSE(ab().build() == ab().move("A", "Won").build());
  CHECK_FALSE(ab().build() == ab().stage("B").build());
  CHECK_FALSE(ab().build() == StageGraph::Builder().stage("A").stage("Won", StageKind::lost).build());
}

TEST_CASE("200 stages with every move declared, and the largest graph there can be, are built and answered") {
  StageGraph::Builder dense;
  for (int i = 0; i < 200; ++i) dense.stage("S" + std::to_string(i), i == 199 ? StageKind::won : StageKind::open);
  for (int i = 0; i < 199; ++i)
    for (int j = 0; j < 200; ++j) dense.move("S" + std::to_string(i), "S" + std::to_string(j));
  const StageGraph d = dense.entry("S0").build();
  CHECK(d.loops().size() == 1);
  CHECK(d.ranks().back() == 199);
  CHECK(d.reachable(StageId{150}, StageId{0}));

  StageGraph::Builder chain;
  constexpr int kMost = 65'534;
  for (int i = 0; i < kMost; ++i) chain.stage(std::to_string(i), i + 1 == kMost ? StageKind::won : StageKind::open);
  const StageGraph any = chain.build();
  CHECK(any.loops().front().size() == kMost - 1);
  CHECK(any.gates() == std::vector<StageId>{StageId{0}});
  for (int i = 0; i + 1 < kMost; ++i) chain.move(std::to_string(i), std::to_string(i + 1));
  chain.move(std::to_string(kMost - 2), "1").entry("0");
  const StageGraph g = chain.build();
  CHECK(g.gates().size() == kMost - 1);
  CHECK(g.ranks().back() == kMost - 1);
  CHECK(g.loops().front().size() == kMost - 2);
  CHECK_FALSE(g.reachable(StageId{5}, StageId{0}));
  CHECK(g.reachable(StageId{5}, StageId{4}));
  chain.stage("one more");
  CHECK_THROWS_WITH(chain.build(), "65535 stages were given; at most 65,534 are allowed");
}
