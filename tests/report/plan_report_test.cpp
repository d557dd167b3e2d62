#include <putki/report/plan_report.hpp>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <cmath>
#include <limits>
#include <set>
#include <sstream>

using namespace putki;

namespace {

StageGraph small_graph() {
  return StageGraph::Builder()
      .stage("Lead")
      .stage("A stage with a name that no table of 80 columns has room for")
      .stage("Won", StageKind::won)
      .stage("Lost", StageKind::lost)
      .build();
}

Plan small_plan(double scale) {
  const Day day = *parse_day("2024-07-01");
  const LeadsNeeded needed{.answer = LeadsAnswer::needed,
                           .leads = 12,
                           .probability = 0.81,
                           .probability_with_one_fewer = 0.79,
                           .win_chance = 0.25};
  Plan plan{.as_of = day,
            .horizon = {*parse_day("2024-06-01"), *parse_day("2024-07-29")},
            .first_day = day,
            .target = 1000 * scale,
            .confidence = 0.8,
            .booked = 100 * scale,
            .expected = 750 * scale,
            .leads = {},
            .coverage = {.open_value = 2700 * scale,
                         .remaining_target = 900 * scale,
                         .coverage = 3.0,
                         .probability = 0.25,
                         .required = 4.5},
            .occupancy = {.revenue_per_day = 17 * scale,
                          .win_probability = 0.2,
                          .mean_amount = 50 * scale,
                          .inflow_needed = 1.5,
                          .inflow_now = 1,
                          .stages = {}},
            .gaps = {},
            .inflow = {}};
  plan.leads.probability = 0.25;
  plan.leads.stages = {{StageId{0}, needed, day + Days{10}, day + Days{20}},
                       {StageId{1},
                        {.answer = LeadsAnswer::too_late, .probability = 0.25, .probability_with_one_fewer = 0.25},
                        std::nullopt,
                        std::nullopt}};
  plan.leads.weeks = {{{day, day + Days{7}}, needed},
                      {{day + Days{7}, day + Days{28}},
                       {.answer = LeadsAnswer::beyond_limit,
                        .leads = 10'000,
                        .probability = 0.3,
                        .probability_with_one_fewer = 0.3,
                        .win_chance = 1e-4}}};
  plan.leads.evenly = needed;
  plan.leads.last_day = day + Days{5};
  plan.leads.last_day_at_all = day + Days{20};
  plan.occupancy.stages = {{StageId{0}, 1, 4, 6, 2, -4 / std::sqrt(6), {2, 10}},
                           {StageId{1},
                            1,
                            std::numeric_limits<double>::infinity(),
                            std::numeric_limits<double>::infinity(),
                            3,
                            0,
                            {0, std::numeric_limits<double>::infinity()}}};
  plan.gaps = {{{day, day + Days{28}}, 900 * scale, 650 * scale, 0.25, true, GapCause{StageId{0}, 200 * scale}}};
  plan.inflow = {.answer = LevelInflowAnswer::capacity_too_small,
                 .weeks = {{{day, day + Days{7}}, 3.5, 7, 0.25, 9.5}},
                 .expected_revenue = 950 * scale,
                 .probability = 0.6,
                 .present_work = 5,
                 .peak_work = 9.5,
                 .peak_day = day + Days{6},
                 .capacity_needed = 14.2};
  return plan;
}

}  // namespace

TEST_CASE("plan JSON holds the plan's own numbers under the documented names, what is infinite is null") {
  const auto json = nlohmann::json::parse(to_json(small_plan(1), small_graph()));
  const auto keys = [](const nlohmann::json& object) {
    std::set<std::string> names;
    for (const auto& item : object.items()) names.insert(item.key());
    return names;
  };
  using Names = std::set<std::string>;
  CHECK(keys(json) == Names{"as_of", "first_day", "begin", "end", "target", "confidence", "booked", "expected",
                            "probability", "leads", "coverage", "occupancy", "gaps", "inflow"});
  CHECK(keys(json["leads"]) == Names{"today", "weeks", "evenly", "last_day", "last_day_at_all"});
  CHECK(keys(json["leads"]["today"][0]) == Names{"stage", "answer", "leads", "probability",
                                                 "probability_with_one_fewer", "win_chance", "last_day",
                                                 "last_day_at_all"});
  CHECK(keys(json["leads"]["weeks"][0]) ==
        Names{"begin", "end", "answer", "leads", "probability", "probability_with_one_fewer", "win_chance"});
  CHECK(keys(json["leads"]["evenly"]) ==
        Names{"answer", "leads", "probability", "probability_with_one_fewer", "win_chance", "per_week"});
  CHECK(keys(json["coverage"]) == Names{"open_value", "remaining_target", "coverage", "required"});
  CHECK(keys(json["occupancy"]) == Names{"revenue_per_day", "win_probability", "mean_amount", "inflow_needed_per_day",
                                         "inflow_now_per_day", "stages"});
  CHECK(keys(json["occupancy"]["stages"][0]) ==
        Names{"stage", "visits", "mean_stay_days", "needed", "actual", "z_score", "usual"});
  CHECK(keys(json["gaps"][0]) == Names{"begin", "end", "share", "expected", "probability", "falls_short", "cause"});
  CHECK(keys(json["gaps"][0]["cause"]) == Names{"source", "shortage"});
  CHECK(keys(json["inflow"]) == Names{"answer", "weeks", "expected_revenue", "probability", "present_work", "peak_work",
                                      "peak_day", "capacity_needed"});
  CHECK(keys(json["inflow"]["weeks"][0]) ==
        Names{"begin", "end", "leads", "usual_leads", "win_chance", "work_in_progress"});

  CHECK(json["probability"] == 0.25);
  CHECK(json["end"] == "2024-07-29");
  CHECK(json["leads"]["today"][0]["leads"] == 12);
  CHECK(json["leads"]["today"][1]["answer"] == "too_late");
  CHECK(json["leads"]["today"][1]["last_day"].is_null());
  CHECK(json["leads"]["weeks"][1]["answer"] == "beyond_limit");
  CHECK(json["leads"]["evenly"]["per_week"] == 3);  // 12 in 28 days
  CHECK(json["occupancy"]["stages"][1]["needed"].is_null());
  CHECK(json["occupancy"]["stages"][1]["usual"]["upper"].is_null());
  CHECK(json["gaps"][0]["cause"]["source"] == "Lead");
  CHECK(json["inflow"]["answer"] == "capacity_too_small");
  CHECK(json["inflow"]["capacity_needed"] == 14.2);
}

TEST_CASE("the plan's answer fits 80 columns, whatever the amounts") {
  OpenPipeline pipeline;
  pipeline.as_of = pipeline.first_day = *parse_day("2024-07-01");
  pipeline.booked_since = *parse_day("2024-06-01");
  for (const double scale : {1.0, 1e4, 1e9, 1e12}) {
    PlanOptions options{.target = 1000 * scale, .forecast = {.horizon_days = 28}, .capacity = 10.0};
    pipeline.deals = {{"d", StageId{0}, 3, 2700 * scale}, {"e", StageId{1}, 3, std::nullopt}};
    std::ostringstream out;
    write_answer(out, "A pipeline with a name that goes on and on until it is longer than a line of the terminal is",
                 small_plan(scale), pipeline, small_graph(), options);
    std::istringstream lines(out.str());
    for (std::string line; std::getline(lines, line);) {
      std::size_t width = 0;
      for (const char c : line) width += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
      INFO(line);
      CHECK(width <= 80);
    }
    CHECK(out.str().find("Chance now: 25.0 %") != std::string::npos);
    CHECK(out.str().find("2024-07-08 or later") != std::string::npos);
    CHECK(out.str().find("it would take 15") != std::string::npos);
    CHECK((out.str().find("in units of") != std::string::npos) == (scale > 1e5));
  }
}
