#include <putki/report/cohorts_figures.hpp>
#include <putki/report/cohorts_report.hpp>

#include "random_log.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <random>

using namespace putki;
using nlohmann::json;

namespace {

CohortCell seen_cell(std::uint64_t won, std::uint64_t deals) {
  const double share = static_cast<double>(won) / static_cast<double>(deals);
  return {.seen = CohortSeen::whole,
          .won = won,
          .ended = won,
          .won_value = {},
          .won_share = ShareWithLimits{share, {share - 0.01, share + 0.01}},
          .ended_share = {},
          .value_share = {}};
}

CohortFigures seen_cohort(const char* begin, std::uint64_t won, std::uint64_t deals) {
  const auto wins = static_cast<double>(won);
  return {.period = period_containing(*parse_day(begin), PeriodUnit::month),
          .deals = deals,
          .open = 0,
          .amounts_known = 0,
          .amount = {},
          .cells = {seen_cell(won / 2, deals), seen_cell(won, deals)},
          .mature = true,
          .count = CohortProjection{wins, wins, 0, 0, {wins, wins}},
          .value = {}};
}

// Two cohorts of a hundred deals followed to 60 days, and a young one.
Cohorts three_cohorts(std::uint64_t january_won, std::uint64_t february_won) {
  Cohorts cohorts{.as_of = *parse_day("2012-04-15"),
                  .unit = PeriodUnit::month,
                  .earlier_deals = 0,
                  .ages = {30, 60},
                  .horizon = 60,
                  .level = 0.95,
                  .dispersion = 1,
                  .cohorts = {seen_cohort("2012-01-01", january_won, 100), seen_cohort("2012-02-01", february_won, 100),
                              seen_cohort("2012-03-01", 4, 50)},
                  .pooled_won = {{0.1, {0.08, 0.12}}, {0.2, {0.17, 0.23}}}};
  CohortFigures& march = cohorts.cohorts[2];
  march.open = 40;
  march.mature = false;
  march.cells[1] = {.seen = CohortSeen::part,
                    .won = 5,
                    .ended = 6,
                    .won_value = {},
                    .won_share = {},
                    .ended_share = {},
                    .value_share = {}};
  march.count = CohortProjection{5, 9.5, 1.5, 1, {6, 13}};
  return cohorts;
}

const json& rows_of(const json& chart, const char* set) {
  const json& data = chart["data"];
  const auto found = std::find_if(data.begin(), data.end(), [&](const json& d) { return d["name"] == set; });
  REQUIRE(found != data.end());
  return (*found)["values"];
}

}  // namespace

TEST_CASE("the cohort figure names the cohort that chance does not explain, and says when there is none") {
  CHECK(cohorts_figure(three_cohorts(20, 21)).title ==
        "No cohort stands out: 20.0\u00A0% of deals are won within 60 days");
  CHECK(cohorts_figure(three_cohorts(45, 21)).title ==
        "Deals created in 2012-01 were won more often: 45.0\u00A0% within 60 days, 20.0\u00A0% of all");
  CHECK(cohorts_figure(three_cohorts(20, 2)).title ==
        "Deals created in 2012-02 were won less often: 2.0\u00A0% within 60 days, 20.0\u00A0% of all");
  // With Wilson limits at 1 - 0.05 / 2 by hand, 29 of 100 reach from 0.200 and 30 from 0.208: two cohorts compared.
  CHECK(cohorts_figure(three_cohorts(30, 20)).title.find("2012-01") != std::string::npos);
  CHECK(cohorts_figure(three_cohorts(28, 20)).title.find("No cohort") == 0);
}

TEST_CASE("a cohort of a single deal neither stands out nor sets the scales") {
  Cohorts cohorts = three_cohorts(20, 21);
  cohorts.cohorts[0] = seen_cohort("2012-01-01", 1, 1);
  const Figure figure = cohorts_figure(cohorts);
  CHECK(figure.title == "20.0\u00A0% of deals are won within 60 days of creation");
  const json chart = json::parse(figure.specification);
  for (const json& signal : chart["signals"]) {
    if (signal["name"] == "most_seen") CHECK(signal["value"] == 0.21);
    if (signal["name"] == "most_final") CHECK(signal["value"] == 13.0 / 50);
  }
}

TEST_CASE("the cohort figure's table and picture hold the numbers of the result") {
  const Cohorts cohorts = three_cohorts(45, 21);
  const Figure figure = cohorts_figure(cohorts);
  REQUIRE(figure.table.columns.size() == 9);
  REQUIRE(figure.table.rows.size() == 4);
  for (const auto& row : figure.table.rows) CHECK(row.size() == figure.table.columns.size());
  const auto& march = figure.table.rows[2];
  CHECK(march[0].text == "2012-03");
  CHECK(march[2].number == 40);
  CHECK(march[3].number == 2.0 / 50);
  CHECK(march[4].text == "10.0\u00A0%\u00A0+");  // 5 of 50 so far
  CHECK(march[5].number == 9.5);
  CHECK(march[6].number == 9.5 / 50);
  CHECK(march[7].number == 6.0 / 50);
  CHECK(march[8].number == 13.0 / 50);
  CHECK(figure.table.rows[3][6].number == 0.2);
  CHECK(figure.table.rows[3][8].number == 0.23);

  const json chart = json::parse(figure.specification);
  CHECK(chart["description"] == figure.title);
  const json& cells = rows_of(chart, "cells");
  CHECK(cells.size() == 8);
  for (const json& cell : cells) CHECK(cell["whole"] == !(cell["label"] == "2012-03" && cell["age"] == 60));
  const json& rows = rows_of(chart, "rows");
  CHECK(rows[2]["share"] == 9.5 / 50);
  CHECK(rows[2]["lower"] == 6.0 / 50);
  CHECK(rows[2]["known"] == false);
  CHECK(rows[0]["share"] == 0.45);
  CHECK(rows[3]["all"] == true);
}

TEST_CASE("the cohort figure agrees with the JSON of real counts") {
  std::mt19937 random(7);
  const StageGraph graph = StageGraph::linear(std::vector<std::string>{"Lead"}, "Won", {"Lost"});
  for (int round = 0; round < 20; ++round) {
    const auto histories = test::random_histories(random, graph, {.deals = 60, .most_changes = 3, .last_day = 150});
    const AsOf view(test::build_log(graph, histories), test::kFirstInstant + Days{150});
    const Cohorts result = cohorts(view, {.unit = PeriodUnit::month});
    const Figure figure = cohorts_figure(result);
    const json expected = json::parse(to_json(result));
    REQUIRE(figure.table.rows.size() == expected["cohorts"].size() + 1);
    for (std::size_t c = 0; c < expected["cohorts"].size(); ++c) {
      const json& cohort = expected["cohorts"][c];
      const auto& row = figure.table.rows[c];
      CHECK(row[1].number == cohort["deals"].get<double>());
      CHECK(row[2].number == cohort["open"].get<double>());
      for (std::size_t a = 0; a < result.ages.size(); ++a) {
        const json& share = cohort["cells"][a]["won_share"];
        if (!share.is_null()) CHECK(row[3 + a].number == share["share"].get<double>());
      }
      if (cohort["deals"] != 0) CHECK(row[3 + result.ages.size()].number == cohort["count"]["expected"].get<double>());
    }
  }
}

TEST_CASE("the cohort figure speaks Finnish") {
  const Figure figure = cohorts_figure(three_cohorts(45, 21), {.language = Language::finnish, .locale = {}});
  CHECK(figure.title == "Jakson 2012-01 kaupat voitettiin useammin: 45,0\u00A0% 60 päivässä, kaikista 20,0\u00A0%");
  CHECK(figure.table.columns[1] == "Kauppoja");
  CHECK(figure.table.rows[3][0].text == "Kaikki");
}

TEST_CASE("the cohort figure of nothing, or of what is too young, has a title and no picture") {
  Cohorts none = three_cohorts(1, 1);
  none.horizon.reset();
  none.ages.clear();
  none.pooled_won.clear();
  const Figure young = cohorts_figure(none);
  CHECK(young.title == "No month of deals has been followed long enough to be compared yet");
  CHECK(young.specification.empty());
  none.cohorts.clear();
  const Figure empty = cohorts_figure(none);
  CHECK(empty.title == "No deals, no cohorts");
  CHECK(empty.specification.empty());
  CHECK(empty.table.rows.empty());
  CHECK(!empty.computed.empty());
}

TEST_CASE("a cohort without deals has a row of dashes") {
  Cohorts cohorts = three_cohorts(20, 20);
  CohortFigures& march = cohorts.cohorts[2];
  march.deals = march.open = 0;
  for (CohortCell& cell : march.cells) cell.won_share.reset();
  march.count = CohortProjection{0, 0, 0, 0, {0, 0}};
  const Figure figure = cohorts_figure(cohorts);
  CHECK(!figure.table.rows[2][6].number);
  const json chart = json::parse(figure.specification);
  CHECK(rows_of(chart, "cells").size() == 6);
  CHECK(rows_of(chart, "rows")[2]["text"] == "–");
}
