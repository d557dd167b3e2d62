#include <putki/core/error.hpp>
#include <putki/report/stage_card_figures.hpp>

#include "figure_support.hpp"

#include <catch2/catch.hpp>

using namespace putki;
using Catch::Matchers::Contains;
using nlohmann::json;

namespace {

StageCard card_of(unsigned stage, std::uint64_t now, double expected, std::optional<double> z) {
  StageCard card;
  card.presence.stage = StageId(stage);
  card.presence.still_there = {.deals = now, .value = Money::from_units(1000. * static_cast<double>(now))};
  card.mean_stay = MetricEstimate{.value = 5, .std_error = 0.5, .interval = Interval{4, 6}};
  card.stay_complete = true;
  card.expected = MetricEstimate{.value = expected, .std_error = 1, .interval = Interval{expected - 2, expected + 2}};
  card.z_score = z;
  card.median_stay = MetricEstimate{.value = 4, .std_error = {}, .interval = Interval{3, 5}};
  card.transitions = {
      {.to = StageId(stage + 1),
       .share = MetricEstimate{.value = 0.3, .std_error = {}, .interval = Interval{0.2, 0.4}}},
      {.to = StageId{3}, .share = MetricEstimate{.value = 0.6, .std_error = {}, .interval = Interval{0.5, 0.7}}}};
  return card;
}

StageCards cards_of(const StageGraph& graph, std::vector<StageCard> cards) {
  return {.as_of = *parse_day("2024-02-01"),
          .since = *parse_day("2024-01-04"),
          .window_days = 28,
          .age_days = 30,
          .graph = graph,
          .cards = std::move(cards)};
}

StageStocks four_weeks(std::size_t stages) {
  StageStocks stocks;
  stocks.known_before = *parse_day("2024-01-29");
  stocks.stages.resize(stages);
  for (unsigned w = 0; w < 4; ++w) {
    const Day monday = *parse_day("2024-01-01") + Days{7 * static_cast<int>(w)};
    stocks.periods.push_back({monday, monday + Days{7}});
    for (StageStock& stage : stocks.stages) stage.at_end.push_back(5 * (w + 1));
  }
  return stocks;
}

}  // namespace

TEST_CASE("cards show the numbers of the stage cards, what is overdue, and where most go") {
  const StageGraph graph = test::long_graph(2);
  Readiness ready{.graph = graph, .stages = {}, .deals = {}};
  for (const auto& [stage, overdue] : {std::pair(0u, true), {0u, false}, {1u, true}}) {
    ready.deals.emplace_back();
    ready.deals.back().stage = StageId(stage);
    ready.deals.back().overdue = overdue;
  }
  const StageCards cards = cards_of(graph, {card_of(0, 20, 10, 3.2), card_of(1, 8, 8, 0.0)});
  const Figure figure = stage_cards_figure(cards, four_weeks(4), &ready);
  REQUIRE(test::every_row_is_whole(figure));
  REQUIRE(figure.table.rows.size() == 2);
  const auto& row = figure.table.rows[0];
  CHECK(row[1].number == 20.0);
  CHECK(row[2].number == 20'000.0);
  CHECK(row[3].number == 1.0);
  CHECK(row[4].number == 10.0);
  CHECK(row[5].number == 8.0);
  CHECK(row[6].number == 12.0);
  CHECK(row[7].number == 3.2);
  CHECK(row[8].number == 4.0);
  CHECK(row[11].text == "Lost");
  CHECK(row[12].number == 0.6);
  CHECK(row[14].number == 0.7);
  const json chart = test::chart_of(figure), list = test::data_of(chart, "cards"),
             lines = test::data_of(chart, "lines");
  CHECK(list[0]["verdict"] == "▲ congested");
  CHECK(list[1]["verdict"] == "");
  CHECK(list[0]["overdue"] == "1 overdue");
  REQUIRE(lines.size() == 8);
  CHECK(lines[0]["height"] == 0.25);
  CHECK(lines[3]["height"] == 1.0);
  CHECK(lines[3]["last"] == true);
  CHECK_THAT(lines[3]["tip"].get<std::string>(), Contains("28 Jan 2024: 20"));
  CHECK_FALSE(stage_cards_figure(cards, four_weeks(4)).table.rows[0][3].number);  // nobody said what is overdue
}

TEST_CASE("the cards' title names the fullest stage, else the emptiest, else none") {
  const StageGraph graph = test::long_graph(2);
  const auto title = [&](double first, double second, Language language = Language::english) {
    return stage_cards_figure(cards_of(graph, {card_of(0, 20, 10, first), card_of(1, 1, 8, second)}), {}, nullptr,
                              {.language = language})
        .title;
  };
  CHECK(title(3.2, -2.5) == "S0 is congested: 20 deals, where its arrivals and pace explain 10.0");
  CHECK(title(1.9, -2.5) == "S1 runs dry: 1 deal, where its arrivals and pace explain 8.0");
  CHECK(title(1.9, -1.9) == "No stage holds clearly more or fewer deals than its own pace explains");
  CHECK(title(3.2, 0, Language::finnish) == "S0 ruuhkautuu: 20 kauppaa, kun tulo ja tahti selittäisivät 10,0");
}

TEST_CASE("without any deal there are no cards; of 200 stages the busiest 24; stocks of another graph are refused") {
  StageCard idle;
  const Figure none = stage_cards_figure(cards_of(test::long_graph(1), {idle}), {});
  CHECK(none.specification.empty());
  CHECK(none.table.rows.empty());
  CHECK(none.title == "No deal has been in any stage yet");
  std::vector<StageCard> cards;
  for (unsigned s = 0; s < 200; ++s) cards.push_back(card_of(s, s, s, 0.0));
  const Figure many = stage_cards_figure(cards_of(test::long_graph(200), cards), four_weeks(202));
  REQUIRE(many.table.rows.size() == 24);
  CHECK(many.table.rows[0][0].text == "S176");
  CHECK_THAT(many.computed, Contains("not shown: 176."));
  CHECK_THROWS_AS(stage_cards_figure(cards_of(test::long_graph(1), {idle}), four_weeks(9)), InvalidArgument);
}

TEST_CASE("on cards names stay data") {
  const auto figure = [](const StageGraph& graph) {
    return stage_cards_figure(cards_of(graph, {card_of(0, 20, 10, 3.2), card_of(1, 8, 8, 0.0)}), four_weeks(6));
  };
  CHECK(test::skeleton_of(test::chart_of(figure(test::hostile_graph()))) ==
        test::skeleton_of(test::chart_of(figure(test::long_graph(4)))));
}
