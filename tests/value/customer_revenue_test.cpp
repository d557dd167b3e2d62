// Revenue of customers against the models' own answers, by hand, and drawn futures against what is expected of them.

#include <putki/value/customer_revenue.hpp>

#include <putki/core/error.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

using namespace putki;
using Catch::Matchers::Contains;

namespace {

using Shoppers = std::vector<CustomerRecord<PurchaseCell>>;
using Donors = std::vector<CustomerRecord<OpportunityCell>>;

constexpr double kYear = 365.25;
const std::vector<double> kEdges{0, 30, 100, 250, 400};

const GammaGamma kSpend(6.25, 3.74, 15.44);
// Fader, Hardie & Lee 2005: E[M | x, m] = p (gamma + m x) / (p x + q - 1).
double spend_of(int priced, double total) {
  return 6.25 * (15.44 + total) / (6.25 * priced + 3.74 - 1);
}

CustomerRecord<PurchaseCell> shopper(PurchaseCell cell, std::int32_t priced, std::int64_t cents) {
  return {"", cell, priced, Money{cents}, Money{cents}};
}
// Two of one record, but for their money.
const Shoppers kShoppers{shopper({3, 140, 200}, 3, 12'000), shopper({0, 0, 90}, 0, 0), shopper({3, 140, 200}, 2, 3'000),
                         shopper({8, 300, 310}, 8, 40'050)};
const std::vector<double> kShoppersSpend{spend_of(3, 120), spend_of(0, 0), spend_of(2, 30), spend_of(8, 400.5)};

// Fader, Hardie & Shang 2010: the donors of their table.
const BgBb kDonations(1.204, 0.750, 0.657, 2.783);
const Donors kDonors{
    {"", {4, 6, 6}, 4, Money{20'000}, {}}, {"", {0, 0, 6}, 0, {}, {}}, {"", {2, 3, 5}, 1, Money{2'500}, {}}};
const std::vector<double> kDonorsSpend{spend_of(4, 200), spend_of(0, 0), spend_of(1, 25)};

const std::vector<ContractRecord> kContracts{{"", {0, false}, 100.0, {}},
                                             {"", {4, false}, 20.0, {}},
                                             {"", {2, false}, std::nullopt, {}},
                                             {"", {3, true}, 60.0, {}}};
const std::vector<double> kContractFees{100, 20, 60};  // the third pays the mean of 100, 20 and 60

Sbg sbg() {
  const std::vector<double> parameters{0.668, 3.806};
  return Sbg(parameters);
}
BetaDiscreteWeibull weibull() {
  const std::vector<double> parameters{0.5, 2.0, 1.3};
  return BetaDiscreteWeibull(parameters);
}

// Mean and standard error of what is drawn.
class Mean {
 public:
  void add(double value) {
    ++n_;
    sum_ += value;
    squares_ += value * value;
  }
  double mean() const { return sum_ / n_; }
  double variance() const { return squares_ / n_ - mean() * mean(); }
  double error() const { return std::sqrt(variance() / n_); }

 private:
  double n_ = 0, sum_ = 0, squares_ = 0;
};
void check_mean(const Mean& drawn, double expected) {
  CHECK(drawn.mean() == Approx(expected).margin(4 * drawn.error()));
  CHECK(drawn.error() <= 0.1 * expected);
}

// Futures of one world agree with what is expected of customers and newcomers, period by period and in all.
void check_futures(const CustomerRevenue& revenue, std::uint64_t seed) {
  RandomStream stream(seed, 0);
  const CustomerRevenue::World world = revenue.draw(stream);
  const std::size_t periods = kEdges.size() - 1;
  const double won = 41.5, scale = 2;
  std::vector<Mean> customers(periods), newcomer(periods);
  Mean residual, residual_of_newcomer;
  for (int draw = 0; draw < 6'000; ++draw) {
    std::vector<double> now(periods), later(periods);
    world.add_customers(kEdges, stream, now);
    for (int k = 0; k < 4; ++k) world.add_newcomer(won, kEdges, stream, later, scale);
    for (std::size_t p = 0; p < periods; ++p) {
      customers[p].add(now[p]);
      newcomer[p].add(later[p]);
    }
    residual.add(world.residual_value(0.15, stream));
    residual_of_newcomer.add(world.residual_value_of_newcomer(0.15, stream));
  }
  for (std::size_t p = 0; p < periods; ++p) {
    CAPTURE(p);
    const double since = std::max(0.0, kEdges[p] - won), until = std::max(0.0, kEdges[p + 1] - won);
    check_mean(customers[p], revenue.expected(kEdges[p], kEdges[p + 1]));
    check_mean(newcomer[p], 4 * scale * revenue.expected_of_newcomer(since, until));
  }
  check_mean(residual, revenue.residual_value(0.15));
  check_mean(residual_of_newcomer, revenue.residual_value_of_newcomer(0.15));
}

template <class Model>
void check_shoppers(const Model& model) {
  const CustomerRevenue revenue = CustomerRevenue::of_purchases(model, kSpend, kShoppers);
  CHECK(revenue.customer_count() == 4);
  const double rate = std::log(1.15) * 7 / kYear;
  for (const double from : {0.0, 3.5, 90.0}) {
    for (const double to : {90.0, 400.25}) {
      double expected = 0;
      for (std::size_t c = 0; c < kShoppers.size(); ++c)
        expected += kShoppersSpend[c] * (model.expected_purchases(kShoppers[c].cell, to / 7) -
                                         model.expected_purchases(kShoppers[c].cell, from / 7));
      CHECK(revenue.expected(from, to) == Approx(expected));
      CHECK(revenue.expected_of_newcomer(from, to) ==
            Approx(spend_of(0, 0) * (model.expected_purchases(to / 7) - model.expected_purchases(from / 7))));
    }
  }
  double residual = 0;
  for (std::size_t c = 0; c < kShoppers.size(); ++c)
    residual += kShoppersSpend[c] * model.discounted_purchases(kShoppers[c].cell, rate);
  CHECK(revenue.residual_value(0.15) == Approx(residual));
  CHECK(revenue.residual_value_of_newcomer(0.15) == Approx(spend_of(0, 0) * model.discounted_purchases(rate)));
}

template <class Model>
void check_contracts(const Model& model, unsigned unseen) {
  const CustomerRevenue revenue = CustomerRevenue::of_contracts(model, kContracts, unseen, 30);
  CHECK(revenue.customer_count() == 3);
  // The n-th renewal of a customer falls on day 30 n - 15, of a newcomer on day 30 n.
  const auto made = [&](std::size_t c, double n) {
    const double survived = kContracts[c].cell.survived;
    return model.survival(survived + unseen + n) / model.survival(survived);
  };
  for (const double from : {0.0, 14.9, 15.0, 90.0}) {
    for (const double to : {90.0, 105.0, 733.0}) {
      double customers = 0, newcomer = 0;
      for (int n = 1; n <= 100; ++n) {
        const double day = 30 * n - 15;
        if (day > from && day <= to)
          for (std::size_t c = 0; c < 3; ++c) customers += kContractFees[c] * made(c, n);
        if (30 * n > from && 30 * n <= to) newcomer += 60 * model.survival(n);
      }
      CHECK(revenue.expected(from, to) == Approx(customers));
      CHECK(revenue.expected_of_newcomer(from, to) == Approx(newcomer));
    }
  }
  double customers = 0, newcomer = 0;
  for (int n = 1; n <= 3'000; ++n) {
    for (std::size_t c = 0; c < 3; ++c)
      customers += kContractFees[c] * made(c, n) * std::pow(1.4, -(30 * n - 15) / kYear);
    newcomer += 60 * model.survival(n) * std::pow(1.4, -30 * n / kYear);
  }
  CHECK(revenue.residual_value(0.4) == Approx(customers));
  CHECK(revenue.residual_value_of_newcomer(0.4) == Approx(newcomer));
}

}  // namespace

TEST_CASE("revenue expected of customers and of a newcomer is purchases times spend") {
  check_shoppers(BgNbd(0.243, 4.414, 0.793, 2.426));
  check_shoppers(MbgNbd(0.525, 6.183, 0.891, 1.614));
  check_shoppers(ParetoNbd(0.553, 10.578, 0.606, 11.669));
}

TEST_CASE("purchases at most once a period fall at the ends of whole periods") {
  const CustomerRevenue revenue = CustomerRevenue::of_purchases(kDonations, kSpend, kDonors, 30);
  // (29.9, 90] holds the opportunities on days 30, 60, 90; (30, 90] those on 60 and 90; (1, 29] none.
  const auto by_hand = [&](double before, double until) {
    double sum = 0;
    for (std::size_t c = 0; c < kDonors.size(); ++c)
      sum += kDonorsSpend[c] * (kDonations.expected_purchases(kDonors[c].cell, until) -
                                kDonations.expected_purchases(kDonors[c].cell, before));
    return sum;
  };
  CHECK(revenue.expected(29.9, 90) == Approx(by_hand(0, 3)));
  CHECK(revenue.expected(30, 90) == Approx(by_hand(1, 3)));
  CHECK(revenue.expected(1, 29) == 0);
  CHECK(revenue.expected_of_newcomer(30, 90) ==
        Approx(spend_of(0, 0) * (kDonations.expected_purchases(3) - kDonations.expected_purchases(1))));
  const double rate = std::pow(1.15, 30 / kYear) - 1;
  double residual = 0;
  for (std::size_t c = 0; c < kDonors.size(); ++c)
    residual += kDonorsSpend[c] * kDonations.discounted_purchases(kDonors[c].cell, rate);
  CHECK(revenue.residual_value(0.15) == Approx(residual));
  CHECK(revenue.residual_value_of_newcomer(0.15) == Approx(spend_of(0, 0) * kDonations.discounted_purchases(rate)));
}

TEST_CASE("revenue expected of contracts is fees times survival at the days when renewals are due") {
  for (const unsigned unseen : {0U, 1U}) {
    check_contracts(sbg(), unseen);
    check_contracts(weibull(), unseen);
  }
}

TEST_CASE("drawn futures bring on average what is expected") {
  check_futures(CustomerRevenue::of_purchases(BgNbd(0.8, 6, 0.8, 2.5), kSpend, kShoppers), 1);
  check_futures(CustomerRevenue::of_purchases(MbgNbd(0.8, 6, 0.8, 2.5), kSpend, kShoppers), 2);
  check_futures(CustomerRevenue::of_purchases(ParetoNbd(0.8, 6, 0.9, 12), kSpend, kShoppers), 3);
  check_futures(CustomerRevenue::of_purchases(kDonations, kSpend, kDonors, 25), 4);
  for (const unsigned unseen : {0U, 1U}) {
    check_futures(CustomerRevenue::of_contracts(sbg(), kContracts, unseen, 25), 5 + unseen);
    check_futures(CustomerRevenue::of_contracts(weibull(), kContracts, unseen, 25), 7 + unseen);
  }
}

TEST_CASE("a window in pieces brings what it brings whole") {
  const std::vector<CustomerRevenue> revenues{CustomerRevenue::of_purchases(BgNbd(0.8, 6, 0.8, 2.5), kSpend, kShoppers),
                                              CustomerRevenue::of_purchases(kDonations, kSpend, kDonors, 30),
                                              CustomerRevenue::of_contracts(weibull(), kContracts, 1, 30)};
  RandomStream cuts(11, 0);
  for (const CustomerRevenue& revenue : revenues) {
    for (int k = 0; k < 50; ++k) {
      const double a = 200 * cuts.uniform(), b = a + 300 * cuts.uniform(), c = b + 300 * cuts.uniform();
      CHECK(revenue.expected(a, b) + revenue.expected(b, c) == Approx(revenue.expected(a, c)));
      CHECK(revenue.expected_of_newcomer(a, b) + revenue.expected_of_newcomer(b, c) ==
            Approx(revenue.expected_of_newcomer(a, c)));
      CHECK(revenue.expected(a, a) == 0);
    }
  }
  // A drawn future, too; fees are certain, so that the same stream brings the same money.
  RandomStream parameters(12, 0);
  const CustomerRevenue::World world = revenues[2].draw(parameters);
  for (std::uint64_t k = 0; k < 100; ++k) {
    const double a = 200 * cuts.uniform(), b = a + 300 * cuts.uniform(), c = b + 300 * cuts.uniform();
    RandomStream once(13, k), again(13, k);
    std::vector<double> pieces(2), whole(1);
    const std::vector<double> three{a, b, c}, two{a, c};
    world.add_customers(three, once, pieces);
    world.add_customers(two, again, whole);
    world.add_newcomer(a / 2, three, once, pieces);
    world.add_newcomer(a / 2, two, again, whole);
    CHECK(pieces[0] + pieces[1] == Approx(whole[0]));
  }
}

TEST_CASE("a newcomer brings nothing before he is won, nor on the day") {
  RandomStream stream(14, 0);
  const CustomerRevenue revenue = CustomerRevenue::of_purchases(BgNbd(5, 1, 0.1, 10), kSpend, Shoppers{});
  const CustomerRevenue::World world = revenue.draw(stream);
  const std::vector<double> edges{0, 50, 100, 150};
  std::vector<double> sums(3), none(3);
  for (int k = 0; k < 200; ++k) {
    world.add_newcomer(70, edges, stream, sums);
    world.add_newcomer(150, edges, stream, none);
    world.add_newcomer(60, edges, stream, none, 0);
  }
  CHECK(sums[0] == 0);
  CHECK(sums[1] > 0);
  CHECK(sums[2] > sums[1]);
  CHECK(none == std::vector<double>(3));
}

TEST_CASE("worlds differ where parameters were estimated, and are all the same where they were given") {
  RandomStream stream(15, 0);
  TenureStatistics tenures;
  std::vector<ContractRecord> customers;
  for (int c = 0; c < 150; ++c) {
    const double leaves = stream.beta(0.7, 2.5);
    TenureCell cell;
    while (!cell.ended && cell.survived < 4) {
      cell.ended = stream.uniform() < leaves;
      cell.survived += cell.ended ? 0 : 1;
    }
    tenures.add(cell);
    customers.push_back({"", cell, 10.0, {}});
  }
  const Sbg fitted = fit_sbg(tenures), given = fitted.with_parameters(fitted.fit().values);
  const std::vector<double> edges{0, 3600};
  const auto spread = [&](const Sbg& model) {
    const CustomerRevenue revenue = CustomerRevenue::of_contracts(model, customers, 0, 365);
    Mean futures;
    for (std::uint64_t draw = 0; draw < 2'000; ++draw) {
      RandomStream world_stream(16, draw);
      std::vector<double> sum(1);
      revenue.draw(world_stream).add_customers(edges, world_stream, sum);
      futures.add(sum[0]);
    }
    return futures.variance();
  };
  // The variance of a sample variance of 2,000 is about 2 / 2,000 of its square: 1.5 is far beyond it.
  CHECK(spread(fitted) > 1.5 * spread(given));
}

TEST_CASE("the same stream draws the same world and the same future") {
  const CustomerRevenue revenue = CustomerRevenue::of_purchases(BgNbd(0.8, 6, 0.8, 2.5), kSpend, kShoppers);
  const CustomerRevenue copy = revenue;
  RandomStream one(17, 3), two(17, 3);
  std::vector<double> first(4), second(4);
  revenue.draw(one).add_customers(kEdges, one, first);
  copy.draw(two).add_customers(kEdges, two, second);
  CHECK(first == second);
}

TEST_CASE("nobody brings nothing, and newcomers follow the model all the same") {
  RandomStream stream(18, 0);
  std::vector<double> sums(4);
  const CustomerRevenue nothing;
  CHECK(nothing.customer_count() == 0);
  CHECK(nothing.expected(0, 100) == 0);
  CHECK(nothing.expected_of_newcomer(0, 100) == 0);
  CHECK(nothing.residual_value(0.1) == 0);
  CHECK(nothing.residual_value_of_newcomer(0.1) == 0);
  const CustomerRevenue::World empty = nothing.draw(stream);
  empty.add_customers(kEdges, stream, sums);
  empty.add_newcomer(3, kEdges, stream, sums);
  CHECK(sums == std::vector<double>(4));
  CHECK(empty.residual_value(0.1, stream) == 0);
  CHECK(empty.residual_value_of_newcomer(0.1, stream) == 0);

  const CustomerRevenue shop = CustomerRevenue::of_purchases(BgNbd(0.8, 6, 0.8, 2.5), kSpend, Shoppers{});
  CHECK(shop.expected(0, 100) == 0);
  CHECK(shop.residual_value(0.1) == 0);
  CHECK(shop.expected_of_newcomer(0, 70) == Approx(spend_of(0, 0) * BgNbd(0.8, 6, 0.8, 2.5).expected_purchases(10)));
  CHECK(CustomerRevenue::of_contracts(sbg(), {}, 0, 30).expected_of_newcomer(0, 100) == 0);
  CHECK(CustomerRevenue::of_contracts(sbg(), {}, 0, 30, 7.0).expected_of_newcomer(0, 31) ==
        Approx(7 * 3.806 / (0.668 + 3.806)));
}

TEST_CASE("infinite expected spend makes infinite expectations, of some purchases only, and finite futures") {
  const GammaGamma wild(1, 0.9, 10);
  const CustomerRevenue revenue = CustomerRevenue::of_purchases(BgNbd(0.8, 6, 0.8, 2.5), wild, kShoppers);
  CHECK(revenue.expected_of_newcomer(0, 10) == std::numeric_limits<double>::infinity());
  CHECK(revenue.expected_of_newcomer(10, 10) == 0);
  RandomStream stream(19, 0);
  std::vector<double> sums(4);
  for (int k = 0; k < 100; ++k) revenue.draw(stream).add_customers(kEdges, stream, sums);
  for (const double sum : sums) CHECK(std::isfinite(sum));
}

TEST_CASE("revenue of what cannot be is refused in words") {
  const BgNbd model(0.8, 6, 0.8, 2.5);
  const double infinity = std::numeric_limits<double>::infinity(), nan = std::nan("");
  CHECK_THROWS_WITH(CustomerRevenue::of_purchases(model, kSpend, kShoppers, 1),
                    Contains("a unit of 1 days; the model's has 7"));
  CHECK_THROWS_WITH(CustomerRevenue::of_purchases(kDonations, kSpend, kDonors, 0), Contains("a unit of 0 days"));
  CHECK_THROWS_AS(CustomerRevenue::of_purchases(model, kSpend, {shopper({0, 5, 9}, 0, 0)}), InvalidArgument);
  CHECK_THROWS_WITH(CustomerRevenue::of_purchases(model, kSpend, {shopper({1, 5, 9}, -1, 0)}),
                    Contains("-1 priced repeat purchases"));
  CHECK_THROWS_WITH(CustomerRevenue::of_contracts(sbg(), kContracts, 2, 30), Contains("2 renewals unseen"));
  CHECK_THROWS_WITH(CustomerRevenue::of_contracts(sbg(), kContracts, 0, nan), Contains("days"));
  CHECK_THROWS_WITH(CustomerRevenue::of_contracts(sbg(), {{"him", {1, false}, nan, {}}}, 0, 30), Contains("him"));
  CHECK_THROWS_WITH(CustomerRevenue::of_contracts(sbg(), kContracts, 0, 30, infinity), Contains("newcomer"));
  CHECK_THROWS_AS(CustomerRevenue::of_contracts(sbg(), {{"", {1, false}, {}, {}}}, 0, 30), NotEnoughData);
  CHECK(CustomerRevenue::of_contracts(sbg(), kContracts, 0, 30, 5.0).customer_count() == 3);

  const CustomerRevenue revenue = CustomerRevenue::of_purchases(model, kSpend, kShoppers);
  for (const auto& [from, to] : std::vector<std::pair<double, double>>{{-1, 5}, {5, 4}, {0, infinity}, {nan, 5}}) {
    CHECK_THROWS_AS(revenue.expected(from, to), InvalidArgument);
    CHECK_THROWS_WITH(revenue.expected_of_newcomer(from, to), Contains("0 <= from <= to"));
  }
  RandomStream stream(20, 0);
  const CustomerRevenue::World world = revenue.draw(stream);
  for (const double discount : {0.0, -0.1, infinity, nan}) {
    CHECK_THROWS_WITH(revenue.residual_value(discount), Contains("annual discount"));
    CHECK_THROWS_AS(revenue.residual_value_of_newcomer(discount), InvalidArgument);
    CHECK_THROWS_AS(world.residual_value(discount, stream), InvalidArgument);
    CHECK_THROWS_AS(world.residual_value_of_newcomer(discount, stream), InvalidArgument);
  }
  std::vector<double> sums(2);
  using Edges = std::vector<double>;
  for (const Edges& edges :
       {Edges{}, Edges{0, 1}, Edges{-1, 0, 1}, Edges{0, 2, 1}, Edges{0, 1, infinity}, Edges{0, nan, 1}}) {
    CHECK_THROWS_AS(world.add_customers(edges, stream, sums), InvalidArgument);
    CHECK_THROWS_AS(world.add_newcomer(0, edges, stream, sums), InvalidArgument);
  }
  const Edges edges{0, 1, 2};
  CHECK_THROWS_WITH(world.add_newcomer(-1, edges, stream, sums), Contains("won on day -1"));
  CHECK_THROWS_WITH(world.add_newcomer(nan, edges, stream, sums), Contains("won on day"));
  CHECK_THROWS_WITH(world.add_newcomer(0, edges, stream, sums, -2), Contains("times -2"));
  CHECK(sums == Edges(2));
}
