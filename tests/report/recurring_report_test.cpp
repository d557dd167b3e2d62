#include <putki/report/recurring_report.hpp>

#include "forecast/known_pipelines.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <array>
#include <sstream>

using namespace putki;

namespace {

RecurringForecast joined(double scale = 1, bool booked = true) {
  OpenPipeline pipeline = known_pipeline();
  if (booked) {
    pipeline.booked_since = *parse_day("2024-04-29");
    pipeline.bookings = {{*parse_day("2024-04-30"), 5000 * scale}};
  }
  for (int i = 0; i < 40; ++i) pipeline.deals.push_back({"d", StageId{0}, i, (1000.0 + i) * scale});
  const std::array<double, 2> leaves{1, 5};
  std::vector<ContractRecord> customers;
  for (int i = 0; i < 30; ++i)
    customers.push_back({.customer = {}, .cell = {.survived = i % 4}, .fee = 200 * scale, .spent = {}});
  return forecast_with_recurring(known_model({0.05}, 1, AmountDistribution::from_values({100 * scale, 300 * scale})),
                                 pipeline, CustomerRevenue::of_contracts(Sbg(leaves), customers, 0, 14),
                                 {.horizon_days = 28, .period = PeriodUnit::week}, {.draws = 200});
}

}  // namespace

TEST_CASE("joined JSON holds the forecast's own numbers under the documented names") {
  const RecurringForecast forecast = joined();
  const auto json = nlohmann::json::parse(to_json(forecast, 20'000));
  CHECK(json["as_of"] == "2024-05-01");
  CHECK(json["horizon_days"] == 28);
  CHECK(json["draws"] == 200);
  REQUIRE(json["periods"].size() == forecast.periods.size());
  CHECK(json["periods"][0]["begin"] == "2024-04-29");
  CHECK(json["total"]["end"] == "2024-05-29");
  const auto check = [](const nlohmann::json& written, const RecurringPeriod& period) {
    const auto number = [](const nlohmann::json& value) { return value.get<double>(); };
    CHECK(number(written["mean"]) == period.mean);
    CHECK(number(written["sd"]) == period.revenue.sd());
    for (const char* p : {"0.1", "0.25", "0.5", "0.75", "0.9"}) {
      CHECK(number(written["quantiles"][p]) == period.revenue.quantile(std::stod(p)));
      CHECK(number(written["recurring"]["quantiles"][p]) == period.recurring_revenue.quantile(std::stod(p)));
    }
    double mean = 0, share = 0;
    for (const char* part : {"booked", "open", "new", "recurring"}) {
      mean += number(written["parts"][part]);
      share += number(written["share_of_variance"][part]);
    }
    CHECK(mean == Approx(period.mean));
    CHECK(share == Approx(1));
    const auto& recurring = written["recurring"];
    CHECK(number(recurring["mean"]) == period.recurring.mean);
    CHECK(number(recurring["mean"]) == number(written["parts"]["recurring"]));
    CHECK(number(recurring["sd"]) == period.recurring.sd);
    CHECK(number(recurring["todays_customers"]["mean"]) + number(recurring["customers_to_be_won"]["mean"]) ==
          Approx(period.recurring.mean));
    CHECK(number(recurring["todays_customers"]["sd"]) == period.todays_customers.sd);
    CHECK(number(recurring["customers_to_be_won"]["share_of_variance"]) ==
          period.customers_to_be_won.share_of_variance);
  };
  for (std::size_t p = 0; p < forecast.periods.size(); ++p) check(json["periods"][p], forecast.periods[p]);
  check(json["total"], forecast.total);
  CHECK(json["probability_at_least"]["p"].get<double>() == forecast.total.revenue.probability_at_least(20'000));
  CHECK(nlohmann::json::parse(to_json(forecast))["probability_at_least"].is_null());
}

TEST_CASE("the joined tables fit 80 columns at any scale") {
  for (const double scale : {1.0, 100.0, 1e4, 1e8})
    for (const bool booked : {true, false}) {
      std::ostringstream out;
      write_table(out, joined(scale, booked), 20'000 * scale);
      std::istringstream lines(out.str());
      for (std::string line; std::getline(lines, line);) {
        INFO(line);
        CHECK(line.size() <= 80);
      }
      CHECK(out.str().find("Chance of reaching") != std::string::npos);
      CHECK((out.str().find("Booked") != std::string::npos) == booked);
      CHECK(out.str().find("Total") != std::string::npos);
    }
}
