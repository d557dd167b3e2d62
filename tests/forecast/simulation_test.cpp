#include <putki/core/error.hpp>
#include <putki/forecast/simulation.hpp>

#include "forecast/known_pipelines.hpp"
#include "model/random_hazards.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <optional>

using namespace putki;

namespace {

/// Walks one deal from day to day, as the model's definition reads. Returns the day of its win, or nothing.
std::optional<int> walk(const DatedHazards& hazards, StageId stage, int age, RandomStream& random) {
  for (int day = 0; day < hazards.days(); ++day, ++age)
    for (bool moved = true; moved;) {
      moved = false;
      const DatedHazards::Exits& here = hazards.exits(stage);
      if (here.targets.empty()) return std::nullopt;
      std::size_t bin = 0;
      while (bin + 1 < here.begins.size() && here.begins[bin + 1] <= age) ++bin;
      double pick = random.uniform();
      for (std::size_t k = 0; k < here.targets.size() && !moved; ++k) {
        moved = pick < here.chances_of(day, bin)[k];
        pick -= here.chances_of(day, bin)[k];
        if (moved) stage = here.targets[k];
      }
      if (hazards.graph().kind(stage) == StageKind::won) return day;
      if (moved) age = 0;  // and the day goes on
    }
  return std::nullopt;
}

double correlation(const Simulation& simulated, std::size_t a, std::size_t b) {
  const std::size_t draws = simulated.revenue.rows();
  double sum_a = 0, sum_b = 0, aa = 0, bb = 0, ab = 0;
  for (std::size_t draw = 0; draw < draws; ++draw) {
    const double x = simulated.revenue(draw, a), y = simulated.revenue(draw, b);
    sum_a += x, sum_b += y, aa += x * x, bb += y * y, ab += x * y;
  }
  const double n = static_cast<double>(draws);
  return (ab / n - sum_a / n * sum_b / n) /
         std::sqrt((aa / n - sum_a / n * sum_a / n) * (bb / n - sum_b / n * sum_b / n));
}

}  // namespace

TEST_CASE("deals are won in each period as often as when they are walked day by day") {
  constexpr int kWalks = 40'000;
  double squares = 0;
  int compared = 0;
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    RandomStream random(300 + seed, 0);
    const HazardTable hazards = random_hazards(random, 3);
    std::vector<StageRhythm> rhythm(5);
    for (std::size_t j = 0; j < 3 && seed % 2 == 1; ++j) {
      const std::size_t targets = hazards.stage(static_cast<StageId>(j)).targets.size();
      rhythm[j].entry_day = rhythm[j].later = Matrix(targets, kDayTypes);
      for (std::size_t k = 0; k < targets; ++k)
        for (int day = 0; day < kDayTypes; ++day)
          rhythm[j].later(k, day) = rhythm[j].entry_day(k, day) = 0.9 * random.uniform();
    }
    ForecastModel model{DatedModel(StageModel(hazards, std::vector<Matrix>(5), {1, 0, 0, 0, 0}), {}, rhythm),
                        InflowModel{}, AmountDistribution()};
    OpenPipeline pipeline = known_pipeline();  // a Wednesday: periods of 5, 7 and 2 days
    const auto stage = static_cast<StageId>(random.below(3));
    const int age = static_cast<int>(random.below(6));
    pipeline.deals = {{"d", stage, age, 1.0}};
    const ForecastOptions options{
        .horizon_days = 14, .period = PeriodUnit::week, .parameter_draws = 0, .uncertain = {.common_shock = false}};
    const Simulation simulated = simulate(model, pipeline, options, {.draws = kWalks, .threads = 1});
    REQUIRE(simulated.periods.size() == 3);

    const DatedHazards dated = model.stages.expected(pipeline.first_day, 14);
    double walked[3] = {0, 0, 0}, drawn[3] = {0, 0, 0};
    for (int i = 0; i < kWalks; ++i) {
      const std::optional<int> day = walk(dated, stage, age, random);
      if (day) walked[*day < 5 ? 0 : *day < 12 ? 1 : 2] += 1;
      double once = 0;
      for (std::size_t p = 0; p < 3; ++p) {
        drawn[p] += simulated.revenue(static_cast<std::size_t>(i), p);
        once += simulated.revenue(static_cast<std::size_t>(i), p);
      }
      REQUIRE(once <= 1);
    }
    for (int p = 0; p < 3; ++p) {
      const double share = (walked[p] + drawn[p]) / (2 * kWalks), sd = std::sqrt(2 * kWalks * share * (1 - share));
      INFO("seed " << seed << ", period " << p << ": " << walked[p] << " walked, " << drawn[p] << " drawn");
      CHECK(std::abs(walked[p] - drawn[p]) <= 4.5 * sd);
      if (sd > 3) {
        squares += (walked[p] - drawn[p]) * (walked[p] - drawn[p]) / (sd * sd);
        ++compared;
      }
    }
  }
  // Chi-square with nearly so many degrees of freedom: mean + 4 deviations.
  CHECK(squares < compared + 4 * std::sqrt(2.0 * compared));
}

TEST_CASE("new deals are won in each period as often as when they are walked day by day") {
  RandomStream random(340, 0);
  const HazardTable hazards = random_hazards(random, 3);
  ForecastModel model{DatedModel(StageModel(hazards, std::vector<Matrix>(5), {0.6, 0.4, 0, 0, 0})),
                      InflowModel{.per_day = 3, .dispersion = 1, .window_days = 1e9},
                      AmountDistribution::from_values({1.0})};
  const ForecastOptions options{
      .horizon_days = 12, .period = PeriodUnit::week, .parameter_draws = 0, .uncertain = {.common_shock = false}};
  const OpenPipeline pipeline = known_pipeline();
  const Simulation simulated = simulate(model, pipeline, options, {.draws = 20'000, .threads = 1});
  double walked[2] = {0, 0}, drawn[2] = {0, 0};
  constexpr int kRuns = 4'000;
  for (int created = 0; created < 12; ++created) {
    // Created on that day: a horizon that begins with it, entered as if on the day before its first.
    for (std::uint64_t i = random.poisson(3.0 * kRuns); i > 0; --i) {
      const DatedHazards dated = model.stages.expected(pipeline.first_day, 12 - created);
      const StageId stage{static_cast<std::uint16_t>(random.uniform() < 0.6 ? 0 : 1)};
      if (const auto day = walk(dated, stage, 0, random)) walked[created + *day < 5 ? 0 : 1] += 1;
    }
  }
  for (std::size_t draw = 0; draw < 20'000; ++draw)
    for (std::size_t p = 0; p < 2; ++p) drawn[p] += simulated.revenue(draw, p);
  for (int p = 0; p < 2; ++p) {
    const double of_walks = walked[p] / kRuns, of_draws = drawn[p] / 20'000;
    CHECK(std::abs(of_walks - of_draws) <= 4.5 * std::sqrt(of_walks / kRuns + of_draws / 20'000));
  }
}

TEST_CASE("simulated periods add up to the simulated total") {
  const ForecastModel model = known_model({0.05}, 2, AmountDistribution::from_values({100, 300}));
  OpenPipeline pipeline = known_pipeline();
  for (int i = 0; i < 30; ++i) pipeline.deals.push_back({"d", StageId{0}, i, 100.0 + i});
  const Simulation simulated =
      simulate(model, pipeline, {.horizon_days = 30, .period = PeriodUnit::week}, {.draws = 2000, .threads = 2});
  REQUIRE(simulated.periods.size() == 5);  // Wednesday 2024-05-01 to Friday 2024-05-31
  double total = 0;
  for (std::size_t draw = 0; draw < 2000; ++draw)
    for (const double value : simulated.revenue.row(draw)) total += value;
  CHECK(simulated.total.mean() == Approx(total / 2000));
}

TEST_CASE("periods of one week share its shock, other weeks do not") {
  // 5,000 deals won with 2 % a day, none lost: a day's 100 wins scatter by 10 %, the shock moves them by 35 %.
  std::vector<StageHazard> stages(3);
  stages[0].targets = {StageId{1}};
  stages[0].hazard = Matrix(1, 1, 0.02);
  const StageGraph graph =
      StageGraph::Builder().stage("Open").stage("Won", StageKind::won).stage("Lost", StageKind::lost).build();
  const ForecastModel model{DatedModel(StageModel(HazardTable(graph, stages), std::vector<Matrix>(3), {1, 0, 0})),
                            InflowModel{}, AmountDistribution(), CommonShock::of_size(0.35)};
  OpenPipeline pipeline = known_pipeline();
  for (int i = 0; i < 5'000; ++i) pipeline.deals.push_back({"d", StageId{0}, 1, 10.0});
  const Simulation days =
      simulate(model, pipeline, {.horizon_days = 9, .period = PeriodUnit::day}, {.draws = 20'000, .threads = 2});
  REQUIRE(days.periods.size() == 9);
  for (std::size_t day = 1; day < 9; ++day) {
    INFO("day 0 and day " << day);
    if (day < 7)
      CHECK(correlation(days, 0, day) > 0.8);
    else
      CHECK(std::abs(correlation(days, 0, day)) < 0.1);
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
