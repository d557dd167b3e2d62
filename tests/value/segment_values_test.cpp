// Values by segment against the values of each segment's customers by the segment's model, put together by hand.

#include <putki/value/segment_values.hpp>

#include <putki/core/error.hpp>
#include <putki/value/segment_models.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <utility>

using namespace putki;
using Catch::Matchers::Contains;

namespace {

using Shoppers = std::vector<CustomerRecord<PurchaseCell>>;

// Customers of two sources, alternating: those of "fair" leave soon, those of the unknown one stay.
std::pair<Shoppers, std::vector<std::string>> shoppers(int number) {
  RandomStream stream(31, 0);
  const BgNbd stays(0.9, 5, 0.4, 4), leaves(0.9, 5, 2, 2);
  const GammaGamma spend(6, 4, 15);
  std::pair<Shoppers, std::vector<std::string>> drawn;
  for (int c = 0; c < number; ++c) {
    std::vector<double> times;
    (c % 2 == 0 ? leaves : stays).simulate(52, stream, times);
    const auto repeats = static_cast<std::int32_t>(times.size());
    const Money total = Money::from_units(spend.simulate_total(spend.simulate_mean(stream), times.size(), stream));
    drawn.first.push_back({"c" + std::to_string(c),
                           {repeats, times.empty() ? 0 : static_cast<std::int32_t>(times.back() * 7), 364},
                           repeats,
                           total,
                           total});
    drawn.second.emplace_back(c % 2 == 0 ? "fair" : "");
  }
  return drawn;
}

}  // namespace

TEST_CASE("a segment's value is that of its customers by its own model") {
  const auto [customers, sources] = shoppers(1200);
  const CustomerBaseOptions options{.horizon = 26, .annual_discount = 0.2, .draws = 40, .seed = 5};
  const SegmentValues values = value_segments(customers, sources, &fit_bg_nbd, options);
  REQUIRE(values.segments.size() == 2);
  CHECK(values.segments[0].segment.empty());
  CHECK(values.segments[1].segment == "fair");

  std::vector<Shoppers> members(2);
  std::vector<CellCounts<PurchaseCell>> cells(2);
  std::vector<CellCounts<SpendCell>> spend(2);
  for (std::size_t c = 0; c < customers.size(); ++c) {
    const std::size_t s = sources[c] == "fair" ? 1 : 0;
    members[s].push_back(customers[c]);
    cells[s].add(customers[c].cell);
    if (customers[c].priced_repeats > 0) spend[s].add({customers[c].priced_repeats, customers[c].repeat_spend});
  }
  const auto models = fit_segments(
      cells, [](const CellCounts<PurchaseCell>& some) { return fit_bg_nbd(some); }, 5);
  const auto spends = fit_segments(
      spend, [](const CellCounts<SpendCell>& some) { return fit_gamma_gamma(some); }, 5);
  CHECK(values.pooled_customers == models.pooled_customers);
  const double rate = std::log(1.2) * 7 / 365.25;
  for (std::size_t s = 0; s < 2; ++s) {
    const SegmentValue& value = values.segments[s];
    const CustomerBaseValue base = value_customer_base(models.models[s], members[s], spends.models[s], options);
    CHECK(value.customers == 600);
    CHECK(value.repeat_buyers == base.repeat_buyers);
    CHECK(value.parameters.values == models.models[s].fit().values);
    CHECK(value.purchases.sample == base.purchases.sample);
    CHECK(value.residual_value.value().expected == base.residual_value.value().expected);
    CHECK(value.newcomer_purchases == Approx(models.models[s].expected_purchases(26)));
    CHECK(value.newcomer_spend.value() == Approx(spends.models[s].expected_spend()));
    CHECK(value.newcomer_value.value() ==
          Approx(spends.models[s].expected_spend() * (1 + models.models[s].discounted_purchases(rate))));
  }
  // The truth of the two populations.
  CHECK(values.segments[0].newcomer_purchases > 1.3 * values.segments[1].newcomer_purchases);
}

TEST_CASE("without amounts segments have purchases and no money") {
  auto [customers, sources] = shoppers(300);
  for (auto& customer : customers) customer.priced_repeats = 0, customer.repeat_spend = {};
  const SegmentValues values = value_segments(customers, sources, &fit_bg_nbd, {.draws = 20});
  for (const SegmentValue& value : values.segments) {
    CHECK(value.purchases.expected > 0);
    CHECK_FALSE(value.residual_value.has_value());
    CHECK_FALSE(value.newcomer_spend.has_value());
    CHECK_FALSE(value.newcomer_value.has_value());
  }
}

TEST_CASE("purchases at most once a period are valued by segment with the rate of a period") {
  RandomStream stream(32, 0);
  const BgBb truth(1.2, 0.8, 0.7, 2.5);
  std::vector<CustomerRecord<OpportunityCell>> donors;
  for (int c = 0; c < 400; ++c) {
    std::vector<double> times;
    truth.simulate(6, stream, times);
    const auto bought = static_cast<std::int32_t>(times.size());
    donors.push_back({"",
                      {bought, times.empty() ? 0 : static_cast<std::int32_t>(times.back()), 6},
                      bought,
                      Money{bought * 2500 + 100 * (c % 7) * (bought > 0 ? 1 : 0)},
                      {}});
  }
  const CustomerBaseOptions options{.horizon = 3, .annual_discount = 0.1, .days_per_unit = 365.25, .draws = 20};
  const SegmentValues values = value_segments(donors, std::vector<std::string>(400, "all"), &fit_bg_bb, options);
  REQUIRE(values.segments.size() == 1);
  OpportunityStatistics cells;
  for (const auto& donor : donors) cells.add(donor.cell);
  const BgBb model = fit_bg_bb(cells);
  CHECK(values.segments[0].newcomer_value.value() ==
        Approx(values.segments[0].newcomer_spend.value() * (1 + model.discounted_purchases(0.1))));
}

TEST_CASE("contracts by segment: survival by the segment's model, fees of its own") {
  RandomStream stream(33, 0);
  std::vector<ContractRecord> customers;
  std::vector<std::string> plans;
  for (int c = 0; c < 2000; ++c) {
    const bool large = c % 4 == 0;
    const double leaves = large ? stream.beta(0.5, 4) : stream.beta(3, 1.5);
    TenureCell cell;
    while (!cell.ended && cell.survived < 6) {
      cell.ended = stream.uniform() < leaves;
      cell.survived += cell.ended ? 0 : 1;
    }
    customers.push_back({"", cell, large ? 1000.0 : 10.0, {}});
    plans.emplace_back(large ? "large" : "small");
  }
  const CustomerBaseOptions options{.horizon = 2, .annual_discount = 0.1, .days_per_unit = 365.25, .draws = 20};
  const SegmentValues values = value_contract_segments(customers, plans, &fit_sbg, 0, options);
  REQUIRE(values.segments.size() == 2);
  for (std::size_t s = 0; s < 2; ++s) {
    const SegmentValue& value = values.segments[s];
    CHECK(value.segment == (s == 0 ? "large" : "small"));
    const Sbg model(value.parameters.values);
    const double fee = s == 0 ? 1000 : 10;
    CHECK(value.newcomer_spend.value() == Approx(fee));
    CHECK(value.newcomer_purchases == Approx(model.survival(1) + model.survival(2)));
    double worth = 0;
    for (int n = 0; n < 2000; ++n) worth += fee * model.survival(n) * std::pow(1.1, -n);
    CHECK(value.newcomer_value.value() == Approx(worth));
    CHECK(value.residual_value.value().expected > 0);
  }
  CHECK(values.segments[0].newcomer_purchases > 1.4);  // .89 + .80 of the truth
  CHECK(values.segments[1].newcomer_purchases < 0.9);  // .33 + .15
}

TEST_CASE("nobody has no segments, and what does not fit is refused in words") {
  CHECK(value_segments(Shoppers{}, {}, &fit_bg_nbd).segments.empty());
  CHECK(value_contract_segments({}, {}, &fit_sbg, 0).segments.empty());
  const auto [customers, sources] = shoppers(20);
  CHECK_THROWS_WITH(value_segments(customers, {"one"}, &fit_bg_nbd), Contains("20 customers in 1 segments"));
  CHECK_THROWS_WITH(value_segments(customers, sources, &fit_bg_nbd, {.horizon = 0}), Contains("horizon"));
  CHECK_THROWS_WITH(value_contract_segments({{"", {1, true}, {}, {}}}, {"a"}, &fit_sbg, 3), Contains("3 renewals"));
  CHECK_THROWS_AS(value_contract_segments({{"", {1, false}, {}, {}}}, {"a"}, &fit_sbg, 0, {.horizon = 1}),
                  NotEnoughData);
}
