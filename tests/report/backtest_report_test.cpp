#include <putki/report/backtest_report.hpp>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <limits>
#include <set>
#include <sstream>

using namespace putki;

namespace {

/// Two horizons: one origin, and none.
Backtest small_backtest(double scale) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  HorizonRecord full{};
  full.days = 7;
  full.origins = {{.as_of = *parse_day("2012-01-13"),
                   .actual = 1.5 * scale,
                   .mean = 1.25 * scale,
                   .q10 = 1 * scale,
                   .q90 = 2 * scale,
                   .crps = 0.125 * scale,
                   .pit = 0.75,
                   .expected_crps = 0.1 * scale,
                   .baselines = {}}};
  full.mae = 0.25 * scale;
  full.crps = 0.125 * scale;
  full.expected_crps = 0.1 * scale;
  full.coverage80 = {1, 1, 1, {0.2, 1}};
  full.bias = -0.25 * scale;
  full.mean_actual = 1.5 * scale;
  for (std::size_t b = 0; b < kBaselines.size(); ++b)
    full.baselines[b] = {.mae = static_cast<double>(b + 1) * scale,
                         .crps = 0.5 * static_cast<double>(b + 1) * scale,
                         .skill = 1 - 0.25 / static_cast<double>(b + 1),
                         .test = {}};
  full.baselines[1].test = DieboldMariano{.mean_difference = -1, .statistic = -2, .p_value = 0.0423, .count = 9};
  HorizonRecord empty{};
  empty.days = 28;
  empty.mae = empty.crps = empty.expected_crps = empty.bias = empty.mean_actual = empty.coverage80.share = nan;
  for (auto& baseline : empty.baselines) baseline = {.mae = nan, .crps = nan, .skill = nan, .test = {}};
  return {{full, empty}};
}

}  // namespace

TEST_CASE("backtest JSON holds the record's own numbers under the documented names and no others") {
  const auto json = nlohmann::json::parse(to_json(small_backtest(1000)));
  const auto keys = [](const nlohmann::json& object) {
    std::set<std::string> names;
    for (const auto& item : object.items()) names.insert(item.key());
    return names;
  };
  const std::set<std::string> baselines{"run_rate", "stage_weighted", "past_windows", "chain_ladder"};
  REQUIRE(json["horizons"].size() == 2);
  const auto& week = json["horizons"][0];
  CHECK(keys(json) == std::set<std::string>{"horizons"});
  CHECK(keys(week) ==
        std::set<std::string>{"days", "origins", "mae", "crps", "coverage80", "bias", "baselines", "skill"});
  CHECK(keys(week["origins"][0]) == std::set<std::string>{"as_of", "actual", "mean", "q10", "q90", "crps", "pit"});
  CHECK(keys(week["baselines"]) == baselines);
  CHECK(keys(week["skill"]) == baselines);
  CHECK(keys(week["baselines"]["run_rate"]) == std::set<std::string>{"mae", "crps"});
  CHECK(week["days"] == 7);
  CHECK(week["origins"][0]["as_of"] == "2012-01-13");
  CHECK(week["origins"][0]["actual"] == 1500);
  CHECK(week["origins"][0]["q90"] == 2000);
  CHECK(week["origins"][0]["pit"] == 0.75);
  CHECK(week["crps"] == 125);
  CHECK(week["coverage80"] == 1);
  CHECK(week["bias"] == -250);
  CHECK(week["baselines"]["past_windows"]["crps"] == 1500);
  CHECK(week["skill"]["stage_weighted"] == 0.875);
  CHECK(json["horizons"][1]["origins"].empty());
  CHECK(json["horizons"][1]["crps"].is_null());
  CHECK(json["horizons"][1]["skill"]["run_rate"].is_null());
}

TEST_CASE("the backtest tables fit 80 columns at any scale") {
  for (const double scale : {1.0, 6.6e6, 1e9, 1e13}) {
    std::ostringstream out;
    write_table(out, small_backtest(scale));
    std::istringstream lines(out.str());
    for (std::string line; std::getline(lines, line);) {
      INFO(line);
      CHECK(line.size() <= 80);
    }
  }
}

TEST_CASE("the backtest tables show scores, skill and p-values") {
  std::ostringstream out;
  write_table(out, small_backtest(1000));
  CHECK_THAT(out.str(), Catch::Matchers::StartsWith(R"(Days  Origins  Actual  Bias  MAE  CRPS  Frontier  In 80 %
---------------------------------------------------------
   7        1   1,500  -250  250   125       100    100 %
  28        0       -     -    -     -         -        -

Days  Against           MAE   CRPS  Skill  p-value
--------------------------------------------------
   7  run_rate        1,000    500   75 %        -
   7  stage_weighted  2,000  1,000   88 %    0.042
   7  past_windows    3,000  1,500   92 %        -
   7  chain_ladder    4,000  2,000   94 %        -
)"));
}

TEST_CASE("large backtests are shown in a larger unit, which is named") {
  std::ostringstream out;
  write_table(out, small_backtest(1e10));
  CHECK_THAT(out.str(), Catch::Matchers::Contains("money in units of 1,000,000"));
}
