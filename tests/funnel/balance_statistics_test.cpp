// Reference numbers from R (balance_statistics_reference.R).
#include <putki/funnel/balance_statistics.hpp>

#include <putki/core/error.hpp>
#include <putki/core/random.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <vector>

using namespace putki;

namespace {

/// Mean periods to the first alarm, by trying.
struct SimulatedRun {
  double mean, std_error;
};
template <class Draw>
SimulatedRun simulated_run_length(const PoissonCusum& chart, int runs, Draw&& draw) {
  double sum = 0, squares = 0;
  for (int run = 0; run < runs; ++run) {
    double s = 0;
    int periods = 0;
    RandomStream random(7, static_cast<std::uint64_t>(run));
    do {
      const auto x = static_cast<double>(draw(random));
      s = std::max(0.0, chart.direction == ShiftDirection::up ? s + x - chart.reference : s + chart.reference - x);
      ++periods;
    } while (s <= chart.threshold + 1e-6);
    sum += periods;
    squares += static_cast<double>(periods) * periods;
  }
  const double mean = sum / runs;
  return {mean, std::sqrt((squares / runs - mean * mean) / runs)};
}

}  // namespace

TEST_CASE("Two Poisson rates compare as in R's poisson.test") {
  struct Case {
    std::uint64_t first;
    double first_exposure;
    std::uint64_t second;
    double second_exposure, p, lower, upper;
  };
  const double infinity = std::numeric_limits<double>::infinity();
  for (const Case& c :
       {Case{11, 800, 23, 1083, 0.298094447123, 0.284941251397, 1.38256504412},
        Case{137, 28, 97, 28, 0.0106324731988, 1.08100265854, 1.85131025021},
        Case{0, 7, 5, 14, 0.17695473251, 0, 2.18255821037}, Case{4, 3, 0, 5, 0.019775390625, 1.10020669893, infinity},
        Case{300, 30, 1000, 120, 0.0061527895773, 1.0512130936, 1.36661617761},
        Case{6, 1, 6, 1, 1, 0.267338197625, 3.74058031693}}) {
    const RateComparison result = compare_poisson_rates(c.first, c.first_exposure, c.second, c.second_exposure);
    CHECK(result.p_value == Approx(c.p).epsilon(1e-9));
    CHECK(result.ratio_limits.lower == Approx(c.lower).epsilon(1e-9));
    if (std::isinf(c.upper))
      CHECK(result.ratio_limits.upper == infinity);
    else
      CHECK(result.ratio_limits.upper == Approx(c.upper).epsilon(1e-9));
    CHECK(result.ratio.has_value() == (c.second > 0));
    if (c.second > 0)
      CHECK(*result.ratio == Approx(static_cast<double>(c.first) / c.first_exposure / static_cast<double>(c.second) *
                                    c.second_exposure));
  }
  const RateComparison wide = compare_poisson_rates(137, 28, 97, 28, 0.8);
  CHECK(wide.ratio_limits.lower == Approx(1.18168112239).epsilon(1e-9));
  CHECK(wide.ratio_limits.upper == Approx(1.689625911).epsilon(1e-9));
  const RateComparison nothing = compare_poisson_rates(0, 1, 0, 1);
  CHECK(nothing.p_value == 1);
  CHECK_FALSE(nothing.ratio);
  CHECK_THROWS_AS(compare_poisson_rates(1, 0, 1, 1), InvalidArgument);
  CHECK_THROWS_AS(compare_poisson_rates(1, 1, 1, 1, 1.0), InvalidArgument);
}

TEST_CASE("Steadiness is Fisher's dispersion test as in R") {
  const auto same = [](std::vector<std::uint64_t> counts, double fano, double lower, double upper, double p) {
    const auto result = steadiness(counts).value();
    CHECK(result.fano == Approx(fano).epsilon(1e-9));
    CHECK(result.fano_limits.lower == Approx(lower).epsilon(1e-9));
    CHECK(result.fano_limits.upper == Approx(upper).epsilon(1e-9));
    CHECK(result.p_value == Approx(p).epsilon(1e-9).margin(1e-12));
  };
  same({12, 9, 15, 8, 11, 10, 14, 9}, 0.571428571429, 0.24980071719, 2.36704713343, 0.440445183049);
  same({3, 40, 2, 35, 1, 50}, 22.706870229, 8.84740568892, 136.588985648, 0);
  same({10, 10, 10, 11}, 0.0243902439024, 0.00782708308316, 0.339074750929, 0.0103001027625);
  CHECK_FALSE(steadiness(std::vector<std::uint64_t>{4}));
  CHECK_FALSE(steadiness(std::vector<std::uint64_t>{0, 0, 0}));
  CHECK_FALSE(steadiness(std::vector<std::uint64_t>{}));
}

TEST_CASE("The dispersion test of Poisson counts rejects as often as it says") {
  int rejected = 0;
  const int rounds = 20'000;
  for (int round = 0; round < rounds; ++round) {
    RandomStream random(3, static_cast<std::uint64_t>(round));
    std::vector<std::uint64_t> counts;
    for (int i = 0; i < 20; ++i) counts.push_back(random.poisson(8));
    rejected += steadiness(counts)->p_value < 0.05 ? 1 : 0;
  }
  CHECK(rejected / static_cast<double>(rounds) == Approx(0.05).margin(0.007));
}

TEST_CASE("Run lengths of a CUSUM: by hand, as in R, and by simulation") {
  const auto up = ShiftDirection::up, down = ShiftDirection::down;
  // h = 0: an alarm at the first count above k, so the run is geometric with P(X > 2) = 1 - e^-1 (1 + 1 + 1/2).
  CHECK(poisson_cusum_run_length(up, 1, 1, 2, 0) == Approx(1 / (1 - 2.5 * std::exp(-1.0))).epsilon(1e-12));
  CHECK(poisson_cusum_run_length(down, 1, 1, 1, 0) == Approx(std::exp(1.0)).epsilon(1e-12));  // at the first 0
  CHECK(poisson_cusum_run_length(up, 4, 1, 5, 10) == Approx(655.475180705).epsilon(1e-9));
  CHECK(poisson_cusum_run_length(up, 0.5, 5, 3, 22) == Approx(107.335380775).epsilon(1e-9));
  CHECK(poisson_cusum_run_length(down, 4, 1, 3, 9) == Approx(1827.62539786).epsilon(1e-9));
  CHECK(poisson_cusum_run_length(down, 2.5, 4, 7, 30) == Approx(1838.35283988).epsilon(1e-9));

  CHECK(std::isinf(poisson_cusum_run_length(up, 2000, 1, 2466, 8)));  // an alarm is a matter of 1e-20 a period

  for (const auto direction : {up, down})
    for (const double mean : {0.3, 3.0, 12.0, 35.0}) {
      const PoissonCusum chart = design_poisson_cusum(direction, mean, {.least_run_length = 60}).value();
      CHECK(chart.run_length >= 60);
      const SimulatedRun run = simulated_run_length(chart, 1500, [&](RandomStream& r) { return r.poisson(mean); });
      CHECK(std::abs(run.mean - chart.run_length) < 4 * run.std_error);
    }
}

TEST_CASE("Counts of groups keep the run length of the CUSUM designed for their dispersion") {
  // groups of exactly three: variance is 3 times the mean
  const PoissonCusum chart =
      design_poisson_cusum(ShiftDirection::up, 30, {.least_run_length = 100, .dispersion = 3}).value();
  const SimulatedRun groups = simulated_run_length(chart, 2000, [](RandomStream& r) { return 3 * r.poisson(10); });
  CHECK(std::abs(groups.mean - chart.run_length) < 4 * groups.std_error);
  // a chart for Poisson counts would cry wolf
  const PoissonCusum naive = design_poisson_cusum(ShiftDirection::up, 30, {.least_run_length = 100}).value();
  CHECK(simulated_run_length(naive, 2000, [](RandomStream& r) { return 3 * r.poisson(10); }).mean < 60);
}

TEST_CASE("A CUSUM says when the shift began") {
  const PoissonCusum charts[] = {*design_poisson_cusum(ShiftDirection::up, 10),
                                 *design_poisson_cusum(ShiftDirection::down, 10)};
  std::vector<std::uint64_t> counts(12, 10);
  CHECK(cusum_alarms(counts, charts).empty());
  for (int i = 0; i < 6; ++i) counts.push_back(20);
  const auto risen = cusum_alarms(counts, charts);
  REQUIRE_FALSE(risen.empty());
  CHECK(risen.front().direction == ShiftDirection::up);
  CHECK(risen.front().began == 12);
  CHECK(risen.front().alarmed < 16);
  std::vector<std::uint64_t> dry(12, 10);
  for (int i = 0; i < 6; ++i) dry.push_back(2);
  const auto fallen = cusum_alarms(dry, charts);
  REQUIRE_FALSE(fallen.empty());
  CHECK(fallen.front().direction == ShiftDirection::down);
  CHECK(fallen.front().began == 12);
}

TEST_CASE("A CUSUM without sense is refused, one without counts is none") {
  CHECK(design_poisson_cusum(ShiftDirection::up, 1e5)->threshold == 0);  // any count above k is an alarm
  CHECK_FALSE(design_poisson_cusum(ShiftDirection::up, 0));
  CHECK_FALSE(design_poisson_cusum(ShiftDirection::up, 0.09));
  CHECK_THROWS_AS(design_poisson_cusum(ShiftDirection::up, -1), InvalidArgument);
  CHECK_THROWS_AS(design_poisson_cusum(ShiftDirection::up, std::nan("")), InvalidArgument);
  CHECK_THROWS_AS(design_poisson_cusum(ShiftDirection::up, 1, {.shift = 1}), InvalidArgument);
  CHECK_THROWS_AS(design_poisson_cusum(ShiftDirection::up, 1, {.least_run_length = 1}), InvalidArgument);
  CHECK_THROWS_AS(poisson_cusum_run_length(ShiftDirection::up, 1, 1, 1, 5000), InvalidArgument);
}
