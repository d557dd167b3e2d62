#include <putki/report/plan_figures.hpp>
#include <putki/report/plan_report.hpp>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace putki;
using nlohmann::json;

namespace {

StageGraph lead_and_offer() {
  return StageGraph::Builder().stage("Lead").stage("Offer").stage("Won", StageKind::won).build();
}

Plan quarter() {
  const Day day = *parse_day("2024-07-01");
  const LeadsNeeded twelve{.answer = LeadsAnswer::needed,
                           .leads = 12,
                           .probability = 0.81,
                           .probability_with_one_fewer = 0.79,
                           .win_chance = 0.25};
  LeadsNeeded forty = twelve;
  forty.leads = 40;
  Plan plan{.as_of = day,
            .horizon = {day, day + Days{28}},
            .first_day = day,
            .target = 1000,
            .confidence = 0.8,
            .booked = 0,
            .expected = 750,
            .leads = {},
            .coverage = {},
            .occupancy = {},
            .gaps = {},
            .inflow = {}};
  plan.leads.probability = 0.25;
  plan.leads.stages = {
      {StageId{0}, twelve, day + Days{10}, day + Days{20}},
      {StageId{1}, {.answer = LeadsAnswer::too_late, .probability = 0.25}, std::nullopt, std::nullopt}};
  plan.leads.weeks = {{{day, day + Days{7}}, twelve},
                      {{day + Days{7}, day + Days{14}}, forty},
                      {{day + Days{14}, day + Days{28}},
                       {.answer = LeadsAnswer::beyond_limit, .leads = 10'000, .probability = 0.3, .win_chance = 1e-4}}};
  plan.leads.evenly = forty;
  return plan;
}

const json& bar_rows(const json& chart) {
  return chart["data"][0]["values"];
}

}  // namespace

TEST_CASE("leads by stage and week are those of the plan, and what does not help is said in words") {
  const Plan plan = quarter();
  const Figure stages = leads_by_stage_figure(plan, lead_and_offer()), weeks = leads_by_week_figure(plan);
  const json report = json::parse(to_json(plan, lead_and_offer()));
  CHECK(stages.title == "40 more leads, evenly spread, raise the chance of 1,000 from 25\u00A0% to 80\u00A0%");
  REQUIRE(stages.table.rows.size() == 2);
  CHECK(stages.table.rows[0][0].text == "Lead");
  CHECK(*stages.table.rows[0][1].number == report["leads"]["today"][0]["leads"]);
  CHECK(*stages.table.rows[0][2].number == report["leads"]["today"][0]["win_chance"]);
  CHECK(*stages.table.rows[0][3].number == report["leads"]["today"][0]["probability"]);
  CHECK(stages.table.rows[1][1].text == "too late");
  CHECK(stages.table.rows[1][4].text == "already past");
  const json chart = json::parse(stages.specification);
  CHECK(bar_rows(chart)[0]["value"] == 12);
  CHECK(bar_rows(chart)[0]["detail"] == "25\u00A0% won by then · matters until 11 Jul");
  CHECK(bar_rows(chart)[1]["value"] == 0);
  CHECK(bar_rows(chart)[1]["text"] == "too late");

  CHECK(weeks.title ==
        "Leads help less every week they wait: 12 do it if they come in 1 Jul 2024 – 7 Jul 2024, 40 in 8 Jul 2024 – "
        "14 Jul 2024");
  REQUIRE(weeks.table.rows.size() == 4);
  CHECK(weeks.table.rows[2][1].number == 40);
  CHECK(weeks.table.rows[3][1].text == "over 10,000");
}

TEST_CASE("a plan that needs no leads, or for which it is too late, says so") {
  Plan plan = quarter();
  plan.leads.evenly = {.answer = LeadsAnswer::none_needed, .probability = 0.9, .win_chance = 0.2};
  plan.leads.probability = 0.9;
  CHECK(leads_by_stage_figure(plan, lead_and_offer()).title ==
        "No more leads are needed: the chance of 1,000 is 90\u00A0% as things stand");
  CHECK(leads_by_week_figure(plan).specification.empty());
  plan.leads.probability = 0.1;
  plan.leads.evenly.answer = LeadsAnswer::too_late;
  CHECK(leads_by_week_figure(plan).title == "No number of new leads helps any more: the chance of 1,000 is 10\u00A0%");
  plan.leads.evenly = {.answer = LeadsAnswer::beyond_limit, .leads = 10'000};
  CHECK(leads_by_stage_figure(plan, lead_and_offer(), {.language = Language::finnish, .locale = {}, .currency = "€"})
            .title ==
        "Yli 10\u00A0000 liidiä lisää tarvittaisiin nostamaan todennäköisyys yltää summaan 1\u00A0000\u00A0€: "
        "10\u00A0% → 80\u00A0%");
}

TEST_CASE("a plan of many weeks and stages is shown in part") {
  Plan plan = quarter();
  plan.leads.weeks.assign(500, plan.leads.weeks[0]);
  plan.leads.stages.assign(300, plan.leads.stages[0]);
  const PageSection section = plan_section(plan, lead_and_offer());
  REQUIRE(section.figures.size() == 2);
  CHECK(section.figures[0].table.rows.size() == 40);
  CHECK(section.figures[1].table.rows.size() == 61);
  CHECK(section.figures[0].computed.find("Shown are 40 of 300 rows.") != std::string::npos);
}
