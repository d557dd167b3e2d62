#include <putki/core/error.hpp>
#include <putki/report/forecast_figures.hpp>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace putki;
using nlohmann::json;

namespace {

Forecast two_months() {
  const Day begin = *parse_day("2012-01-01"), middle = *parse_day("2012-02-01"), end = *parse_day("2012-03-01");
  Forecast forecast{.as_of = begin, .horizon_days = 60, .periods = {}, .total = {}};
  PeriodForecast period{};
  period.period = {begin, middle};
  period.variance = {.amounts = 10, .wins = 60, .common_shock = 20, .parameters = 10};
  forecast.periods.push_back(period);
  period.period = {middle, end};
  period.variance = {.amounts = 0, .wins = 0, .common_shock = 0, .parameters = 0};
  forecast.periods.push_back(period);
  forecast.total = period;
  forecast.total.period = {begin, end};
  forecast.total.variance = {.amounts = 1, .wins = 1, .common_shock = 5, .parameters = 1};
  return forecast;
}

}  // namespace

TEST_CASE("the variance figure names the largest part and shows a bar for each period that varies") {
  const Figure figure = variance_figure(two_months());
  CHECK(figure.title == "63\u00A0% of the uncertainty comes from one part: Common shock");
  REQUIRE(figure.table.rows.size() == 2);
  CHECK(figure.table.rows[0][0].text == "1 Jan 2012 – 31 Jan 2012");
  CHECK(figure.table.rows[0][1].number == 0.6);
  CHECK(figure.table.rows[1][4].number == 0.625);

  const json chart = json::parse(figure.specification);
  CHECK(chart["description"] == figure.title);
  double sum = 0;
  for (const json& row : chart["data"][0]["values"]) sum += row["share"].get<double>();
  CHECK(sum == Approx(2));
  CHECK(chart["config"]["locale"]["number"]["decimal"] == ".");
}

TEST_CASE("a figure speaks Finnish and counts in the locale asked for") {
  const Figure figure = variance_figure(two_months(), {.language = Language::finnish, .locale = {}, .currency = {}});
  CHECK(figure.title == "63\u00A0% epävarmuudesta tulee yhdestä osasta: Yhteinen muutos");
  CHECK(json::parse(figure.specification)["config"]["locale"]["number"]["decimal"] == ",");
  CHECK(figure.table.rows[0][0].text == "1.1.2012 – 31.1.2012");
}

TEST_CASE("a locale that is not known is named with those that are") {
  CHECK_THROWS_WITH(variance_figure(two_months(), {.language = Language::english, .locale = "xx-YY", .currency = {}}),
                    "locale is 'xx-YY'; allowed are de-DE, en-GB, en-US, fi-FI, fr-FR, sv-SE");
}
