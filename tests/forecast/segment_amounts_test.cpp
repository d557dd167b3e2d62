#include <putki/events/event_log_builder.hpp>
#include <putki/forecast/deal_parts.hpp>
#include <putki/forecast/segment_forecast.hpp>
#include <putki/forecast/sensitivity.hpp>
#include <putki/forecast/simulation.hpp>
#include <putki/forecast/what_if.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

using namespace putki;

namespace {

constexpr StageId kOpen{0}, kWon{1}, kLost{2};
const Day kFirst{std::chrono::year{2024} / 1 / 1};
constexpr int kToday = 150;

struct Product {
  double price;
  double win;  // daily rate; lost at 0.04
};

/// Deals of each product, whose amount is known when they are won.
EventLog simulated(std::uint64_t seed, const std::vector<Product>& products, int deals_each) {
  RandomStream random(seed, 0);
  EventLogBuilder builder(
      StageGraph::Builder().stage("Open").stage("Won", StageKind::won).stage("Lost", StageKind::lost).build());
  for (std::size_t p = 0; p < products.size(); ++p)
    for (int i = 0; i < deals_each; ++i) {
      const DealId deal = builder.deal(std::to_string(p) + "-" + std::to_string(i));
      builder.set_attribute(deal, "product", "P" + std::to_string(p));
      const double created = 180 * random.uniform(), all = products[p].win + 0.04,
                   ended = created + random.exponential() / all;
      const auto at = [](double day) {
        return Timestamp{kFirst} + std::chrono::seconds{static_cast<std::int64_t>(day * 86'400)};
      };
      const bool won = random.uniform() * all < products[p].win;
      builder.add({.deal = deal, .time = at(created), .stage = kOpen});
      builder.add({.deal = deal,
                   .time = at(ended),
                   .stage = won ? kWon : kLost,
                   .amount = won ? Money::from_units(std::round(products[p].price * std::exp(0.2 * random.normal())))
                                 : kNoAmount});
    }
  return builder.build();
}

ForecastModelOptions by_product() {
  ForecastModelOptions options;
  options.by = "product";
  options.learn_shock = false;
  options.stages.weekday_factors = false;
  options.stages.levels = false;
  return options;
}

const std::vector<Product> kUnlike{{100, 0.03}, {1'000, 0.03}, {20'000, 0.03}},
    kUnlikeInAll{{100, 0.06}, {5'000, 0.01}}, kAlike{{1'000, 0.03}, {1'000, 0.03}, {1'000, 0.03}};

}  // namespace

TEST_CASE("Amounts of segments are drawn to those of all by their credibility") {
  // Logs of won amounts 5 and 7 in one segment, 9 and 11 in the other: variance within (1 + 1 + 1 + 1) / 2 = 2, between
  // (2 x 4 + 2 x 4 - 2) / (4 - 8 / 4) = 7, credibility 2 / (2 + 2 / 7) = 0.875.
  EventLogBuilder builder(
      StageGraph::Builder().stage("Open").stage("Won", StageKind::won).stage("Lost", StageKind::lost).build());
  for (const int log_amount : {5, 7, 9, 11}) {
    const DealId deal = builder.deal(std::to_string(log_amount));
    builder.set_attribute(deal, "product", log_amount < 8 ? "small" : "large");
    builder.add({deal, Timestamp(kFirst) + std::chrono::hours{log_amount}, kOpen});
    builder.add({deal, Timestamp(kFirst + Days{log_amount}), kWon, Money::from_units(std::exp(log_amount))});
  }
  ForecastModelOptions options = by_product();
  options.groups.least_deals = 1;
  options.amounts.form = AmountForm::empirical;
  const ForecastModel model = fit_forecast_model(AsOf(builder.build(), kFirst + Days{30}), options);
  REQUIRE(model.segment_amounts.size() == 2);
  const double small = (std::exp(5) + std::exp(7)) / 2, large = (std::exp(9) + std::exp(11)) / 2,
               all = (small + large) / 2;
  CHECK(model.segment_amounts[model.groups.segment_of("small")].mean() ==
        Approx(0.875 * small + 0.125 * all).epsilon(1e-4));
  CHECK(model.segment_amounts[model.groups.segment_of("large")].mean() ==
        Approx(0.875 * large + 0.125 * all).epsilon(1e-4));
}

TEST_CASE("Segments of unlike prices are forecast at their own, and sum to the whole") {
  for (const auto& products : {kUnlike, kUnlikeInAll})
    for (const bool shaken : {false, true}) {
      const EventLog log = simulated(4, products, 300);
      const AsOf view(log, kFirst + Days{kToday});
      ForecastModel model = fit_forecast_model(view, by_product());
      model.shock = CommonShock::of_size(shaken ? 0.2 : 0);
      const OpenPipeline pipeline = OpenPipeline::as_of_view(view, std::nullopt, "product");
      const ForecastOptions options{.horizon_days = 21, .parameter_draws = 16};
      const auto segments = forecast_by_segment(model, pipeline, options);
      double sum = 0;
      for (const SegmentForecast& part : segments) {
        sum += part.revenue.revenue.mean();
        // exp(0.2^2 / 2) is the mean of the scatter around the price; some 60 to 180 won deals tell it.
        const double price = products[static_cast<std::size_t>(part.segment[1] - '0')].price * std::exp(0.02);
        CHECK(part.revenue.revenue.mean() / (part.revenue.open_wins + part.revenue.new_wins) ==
              Approx(price).epsilon(0.08));
      }
      CHECK(forecast(model, pipeline, options).total.revenue.mean() == Approx(sum));
    }
}

TEST_CASE("Segments of like prices are told apart by no more than chance allows") {
  const AsOf view(simulated(5, kAlike, 300), kFirst + Days{kToday});
  const ForecastModel model = fit_forecast_model(view, by_product());
  for (const AmountDistribution& amounts : model.segment_amounts)
    CHECK(amounts.mean() == Approx(model.amounts.mean()).epsilon(0.03));
}

TEST_CASE("The simulation, which draws each deal from its own segment, agrees with the mixture of the exact forecast") {
  for (const auto& products : {kUnlike, kUnlikeInAll}) {
    const AsOf view(simulated(6, products, 200), kFirst + Days{kToday});
    ForecastModel model = fit_forecast_model(view, by_product());
    model.shock = CommonShock::of_size(0.15);
    const OpenPipeline pipeline = OpenPipeline::as_of_view(view, std::nullopt, "product");
    const ForecastOptions options{.horizon_days = 14, .parameter_draws = 16};
    const RevenueDistribution exact = forecast(model, pipeline, options).total.revenue;
    constexpr std::size_t kDraws = 64'000;
    const RevenueDistribution drawn = simulate(model, pipeline, options, {.draws = kDraws, .threads = 2}).total;
    CHECK(std::abs(exact.mean() - drawn.mean()) < 4 * drawn.sd() / std::sqrt(kDraws));
    CHECK(exact.sd() == Approx(drawn.sd()).epsilon(0.03));
    for (const double p : {0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95})
      CHECK(exact.cdf(drawn.quantile(p)) == Approx(p).margin(0.012));
  }
}

TEST_CASE("Levers, changes and parts of deals heed the amounts of segments") {
  for (const auto& products : {kUnlike, kUnlikeInAll}) {
    const AsOf view(simulated(7, products, 200), kFirst + Days{kToday});
    const ForecastModel model = fit_forecast_model(view, by_product());
    const OpenPipeline pipeline = OpenPipeline::as_of_view(view, std::nullopt, "product");
    const ForecastOptions options{.horizon_days = 14, .parameter_draws = 0, .uncertain = {.common_shock = false}};
    const double mean = forecast(model, pipeline, options).total.revenue.mean();
    const WhatIf twice = what_if(model, pipeline, {.amounts = 2}, options);
    CHECK(twice.after.total.revenue.mean() == Approx(2 * mean));
    const auto ranked = levers(model, pipeline, options);
    const auto amounts = std::find_if(ranked.begin(), ranked.end(),
                                      [](const Lever& lever) { return lever.kind == Lever::Kind::amounts; });
    REQUIRE(amounts != ranked.end());
    CHECK(amounts->money == Approx(0.01 * mean));

    double parts = 0, open = 0;
    for (const DealPart& part : deal_parts(model, pipeline, options)) parts += part.mean;
    for (const SegmentForecast& segment : forecast_by_segment(model, pipeline, options))
      open += segment.revenue.open.mean;
    CHECK(parts == Approx(open));
  }
}
