// Samplers against exact distribution functions of Boost.Math, at fixed seeds. Each bound is passed by a right sampler
// with probability 1 - 1e-6 or more.

#include <putki/core/random.hpp>

#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/exponential.hpp>
#include <boost/math/distributions/gamma.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/poisson.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

using namespace putki;

namespace {

using InDouble = boost::math::policies::policy<boost::math::policies::promote_double<false>>;

constexpr int kDraws = 200'000;
constexpr double kKolmogorovBound = 2.7;  // 2 exp(-2 x^2) = 1e-6

template <class Draw>
std::vector<double> draws(std::uint64_t stream_number, Draw draw) {
  RandomStream stream(20120113, stream_number);
  std::vector<double> values(kDraws);
  for (double& value : values) value = static_cast<double>(draw(stream));
  return values;
}

// sqrt(n) times the largest distance between the empirical and the exact distribution function.
template <class Distribution>
double kolmogorov_statistic(std::vector<double> values, const Distribution& distribution) {
  std::sort(values.begin(), values.end());
  const auto n = static_cast<double>(values.size());
  double distance = 0.0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double exact = cdf(distribution, values[i]);
    distance = std::max({distance, exact - static_cast<double>(i) / n, static_cast<double>(i + 1) / n - exact});
  }
  return std::sqrt(n) * distance;
}

// Chi-square over cells of counts, each expected 50 times or more, as the upper tail probability.
template <class Distribution>
double chi_square_p(std::vector<double> values, const Distribution& distribution) {
  std::sort(values.begin(), values.end());
  double statistic = 0.0;
  int cells = 0;
  double before = 0.0;
  std::size_t taken = 0;
  const double largest = values.back() + 1.0;
  for (double k = std::max(0.0, values.front() - 1.0); k <= largest; ++k) {
    const double here = k < largest ? cdf(distribution, k) : 1.0;
    const double expected = (here - before) * kDraws;
    if (k < largest && (expected < 50.0 || (1.0 - here) * kDraws < 50.0)) continue;
    const auto end = static_cast<std::size_t>(std::upper_bound(values.begin(), values.end(), k) - values.begin());
    const double difference = static_cast<double>(end - taken) - expected;
    statistic += difference * difference / expected;
    ++cells;
    before = here;
    taken = end;
  }
  if (cells < 2) return 1.0;
  return cdf(complement(boost::math::chi_squared(cells - 1), statistic));
}

// Mean within five standard errors, variance within five of its own (with the fourth moment where it is finite).
void check_moments(const std::vector<double>& values, double mean, double variance, double excess_kurtosis) {
  double sum = 0.0;
  for (const double value : values) sum += value - mean;
  CHECK(std::abs(sum / kDraws) <= 5.0 * std::sqrt(variance / kDraws));
  double squares = 0.0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  CHECK(std::abs(squares / kDraws - variance) <= 5.0 * variance * std::sqrt((excess_kurtosis + 2.0) / kDraws));
}

}  // namespace

TEST_CASE("uniforms are uniform along a stream and across streams") {
  const boost::math::beta_distribution<double> uniform(1.0, 1.0);
  CHECK(kolmogorov_statistic(draws(0, [](auto& s) { return s.uniform(); }), uniform) < kKolmogorovBound);
  std::vector<double> across(kDraws);
  for (std::uint64_t n = 0; n < across.size(); ++n) across[n] = RandomStream(1, n).uniform();
  CHECK(kolmogorov_statistic(across, uniform) < kKolmogorovBound);
  for (std::uint64_t n = 0; n < across.size(); ++n) across[n] = RandomStream(n, 1).uniform();
  CHECK(kolmogorov_statistic(across, uniform) < kKolmogorovBound);
}

TEST_CASE("neighbouring draws and neighbouring streams are uncorrelated") {
  RandomStream stream(3, 10);
  RandomStream neighbour(3, 11);
  double along = 0.0;
  double across = 0.0;
  double previous = 0.0;
  for (int n = 0; n < kDraws; ++n) {
    const double x = stream.normal();
    along += x * previous;
    across += x * neighbour.normal();
    previous = x;
  }
  // Products of independent normals have variance 1.
  CHECK(std::abs(along) < 5.0 * std::sqrt(kDraws));
  CHECK(std::abs(across) < 5.0 * std::sqrt(kDraws));
}

TEST_CASE("normal and exponential draws follow their distributions") {
  const auto normals = draws(1, [](auto& s) { return s.normal(); });
  CHECK(kolmogorov_statistic(normals, boost::math::normal_distribution<double>()) < kKolmogorovBound);
  check_moments(normals, 0.0, 1.0, 0.0);
  const auto exponentials = draws(2, [](auto& s) { return s.exponential(); });
  CHECK(kolmogorov_statistic(exponentials, boost::math::exponential_distribution<double>()) < kKolmogorovBound);
  check_moments(exponentials, 1.0, 1.0, 6.0);
}

TEST_CASE("gamma draws follow their distribution") {
  std::uint64_t number = 100;
  for (const double shape : {0.06, 0.3, 0.999, 1.0, 1.5, 7.0, 1000.0, 1e5}) {
    CAPTURE(shape);
    const auto values = draws(number++, [&](auto& s) { return s.gamma(shape); });
    CHECK(kolmogorov_statistic(values, boost::math::gamma_distribution<double, InDouble>(shape)) < kKolmogorovBound);
    check_moments(values, shape, shape, 6.0 / shape);
  }
}

TEST_CASE("beta draws follow their distribution") {
  struct Parameters {
    double a;
    double b;
  };
  std::uint64_t number = 200;
  for (const Parameters& p : {Parameters{0.5, 0.5}, Parameters{0.03, 0.2}, Parameters{0.3, 4.0}, Parameters{1.0, 1.0},
                              Parameters{2.0, 0.7}, Parameters{3.0, 11.0}, Parameters{2246.5, 10841.5}}) {
    CAPTURE(p.a, p.b);
    const auto values = draws(number++, [&](auto& s) { return s.beta(p.a, p.b); });
    // Draws that round to 0 or 1 stand for the interval that rounds there.
    CHECK(kolmogorov_statistic(values, boost::math::beta_distribution<double, InDouble>(p.a, p.b)) < kKolmogorovBound);
    const double total = p.a + p.b;
    check_moments(values, p.a / total, p.a * p.b / (total * total * (total + 1.0)),
                  kurtosis_excess(boost::math::beta_distribution<double>(p.a, p.b)));
  }
}

TEST_CASE("Poisson draws follow their distribution on both sides of the change of method") {
  std::uint64_t number = 300;
  for (const double mean : {0.01, 0.7, 3.0, 9.99, 10.0, 12.5, 40.0, 300.0, 10'000.0}) {
    CAPTURE(mean);
    const auto values = draws(number++, [&](auto& s) { return s.poisson(mean); });
    CHECK(chi_square_p(values, boost::math::poisson_distribution<double>(mean)) > 1e-6);
    check_moments(values, mean, mean, 1.0 / mean);
  }
}

TEST_CASE("binomial draws follow their distribution on both sides of the change of method") {
  struct Parameters {
    std::uint64_t trials;
    double probability;
  };
  std::uint64_t number = 400;
  for (const Parameters& p :
       {Parameters{1, 0.3}, Parameters{7, 0.5}, Parameters{19, 0.52}, Parameters{20, 0.5}, Parameters{24, 0.45},
        Parameters{100, 0.0999}, Parameters{100, 0.1}, Parameters{100, 0.93}, Parameters{13'087, 0.1716},
        Parameters{1'000'000, 3e-6}, Parameters{1'000'000, 2e-5}, Parameters{1'000'000, 0.9999}}) {
    CAPTURE(p.trials, p.probability);
    const auto values = draws(number++, [&](auto& s) { return s.binomial(p.trials, p.probability); });
    const boost::math::binomial_distribution<double> exact(static_cast<double>(p.trials), p.probability);
    CHECK(chi_square_p(values, exact) > 1e-6);
    check_moments(values, mean(exact), variance(exact), kurtosis_excess(exact));
  }
}

TEST_CASE("counts of huge mean keep the normal limit's moments and shape") {
  // The steps of the count are far below what 200,000 draws resolve.
  std::uint64_t number = 500;
  for (const double mean : {1e9, 1e13, 1e17}) {
    CAPTURE(mean);
    const boost::math::normal_distribution<double> limit;
    auto poisson = draws(number++, [&](auto& s) { return s.poisson(mean); });
    for (double& value : poisson) value = (value - mean) / std::sqrt(mean);
    CHECK(kolmogorov_statistic(poisson, limit) < kKolmogorovBound);
    check_moments(poisson, 0.0, 1.0, 0.0);
    const auto trials = static_cast<std::uint64_t>(4.0 * mean);
    auto binomial = draws(number++, [&](auto& s) { return s.binomial(trials, 0.25); });
    for (double& value : binomial) value = (value - mean) / std::sqrt(0.75 * mean);
    CHECK(kolmogorov_statistic(binomial, limit) < kKolmogorovBound);
    check_moments(binomial, 0.0, 1.0, 0.0);
  }
}
