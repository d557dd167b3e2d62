#include <putki/events/event_log_builder.hpp>
#include <putki/report/funnel_page.hpp>
#include <putki/report/funnel_report.hpp>
#include <putki/report/stage_card_report.hpp>
#include <putki/report/this_week_report.hpp>

#include "figure_support.hpp"

#include <catch2/catch.hpp>

#include <random>
#include <set>

using namespace putki;
using nlohmann::json;

namespace {

// 200 deals over half a year that go on, skip, go back or end at random.
AsOf busy_pipeline(const StageGraph& graph, int deals) {
  std::mt19937 random(11);
  EventLogBuilder builder(graph);
  const Timestamp begin(*parse_day("2024-01-01"));
  const unsigned open = static_cast<unsigned>(graph.stage_count()) - 2;
  for (int d = 0; d < deals; ++d) {
    const DealId deal = builder.deal("deal " + std::to_string(d));
    auto hours = std::chrono::hours{random() % (24 * 170)};
    unsigned stage = 0;
    for (int step = 0; step < 12; ++step) {
      builder.add({.deal = deal,
                   .time = begin + hours,
                   .stage = StageId(stage),
                   .amount = Money::from_units(static_cast<double>(100 * (1 + d % 50)))});
      if (stage >= open) break;
      hours += std::chrono::hours{1 + random() % 300};
      const auto roll = static_cast<unsigned>(random() % 10);
      stage = roll < 3 ? open + 1 : roll < 9 ? stage + 1 : stage > 0 ? stage - 1 : stage + 1;
    }
  }
  return AsOf(builder.build(), begin + Days{180});
}

struct Page {
  FunnelSummary summary;
  StageCards cards;
  ThisWeek week;
  std::vector<PageSection> sections;
};

Page page_of(const AsOf& view, const FigureOptions& options = {}) {
  const Timestamp since = view.instant() - Days{28};
  Page page{.summary = summarize_funnel(view, {.days = {30, 90}}),
            .cards = stage_cards(view),
            .week = this_week(view, since),
            .sections = {}};
  std::vector<StageStay> stays;
  for (std::size_t i = 0; i + 2 < view.graph().stage_count(); ++i)
    stays.push_back({static_cast<StageId>(i), stage_times(view, static_cast<StageId>(i)).stay});
  const Readiness ready = readiness(view);
  page.sections = {week_section(page.week, stage_worths(view), options),
                   stages_section(page.summary, reach_and_transition(view, {.days = 90}),
                                  stage_traffic(directly_follows(view), stage_medians(view)), stays, options),
                   cards_section(page.cards, stage_stocks(view), &ready, options),
                   cohorts_section(cohorts(view), options),
                   movement_section(movement(view, since), options),
                   stock_section(view.graph(), stage_stocks(view), options)};
  return page;
}

const Figure& figure_named(const Page& page, const std::string& name) {
  for (const PageSection& section : page.sections)
    for (const Figure& figure : section.figures)
      if (figure.name == name) return figure;
  FAIL("no figure " + name);
  return page.sections.front().figures.front();
}

}  // namespace

TEST_CASE("tables of the page hold the doubles of the JSON reports") {
  const Page page = page_of(busy_pipeline(test::long_graph(4), 200));
  const json summary = json::parse(to_json(page.summary)), cards = json::parse(to_json(page.cards)),
             week = json::parse(to_json(page.week));
  const Figure &funnel = figure_named(page, "funnel"), &times = figure_named(page, "time-in-stage"),
               &graph = figure_named(page, "stage-graph"), &card = figure_named(page, "stage-cards"),
               &leaks = figure_named(page, "leaks"), &stock = figure_named(page, "stock");
  for (std::size_t s = 0; s < 4; ++s) {
    const json& stage = summary["stages"][s];
    CHECK(funnel.table.rows[s][1].number == stage["reached"].get<double>());
    CHECK(*funnel.table.rows[s][9].number == [&] {
      for (const json& to : stage["transitions"])
        if (to["to"] == "Lost") return to["curve"][1]["probability"].get<double>();
      return 0.0;
    }());
    for (const auto& row : times.table.rows)
      if (row[0].text == stage["stage"] && row[1].number) {
        CHECK(*row[2].number == stage["median_days"].get<double>());
        CHECK(*row[5].number == stage["p90_days"].get<double>());
      }
    for (const auto& row : graph.table.rows)
      if (row[0].text == stage["stage"] && row[1].text.empty()) {
        CHECK(row[2].number == stage["still_there"].get<double>());
        CHECK(row[3].number == stage["entered"].get<double>());
        CHECK(*row[4].number == stage["median_days"].get<double>());
      }
    const json& one = cards["cards"][s];
    CHECK(card.table.rows[s][1].number == one["active"]["deals"].get<double>());
    CHECK(card.table.rows[s][2].number == one["active"]["value"].get<double>());
    CHECK(card.table.rows[s][4].number == one["expected"]["value"].get<double>());
    CHECK(card.table.rows[s][7].number == one["z_score"].get<double>());
    CHECK(stock.table.rows.back()[s + 1].number == stage["still_there"].get<double>());
  }
  for (const json& task : week["tasks"])
    if (task["task"] == "leak") CHECK(*leaks.table.rows[0][5].number == task["cost_per_month"].get<double>());
}

TEST_CASE("figures of a section have names of their own, whole rows and titles, in both languages") {
  for (const Language language : {Language::english, Language::finnish}) {
    const Page page = page_of(busy_pipeline(test::long_graph(4), 200), {.language = language});
    std::set<std::string> titles;
    for (const PageSection& section : page.sections) {
      CHECK(titles.insert(section.title).second);
      std::set<std::string> names;
      for (const Figure& figure : section.figures) {
        CAPTURE(figure.name);
        CHECK(names.insert(figure.name).second);
        CHECK_FALSE(figure.title.empty());
        CHECK_FALSE(figure.computed.empty());
        CHECK(test::every_row_is_whole(figure));
        CHECK(figure.table.rows.size() <= 200);
        for (const std::string& words : {figure.title, figure.computed}) CHECK(words.find('{') == std::string::npos);
      }
    }
  }
}

TEST_CASE("hostile names, one deal, and none make a whole page") {
  for (const int deals : {200, 1, 0})
    for (const PageSection& section : page_of(busy_pipeline(test::hostile_graph(), deals)).sections)
      for (const Figure& figure : section.figures) {
        CAPTURE(deals, figure.name);
        CHECK(test::every_row_is_whole(figure));
        if (!figure.specification.empty()) CHECK(json::parse(figure.specification).contains("marks"));
        if (deals == 0) CHECK(figure.specification.empty());
      }
}

TEST_CASE("the page's subtitle says as of when, and what does not hold without dates of stages") {
  const Day day = *parse_day("2024-06-28");
  CHECK(funnel_subtitle(day, true) == "As known on 28 Jun 2024");
  CHECK(funnel_subtitle(day, true, {.language = Language::finnish}) == "Tilanne 28.6.2024");
  CHECK(funnel_subtitle(day, false).find("As known on 28 Jun 2024. This export has no dates of entering stages") == 0);
}
