#include <putki/core/error.hpp>
#include <putki/events/event_log_builder.hpp>
#include <putki/forecast/amount_revision.hpp>
#include <putki/forecast/simulation.hpp>

#include "known_pipelines.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

using namespace putki;

namespace {

const StageGraph kGraph =
    StageGraph::Builder().stage("Open").stage("Won", StageKind::won).stage("Lost", StageKind::lost).build();

Timestamp at(int day) {
  return Timestamp(*parse_day("2024-01-01") + Days{day});
}

class Pipeline {
 public:
  /// Open from day 0 at `open`, won on day 5 at `final`; kNoAmount: not said.
  void won(Money open, Money final) {
    const DealId deal = builder_.deal(std::to_string(number_++));
    builder_.add({deal, at(0), StageId{0}, open});
    builder_.add({deal, at(5), StageId{1}, final});
  }
  AsOf view() {
    log_ = builder_.build();
    return AsOf(log_, at(10));
  }

 private:
  EventLogBuilder builder_{kGraph};
  EventLog log_{kGraph};
  int number_ = 0;
};

}  // namespace

TEST_CASE("amounts that never change are not revised, however few or many") {
  Pipeline pipeline;
  CHECK(AmountRevision::of_won_deals(pipeline.view()).is_none());
  for (int i = 1; i <= 20; ++i) pipeline.won(Money{100 * i}, i % 2 == 0 ? Money{100 * i} : kNoAmount);
  pipeline.won(Money{500}, Money{0});    // a zero at closing tells nothing
  pipeline.won(kNoAmount, Money{7000});  // nor does what was not known before
  const AmountRevision none = AmountRevision::of_won_deals(pipeline.view());
  CHECK(none.is_none());
  CHECK(none.placeholders.empty());
  CHECK(none.moment(1) == 1);
  RandomStream one(1, 1), other(1, 1);
  CHECK(none.sample(123, one) == 123);
  CHECK(one.bits() == other.bits());
}

TEST_CASE("ratios become atoms, shrunk to no change, worked by hand") {
  Pipeline pipeline;
  pipeline.won(Money{10'000}, Money{9'000});
  pipeline.won(Money{20'000}, Money{16'000});
  pipeline.won(Money{30'000}, Money{30'000});
  const AsOf view = pipeline.view();
  const AmountRevision revision = AmountRevision::of_won_deals(view, {.prior_deals = 1});
  REQUIRE(revision.ratios.size() == 3);
  CHECK(revision.ratios[0] == Approx(0.8));
  CHECK(revision.ratios[1] == Approx(0.9));
  CHECK(revision.ratios[2] == 1);
  CHECK(revision.weights[0] == Approx(0.25));
  CHECK(revision.weights[2] == Approx(0.5));
  CHECK(revision.moment(1) == Approx((0.8 + 0.9 + 2) / 4));
  CHECK(AmountRevision::of_won_deals(view).moment(1) == Approx((0.8 + 0.9 + 11) / 13));
  // Many different ratios: five groups, their mean kept.
  Pipeline many;
  for (int i = 0; i < 50; ++i) many.won(Money{100'000 + i}, Money{50'000 + 900 * i});
  const AmountRevision groups = AmountRevision::of_won_deals(many.view(), {.prior_deals = 0});
  CHECK(groups.ratios.size() == 5);
  double mean = 0;
  for (int i = 0; i < 50; ++i) mean += (50'000.0 + 900 * i) / (100'000 + i) / 50;
  CHECK(groups.moment(1) == Approx(mean));
}

TEST_CASE("a slip of the decimal point is held, and placeholders say nothing") {
  Pipeline pipeline;
  pipeline.won(Money{100}, Money{1'000'000});
  CHECK(AmountRevision::of_won_deals(pipeline.view(), {.prior_deals = 0}).moment(1) == Approx(10));
  for (int i = 0; i < 20; ++i) pipeline.won(Money{100'000}, Money{700'000 + 10'000 * i});
  for (int i = 0; i < 20; ++i) pipeline.won(Money{300'000 + i}, Money{300'000 + i});
  const AmountRevision revision = AmountRevision::of_won_deals(pipeline.view());
  CHECK(revision.placeholders == std::vector<double>{1'000});
  CHECK_FALSE(revision.usable(1'000.0));
  CHECK(revision.usable(3'000.0) == 3'000.0);
  CHECK_FALSE(revision.usable(std::nullopt));
}

TEST_CASE("exact moments and distribution of revised deals are those of enumeration and simulation") {
  ForecastModel model = known_model({0.5, 0.2, 0.9}, 0, AmountDistribution());
  model.revision = {.ratios = {0.7, 1, 1.2}, .weights = {0.5, 0.3, 0.2}};
  OpenPipeline pipeline = known_pipeline();
  const std::vector<double> win{0.5, 0.2, 0.9}, amounts{1000, 2500, 400};
  for (std::size_t i = 0; i < 3; ++i)
    pipeline.deals.push_back({std::to_string(i), static_cast<StageId>(i), 0, amounts[i]});
  const ForecastOptions day{.horizon_days = 1, .parameter_draws = 0, .uncertain = {.common_shock = false}};
  // 4^3 outcomes, by hand.
  double mean = 0, square = 0;
  std::vector<std::pair<double, double>> outcomes{{0, 1}};
  for (std::size_t i = 0; i < 3; ++i) {
    std::vector<std::pair<double, double>> next;
    for (const auto& [value, chance] : outcomes) {
      next.push_back({value, chance * (1 - win[i])});
      for (std::size_t r = 0; r < 3; ++r)
        next.push_back({value + amounts[i] * model.revision.ratios[r], chance * win[i] * model.revision.weights[r]});
    }
    outcomes = next;
  }
  for (const auto& [value, chance] : outcomes) {
    mean += value * chance;
    square += value * value * chance;
  }
  const RevenueDistribution revenue = forecast(model, pipeline, day).total.revenue;
  CHECK(revenue.mean() == Approx(mean));
  CHECK(revenue.sd() == Approx(std::sqrt(square - mean * mean)).epsilon(1e-4));
  for (const double x : {150.0, 600.0, 1150.0, 1990.0, 2800.0, 3900.0}) {
    double below = 0;
    for (const auto& [value, chance] : outcomes) below += value <= x ? chance : 0;
    CHECK(revenue.cdf(x) == Approx(below).margin(2e-3));
  }

  // Many deals, by the cosine series, with new ones among them.
  ForecastModel large = known_model({0.3, 0.1}, 2, AmountDistribution::from_values({900.5, 2000}));
  large.revision = model.revision;
  OpenPipeline many = known_pipeline();
  RandomStream random(3, 0);
  for (int i = 0; i < 400; ++i)
    many.deals.push_back({std::to_string(i), static_cast<StageId>(i % 2), 0, 1000 * std::exp(random.normal())});
  const RevenueDistribution exact = forecast(large, many, day).total.revenue;
  CHECK(exact.form() == RevenueDistribution::Form::cosine);
  constexpr std::size_t kDraws = 40'000;
  const RevenueDistribution simulated = simulate(large, many, day, {.draws = kDraws, .threads = 1}).total;
  CHECK(simulated.mean() == Approx(exact.mean()).margin(4 * exact.sd() / std::sqrt(kDraws)));
  CHECK(simulated.sd() == Approx(exact.sd()).epsilon(0.02));
  double worst = 0;
  for (const double p : {0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99})
    worst = std::max(worst, std::abs(simulated.cdf(exact.quantile(p)) - p));
  CHECK(worst < 1.63 / std::sqrt(kDraws));  // the 99 % band of Kolmogorov
}

TEST_CASE("no change as a revision is the forecast without one") {
  ForecastModel plain = known_model({0.3}, 1, AmountDistribution::from_values({500.5, 800}));
  OpenPipeline pipeline = known_pipeline();
  RandomStream random(4, 0);
  for (int i = 0; i < 200; ++i)
    pipeline.deals.push_back({std::to_string(i), StageId{0}, 0, 1000 * random.exponential()});
  const ForecastOptions day{.horizon_days = 1, .parameter_draws = 0};
  const RevenueDistribution before = forecast(plain, pipeline, day).total.revenue;
  plain.revision = {.ratios = {1}, .weights = {1}};
  const RevenueDistribution after = forecast(plain, pipeline, day).total.revenue;
  CHECK(after.mean() == Approx(before.mean()));
  for (const double p : {0.05, 0.5, 0.95}) CHECK(after.quantile(p) == Approx(before.quantile(p)).epsilon(1e-6));
}

namespace {

/// Deals created for 200 days, won or lost at 5 % a day each. `open` gives what a deal of true amount a shows while
/// open, `close` what it is won at.
template <typename Open, typename Close>
EventLog simulated_log(std::uint64_t seed, Open open, Close close) {
  EventLogBuilder builder(kGraph);
  RandomStream random(seed, 0);
  int number = 0;
  for (int day = 0; day < 200; ++day)
    for (std::uint64_t i = random.poisson(4); i > 0; --i) {
      const DealId deal = builder.deal(std::to_string(number++));
      const double amount = std::round(1000 * std::exp(0.5 * random.normal()));
      const int end = day + 1 + static_cast<int>(10 * random.exponential());
      builder.add({deal, at(day), StageId{0}, open(amount, random)});
      if (random.uniform() < 0.5)
        builder.add({deal, at(end), StageId{1}, close(amount, random)});
      else
        builder.add({deal, at(end), StageId{2}, Money{0}});  // zeroed at loss
    }
  return builder.build();
}

/// Mean over seeds of expected over actual revenue of the open deals, as of day 150 for 28 days.
template <typename Open, typename Close>
double open_over_actual(Open open, Close close, bool revise) {
  double expected = 0, actual = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    const EventLog log = simulated_log(seed, open, close);
    const AsOf view(log, at(150)), later(log, at(178));
    const ForecastModel model = fit_forecast_model(view, {.revise_amounts = revise, .learn_shock = false});
    const OpenPipeline pipeline = OpenPipeline::as_of_view(view);
    expected += forecast(model, pipeline, {.horizon_days = 28, .parameter_draws = 0}).total.open.mean;
    std::vector<std::string> names;
    for (const OpenDeal& deal : pipeline.deals) names.push_back(deal.name);
    later.for_each_deal([&](DealId deal, std::uint32_t first, std::uint32_t last) {
      const DealState state = later.state_of(deal, first, last);
      const bool was_open = std::find(names.begin(), names.end(), std::string(log.deal_name(deal))) != names.end();
      if (was_open && state.stage == StageId{1} && state.amount != kNoAmount) actual += state.amount.units();
    });
  }
  return expected / actual;
}

Money money(double units) {
  return Money{static_cast<std::int64_t>(std::llround(100 * units))};
}

}  // namespace

TEST_CASE("discounts at closing bias a forecast that does not learn them, and not one that does") {
  const auto open = [](double amount, RandomStream&) { return money(amount); };
  const auto close = [](double amount, RandomStream& random) {
    return money(random.uniform() < 0.7 ? amount * (0.6 + 0.3 * random.uniform()) : amount);  // 0.825 on average
  };
  const double without = open_over_actual(open, close, false), with = open_over_actual(open, close, true);
  CHECK(without == Approx(1 / 0.825).margin(0.13));
  CHECK(with == Approx(1).margin(0.11));
  CHECK(with / without == Approx(0.825).margin(0.02));
}

TEST_CASE("open amounts that are empty nearly always, or all the same placeholder, do not mislead") {
  const auto close = [](double amount, RandomStream&) { return money(amount); };
  const auto empty = [](double amount, RandomStream& random) {
    return random.uniform() < 0.05 ? money(amount) : kNoAmount;
  };
  CHECK(open_over_actual(empty, close, true) == Approx(1).margin(0.13));
  const auto placeholder = [](double, RandomStream&) { return money(1); };
  CHECK(open_over_actual(placeholder, close, true) == Approx(1).margin(0.13));
  CHECK(open_over_actual(placeholder, close, false) < 0.01);  // what would be said without looking
}

TEST_CASE("revisions that cannot be are refused") {
  Pipeline pipeline;
  CHECK_THROWS_AS(AmountRevision::of_won_deals(pipeline.view(), {.prior_deals = -1}), InvalidArgument);
  for (const AmountRevision& bad :
       {AmountRevision{.ratios = {1}, .weights = {}}, AmountRevision{.ratios = {-1}, .weights = {1}},
        AmountRevision{.ratios = {1}, .weights = {0.5}}}) {
    ForecastModel model = known_model({0.3}, 1, AmountDistribution());
    model.revision = bad;
    CHECK_THROWS_AS(forecast(model, known_pipeline(), {.horizon_days = 1}), InvalidArgument);
  }
}
