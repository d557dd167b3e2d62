// The forecast of 10,000 open deals, exact and simulated, and the stage model's fit.

#include <putki/forecast/forecast.hpp>
#include <putki/forecast/recurring_revenue.hpp>
#include <putki/forecast/simulation.hpp>

#include <benchmark/benchmark.h>

#include <cmath>
#include <string>

namespace {

using namespace putki;

/// Eight open stages in a row with losses, hazards by age in 20 bins over four years of days, posterior worth 400 days
/// at risk a bin.
ForecastModel synthetic_model() {
  constexpr std::size_t kOpen = 8;
  StageGraph::Builder builder;
  for (std::size_t i = 0; i < kOpen; ++i) builder.stage("S" + std::to_string(i));
  builder.stage("Won", StageKind::won).stage("Lost", StageKind::lost);
  std::vector<StageHazard> hazards(kOpen + 2);
  std::vector<Matrix> posterior(kOpen + 2);
  for (std::size_t j = 0; j < kOpen; ++j) {
    StageHazard& exits = hazards[j];
    exits.targets = {static_cast<StageId>(j + 1), static_cast<StageId>(kOpen + 1)};
    exits.begins = {0, 1, 2, 3, 4, 5, 6, 7, 9, 11, 14, 18, 23, 29, 37, 47, 60, 76, 97, 180};
    exits.hazard = Matrix(exits.begins.size(), 2);
    posterior[j] = Matrix(exits.begins.size(), 3);
    for (std::size_t b = 0; b < exits.begins.size(); ++b) {
      const double leaving = 0.25 / (1 + 0.3 * exits.begins[b]);
      exits.hazard(b, 0) = 0.75 * leaving;
      exits.hazard(b, 1) = 0.25 * leaving;
      posterior[j](b, 0) = 400 * exits.hazard(b, 0);
      posterior[j](b, 1) = 400 * exits.hazard(b, 1);
      posterior[j](b, 2) = 400 * (1 - leaving);
    }
  }
  std::vector<double> entries(kOpen + 2);
  entries[0] = 1;
  RandomStream random(2, 0);
  std::vector<double> amounts;
  for (int i = 0; i < 2000; ++i) amounts.push_back(std::round(100 * std::exp(9 + random.normal())) / 100);
  return {DatedModel(
              StageModel(HazardTable(builder.build(), std::move(hazards)), std::move(posterior), std::move(entries))),
          InflowModel{100, 2, 56}, AmountDistribution::from_values(std::move(amounts)), CommonShock::prior()};
}

OpenPipeline open_deals(std::size_t count) {
  OpenPipeline pipeline{.as_of = Day{Days{20'000}},
                        .deals = {},
                        .bookings = {},
                        .first_day = Day{Days{20'000}},
                        .booked_since = Day{Days{20'000}}};
  RandomStream random(1, 0);
  for (std::size_t i = 0; i < count; ++i)
    pipeline.deals.push_back({"deal " + std::to_string(i), static_cast<StageId>(random.below(8)),
                              static_cast<int>(60 * random.exponential()),
                              std::round(100 * std::exp(9 + random.normal())) / 100});
  return pipeline;
}

void exact(benchmark::State& state) {
  const ForecastModel model = synthetic_model();
  const OpenPipeline pipeline = open_deals(static_cast<std::size_t>(state.range(0)));
  Forecast result;
  for (auto _ : state) {
    result = forecast(model, pipeline, {.horizon_days = 90});
    benchmark::DoNotOptimize(result);
  }
  const RevenueDistribution& revenue = result.total.revenue;
  if (std::abs(revenue.cdf(revenue.quantile(0.9)) - 0.9) > 1e-6) state.SkipWithError("quantile and cdf disagree");
  state.counters["mean"] = revenue.mean();
}
BENCHMARK(exact)->Arg(100)->Arg(1'000)->Arg(10'000)->Unit(benchmark::kMillisecond);

/// The same with so many groups, of equal shares, whose hazards differ by a tenth or so.
void exact_by_group(benchmark::State& state) {
  ForecastModel model = synthetic_model();
  OpenPipeline pipeline = open_deals(10'000);
  const auto groups = static_cast<std::size_t>(state.range(0));
  GroupEffects::Parts parts;
  parts.segments.clear();
  parts.shares.assign(groups, 1 / static_cast<double>(groups));
  parts.targets = {2, 2, 2, 2, 2, 2, 2, 2, 0, 0};
  parts.design = Matrix(groups, groups);
  for (std::size_t g = 0; g < groups; ++g) {
    parts.segments.push_back({std::to_string(g), {std::to_string(g)}, 100});
    parts.names.push_back("rep = " + std::to_string(g));
    parts.design(g, g) = 1;
  }
  for (std::size_t j = 0; j < 8 && groups > 1; ++j)
    for (const std::size_t to : {j + 1, std::size_t{9}}) {
      MoveEffects effects{.intercept = 0, .effects = {}, .covariance = Matrix(groups + 1, groups + 1)};
      for (std::size_t g = 0; g < groups; ++g) {
        effects.effects.push_back(0.1 * std::sin(static_cast<double>(g + to)));
        effects.covariance(g + 1, g + 1) = 0.01;
      }
      parts.moves.push_back({static_cast<StageId>(j), static_cast<StageId>(to), std::move(effects)});
      parts.weights.push_back(parts.shares);
    }
  model.groups = GroupEffects(std::move(parts));
  for (std::size_t i = 0; i < pipeline.deals.size(); ++i) pipeline.deals[i].segment = std::to_string(i % groups);
  for (auto _ : state) benchmark::DoNotOptimize(forecast(model, pipeline, {.horizon_days = 90}));
}
BENCHMARK(exact_by_group)->Arg(1)->Arg(5)->Arg(20)->Unit(benchmark::kMillisecond);

void simulated(benchmark::State& state) {
  const ForecastModel model = synthetic_model();
  const OpenPipeline pipeline = open_deals(static_cast<std::size_t>(state.range(0)));
  const std::size_t draws = static_cast<std::size_t>(state.range(1));
  const Forecast reference = forecast(model, pipeline, {.horizon_days = 90});
  Simulation result;
  for (auto _ : state) result = simulate(model, pipeline, {.horizon_days = 90}, {.draws = draws, .threads = 1});
  const double distance = std::abs(result.total.cdf(reference.total.revenue.quantile(0.5)) - 0.5);
  if (distance > 3 * 0.5 / std::sqrt(static_cast<double>(draws)) + 1e-4)
    state.SkipWithError("the simulation disagrees with the exact forecast");
  state.counters["draws/s"] =
      benchmark::Counter(static_cast<double>(draws), benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(simulated)
    ->Args({100, 64'000})
    ->Args({10'000, 6'400})
    ->Args({10'000, 64'000})
    ->Args({20'000, 1'000'000})
    ->Unit(benchmark::kMillisecond)
    ->Iterations(1);

/// Two years by quarter: 500 open deals, 4 new ones a day, so many customers who buy by the BG/NBD.
void with_recurring(benchmark::State& state) {
  ForecastModel model = synthetic_model();
  model.inflow = {4, 2, 56};
  const OpenPipeline pipeline = open_deals(500);
  RandomStream random(3, 0);
  std::vector<CustomerRecord<PurchaseCell>> customers;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    const auto age = static_cast<std::int32_t>(30 + random.below(700));
    const auto repeats = static_cast<std::int32_t>(random.below(6));
    const auto recency = repeats > 0 ? static_cast<std::int32_t>(10 + random.below(20)) : 0;
    customers.push_back({"", {repeats, recency, age}, repeats, Money::from_units(35.0 * repeats), {}});
  }
  const CustomerRevenue revenue =
      CustomerRevenue::of_purchases(BgNbd(0.24, 4.4, 0.8, 2.4), GammaGamma(6.25, 3.74, 15.4), customers);
  RecurringForecast result;
  for (auto _ : state)
    result = forecast_with_recurring(model, pipeline, revenue, {.horizon_days = 730, .period = PeriodUnit::quarter},
                                     {.draws = 1'000, .threads = 1});
  if (std::abs(result.total.recurring_revenue.mean() - result.total.recurring.mean) >
      5 * result.total.recurring.sd / std::sqrt(1000.0))
    state.SkipWithError("the draws' mean is not the expected one");
  state.counters["recurring"] = result.total.recurring.mean;
}
BENCHMARK(with_recurring)->Arg(0)->Arg(5'000)->Unit(benchmark::kMillisecond)->Iterations(1);

}  // namespace

BENCHMARK_MAIN();
