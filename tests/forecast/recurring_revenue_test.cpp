#include <putki/core/error.hpp>
#include <putki/forecast/joint.hpp>
#include <putki/forecast/recurring_revenue.hpp>

#include "forecast/known_pipelines.hpp"
#include "forecast/walking.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <cmath>
#include <functional>

using namespace putki;

namespace {

/// On a Monday, so that weeks of the calendar are those of the horizon.
OpenPipeline monday_pipeline(int deals = 0) {
  OpenPipeline pipeline = known_pipeline();
  pipeline.as_of = pipeline.first_day = pipeline.booked_since = *parse_day("2024-05-06");
  for (int i = 0; i < deals; ++i)
    pipeline.deals.push_back({"d" + std::to_string(i), StageId{0}, i % 9, 100.0 + 7.0 * i});
  return pipeline;
}

/// Deals leave the only stage with these chances a day, whatever their age.
ForecastModel steady_model(double won, double lost, double new_per_day, AmountDistribution amounts) {
  std::vector<StageHazard> stages(3);
  stages[0].targets = {StageId{1}, StageId{2}};
  stages[0].hazard = Matrix(1, 2);
  stages[0].hazard(0, 0) = won;
  stages[0].hazard(0, 1) = lost;
  const StageGraph graph =
      StageGraph::Builder().stage("Open").stage("Won", StageKind::won).stage("Lost", StageKind::lost).build();
  return {DatedModel(StageModel(HazardTable(graph, stages), std::vector<Matrix>(3), {1, 0, 0})),
          InflowModel{.per_day = new_per_day, .dispersion = 1, .window_days = 1e9}, std::move(amounts)};
}

/// Renews every 30 days for as long as anybody looks, for this fee; of today's customers, those given by days to their
/// next renewal.
CustomerRevenue faithful(double fee, const std::vector<double>& due = {}) {
  std::vector<ContractRecord> records;
  for (const double days : due)
    records.push_back({.customer = {}, .cell = {.survived = 2}, .fee = fee, .spent = {}, .due_days = days});
  const std::array<double, 2> stays{1e-9, 1e9};
  return CustomerRevenue::of_contracts(Sbg(stays), records, 0, 30, fee);
}

/// Buys by BG/NBD, spends by Gamma-Gamma: known parameters.
struct Buyer {
  double r = 1.2, alpha = 5, a = 0.8, b = 2.5;
  double p = 3, q = 6, gamma = 250;
};

std::vector<CustomerRecord<PurchaseCell>> known_buyers() {
  std::vector<CustomerRecord<PurchaseCell>> records;
  for (int i = 0; i < 25; ++i) {
    const int repeats = i % 5;
    records.push_back({std::to_string(i),
                       {repeats, repeats > 0 ? 30 + 5 * i : 0, 170 + 6 * i},
                       repeats,
                       Money::from_units(repeats * (60.0 + 10 * i)),
                       Money::from_units(1'000)});
  }
  return records;
}

CustomerRevenue buyers(const Buyer& buyer = {}, bool with_customers = true) {
  return CustomerRevenue::of_purchases(BgNbd(buyer.r, buyer.alpha, buyer.a, buyer.b),
                                       GammaGamma(buyer.p, buyer.q, buyer.gamma),
                                       with_customers ? known_buyers() : std::vector<CustomerRecord<PurchaseCell>>());
}

/// One future of one buyer, who may be gone, with Gamma(shape, rate) purchases a week and Beta(a, b) chances to leave:
/// calls bought(day, amount).
void walk_buyer(double alive, double shape, double rate, double a, double b, double p, double spend_shape,
                double spend_rate, double start, double end, RandomStream& random,
                const std::function<void(double, double)>& bought) {
  if (random.uniform() >= alive) return;
  const double weekly = random.gamma(shape) / rate, leaves = random.beta(a, b),
               scale = random.gamma(spend_shape) / spend_rate;
  for (double day = start + 7 * random.exponential() / weekly; day <= end; day += 7 * random.exponential() / weekly) {
    bought(day, random.gamma(p) / scale);
    if (random.uniform() < leaves) return;
  }
}

struct Moments {
  double sum = 0, square = 0;
  int count = 0;
  void add(double value) {
    sum += value;
    square += value * value;
    ++count;
  }
  double mean() const { return sum / count; }
  double variance() const { return square / count - mean() * mean(); }
};

}  // namespace

TEST_CASE("without customers every draw is that of the simulation, week for week") {
  ForecastModel model = steady_model(0.01, 0.02, 0.7, AmountDistribution::from_values({100, 300}));
  model.shock = CommonShock::of_size(0.2);
  const OpenPipeline pipeline = monday_pipeline(20);
  const Simulation weeks = simulate(model, pipeline, {.horizon_days = 70, .period = PeriodUnit::week}, {.draws = 200});
  REQUIRE(weeks.revenue.columns() == 10);
  for (const CustomerRevenue& customers : {CustomerRevenue(), faithful(0)}) {
    const RecurringForecast joined =
        forecast_with_recurring(model, pipeline, customers, {.horizon_days = 70}, {.draws = 200});
    REQUIRE(joined.periods.size() == 1);
    for (std::size_t draw = 0; draw < 200; ++draw) {
      double sum = 0;
      for (const double revenue : weeks.revenue.row(draw)) sum += revenue;
      CHECK(joined.simulation.revenue(draw, 0) == Approx(sum));
    }
    CHECK(joined.total.recurring.mean == 0);
    CHECK(joined.total.recurring.sd == 0);
    CHECK(joined.total.recurring.share_of_variance == 0);
    CHECK(joined.total.recurring_revenue.quantile(1) == 0);
  }
}

TEST_CASE("parts have the forecast's means and add up, and shares of the variance sum to 1") {
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    RandomStream random(500, seed);
    ForecastModel model = steady_model(0.02 * random.uniform(), 0.02, 2 * random.uniform(),
                                       AmountDistribution::from_values({50, 400, 900}));
    model.shock = CommonShock::of_size(0.15);
    OpenPipeline pipeline = monday_pipeline(static_cast<int>(random.below(30)));
    pipeline.booked_since = pipeline.first_day - Days{20};
    pipeline.bookings = {{pipeline.first_day - Days{3}, 700}};
    const ForecastOptions options{.horizon_days = 100, .period = PeriodUnit::month, .seed = seed};
    const CustomerRevenue customers = buyers();
    const RecurringForecast joined = forecast_with_recurring(model, pipeline, customers, options, {.draws = 300});
    const Forecast alone = forecast(model, pipeline, options);
    REQUIRE(joined.periods.size() == alone.periods.size());
    const auto check = [](const RecurringPeriod& period, const PeriodForecast& of_pipeline) {
      CHECK(period.period.begin == of_pipeline.period.begin);
      CHECK(period.booked.mean == of_pipeline.booked.mean);
      CHECK(period.open.mean == Approx(of_pipeline.open.mean));
      CHECK(period.not_yet_created.mean == Approx(of_pipeline.not_yet_created.mean));
      CHECK(period.recurring.mean == Approx(period.todays_customers.mean + period.customers_to_be_won.mean));
      CHECK(period.mean ==
            Approx(period.booked.mean + period.open.mean + period.not_yet_created.mean + period.recurring.mean));
      CHECK(period.booked.share_of_variance + period.open.share_of_variance + period.not_yet_created.share_of_variance +
                period.recurring.share_of_variance ==
            Approx(1));
      CHECK(period.todays_customers.share_of_variance + period.customers_to_be_won.share_of_variance ==
            Approx(period.recurring.share_of_variance));
      CHECK(period.recurring.sd == Approx(period.recurring_revenue.sd()));
    };
    for (std::size_t p = 0; p < joined.periods.size(); ++p) check(joined.periods[p], alone.periods[p]);
    check(joined.total, alone.total);
    CHECK(joined.total.todays_customers.mean == Approx(customers.expected(0, 100)));
  }
}

TEST_CASE("deals and buyers walked one by one bring what the joined forecast says") {
  constexpr double kWon = 0.012, kLost = 0.01, kNewPerDay = 0.4;
  constexpr int kDays = 91, kFirst = 26, kWalks = 12'000;  // 6 May to 31 May, and on
  const Buyer buyer;
  const ForecastModel model = steady_model(kWon, kLost, kNewPerDay, AmountDistribution::from_values({200}));
  const OpenPipeline pipeline = monday_pipeline(40);
  const ForecastOptions options{
      .horizon_days = kDays, .period = PeriodUnit::month, .parameter_draws = 0, .uncertain = {.common_shock = false}};
  const RecurringForecast joined =
      forecast_with_recurring(model, pipeline, buyers(buyer), options, {.draws = kWalks, .threads = 2});
  REQUIRE(joined.periods.size() == 4);  // to 4 August
  std::array<int, 5> edges{0, kFirst, 56, 87, 91};

  // Of each customer of today: what his record says of him, by the papers' formulas.
  struct Known {
    double alive, shape, rate, b, spend_shape, spend_rate;
  };
  std::vector<Known> known;
  for (const auto& record : known_buyers()) {
    const double x = record.cell.repeats, recency = record.cell.recency_days / 7.0, age = record.cell.age_days / 7.0;
    const double gone =
        x > 0 ? buyer.a / (buyer.b + x - 1) * std::pow((buyer.alpha + age) / (buyer.alpha + recency), buyer.r + x) : 0;
    known.push_back({1 / (1 + gone), buyer.r + x, buyer.alpha + age, buyer.b + x, buyer.q + buyer.p * x,
                     buyer.gamma + record.repeat_spend.units()});
  }
  RandomStream random(77, 0);
  const DatedHazards hazards = model.stages.expected(pipeline.first_day, kDays);
  std::array<Moments, 4> todays, newcomers, all;
  for (int walk = 0; walk < kWalks; ++walk) {
    std::array<double, 4> today{}, later{}, sales{};
    const auto period_of = [&](double day) {
      std::size_t p = 0;
      while (day > edges[p + 1]) ++p;
      return p;
    };
    for (const Known& one : known)
      walk_buyer(one.alive, one.shape, one.rate, buyer.a, one.b, buyer.p, one.spend_shape, one.spend_rate, 0, kDays,
                 random, [&](double day, double amount) { today[period_of(day)] += amount; });
    const auto walk_deal = [&](int from, double amount) {
      for (int day = from; day < kDays; ++day) {
        const double pick = random.uniform();
        if (pick >= kWon + kLost) continue;
        if (pick >= kWon) return;
        sales[period_of(day + 0.5)] += amount;
        walk_buyer(1, buyer.r, buyer.alpha, buyer.a, buyer.b, buyer.p, buyer.q, buyer.gamma, day + 0.5, kDays, random,
                   [&](double bought, double spent) { later[period_of(bought)] += spent; });
        return;
      }
    };
    for (const OpenDeal& deal : pipeline.deals) walk_deal(0, *deal.amount);
    for (int day = 0; day < kDays; ++day)
      for (std::uint64_t i = random.poisson(kNewPerDay); i > 0; --i) walk_deal(day, 200);
    for (std::size_t p = 0; p < 4; ++p) {
      todays[p].add(today[p]);
      newcomers[p].add(later[p]);
      all[p].add(today[p] + later[p] + sales[p]);
    }
  }
  REQUIRE(hazards.exits(StageId{0}).chances_of(0, 0)[0] == Approx(kWon));
  const auto agree = [&](const char* what, std::size_t p, const Moments& walked, double mean, double sd) {
    INFO(what << ", period " << p << ": walked " << walked.mean() << " +- " << std::sqrt(walked.variance())
              << ", forecast " << mean << " +- " << sd);
    CHECK(std::abs(walked.mean() - mean) < 4.5 * std::sqrt(walked.variance() / kWalks));
    // The deviation of two samples of heavy tails.
    CHECK(sd == Approx(std::sqrt(walked.variance())).epsilon(0.06));
  };
  for (std::size_t p = 0; p < 4; ++p) {
    const RecurringPeriod& period = joined.periods[p];
    agree("today's", p, todays[p], period.todays_customers.mean, period.todays_customers.sd);
    agree("newcomers", p, newcomers[p], period.customers_to_be_won.mean, period.customers_to_be_won.sd);
    agree("all", p, all[p], period.mean, period.revenue.sd());
    // The draws' own means are those of the formulas.
    CHECK(std::abs(period.revenue.mean() - period.mean) < 4.5 * period.revenue.sd() / std::sqrt(1.0 * kWalks));
    CHECK(std::abs(period.recurring_revenue.mean() - period.recurring.mean) <
          4.5 * period.recurring.sd / std::sqrt(1.0 * kWalks));
  }
}

TEST_CASE("periods add up to a wider horizon") {
  const ForecastModel model = steady_model(0.01, 0.02, 0.7, AmountDistribution::from_values({100, 300}));
  const OpenPipeline pipeline = monday_pipeline(20);
  const CustomerRevenue customers = faithful(50, {3, 17, 29.5});
  const RecurringForecast weeks = forecast_with_recurring(
      model, pipeline, customers, {.horizon_days = 70, .period = PeriodUnit::week}, {.draws = 100});
  const RecurringForecast whole =
      forecast_with_recurring(model, pipeline, customers, {.horizon_days = 70}, {.draws = 100});
  REQUIRE(weeks.periods.size() == 10);
  double todays = 0, newcomers = 0;
  for (const RecurringPeriod& week : weeks.periods) {
    todays += week.todays_customers.mean;
    newcomers += week.customers_to_be_won.mean;
  }
  CHECK(todays == Approx(whole.total.todays_customers.mean));
  CHECK(newcomers == Approx(whole.total.customers_to_be_won.mean));
  CHECK(newcomers > 0);
  for (std::size_t draw = 0; draw < 100; ++draw) {
    double sum = 0;
    for (const double revenue : weeks.simulation.revenue.row(draw)) sum += revenue;
    CHECK(sum == Approx(whole.simulation.revenue(draw, 0)));
  }
  // A question on several periods at once, and on the whole.
  const std::array<std::size_t, 10> all{0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  CHECK(revenue_of(weeks.simulation, all).mean() == Approx(weeks.total.revenue.mean()));
  CHECK(weeks.simulation.total.mean() == Approx(weeks.total.revenue.mean()));
}

TEST_CASE("renewals fall on their days") {
  // Nobody is won; three customers renew on days 3, 17 and 29.5, and every 30 days after: in 70 days 3 + 2 + 2 times.
  const ForecastModel model = steady_model(0.01, 0.02, 0, AmountDistribution::from_values({100}));
  const CustomerRevenue customers = faithful(50, {3, 17, 29.5});
  const ForecastOptions options{.horizon_days = 70, .period = PeriodUnit::week};
  const auto fees = [&](const RecurringOptions& recurring) {
    const RecurringForecast joined = forecast_with_recurring(model, monday_pipeline(), customers, options, recurring);
    std::vector<int> renewals;
    for (const RecurringPeriod& week : joined.periods) {
      CHECK(week.recurring.sd == Approx(0).margin(1e-9));
      CHECK(week.recurring_revenue.mean() == Approx(week.recurring.mean).margin(1e-9));
      renewals.push_back(static_cast<int>(std::lround(week.recurring.mean / 50)));
    }
    return renewals;
  };
  // Days 3, 33, 63 | 17, 47 | 29.5, 59.5: weeks are days (0, 7], (7, 14], ..
  CHECK(fees({.draws = 4}) == std::vector<int>{1, 0, 1, 0, 2, 0, 1, 0, 2, 0});
  // The records are four days old at the horizon's beginning: day 3 has gone by, day 33 is day 29 of the horizon.
  CHECK(fees({.draws = 4, .customers_from = *parse_day("2024-05-02")}) ==
        std::vector<int>{0, 1, 0, 1, 1, 0, 1, 1, 1, 0});
  // They know the horizon's first day already: days are one more of the horizon, 63 is 64.
  CHECK(fees({.draws = 4, .customers_from = *parse_day("2024-05-07")}) ==
        std::vector<int>{1, 0, 1, 0, 2, 0, 1, 0, 1, 1});
}

TEST_CASE("newcomers bring in proportion to their sale where a typical sale is named") {
  // All open deals are won on the first day; they renew on day 30.5 and 60.5 for what the deal brought.
  const ForecastModel model = steady_model(1, 0, 0, AmountDistribution::from_values({300}));
  OpenPipeline pipeline = monday_pipeline();
  pipeline.deals = {{"a", StageId{0}, 1, 500.0}, {"b", StageId{0}, 1, 40.0}, {"c", StageId{0}, 1, std::nullopt}};
  const ForecastOptions options{.horizon_days = 70};
  const RecurringForecast by_sale =
      forecast_with_recurring(model, pipeline, faithful(120), options, {.draws = 4, .typical_sale = 120});
  CHECK(by_sale.total.recurring.mean == Approx(2 * (500 + 40 + 300)));
  CHECK(by_sale.total.recurring_revenue.mean() == Approx(2 * (500 + 40 + 300)));
  CHECK(by_sale.total.mean == Approx(3 * (500 + 40 + 300)));
  const RecurringForecast alike = forecast_with_recurring(model, pipeline, faithful(120), options, {.draws = 4});
  CHECK(alike.total.recurring.mean == Approx(2 * 3 * 120));
  CHECK(alike.total.recurring_revenue.mean() == Approx(2 * 3 * 120));
}

TEST_CASE("revised amounts bring revised renewals") {
  ForecastModel model = steady_model(1, 0, 0, AmountDistribution::from_values({300}));
  model.revision = {.ratios = {0.5, 2}, .weights = {0.5, 0.5}};
  OpenPipeline pipeline = monday_pipeline();
  pipeline.deals = {{"a", StageId{0}, 1, 400.0}};
  const RecurringForecast joined = forecast_with_recurring(model, pipeline, faithful(100), {.horizon_days = 40},
                                                           {.draws = 400, .typical_sale = 100});
  CHECK(joined.total.open.mean == Approx(500));
  CHECK(joined.total.customers_to_be_won.mean == Approx(500));
  CHECK(joined.total.customers_to_be_won.sd == Approx(joined.total.open.sd));
}

TEST_CASE("the joined forecast does not depend on the thread count", "[parallel]") {
  const ForecastModel model = steady_model(0.01, 0.02, 0.7, AmountDistribution::from_values({100, 300}));
  const ForecastOptions options{.horizon_days = 60, .period = PeriodUnit::month};
  const RecurringForecast one =
      forecast_with_recurring(model, monday_pipeline(20), buyers(), options, {.draws = 150, .threads = 1});
  const RecurringForecast four =
      forecast_with_recurring(model, monday_pipeline(20), buyers(), options, {.draws = 150, .threads = 4});
  CHECK(one.simulation.revenue == four.simulation.revenue);
  CHECK(one.total.recurring.mean == four.total.recurring.mean);
  CHECK(one.total.recurring.sd == four.total.recurring.sd);
}

TEST_CASE("an empty pipeline without customers brings nothing") {
  const ForecastModel model = steady_model(0.01, 0.02, 0, AmountDistribution());
  const RecurringForecast joined =
      forecast_with_recurring(model, monday_pipeline(), CustomerRevenue(), {.horizon_days = 5}, {.draws = 1});
  CHECK(joined.total.mean == 0);
  CHECK(joined.total.revenue.quantile(0.9) == 0);
  CHECK(joined.total.recurring.share_of_variance == 0);
}

TEST_CASE("a joined forecast that cannot be is refused, and one under way can be stopped") {
  const ForecastModel model = steady_model(0.01, 0.02, 1, AmountDistribution::from_values({100}));
  const auto refused = [&](const ForecastOptions& options, const RecurringOptions& recurring, const char* said) {
    CHECK_THROWS_WITH(forecast_with_recurring(model, monday_pipeline(3), buyers(), options, recurring),
                      Catch::Matchers::Contains(said));
    CHECK_THROWS_AS(forecast_with_recurring(model, monday_pipeline(3), buyers(), options, recurring), InvalidArgument);
  };
  refused({.horizon_days = 30}, {.draws = 0}, "0 draws");
  refused({.horizon_days = 0}, {}, "horizon is 0 days");
  refused({.horizon_days = 30}, {.typical_sale = 0.0}, "typical sale of 0");
  refused({.horizon_days = 30}, {.typical_sale = std::nan("")}, "typical sale of nan");
  refused({.horizon_days = 30, .uncertain = {.wins = false}}, {}, "wins");
  refused({.horizon_days = 30}, {.customers_from = *parse_day("2024-05-08")}, "2024-05-08");
  CHECK_NOTHROW(forecast_with_recurring(model, monday_pipeline(3), buyers(), {.horizon_days = 30},
                                        {.draws = 1, .customers_from = *parse_day("2024-05-07")}));
  RecurringOptions stop;
  stop.progress = [](double) { return false; };
  CHECK_THROWS_AS(forecast_with_recurring(model, monday_pipeline(3), buyers(), {.horizon_days = 30}, stop), Cancelled);
}
