#include <putki/core/error.hpp>
#include <putki/forecast/deal_parts.hpp>
#include <putki/forecast/what_if.hpp>
#include <putki/model/eventual_shares.hpp>

#include "forecast/known_pipelines.hpp"
#include "forecast/shaken_pipelines.hpp"

#include <catch2/catch.hpp>

#include <cmath>

using namespace putki;

TEST_CASE("nothing changed changes nothing, to the bit") {
  const auto [model, pipeline] = shaken_pipeline(2, 12, 0.2);
  const WhatIf result =
      what_if(model, pipeline, {}, {.horizon_days = 20, .period = PeriodUnit::week, .parameter_draws = 8});
  for (const double p : {0.1, 0.5, 0.9})
    CHECK(result.after.total.revenue.quantile(p) == result.before.total.revenue.quantile(p));
  REQUIRE(result.periods.size() == result.before.periods.size());
  for (const PeriodEffect& period : result.periods) {
    CHECK(period.mean == 0);
    CHECK(period.effect.quantile(0.01) == 0);
    CHECK(period.effect.quantile(0.99) == 0);
  }
}

TEST_CASE("a conversion changed from 50 to 60 % wins a sixth more on the day it is known to happen") {
  // A stage left for certain on the first day: won with 0.5. The amount is 1000, two deals.
  StageGraph::Builder builder;
  builder.stage("A").stage("Won", StageKind::won).stage("Lost", StageKind::lost).stage("Cancelled", StageKind::lost);
  std::vector<StageHazard> stages(4);
  stages[0].targets = {StageId{1}, StageId{2}, StageId{3}};
  stages[0].hazard = Matrix(1, 3);
  stages[0].hazard(0, 0) = 0.5;
  stages[0].hazard(0, 1) = 0.3;
  stages[0].hazard(0, 2) = 0.2;
  const ForecastModel model{
      DatedModel(StageModel(HazardTable(builder.build(), stages), std::vector<Matrix>(4), {1, 0, 0, 0})),
      InflowModel{.per_day = 0, .dispersion = 1, .window_days = 1e9}, AmountDistribution()};
  OpenPipeline pipeline = known_pipeline();
  pipeline.deals = {{"a", StageId{0}, 1, 1000.0}, {"b", StageId{0}, 0, 1000.0}};
  const ForecastOptions options{.horizon_days = 1, .parameter_draws = 0};
  const auto win = [&](const Changes& changes) {
    return what_if(model, pipeline, changes, options).after.total.revenue;
  };

  CHECK(win({.conversions = {{.from = "A", .to = "Won", .points = 0.1}}}).mean() == Approx(1200));
  CHECK(win({.conversions = {{.from = "A", .to = "Won", .factor = 1.2}}}).cdf(0) == Approx(0.16));
  // 0.1 more from Cancelled alone leaves Lost at 0.3; then 0.1 of that to Cancelled.
  const ForecastModel other =
      changed(model, {.conversions = {{.from = "A", .to = "Won", .points = 0.1, .payer = "Cancelled"},
                                      {.from = "A", .to = "Cancelled", .points = 0.1, .payer = "Lost"}}});
  const EventualShares shares = eventual_shares(other.stages, StageId{0});
  CHECK(shares.shares[0] == Approx(0.6));
  CHECK(shares.shares[1] == Approx(0.2));
  CHECK(shares.shares[2] == Approx(0.2));
  CHECK(win({.conversions = {{.from = "A", .to = "Won", .factor = 0}}}).mean() == 0);
  CHECK(win({.without_deals = {"a"}}).mean() == Approx(500));
  CHECK(win({.amounts = 1.5, .more_deals = {{"c", StageId{0}, 0, 4000.0}}}).mean() == Approx(0.5 * (3000 + 4000)));
}

TEST_CASE("twice the time is a constant hazard whose geometric stay is twice as long") {
  const ForecastModel model = known_model({0.19}, 3, AmountDistribution::from_values({100}));
  OpenPipeline pipeline = known_pipeline();
  pipeline.deals = {{"a", StageId{0}, 1, 1000.0}};
  const WhatIf result = what_if(model, pipeline, {.delays = {{"S0", 2}}}, {.horizon_days = 1, .parameter_draws = 0});
  // 0.19 won and 0.405 lost a day: a stay of (1 - L) / L days, L = 0.595; then twice that.
  const double leaving = 1 / (1 + 2 * 0.405 / 0.595), win = 0.19 / 0.595 * leaving;
  CHECK(result.after.total.open_wins == Approx(win));
  CHECK(result.total.mean == Approx((win - 0.19) * (1000 + 3 * 100)));
}

TEST_CASE("inflow and amounts scale their parts draw by draw") {
  const auto [model, pipeline] = shaken_pipeline(4, 10, 0.2);
  const ForecastOptions options{.horizon_days = 15};
  const WhatIf more = what_if(model, pipeline, {.inflow = 1.5}, options);
  CHECK(more.after.total.not_yet_created.mean == Approx(1.5 * more.before.total.not_yet_created.mean));
  CHECK(more.after.total.open.mean == more.before.total.open.mean);
  CHECK(more.total.mean == Approx(0.5 * more.before.total.not_yet_created.mean));
  CHECK(more.total.effect.mean() == Approx(more.total.mean));
  CHECK(more.total.effect.quantile(0) > 0);
  CHECK(what_if(model, pipeline, {.inflow = 0}, options).after.total.not_yet_created.mean == 0);
  const WhatIf larger = what_if(model, pipeline, {.amounts = 1.1}, options);
  CHECK(larger.after.total.revenue.mean() == Approx(1.1 * larger.before.total.revenue.mean()));
  CHECK(larger.total.sd == Approx(0.1 * larger.before.total.revenue.sd()).epsilon(1e-3));
  CHECK(larger.after.total.revenue.quantile(0.9) ==
        Approx(1.1 * larger.before.total.revenue.quantile(0.9)).epsilon(1e-3));
}

TEST_CASE("without a deal the forecast falls by just its part, and the others keep their chances") {
  const auto [model, pipeline] = shaken_pipeline(6, 15, 0.25);
  const ForecastOptions options{.horizon_days = 12};
  const std::vector<DealPart> parts = deal_parts(model, pipeline, options);
  for (const std::size_t place : {0, 7}) {
    const std::string names[] = {parts[place].name};
    const Forecast with = forecast(model, pipeline, options),
                   without = forecast(model, pipeline.without(names), options);
    CHECK(with.total.open.mean - without.total.open.mean == Approx(parts[place].mean));
    CHECK(with.total.not_yet_created.mean == without.total.not_yet_created.mean);
    const std::vector<DealPart> rest = deal_parts(model, pipeline.without(names), options);
    CHECK(rest.size() == 14);
    for (const DealPart& part : rest)
      CHECK(std::count_if(parts.begin(), parts.end(), [&](const DealPart& old) {
              return old.name == part.name && old.chance == part.chance && old.mean == part.mean;
            }) == 1);
  }
  const std::string strange[] = {"nobody"};
  CHECK_THROWS_WITH(pipeline.without(strange), Catch::Matchers::Contains("'nobody' is not among the 15 open ones"));
}

TEST_CASE("deals' parts of mean and variance sum to those of the forecast without inflow") {
  auto [model, pipeline] = shaken_pipeline(8, 20, 0.3);
  model.inflow.per_day = 0;
  const ForecastOptions options{.horizon_days = 12};
  const PeriodForecast total = forecast(model, pipeline, options).total;
  double mean = 0, variance = 0, largest = 1e300;
  for (const DealPart& part : deal_parts(model, pipeline, options, DealOrder::variance)) {
    mean += part.mean;
    variance += part.variance;
    CHECK(part.variance <= largest);
    largest = part.variance;
    CHECK(part.mean == Approx(part.chance * part.amount.value_or(model.amounts.mean())));
  }
  CHECK(mean == Approx(total.open.mean));
  CHECK(variance == Approx(total.variance.total()));
}

TEST_CASE("changes that cannot be are refused in words") {
  using Catch::Matchers::Contains;
  const auto [model, pipeline] = shaken_pipeline(2, 3, 0.2);
  const ForecastOptions options{.horizon_days = 5};
  const auto refused = [&, &the_model = model, &the_pipeline = pipeline](const Changes& changes) {
    what_if(the_model, the_pipeline, changes, options);
  };
  CHECK_THROWS_WITH(refused({.conversions = {{.from = "S9", .to = "Won"}}}), Contains("no stage 'S9'"));
  CHECK_THROWS_WITH(refused({.conversions = {{.from = "Won", .to = "Lost", .points = 0.1}}}),
                    Contains("no deal was seen moving from 'Won' to 'Lost'"));
  CHECK_THROWS_WITH(refused({.conversions = {{.from = "S0", .to = "Won", .factor = -1}}}), Contains("0 or more"));
  CHECK_THROWS_WITH(refused({.delays = {{"S0", 0}}}), Contains("above 0"));
  CHECK_THROWS_WITH(refused({.delays = {{"S0", -2}}}), Contains("above 0"));
  CHECK_THROWS_WITH(refused({.inflow = -0.5}), Contains("inflow times -0.5"));
  CHECK_THROWS_WITH(refused({.amounts = std::nan("")}), Contains("amounts times nan"));
  CHECK_THROWS_WITH(refused({.without_deals = {"x"}}), Contains("'x'"));
  CHECK_THROWS_WITH(refused({.more_deals = {{"new", StageId{4}, 0, 1.0}}}), Contains("'new'"));
}
