#include <putki/core/error.hpp>
#include <putki/forecast/simulation.hpp>

#include "forecast/known_pipelines.hpp"
#include "model/random_hazards.hpp"

#include <catch2/catch.hpp>

#include <cmath>

using namespace putki;

namespace {

/// Largest distance between the exact cdf and that of the simulated values, both sides of every step.
double distance(const RevenueDistribution& exact, const RevenueDistribution& simulated) {
  double worst = 0, before = 0;
  for (std::size_t i = 0; i < simulated.points().size(); ++i) {
    const double x = simulated.points()[i], after = simulated.cumulative()[i];
    worst = std::max(worst, std::abs(exact.cdf(x) - after));
    worst = std::max(worst, std::abs(1 - exact.probability_at_least(x) - before));
    before = after;
  }
  return worst;
}

struct Setting {
  const char* name;
  int deals;
  double inflow;
  double amount_scale;
  double amount_spread;  // of the logarithm
  bool round_amounts;
  bool whale;
  double shock = 0;
};

}  // namespace

TEST_CASE("exact and simulated forecasts agree within the simulation's noise", "[parallel]") {
  const Setting settings[] = {
      {"no deals, no inflow", 0, 0, 1000, 0.5, true, false},
      {"no deals", 0, 4, 1000, 0.5, false, false},
      {"one deal", 1, 0, 1000, 0.5, false, false},
      {"three deals", 3, 0, 1000, 0.5, false, false},
      {"three deals and inflow", 3, 0.2, 5000, 1, false, false},
      {"one huge deal", 40, 0.5, 1000, 1, false, true},
      {"round amounts", 60, 1, 5000, 0.5, true, false},
      {"many", 1500, 20, 1000, 1, false, false},
      {"many and a whale", 800, 5, 1000, 1, false, true},
      {"rarely won", 200, 0.01, 100, 2, false, false},
      {"shaken together", 200, 2, 1000, 0.5, false, false, 0.3},
  };
  constexpr std::size_t kDraws = 64 * 200;
  // Dvoretzky-Kiefer-Wolfowitz at 99.99 %: eleven settings, one false alarm in a thousand changes of the code.
  const double band = std::sqrt(std::log(2 / 1e-4) / (2.0 * kDraws));
  std::uint64_t seed = 100;
  for (const Setting& setting : settings) {
    RandomStream random(++seed, 0);
    const HazardTable hazards = random_hazards(random, 3);
    std::vector<Matrix> posterior(5);
    for (std::size_t j = 0; j < 3; ++j) {
      const StageHazard& exits = hazards.stage(static_cast<StageId>(j));
      posterior[j] = Matrix(exits.begins.size(), exits.targets.size() + 1);
      for (std::size_t b = 0; b < exits.begins.size() && !exits.targets.empty(); ++b) {
        for (std::size_t k = 0; k < exits.targets.size(); ++k) posterior[j](b, k) = 80 * exits.hazard(b, k);
        posterior[j](b, exits.targets.size()) = 80 * (1 - exits.leaving(b));
      }
      if (exits.targets.empty()) posterior[j] = Matrix();
    }
    const auto amount = [&] {
      const double value = setting.amount_scale * std::exp(setting.amount_spread * random.normal());
      return setting.round_amounts ? std::ceil(value / 500) * 500 : value;
    };
    std::vector<double> drawn;
    for (int i = 0; i < 50; ++i) drawn.push_back(amount());
    ForecastModel model{DatedModel(StageModel(hazards, posterior, {0.7, 0.3, 0, 0, 0})),
                        InflowModel{setting.inflow, 1.5, 56}, AmountDistribution::from_values(drawn)};
    model.shock = CommonShock::of_size(setting.shock);
    OpenPipeline pipeline = known_pipeline();
    for (int i = 0; i < setting.deals; ++i)
      pipeline.deals.push_back({"d", static_cast<StageId>(random.below(3)), static_cast<int>(random.below(15)),
                                i % 7 == 6 ? std::nullopt : std::optional<double>(amount())});
    if (setting.whale) pipeline.deals.push_back({"whale", StageId{0}, 2, 1234 * setting.amount_scale});

    const ForecastOptions options{.horizon_days = 10};
    const Forecast exact = forecast(model, pipeline, options);
    const Simulation simulated = simulate(model, pipeline, options, {.draws = kDraws, .threads = 2});
    INFO(setting.name);
    CHECK(distance(exact.total.revenue, simulated.total) < band);
    CHECK(std::abs(exact.total.revenue.mean() - simulated.total.mean()) <=
          5 * exact.total.revenue.sd() / std::sqrt(kDraws) + 1e-9);
  }
}

TEST_CASE("simulated periods add up to the simulated total, draw by draw") {
  const ForecastModel model = known_model({0.05}, 2, AmountDistribution::from_values({100, 300}));
  OpenPipeline pipeline = known_pipeline();
  for (int i = 0; i < 30; ++i) pipeline.deals.push_back({"d", StageId{0}, i, 100.0 + i});
  const Simulation simulated =
      simulate(model, pipeline, {.horizon_days = 30, .period = PeriodUnit::week}, {.draws = 2000, .threads = 2});
  const Simulation whole = simulate(model, pipeline, {.horizon_days = 30}, {.draws = 2000, .threads = 1});
  REQUIRE(simulated.periods.size() == 5);  // Wednesday 2024-05-01 to Friday 2024-05-31
  for (std::size_t draw = 0; draw < 2000; ++draw) {
    double sum = 0;
    for (const double value : simulated.revenue.row(draw)) sum += value;
    REQUIRE(sum == Approx(whole.revenue(draw, 0)));
  }
}

TEST_CASE("simulated revenue does not depend on the thread count", "[parallel]") {
  const ForecastModel model = known_model({0.05}, 2, AmountDistribution::from_values({100, 300}));
  const ForecastOptions options{.horizon_days = 12};
  const Simulation one = simulate(model, known_pipeline(), options, {.draws = 3000, .threads = 1});
  const Simulation four = simulate(model, known_pipeline(), options, {.draws = 3000, .threads = 4});
  CHECK(one.revenue == four.revenue);
}

TEST_CASE("a simulation without draws is refused and one under way can be stopped") {
  const ForecastModel model = known_model({0.05}, 2, AmountDistribution::from_values({100, 300}));
  CHECK_THROWS_AS(simulate(model, known_pipeline(), {.horizon_days = 12}, {.draws = 0}), InvalidArgument);
  SimulationOptions stop;
  stop.progress = [](double) { return false; };
  CHECK_THROWS_AS(simulate(model, known_pipeline(), {.horizon_days = 12}, stop), Cancelled);
}

TEST_CASE("on the business clock deals get older on worked days only, in the forecast and in its simulation") {
  // Won for certain at age 2, which is a number of worked days. 1 May, the horizon's first day, is off; 4 and 5 May are
  // a weekend.
  const Day begin = *parse_day("2024-05-01");
  const StageGraph graph = StageGraph::Builder().stage("Offer").stage("Won", StageKind::won).build();
  StageHazard exits;
  exits.targets = {StageId{1}};
  exits.begins = {0, 1, 2};
  exits.hazard = Matrix(3, 1);
  exits.hazard(2, 0) = 1;
  Matrix posterior(3, 2);
  posterior(0, 1) = posterior(1, 1) = posterior(2, 0) = 1000;
  const auto wins = [&](Clock clock, Day entered, int horizon) {
    ForecastModel model{DatedModel(StageModel(HazardTable(graph, {exits, {}}), {posterior, {}}, {1, 0}),
                                   BusinessCalendar::weekdays({begin}), std::vector<StageRhythm>(2), clock),
                        InflowModel{0, 1, 10}, AmountDistribution::from_values({100})};
    model.shock = CommonShock::of_size(0);
    const OpenPipeline pipeline{.as_of = begin,
                                .deals = {{"d", StageId{0}, static_cast<int>((begin - entered).count()), 100.0}},
                                .bookings = {},
                                .first_day = begin,
                                .booked_since = begin};
    const ForecastOptions options{.horizon_days = horizon, .parameter_draws = 0, .uncertain = {.common_shock = false}};
    const double exact = forecast(model, pipeline, options).total.open_wins;
    CHECK(simulate(model, pipeline, options, {.draws = 10}).total.mean() == Approx(100 * exact).margin(1e-9));
    return exact;
  };
  const auto first_win = [&](Clock clock, const char* entered) {
    int horizon = 1;
    while (horizon < 20 && wins(clock, *parse_day(entered), horizon) < 0.5) ++horizon;
    CHECK(wins(clock, *parse_day(entered), horizon) == Approx(1));
    return to_string(begin + Days{horizon - 1});
  };
  CHECK(first_win(Clock::business, "2024-04-29") == "2024-05-01");  // Monday and Tuesday have gone by
  CHECK(first_win(Clock::business, "2024-04-30") == "2024-05-03");  // Tuesday and Thursday
  CHECK(first_win(Clock::business, "2024-04-27") == "2024-05-01");  // Saturday: as if it were Monday
  CHECK(first_win(Clock::business, "2024-05-01") == "2024-05-04");  // Thursday and Friday; moves happen on a Saturday
  CHECK(first_win(Clock::calendar, "2024-04-30") == "2024-05-02");
  CHECK(first_win(Clock::calendar, "2024-05-01") == "2024-05-03");
}
