#include <putki/forecast/pipeline_coverage.hpp>

#include "forecast/known_pipelines.hpp"

#include <catch2/catch.hpp>

#include <cmath>

using namespace putki;

namespace {

PlanOptions one_day(double target, double confidence) {
  return {.target = target, .forecast = {.horizon_days = 1, .parameter_draws = 0}, .confidence = confidence};
}

}  // namespace

TEST_CASE("required coverage by hand: one deal, kept with a chance or copied") {
  const ForecastModel model = known_model({0.5}, 0, AmountDistribution::from_values({100}));
  OpenPipeline pipeline = known_pipeline();
  pipeline.deals = {{"d", StageId{0}, 0, 100.0}};
  const auto required = [&](double confidence) {
    const PipelineCoverage coverage = pipeline_coverage(model, pipeline, one_day(100, confidence));
    CHECK(coverage.coverage == Approx(1));
    CHECK(coverage.probability == Approx(0.5));
    REQUIRE(coverage.required);
    return *coverage.required;
  };
  // k copies win with 1 - 2^-floor(k) (1 - (k - floor(k)) / 2).
  CHECK(required(0.4) == Approx(0.8).margin(0.0011));
  CHECK(required(0.5) == Approx(1).margin(0.0011));
  CHECK(required(0.75) == Approx(2).margin(0.0011));
  CHECK(required(0.8) == Approx(2.4).margin(0.0011));  // 1 - (1 - 0.4 / 2) / 4
}

TEST_CASE("coverage is of what remains, unknown amounts at their mean, and may not be needed at all") {
  const ForecastModel model = known_model({0.5}, 1, AmountDistribution::from_values({100, 300}));
  OpenPipeline pipeline = known_pipeline();
  pipeline.deals = {{"a", StageId{0}, 0, 500.0}, {"b", StageId{0}, 0, std::nullopt}};
  pipeline.booked_since = pipeline.as_of - Days{2};
  pipeline.bookings = {{pipeline.as_of - Days{1}, 600}};
  const PipelineCoverage coverage = pipeline_coverage(model, pipeline, one_day(1000, 0.5));
  CHECK(coverage.open_value == Approx(700));
  CHECK(coverage.remaining_target == Approx(400));
  CHECK(coverage.coverage == Approx(1.75));
  const PipelineCoverage booked = pipeline_coverage(model, pipeline, one_day(600, 0.5));
  CHECK_FALSE(booked.coverage);
  CHECK_FALSE(booked.required);
  CHECK(booked.probability == 1);
  // New deals alone bring 100 or more with 1 - exp(-1/2) = 0.39.
  CHECK(pipeline_coverage(model, pipeline, one_day(700, 0.3)).required == 0.0);
  // Nothing open: no multiple does it.
  CHECK_FALSE(pipeline_coverage(model, known_pipeline(), one_day(700, 0.9)).required);
}

TEST_CASE("required coverage meets the confidence by convolution of copies") {
  // Ten deals of 100 won with 0.3 each, 400 wanted: k = c + f copies are 10 c deals of 0.3 and 10 of 0.3 f.
  const ForecastModel model = known_model({0.3}, 0, AmountDistribution::from_values({100}));
  OpenPipeline pipeline = known_pipeline();
  for (int i = 0; i < 10; ++i) pipeline.deals.push_back({"d" + std::to_string(i), StageId{0}, 0, 100.0});
  const PipelineCoverage coverage = pipeline_coverage(model, pipeline, one_day(400, 0.9));
  REQUIRE(coverage.required);
  const auto at_least_four = [](double folds) {
    std::vector<double> chance{1};
    const auto add = [&](double p) {
      chance.push_back(0);
      for (std::size_t i = chance.size(); i-- > 0;) chance[i] = chance[i] * (1 - p) + (i > 0 ? chance[i - 1] * p : 0.0);
    };
    for (int i = 0; i < 10 * static_cast<int>(folds); ++i) add(0.3);
    for (int i = 0; i < 10; ++i) add(0.3 * (folds - std::floor(folds)));
    return 1 - chance[0] - chance[1] - chance[2] - chance[3];
  };
  const double folds = *coverage.required / *coverage.coverage;
  CHECK(at_least_four(folds) >= 0.9 - 1e-9);
  CHECK(at_least_four(folds - 0.0011) < 0.9);
  CHECK(coverage.probability == Approx(at_least_four(1)));
}
