// Customers by segment, against hand calculation, the models' own answers and populations of known truth.

#include <putki/core/error.hpp>
#include <putki/value/customer_segments.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

using namespace putki;
using Catch::Matchers::Contains;

namespace {

using Shopper = CustomerRecord<PurchaseCell>;

// A shopper of the BG/NBD whose own rate (a week) and dropout chance are drawn, seen for `weeks`, each purchase of a
// gamma amount around a mean of his own.
Shopper shopper(RandomStream& random, double r, double alpha, double a, double b, double weeks) {
  const double rate = random.gamma(r) / alpha, leaves = random.beta(a, b);
  const double mean = 30 / random.gamma(4) * 3;
  Shopper record;
  record.cell.age_days = static_cast<std::int32_t>(7 * weeks);
  double time = 0;
  while ((time += random.exponential() / rate) < weeks) {
    record.cell.recency_days = static_cast<std::int32_t>(7 * time);
    ++record.cell.repeats;
    ++record.priced_repeats;
    record.repeat_spend += Money::from_units(std::round(100 * mean * random.gamma(5) / 5) / 100);
    if (random.uniform() < leaves) break;
  }
  return record;
}

Sbg known_sbg(const TenureStatistics&, const ValueFitOptions&) {
  return Sbg(std::vector<double>{1.0, 3.0});
}

ContractRecord contract(std::int32_t survived, bool ended, std::optional<double> fee) {
  return {.customer = {}, .cell = {.survived = survived, .ended = ended}, .fee = fee, .spent = {}};
}

}  // namespace

TEST_CASE("what newcomers bring later is what CustomerRevenue says, its draws around it") {
  RandomStream random(11, 0);
  std::vector<Shopper> shoppers;
  for (int i = 0; i < 600; ++i) shoppers.push_back(shopper(random, 0.8, 5, 0.8, 3, 10 + 40 * random.uniform()));
  const CustomerSegments all = segment_purchasers(&fit_bg_nbd, shoppers, {}, {.annual_discount = 0.1});
  CHECK(all.segments.empty());
  CHECK(all.everybody.customers == 600);
  CHECK(all.everybody.revenue.customer_count() == 600);
  const ForecastTotal& later = all.everybody.later_value;
  CHECK(later.expected == Approx(all.everybody.revenue.residual_value_of_newcomer(0.1)));
  CHECK(later.sample.size() == 200);
  CHECK(later.quantile(0.1) < later.expected);
  CHECK(later.quantile(0.9) > later.expected);
  CHECK_FALSE(all.everybody.fee.has_value());
  CHECK_FALSE(all.everybody.year.has_value());
  double alive = 0;
  std::uint64_t again = 0;
  CellCounts<PurchaseCell> cells;
  for (const Shopper& one : shoppers) cells.add(one.cell);
  const BgNbd model = fit_bg_nbd(cells);
  for (const Shopper& one : shoppers) {
    alive += model.probability_alive(one.cell);
    again += one.cell.repeats > 0 ? 1 : 0;
  }
  CHECK(all.everybody.alive == Approx(alive));
  CHECK(all.everybody.repeat_buyers == again);
  CHECK(&all.of("web") == &all.everybody);
}

TEST_CASE("a source of three customers says mostly what all say") {
  RandomStream random(12, 0);
  std::vector<Shopper> shoppers;
  std::vector<std::string> sources;
  for (int i = 0; i < 800; ++i) {
    shoppers.push_back(shopper(random, 0.6, 8, 1, 3, 40));
    sources.push_back(i % 2 == 0 ? "fair" : "web");
  }
  double repeats = 0;
  for (const Shopper& one : shoppers) repeats += one.cell.repeats / 800.0;
  for (int i = 0; i < 3; ++i) {
    // Eight to twelve purchases of 300 where others make 2 or so of 30.
    const std::int32_t bought = 8 + 2 * i;
    shoppers.push_back({.customer = {},
                        .cell = {.repeats = bought, .recency_days = 250 + 10 * i, .age_days = 280},
                        .priced_repeats = bought,
                        .repeat_spend = Money::from_units(bought * (250 + 50 * i)),
                        .spent = {}});
    sources.push_back("friend");
  }
  REQUIRE(repeats < 4);
  const CustomerSegments by = segment_purchasers(&fit_mbg_nbd, shoppers, sources);
  REQUIRE(by.segments.size() == 3);
  CHECK(by.segments[0].name == "fair");
  CHECK(by.segments[1].name == "friend");
  CHECK(by.segments[1].customers == 3);
  const double all = by.everybody.later_value.expected;
  // By their own averages they would bring forty times as much: 10 x 300 in 280 days against 2 x 30 or so.
  CHECK(by.of("friend").later_value.expected < 8 * all);
  CHECK(by.of("friend").later_value.expected > 0.5 * all);
  CHECK(by.of("web").later_value.expected == Approx(all).epsilon(0.25));
}

TEST_CASE("large sources that differ keep their order") {
  RandomStream random(13, 0);
  std::vector<Shopper> shoppers;
  std::vector<std::string> sources;
  for (int i = 0; i < 3000; ++i) {
    const bool loyal = i % 2 == 0;
    shoppers.push_back(loyal ? shopper(random, 1.5, 8, 0.5, 6, 50) : shopper(random, 0.5, 8, 2, 2, 50));
    sources.push_back(loyal ? "loyal" : "");
  }
  const CustomerSegments by = segment_purchasers(&fit_bg_nbd, shoppers, sources);
  REQUIRE(by.segments.size() == 2);
  CHECK(by.segments[0].name.empty());
  CHECK(by.of("loyal").later_value.quantile(0.1) > by.segments[0].later_value.quantile(0.9));
  CHECK(by.of("loyal").alive / 1500 > by.segments[0].alive / 1500);
  CHECK(&by.of("") == &by.everybody);  // unknown says nothing
}

TEST_CASE("contracts by hand: what a newcomer renews, fees, who is left after a year") {
  // sBG with alpha 1, beta 3: S(t) = B(1, 3 + t) / B(1, 3) = 3 / (3 + t).
  const std::vector<ContractRecord> records{
      contract(0, true, 100),  contract(0, true, 100),  contract(0, true, std::nullopt), contract(1, false, 100),
      contract(1, false, 200), contract(2, true, 100),  contract(3, false, 300),         contract(0, false, 100),
      contract(1, true, 200),  contract(5, false, 100),
  };
  std::vector<std::string> names;
  for (std::size_t i = 0; i < records.size(); ++i) names.push_back(i < 4 ? "a" : "b");
  const CustomerSegments by =
      segment_contracts(&known_sbg, records, names, 0, {.annual_discount = 0.25, .days_per_unit = 365.25});
  double renewals = 0;
  for (int t = 1; t < 400; ++t) renewals += 3.0 / (3 + t) * std::pow(1.25, -t);
  const double fee = (100 + 100 + 100 + 200 + 100 + 300 + 100 + 200 + 100) / 9.0;
  CHECK(by.everybody.fee.value() == Approx(fee));
  CHECK(by.everybody.later_value.expected == Approx(fee * renewals));
  CHECK(by.of("a").fee.value() == Approx(100));
  CHECK(by.of("a").later_value.expected == Approx(100 * renewals));
  CHECK(by.of("a").later_value.expected == Approx(by.of("a").revenue.residual_value_of_newcomer(0.25)));
  CHECK(by.of("b").fee.value() == Approx(1000 / 6.0));
  CHECK(by.everybody.repeat_buyers == 6);
  CHECK(by.everybody.alive == Approx(5));

  // Known parameters have no limits of their own.
  const YearRetention year = by.everybody.year.value();
  CHECK(year.periods == 1);
  CHECK(year.expected == Approx(0.75));
  CHECK(year.limits.lower == Approx(0.75));
  CHECK(year.limits.upper == Approx(0.75));
  // Nine decided on the first renewal (the eighth has not yet), three left.
  CHECK(year.observed.value() == Approx(1 - 3.0 / 9));
  CHECK(year.observed_limits.lower < 2.0 / 3);
  CHECK(year.observed_limits.upper > 2.0 / 3);
  CHECK(by.of("a").year->observed.value() == Approx(0.25));
}

TEST_CASE("a year of months is twelve renewals, and who was seen from later on counts from there") {
  std::vector<ContractRecord> records{contract(12, false, 10), contract(11, true, 10), contract(3, true, 10)};
  records.push_back({.customer = {}, .cell = {.survived = 14, .ended = true, .entered = 11}, .fee = 10, .spent = {}});
  const CustomerSegments all = segment_contracts(&known_sbg, records, {}, 0, {.days_per_unit = 365.25 / 12});
  CHECK(all.everybody.year->periods == 12);
  CHECK(all.everybody.year->expected == Approx(3.0 / 15));
  // One of three left at the fourth renewal, one of three (the late one has joined) at the twelfth.
  CHECK(all.everybody.year->observed.value() == Approx(2.0 / 3 * 2.0 / 3));
  records.clear();
  records.push_back(contract(5, false, 10));
  records.push_back(contract(3, true, 10));
  const CustomerSegments young = segment_contracts(&known_sbg, records, {}, 0, {.days_per_unit = 365.25 / 12});
  CHECK_FALSE(young.everybody.year->observed.has_value());  // nobody has been seen for a year
}

TEST_CASE("what cannot be segmented is refused with what is allowed") {
  const std::vector<ContractRecord> records{contract(1, false, 10), contract(0, true, 10)};
  const auto segment = [&](const CustomerSegmentsOptions& options, const std::vector<std::string>& names = {},
                           unsigned unseen = 0) {
    return segment_contracts(&known_sbg, records, names, unseen, options);
  };
  CHECK_THROWS_WITH(segment({.annual_discount = 0}), Contains("annual discount is 0; it must be above 0"));
  CHECK_THROWS_AS(segment({.annual_discount = std::numeric_limits<double>::infinity()}), InvalidArgument);
  CHECK_THROWS_WITH(segment({.days_per_unit = -7}), Contains("a unit of -7 days"));
  CHECK_THROWS_WITH(segment({.draws = 19}), Contains("19 draws of the parameters; at least 20"));
  CHECK_THROWS_WITH(segment({}, {"one"}), Contains("2 customers with 1 names of segments"));
  CHECK_THROWS_WITH(segment({}, {}, 2), Contains("2 renewals unseen; 0 and 1"));
  CHECK_THROWS_WITH(segment_contracts(&known_sbg, {contract(1, false, std::nullopt)}, {}, 0),
                    Contains("none of 1 contracts has a fee above 0"));
  CHECK_THROWS_AS(segment_purchasers(&fit_bg_nbd, {}, {}), NotEnoughData);
  // Purchases without amounts bring nobody knows what.
  CHECK_THROWS_AS(
      segment_purchasers(&fit_bg_nbd, {Shopper{"", {2, 30, 60}, 0, {}, {}}, Shopper{"", {0, 0, 60}, 0, {}, {}}}, {}),
      NotEnoughData);
}

TEST_CASE("nobody known: everybody brings nothing") {
  const CustomerSegments nobody;
  CHECK(nobody.of("web").revenue.customer_count() == 0);
  CHECK(nobody.everybody.revenue.residual_value_of_newcomer(0.15) == 0);
}
