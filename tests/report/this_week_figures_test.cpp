#include <putki/core/error.hpp>
#include <putki/report/this_week_figures.hpp>

#include "figure_support.hpp"

#include <catch2/catch.hpp>

using namespace putki;
using nlohmann::json;

namespace {

ThisWeek week_of(const StageGraph& graph, std::vector<WeekTask> tasks) {
  return {.as_of = *parse_day("2024-02-01"),
          .within_days = 7,
          .graph = graph,
          .open_deals = 9,
          .without_amount = 0,
          .open_value = Money::from_units(9000),
          .tasks = std::move(tasks)};
}

ReadyDeal deal_of(std::string name, double amount) {
  ReadyDeal deal;
  deal.deal = std::move(name);
  deal.stage = StageId{1};
  deal.age_days = 12;
  if (amount > 0) deal.amount = Money::from_units(amount);
  deal.advance.probability = 0.4;
  deal.lost.probability = 0.1;
  return deal;
}

StageWorth worth_of_stage(unsigned stage, double visits, double lost, std::optional<double> worth) {
  return {.stage = StageId(stage), .visits_per_month = visits, .advance = 1 - lost, .lost = lost, .worth = worth};
}

}  // namespace

TEST_CASE("this week's tasks are rows, with the deals that they name") {
  FillStage fill;
  fill.projection = {.stage = StageId{1},
                     .present = 4,
                     .expected = {3, 1},
                     .usual = 6,
                     .inflow_per_day = 0,
                     .dry_in_week = 2,
                     .clogs_in_week = {}};
  fill.dry_by = *parse_day("2024-02-15");
  CleanUpDeals clean;
  clean.deals = 2;
  clean.value = Money::from_units(700);
  clean.without_amount = 1;
  clean.named = {deal_of("big", 700), deal_of("<b>", 0)};
  const ThisWeek week = week_of(test::long_graph(2), {fill, clean});
  const Figure figure = this_week_figure(week);
  REQUIRE(test::every_row_is_whole(figure));
  CHECK(figure.specification.empty());
  CHECK(figure.title == "2 things to do this week, first: Fill S1");
  REQUIRE(figure.table.rows.size() == 4);
  CHECK(figure.table.rows[0][1].text == "4 deals now, 1.0 expected by 15 Feb 2024, 6.0 on most days");
  CHECK_FALSE(figure.table.rows[0][4].number);
  CHECK(figure.table.rows[1][4].number == 700.0);
  CHECK(figure.table.rows[2][1].text == "big");
  CHECK(figure.table.rows[2][3].number == 12.0);
  CHECK(figure.table.rows[2][5].number == 0.4);
  CHECK(figure.table.rows[3][1].text == "<b>");
  CHECK_FALSE(figure.table.rows[3][4].number);
  CHECK(this_week_figure(week, {.language = Language::finnish}).title == "2 tehtävää tälle viikolle, ensin: Täytä S1");
}

TEST_CASE("decisions, gaps and leaks carry the money behind them, and no tasks are said to be none") {
  DecideDeals decide{.deals = {deal_of("a", 500)}, .decisions = 0.5, .at_stake = 250, .at_risk = 50};
  CloseGap gap;
  gap.weakness.attribute = "Owner";
  gap.weakness.value = "Bo";
  gap.weakness.stage = kNoStage;
  gap.weakness.by_days = 60;
  gap.weakness.here = 0.1;
  gap.weakness.others = 0.2;
  gap.weakness.money_per_month = -1234;
  StopLeak leak{.stage = worth_of_stage(0, 40, 0.5, 100), .lost_per_month = 20, .cost_per_month = 2000};
  const Figure figure = this_week_figure(week_of(test::long_graph(2), {decide, gap, leak}));
  REQUIRE(figure.table.rows.size() == 4);
  CHECK(figure.table.rows[0][4].number == 250.0);
  CHECK(figure.table.rows[2][0].text == "Help Owner: Bo");
  CHECK(figure.table.rows[2][1].text == "10\u00A0% are won, of the others 20\u00A0%, within 60 d");
  CHECK(figure.table.rows[2][4].number == 1234.0);
  CHECK(figure.table.rows[3][0].text == "Stop the leak at S0");
  CHECK(figure.table.rows[3][4].number == 2000.0);
  CHECK(this_week_figure(week_of(test::long_graph(2), {decide})).title == "To do this week: Decide these deals");
  const Figure none = this_week_figure(week_of(test::long_graph(2), {}));
  CHECK(none.title == "Nothing calls for action yet");
  CHECK(none.table.rows.empty());
}

TEST_CASE("leaks are visits x share lost x worth, the costliest first") {
  const std::vector<StageWorth> stages{worth_of_stage(0, 40, 0.5, 100), worth_of_stage(1, 10, 0.3, 5000)};
  const Figure figure =
      leaks_figure(test::long_graph(2), stages, {.language = Language::english, .locale = {}, .currency = "€"});
  REQUIRE(test::every_row_is_whole(figure));
  CHECK(figure.title == "Losses at S1 cost most: €15,000 a month");
  REQUIRE(figure.table.rows.size() == 2);
  CHECK(figure.table.rows[0][0].text == "S1");
  CHECK(figure.table.rows[0][5].number == 10 * 0.3 * 5000);
  CHECK(figure.table.rows[1][5].number == 40 * 0.5 * 100);
  CHECK(figure.table.rows[1][6].number == stages[0].point_per_month());
  const json bars = test::data_of(test::chart_of(figure), "bars");
  CHECK(bars[0]["size"] == 15000.0);
  CHECK(bars[1]["label"] == "€2,000");
}

TEST_CASE("without amounts leaks are deals, without losses nothing; of 200 stages 15 are shown; names stay data") {
  const StageGraph graph = test::long_graph(2);
  const std::vector<StageWorth> no_money{worth_of_stage(0, 40, 0.5, {}), worth_of_stage(1, 10, 0.3, {})};
  CHECK(leaks_figure(graph, no_money).title == "Most deals are lost at S0: 20.0 a month");
  CHECK(leaks_figure(graph, no_money, {.language = Language::finnish}).title ==
        "Eniten kauppoja hävitään vaiheessa S0: 20,0 kuukaudessa");
  const std::vector<StageWorth> no_losses{worth_of_stage(0, 40, 0, 100)};
  CHECK(leaks_figure(graph, no_losses).title == "No losses have been seen yet");
  CHECK(leaks_figure(graph, no_losses).specification.empty());
  CHECK(leaks_figure(graph, {}).specification.empty());
  std::vector<StageWorth> many;
  for (unsigned s = 0; s < 200; ++s) many.push_back(worth_of_stage(s, s, 0.5, 10));
  CHECK(leaks_figure(test::long_graph(200), many).table.rows.size() == 15);
  CHECK(test::skeleton_of(test::chart_of(leaks_figure(test::hostile_graph(), no_money))) ==
        test::skeleton_of(test::chart_of(leaks_figure(graph, no_money))));
  CHECK_THROWS_AS(leaks_figure(graph, many), InvalidArgument);
}
