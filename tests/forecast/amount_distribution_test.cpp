#include <putki/core/error.hpp>
#include <putki/events/event_log_builder.hpp>
#include <putki/forecast/amount_distribution.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace putki;

namespace {

Timestamp at(const char* day) {
  return Timestamp(*parse_day(day));
}

}  // namespace

TEST_CASE("equal amounts are one atom and moments are those of the list") {
  const auto amounts = AmountDistribution::from_values({5, 1, 5, 2, 5, 2});
  CHECK(amounts.values() == std::vector<double>{1, 2, 5});
  CHECK(amounts.probability(0) == Approx(1.0 / 6));
  CHECK(amounts.probability(1) == Approx(2.0 / 6));
  CHECK(amounts.probability(2) == Approx(3.0 / 6));
  CHECK(amounts.mean() == Approx(20.0 / 6));
  CHECK(amounts.moment(2) == Approx((1 + 8 + 75) / 6.0));
}

TEST_CASE("sampled amounts come in their proportions") {
  const auto amounts = AmountDistribution::from_values({1, 2, 2, 2});
  RandomStream random(3, 0);
  int ones = 0;
  for (int i = 0; i < 10'000; ++i) ones += amounts.sample(random) == 1 ? 1 : 0;
  CHECK(std::abs(ones - 2500) < 4 * std::sqrt(10'000 * 0.25 * 0.75));
}

TEST_CASE("amounts come from won deals as known when they were won") {
  const StageGraph graph =
      StageGraph::Builder().stage("Open").stage("Won", StageKind::won).stage("Lost", StageKind::lost).build();
  EventLogBuilder builder(graph);
  const auto deal = [&](const char* name, std::initializer_list<EventLogBuilder::Row> rows) {
    const DealId id = builder.deal(name);
    for (EventLogBuilder::Row row : rows) {
      row.deal = id;
      builder.add(row);
    }
  };
  const StageId open{0}, won{1}, lost{2};
  deal("raised, amount only while open", {{{}, at("2024-01-01"), open, Money{10'000}}, {{}, at("2024-01-05"), won}});
  deal("amount learnt at closing", {{{}, at("2024-01-01"), open}, {{}, at("2024-01-05"), won, Money{25'000}}});
  deal("won for nothing", {{{}, at("2024-01-01"), open}, {{}, at("2024-01-05"), won, Money{0}}});
  deal("lost", {{{}, at("2024-01-01"), open, Money{99'900}}, {{}, at("2024-01-05"), lost, Money{0}}});
  deal("won later", {{{}, at("2024-01-01"), open, Money{77'700}}, {{}, at("2024-03-05"), won}});
  const EventLog log = builder.build();
  const AmountOptions empirical{.form = AmountForm::empirical};
  CHECK(AmountDistribution::of_won_deals(AsOf(log, at("2024-02-01")), empirical).values() ==
        std::vector<double>{100, 250});
  // Two amounts are few: what lies beyond them is possible, the mean stays theirs.
  const AmountDistribution smooth = AmountDistribution::of_won_deals(AsOf(log, at("2024-02-01")));
  CHECK(smooth.values().size() > 20);
  CHECK(smooth.mean() == Approx(175));
  // Nothing won yet: what deals are about.
  CHECK(AmountDistribution::of_won_deals(AsOf(log, at("2024-01-02")), empirical).values() ==
        std::vector<double>{100, 777, 999});
  CHECK(AmountDistribution::of_won_deals(AsOf(EventLog(graph), at("2024-01-02"))).values() == std::vector<double>{0});
}

TEST_CASE("amounts below zero or not finite are refused") {
  CHECK_THROWS_AS(AmountDistribution::from_values({1, -1}), InvalidArgument);
  CHECK_THROWS_AS(AmountDistribution::from_values({std::nan("")}), InvalidArgument);
}

TEST_CASE("a log-normal law keeps its mean to the last digits and its spread nearly, in atoms at their slices' means") {
  for (const double deviation : {0.0, 0.3, 0.8, 1.5})
    for (const int atoms : {1, 16, 64}) {
      const auto amounts = AmountDistribution::log_normal(1000, deviation, atoms);
      CHECK(amounts.mean() == Approx(1000).epsilon(1e-12));
    }
  // Variance of the law: mean^2 (exp(sigma^2) - 1); slices lose a little of it.
  const auto amounts = AmountDistribution::log_normal(1000, 0.8);
  const double sd = 1000 * std::sqrt(std::exp(0.64) - 1), found = std::sqrt(amounts.moment(2) - 1e6);
  CHECK(found < sd);
  CHECK(found > 0.95 * sd);
  // The middle slices lie around the median exp(log 1000 - sigma^2 / 2).
  CHECK(amounts.values()[31] < 1000 * std::exp(-0.32));
  CHECK(amounts.values()[32] > 1000 * std::exp(-0.32));
}

TEST_CASE("a log-normal fit recovers the law, few amounts are shrunk to a usual spread") {
  RandomStream random(4, 0);
  std::vector<double> many;
  for (int i = 0; i < 4000; ++i) many.push_back(std::exp(7 + 0.5 * random.normal()));
  const auto fit = AmountDistribution::fitted(many, {.form = AmountForm::log_normal});
  CHECK(fit.mean() == Approx(std::exp(7 + 0.125)).epsilon(0.03));
  CHECK(std::log(fit.values()[32]) == Approx(7).margin(0.05));
  // One amount: sigma^2 = 4 x 0.64 / 5, by hand.
  const auto one = AmountDistribution::fitted({500}, {.form = AmountForm::log_normal});
  CHECK(one.mean() == Approx(500 * std::exp(0.5 * 0.512)));
  CHECK(AmountDistribution::fitted({0, 0}, {}).values() == std::vector<double>{0});
}

TEST_CASE("amounts are smoothed while they are few, and the smoothing scores better on new ones") {
  RandomStream random(6, 0);
  double plain = 0, smooth = 0;
  // Sum over x of (F(x) - truth(x))^2 against the true law, for ten amounts.
  for (int repeat = 0; repeat < 100; ++repeat) {
    std::vector<double> few;
    for (int i = 0; i < 10; ++i) few.push_back(1000 * std::exp(random.normal()));
    const auto automatic = AmountDistribution::fitted(few, {}),
               empirical = AmountDistribution::fitted(few, {.form = AmountForm::empirical});
    CHECK(automatic.mean() == Approx(empirical.mean()));
    const auto cdf = [](const AmountDistribution& amounts, double x) {
      const auto place =
          std::upper_bound(amounts.values().begin(), amounts.values().end(), x) - amounts.values().begin();
      return place == 0 ? 0.0 : amounts.cumulative()[static_cast<std::size_t>(place) - 1];
    };
    for (double z = -3; z <= 3; z += 0.1) {
      const double truth = 0.5 * std::erfc(-z / std::sqrt(2.0)), x = 1000 * std::exp(z);
      plain += std::pow(cdf(empirical, x) - truth, 2);
      smooth += std::pow(cdf(automatic, x) - truth, 2);
    }
  }
  CHECK(smooth < 0.9 * plain);
  CHECK(AmountDistribution::fitted(std::vector<double>(30, 7.0), {}).values() == std::vector<double>{7});
}

TEST_CASE("weights and mixtures do what they say") {
  const auto a = AmountDistribution::from_weighted({3, 1, 3}, {1, 2, 1});
  CHECK(a.values() == std::vector<double>{1, 3});
  CHECK(a.probability(0) == Approx(0.5));
  const auto mixed = a.mixed_with(AmountDistribution::from_values({3, 5}), 0.25);
  CHECK(mixed.values() == std::vector<double>{1, 3, 5});
  CHECK(mixed.probability(0) == Approx(0.375));
  CHECK(mixed.probability(1) == Approx(0.5));
  CHECK(mixed.mean() == Approx(0.75 * 2 + 0.25 * 4));
  CHECK(a.mixed_with(mixed, 0).values() == a.values());
}

TEST_CASE("forms of amounts that cannot be are refused") {
  CHECK_THROWS_AS(AmountDistribution::from_weighted({1}, {}), InvalidArgument);
  CHECK_THROWS_AS(AmountDistribution::from_weighted({1}, {0}), InvalidArgument);
  CHECK_THROWS_AS(AmountDistribution::from_weighted({1}, {-1}), InvalidArgument);
  CHECK_THROWS_AS(AmountDistribution::log_normal(-1, 1), InvalidArgument);
  CHECK_THROWS_AS(AmountDistribution::log_normal(1, std::nan("")), InvalidArgument);
  CHECK_THROWS_AS(AmountDistribution::log_normal(1, 1, 0), InvalidArgument);
  CHECK_THROWS_AS(AmountDistribution::fitted({-1}, {}), InvalidArgument);
  CHECK_THROWS_AS(AmountDistribution::fitted({1}, {.enough = 0}), InvalidArgument);
  CHECK_THROWS_AS(AmountDistribution::from_values({1}).mixed_with({}, 1.5), InvalidArgument);
}
