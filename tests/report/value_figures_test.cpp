#include <putki/report/value_figures.hpp>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <random>

using namespace putki;
using nlohmann::json;

namespace {

// A hundred draws whose 80 % interval is the two limits.
ValueTotal total_of(double expected, double lower, double upper) {
  std::vector<double> sample(100, expected);
  std::fill(sample.begin(), sample.begin() + 30, lower);
  std::fill(sample.end() - 30, sample.end(), upper);
  return summarised(expected, sample);
}

// Twenty customers; the best two hold 500 + 300 of 1,000.
CustomerValueReport twenty_customers() {
  CustomerValueReport report;
  report.model = "bg_nbd";
  report.model_name = "BG/NBD";
  report.as_of = *parse_day("1997-09-30");
  report.horizon = 39;
  report.annual_discount = 0.15;
  report.parameters.names = {"r", "alpha", "a", "b"};
  report.parameters.values = {0.25, 4.5, 0.8, 2.4};
  report.base.fit = {{0, false, 100, 101.5}, {1, false, 50, 47.25}, {2, true, 30, 31.25}};
  report.base.residual_value = total_of(1000, 800, 1200);
  report.base.purchases = total_of(60, 50, 70);
  for (int i = 0; i < 20; ++i)
    report.base.customers.push_back({.customer = "customer " + std::to_string(i),
                                     .repeats = i < 5 ? 3.0 : 0.0,
                                     .recency = i < 5 ? 8.0 : 0.0,
                                     .age = 38,
                                     .spent = {},
                                     .probability_alive = i == 0 ? 0.1 : 0.9,
                                     .expected_purchases = 3,
                                     .expected_spend = 10,
                                     .residual_value = i == 7   ? 500.0
                                                       : i == 8 ? 300.0
                                                       : i < 4  ? 50.0
                                                                : 0.0});
  return report;
}

CustomerValueReport contracts(const std::vector<std::pair<int, bool>>& renewals_and_left) {
  CustomerValueReport report;
  report.model = "sbg";
  report.model_name = "sBG";
  report.contractual = true;
  report.time_unit = "month";
  report.horizon = 2;
  report.annual_discount = 0.1;
  report.parameters.names = {"alpha", "beta"};
  report.parameters.values = {1, 3};  // S(n) = 3 / (3 + n)
  for (const auto& [renewals, left] : renewals_and_left)
    report.base.customers.push_back({.customer = "c",
                                     .repeats = static_cast<double>(renewals),
                                     .recency = static_cast<double>(renewals),
                                     .age = static_cast<double>(renewals + (left ? 1 : 0)),
                                     .spent = {},
                                     .probability_alive = left ? 0.0 : 1.0,
                                     .expected_purchases = left ? 0.0 : 1.5,
                                     .expected_spend = {},
                                     .residual_value = {}});
  return report;
}

json values_in(const Figure& figure, const char* set) {
  const json chart = json::parse(figure.specification);
  for (const json& data : chart["data"])
    if (data["name"] == set) return data["values"];
  FAIL("no data set " << set);
  return {};
}

CustomerValueReport by_source(std::vector<SegmentValue> segments) {
  CustomerValueReport report = twenty_customers();
  report.by = SegmentValues{"source", 300, std::move(segments)};
  return report;
}

SegmentValue segment(std::string name, std::uint64_t customers, const ValueTotal& worth) {
  SegmentValue value;
  value.segment = std::move(name);
  value.customers = customers;
  value.residual_value = worth;
  return value;
}

}  // namespace

TEST_CASE("the retention figure shows the points of the report, and the model to the horizon") {
  CustomerValueReport report = contracts({{1, true}, {2, false}});
  report.base.retention = {{1, 0.75, {0.5, 0.9}, 0.75}, {2, 0.6, {0.3, 0.8}, 0.6}, {3, 0.3, {0.1, 0.6}, 0.5}};
  const Figure figure = retention_figure(report);
  REQUIRE(figure.table.rows.size() == 5);
  for (std::size_t i = 0; i < 3; ++i) {
    const RetentionPoint& point = report.base.retention[i];
    const auto& row = figure.table.rows[i];
    CHECK(row[0].number == point.renewal);
    CHECK(row[1].number == point.kaplan_meier);
    CHECK(row[2].number == point.limits.lower);
    CHECK(row[3].number == point.limits.upper);
    CHECK(row[4].number == point.model);
  }
  CHECK(!figure.table.rows[3][1].number);
  // alpha 1, beta 3: S(n) = 3 / (3 + n), so S(4) / S(3) = 6 / 7 and S(5) / S(3) = 6 / 8
  CHECK(*figure.table.rows[3][4].number == Approx(0.5 * 6 / 7));
  CHECK(*figure.table.rows[4][4].number == Approx(0.5 * 6 / 8));
  CHECK(figure.title == "Half of the customers have left after 3 months");
  const json observed = values_in(figure, "observed"), model = values_in(figure, "model");
  REQUIRE(observed.size() == 4);
  REQUIRE(model.size() == 6);
  CHECK(observed[0]["share"] == 1);
  CHECK(observed[2]["share"] == 0.6);
  CHECK(observed[2]["upper"] == 0.8);
  CHECK(model[5]["renewals"] == 5);
}

TEST_CASE("retention without half of the customers gone says what is left, and with long lives stays short") {
  CustomerValueReport loyal = contracts({{1, true}, {2, false}});
  loyal.base.retention = {{1, 0.9, {0.85, 0.94}, 0.9}, {2, 0.8, {0.7, 0.87}, 0.8}};
  CHECK(retention_figure(loyal).title ==
        "80\u00A0% of customers are still there after 2 months (limits 70\u00A0% – 87\u00A0%)");
  loyal.base.retention.clear();
  for (int n = 1; n <= 3000; ++n) loyal.base.retention.push_back({n, 1 - n / 9000.0, {0.6, 1}, 0.9});
  const Figure figure = retention_figure(loyal);
  CHECK(figure.table.rows.size() <= 121);
  CHECK(figure.specification.size() < 60'000);
}

TEST_CASE("retention agrees with what a contract base was valued at") {
  std::vector<ContractRecord> records;
  std::mt19937 random(8);
  TenureStatistics tenures;
  for (int i = 0; i < 400; ++i) {
    records.push_back({.customer = "c" + std::to_string(i),
                       .cell = {.survived = static_cast<std::int32_t>(random() % 9), .ended = random() % 3 == 0},
                       .fee = 10,
                       .spent = {}});
    tenures.add(records.back().cell);
  }
  const Sbg model = fit_sbg(tenures);
  CustomerValueReport report = contracts({});
  report.parameters = model.fit();
  report.horizon = 3;
  report.base = value_contracts(model, records, 0, {.horizon = 3, .draws = 20});
  const Figure figure = retention_figure(report);
  const json points = json::parse(to_json(report))["retention"];
  REQUIRE(figure.table.rows.size() == points.size() + 3);
  for (std::size_t i = 0; i < points.size(); ++i) {
    CHECK(figure.table.rows[i][1].number == points[i]["kaplan_meier"].get<double>());
    CHECK(figure.table.rows[i][3].number == points[i]["upper"].get<double>());
    CHECK(figure.table.rows[i][4].number == points[i]["model"].get<double>());
    // The last model point and those beyond are one curve.
    CHECK(*figure.table.rows[i][4].number == Approx(model.survival(points[i]["renewal"].get<double>())));
  }
  const double beyond = points.back()["renewal"].get<double>() + 3;
  CHECK(*figure.table.rows.back()[4].number == Approx(model.survival(beyond)));
}

TEST_CASE("the fit figure says whether the model describes the customers") {
  CustomerValueReport report = twenty_customers();
  const Figure good = purchase_fit_figure(report);
  CHECK(good.title == "BG/NBD describes the customers: 100 have 0 repeat purchases, it expects 102");
  REQUIRE(good.table.rows.size() == 3);
  CHECK(good.table.rows[2][0].text == "2+");
  CHECK(good.table.rows[2][1].number == 30);
  CHECK(good.table.rows[2][2].number == 31.25);
  CHECK(values_in(good, "lines")[1]["expected"] == 47.25);

  report.base.fit[1] = {1, false, 50, 80};
  CHECK(purchase_fit_figure(report).title ==
        "BG/NBD does not describe everybody: 50 customers have 1 repeat purchases, it expects 80.0");
}

TEST_CASE("the chances of being alive are averaged by repeats and silence, and nobody is lost") {
  const CustomerValueReport report = twenty_customers();
  const Figure figure = alive_figure(report);
  // 15 without repeats, silent for 38 weeks; 5 with three, silent for 30: one of them at 0.1, four at 0.9
  REQUIRE(figure.table.rows.size() == 2);
  CHECK(figure.table.rows[0][0].text == "0");
  CHECK(figure.table.rows[0][3].number == 15);
  CHECK(*figure.table.rows[0][4].number == Approx(0.9));
  CHECK(figure.table.rows[1][0].text == "3");
  CHECK(figure.table.rows[1][1].number == 30);
  CHECK(figure.table.rows[1][2].number == 35);
  CHECK(*figure.table.rows[1][4].number == Approx((0.1 + 4 * 0.9) / 5));
  CHECK(figure.title == "About 86\u00A0% of 20 customers are still there; 1 who had bought again are more likely gone");
  CHECK(values_in(figure, "cells").size() == 2);

  // Everybody silent for 70 days: one row, from 10 weeks on, though (a + 70) / 7 - a / 7 is below 10 for some a.
  CustomerValueReport silent = report;
  silent.base.customers.clear();
  int below = 0;
  for (int days = 1; days <= 200; ++days) {
    CustomerValue customer = report.base.customers.front();
    customer.repeats = 1;
    customer.recency = days / 7.0;
    customer.age = (days + 70) / 7.0;
    below += customer.age - customer.recency < 10 ? 1 : 0;
    silent.base.customers.push_back(customer);
  }
  REQUIRE(below > 0);
  silent.base.customers.push_back(report.base.customers.back());  // silent for 38 weeks: columns of 5
  const Figure border = alive_figure(silent);
  REQUIRE(border.table.rows.size() == 2);
  CHECK(border.table.rows[1][1].number == 10);
  CHECK(border.table.rows[1][3].number == 200);

  CustomerValueReport certain = report;
  for (CustomerValue& customer : certain.base.customers)
    if (customer.repeats == 0) customer.probability_alive = 1;
  const Figure again = alive_figure(certain);
  CHECK(again.title == "Of 5 customers who bought again about 74\u00A0% are still there; more likely gone: 1");
  CHECK(again.computed.find("BG/NBD takes everybody who never bought again to be alive") != std::string::npos);

  CustomerValueReport many = report;
  std::mt19937 random(4);
  many.base.customers.clear();
  for (int i = 0; i < 20000; ++i) {
    const double age = static_cast<double>(random() % 1000) / 7,
                 recency = age * static_cast<double>(random() % 100) / 100;
    many.base.customers.push_back({.customer = "c",
                                   .repeats = static_cast<double>(random() % 40),
                                   .recency = recency,
                                   .age = age,
                                   .spent = {},
                                   .probability_alive = static_cast<double>(random() % 1000) / 1000,
                                   .expected_purchases = 0,
                                   .expected_spend = {},
                                   .residual_value = {}});
  }
  const Figure large = alive_figure(many);
  CHECK(large.table.rows.size() <= 8 * 13);
  double customers = 0, alive = 0, expected = 0;
  for (const auto& row : large.table.rows) {
    customers += *row[3].number;
    alive += *row[3].number * *row[4].number;
  }
  for (const CustomerValue& customer : many.base.customers) expected += customer.probability_alive;
  CHECK(customers == 20000);
  CHECK(alive == Approx(expected));
}

TEST_CASE("tenths of customers hold all of the value, best first") {
  const Figure figure = value_concentration_figure(twenty_customers());
  CHECK(figure.title == "The best tenth of 20 customers holds 80\u00A0% of the residual value");
  REQUIRE(figure.table.rows.size() == 10);
  CHECK(figure.table.rows[0][2].number == 800);
  CHECK(figure.table.rows[1][2].number == 100);
  CHECK(*figure.table.rows[2][4].number == Approx(1));
  CHECK(values_in(figure, "tenths")[0]["share"] == 0.8);

  CustomerValueReport even = twenty_customers();
  for (CustomerValue& customer : even.base.customers) customer.residual_value = 7;
  CHECK(value_concentration_figure(even).title ==
        "Customers are worth much the same: the best tenth of 20 holds 10\u00A0% of the residual value");
  // Who has left is no customer: of two who are still there the better holds the half.
  const Figure left = value_concentration_figure(contracts({{0, true}, {3, false}, {2, false}, {1, true}}));
  CHECK(left.title == "The best of 2 customers holds 50\u00A0% of the renewals to come");
  CHECK(left.table.rows.size() == 2);
}

TEST_CASE("segments are told apart only when their intervals are") {
  const Figure apart = segment_value_figure(
      by_source({segment("web", 100, total_of(5000, 4000, 6000)), segment("fair", 10, total_of(1500, 1200, 1800))}),
      {.locale = {}, .currency = "€"});
  CHECK(apart.title == "By source, a customer of fair is worth €150.00 more to come, one of web only €50.00");
  REQUIRE(apart.table.rows.size() == 2);
  CHECK(apart.table.rows[0][0].text == "fair");
  CHECK(apart.table.rows[0][2].number == 150);
  CHECK(apart.table.rows[0][3].number == 120);
  CHECK(apart.table.rows[1][4].number == 60);
  CHECK(values_in(apart, "segments")[0]["upper"] == 180);

  const Figure alike = segment_value_figure(
      by_source({segment("web", 100, total_of(5000, 4000, 13000)), segment("", 10, total_of(1500, 1200, 1800))}));
  CHECK(alike.title.rfind("Segments by source are not told apart", 0) == 0);
  CHECK(alike.table.rows[0][0].text == "unknown");
}

TEST_CASE("segments of a handful of customers are left out where larger ones can be shown") {
  const Figure figure = segment_value_figure(
      by_source({segment("one", 1, total_of(9000, 0, 20000)), segment("web", 100, total_of(5000, 4000, 6000)),
                 segment("fair", 10, total_of(1500, 1200, 1800))}));
  CHECK(figure.table.rows.size() == 2);
  CHECK(figure.computed.find("Segments of fewer customers are left out: 1.") != std::string::npos);
}

TEST_CASE("hostile names of segments stay data, and many segments are cut") {
  const std::string hostile = "</script><img src=x onerror=alert(1)>";
  std::vector<SegmentValue> segments;
  for (int i = 0; i < 50; ++i)
    segments.push_back(segment(hostile + std::to_string(i) + std::string(900, 'x'), static_cast<std::uint64_t>(100 + i),
                               total_of(1000 + i, 900, 1100)));
  const Figure figure = segment_value_figure(by_source(segments));
  CHECK(figure.table.rows.size() == 20);
  CHECK(figure.computed.find("Segments of fewer customers are left out: 30.") != std::string::npos);
  CHECK(figure.title.size() < 200);
  json chart = json::parse(figure.specification);
  for (json& data : chart["data"]) data.erase("values");
  chart.erase("description");
  CHECK(chart.dump().find("onerror") == std::string::npos);
}

TEST_CASE("figures of customers are those that apply, in Finnish when asked") {
  const auto names = [](const PageSection& section) {
    std::vector<std::string> list;
    for (const Figure& figure : section.figures) list.push_back(figure.name);
    return list;
  };
  CHECK(names(value_section(twenty_customers())) ==
        std::vector<std::string>{"alive", "value-concentration", "purchase-fit"});
  CHECK(names(value_section(contracts({{1, true}, {2, false}}))) ==
        std::vector<std::string>{"retention", "value-concentration", "purchase-fit"});
  CHECK(value_section(twenty_customers(), {.language = Language::finnish, .locale = {}}).title ==
        "Asiakkaiden arvo 30.9.1997");
  CustomerValueReport short_lived = contracts({{0, true}, {0, true}, {1, false}});
  short_lived.base.retention = {{1, 1.0 / 3, {0.01, 0.8}, 0.75}};
  const Figure finnish = retention_figure(short_lived, {.language = Language::finnish, .locale = {}});
  CHECK(finnish.title == "Puolet asiakkaista on lähtenyt, kun on kulunut 1 kuukausi");
  CustomerValueReport report = twenty_customers();
  report.time_unit = "4-week period";
  CHECK(alive_figure(report, {.language = Language::finnish, .locale = {}}).table.columns[1] ==
        "Hiljaa vähintään, 4 viikon jaksoa");
  report.time_unit = "season";
  CHECK(alive_figure(report).table.columns[1] == "Silent from, season");
}

TEST_CASE("figures of nobody have titles and no picture") {
  CustomerValueReport nobody;
  nobody.model_name = "BG/NBD";
  nobody.base.residual_value = ValueTotal{};
  for (const Figure& figure : {alive_figure(nobody), value_concentration_figure(nobody), purchase_fit_figure(nobody),
                               segment_value_figure(nobody), retention_figure(nobody)}) {
    CHECK(figure.specification.empty());
    CHECK(!figure.title.empty());
    CHECK(figure.table.rows.empty());
    CHECK(!figure.table.columns.empty());
  }
}
