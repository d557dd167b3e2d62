#include <putki/core/error.hpp>
#include <putki/core/random.hpp>
#include <putki/evaluate/chain_ladder.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

using namespace putki;

namespace {

/// Claims of Taylor & Ashe (1983), incremental, the example of Mack (1993).
Matrix taylor_ashe() {
  const std::vector<std::vector<double>> paid{
      {357848, 766940, 610542, 482940, 527326, 574398, 146342, 139950, 227229, 67948},
      {352118, 884021, 933894, 1183289, 445745, 320996, 527804, 266172, 425046},
      {290507, 1001799, 926219, 1016654, 750816, 146923, 495992, 280405},
      {310608, 1108250, 776189, 1562400, 272482, 352053, 206286},
      {443160, 693190, 991983, 769488, 504851, 470639},
      {396132, 937085, 847498, 805037, 705960},
      {440832, 847631, 1131398, 1063269},
      {359480, 1061648, 1443370},
      {376686, 986608},
      {344014}};
  Matrix cumulative(10, 10, std::numeric_limits<double>::quiet_NaN());  // what is not known must not be read
  for (std::size_t i = 0; i < paid.size(); ++i) {
    double sum = 0;
    for (std::size_t j = 0; j < paid[i].size(); ++j) cumulative(i, j) = sum += paid[i][j];
  }
  return cumulative;
}

}  // namespace

TEST_CASE("chain ladder reproduces Mack's results for the Taylor-Ashe triangle") {
  const ChainLadder ladder = fit_chain_ladder(taylor_ashe());
  // Mack 1993, section 5; to the unit as widely reprinted.
  const std::vector<double> factors{3.491, 1.747, 1.457, 1.174, 1.104, 1.086, 1.054, 1.077, 1.018};
  REQUIRE(ladder.factors.size() == factors.size());
  for (std::size_t j = 0; j < factors.size(); ++j) CHECK(ladder.factors[j] == Approx(factors[j]).margin(5e-4));
  const Reserves all = reserves(ladder);
  const std::vector<double> amounts{0,         94'634,    469'511,   709'638,   984'889,
                                    1'419'459, 2'177'641, 3'920'301, 4'278'972, 4'625'811};
  const std::vector<double> errors{0, 75'535, 121'699, 133'549, 261'406, 411'010, 558'317, 875'328, 971'258, 1'363'155};
  REQUIRE(all.cohorts.size() == 10);
  for (std::size_t i = 0; i < 10; ++i) {
    CHECK(all.cohorts[i].amount == Approx(amounts[i]).margin(0.5));
    CHECK(all.cohorts[i].standard_error == Approx(errors[i]).margin(0.5));
  }
  CHECK(all.total.amount == Approx(18'680'856).margin(0.5));
  CHECK(all.total.standard_error == Approx(2'447'095).margin(0.5));
}

TEST_CASE("what is due adds up over periods to the whole reserve") {
  const ChainLadder ladder = fit_chain_ladder(taylor_ashe());
  double last = -1;
  for (int periods = 0; periods <= 12; ++periods) {
    const Reserves due = reserves(ladder, periods);
    double sum = 0;
    for (const Reserve& cohort : due.cohorts) sum += cohort.amount;
    CHECK(due.total.amount == Approx(sum));
    CHECK(due.total.amount >= last);
    last = due.total.amount;
  }
  CHECK(reserves(ladder, 0).total.amount == 0);
  CHECK(reserves(ladder, 0).total.standard_error == 0);
  CHECK(last == Approx(reserves(ladder).total.amount));
  CHECK(reserves(ladder, 9).total.standard_error == Approx(reserves(ladder).total.standard_error));
}

TEST_CASE("one period ahead, worked by hand") {
  // Rows 100 150 165 | 200 320 | 120. f_0 = 470 / 300, s_0 = 100 (1.5 - f)^2 + 200 (1.6 - f)^2; f_1 = 1.1, s_1 = s_0.
  Matrix cumulative(3, 3);
  cumulative(0, 0) = 100;
  cumulative(0, 1) = 150;
  cumulative(0, 2) = 165;
  cumulative(1, 0) = 200;
  cumulative(1, 1) = 320;
  cumulative(2, 0) = 120;
  const ChainLadder ladder = fit_chain_ladder(cumulative);
  const double f = 470.0 / 300.0, s = 100 * std::pow(1.5 - f, 2) + 200 * std::pow(1.6 - f, 2);
  CHECK(ladder.factors == std::vector<double>{f, 1.1});
  CHECK(ladder.variances[0] == Approx(s));
  CHECK(ladder.variances[1] == Approx(s));
  const Reserves due = reserves(ladder, 1);
  CHECK(due.cohorts[0].amount == 0);
  CHECK(due.cohorts[1].amount == Approx(32));
  CHECK(due.cohorts[2].amount == Approx(120 * (f - 1)));
  CHECK(due.cohorts[1].standard_error == Approx(std::sqrt(320 * s + 320 * 320 * s / 150)));
  CHECK(due.cohorts[2].standard_error == Approx(std::sqrt(120 * s + 120 * 120 * s / 300)));
  // They pass different columns: no factor is shared.
  CHECK(due.total.standard_error == Approx(std::hypot(due.cohorts[1].standard_error, due.cohorts[2].standard_error)));
}

TEST_CASE("the standard error is that of predictions over repeated triangles") {
  constexpr std::size_t kRows = 8;
  constexpr int kRounds = 4000;
  const std::vector<double> factors{2.0, 1.5, 1.3, 1.2, 1.1, 1.05, 1.02};
  // Increments are gamma with mean C (f - 1) and variance s C, s halved from column to column: Mack's rule for the last
  // variance is for triangles that calm down.
  double squared_error = 0, promised = 0;
  for (int round = 0; round < kRounds; ++round) {
    RandomStream random(7, static_cast<std::uint64_t>(round));
    Matrix cumulative(kRows, kRows);
    double outcome = 0;
    for (std::size_t i = 0; i < kRows; ++i) {
      cumulative(i, 0) = 1000 + 200 * static_cast<double>(i);
      for (std::size_t j = 0; j + 1 < kRows; ++j) {
        const double now = cumulative(i, j), mean = now * (factors[j] - 1);
        const double scale = 40 * std::pow(0.5, j) * now / mean;
        cumulative(i, j + 1) = now + random.gamma(mean / scale) * scale;
        // due: the next two periods
        if (j + i >= kRows - 1 && j + i < kRows + 1) outcome += cumulative(i, j + 1) - now;
      }
    }
    const Reserve total = reserves(fit_chain_ladder(cumulative), 2).total;
    squared_error += std::pow(total.amount - outcome, 2) / kRounds;
    promised += total.standard_error * total.standard_error / kRounds;
  }
  // A mean of 4000 squares has a standard error of 2 %.
  CHECK(promised == Approx(squared_error).epsilon(0.08));
}

TEST_CASE("chain ladder of nothing, of one row and of empty columns expects nothing") {
  CHECK(reserves(fit_chain_ladder(Matrix())).total.amount == 0);
  CHECK(reserves(fit_chain_ladder(Matrix(1, 1, 5.0))).total.amount == 0);
  CHECK(reserves(fit_chain_ladder(Matrix(6, 6))).total.amount == 0);
  CHECK(reserves(fit_chain_ladder(Matrix(6, 6))).total.standard_error == 0);
  // Nothing ever came in the first period: cohorts there stay at nothing, older ones develop.
  Matrix late(4, 4);
  late(0, 1) = late(1, 1) = late(2, 1) = 10;
  late(0, 2) = late(1, 2) = late(0, 3) = 20;
  const Reserves due = reserves(fit_chain_ladder(late));
  CHECK(due.cohorts[3].amount == 0);
  CHECK(due.cohorts[2].amount == Approx(10));
}

TEST_CASE("chain ladder refuses what is no triangle of amounts") {
  CHECK_THROWS_WITH(fit_chain_ladder(Matrix(2, 3)),
                    "a development triangle of 2 rows and 3 columns; it must have as many");
  Matrix negative(2, 2, 1.0);
  negative(0, 1) = -1;
  CHECK_THROWS_WITH(fit_chain_ladder(negative),
                    "row 0, column 1 of a development triangle is -1; amounts are 0 or more");
  CHECK_THROWS_AS(reserves(fit_chain_ladder(Matrix(2, 2, 1.0)), -1), InvalidArgument);
}
