#include <putki/report/change_report.hpp>

#include <putki/events/event_log_builder.hpp>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <string>

using namespace putki;

namespace {

const Day kStart{std::chrono::year{2024} / 1 / 1};

struct DealsOfCohort {
  int deals, won;
};

/// Deals created on 2024-01-20 and 2024-02-10, won after 2 days for 50.00 or lost after 4; the change is on 2024-02-01
/// and the view on 2024-03-01.
ChangeComparison example_change(DealsOfCohort before, DealsOfCohort after, std::optional<DealsOfCohort> earlier = {},
                                const std::string& stage = "Lead", ChangeOptions options = {}) {
  const StageGraph graph =
      StageGraph::Builder().stage(stage).stage("Won", StageKind::won).stage("Lost", StageKind::lost).build();
  EventLogBuilder builder(graph);
  const auto add = [&](const char* name, int day, DealsOfCohort cohort) {
    for (int i = 0; i < cohort.deals; ++i) {
      const DealId deal = builder.deal(name + std::to_string(i));
      const Timestamp created = Timestamp(kStart) + Days{day} + std::chrono::hours{10};
      builder.set_attribute(deal, "team", i % 2 == 0 ? "" : "B <team> with a very long name");
      builder.add({.deal = deal, .time = created, .stage = StageId{0}});
      const bool won = i < cohort.won;
      builder.add({.deal = deal,
                   .time = created + Days{won ? 2 : 4},
                   .stage = won ? StageId{1} : StageId{2},
                   .amount = won ? Money{5000} : kNoAmount});
    }
  };
  if (earlier) add("earlier", -9, *earlier);
  add("before", 19, before);
  add("after", 40, after);
  options.change_on = kStart + Days{31};
  options.follow_up_days = 10;
  return compare_change(AsOf(builder.build(), kStart + Days{60}), options);
}

std::string tables_of(const ChangeComparison& change) {
  std::ostringstream out;
  write_tables(out, change);
  return out.str();
}

void check_width(const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    INFO(line);
    // characters, not bytes
    CHECK(std::count_if(line.begin(), line.end(),
                        [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }) <= 80);
  }
}

using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

}  // namespace

TEST_CASE("change JSON holds hand-counted numbers under the documented names") {
  const auto json = nlohmann::json::parse(to_json(example_change({50, 10}, {40, 20})));
  CHECK(json["as_of"] == "2024-03-01");
  CHECK(json["change_on"] == "2024-02-01");
  CHECK(json["window_days"] == 29);
  CHECK(json["follow_up_days"] == 10);
  CHECK(json["outcome"] == "won");
  CHECK(json["attribute"].is_null());
  CHECK(json["verdict"] == "better");
  CHECK(json["placebo"].is_null());
  const auto& first = json["comparison"]["first"];
  CHECK(first["label"] == "before");
  CHECK(first["created_from"] == "2024-01-03");
  CHECK(first["created_before"] == "2024-02-01");
  CHECK(first["known_at"] == "2024-02-01");
  CHECK(first["deals"] == 50);
  CHECK(first["succeeded"] == 10);
  CHECK(first["ended"] == 40);
  CHECK(first["complete"] == 50);
  CHECK(first["share"].get<double>() == Approx(0.2));
  CHECK(first["effective_trials"].get<double>() == Approx(50));
  CHECK(first["days_open"].get<double>() == Approx(0.2 * 2 + 0.8 * 4));
  CHECK(first["won_amount"].get<double>() == Approx(500));
  CHECK(first["money_per_deal"].get<double>() == Approx(10));
  CHECK(json["comparison"]["share"]["value"].get<double>() == Approx(0.3));
  CHECK(json["comparison"]["share"]["std_error"].get<double>() == Approx(std::sqrt(0.16 / 50 + 0.25 / 40)));
  CHECK(json["comparison"]["money_per_deal"]["value"].get<double>() == Approx(15));
  CHECK(json["comparison"]["days_open"]["value"].get<double>() == Approx(-0.6));
  CHECK(json["comparison"]["gray"]["degrees_of_freedom"] == 1);
  // fewer than at hand: 0.2 and 0.5 with 80 % power take 38.5 each (power.prop.test)
  CHECK(json["comparison"]["deals_needed"].get<double>() == Approx(38.48).margin(0.05));
}

TEST_CASE("the verdict says what was found, in words") {
  CHECK_THAT(verdict_sentence(example_change({50, 10}, {40, 20})),
             StartsWith("Better: 50.0 % of deals created after the change were won within 10 days against 20.0 % "
                        "before, +30.0 points (limits "));
  CHECK_THAT(verdict_sentence(example_change({50, 10}, {40, 20})), Contains("for those who look often"));
  CHECK_THAT(verdict_sentence(example_change({500, 100}, {400, 200})), Contains("however often one has looked"));
  CHECK_THAT(verdict_sentence(example_change({40, 20}, {50, 10})), StartsWith("Worse: 20.0 %"));
  const std::string early = verdict_sentence(example_change({50, 10}, {40, 10}));
  CHECK_THAT(early, StartsWith("Too early to tell: 25.0 %"));
  CHECK_THAT(early, Contains("80 times in 100; the difference seen takes 1,094 deals in each to be sure of."));
  CHECK_THAT(verdict_sentence(example_change({9000, 900}, {9000, 905})),
             StartsWith("No difference to speak of: 10.1 %"));
  CHECK(verdict_sentence(example_change({50, 10}, {0, 0})) ==
        "Nothing to compare: no deals were created from 2024-02-01 to 2024-02-29.");
  const auto trend = example_change({500, 100}, {500, 200}, DealsOfCohort{500, 20});
  CHECK(trend.placebo_differs);
  CHECK_THAT(verdict_sentence(trend), Contains("when nothing had changed, there was a difference as well"));
}

TEST_CASE("change tables fit 80 columns and say what they cannot say") {
  const std::string text = tables_of(example_change({500, 100}, {400, 200}, DealsOfCohort{450, 95}));
  check_width(text);
  CHECK_THAT(text, StartsWith("Better: "));
  CHECK_THAT(text, Contains("Deals created"));
  CHECK_THAT(text, Contains("+30.0"));
  CHECK_THAT(text, Contains("no experiment"));
  CHECK_THAT(
      text,
      Contains("Placebo, the same one window earlier (2023-12-05 to 2024-01-31, nothing\nchanged): 21.1 % to 20.0 %"));
  CHECK_THAT(tables_of(example_change({50, 10}, {40, 20})), Contains("does not reach one window further back"));
  check_width(tables_of(example_change({9'000, 4'000}, {8'000, 3'900})));
}

TEST_CASE("two values, one of them unknown or with a long name, are compared by name") {
  ChangeOptions options;
  options.attribute = "team";
  options.second_value = "B <team> with a very long name";
  const auto change = example_change({50, 10}, {200, 60}, {}, "</script>\" " + std::string(300, 'x'), options);
  const std::string text = tables_of(change);
  check_width(text);
  CHECK_THAT(text, Contains("unknown"));
  CHECK_THAT(text, Contains("only if chance decided"));
  const auto json = nlohmann::json::parse(to_json(change));
  CHECK(json["attribute"] == "team");
  CHECK(json["comparison"]["first"]["label"] == "");
  CHECK(json["comparison"]["second"]["label"] == options.second_value);
}

TEST_CASE("the adjusted difference is told beside the plain one") {
  ChangeOptions options;
  options.adjust_for = "team";
  const auto change = example_change({50, 10}, {40, 20}, {}, "Lead", options);
  const std::string text = tables_of(change);
  check_width(text);
  // In each half of both cohorts every other of the first deals was won: 5 of 25 against 10 of 20.
  CHECK_THAT(text, Contains("With the same mix of team: +30.0 points (limits "));
  const auto json = nlohmann::json::parse(to_json(change));
  CHECK(json["adjusted"]["attribute"] == "team");
  CHECK(json["adjusted"]["values"] == 2);
  CHECK(json["adjusted"]["deals_left_out"] == 0);
  CHECK(json["adjusted"]["share"]["value"].get<double>() == Approx(0.3));
  CHECK(nlohmann::json::parse(to_json(example_change({50, 10}, {40, 20})))["adjusted"].is_null());
}

TEST_CASE("an empty comparison is one sentence and nulls") {
  const auto change =
      compare_change(AsOf(EventLog(StageGraph::b2b_template()), kStart), {.change_on = kStart - Days{7}});
  CHECK_THAT(tables_of(change), StartsWith("Nothing to compare: no deals were created from"));
  const auto json = nlohmann::json::parse(to_json(change));
  CHECK(json["verdict"] == "nothing_to_compare");
  CHECK(json["comparison"]["money_per_deal"].is_null());
  CHECK(json["comparison"]["first"]["money_per_deal"].is_null());
  CHECK(json["comparison"]["first"]["share_limits"] == nlohmann::json::parse("[0.0, 1.0]"));
}
