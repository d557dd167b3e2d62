#include <putki/core/error.hpp>
#include <putki/report/stage_stock_figures.hpp>

#include "figure_support.hpp"

#include <catch2/catch.hpp>

using namespace putki;
using Catch::Matchers::Contains;
using nlohmann::json;

namespace {

// Weeks from 1 January 2024 on, `at_end` of each stage given by a function of stage and week.
template <class Count>
StageStocks weeks_of(std::size_t stages, int weeks, Count&& at_end) {
  const Day monday = *parse_day("2024-01-01");
  StageStocks stocks;
  stocks.known_before = monday + Days{7 * weeks};
  stocks.as_of = stocks.known_before;
  stocks.stages.resize(stages);
  for (int w = 0; w < weeks; ++w) {
    stocks.periods.push_back({monday + Days{7 * w}, monday + Days{7 * w + 7}});
    for (std::size_t s = 0; s < stages; ++s) {
      stocks.stages[s].at_end.push_back(at_end(s, w));
      stocks.stages[s].entered.push_back(0);
    }
  }
  return stocks;
}

}  // namespace

TEST_CASE("the stock's table has each stage at the end of each period and their sum; ended deals are not in it") {
  const StageGraph graph = test::long_graph(2);
  const StageStocks stocks = weeks_of(4, 20, [](std::size_t s, int w) {
    return s >= 2 ? 1000u : static_cast<unsigned>(10 * s) + static_cast<unsigned>(w);
  });
  const Figure figure = stock_figure(graph, stocks);
  REQUIRE(test::every_row_is_whole(figure));
  REQUIRE(figure.table.rows.size() == 20);
  CHECK(figure.table.columns.size() == 4);
  CHECK(figure.table.rows[0][0].number == static_cast<double>((*parse_day("2024-01-07")).time_since_epoch().count()));
  CHECK(figure.table.rows[19][1].number == 19.0);
  CHECK(figure.table.rows[19][2].number == 29.0);
  CHECK(figure.table.rows[19][3].number == 48.0);
  // 13 weeks before: 6 + 16 = 22.
  CHECK(figure.title == "48 deals are open, 26 more than at the end of 18 Feb 2024");
  CHECK(stock_figure(graph, stocks, {.language = Language::finnish}).title ==
        "48 kauppaa on auki, 26 enemmän kuin 18.2.2024 päättyessä");
  for (const json& area : test::data_of(test::chart_of(figure), "areas"))
    if (area["last"] == true) CHECK(area["y1"].get<double>() == (area["band"] == 0 ? 48 : 29));
}

TEST_CASE("the stock's title says fewer, as many, and only how many when there is nothing to compare") {
  const StageGraph graph = test::long_graph(1);
  CHECK(stock_figure(graph, weeks_of(3, 3, [](std::size_t, int w) { return 9u - static_cast<unsigned>(w); })).title ==
        "7 deals are open, 2 fewer than at the end of 7 Jan 2024");
  CHECK(stock_figure(graph, weeks_of(3, 3, [](std::size_t, int) { return 1u; })).title ==
        "1 deal is open, as many as at the end of 7 Jan 2024");
  CHECK(stock_figure(graph, weeks_of(3, 1, [](std::size_t, int) { return 4u; })).title == "4 deals are open");
  const Figure none = stock_figure(graph, {});
  CHECK(none.specification.empty());
  CHECK(none.table.rows.empty());
  CHECK(none.title == "No deal is known yet");
  CHECK(stock_figure(graph, weeks_of(3, 3, [](std::size_t, int) { return 0u; })).specification.empty());
}

TEST_CASE("a last period of which no day is known takes the place of the one before") {
  StageStocks stocks = weeks_of(3, 3, [](std::size_t, int w) { return static_cast<unsigned>(w); });
  stocks.known_before = stocks.periods[2].begin;
  const Figure figure = stock_figure(test::long_graph(1), stocks);
  REQUIRE(figure.table.rows.size() == 2);
  CHECK(figure.table.rows[0][1].number == 0.0);
  CHECK(figure.table.rows[1][1].number == 2.0);
  CHECK(*figure.table.rows[1][0].number - *figure.table.rows[0][0].number == 7);
}

TEST_CASE("200 stages over 300 periods become eight bands over 160, and every deal is still in one") {
  const StageStocks stocks = weeks_of(202, 300, [](std::size_t s, int) { return static_cast<unsigned>(s); });
  const Figure figure = stock_figure(test::long_graph(200), stocks);
  REQUIRE(figure.table.rows.size() == 160);
  CHECK(figure.table.columns.size() == 10);
  CHECK(figure.table.columns[1] == "S193");
  for (const auto& row : figure.table.rows) {
    double sum = 0;
    for (std::size_t c = 1; c < 9; ++c) sum += *row[c].number;
    CHECK(sum == 199 * 200 / 2);
    CHECK(row[9].number == sum);
  }
  CHECK_THAT(figure.computed, Contains("added up: 193.") && Contains("last 160 periods"));
}

TEST_CASE("in the stock names stay data, and stocks of another graph are refused") {
  const StageStocks stocks = weeks_of(6, 5, [](std::size_t, int w) { return static_cast<unsigned>(w); });
  CHECK(test::skeleton_of(test::chart_of(stock_figure(test::hostile_graph(), stocks))) ==
        test::skeleton_of(test::chart_of(stock_figure(test::long_graph(4), stocks))));
  CHECK_THROWS_WITH(stock_figure(test::long_graph(9), stocks), Contains("6 stages on a graph of 11"));
}
