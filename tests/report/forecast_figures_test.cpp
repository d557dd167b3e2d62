#include <putki/core/error.hpp>
#include <putki/report/forecast_figures.hpp>
#include <putki/report/forecast_report.hpp>

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

TEST_CASE("options that no figure can be made with are refused before there is a result") {
  CHECK_NOTHROW(check_figure_options({}));
  CHECK_NOTHROW(check_figure_options({.language = Language::finnish, .locale = "sv-SE", .currency = "SEK"}));
  CHECK_THROWS_WITH(check_figure_options({.language = Language::english, .locale = "xx-YY", .currency = {}}),
                    "locale is 'xx-YY'; allowed are de-DE, en-GB, en-US, fi-FI, fr-FR, sv-SE");
}

namespace {

/// Three weeks of which each brings 0, 1,000 or 4,000 alike, 500 booked in the first; sums as if weeks were one.
struct ThreeWeeks {
  Forecast forecast;
  std::vector<PeriodForecast> running;
};

ThreeWeeks three_weeks() {
  const Day begin = *parse_day("2012-01-02");
  ThreeWeeks weeks{.forecast = {.as_of = begin, .horizon_days = 21, .periods = {}, .total = {}}, .running = {}};
  for (int i = 0; i < 3; ++i) {
    PeriodForecast period{};
    const double booked = i == 0 ? 500 : 0;
    period.period = {begin + Days{7 * i}, begin + Days{7 * i + 7}};
    period.revenue = RevenueDistribution::from_atoms({0, 1000, 4000}, {1, 1, 1}).shifted(booked);
    period.booked = {booked, 0};
    period.open = {1200, 10};
    period.not_yet_created = {5000.0 / 3 - 1200, 10};
    weeks.forecast.periods.push_back(period);
    period.period.begin = begin;
    std::vector<double> sums;
    for (int draw = 0; draw < 1000; ++draw) sums.push_back(500 + 10.0 * (i + 1) * draw);
    period.revenue = RevenueDistribution::from_sample(sums);
    period.booked = {500, 0};
    weeks.running.push_back(period);
  }
  weeks.forecast.total = weeks.running.back();
  weeks.forecast.total.open = {3600, 20};
  weeks.forecast.total.not_yet_created = {1400, 20};
  weeks.forecast.total.variance = {.amounts = 1, .wins = 1, .common_shock = 0, .parameters = 0};
  return weeks;
}

const json& data_set(const json& chart, const std::string& name) {
  for (const json& set : chart["data"])
    if (set["name"] == name) return set["values"];
  FAIL("no data set " + name);
  return chart;
}

}  // namespace

TEST_CASE("the revenue figure shows the running totals' own quantiles and the chance of the target") {
  const ThreeWeeks weeks = three_weeks();
  const Figure figure = revenue_figure(weeks.forecast, weeks.running, 20'000.0,
                                       {.language = Language::english, .locale = {}, .currency = "€"});
  // (20,000 - 500) / 30 = 650: 350 of 1,000 draws are there or beyond.
  CHECK(figure.title == "Revenue is unlikely to reach €20,000 by 22 Jan 2012: the chance is 35\u00A0%");
  REQUIRE(figure.table.rows.size() == 3);
  const json chart = json::parse(figure.specification);
  const json& points = data_set(chart, "points");
  REQUIRE(points.size() == 4);  // and the first day, with what is booked
  CHECK(points[0]["middle"] == 500);
  CHECK(points[0]["high95"] == 500);
  for (std::size_t i = 0; i < 3; ++i) {
    const RevenueDistribution& revenue = weeks.running[i].revenue;
    const auto& row = figure.table.rows[i];
    CHECK(row[1].number == 500);
    CHECK(row[2].number == revenue.mean());
    const std::vector<double> levels{0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975};
    const std::vector<std::string> fields{"low95", "low80", "low50", "middle", "high50", "high80", "high95"};
    for (std::size_t q = 0; q < levels.size(); ++q) {
      CHECK(row[3 + q].number == revenue.quantile(levels[q]));
      CHECK(points[i + 1][fields[q]] == revenue.quantile(levels[q]));
    }
    CHECK(row[10].number == revenue.probability_at_least(20'000));
  }
  CHECK(data_set(chart, "target")[0]["amount"] == 20'000);
  const json report = json::parse(to_json(weeks.forecast, 20'000));
  CHECK(report["probability_at_least"]["p"] == *figure.table.rows[2][10].number);
  CHECK(report["total"]["quantiles"]["0.9"] == *figure.table.rows[2][8].number);
  CHECK(report["total"]["mean"] == *figure.table.rows[2][2].number);
}

TEST_CASE("a target that is likely is called so, and without one the title gives the range") {
  const ThreeWeeks weeks = three_weeks();
  CHECK(revenue_figure(weeks.forecast, weeks.running, 2'000.0).title ==
        "Revenue is likely to reach 2,000 by 22 Jan 2012: the chance is 95\u00A0%");
  // (15,500 - 500) / 30 = 500.
  CHECK(revenue_figure(weeks.forecast, weeks.running, 15'500.0).title ==
        "Revenue may or may not reach 15,500 by 22 Jan 2012: the chance is 50\u00A0%");
  CHECK(revenue_figure(weeks.forecast, weeks.running, 510.0).title ==
        "Revenue is likely to reach 510 by 22 Jan 2012: the chance is 99.9\u00A0%");
  CHECK(revenue_figure(weeks.forecast, weeks.running).title ==
        "15,485 is expected by 22 Jan 2012; four of five outcomes lie between 3,470 and 27,470");
  CHECK(revenue_figure(weeks.forecast, {}).table.rows.size() == 1);
  CHECK(revenue_figure(weeks.forecast, weeks.running, 2'000.0,
                       {.language = Language::finnish, .locale = {}, .currency = "€"})
            .title ==
        "Liikevaihto yltänee summaan 2\u00A0000\u00A0€ viimeistään 22.1.2012: todennäköisyys on 95\u00A0%");
}

TEST_CASE("the figure of the periods has each period's quantiles and names the largest") {
  const ThreeWeeks weeks = three_weeks();
  const Figure figure = periods_figure(weeks.forecast);
  CHECK(figure.title == "Beyond what is booked the most is expected in 2 Jan 2012 – 8 Jan 2012: 1,667");
  REQUIRE(figure.table.rows.size() == 3);
  CHECK(figure.table.rows[0][6].number == 1500);
  CHECK(figure.table.rows[1][6].number == 1000);
  const json chart = json::parse(figure.specification);
  CHECK(data_set(chart, "periods")[1]["high95"] == 4000);
  CHECK(data_set(chart, "periods")[1]["begin"] == 1'326'067'200'000.0);  // 2012-01-09
}

TEST_CASE("few possible amounts are shown one by one, many by round amounts, each with its chance") {
  ThreeWeeks weeks = three_weeks();
  weeks.forecast.total.revenue = RevenueDistribution::from_atoms({0, 1000, 4000}, {0.2, 0.3, 0.5});
  const Figure steps = chance_figure(weeks.forecast, 2'000.0);
  CHECK(steps.title == "The chance of 2,000 or more is 50\u00A0%; nine in ten outcomes bring 0 or more");
  REQUIRE(steps.table.rows.size() == 4);
  CHECK(steps.table.rows[0][1].number == 1);
  CHECK(*steps.table.rows[1][1].number == Approx(0.8));
  CHECK(*steps.table.rows[2][1].number == Approx(0.5));
  CHECK(*steps.table.rows[3][1].number == Approx(0.5));
  const auto signal = [](const Figure& figure, const std::string& name) {
    const json chart = json::parse(figure.specification);
    for (const json& entry : chart["signals"])
      if (entry["name"] == name) return entry["value"];
    return json();
  };
  CHECK(signal(steps, "interpolation") == "step-before");

  weeks.forecast.total.revenue = three_weeks().forecast.total.revenue;
  const Figure curve = chance_figure(weeks.forecast);
  CHECK(signal(curve, "interpolation") == "monotone");
  CHECK(curve.table.rows.size() > 20);
  CHECK(curve.table.rows.size() < 50);
  double before = -1;
  for (const auto& row : curve.table.rows) {
    CHECK(*row[0].number >= before);
    before = *row[0].number;
    CHECK(*row[1].number == weeks.forecast.total.revenue.probability_at_least(before));
  }
  const json chart = json::parse(curve.specification);
  for (const json& point : data_set(chart, "points"))
    CHECK(point["chance"] == weeks.forecast.total.revenue.probability_at_least(point["amount"]));
}

TEST_CASE("the parts of expected revenue are those of the forecast, and the title names the largest") {
  ThreeWeeks weeks = three_weeks();
  const Figure open = parts_figure(weeks.forecast);
  CHECK(open.title == "65\u00A0% of the expected 5,500 comes from deals that are open now");
  REQUIRE(open.table.rows.size() == 4);
  CHECK(open.table.rows[0][1].number == 500);
  CHECK(open.table.rows[1][2].number == 1200);
  CHECK(open.table.rows[3][0].text == "Total");
  CHECK(open.table.rows[3][3].number == 1400);
  const json chart = json::parse(open.specification);
  CHECK(data_set(chart, "parts").size() == 9);
  CHECK(data_set(chart, "parts")[0]["period"] == "2 Jan – 8 Jan");

  weeks.forecast.total.not_yet_created = {40'000, 1};
  CHECK(parts_figure(weeks.forecast).title ==
        "91\u00A0% of the expected 44,100 comes from deals that do not exist yet");
}

TEST_CASE("a forecast of nothing says so and draws no parts, chances or variance") {
  const Day day = *parse_day("2012-01-02");
  Forecast nothing{.as_of = day, .horizon_days = 7, .periods = {}, .total = {}};
  nothing.total.period = {day, day + Days{7}};
  nothing.periods = {nothing.total};
  CHECK(parts_figure(nothing).title == "No revenue is expected");
  CHECK(parts_figure(nothing).specification.empty());
  CHECK(chance_figure(nothing).specification.empty());
  CHECK(chance_figure(nothing).table.rows.size() >= 1);
  CHECK(variance_figure(nothing).title == "Nothing about this forecast is uncertain");
  CHECK(variance_figure(nothing).specification.empty());
  CHECK(periods_figure(nothing).title == "No revenue is expected");
  CHECK(periods_figure(nothing).specification.empty());
  CHECK(revenue_figure(nothing, {}).title == "No revenue is expected");
  CHECK(revenue_figure(nothing, {}, 100.0).title ==
        "Revenue is unlikely to reach 100 by 8 Jan 2012: the chance is 0\u00A0%");
  CHECK(revenue_figure(nothing, {}, 100.0).specification.empty());
  CHECK(forecast_section(nothing, {}).figures.size() == 4);
  CHECK(forecast_section(three_weeks().forecast, three_weeks().running).figures.size() == 5);
}

TEST_CASE("a forecast of a thousand days is drawn in part and says so") {
  const ThreeWeeks weeks = three_weeks();
  Forecast long_one = weeks.forecast;
  long_one.periods.assign(1000, weeks.forecast.periods[1]);
  const std::vector<PeriodForecast> running(1000, weeks.running[1]);
  for (const Figure& figure : forecast_section(long_one, running).figures) {
    INFO(figure.name);
    CHECK(figure.table.rows.size() <= 101);
    CHECK(figure.specification.size() < 100'000);
  }
  CHECK(periods_figure(long_one).computed.find("Shown are 100 of 1,000 periods.") != std::string::npos);
}
