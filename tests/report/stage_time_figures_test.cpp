#include <putki/report/stage_time_figures.hpp>

#include "figure_support.hpp"

#include <catch2/catch.hpp>

using namespace putki;
using nlohmann::json;

namespace {

// Visits of 1, 2, .. `ended` days that ended, and `open` more still there after `until` days.
SurvivalCurve stays_of(int ended, int open, double until) {
  Durations stays;
  for (int i = 1; i <= ended; ++i) {
    stays.time.push_back(i);
    stays.cause.push_back(1);
  }
  for (int i = 0; i < open; ++i) {
    stays.time.push_back(until);
    stays.cause.push_back(0);
  }
  return kaplan_meier(stays);
}

}  // namespace

TEST_CASE("time in stage reads the curve of a stage as counted by hand") {
  const std::vector<StageStay> stays{{StageId{0}, stays_of(25, 0, 0)}};
  const Figure figure = stage_time_figure(test::long_graph(2), stays);
  REQUIRE(test::every_row_is_whole(figure));
  REQUIRE(figure.table.rows.size() == 5);  // the quantiles, and 1, 3, 7 and 14 days
  CHECK(figure.table.rows[0][1].number == 25.0);
  CHECK(figure.table.rows[0][2].number == 13.0);  // 12 of 25 are left after it
  CHECK(figure.table.rows[0][5].number == 23.0);  // 2 of 25
  CHECK(figure.table.rows[3][6].number == 7.0);
  CHECK(*figure.table.rows[3][7].number == Approx(18.0 / 25));
  CHECK(figure.table.rows[3][8].number == stays[0].stay.interval(7).lower);
  CHECK(figure.table.rows[3][9].number == stays[0].stay.interval(7).upper);
  CHECK(figure.table.rows[3][10].number == 19.0);  // of 7 days or more
  CHECK(figure.title == "S0 holds deals longest: one visit in ten lasts more than 23.0 d");

  const json chart = test::chart_of(figure);
  for (const json& step : test::data_of(chart, "steps")) {
    CHECK(step["still"].get<double>() == stays[0].stay.survival(step["age"]));
    CHECK(step["lower"] <= step["still"]);
    CHECK(step["upper"] >= step["still"]);
  }
  CHECK(test::data_of(chart, "panels")[0]["until"] == 24.0);  // one of 25 is left
  CHECK(test::data_of(chart, "panels")[0]["unit"] == "days");
}

TEST_CASE("the title of time in stage heeds stages whose slow visits have not ended, and too few") {
  const StageGraph graph = test::long_graph(2);
  const std::vector<StageStay> open{{StageId{0}, stays_of(25, 0, 0)}, {StageId{1}, stays_of(5, 20, 30)}};
  CHECK(stage_time_figure(graph, open).title == "80\u00A0% of visits to S1 last longer than 30.0 d, the longest seen");
  CHECK(stage_time_figure(graph, open, {.language = Language::finnish}).title ==
        "80\u00A0% käynneistä vaiheessa S1 kestää yli 30,0 vrk, pisimmän nähdyn ajan");
  const std::vector<StageStay> few{{StageId{0}, stays_of(5, 0, 0)}};
  CHECK(stage_time_figure(graph, few).title == "Too few visits yet to say how long stages last");
  const Figure none = stage_time_figure(graph, {});
  CHECK(none.specification.empty());
  CHECK(none.table.rows.empty());
  CHECK(none.title == "No deal has been in any stage yet");
}

TEST_CASE("short stays are drawn in minutes, long histories at 60 ages, many stages as the six of most time") {
  Durations minutes;
  for (int i = 1; i <= 1000; ++i) {
    minutes.time.push_back(i / 1440. / 50);  // up to 20 minutes
    minutes.cause.push_back(1);
  }
  const StageGraph graph = test::long_graph(200);
  std::vector<StageStay> stays{{StageId{0}, kaplan_meier(minutes)}};
  for (unsigned s = 1; s < 200; ++s) stays.push_back({StageId(s), stays_of(static_cast<int>(s), 0, 0)});
  const Figure figure = stage_time_figure(graph, stays);
  const json panels = test::data_of(test::chart_of(figure), "panels");
  REQUIRE(panels.size() == 6);
  CHECK(panels[0]["name"] == "S194");
  CHECK(panels[5]["name"] == "S199");
  CHECK(test::data_of(test::chart_of(figure), "steps").size() <= 6 * 60);
  CHECK(figure.computed.find("not shown: 194.") != std::string::npos);
  const Figure alone = stage_time_figure(graph, std::span(stays).first(1));
  CHECK(test::data_of(test::chart_of(alone), "panels")[0]["unit"] == "minutes");
  CHECK(test::data_of(test::chart_of(alone), "panels")[0]["until"].get<double>() == Approx(19));
}

TEST_CASE("in time in stage names stay data") {
  const std::vector<StageStay> stays{{StageId{0}, stays_of(25, 3, 40)}, {StageId{1}, stays_of(30, 0, 0)}};
  CHECK(test::skeleton_of(test::chart_of(stage_time_figure(test::hostile_graph(), stays))) ==
        test::skeleton_of(test::chart_of(stage_time_figure(test::long_graph(4), stays))));
}
