#include <putki/events/event_log_builder.hpp>
#include <putki/report/close_rates_report.hpp>
#include <putki/report/metrics_report.hpp>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <sstream>
#include <string>

using namespace putki;

namespace {

// Of `deals` deals that enter a day apart from 2024-01-01 on every fourth is won after 5 days, every fourth lost after
// 9; amounts 1,000 x size, 2,000 x size, ..
AsOf some_deals(int deals, double size = 1) {
  EventLogBuilder builder(StageGraph::b2b_template());
  const Timestamp begin(*parse_day("2024-01-01"));
  for (int d = 0; d < deals; ++d) {
    const DealId deal = builder.deal("deal " + std::to_string(d));
    builder.add({.deal = deal,
                 .time = begin + Days{d},
                 .stage = StageId{0},
                 .amount = Money::from_units(1000 * size * (d + 1))});
    if (d % 4 == 0) builder.add({.deal = deal, .time = begin + Days{d + 5}, .stage = StageId{5}});
    if (d % 4 == 1) builder.add({.deal = deal, .time = begin + Days{d + 9}, .stage = StageId{6}});
  }
  return AsOf(builder.build(), begin + Days{deals + 8});
}

std::size_t longest_line(const std::string& text) {
  std::size_t longest = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) longest = std::max(longest, line.size());
  return longest;
}

template <class Result>
std::string tables(const Result& result) {
  std::ostringstream out;
  write_tables(out, result);
  return out.str();
}

const Day kSince = *parse_day("2024-01-10");

}  // namespace

TEST_CASE("metrics JSON holds hand-counted numbers under the documented names") {
  const auto json =
      nlohmann::json::parse(to_json(funnel_metrics(some_deals(40), {.since = kSince, .horizon_days = 6})));
  CHECK(json["as_of"] == "2024-02-18");
  CHECK(json["since"] == "2024-01-10");
  CHECK(json["horizon_days"] == 6);
  CHECK(json["deals"] == 40);
  CHECK(json["in_funnel"]["deals"] == 20);
  CHECK(json["in_funnel"]["unknown_amounts"] == 0);
  CHECK(json["close_rate"]["by_count"]["value"].get<double>() == Approx(0.25));
  CHECK(json["close_rate"]["followed"] == 40);
  CHECK(json["closed"]["won"]["deals"] == 8);  // days 8 + 5 on: deals 8, 12 .. 36
  CHECK(json["size"]["won"]["mean"]["value"] == 19'000);
  CHECK(json["lifetime"]["mean_age_won"]["value"] == 5);
  CHECK(json["velocity"]["textbook"].is_number());
  REQUIRE(json["periods"].size() == 2);
  CHECK(json["periods"][0]["begin"] == "2024-01-01");
  CHECK(json["periods"][0]["created"]["deals"] == 31);
}

TEST_CASE("metrics tables fit the terminal, small and large, and say what is not known") {
  for (const double size : {1.0, 1e6}) {
    const std::string text = tables(funnel_metrics(some_deals(40, size), {.since = kSince}));
    CHECK(longest_line(text) <= 80);
    CHECK_THAT(text, Catch::Matchers::StartsWith("20 of 40 deals are in the funnel on 2024-02-18, worth "));
    CHECK_THAT(text, Catch::Matchers::Contains("Won/(Won+Lost)"));
    CHECK((size == 1) == (text.find("in units of") == std::string::npos));
  }
  CHECK(longest_line(tables(funnel_metrics(some_deals(40, 10), {.since = kSince}))) <= 80);
  const std::string one = tables(funnel_metrics(some_deals(1), {.since = kSince, .horizon_days = 1}));
  CHECK_THAT(one, Catch::Matchers::StartsWith("0 of 1 deal is in the funnel on 2024-01-10, worth 0.\n"));
  CHECK_THAT(one, Catch::Matchers::Contains(" are won within 1 day.\n"));
  const FunnelMetrics young = funnel_metrics(some_deals(3), {.since = kSince, .horizon_days = 90});
  CHECK_THAT(tables(young), Catch::Matchers::Contains("None has been watched for 90 days yet."));
  CHECK(nlohmann::json::parse(to_json(young))["close_rate"]["by_count"].is_null());
  const AsOf nothing(EventLog(StageGraph::b2b_template()), kSince);
  CHECK(tables(funnel_metrics(nothing)) == "No deals known on 2024-01-10.\n");
  CHECK(nlohmann::json::parse(to_json(funnel_metrics(nothing)))["velocity"]["stock"].is_null());
}

TEST_CASE("close rates are shown side by side, with reasons and the bias") {
  const CloseRates rates = close_rates(some_deals(40), {.since = kSince, .horizon_days = 6});
  const std::string text = tables(rates);
  CHECK(longest_line(text) <= 80);
  CHECK_THAT(text, Catch::Matchers::StartsWith("Of deals created, 25.0 % (95 % limits "));
  CHECK_THAT(text, Catch::Matchers::Contains("are won within 6 days."));
  CHECK_THAT(text, Catch::Matchers::Contains("Inflow changed by "));
  const auto json = nlohmann::json::parse(to_json(rates));
  REQUIRE(json["definitions"].size() == 9);
  CHECK(json["definitions"][0]["definition"] == "by_age");
  CHECK(json["definitions"][3]["definition"] == "closed_in_window");
  CHECK(json["definitions"][3]["won"] == 8);
  CHECK(json["definitions"][3]["rate"]["interval"].size() == 2);
  CHECK(json["bias"]["growth_per_day"]["value"].is_number());
  const AsOf nothing(EventLog(StageGraph::b2b_template()), kSince);
  CHECK(tables(close_rates(nothing)) == "No deals known on 2024-01-10: no close rate.\n");
  CHECK(nlohmann::json::parse(to_json(close_rates(nothing)))["definitions"][0]["rate"].is_null());
}
