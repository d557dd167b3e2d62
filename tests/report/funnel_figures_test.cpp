#include <putki/core/error.hpp>
#include <putki/events/event_log_builder.hpp>
#include <putki/report/funnel_figures.hpp>

#include "figure_support.hpp"

#include <catch2/catch.hpp>

#include <map>

using namespace putki;
using Catch::Matchers::Contains;
using nlohmann::json;

namespace {

StageGraph three_losses() {
  return StageGraph::linear(std::vector<std::string>{"Lead", "Offer"}, "Won", {"Declined", "Cancelled", "Spam"});
}

// 40 leads, all ended within 4 days: 20 declined, 2 cancelled and 1 spam at once, 17 offered; of these 10 won, 1 back
// to lead and won from there, 6 declined.
AsOf forty_leads(const StageGraph& graph) {
  EventLogBuilder builder(graph);
  const Timestamp begin(*parse_day("2024-01-01"));
  for (int d = 0; d < 40; ++d) {
    const DealId deal = builder.deal("deal " + std::to_string(d));
    const auto at = [&](int day, unsigned stage) {
      builder.add({.deal = deal, .time = begin + Days{day} + std::chrono::hours{1}, .stage = StageId(stage)});
    };
    at(0, 0);
    if (d < 20) {
      at(1, 3);
    } else if (d < 22) {
      at(1, 4);
    } else if (d < 23) {
      at(1, 5);
    } else {
      at(2, 1);
      if (d < 33) at(3, 2);
      if (d == 33) at(3, 0);
      if (d == 33) at(4, 2);
      if (d > 33) at(3, 3);
    }
  }
  return AsOf(builder.build(), begin + Days{40});
}

Figure figure_of(const AsOf& view, const FigureOptions& options = {}) {
  return funnel_figure(summarize_funnel(view, {.days = {7, 30}}), reach_and_transition(view, {.days = 30}), options);
}

}  // namespace

TEST_CASE("the funnel's table has reach and transition as the funnel layer gives them, and losses by end") {
  const AsOf view = forty_leads(three_losses());
  const Figure figure = figure_of(view);
  const ReachAndTransition reach = reach_and_transition(view, {.days = 30});
  REQUIRE(test::every_row_is_whole(figure));
  REQUIRE(figure.table.rows.size() == 3);  // Lead, Offer, Won
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(figure.table.rows[i][1].number == static_cast<double>(reach.stages[i].reached));
    CHECK(figure.table.rows[i][2].number == reach.stages[i].reach.share);
    CHECK(figure.table.rows[i][3].number == reach.stages[i].reach.interval.lower);
    CHECK(figure.table.rows[i][4].number == reach.stages[i].reach.interval.upper);
  }
  CHECK(figure.table.rows[1][6].number == reach.stages[1].advanced->share);
  CHECK(figure.table.columns[9] == "Declined");
  CHECK(figure.table.columns[10] == "Cancelled");
  CHECK(figure.table.columns[11] == "Lost otherwise");
  // By hand: 41 visits to Lead, 18 advanced (17 to the offer, 1 to won).
  CHECK(*figure.table.rows[0][6].number == Approx(18.0 / 41));
  CHECK(*figure.table.rows[0][9].number == Approx(20.0 / 41));
  CHECK(*figure.table.rows[0][10].number == Approx(2.0 / 41));
  CHECK(*figure.table.rows[0][11].number == Approx(1.0 / 41));
  CHECK(*figure.table.rows[1][12].number == Approx(1.0 / 17));  // back
  CHECK_FALSE(figure.table.rows[2][6].number);                  // nobody moves on from Won
}

TEST_CASE("what became of visits fills the bar of each stage") {
  const json bars = test::data_of(test::chart_of(figure_of(forty_leads(three_losses()))), "bars");
  std::map<int, double> end;
  for (const json& bar : bars) {
    CHECK(bar["begin"].get<double>() == Approx(end[bar["row"]]).margin(1e-3));
    end[bar["row"]] = bar["end"];
  }
  REQUIRE(end.size() == 2);
  CHECK(end[0] == Approx(1).margin(1e-3));
  CHECK(end[1] == Approx(1).margin(1e-3));
}

TEST_CASE("the funnel's title names the stage of most losses, and without many says what was won") {
  CHECK(figure_of(forty_leads(three_losses())).title ==
        "79\u00A0% of the losses happen in one stage: Lead");  // 23 of 29
  CHECK(figure_of(forty_leads(three_losses()), {.language = Language::finnish}).title ==
        "79\u00A0% häviöistä tapahtuu yhdessä vaiheessa: Lead");
  EventLogBuilder builder(three_losses());
  const Timestamp begin(*parse_day("2024-01-01"));
  for (int d = 0; d < 10; ++d) {
    const DealId deal = builder.deal(std::to_string(d));
    builder.add({.deal = deal, .time = begin, .stage = StageId{0}});
    builder.add({.deal = deal, .time = begin + Days{1}, .stage = StageId(d < 7 ? 2u : 3u)});
  }
  CHECK(figure_of(AsOf(builder.build(), begin + Days{9})).title == "Of 10 deals, 7 are won and 3 lost so far");
}

TEST_CASE("an empty funnel draws nothing, and a summary read at other ages is refused") {
  const AsOf empty(EventLogBuilder(three_losses()).build(), *parse_day("2024-01-01"));
  const Figure figure = figure_of(empty);
  CHECK(figure.specification.empty());
  CHECK(figure.table.rows.empty());
  CHECK(figure.title == "No deal is known yet");
  const AsOf view = forty_leads(three_losses());
  CHECK_THROWS_WITH(funnel_figure(summarize_funnel(view, {.days = {7}}), reach_and_transition(view, {.days = 30})),
                    Contains("within 30 days"));
}

TEST_CASE("of 200 stages the funnel shows 30 and says so, and names stay data") {
  const auto one_deal = [](const StageGraph& graph) {
    EventLogBuilder builder(graph);
    const DealId deal = builder.deal("only");
    const Timestamp begin(*parse_day("2024-01-01"));
    for (unsigned s = 0; s < 4; ++s)
      builder.add({.deal = deal, .time = begin + Days{static_cast<int>(s)}, .stage = StageId(s)});
    return AsOf(builder.build(), begin + Days{9});
  };
  const Figure many = figure_of(one_deal(test::long_graph(200)));
  CHECK(many.table.rows.size() == 30);
  CHECK_THAT(many.computed, Contains("not shown: 171."));  // with Won there are 201
  const Figure hostile = figure_of(one_deal(test::hostile_graph())), plain = figure_of(one_deal(test::long_graph(4)));
  CHECK(test::skeleton_of(test::chart_of(hostile)) == test::skeleton_of(test::chart_of(plain)));
}
