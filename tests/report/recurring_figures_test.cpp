#include <putki/core/error.hpp>
#include <putki/forecast/joint.hpp>
#include <putki/report/recurring_figures.hpp>
#include <putki/report/recurring_report.hpp>

#include "report/figure_support.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <numeric>

using namespace putki;
using namespace putki::test;
using nlohmann::json;

namespace {

const FigureOptions kEuros{.language = Language::english, .locale = {}, .currency = "€"};
const FigureOptions kSuomi{.language = Language::finnish, .locale = {}, .currency = "€"};

/// Means by hand: booked, open, new, of today's customers, of those to be won.
using Means = std::array<double, 5>;

RecurringPeriod period_of(Period period, const Means& means, const std::vector<double>& revenue) {
  RecurringPeriod made;
  made.period = period;
  made.mean = std::accumulate(means.begin(), means.end(), 0.0);
  made.revenue = RevenueDistribution::from_sample(revenue);
  made.booked = {means[0], 0, 0};
  made.open = {means[1], 1, 0.1};
  made.not_yet_created = {means[2], 1, 0.3};
  made.recurring = {means[3] + means[4], 1, 0.6};
  made.todays_customers = {means[3], 1, 0.4};
  made.customers_to_be_won = {means[4], 1, 0.2};
  std::vector<double> again;
  for (const double amount : revenue) again.push_back(amount / 2);
  made.recurring_revenue = RevenueDistribution::from_sample(again);
  return made;
}

/// `count` weeks of 1,000 draws: draw d of week w brings 500 (booked, in the first) + 10 (w + 1) d.
RecurringForecast weeks(int count) {
  const Day begin = *parse_day("2024-01-01");
  RecurringForecast forecast{.as_of = begin,
                             .horizon_days = 7 * count,
                             .periods = {},
                             .total = {},
                             .simulation = {{}, Matrix(1000, static_cast<std::size_t>(count)), {}}};
  std::vector<double> sums(1000);
  for (int week = 0; week < count; ++week) {
    std::vector<double> revenue;
    for (int draw = 0; draw < 1000; ++draw) {
      revenue.push_back((week == 0 ? 500 : 0) + 10.0 * (week + 1) * draw);
      forecast.simulation.revenue(static_cast<std::size_t>(draw), static_cast<std::size_t>(week)) = revenue.back();
      sums[static_cast<std::size_t>(draw)] += revenue.back();
    }
    const Period period{begin + Days{7 * week}, begin + Days{7 * week + 7}};
    forecast.simulation.periods.push_back(period);
    forecast.periods.push_back(period_of(period, {week == 0 ? 500.0 : 0.0, 100, 400, 2000, 1000}, revenue));
  }
  forecast.total = period_of({begin, begin + Days{7 * count}},
                             {500, 100.0 * count, 400.0 * count, 2000.0 * count, 1000.0 * count}, sums);
  forecast.simulation.total = forecast.total.revenue;
  return forecast;
}

RecurringForecast of_nothing() {
  RecurringForecast nothing = weeks(1);
  nothing.total = period_of(nothing.total.period, {0, 0, 0, 0, 0}, std::vector<double>(1000, 0.0));
  nothing.total.open = nothing.total.not_yet_created = nothing.total.recurring = {};
  nothing.total.todays_customers = nothing.total.customers_to_be_won = {};
  nothing.periods = {nothing.total};
  return nothing;
}

}  // namespace

TEST_CASE("the fan of a joined forecast adds up the drawn periods and ends with the whole horizon") {
  const RecurringForecast forecast = weeks(3);
  // 500 + 60 d reaches 30,500 from d = 500 on.
  const Figure figure = revenue_figure(forecast, 30'500.0, kEuros);
  CHECK(figure.title == "Revenue may or may not reach €30,500 by 21 Jan 2024: the chance is 50\u00A0%");
  REQUIRE(figure.table.rows.size() == 3);
  CHECK(every_row_is_whole(figure));
  const json points = data_of(chart_of(figure), "points");
  REQUIRE(points.size() == 4);  // and the day before, with what is booked
  CHECK(points[0]["middle"] == 500);
  const std::vector<double> levels{0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975};
  const std::vector<std::string> fields{"low95", "low80", "low50", "middle", "high50", "high80", "high95"};
  std::vector<std::size_t> first;
  for (std::size_t p = 0; p < 3; ++p) {
    first.push_back(p);
    const RevenueDistribution sum = revenue_of(forecast.simulation, first);
    const auto& row = figure.table.rows[p];
    CHECK(row[1].number == 500);
    CHECK(*row[2].number == Approx(500 + 3500.0 * static_cast<double>(p + 1)));
    for (std::size_t q = 0; q < levels.size(); ++q) {
      CHECK(*row[3 + q].number == Approx(sum.quantile(levels[q])));
      CHECK(points[p + 1][fields[q]] == *row[3 + q].number);
    }
    CHECK(*row[10].number == Approx(sum.probability_at_least(30'500)));
  }
  const json report = json::parse(to_json(forecast, 30'500));
  CHECK(report["total"]["mean"] == *figure.table.rows[2][2].number);
  CHECK(report["total"]["quantiles"]["0.9"] == *figure.table.rows[2][8].number);
  CHECK(report["probability_at_least"]["p"] == *figure.table.rows[2][10].number);
  CHECK(revenue_figure(forecast, std::nullopt, kSuomi).title.find("viimeistään 21.1.2024") != std::string::npos);
}

TEST_CASE("the parts of a joined forecast are the report's, and the title names the largest") {
  RecurringForecast forecast = weeks(3);
  const Figure figure = parts_figure(forecast, kEuros);
  // 9,000 of 11,000.
  CHECK(figure.title == "82\u00A0% of the expected €11,000 comes from customers who buy again");
  REQUIRE(figure.table.rows.size() == 4);
  CHECK(every_row_is_whole(figure));
  const json report = json::parse(to_json(forecast));
  for (std::size_t p = 0; p < 4; ++p) {
    const json& written = p < 3 ? report["periods"][p] : report["total"];
    std::size_t column = 1;
    for (const char* part : {"booked", "open", "new", "recurring"})
      CHECK(written["parts"][part] == *figure.table.rows[p][column++].number);
    CHECK(*figure.table.rows[p][5].number == Approx(written["mean"].get<double>()));
  }
  const json drawn = data_of(chart_of(figure), "parts");
  REQUIRE(drawn.size() == 12);
  CHECK(drawn[3]["part"] == "Customers who buy again");
  CHECK(drawn[3]["mean"] == 3000);
  CHECK(parts_figure(forecast, kSuomi).title ==
        "82\u00A0% odotetusta summasta 11\u00A0000\u00A0€ tulee asiakkailta, jotka ostavat uudelleen");

  forecast.total.not_yet_created.mean = 40'000;
  CHECK(parts_figure(forecast, kEuros).title.find("comes from deals that do not exist yet") != std::string::npos);
}

TEST_CASE("recurring revenue is split into today's customers and those to be won, with its limits") {
  RecurringForecast forecast = weeks(2);
  const Figure figure = recurring_figure(forecast, kEuros);
  CHECK(figure.name == "recurring");
  CHECK(figure.title == "67\u00A0% of the €6,000 that customers bring again comes from today's customers");
  REQUIRE(figure.table.rows.size() == 3);
  CHECK(every_row_is_whole(figure));
  const json report = json::parse(to_json(forecast));
  for (std::size_t p = 0; p < 3; ++p) {
    const json& written = (p < 2 ? report["periods"][p] : report["total"])["recurring"];
    const auto& row = figure.table.rows[p];
    CHECK(written["todays_customers"]["mean"] == *row[1].number);
    CHECK(written["customers_to_be_won"]["mean"] == *row[2].number);
    CHECK(written["mean"] == *row[3].number);
    CHECK(written["quantiles"]["0.1"] == *row[4].number);
    CHECK(written["quantiles"]["0.5"] == *row[5].number);
    CHECK(written["quantiles"]["0.9"] == *row[6].number);
  }
  forecast.total.customers_to_be_won.mean = 12'000;
  CHECK(recurring_figure(forecast, kSuomi).title ==
        "75\u00A0% summasta 16\u00A0000\u00A0€, jonka asiakkaat tuovat ostamalla uudelleen, tulee vielä voitettavilta "
        "asiakkailta");
}

TEST_CASE("the uncertainty of a joined forecast is that of its four parts, those that make up for others included") {
  RecurringForecast forecast = weeks(2);
  const Figure figure = variance_figure(forecast, kEuros);
  CHECK(figure.title == "The largest part of the uncertainty, 40\u00A0%, is what today's customers buy again");
  REQUIRE(figure.table.rows.size() == 3);
  CHECK(every_row_is_whole(figure));
  const json report = json::parse(to_json(forecast));
  for (std::size_t p = 0; p < 3; ++p) {
    const json& written = p < 2 ? report["periods"][p] : report["total"];
    const auto& row = figure.table.rows[p];
    CHECK(written["sd"] == *row[1].number);
    CHECK(written["share_of_variance"]["open"] == *row[2].number);
    CHECK(written["share_of_variance"]["new"] == *row[3].number);
    CHECK(written["recurring"]["todays_customers"]["share_of_variance"] == *row[4].number);
    CHECK(written["recurring"]["customers_to_be_won"]["share_of_variance"] == *row[5].number);
  }
  forecast.total.open.share_of_variance = -0.2;
  forecast.total.not_yet_created.share_of_variance = 0.8;
  const Figure negative = variance_figure(forecast, kEuros);
  CHECK(negative.title == "The largest part of the uncertainty, 80\u00A0%, is what deals bring that do not exist yet");
  const json drawn = data_of(chart_of(negative), "parts");
  REQUIRE(drawn.size() == 12);
  CHECK(drawn[8]["period"] == "Total");
  CHECK(drawn[8]["share"] == -0.2);
}

TEST_CASE("a joined forecast of nothing draws nothing and says so") {
  const RecurringForecast nothing = of_nothing();
  CHECK(revenue_figure(nothing).title == "No revenue is expected");
  CHECK(parts_figure(nothing).title == "No revenue is expected");
  CHECK(periods_figure(nothing).title == "No revenue is expected");
  CHECK(recurring_figure(nothing).title == "Customers are not expected to buy again");
  CHECK(variance_figure(nothing).title == "Nothing about this forecast is uncertain");
  const PageSection section = recurring_section(nothing);
  CHECK(section.figures.size() == 5);  // there is one period
  for (const Figure& figure : section.figures) {
    INFO(figure.name);
    CHECK(figure.specification.empty());
    CHECK(every_row_is_whole(figure));
  }
  CHECK(revenue_figure(nothing, 100.0).title ==
        "Revenue is unlikely to reach 100 by 7 Jan 2024: the chance is 0\u00A0%");
}

TEST_CASE("a joined forecast of many periods is drawn in part and says so") {
  const RecurringForecast forecast = weeks(150);
  const PageSection section = recurring_section(forecast, 1e6);
  CHECK(section.title == "Revenue to come");
  CHECK(section.figures.size() == 6);
  for (const Figure& figure : section.figures) {
    INFO(figure.name);
    CHECK(figure.table.rows.size() <= 101);
    CHECK(every_row_is_whole(figure));
    CHECK(figure.specification.size() < 120'000);
  }
  CHECK(revenue_figure(forecast).computed.find("Shown are 100 of 150 periods.") != std::string::npos);
  CHECK(variance_figure(forecast).computed.find("Shown are 99 of 150 periods.") != std::string::npos);
  // The fan's last point is the whole horizon, whatever is left out.
  CHECK(*revenue_figure(forecast).table.rows.back()[2].number == forecast.total.mean);
}

TEST_CASE("figures of a joined forecast refuse a locale that is not known") {
  const FigureOptions wrong{.language = Language::english, .locale = "xx-YY", .currency = {}};
  CHECK_THROWS_AS(recurring_section(weeks(1), std::nullopt, wrong), InvalidArgument);
}
