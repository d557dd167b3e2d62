#include <putki/report/pipeline_value_report.hpp>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <limits>
#include <sstream>

using namespace putki;
using Catch::Matchers::Contains;

namespace {

// Ten draws around what is expected: the 10, 50 and 90 % points are the first, fifth and ninth.
ForecastTotal around(double expected) {
  std::vector<double> sample;
  for (int i = 1; i <= 10; ++i) sample.push_back(expected * (0.45 + 0.1 * i));
  return summarised(expected, sample);
}

PipelineValue worth(double scale) {
  PipelineValue value{.as_of = Day{std::chrono::year{2024} / 6 / 28},
                      .horizon_days = 365,
                      .annual_discount = 0.15,
                      .margin = {.sales = 0.2, .later = 0.6},
                      .open_deals = 120,
                      .customer_count = 2357};
  value.open = {31.25, around(720'000 * scale), around(480'000 * scale), around(1'200'000 * scale)};
  value.not_yet_created = {50, around(300'000 * scale), around(100'000 * scale), around(400'000 * scale)};
  value.customers = around(2'000'000 * scale);
  value.total = around(3'600'000 * scale);
  return value;
}

}  // namespace

TEST_CASE("what the pipeline is worth begins with the finding and says what its figures are") {
  std::ostringstream out;
  write_tables(out, worth(1));
  std::string flat = out.str();
  std::replace(flat.begin(), flat.end(), '\n', ' ');
  CHECK_THAT(flat,
             Catch::Matchers::StartsWith(
                 "The 120 open deals are worth 1.20 M, of which 40 % is what their customers buy later; deals still to "
                 "be created within 365 days, 400,000, of which 25 % is what their customers buy later; the 2,357 "
                 "customers of today, 2.00 M. Together 3.60 M. Margin (20 % of sales, 60 % of later purchases) worth "
                 "on 2024-06-28, discounted at 15 % a year; deals won within 365 days and all that their customers "
                 "buy afterwards. "));
  CHECK_THAT(out.str(), Contains("Open deals, 31.2 won       1,200,000    660,000  1,140,000  1,620,000\n"));
  CHECK_THAT(out.str(), Contains("points of 10 joint draws"));
}

TEST_CASE("the table of what the pipeline is worth fits 80 columns at any scale") {
  for (const double scale : {0.0, 1e-5, 1.0, 1e6, 1e12}) {
    std::ostringstream out;
    write_tables(out, worth(scale));
    std::istringstream lines(out.str());
    for (std::string line; std::getline(lines, line);) {
      INFO(line);
      CHECK(line.size() <= 80);
    }
  }
}

TEST_CASE("the JSON of what the pipeline is worth has the documented keys") {
  const auto json = nlohmann::json::parse(to_json(worth(1)));
  CHECK(json["as_of"] == "2024-06-28");
  CHECK(json["value_is"] == "margin");
  CHECK(json["margin"]["later"] == 0.6);
  CHECK(json["discount"] == 0.15);
  CHECK(json["horizon_days"] == 365);
  CHECK(json["open_deals"] == 120);
  CHECK(json["customers"] == 2357);
  CHECK(json["parts"]["open"]["wins"] == 31.25);
  CHECK(json["parts"]["open"]["later"]["expected"] == 480'000.0);
  CHECK(json["parts"]["not_yet_created"]["total"]["q50"].get<double>() == Approx(0.95 * 400'000));
  CHECK(json["parts"]["customers"]["q10"].get<double>() == Approx(0.55 * 2e6));
  CHECK(json["total"]["q90"].get<double>() == Approx(1.35 * 3.6e6));
  CHECK(json["total"]["mean"].get<double>() == Approx(3.6e6));

  PipelineValue endless = worth(1);
  endless.total.expected = std::numeric_limits<double>::infinity();
  CHECK(nlohmann::json::parse(to_json(endless))["total"]["expected"].is_null());
  endless.margin = {};
  std::ostringstream out;
  write_tables(out, endless);
  CHECK_THAT(out.str(), Contains("unknown sum.\n") && Contains("Revenue worth on"));
}
