#include <putki/core/error.hpp>
#include <putki/core/random.hpp>
#include <putki/evaluate/diebold_mariano.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <vector>

using namespace putki;

namespace {

const std::vector<double> kA{2.1, 3.4, 1.9, 2.8, 4.0, 3.1, 2.2, 2.7, 3.3, 2.5, 1.8, 2.9};
const std::vector<double> kB{2.6, 3.1, 2.8, 3.9, 4.1, 3.8, 2.1, 3.5, 3.2, 3.4, 2.4, 3.0};

}  // namespace

TEST_CASE("Diebold-Mariano agrees with R at one, two and four steps ahead") {
  struct Expected {
    int steps;
    double statistic;
    double p_value;
  };
  for (const auto& [steps, statistic, p_value] : std::vector<Expected>{{1, -3.182890226, 0.00871618574328},
                                                                       {2, -3.99291825942, 0.00211161111981},
                                                                       {4, -4.51652456347, 0.000877038509454}}) {
    const DieboldMariano test = diebold_mariano(kA, kB, steps);
    CHECK(test.mean_difference == Approx(-0.433333333333));
    CHECK(test.statistic == Approx(statistic).epsilon(1e-9));
    CHECK(test.p_value == Approx(p_value).epsilon(1e-9));
    CHECK(test.count == 12);
  }
}

TEST_CASE("Diebold-Mariano is antisymmetric and blind to scale") {
  const DieboldMariano there = diebold_mariano(kA, kB, 3), back = diebold_mariano(kB, kA, 3);
  CHECK(there.statistic == Approx(-back.statistic));
  CHECK(there.p_value == Approx(back.p_value));
  std::vector<double> a = kA, b = kB;
  for (double& x : a) x *= 1e6;
  for (double& x : b) x *= 1e6;
  CHECK(diebold_mariano(a, b, 3).statistic == Approx(there.statistic));
}

TEST_CASE("Diebold-Mariano rejects equal forecasts about as often as it promises") {
  // Differences are moving sums of three, as for forecasts three steps ahead whose errors are otherwise independent.
  constexpr int kRounds = 4000, kOrigins = 60;
  int rejected = 0;
  for (int round = 0; round < kRounds; ++round) {
    RandomStream random(6, static_cast<std::uint64_t>(round));
    std::vector<double> shock, a(kOrigins), b(kOrigins);
    for (int t = 0; t < kOrigins + 2; ++t) shock.push_back(random.normal());
    for (std::size_t t = 0; t < kOrigins; ++t) a[t] = shock[t] + shock[t + 1] + shock[t + 2];
    if (diebold_mariano(a, b, 3).p_value < 0.05) ++rejected;
  }
  // Bartlett's weights see (3 + 2 (2/3 2 + 1/3 1)) / 9 = 70 % of this variance, which makes 5 % about 10 %.
  const double share = static_cast<double>(rejected) / kRounds;
  CHECK(share > 0.05);
  CHECK(share < 0.14);
}

TEST_CASE("Diebold-Mariano at its borders") {
  const std::vector<double> ones(5, 1.0), twos(5, 2.0);
  CHECK(diebold_mariano(ones, ones).statistic == 0);
  CHECK(diebold_mariano(ones, ones).p_value == 1);
  CHECK(diebold_mariano(ones, twos).statistic == -std::numeric_limits<double>::infinity());
  CHECK(diebold_mariano(ones, twos).p_value == 0);
  CHECK_NOTHROW(diebold_mariano(kA, kB, 11));
  CHECK_THROWS_AS(diebold_mariano(kA, kB, 12), NotEnoughData);
  CHECK_THROWS_AS(diebold_mariano(std::vector<double>{1}, std::vector<double>{2}), NotEnoughData);
  CHECK_THROWS_AS(diebold_mariano({}, {}), NotEnoughData);
  CHECK_THROWS_WITH(diebold_mariano(kA, ones), "12 losses against 5; there must be as many");
  CHECK_THROWS_AS(diebold_mariano(kA, kB, 0), InvalidArgument);
  CHECK_THROWS_AS(diebold_mariano(std::vector<double>{1, std::nan("")}, std::vector<double>{1, 1}), InvalidArgument);
}
