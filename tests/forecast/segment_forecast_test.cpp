#include <putki/core/error.hpp>
#include <putki/events/event_log_builder.hpp>
#include <putki/forecast/segment_forecast.hpp>
#include <putki/forecast/simulation.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <string>

using namespace putki;

namespace {

constexpr StageId kOpen{0}, kWon{1}, kLost{2};
const Day kFirst{std::chrono::year{2024} / 1 / 1};
constexpr int kToday = 150, kHorizon = 21;

struct Rates {
  double win;
  double lose;
};

// Deals come evenly over half a year and move in continuous time at these daily rates, by rep.
EventLog simulated(std::uint64_t seed, const std::vector<Rates>& reps, int deals_each) {
  RandomStream random(seed, 0);
  EventLogBuilder builder(
      StageGraph::Builder().stage("Open").stage("Won", StageKind::won).stage("Lost", StageKind::lost).build());
  for (std::size_t r = 0; r < reps.size(); ++r)
    for (int i = 0; i < deals_each; ++i) {
      const DealId deal = builder.deal(std::to_string(r) + "-" + std::to_string(i));
      builder.set_attribute(deal, "rep", "rep " + std::to_string(r));
      const double created = 180 * random.uniform(), all = reps[r].win + reps[r].lose,
                   ended = created + random.exponential() / all;
      const auto at = [](double day) {
        return Timestamp{kFirst} + std::chrono::seconds{static_cast<std::int64_t>(day * 86'400)};
      };
      const Money amount = Money::from_units(std::round(1000 * std::exp(0.5 * random.normal())));
      builder.add({.deal = deal, .time = at(created), .stage = kOpen, .amount = amount});
      builder.add({.deal = deal, .time = at(ended), .stage = random.uniform() * all < reps[r].win ? kWon : kLost});
    }
  return builder.build();
}

ForecastModelOptions by_rep() {
  ForecastModelOptions options;
  options.by = "rep";
  options.learn_shock = false;
  options.stages.weekday_factors = false;
  options.stages.levels = false;
  return options;
}

const std::vector<Rates> kUneven{{0.01, 0.04}, {0.03, 0.04}, {0.06, 0.04}},
    kEven{{0.03, 0.04}, {0.03, 0.04}, {0.03, 0.04}};

}  // namespace

TEST_CASE("The segments' expected revenue sums to that of the whole, shock and periods or not") {
  const AsOf view(simulated(1, kUneven, 300), kFirst + Days{kToday});
  ForecastModelOptions options = by_rep();
  options.deal_size = GENERATE(false, true);
  const ForecastModel model = fit_forecast_model(view, options);
  REQUIRE_FALSE(model.groups.is_pooled());
  const OpenPipeline pipeline = OpenPipeline::as_of_view(view, kFirst + Days{kToday - 30}, "rep");
  const ForecastOptions how{.horizon_days = 28, .period = PeriodUnit::week, .parameter_draws = 16};
  const Forecast whole = forecast(model, pipeline, how);
  const auto parts = forecast_by_segment(model, pipeline, how);
  REQUIRE(parts.size() == 3);
  double mean = 0, open = 0, created = 0, booked = 0;
  std::size_t deals = 0;
  for (const SegmentForecast& part : parts) {
    mean += part.revenue.revenue.mean();
    open += part.revenue.open.mean;
    created += part.revenue.not_yet_created.mean;
    booked += part.revenue.booked.mean;
    deals += part.open_deals;
    CHECK(part.revenue.revenue.quantile(0.1) < part.revenue.revenue.mean());
  }
  CHECK(deals == pipeline.deals.size());
  CHECK(mean == Approx(whole.total.revenue.mean()).epsilon(1e-5));
  CHECK(open == Approx(whole.total.open.mean));
  CHECK(created == Approx(whole.total.not_yet_created.mean));
  CHECK(booked == Approx(whole.total.booked.mean));
}

TEST_CASE("Each segment's win rate is its own") {
  const AsOf view(simulated(2, kUneven, 2000), kFirst + Days{kToday});
  const ForecastModel model = fit_forecast_model(view, by_rep());
  const auto parts = forecast_by_segment(model, OpenPipeline::as_of_view(view, std::nullopt, "rep"),
                                         {.horizon_days = 7, .parameter_draws = 0});
  double average = 0;
  for (const Rates& rates : kUneven) average += rates.win / (rates.win + rates.lose) / 3;
  for (std::size_t r = 0; r < 3; ++r) {
    const double truth = kUneven[r].win / (kUneven[r].win + kUneven[r].lose);
    CHECK(parts[r].segment == "rep " + std::to_string(r));
    CHECK(parts[r].win_rate == Approx(truth).margin(0.05));
    CHECK(parts[r].win_rate_lead == Approx(truth - average).margin(0.05));
    // Of some 1,500 deals that ended: the binomial's sqrt(p (1 - p) / n), less what the average takes along.
    CHECK(parts[r].win_rate_error > 0.005);
    CHECK(parts[r].win_rate_error < 0.016);
  }
}

TEST_CASE("Segments that do not differ, and none asked for, forecast the same bits") {
  const AsOf view(simulated(3, kEven, 300), kFirst + Days{kToday});
  ForecastModelOptions options = by_rep(), plain = by_rep();
  options.groups.segment_deviation = 0;
  plain.by.clear();
  const ForecastModel with = fit_forecast_model(view, options), without = fit_forecast_model(view, plain);
  REQUIRE(with.groups.is_pooled());
  const ForecastOptions how{.horizon_days = kHorizon};
  const Forecast a = forecast(with, OpenPipeline::as_of_view(view, std::nullopt, "rep"), how),
                 b = forecast(without, OpenPipeline::as_of_view(view), how);
  CHECK(a.total.revenue.mean() == b.total.revenue.mean());
  CHECK(a.total.revenue.quantile(0.9) == b.total.revenue.quantile(0.9));
  CHECK(a.total.open_wins == b.total.open_wins);
  const auto parts = forecast_by_segment(with, OpenPipeline::as_of_view(view, std::nullopt, "rep"), how);
  REQUIRE(parts.size() == 3);
  for (const SegmentForecast& part : parts) {
    CHECK(part.win_rate_lead == 0);
    CHECK(part.win_rate_error == 0);
    CHECK(part.win_rate == parts[0].win_rate);
  }
}

TEST_CASE("Exact and simulated forecasts agree where segments and sizes differ") {
  const AsOf view(simulated(4, kUneven, 60), kFirst + Days{kToday});
  ForecastModelOptions options = by_rep();
  options.deal_size = true;
  options.groups.size_deviation = 0.3;
  ForecastModel model = fit_forecast_model(view, options);
  model.shock = CommonShock::of_size(0.3);
  const OpenPipeline pipeline = OpenPipeline::as_of_view(view, std::nullopt, "rep");
  const ForecastOptions how{.horizon_days = kHorizon, .parameter_draws = 8};
  constexpr std::size_t kDraws = 8 * 2500;
  const RevenueDistribution exact = forecast(model, pipeline, how).total.revenue,
                            drawn = simulate(model, pipeline, how, {.draws = kDraws, .threads = 1}).total;
  // Dvoretzky-Kiefer-Wolfowitz at 99.99 %.
  const double band = std::sqrt(std::log(2 / 1e-4) / (2.0 * kDraws));
  for (int i = 1; i < 40; ++i) {
    const double x = exact.quantile(i / 40.0);
    CHECK(std::abs(exact.cdf(x) - drawn.cdf(x)) < band);
  }
}

TEST_CASE("Wins of the weeks to come are foretold better where segments differ, and no worse where they do not") {
  const auto squared_errors = [](const std::vector<Rates>& reps, std::uint64_t seeds, int deals_each) {
    double together = 0, apart = 0;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
      const EventLog log = simulated(100 + seed, reps, deals_each);
      const AsOf view(log, kFirst + Days{kToday}), later(log, kFirst + Days{kToday + kHorizon});
      ForecastModelOptions plain = by_rep();
      plain.by.clear();
      const ForecastModel without = fit_forecast_model(view, plain), with = fit_forecast_model(view, by_rep());
      const OpenPipeline all = OpenPipeline::as_of_view(view, std::nullopt, "rep");
      for (std::size_t r = 0; r < reps.size(); ++r) {
        OpenPipeline own = all;
        std::erase_if(own.deals, [&](const OpenDeal& deal) { return deal.segment != "rep " + std::to_string(r); });
        double won = 0;
        later.for_each_deal([&](DealId deal, std::uint32_t first, std::uint32_t last) {
          if (later.graph().kind(later.state_of(deal, first, last).stage) != StageKind::won) return;
          for (const OpenDeal& open : own.deals) won += open.name == log.deal_name(deal);
        });
        const ForecastOptions how{.horizon_days = kHorizon, .parameter_draws = 0, .uncertain = {.common_shock = false}};
        const double error = forecast(without, own, how).total.open_wins - won,
                     error_apart = forecast(with, own, how).total.open_wins - won;
        together += error * error;
        apart += error_apart * error_apart;
      }
    }
    return apart / together;
  };
  const double uneven = squared_errors(kUneven, 10, 120), even = squared_errors(kEven, 30, 120);
  INFO("squared errors apart over together: " << uneven << " where reps differ, " << even << " where they do not");
  CHECK(uneven < 0.6);
  CHECK(even < 1.03);
}

TEST_CASE("What cannot be a segment or a size is refused") {
  const AsOf view(simulated(5, kEven, 30), kFirst + Days{kToday});
  ForecastModelOptions options = by_rep();
  options.by = "owner";
  CHECK_THROWS_WITH(fit_forecast_model(view, options), Catch::Contains("owner") && Catch::Contains("rep"));
  CHECK_THROWS_AS(OpenPipeline::as_of_view(view, std::nullopt, "owner"), InvalidArgument);
  options.by.clear();
  options.deal_size = true;
  options.size_bands = 1;
  CHECK_THROWS_AS(fit_forecast_model(view, options), InvalidArgument);
  // An empty history knows no attribute, and forecasts nothing.
  options = by_rep();
  const ForecastModel nothing = fit_forecast_model(AsOf::end_of(EventLog(view.graph())), options);
  CHECK(nothing.groups.is_pooled());
}
