#include <putki/core/error.hpp>
#include <putki/report/segment_report.hpp>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <sstream>

using namespace putki;

namespace {

// Two reps; the second wins more, five standard errors so.
GroupEffects two_reps(bool pooled) {
  GroupEffects::Parts parts;
  parts.segments = {{"", {""}, 10}, {"Ben", {"Ben"}, 20}};
  parts.shares = {1.0 / 3, 2.0 / 3};
  parts.targets = {1, 0};
  parts.names = {"Owner = ", "Owner = Ben"};
  parts.deviations = {pooled ? 0.0 : 0.25};
  parts.design = Matrix(2, 2);
  if (!pooled) {
    parts.moves = {{StageId{0}, StageId{1}, {.intercept = 0, .effects = {-0.1, 0.1}, .covariance = Matrix(3, 3)}}};
    parts.weights = {{0.5, 0.5}};
  }
  return GroupEffects(std::move(parts));
}

std::vector<SegmentForecast> two_parts() {
  std::vector<SegmentForecast> parts(2);
  parts[0].open_deals = 3;
  parts[0].open_value = 1500;
  parts[0].revenue.revenue = RevenueDistribution::from_atoms({1000}, {1.0});
  parts[0].win_rate = 0.2;
  parts[0].win_rate_lead = -0.02;
  parts[0].win_rate_error = 0.02;
  parts[1] = parts[0];
  parts[1].segment = "Ben";
  parts[1].revenue.revenue = RevenueDistribution::from_atoms({2000}, {1.0});
  parts[1].revenue.open.mean = 2000;
  parts[1].win_rate = 0.32;
  parts[1].win_rate_lead = 0.1;
  return parts;
}

}  // namespace

TEST_CASE("The table has a line per segment and their sum, and stars what is more than chance") {
  std::ostringstream out;
  write_segments(out, "Owner", two_reps(false), two_parts());
  CHECK_THAT(out.str(), Catch::Contains("(none)     3     1,000  1,000  1,000    20.0 %   -2.0 ± 2.0") &&
                            Catch::Contains("Ben        3     2,000  2,000  2,000    32.0 %  +10.0 ± 2.0 *") &&
                            Catch::Contains("Sum        6     3,000") && Catch::Contains("* more than chance."));
  std::ostringstream pooled;
  write_segments(pooled, "Owner", two_reps(true), two_parts());
  CHECK_THAT(pooled.str(), Catch::Contains("no difference between them beyond chance") && !Catch::Contains("±"));
}

TEST_CASE("The JSON of a forecast gains its segments and their strength") {
  const auto json =
      nlohmann::json::parse(with_segments(R"({"as_of": "2024-06-28"})", "Owner", two_reps(false), two_parts()));
  CHECK(json["as_of"] == "2024-06-28");
  CHECK(json["by"]["attribute"] == "Owner");
  CHECK(json["by"]["strength"][0]["term"] == "Owner");
  CHECK(json["by"]["strength"][0]["deviation"] == 0.25);
  CHECK(json["by"]["segments"].size() == 2);
  CHECK(json["by"]["segments"][0]["segment"] == "");
  CHECK(json["by"]["segments"][1]["mean"] == 2000);
  CHECK(json["by"]["segments"][1]["quantiles"]["0.9"] == 2000);
  CHECK(json["by"]["segments"][1]["parts"]["open"] == 2000);
  CHECK(json["by"]["segments"][1]["win_rate_lead"] == 0.1);
  CHECK_THROWS_AS(with_segments("no json", "Owner", two_reps(false), {}), InvalidArgument);
}
