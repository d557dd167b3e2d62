#include <putki/report/explanation_report.hpp>
#include <putki/report/forecast_report.hpp>

#include "forecast/known_pipelines.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <sstream>

using namespace putki;

namespace {

struct Explained {
  Forecast forecast;
  ForecastExplanation explanation;
};

/// Two deals of known chance and 4 new ones a day, for one day: 0.3 x 10,000 x scale + 0.2 x 2,000 x scale + 0.3 x 4 x
/// 200 x scale.
Explained known(double scale = 1, const std::string& name = "large", double shock = 0) {
  ForecastModel model = known_model({0.3, 0.2}, 4, AmountDistribution::from_values({100 * scale, 300 * scale}));
  model.shock = CommonShock::of_size(shock);
  OpenPipeline pipeline = known_pipeline();
  pipeline.deals = {{name, StageId{0}, 1, 10'000.0 * scale}, {"small", StageId{1}, 3, 2'000.0 * scale}};
  const ForecastOptions options{.horizon_days = 1, .parameter_draws = 0};
  return {forecast(model, pipeline, options), explain_forecast(model, pipeline, options)};
}

std::string text(const Explained& explained) {
  std::ostringstream out;
  write_explanation(out, explained.forecast, explained.explanation);
  return out.str();
}

}  // namespace

TEST_CASE("an explanation shows the parts, the deals and the levers with their money") {
  using Catch::Matchers::Contains;
  const std::string shown = text(known());
  CHECK_THAT(shown, Contains("Deals open now              3,400  93.4 %   0.5"));
  CHECK_THAT(shown, Contains("New deals still to come       240   6.6 %   1.2"));
  // Wins: 0.21 x 10,000^2 + 0.16 x 2,000^2 + 1.2 x 200^2 = 21,688,000; amounts: 1.2 x 100^2 = 12,000.
  CHECK_THAT(shown, Contains("Which deals win, and how many new ones come   99.9 %  4,657"));
  CHECK_THAT(shown, Contains("How large they are                             0.1 %    110"));
  CHECK_THAT(shown, Contains("What moves all deals together                  0.0 %      0"));
  // 21,000,000 and 640,000 of 21,700,000.
  CHECK_THAT(shown, Contains("large  S0        1  10,000  30.0 %     3,000    96.8 %"));
  CHECK_THAT(shown, Contains("small  S1        3   2,000  20.0 %       400     2.9 %"));
  // The high tenth: the small deal won, and its half with the larger new ones: P(new <= 100) = .482, P(<= 200) = .536.
  CHECK_THAT(shown, Contains("Without large: 640 expected, low 0, high 2,200."));
  // 0.3 of 0.65 who leave S0 win; a point more of them is 0.0065 x (10,000 + 4 x 200).
  CHECK_THAT(shown, Contains("   70  one point more S0 -> Won, now 46.2 %"));
  CHECK_THAT(shown, Contains("   70  one point less S0 -> Lost, now 53.8 %"));
  CHECK_THAT(shown, Contains("   36  1 % larger amounts, now 200 a new deal"));
  CHECK_THAT(shown, Contains("    2  1 % more new deals, now 4 expected"));
  CHECK_THAT(shown, Contains("expected revenue on this day:"));
}

TEST_CASE("an explanation keeps to 80 columns with long names and large money") {
  for (const double scale : {1.0, 1e3, 1e6, 1e12}) {
    std::istringstream lines(text(known(scale, "a deal whose name is longer than any table is wide, by far", 0.3)));
    for (std::string line; std::getline(lines, line);) {
      INFO(line);
      CHECK(line.size() <= 82);  // one ellipsis is three bytes
    }
  }
}

TEST_CASE("an explanation of nothing is short and has no levers") {
  const ForecastModel model = known_model({0.3}, 0, AmountDistribution());
  const ForecastOptions options{.horizon_days = 5};
  const std::string shown =
      text({forecast(model, known_pipeline(), options), explain_forecast(model, known_pipeline(), options)});
  CHECK(shown.find("The largest") == std::string::npos);
  CHECK(shown.find("Levers") == std::string::npos);
  CHECK(shown.find("nan") == std::string::npos);
}

TEST_CASE("explanation JSON holds the explanation's own numbers under the documented names") {
  const Explained explained = known();
  const auto json = nlohmann::json::parse(to_json(explained.forecast, std::nullopt, &explained.explanation))["explain"];
  CHECK(json["variance"]["wins"].get<double>() == explained.forecast.total.variance.wins);
  CHECK(json["variance"].size() == 4);
  REQUIRE(json["deals"].size() == 2);
  CHECK(json["deals"][0]["deal"] == "large");
  CHECK(json["deals"][0]["stage"] == "S0");
  CHECK(json["deals"][0]["chance"].get<double>() == Approx(0.3));
  CHECK(json["deals"][0]["mean"].get<double>() == Approx(3000));
  CHECK(json["without_first"]["mean"].get<double>() == Approx(640));
  REQUIRE(json["levers"].size() == explained.explanation.levers.size());
  for (std::size_t i = 0; i < json["levers"].size(); ++i)
    CHECK(json["levers"][i]["money"].get<double>() == explained.explanation.levers[i].money);
  CHECK(json["levers"][0]["lever"] == "conversion");
  CHECK(json["levers"][0]["from"] == "S0");
  CHECK(!nlohmann::json::parse(to_json(explained.forecast)).contains("explain"));
}
