#include <putki/report/forecast_report.hpp>

#include "forecast/known_pipelines.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <sstream>

using namespace putki;

namespace {

Forecast weekly(double scale = 1) {
  OpenPipeline pipeline = known_pipeline();
  pipeline.booked_since = *parse_day("2024-04-29");
  pipeline.bookings = {{*parse_day("2024-04-30"), 5000 * scale}};
  for (int i = 0; i < 40; ++i) pipeline.deals.push_back({"d", StageId{0}, i, (1000.0 + i) * scale});
  return forecast(known_model({0.05}, 1, AmountDistribution::from_values({100 * scale, 300 * scale})), pipeline,
                  {.horizon_days = 28, .period = PeriodUnit::week});
}

}  // namespace

TEST_CASE("forecast JSON holds the forecast's own numbers under the documented names") {
  const Forecast forecast = weekly();
  const auto json = nlohmann::json::parse(to_json(forecast, 20'000));
  CHECK(json["as_of"] == "2024-05-01");
  CHECK(json["horizon_days"] == 28);
  REQUIRE(json["periods"].size() == forecast.periods.size());
  CHECK(json["periods"][0]["begin"] == "2024-04-29");
  CHECK(json["periods"][0]["end"] == "2024-05-06");
  CHECK(json["total"]["end"] == "2024-05-29");
  const auto& total = json["total"];
  CHECK(total["mean"].get<double>() == forecast.total.revenue.mean());
  CHECK(total["sd"].get<double>() == forecast.total.revenue.sd());
  for (const char* p : {"0.1", "0.25", "0.5", "0.75", "0.9"})
    CHECK(total["quantiles"][p].get<double>() == forecast.total.revenue.quantile(std::stod(p)));
  CHECK(total["parts"]["booked"].get<double>() == 5000);
  CHECK(total["parts"]["booked"].get<double>() + total["parts"]["open"].get<double>() +
            total["parts"]["new"].get<double>() ==
        Approx(total["mean"].get<double>()));
  CHECK(json["probability_at_least"]["target"] == 20'000);
  CHECK(json["probability_at_least"]["p"].get<double>() == forecast.total.revenue.probability_at_least(20'000));
  CHECK(nlohmann::json::parse(to_json(forecast))["probability_at_least"].is_null());
}

TEST_CASE("the forecast table fits 80 columns at any scale") {
  for (const double scale : {1.0, 100.0, 1e4, 1e8}) {
    std::ostringstream out;
    write_table(out, weekly(scale), 20'000 * scale);
    std::istringstream lines(out.str());
    for (std::string line; std::getline(lines, line);) {
      INFO(line);
      CHECK(line.size() <= 80);
    }
    CHECK_THAT(out.str(), Catch::Matchers::Contains("Chance of reaching"));
    // 28 days from 1 May: the last is the 28th.
    CHECK_THAT(out.str(), Catch::Matchers::Contains("up to and including 2024-05-28"));
  }
}

TEST_CASE("the heading says what is open, unknown and booked") {
  OpenPipeline pipeline = known_pipeline();
  pipeline.deals = {{"a", StageId{0}, 1, 1'234'567.0}, {"b", StageId{0}, 1, std::nullopt}};
  std::ostringstream out;
  write_heading(out, "Loans", pipeline);
  CHECK(out.str() ==
        "Revenue forecast: Loans, as of 2024-05-01\n2 deals open, worth 1,234,567 (1 of unknown amount)\n\n");
}
