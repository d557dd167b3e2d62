// The worth of the pipeline by hand, and against companies walked deal by deal and customer by customer.

#include <putki/core/error.hpp>
#include <putki/core/parallel.hpp>
#include <putki/events/event_log_builder.hpp>
#include <putki/forecast/lead_value.hpp>
#include <putki/forecast/pipeline_value.hpp>

#include "forecast/known_truth.hpp"
#include "forecast/known_worth.hpp"
#include "forecast/walking.hpp"
#include "model/random_hazards.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <limits>

using namespace putki;
using Catch::Matchers::Contains;

namespace {

CustomerSegments everybody(CustomerSegment segment) {
  CustomerSegments customers;
  customers.everybody = std::move(segment);
  return customers;
}

/// Buys as a Poisson process until a toss after a purchase ends it; each customer has a rate, a chance and a mean
/// amount of his own.
struct Buyers {
  double r, alpha, a, b;  // in weeks
  double p, q, gamma;     // Gamma-Gamma
  BgNbd model() const { return BgNbd(r, alpha, a, b); }
  GammaGamma spend() const { return GammaGamma(p, q, gamma); }

  /// What one who is won on day `won` buys afterwards, worth on day 0.
  double worth(RandomStream& random, double annual, double won) const {
    const double rate = random.gamma(r) / alpha / 7, leaves = random.beta(a, b), own = random.gamma(q) / gamma;
    double sum = 0;
    for (double day = random.exponential() / rate; day < 100 * kDaysOfYear; day += random.exponential() / rate) {
      sum += random.gamma(p) / own * discounted(annual, won + day);
      if (random.uniform() < leaves) break;
    }
    return sum;
  }
};

constexpr Buyers kBuyers{1.2, 12, 0.8, 3, 6, 5, 200};

struct Moments {
  double count = 0, sum = 0, squares = 0;
  void add(double value) {
    ++count;
    sum += value;
    squares += value * value;
  }
  double mean() const { return sum / count; }
  double sd() const { return std::sqrt(squares / count - mean() * mean()); }
  double error() const { return sd() / std::sqrt(count); }
};

}  // namespace

TEST_CASE("a pipeline without chance is worth what hand calculation says, in every draw as far as sales go") {
  const ForecastModel model = certain_model(10, 1.0, AmountDistribution::from_values({500}));
  OpenPipeline pipeline = known_pipeline();
  pipeline.deals = {
      {"young", StageId{0}, 0, 1200.0}, {"older", StageId{0}, 7, std::nullopt}, {"late", StageId{0}, 12, 9.0}};
  const PipelineValue value = pipeline_value(
      model, pipeline, everybody(yearly_contracts(1.5, 4, 300)),
      {.horizon_days = 30, .annual_discount = 0.2, .margin = {.sales = 0.5, .later = 0.25}, .draws = 2000});
  // Middles as in lead_value_test: 8.5 and 2.5 days. The late one is past the day of winning and never leaves.
  const double sales = 1200 * discounted(0.2, 8.5) + 500 * discounted(0.2, 2.5),
               renewals = sbg_worth(1.5, 4, 0.2, kDaysOfYear);
  CHECK(value.open.wins == Approx(2));
  CHECK(value.open.sales.expected == Approx(0.5 * sales));
  CHECK(value.open.sales.mean == Approx(0.5 * sales));
  CHECK(value.open.sales.sd == Approx(0).margin(1e-6));
  CHECK(value.open.later.expected == Approx(0.25 * sales * renewals));
  CHECK(value.open.later.mean == Approx(0.25 * sales * renewals).margin(4 * value.open.later.sd / std::sqrt(2000)));
  CHECK(value.not_yet_created.wins == 0);
  CHECK(value.not_yet_created.total.expected == 0);
  CHECK(value.customers.expected == 0);
  CHECK(value.total.expected == Approx(value.open.total.expected));
  CHECK(value.open_deals == 3);
  CHECK(value.customer_count == 0);
}

TEST_CASE("the law of a pipeline's worth is that of a company walked deal by deal, purchase by purchase") {
  constexpr int kHorizon = 25, kWalks = 10'000;
  constexpr double kAnnual = 0.3;
  for (std::uint64_t seed = 0; seed < 2; ++seed) {
    RandomStream random(9'100 + seed, 0);
    const HazardTable hazards = random_hazards(random, 3);
    const ForecastModel model{DatedModel(StageModel(hazards, std::vector<Matrix>(5), {1, 0, 0, 0, 0})),
                              InflowModel{.per_day = 0.3, .dispersion = 1, .window_days = 1e9},
                              AmountDistribution::from_values({100, 300})};
    OpenPipeline pipeline = known_pipeline();
    for (int i = 0; i < 6; ++i)
      pipeline.deals.push_back({"d" + std::to_string(i), static_cast<StageId>(random.below(3)),
                                static_cast<int>(random.below(6)), i < 2 ? std::optional<double>() : 80.0 * i});
    std::vector<CustomerRecord<PurchaseCell>> records(3);
    for (CustomerRecord<PurchaseCell>& record : records) record.cell = {.repeats = 0, .recency_days = 0, .age_days = 0};
    CustomerSegment segment;
    segment.revenue = CustomerRevenue::of_purchases(kBuyers.model(), kBuyers.spend(), records);
    const PipelineValue value =
        pipeline_value(model, pipeline, everybody(segment),
                       {.horizon_days = kHorizon, .annual_discount = kAnnual, .draws = 8'000, .parameter_draws = 0});

    const DatedHazards dated = model.stages.expected(pipeline.first_day, kHorizon);
    Moments open_sales, open_later, new_sales, new_later, customers, total;
    const auto day_of_win = [&](StageId stage, int age, int day) {
      for (; day < kHorizon; ++day)
        for (bool moved = true; moved;) {
          moved = false;
          const DatedHazards::Exits& here = dated.exits(stage);
          if (here.targets.empty()) return -1;
          const double* const chances = here.chances_of(day, bin_of_age(here, age));
          double pick = random.uniform();
          for (std::size_t k = 0; k < here.targets.size() && !moved; ++k) {
            moved = pick < chances[k];
            pick -= chances[k];
            if (moved) stage = here.targets[k];
          }
          if (dated.graph().kind(stage) == StageKind::won) return day;
          if (dated.graph().is_terminal(stage)) return -1;
          age = moved ? 0 : age + 1;
        }
      return -1;
    };
    for (int walk = 0; walk < kWalks; ++walk) {
      double sums[5] = {0, 0, 0, 0, 0};
      const auto win = [&](int day, double sale, std::size_t place) {
        if (day < 0) return;
        sums[place] += sale * discounted(kAnnual, day + 0.5);
        sums[place + 1] += kBuyers.worth(random, kAnnual, day + 0.5);
      };
      for (const OpenDeal& deal : pipeline.deals)
        win(day_of_win(deal.stage, deal.age_days, 0), deal.amount.value_or(random.uniform() < 0.5 ? 100 : 300), 0);
      for (int day = 0; day < kHorizon; ++day)
        for (std::uint64_t i = random.poisson(0.3); i > 0; --i)
          win(day_of_win(StageId{0}, 0, day), random.uniform() < 0.5 ? 100 : 300, 2);
      for (std::size_t c = 0; c < records.size(); ++c) sums[4] += kBuyers.worth(random, kAnnual, 0);
      open_sales.add(sums[0]);
      open_later.add(sums[1]);
      new_sales.add(sums[2]);
      new_later.add(sums[3]);
      customers.add(sums[4]);
      total.add(sums[0] + sums[1] + sums[2] + sums[3] + sums[4]);
    }
    // A win's day is its week's middle: 3 days at most, a quarter of a percent.
    const auto check = [&](const char* name, const ForecastTotal& got, const Moments& walked) {
      INFO(name << " of " << seed << ": expected " << got.expected << ", drawn " << got.mean << ", walked "
                << walked.mean() << " +- " << walked.error());
      CHECK(got.expected == Approx(walked.mean()).epsilon(0.0025).margin(4 * walked.error()));
      CHECK(got.mean == Approx(walked.mean()).epsilon(0.0025).margin(6 * walked.error()));
      CHECK(got.sd == Approx(walked.sd()).epsilon(0.12).margin(1e-9));
    };
    check("open sales", value.open.sales, open_sales);
    check("open later", value.open.later, open_later);
    check("new sales", value.not_yet_created.sales, new_sales);
    check("new later", value.not_yet_created.later, new_later);
    check("customers", value.customers, customers);
    check("total", value.total, total);
  }
}

TEST_CASE("parts add up, and the open deals are those of lead_values, shock and parameters in it") {
  RandomStream random(77, 0);
  const calibration::Truth truth = calibration::truths()[1];
  const calibration::History history = calibration::simulate_history(truth, random);
  const AsOf view(history.log, calibration::kBegin + Days{calibration::kHistory});
  const ForecastModel model = fit_forecast_model(view, {.threads = 1});
  const OpenPipeline pipeline = OpenPipeline::as_of_view(view);
  const CustomerSegments customers = everybody(yearly_contracts(1, 3, 1000));
  const PipelineValueOptions options{.horizon_days = 56, .draws = 400, .parameter_draws = 8};
  const PipelineValue value = pipeline_value(model, pipeline, customers, options);
  for (const WonValue* won : {&value.open, &value.not_yet_created}) {
    CHECK(won->total.expected == Approx(won->sales.expected + won->later.expected));
    CHECK(won->total.mean == Approx(won->sales.mean + won->later.mean));
    CHECK(won->wins > 0);
    // Chances in the draws are those that are expected.
    CHECK(won->sales.mean == Approx(won->sales.expected).margin(4 * won->sales.sd / 20));
    CHECK(won->later.mean == Approx(won->later.expected).margin(4 * won->later.sd / 20));
  }
  CHECK(value.total.expected ==
        Approx(value.open.total.expected + value.not_yet_created.total.expected + value.customers.expected));
  CHECK(value.total.mean == Approx(value.open.total.mean + value.not_yet_created.total.mean + value.customers.mean));
  const LeadValues leads = lead_values(model, pipeline, customers, {.horizon_days = 56, .parameter_draws = 8});
  double within = 0, ever = 0, chances = 0;
  for (const LeadValue& lead : leads.leads) {
    within += lead.value_within;
    ever += lead.value();
    chances += lead.chance_within;
    CHECK(lead.chance_ever <= 1 + 1e-12);
    CHECK(lead.chance_ever >= lead.chance_within);
  }
  CHECK(within == Approx(value.open.total.expected));
  CHECK(chances == Approx(value.open.wins));
  CHECK(ever >= within);

  // Any number of threads, and half the margin is half of everything, draw by draw.
  PipelineValueOptions other = options;
  other.threads = 3;
  CHECK(pipeline_value(model, pipeline, customers, other).total.sample == value.total.sample);
  other.margin = {.sales = 0.5, .later = 0.5};
  const PipelineValue half = pipeline_value(model, pipeline, customers, other);
  CHECK(half.total.expected == Approx(0.5 * value.total.expected));
  CHECK(half.total.quantile(0.9) == Approx(0.5 * value.total.quantile(0.9)));
  other.margin = {.sales = 0, .later = 1};
  const PipelineValue later = pipeline_value(model, pipeline, customers, other);
  CHECK(later.open.sales.expected == 0);
  CHECK(later.open.total.expected == Approx(value.open.later.expected));
}

TEST_CASE("a longer horizon is worth no less, in weeks and in months, and a higher rate no more") {
  ForecastModel model = known_model({0.02, 0.05}, 0.4, AmountDistribution::from_values({100, 900}));
  OpenPipeline pipeline = known_pipeline();
  for (int i = 0; i < 5; ++i)
    pipeline.deals.push_back({"d" + std::to_string(i), StageId{i % 2 == 0}, 0, 100.0 * (i + 1)});
  const CustomerSegments customers = everybody(yearly_contracts(2, 3, 400));
  const auto value = [&](int days, double annual) {
    return pipeline_value(model, pipeline, customers,
                          {.horizon_days = days, .annual_discount = annual, .draws = 20, .parameter_draws = 0});
  };
  double open = 0, created = 0;
  for (const int days : {1, 7, 30, 365, 731, 800, 1'500}) {
    const PipelineValue here = value(days, 0.15);
    INFO(days << " days");
    CHECK(here.open.total.expected >= open * (1 - 1e-12));
    CHECK(here.not_yet_created.total.expected >= created);
    open = here.open.total.expected;
    created = here.not_yet_created.total.expected;
  }
  CHECK(value(365, 0.3).total.expected < value(365, 0.15).total.expected);
  // Undiscounted sales of a year: with hazards h of winning and l of losing, h / (h + l) of each are won in the end.
  const PipelineValue plain = value(365, 1e-6);
  const double first = 0.02 / (0.02 + 0.49), second = 0.05 / (0.05 + 0.475);
  CHECK(plain.open.sales.expected == Approx(second * 100 + first * 200 + second * 300 + first * 400 + second * 500));
}

TEST_CASE("newcomers of a segment bring what that segment's do, new deals by their shares") {
  // Two segments of equal hazards; a quarter of the new deals are of the first.
  ForecastModel model = known_model({0.2}, 0.5, AmountDistribution::from_values({100}));
  model.groups = GroupEffects(
      GroupEffects::Parts{.segments = {{"loyal", {"loyal"}, 25}, {"rest", {"rest"}, 75}}, .shares = {0.25, 0.75}});
  REQUIRE(model.groups.is_pooled());
  OpenPipeline pipeline = known_pipeline();
  pipeline.deals = {
      {"a", StageId{0}, 0, 100.0, "loyal"}, {"b", StageId{0}, 0, 100.0, "rest"}, {"c", StageId{0}, 0, 100.0, "new"}};
  CustomerSegments customers = everybody(yearly_contracts(2, 2, 100));
  for (const auto& [name, alpha, beta] : {std::tuple{"loyal", 1.0, 9.0}, std::tuple{"rest", 3.0, 1.0}}) {
    CustomerSegment segment = yearly_contracts(alpha, beta, 100);
    segment.name = name;
    customers.segments.push_back(segment);
  }
  const PipelineValue value = pipeline_value(
      model, pipeline, customers, {.horizon_days = 28, .annual_discount = 0.2, .draws = 4000, .parameter_draws = 0});
  const double loyal = sbg_worth(1, 9, 0.2, kDaysOfYear), rest = sbg_worth(3, 1, 0.2, kDaysOfYear),
               pool = sbg_worth(2, 2, 0.2, kDaysOfYear);
  CHECK(value.open.later.expected / value.open.sales.expected == Approx((loyal + rest + pool) / 3));
  CHECK(value.not_yet_created.later.expected / value.not_yet_created.sales.expected ==
        Approx(0.25 * loyal + 0.75 * rest));
  for (const WonValue* won : {&value.open, &value.not_yet_created}) {
    CHECK(won->sales.mean == Approx(won->sales.expected).margin(4 * won->sales.sd / std::sqrt(4000.0)));
    CHECK(won->later.mean == Approx(won->later.expected).margin(4 * won->later.sd / std::sqrt(4000.0)));
  }
}

TEST_CASE("nothing open, nothing to come and nobody is worth nothing; what cannot be valued is refused") {
  const ForecastModel nothing = known_model({0.1}, 0, AmountDistribution());
  const PipelineValue zero = pipeline_value(nothing, known_pipeline(), CustomerRevenue{}, {.horizon_days = 10});
  CHECK(zero.total.expected == 0);
  CHECK(zero.total.quantile(0.9) == 0);
  CHECK(zero.total.sample.size() == 1000);

  // Only customers: their residual value.
  const std::vector<ContractRecord> two{{.customer = {}, .cell = {.survived = 1}, .fee = 100.0, .spent = {}},
                                        {.customer = {}, .cell = {.survived = 4}, .fee = 100.0, .spent = {}}};
  const CustomerRevenue customers =
      CustomerRevenue::of_contracts(Sbg(std::vector<double>{1.0, 3.0}), two, 0, kDaysOfYear);
  const PipelineValue base = pipeline_value(nothing, known_pipeline(), customers, {.horizon_days = 10});
  CHECK(base.total.expected == Approx(customers.residual_value(0.15)));
  CHECK(base.customer_count == 2);

  const auto value = [&](const PipelineValueOptions& options) {
    return pipeline_value(nothing, known_pipeline(), CustomerRevenue{}, options);
  };
  CHECK_THROWS_WITH(value({.horizon_days = 4000}), Contains("horizon is 4000 days; allowed are 1 to 3660"));
  CHECK_THROWS_WITH(value({.horizon_days = 9, .annual_discount = -0.1}), Contains("annual discount is -0.1"));
  CHECK_THROWS_AS(value({.horizon_days = 9, .annual_discount = std::nan("")}), InvalidArgument);
  CHECK_THROWS_WITH(value({.horizon_days = 9, .margin = {.sales = 2}}), Contains("margin of sales is 2; 0 to 1"));
  CHECK_THROWS_WITH(value({.horizon_days = 9, .draws = 5}), Contains("from 5 draws; at least 20"));
  CHECK_THROWS_AS(value({.horizon_days = 9, .progress = [](double) { return false; }}), Cancelled);
}

namespace {

/// A company of known truth: a deal waits, is won or lost at constant rates, and who is won buys as kBuyers. From a
/// year of history all is fitted; then the open deals are walked on, and their customers' purchases without end.
struct Place {
  double place = 0;  // randomised PIT of what the open deals turn out to be worth
  double realised = 0, expected = 0;
};

Place replicate_worth(std::uint64_t number) {
  constexpr int kPast = 365, kAhead = 60;
  constexpr double kWin = 0.02, kLose = 0.03, kAnnual = 0.2;
  RandomStream random(number, 23);
  const auto at = [](double day) {
    return Timestamp{calibration::kBegin} + std::chrono::seconds{static_cast<std::int64_t>(day * 86'400)};
  };
  EventLogBuilder builder(
      StageGraph::Builder().stage("Open").stage("Won", StageKind::won).stage("Lost", StageKind::lost).build());
  CellCounts<PurchaseCell> cells;
  CellCounts<SpendCell> spend;
  Place result;
  int deals = 0;
  for (double created = 0; (created += random.exponential() / 2) < kPast;) {
    const DealId deal = builder.deal("D" + std::to_string(deals++));
    const double amount = std::round(50'000 * std::exp(0.5 * random.normal())) / 100,
                 ended = created + random.exponential() / (kWin + kLose);
    const bool won = random.uniform() < kWin / (kWin + kLose);
    builder.add({.deal = deal, .time = at(created), .stage = StageId{0}, .amount = Money::from_units(amount)});
    builder.add({.deal = deal, .time = at(ended), .stage = won ? StageId{1} : StageId{2}});
    if (!won) continue;
    if (ended >= kPast) {
      if (ended < kPast + kAhead)
        result.realised += amount * discounted(kAnnual, ended - kPast) + kBuyers.worth(random, kAnnual, ended - kPast);
      continue;
    }
    // A customer seen until today.
    const double rate = random.gamma(kBuyers.r) / kBuyers.alpha / 7, leaves = random.beta(kBuyers.a, kBuyers.b),
                 own = random.gamma(kBuyers.q) / kBuyers.gamma;
    CustomerRecord<PurchaseCell> record;
    record.cell.age_days = static_cast<std::int32_t>(kPast - ended);
    for (double day = random.exponential() / rate; day < kPast - ended; day += random.exponential() / rate) {
      ++record.cell.repeats;
      record.cell.recency_days = std::min(static_cast<std::int32_t>(day), record.cell.age_days);
      ++record.priced_repeats;
      record.repeat_spend += Money::from_units(std::round(100 * random.gamma(kBuyers.p) / own) / 100);
      if (random.uniform() < leaves) break;
    }
    cells.add(record.cell);
    if (record.priced_repeats > 0) spend.add({record.priced_repeats, record.repeat_spend});
  }
  const AsOf view(builder.build(), calibration::kBegin + Days{kPast});
  const ForecastModel model = fit_forecast_model(view, {.learn_shock = false, .threads = 1});
  // Newcomers alone: it is the open deals that are asked about.
  const CustomerRevenue newcomers = CustomerRevenue::of_purchases(fit_bg_nbd(cells), fit_gamma_gamma(spend), {});
  const ForecastTotal total =
      pipeline_value(model, OpenPipeline::as_of_view(view), newcomers,
                     {.horizon_days = kAhead, .annual_discount = kAnnual, .draws = 200, .parameter_draws = 8})
          .open.total;
  const double below = static_cast<double>(std::lower_bound(total.sample.begin(), total.sample.end(), result.realised) -
                                           total.sample.begin());
  result.place = (below + random.uniform()) / (static_cast<double>(total.sample.size()) + 1);
  result.expected = total.expected;
  return result;
}

}  // namespace

TEST_CASE("what open deals and their customers turn out to be worth lies in the 80 % interval as often as it says",
          "[parallel]") {
#if defined(NDEBUG) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  constexpr int kReplications = 60;
#else
  constexpr int kReplications = 4;
#endif
  std::array<Place, kReplications> places;
  parallel_for(
      places.size(), [&](std::size_t i) { places[i] = replicate_worth(500 + i); }, 2);
  int inside = 0;
  Moments bias, realised;
  for (const Place& place : places) {
    inside += std::abs(place.place - 0.5) <= 0.4 ? 1 : 0;
    bias.add(place.expected - place.realised);
    realised.add(place.realised);
  }
  INFO(inside << " of " << kReplications << " inside, bias " << bias.mean() << " +- " << bias.error() << " of "
              << realised.mean());
  CHECK(calibration::within_limits(inside, kReplications, 0.8, 0.999));
  CHECK(std::abs(bias.mean()) < 4 * bias.error());
}
