// The customers' values against what the models say one by one, and totals' intervals against simulated populations
// whose future is known.

#include <putki/value/customer_base.hpp>

#include <putki/core/error.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <cmath>

using namespace putki;
using Catch::Matchers::Contains;

namespace {

using Records = std::vector<CustomerRecord<PurchaseCell>>;

// A customer from the story of the BG/NBD, told purchase by purchase: what was seen by `age`, and how many purchases
// came in the `horizon` after it. Weeks.
struct Lived {
  PurchaseCell seen;
  int later = 0;
};
Lived live(RandomStream& random, double r, double alpha, double a, double b, double age, double horizon) {
  const double rate = random.gamma(r) / alpha;
  const double leaves = random.beta(a, b);
  Lived lived{{0, 0, static_cast<std::int32_t>(age * 7)}};
  for (double time = random.exponential() / rate; time <= age + horizon; time += random.exponential() / rate) {
    if (time <= age) {
      ++lived.seen.repeats;
      lived.seen.recency_days = static_cast<std::int32_t>(time * 7);
    } else {
      ++lived.later;
    }
    if (random.uniform() < leaves) break;
  }
  return lived;
}

Records population(std::uint64_t seed, std::size_t customers, double horizon, double* later) {
  RandomStream random(seed, 0);
  Records records;
  for (std::size_t c = 0; c < customers; ++c) {
    const double age = 27 + static_cast<double>(random.below(84)) / 7;
    const Lived lived = live(random, 0.8, 6, 0.8, 2.5, age, horizon);
    if (later != nullptr) *later += lived.later;
    CustomerRecord<PurchaseCell> record{"c" + std::to_string(c), lived.seen};
    record.priced_repeats = lived.seen.repeats;
    for (int k = 0; k < lived.seen.repeats; ++k)
      record.repeat_spend += Money{static_cast<std::int64_t>(1000 + random.below(9000))};
    record.spent = record.repeat_spend;
    records.push_back(record);
  }
  return records;
}

const BgNbd kModel(0.8, 6, 0.8, 2.5);
const GammaGamma kSpend(6.25, 3.74, 15.44);

}  // namespace

TEST_CASE("each customer's value is what the models say, and the totals are their sums") {
  const Records records = population(3, 200, 39, nullptr);
  const CustomerBaseValue base = value_customer_base(kModel, records, kSpend, {.draws = 20});
  REQUIRE(base.customers.size() == 200);
  const double rate = std::log(1.15) * 7 / 365.25;
  double purchases = 0, value = 0;
  std::uint64_t again = 0;
  for (std::size_t c = 0; c < records.size(); ++c) {
    const PurchaseCell& cell = records[c].cell;
    const CustomerValue& customer = base.customers[c];
    CHECK(customer.customer == records[c].customer);
    CHECK(customer.repeats == cell.repeats);
    CHECK(customer.recency == Approx(cell.recency_days / 7.0));
    CHECK(customer.age == Approx(cell.age_days / 7.0));
    CHECK(customer.probability_alive == Approx(kModel.probability_alive(cell)));
    CHECK(customer.expected_purchases == Approx(kModel.expected_purchases(cell, 39)));
    // Fader, Hardie & Lee 2005: E[M | x, m] = p (gamma + m x) / (p x + q - 1).
    const double spend = 6.25 * (15.44 + records[c].repeat_spend.units()) / (6.25 * cell.repeats + 3.74 - 1);
    CHECK(customer.expected_spend.value() == Approx(spend));
    CHECK(customer.residual_value.value() == Approx(spend * kModel.discounted_purchases(cell, rate)));
    purchases += customer.expected_purchases;
    value += *customer.residual_value;
    again += cell.repeats > 0 ? 1 : 0;
  }
  CHECK(base.purchases.mean == Approx(purchases));
  CHECK(base.residual_value.value().mean == Approx(value));
  CHECK(base.repeat_buyers == again);
  double observed = 0, expected = 0;
  for (const CountFit& line : base.fit) {
    observed += line.observed;
    expected += line.expected;
  }
  CHECK(observed == 200);
  CHECK(expected == Approx(200));
  CHECK(base.fit.back().or_more);
}

TEST_CASE("customers with covariates are valued by the models that these make") {
  const Records records = population(7, 60, 0, nullptr);
  std::vector<std::vector<double>> covariates;
  for (std::size_t c = 0; c < records.size(); ++c) covariates.push_back({static_cast<double>(c % 3)});
  const CovariateModel<BgNbd> model(kModel, {"visits"}, std::vector<double>{0.4, 0.2, -0.1});
  const CustomerBaseOptions options{.horizon = 20, .draws = 400, .threads = 2};
  const auto base = value_customer_base(model, records, covariates, kSpend, options);
  double purchases = 0;
  std::array<double, 8> expected{};
  for (std::size_t c = 0; c < records.size(); ++c) {
    const BgNbd theirs = model.model_for(covariates[c]);
    CHECK(base.customers[c].customer == records[c].customer);
    CHECK(base.customers[c].probability_alive == theirs.probability_alive(records[c].cell));
    CHECK(base.customers[c].expected_purchases == theirs.expected_purchases(records[c].cell, 20));
    purchases += theirs.expected_purchases(records[c].cell, 20);
    const auto masses = theirs.purchase_probabilities(records[c].cell.age_days / 7.0, 6);
    for (std::size_t k = 0; k < 7; ++k) expected[k] += masses[k];
  }
  CHECK(base.purchases.mean == Approx(purchases).epsilon(1e-12));
  for (std::size_t k = 0; k < 7; ++k) CHECK(base.fit[k].expected == Approx(expected[k]).epsilon(1e-10));
  CHECK(base.purchases.q10 < purchases);
  CHECK(base.purchases.q90 > purchases);
  // Without an effect, and without a covariate, it is the plain model's, draw for draw.
  const std::vector<std::vector<double>> none(records.size());
  const auto plain = value_customer_base(kModel, records, kSpend, options);
  const auto bare = value_customer_base(CovariateModel<BgNbd>(kModel, {}, {}), records, none, kSpend, options);
  CHECK(bare.purchases.mean == plain.purchases.mean);
  CHECK(bare.residual_value->mean == plain.residual_value->mean);
  CHECK_THROWS_WITH(value_customer_base(model, records, std::span(covariates).first(3), kSpend, options),
                    Contains("covariates of 3 customers"));
  CHECK_THROWS_AS(value_customer_base(model, records, none, kSpend, options), InvalidArgument);
  CHECK_THROWS_AS(value_customer_base(model, records, covariates, kSpend, {.horizon = 1, .days_per_unit = 1}),
                  InvalidArgument);
}

TEST_CASE("with known parameters the futures drawn agree with the means") {
  const Records records = population(4, 300, 39, nullptr);
  const CustomerBaseValue base = value_customer_base(kModel, records, kSpend, {.draws = 400, .threads = 0});
  // Between the 10 % and 90 % points, symmetric enough, lies the mean; their distance shows that it is no coincidence.
  for (const ValueTotal& total : {base.purchases, *base.residual_value}) {
    const double middle = (total.q10 + total.q90) / 2;
    CHECK(total.q10 < total.q90);
    CHECK(std::abs(middle - total.mean) < 0.25 * (total.q90 - total.q10));
    CHECK(total.q90 - total.q10 < 0.8 * total.mean);
  }
}

TEST_CASE("the interval of a total covers what comes at its nominal rate, parameters estimated") {
  int covered = 0;
  const int populations = 60;
  for (int population_number = 0; population_number < populations; ++population_number) {
    double later = 0;
    const Records records = population(100 + static_cast<std::uint64_t>(population_number), 300, 39, &later);
    CellCounts<PurchaseCell> cells;
    for (const auto& record : records) cells.add(record.cell);
    const BgNbd model = fit_bg_nbd(cells);
    const CustomerBaseValue base = value_customer_base(model, records, std::nullopt, {.draws = 60, .threads = 0});
    covered += later >= base.purchases.q10 && later <= base.purchases.q90 ? 1 : 0;
  }
  // 80 %; by chance alone 0.1 % of such tests would find less than 38 or more than 57 of 60.
  CHECK(covered >= 38);
  CHECK(covered <= 57);
}

TEST_CASE("values do not depend on the order of customers, intervals not on the number of threads") {
  const Records records = population(5, 60, 39, nullptr);
  const CustomerBaseValue one = value_customer_base(kModel, records, kSpend, {.draws = 40, .threads = 1});
  const CustomerBaseValue two = value_customer_base(kModel, records, kSpend, {.draws = 40, .threads = 3});
  CHECK(one.purchases.q10 == two.purchases.q10);
  CHECK(one.residual_value.value().q90 == two.residual_value.value().q90);
  const Records backwards(records.rbegin(), records.rend());
  const CustomerBaseValue turned = value_customer_base(kModel, backwards, kSpend, {.draws = 40});
  CHECK(turned.residual_value.value().mean == Approx(one.residual_value.value().mean));
  for (std::size_t c = 0; c < records.size(); ++c)
    CHECK(turned.customers[records.size() - 1 - c].residual_value == one.customers[c].residual_value);
}

TEST_CASE("valuing nobody gives nothing, and what makes no sense is refused") {
  const CustomerBaseValue nobody = value_customer_base(kModel, Records{}, kSpend);
  CHECK(nobody.customers.empty());
  CHECK(nobody.purchases.mean == 0);
  CHECK(nobody.residual_value.value().q90 == 0);
  CHECK_FALSE(value_customer_base(kModel, Records{}, std::nullopt).residual_value.has_value());
  CHECK_THROWS_WITH(value_customer_base(kModel, Records{}, kSpend, {.horizon = 0}), Contains("horizon"));
  CHECK_THROWS_WITH(value_customer_base(kModel, Records{}, kSpend, {.annual_discount = 0}), Contains("discount"));
  CHECK_THROWS_WITH(value_customer_base(kModel, Records{}, kSpend, {.days_per_unit = 1}), Contains("the model's"));
  CHECK_THROWS_WITH(value_customer_base(kModel, Records{}, kSpend, {.draws = 1}), Contains("20 or more"));
}

TEST_CASE("contracts are worth the renewals that the model expects, and those that ended nothing") {
  // alpha .668, beta 3.806: the high end of Fader & Hardie 2007, of whom 86.9 % stay a second year.
  const std::vector<double> parameters{0.668, 3.806};
  const Sbg model(parameters);
  // S(n) = prod (beta + i) / (alpha + beta + i), i < n.
  std::vector<double> chances{1};
  for (int i = 0; i < 20'010; ++i) chances.push_back(chances.back() * (3.806 + i) / (0.668 + 3.806 + i));
  const auto survival = [&](double n) { return chances.at(static_cast<std::size_t>(n)); };
  const std::vector<ContractRecord> customers = {{"new", {0, false}, 100.0, Money{10'000}},
                                                 {"old", {5, false}, 20.0, Money{}},
                                                 {"free", {2, false}, std::nullopt, Money{}},
                                                 {"gone", {3, true}, 70.0, Money{}}};
  for (const unsigned unseen : {0U, 1U}) {
    const CustomerBaseValue base = value_contracts(
        model, customers, unseen, {.horizon = 4, .annual_discount = 0.1, .days_per_unit = 365.25, .draws = 2000});
    double purchases = 0, value = 0;
    for (std::size_t c = 0; c < 3; ++c) {
      const double made = customers[c].cell.survived, now = made + unseen;
      double renewals = 0, worth = 0;
      for (int n = 1; n <= 4; ++n) renewals += survival(now + n) / survival(made);
      for (int n = 1; n < 20'000; ++n) worth += survival(now + n) / survival(made) * std::pow(1.1, 0.5 - n);
      const double fee = customers[c].fee.value_or((100.0 + 20 + 70) / 3);
      CHECK(base.customers[c].probability_alive == Approx(survival(now) / survival(made)));
      CHECK(base.customers[c].expected_purchases == Approx(renewals));
      CHECK(base.customers[c].residual_value.value() == Approx(fee * worth).epsilon(1e-6));
      purchases += renewals;
      value += fee * worth;
    }
    CHECK(base.customers[3].probability_alive == 0);
    CHECK(base.customers[3].residual_value == 0.0);
    CHECK(base.purchases.mean == Approx(purchases));
    CHECK(base.residual_value.value().mean == Approx(value).epsilon(1e-6));
    CHECK(base.residual_value->q10 < value);
    CHECK(base.residual_value->q90 > value);
    // Who was there at each renewal: new decides nothing yet; old made 5, free 2, gone 3 and left at the fourth.
    REQUIRE(base.fit.size() == 5);
    CHECK(base.fit[3].observed == 1);
    CHECK(base.fit[3].expected == Approx(2 * (1 - survival(4) / survival(3))));
    CHECK(base.fit[1].expected == Approx(3 * (1 - survival(2) / survival(1))));
    CHECK(base.fit[4].expected == Approx(1 - survival(5) / survival(4)));
  }
  CHECK_THROWS_WITH(value_contracts(model, customers, 0, {.horizon = 1.5}), Contains("whole periods"));
  CHECK_THROWS_WITH(value_contracts(model, customers, 2, {.horizon = 1}), Contains("unseen"));
  CHECK_FALSE(value_contracts(model, {{"free", {2, false}, {}, {}}}, 0, {.horizon = 1}).residual_value.has_value());
}

TEST_CASE("the interval of renewals covers what comes at its nominal rate, parameters estimated") {
  int covered = 0;
  for (std::uint64_t population_number = 0; population_number < 100; ++population_number) {
    RandomStream random(700, population_number);
    std::vector<ContractRecord> customers;
    TenureStatistics tenures;
    double later = 0;
    for (int c = 0; c < 300; ++c) {
      const double leaves = random.beta(0.7, 2.5);
      const auto periods = static_cast<std::int32_t>(1 + random.below(10));
      TenureCell cell;
      while (!cell.ended && cell.survived < periods) {
        cell.ended = random.uniform() < leaves;
        cell.survived += cell.ended ? 0 : 1;
      }
      for (int n = 0; n < 6 && !cell.ended && random.uniform() >= leaves; ++n) ++later;
      tenures.add(cell);
      customers.push_back({"", cell, std::nullopt, {}});
    }
    const CustomerBaseValue base = value_contracts(fit_sbg(tenures), customers, 0, {.horizon = 6, .draws = 100});
    covered += later >= base.purchases.q10 && later <= base.purchases.q90 ? 1 : 0;
  }
  // 80 of 100; beyond these, chance alone comes in 0.2 % of such tests.
  CHECK(covered >= 67);
  CHECK(covered <= 91);
}
