#include <putki/core/error.hpp>
#include <putki/core/random.hpp>
#include <putki/model/negative_binomial.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <vector>

using namespace putki;

namespace {

/// Days absent from school of 146 children of Walgett (S. Quine; Aitkin 1978; MASS data set `quine`), by cell.
struct Cell {
  int not_aboriginal;
  int male;
  int form;  // 0 .. 3
  int slow_learner;
  std::vector<double> days;
};
const std::vector<Cell> kAbsence{
    {0, 1, 0, 1, {2, 11, 14}},
    {0, 1, 0, 0, {5, 5, 13, 20, 22}},
    {0, 1, 1, 1, {6, 6, 15}},
    {0, 1, 1, 0, {7, 14}},
    {0, 1, 2, 1, {6, 32, 53, 57}},
    {0, 1, 2, 0, {14, 16, 16, 17, 40, 43, 46}},
    {0, 1, 3, 0, {8, 23, 23, 28, 34, 36, 38}},
    {0, 0, 0, 1, {3}},
    {0, 0, 0, 0, {5, 11, 24, 45}},
    {0, 0, 1, 1, {5, 6, 6, 9, 13, 23, 25, 32, 53, 54}},
    {0, 0, 1, 0, {5, 5, 11, 17, 19}},
    {0, 0, 2, 1, {8, 13, 14, 20, 47, 48, 60, 81}},
    {0, 0, 2, 0, {2}},
    {0, 0, 3, 0, {0, 2, 3, 5, 10, 14, 21, 36, 40}},
    {1, 1, 0, 1, {6, 17, 67}},
    {1, 1, 0, 0, {0, 0, 2, 7, 11, 12}},
    {1, 1, 1, 1, {0, 0, 5, 5, 5, 11, 17}},
    {1, 1, 1, 0, {3, 4}},
    {1, 1, 2, 1, {22, 30, 36}},
    {1, 1, 2, 0, {8, 0, 1, 5, 7, 16, 27}},
    {1, 1, 3, 0, {0, 30, 10, 14, 27, 41, 69}},
    {1, 0, 0, 1, {25}},
    {1, 0, 0, 0, {10, 11, 20, 33}},
    {1, 0, 1, 1, {5, 7, 0, 1, 5, 5, 5, 5, 7, 11, 15}},
    {1, 0, 1, 0, {5, 14, 6, 6, 7, 28}},
    {1, 0, 2, 1, {0, 5, 14, 2, 2, 3, 8, 10, 12}},
    {1, 0, 2, 0, {1}},
    {1, 0, 3, 0, {1, 9, 22, 3, 3, 5, 15, 18, 22, 37}},
};

struct Data {
  Matrix design;
  std::vector<double> counts;
};

Data absence(const std::function<std::vector<double>(const Cell&, std::size_t)>& row) {
  std::vector<std::vector<double>> rows;
  Data data;
  for (std::size_t c = 0; c < kAbsence.size(); ++c)
    for (const double days : kAbsence[c].days) {
      rows.push_back(row(kAbsence[c], c));
      data.counts.push_back(days);
    }
  data.design = Matrix(rows.size(), rows[0].size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::size_t j = 0; j < rows[i].size(); ++j) data.design(i, j) = rows[i][j];
  return data;
}

/// The textbook's formula, term by term with lgamma.
double textbook_log_likelihood(const Data& data, const std::vector<double>& b, double alpha) {
  double sum = 0;
  const double theta = 1 / alpha;
  for (std::size_t i = 0; i < data.counts.size(); ++i) {
    double eta = 0;
    for (std::size_t j = 0; j < b.size(); ++j) eta += data.design(i, j) * b[j];
    const double y = data.counts[i], m = std::exp(eta);
    sum += std::lgamma(y + theta) - std::lgamma(theta) - std::lgamma(y + 1) + theta * std::log(theta / (theta + m)) +
           y * std::log(m / (theta + m));
  }
  return sum;
}

Data simulated(std::uint64_t seed, std::size_t rows, double alpha) {
  RandomStream random(seed, 0);
  Data data{Matrix(rows, 3), {}};
  for (std::size_t i = 0; i < rows; ++i) {
    data.design(i, 0) = 1;
    data.design(i, 1) = random.normal();
    data.design(i, 2) = static_cast<double>(i % 2);
    const double mean = std::exp(1 + 0.5 * data.design(i, 1) - 0.7 * data.design(i, 2));
    const double factor = alpha > 0 ? random.gamma(1 / alpha) * alpha : 1.0;
    data.counts.push_back(static_cast<double>(random.poisson(mean * factor)));
  }
  return data;
}

}  // namespace

TEST_CASE("days absent from school: the published fit of main effects") {
  // glm.nb(Days ~ Eth + Sex + Age + Lrn, data = quine), package MASS of Venables & Ripley.
  const Data data = absence([](const Cell& cell, std::size_t) {
    return std::vector<double>{1.0,
                               cell.not_aboriginal * 1.0,
                               cell.male * 1.0,
                               cell.form == 1 ? 1.0 : 0.0,
                               cell.form == 2 ? 1.0 : 0.0,
                               cell.form == 3 ? 1.0 : 0.0,
                               cell.slow_learner * 1.0};
  });
  REQUIRE(data.counts.size() == 146);
  const auto fit = fit_negative_binomial(data.design, data.counts);
  CHECK(fit.info.converged);
  constexpr std::array kEstimates{2.89458, -0.56937, 0.08232, -0.44843, 0.08808, 0.35690, 0.29211};
  constexpr std::array kErrors{0.22842, 0.15333, 0.15992, 0.23975, 0.23619, 0.24832, 0.18647};
  for (std::size_t i = 0; i < kEstimates.size(); ++i) {
    CHECK(fit.coefficients[i] == Approx(kEstimates[i]).margin(6e-6));
    CHECK(std::sqrt(fit.covariance(i, i)) == Approx(kErrors[i]).margin(6e-6));
  }
  CHECK(1 / fit.dispersion == Approx(1.275).margin(6e-4));
  CHECK(fit.dispersion_error / (fit.dispersion * fit.dispersion) == Approx(0.161).margin(6e-4));
  CHECK(2 * fit.info.log_likelihood == Approx(-1093.151).margin(6e-4));
}

TEST_CASE("days absent from school: the published fit of all interactions, and that of the package's example") {
  // Crawley, The R Book: glm.nb(Days ~ Eth * Sex * Age * Lrn): theta 1.928 (0.269), 2 x log-likelihood -1039.324.
  const Data cells = absence([](const Cell&, std::size_t c) {
    std::vector<double> row(kAbsence.size(), 0.0);
    row[c] = 1;
    return row;
  });
  const auto all = fit_negative_binomial(cells.design, cells.counts);
  CHECK(1 / all.dispersion == Approx(1.92836014510701).epsilon(1e-7));
  CHECK(all.dispersion_error / (all.dispersion * all.dispersion) == Approx(0.269).margin(6e-4));
  CHECK(2 * all.info.log_likelihood == Approx(-1039.324).margin(6e-4));
  CHECK(std::exp(all.coefficients[0]) == Approx(9));  // a cell's mean

  // glm.nb(Days ~ Sex/(Age + Eth*Lrn), data = quine): 2 x log-likelihood -1063.025.
  const Data nested = absence([](const Cell& cell, std::size_t) {
    std::vector<double> row;
    for (const int male : {0, 1}) {
      const double here = cell.male == male ? 1.0 : 0.0;
      row.push_back(here);
      for (const int form : {1, 2, 3}) row.push_back(cell.form == form ? here : 0.0);
      row.push_back(here * cell.not_aboriginal);
      row.push_back(here * cell.slow_learner);
      row.push_back(here * cell.not_aboriginal * cell.slow_learner);
    }
    return row;
  });
  const auto example = fit_negative_binomial(nested.design, nested.counts);
  CHECK(2 * example.info.log_likelihood == Approx(-1063.025).margin(6e-4));
}

TEST_CASE("mites on apple leaves: Bliss and Fisher's k") {
  // Bliss & Fisher 1953: 150 leaves, mean 1.1467, maximum likelihood k 1.02459.
  constexpr std::array kLeaves{70, 38, 17, 10, 9, 3, 2, 1};
  std::vector<double> counts;
  for (std::size_t mites = 0; mites < kLeaves.size(); ++mites)
    counts.insert(counts.end(), static_cast<std::size_t>(kLeaves[mites]), static_cast<double>(mites));
  const auto fit = fit_negative_binomial(Matrix(150, 1, 1.0), counts);
  CHECK(std::exp(fit.coefficients[0]) == Approx(172 / 150.0));
  CHECK(1 / fit.dispersion == Approx(1.02459).margin(6e-6));
}

TEST_CASE("no point nearby is likelier, and the likelihood is the textbook's") {
  for (const double alpha : {0.05, 0.5, 3.0})
    for (const std::uint64_t seed : {1, 2, 3}) {
      const Data data = simulated(seed, 200, alpha);
      const auto fit = fit_negative_binomial(data.design, data.counts);
      if (fit.dispersion == 0) continue;
      const double best = textbook_log_likelihood(data, fit.coefficients, fit.dispersion);
      CHECK(fit.info.log_likelihood == Approx(best).epsilon(1e-9));
      // Slopes by central differences vanish; any step away loses.
      for (std::size_t i = 0; i <= 3; ++i)
        for (const double step : {1e-4, 1e-2, 0.3}) {
          double sides[2];
          for (const int side : {0, 1}) {
            std::vector<double> b = fit.coefficients;
            double a = fit.dispersion;
            (i < 3 ? b[i] : a) += (side == 0 ? step : -step) * (i < 3 ? 1 : fit.dispersion);
            sides[side] = textbook_log_likelihood(data, b, a);
            CHECK(sides[side] < best);
          }
          if (step == 1e-4) CHECK(std::abs(sides[0] - sides[1]) / (2 * step) < 1e-3);
        }
    }
}

TEST_CASE("a ridge is a normal prior: an orthogonal Poisson mean solves its own equation") {
  // One column of ones, alpha 0: sum y - n e^b - penalty b = 0.
  const std::vector<double> counts{3, 5, 4, 8};
  const auto fit = fit_negative_binomial(Matrix(4, 1, 1.0), counts, {.penalty = {7.0}, .dispersion = 0.0});
  const double b = fit.coefficients[0];
  CHECK(20 - 4 * std::exp(b) - 7 * b == Approx(0).margin(1e-8));
  CHECK(fit.covariance(0, 0) == Approx(1 / (4 * std::exp(b) + 7)));
  const auto prior = fit_negative_binomial(Matrix(0, 1), {}, {.penalty = {4.0}});
  CHECK(prior.coefficients[0] == 0);
  CHECK(prior.covariance(0, 0) == Approx(0.25));
}

TEST_CASE("counts that scatter less than Poisson have dispersion 0, or what a prior says") {
  const std::vector<double> even(50, 4.0);
  CHECK(fit_negative_binomial(Matrix(50, 1, 1.0), even).dispersion == 0);
  const auto believed =
      fit_negative_binomial(Matrix(3, 1, 1.0), std::vector<double>{4, 4, 5}, {.usual_dispersion = 0.05});
  CHECK(believed.dispersion > 0.01);
  CHECK(believed.dispersion < 0.05);
}

TEST_CASE("coefficients and dispersion are recovered, and their errors are honest") {
  double inside = 0, alpha = 0;
  constexpr int kRepeats = 200;
  for (int repeat = 0; repeat < kRepeats; ++repeat) {
    const Data data = simulated(static_cast<std::uint64_t>(100 + repeat), 300, 0.4);
    const auto fit = fit_negative_binomial(data.design, data.counts);
    inside += std::abs(fit.coefficients[1] - 0.5) < 1.6449 * std::sqrt(fit.covariance(1, 1)) ? 1 : 0;
    alpha += fit.dispersion / kRepeats;
  }
  CHECK(std::abs(inside / kRepeats - 0.9) < 2.6 * std::sqrt(0.9 * 0.1 / kRepeats));
  CHECK(alpha == Approx(0.4).margin(0.03));
}

TEST_CASE("separated and extreme counts do not hang the fit") {
  // A column that is only there where nothing happens: its coefficient runs off; with a ridge it rests.
  Matrix design(20, 2, 1.0);
  std::vector<double> counts(20, 0.0);
  for (std::size_t i = 0; i < 10; ++i) {
    design(i, 1) = 0;
    counts[i] = 5;
  }
  CHECK(fit_negative_binomial(design, counts).coefficients[1] < -8);
  const auto held = fit_negative_binomial(design, counts, {.penalty = {0, 1}});
  CHECK(held.info.converged);
  CHECK(held.coefficients[1] > -5);
  const auto wild = fit_negative_binomial(Matrix(3, 1, 1.0), std::vector<double>{0, 0, 1e6});
  CHECK(std::exp(wild.coefficients[0]) == Approx(1e6 / 3).epsilon(1e-4));
}

TEST_CASE("regressions that cannot be are refused") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Matrix one(1, 1, 1.0);
  const std::vector<double> two{1, 2};
  CHECK_THROWS_AS(fit_negative_binomial(one, two), InvalidArgument);
  CHECK_THROWS_AS(fit_negative_binomial(Matrix(1, 0), std::vector<double>{1}), InvalidArgument);
  for (const double bad : {-1.0, 0.5, 1e9, nan})
    CHECK_THROWS_AS(fit_negative_binomial(one, std::vector<double>{bad}), InvalidArgument);
  CHECK_THROWS_AS(fit_negative_binomial(Matrix(1, 1, nan), std::vector<double>{1}), InvalidArgument);
  const std::vector<double> fine{1};
  CHECK_THROWS_AS(fit_negative_binomial(one, fine, {.penalty = {1, 1}}), InvalidArgument);
  CHECK_THROWS_AS(fit_negative_binomial(one, fine, {.penalty = {-1}}), InvalidArgument);
  CHECK_THROWS_AS(fit_negative_binomial(one, fine, {.usual_dispersion = -1}), InvalidArgument);
  CHECK_THROWS_AS(fit_negative_binomial(one, fine, {.log_dispersion_deviation = 0}), InvalidArgument);
  CHECK_THROWS_AS(fit_negative_binomial(one, fine, {.dispersion = -0.1}), InvalidArgument);
}
