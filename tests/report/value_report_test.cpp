#include <putki/report/value_report.hpp>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>
#include <sstream>

using namespace putki;
using Catch::Matchers::Contains;

namespace {

CustomerValueReport small_report() {
  CustomerValueReport report;
  report.model = "bg_nbd";
  report.model_name = "BG/NBD";
  report.as_of = Day{std::chrono::year{1997} / 9 / 30};
  report.horizon = 39;
  report.annual_discount = 0.15;
  report.parameters.names = {"r", "alpha"};
  report.parameters.values = {0.25, 4.5};
  report.parameters.info.log_likelihood = -9582.43;
  report.base.repeat_buyers = 2;
  report.base.fit = {{0, false, 1, 1.25}, {7, true, 2, 1.75}};
  report.base.purchases = summarised(12.5, {8, 17});
  report.base.residual_value = summarised(1234.5, {800, 1700});
  report.base.customers = {{"Aino \"the first\"", 7, 30, 38, Money{123'450}, 0.9, 10.5, 42.0, 1200.0},
                           {"Ben\n\xff", 9, 20, 38, Money{99'900}, 0.25, 1.5, 30.0, 34.5},
                           {"Chloe", 0, 0, 38, Money{}, 1.0, 0.5, 0.0, 0.0}};
  return report;
}

}  // namespace

TEST_CASE("the JSON of customer values has the documented keys") {
  InputSummary input{.rows_read = 12, .rows_used = 11, .findings = {{"missing_id", 1}}, .notes = {{"zero_amount", 2}}};
  const auto json = nlohmann::json::parse(to_json(small_report(), input));
  CHECK(json["model"] == "bg_nbd");
  CHECK(json["as_of"] == "1997-09-30");
  CHECK(json["customers"] == 3);
  CHECK(json["parameters"]["alpha"]["value"] == 4.5);
  CHECK(json["parameters"]["alpha"]["std_error"].is_null());
  CHECK(json["log_likelihood"] == -9582.43);
  CHECK(json["converged"] == true);
  CHECK(json["expected_repeat_purchases"] == 12.5);
  CHECK(json["residual_value"]["q90"] == 1700);
  CHECK(json["spend_parameters"].is_null());
  CHECK(json["customers_detail"].size() == 3);
  CHECK(json["customers_detail"][0]["customer"] == "Aino \"the first\"");
  CHECK(json["customers_detail"][1]["t_x"] == 20);
  CHECK(json["customers_detail"][1]["spent"] == 999.0);
  CHECK(json["fit"][1]["or_more"] == true);
  CHECK(json["findings"][0]["rule"] == "missing_id");
  CHECK(json["rows_used"] == 11);

  CustomerValueReport report = small_report();
  report.base.residual_value.reset();
  report.base.customers[0].residual_value.reset();
  report.parameters.std_errors = {0.1, std::numeric_limits<double>::infinity()};
  const auto bare = nlohmann::json::parse(to_json(report));
  CHECK(bare["residual_value"].is_null());
  CHECK(bare["customers_detail"][0]["residual_value"].is_null());
  CHECK(bare["parameters"]["alpha"]["std_error"].is_null());  // JSON has no infinity

  report.base.purchases.sample.clear();
  const auto undrawn = nlohmann::json::parse(to_json(report));
  CHECK(undrawn["repeat_purchases"]["mean"] == 12.5);
  CHECK(undrawn["repeat_purchases"]["q10"].is_null());
}

TEST_CASE("retention of contracts is in tables and JSON, of purchases it is null") {
  CustomerValueReport report = small_report();
  CHECK(nlohmann::json::parse(to_json(report))["retention"].is_null());
  report.contractual = true;
  CHECK(nlohmann::json::parse(to_json(report))["retention"] == nlohmann::json::array());
  report.base.retention = {{1, 0.8, {0.204, 0.969}, 0.8507}, {2, 0.6, {0.1, 0.9}, 0.75}};
  const auto json = nlohmann::json::parse(to_json(report))["retention"];
  CHECK(json.size() == 2);
  CHECK(json[0] ==
        nlohmann::json({{"renewal", 1}, {"kaplan_meier", 0.8}, {"lower", 0.204}, {"upper", 0.969}, {"model", 0.8507}}));
  std::ostringstream out;
  write_tables(out, report);
  CHECK_THAT(out.str(), Contains("Renewals  Kaplan-Meier    95 % limits   Model\n") &&
                            Contains("       1        80.0 %  20.4 - 96.9 %  85.1 %\n"));
  // Long curves are thinned, the last renewal kept.
  report.base.retention.clear();
  for (std::int32_t n = 1; n <= 53; ++n) report.base.retention.push_back({n, 1.0 / n, {0, 1}, 0.5});
  std::ostringstream thinned;
  write_tables(thinned, report);
  const std::string text = thinned.str();
  CHECK_THAT(text,
             Contains("\n       3 ") && Contains("\n      51 ") && Contains("\n      53 ") && !Contains("\n      52 "));
}

TEST_CASE("segments of customers have a table and JSON of their own") {
  CustomerValueReport report = small_report();
  CHECK(nlohmann::json::parse(to_json(report))["by"].is_null());
  SegmentValue fair{.segment = "",
                    .customers = 40,
                    .repeat_buyers = 10,
                    .parameters = report.parameters,
                    .purchases = summarised(5.5, {3, 8})};
  fair.newcomer_purchases = 1.25;
  SegmentValue web = fair;
  web.segment = "a web of shops with a very long name";
  web.residual_value = summarised(900, {700, 1100});
  web.newcomer_value = 61.5;
  report.by = SegmentValues{"source", 300, {fair, web}};
  const auto json = nlohmann::json::parse(to_json(report))["by"];
  CHECK(json["attribute"] == "source");
  CHECK(json["pooled_customers"] == 300);
  CHECK(json["segments"][0]["residual_value"].is_null());
  CHECK(json["segments"][1]["newcomer"]["value"] == 61.5);
  CHECK(json["segments"][1]["parameters"]["r"]["value"] == 0.25);
  std::ostringstream out;
  write_tables(out, report);
  CHECK_THAT(out.str(), Contains("By source, each with a model of its own that leans on the others as on 300") &&
                            Contains("unknown") && Contains("61.50") && Contains("25 %"));
  std::istringstream lines(out.str());
  for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 84);

  report.by->pooled_customers = std::numeric_limits<double>::infinity();
  CHECK(nlohmann::json::parse(to_json(report))["by"]["pooled_customers"].is_null());
  std::ostringstream alike;
  write_tables(alike, report);
  CHECK_THAT(alike.str(), Contains("no difference between them lasts"));
}

TEST_CASE("effects of covariates have a table and JSON of their own") {
  CustomerValueReport report = small_report();
  const auto none = nlohmann::json::parse(to_json(report));
  CHECK(none["covariates"].empty());
  CHECK(none["covariates_test"].is_null());
  report.covariates = CovariateReport{
      {{.covariate = "a column of a very long name", .parameter = "alpha", .value = 0.5, .std_error = 0.25},
       {.covariate = "basket", .parameter = "a", .value = -1.2345678e-5, .std_error = 1.5e-6},
       {.covariate = "basket", .parameter = "b", .value = 0.25}},
      {.chi_square = 7.25, .degrees_of_freedom = 3, .p_value = 0.0643}};
  const auto json = nlohmann::json::parse(to_json(report));
  CHECK(json["covariates"][0]["parameter"] == "alpha");
  // 0.5 -+ 1.959964 * 0.25; two-sided at z = 2
  CHECK(json["covariates"][0]["lower"].get<double>() == Approx(0.010009).margin(1e-6));
  CHECK(json["covariates"][0]["p_value"].get<double>() == Approx(0.0455003).margin(1e-7));
  CHECK(json["covariates"][2]["std_error"].is_null());
  CHECK(json["covariates"][2]["upper"].is_null());
  CHECK(json["covariates_test"]["degrees_of_freedom"] == 3);
  std::ostringstream out;
  write_tables(out, report);
  CHECK_THAT(out.str(), Contains("-1.23e-05") && Contains("< 0.0001") && Contains("0.0455") &&
                            Contains("Against none: chi-square 7.25, 3 degrees of freedom, p 0.0643"));
  std::istringstream lines(out.str());
  for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 82);  // 80 columns; the ellipsis is 3 bytes
}

TEST_CASE("the tables of customer values say the totals first and stay narrow") {
  std::ostringstream out;
  write_tables(out, small_report());
  const std::string text = out.str();
  CHECK_THAT(text, Contains("3 customers known on 1997-09-30, 2 of them bought again\n") &&
                       Contains("Next 39 weeks: 12.5 repeat purchases expected, 80 % interval 8.0 to 17.0\n") &&
                       Contains("Residual value of all, at 15 % a year: 1,235, 80 % interval 800 to 1,700\n"));
  CHECK_THAT(text, Contains("alpha      4.5000") && Contains("Log-likelihood -9582.4300"));
  const std::size_t slipping = text.find("Slipping away");
  REQUIRE(slipping != std::string::npos);
  CHECK(text.find("Ben", slipping) != std::string::npos);
  CHECK(text.find("Aino", slipping) == std::string::npos);
  CHECK(text.find("Aino") < text.find("Ben"));
  CHECK(text.find("Chloe") == std::string::npos);  // worth nothing
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 82);

  CustomerValueReport report = small_report();
  report.base.residual_value.reset();
  for (CustomerValue& customer : report.base.customers) customer.residual_value.reset();
  report.base.customers.erase(report.base.customers.begin() + 1);
  std::ostringstream bare;
  write_tables(bare, report, 1);
  CHECK_THAT(bare.str(), Contains("Residual value: not known") && Contains("by repeat purchases to come") &&
                             Contains("Nobody is slipping away"));
  CHECK(bare.str().find("Chloe") == std::string::npos);  // one only
}
