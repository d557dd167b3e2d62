#include <putki/report/this_week_report.hpp>

#include <putki/events/event_log_builder.hpp>

#include "random_log.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <sstream>

using namespace putki;
using std::chrono::hours;

namespace {

ThisWeek random_week(std::mt19937& random, const std::string& stage) {
  StageGraph::Builder builder;
  builder.stage(stage).stage("Talk").stage("Won", StageKind::won).stage("Lost", StageKind::lost);
  const StageGraph graph = builder.build();
  const auto histories =
      test::random_histories(random, graph, {.deals = 150, .most_changes = 4, .last_day = 120, .amounts = true});
  const AsOf view(test::build_log(graph, histories, ReopenPolicy::ignore), test::kFirstInstant + hours{24 * 100});
  return this_week(view, test::kFirstInstant + hours{24 * 72});
}

}  // namespace

TEST_CASE("this week fits a screen of 80 columns and numbers its tasks") {
  std::mt19937 random(81);
  for (int round = 0; round < 20; ++round) {
    const ThisWeek week = random_week(random, "Lead");
    std::ostringstream out;
    write_tables(out, week);
    std::istringstream lines(out.str());
    std::size_t count = 0;
    for (std::string line; std::getline(lines, line); ++count) CHECK(line.size() <= 80);
    CHECK(count <= 25);
    for (std::size_t i = 1; i <= week.tasks.size(); ++i)
      CHECK(out.str().find("\n" + std::to_string(i) + ". ") != std::string::npos);
  }
}

TEST_CASE("the JSON of this week holds the tasks' figures") {
  std::mt19937 random(82);
  const std::string hostile = "</script>\"' " + std::string(400, 'x');
  const ThisWeek week = random_week(random, hostile);
  const auto json = nlohmann::json::parse(to_json(week));
  CHECK(json["open_deals"] == week.open_deals);
  CHECK(json["open_value"] == week.open_value.units());
  REQUIRE(json["tasks"].size() == week.tasks.size());
  REQUIRE(std::holds_alternative<DecideDeals>(week.tasks.front()));
  const auto& decide = std::get<DecideDeals>(week.tasks.front());
  CHECK(json["tasks"][0]["task"] == "decide");
  CHECK(json["tasks"][0]["at_stake"] == decide.at_stake);
  for (std::size_t i = 0; i < decide.deals.size(); ++i) {
    CHECK(json["tasks"][0]["deals"][i]["deal"] == decide.deals[i].deal);
    CHECK(json["tasks"][0]["deals"][i]["advance"] == decide.deals[i].advance.probability);
  }
  std::ostringstream out;
  write_tables(out, week);
  std::istringstream lines(out.str());
  for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 100);
}

TEST_CASE("without any amount the tasks go by deals and no money is named") {
  std::mt19937 random(83);
  const StageGraph graph = StageGraph::linear(std::vector<std::string>{"Lead", "Talk"});
  const auto histories = test::random_histories(random, graph, {.deals = 150, .most_changes = 4, .last_day = 120});
  const AsOf view(test::build_log(graph, histories, ReopenPolicy::ignore), test::kFirstInstant + hours{24 * 100});
  const ThisWeek week = this_week(view, test::kFirstInstant + hours{24 * 72});
  REQUIRE(week.without_amount == week.open_deals);
  std::ostringstream out;
  write_tables(out, week);
  CHECK(out.str().find("worth") == std::string::npos);
  CHECK(out.str().find("decisions are likely on") != std::string::npos);
  for (const WeekTask& task : week.tasks) {
    if (const auto* decide = std::get_if<DecideDeals>(&task)) {
      CHECK(decide->at_stake == 0);
      double decisions = 0;
      for (const ReadyDeal& deal : decide->deals) decisions += deal.advance.probability + deal.lost.probability;
      CHECK(decide->decisions == Approx(decisions));
    }
  }
  REQUIRE(std::holds_alternative<StopLeak>(week.tasks.back()));
  CHECK(std::get<StopLeak>(week.tasks.back()).lost_per_month > 0);
  CHECK(out.str().find("a month.") != std::string::npos);
}

TEST_CASE("nothing to do is said in words") {
  const ThisWeek week{.as_of = Day{std::chrono::year{2024} / 1 / 8},
                      .graph = StageGraph::b2b_template(),
                      .open_value = {},
                      .tasks = {}};
  std::ostringstream out;
  write_tables(out, week);
  CHECK(out.str() ==
        "0 deals open on 2024-01-08, worth 0.\nNothing calls for action yet: the history is too short to say more.\n");
  CHECK(nlohmann::json::parse(to_json(week))["tasks"].empty());
}
