#include <putki/core/error.hpp>
#include <putki/forecast/inflow.hpp>

#include "forecast/inflow_fit.hpp"
#include "inflow_simulations.hpp"

#include <Eigen/Dense>
#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <numeric>
#include <string>

using namespace putki;

namespace {

const StageGraph kGraph = StageGraph::Builder().stage("Open").stage("Won", StageKind::won).build();
const Day kBegin = *parse_day("2024-01-01");

/// `per_day[i]` deals created on day i from 2024-01-01, counted as of the day after the last.
DatedStatistics created(const std::vector<int>& per_day) {
  EventLogBuilder builder(kGraph);
  int number = 0;
  for (std::size_t day = 0; day < per_day.size(); ++day)
    for (int i = 0; i < per_day[day]; ++i)
      builder.add({builder.deal(std::to_string(number++)),
                   Timestamp(kBegin + Days{static_cast<int>(day)}) + std::chrono::hours{12}, StageId{0}});
  DatedStatistics statistics(kGraph);
  const EventLog log = builder.build();
  statistics.update(AsOf(log, kBegin + Days{static_cast<int>(per_day.size())}));
  return statistics;
}

double sum(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

const InflowKind& kind(const std::string& name) {
  for (const InflowKind& candidate : kInflowKinds)
    if (candidate.name == name) return candidate;
  throw InvalidArgument("no such inflow");
}

/// Minus the log posterior of coefficients and level path, written out in full.
double loss(const LeveledCounts& problem, double phi, double sigma, const Eigen::VectorXd& x) {
  const auto columns = static_cast<Eigen::Index>(problem.design.columns());
  double result = 0;
  for (Eigen::Index i = 0; i < columns; ++i) result += 0.5 * problem.penalty[static_cast<std::size_t>(i)] * x(i) * x(i);
  for (std::size_t t = 0; t < problem.counts.size(); ++t) {
    const auto place = columns + static_cast<Eigen::Index>(t);
    double eta = problem.offset + x(place) - 0.5 * sigma * sigma;
    for (Eigen::Index i = 0; i < columns; ++i) eta += problem.design(t, static_cast<std::size_t>(i)) * x(i);
    const double theta = 1 / problem.dispersion, y = problem.counts[t], m = std::exp(eta);
    result -= std::lgamma(y + theta) - std::lgamma(theta) + theta * std::log(theta / (theta + m)) +
              y * std::log(m / (theta + m));
    const double step = t == 0 ? x(place) : x(place) - phi * x(place - 1);
    const double variance = sigma * sigma * (t == 0 ? 1 : 1 - phi * phi);
    result += 0.5 * step * step / variance + 0.5 * std::log(variance);
  }
  return result;
}

}  // namespace

TEST_CASE("Laplace's approximation of counts with a level is that of the whole system, by differences") {
  RandomStream random(8, 0);
  for (const double phi : {0.3, 0.9, 0.99})
    for (const double sigma : {0.05, 0.4}) {
      constexpr int kDays = 12;
      Matrix design(kDays, 2, 1.0);
      std::vector<double> counts;
      for (std::size_t t = 0; t < kDays; ++t) {
        design(t, 1) = static_cast<double>(t % 3);
        counts.push_back(static_cast<double>(random.poisson(6)));
      }
      const std::vector<double> penalty{0.1, 1.0};
      const LeveledCounts problem{design, counts, penalty, 0.3, 0.2};
      const LeveledFit fit = fit_leveled_counts(problem, phi, sigma, {});
      REQUIRE(fit.converged);
      Eigen::VectorXd mode(2 + kDays);
      mode << fit.coefficients[0], fit.coefficients[1],
          Eigen::Map<const Eigen::VectorXd>(fit.path.data(), static_cast<Eigen::Index>(fit.path.size()));
      const auto at = [&](const Eigen::VectorXd& x) { return loss(problem, phi, sigma, x); };
      const double best = at(mode);
      constexpr double kStep = 1e-3;
      Eigen::MatrixXd hessian(2 + kDays, 2 + kDays);
      for (Eigen::Index i = 0; i < 2 + kDays; ++i)
        for (Eigen::Index j = 0; j <= i; ++j) {
          const Eigen::VectorXd a = kStep * Eigen::VectorXd::Unit(2 + kDays, i),
                                b = kStep * Eigen::VectorXd::Unit(2 + kDays, j);
          hessian(i, j) =
              (at(mode + a + b) - at(mode + a - b) - at(mode - a + b) + at(mode - a - b)) / (4 * kStep * kStep);
          hessian(j, i) = hessian(i, j);
        }
      // At the mode nothing nearby is better, by more than the fit's own tolerance.
      for (Eigen::Index i = 0; i < 2 + kDays; ++i)
        for (const double side : {-1.0, 1.0})
          CHECK(at(mode + side * 0.3 * sigma * Eigen::VectorXd::Unit(2 + kDays, i)) > best - 1e-3);
      const Eigen::MatrixXd covariance = hessian.inverse();
      for (Eigen::Index i = 0; i < 2; ++i)
        for (Eigen::Index j = 0; j < 2; ++j)
          CHECK(fit.covariance(static_cast<std::size_t>(i), static_cast<std::size_t>(j)) ==
                Approx(covariance(i, j)).epsilon(0.01).margin(1e-4));
      // Variance of the last day's level: what the coefficients bring, and the rest.
      double variance = fit.level_deviation * fit.level_deviation;
      for (std::size_t i = 0; i < 2; ++i)
        for (std::size_t j = 0; j < 2; ++j)
          variance += fit.level_slopes[i] * fit.covariance(i, j) * fit.level_slopes[j];
      CHECK(variance == Approx(covariance(1 + kDays, 1 + kDays)).epsilon(0.01));
      const double determinant = 2 * Eigen::MatrixXd(hessian.llt().matrixL()).diagonal().array().log().sum();
      CHECK(fit.log_evidence == Approx(-best - 0.5 * determinant).epsilon(1e-3));
    }
}

TEST_CASE("without deals nothing comes, and a first day alone still says something") {
  CHECK(fit_inflow(created({})).expected_rates(kBegin, 3) == std::vector<double>{0, 0, 0});
  RandomStream random(1, 0);
  CHECK(InflowModel{}.draw_rates(random, kBegin, 3, 0.5, false) == std::vector<double>{0, 0, 0});
  const InflowModel day = fit_inflow(created({3}));
  CHECK(day.expected_rates(kBegin + Days{1}, 2) == std::vector<double>{3, 3});
  const InflowModel silence = fit_inflow(created({5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
  CHECK(silence.per_day == Approx(0.05));  // half a deal in ten days
}

TEST_CASE("a few deals: the mean of what may come is what came") {
  std::vector<int> days(61);
  days[0] = days[20] = days[45] = 1;
  const InflowModel model = fit_inflow(created(days), {}, {.usual_growth = 0});
  const auto expected = model.expected_rates(kBegin + Days{61}, 28);
  CHECK(sum(expected) == Approx(28 * 2 / 60.0).epsilon(0.35));
  double mean = 0;
  constexpr int kDraws = 20'000;
  for (int i = 0; i < kDraws; ++i) {
    RandomStream random(3, static_cast<std::uint64_t>(i / 2));
    mean += sum(model.draw_rates(random, kBegin + Days{61}, 28, (i / 2 + 0.5) / (kDraws / 2), i % 2 == 1)) / kDraws;
  }
  CHECK(mean == Approx(sum(expected)).epsilon(0.06));
}

TEST_CASE("rates follow weekdays and holidays, and a surge is carried on for a while") {
  RandomStream random(2, 0);
  const BusinessCalendar calendar = BusinessCalendar::weekdays({*parse_day("2024-07-03")});
  std::vector<int> days;
  for (int day = 0; day < 182; ++day)
    days.push_back(static_cast<int>(random.poisson((day % 7 >= 5 ? 4.0 : 20.0) * (day >= 154 ? 1.8 : 1.0))));
  const InflowModel model = fit_inflow(created(days), calendar);
  const auto rates = model.expected_rates(kBegin + Days{182}, 364);  // from Monday, 1 July
  CHECK(rates[12] / rates[9] == Approx(0.2).margin(0.06));           // Saturday against Wednesday
  CHECK(rates[2] == Approx(rates[6]).epsilon(0.15));                 // a holiday is as a Sunday
  CHECK(rates[1] > 1.3 * 20);
  // Without growth it fades; with it, a jump may also be the beginning of one.
  const auto level_only =
      fit_inflow(created(days), calendar, {.usual_growth = 0}).expected_rates(kBegin + Days{182}, 364);
  CHECK(level_only[1] > 1.3 * 20);
  CHECK(level_only[358] < 0.9 * level_only[1]);
}

TEST_CASE("growth goes on but fades; without growth asked for there is none") {
  InflowKind growing = kind("growth 200 % a year");
  growing.per_day = 40;
  const SimulatedInflow inflow = simulate_inflow(growing, 4, 1);
  const InflowModel model = fit_inflow(inflow.statistics);
  const auto rates = model.expected_rates(inflow.begin, 3'000);
  const auto week = [&](int day) { return std::accumulate(rates.begin() + day, rates.begin() + day + 7, 0.0) / 7; };
  const double tau = 180 / std::log(2), slope = std::log(3) / 365.2425;
  CHECK(week(0) == Approx(40).epsilon(0.08));
  // From week to week along tau (1 - exp(-d / tau)).
  CHECK(std::log(week(84) / week(0)) ==
        Approx(slope * tau * (std::exp(-3.5 / tau) - std::exp(-87.5 / tau))).margin(0.06));
  CHECK(week(2990) / week(2500) == Approx(1).margin(0.01));
  const InflowModel flat = fit_inflow(inflow.statistics, {}, {.usual_growth = 0});
  CHECK(sum(flat.expected_rates(inflow.begin + Days{84}, 7)) < 0.95 * 7 * week(84));
}

TEST_CASE("a season is found with two years of it") {
  InflowKind yearly = kind("season, two years");
  yearly.per_day = 40;
  const SimulatedInflow inflow = simulate_inflow(yearly, 5, 1);
  const auto rates = fit_inflow(inflow.statistics).expected_rates(inflow.begin, 365);
  double worst = 0;
  for (int day = 0; day + 28 <= 365; day += 28) {
    double truth = 0, found = 0;
    for (int d = day; d < day + 28; ++d) {
      const double angle =
          2 * std::numbers::pi * static_cast<double>((inflow.begin + Days{d}).time_since_epoch().count()) / 365.2425;
      truth += 40 * std::exp(0.3 * std::cos(angle));
      found += rates[static_cast<std::size_t>(d)];
    }
    worst = std::max(worst, std::abs(std::log(found / truth)));
  }
  CHECK(worst < 0.15);  // a flat forecast is wrong by up to 0.3 + 0.3
}

TEST_CASE("all rates scale with the inflow, draws included") {
  InflowModel model = fit_inflow(simulate_inflow(kind("overdispersed"), 6, 1).statistics);
  RandomStream one(1, 1), other(1, 1);
  const auto before = model.draw_rates(one, kBegin, 10, 0.3, false);
  model.per_day *= 1.5;
  const auto after = model.draw_rates(other, kBegin, 10, 0.3, false);
  for (std::size_t d = 0; d < before.size(); ++d) CHECK(after[d] == Approx(1.5 * before[d]));
}

TEST_CASE("what comes lies in the predicted intervals as often as they say") {
  for (const char* name : {"weekly rhythm", "growth 30 % a year", "overdispersed", "one day of history"}) {
    constexpr int kRepeats = 60;
    double inside = 0;
    for (int repeat = 0; repeat < kRepeats; ++repeat) {
      const SimulatedInflow inflow = simulate_inflow(kind(name), static_cast<std::uint64_t>(repeat), 28);
      const auto sums = predicted_sums(fit_inflow(inflow.statistics), inflow.begin, 28, 200);
      inside += std::abs(place_of(sums, sum(inflow.future)) - 0.5) < 0.4 ? 1 : 0;
    }
    INFO(name);
    CHECK(std::abs(inside / kRepeats - 0.8) < 3.3 * std::sqrt(0.8 * 0.2 / kRepeats));  // 1 in 1,000
  }
}

TEST_CASE("drawn rates without courses have the stated mean and variance") {
  const InflowModel inflow{.per_day = 5, .dispersion = 2, .window_days = 28};
  double total = 0, squares = 0;
  constexpr int kDraws = 40'000;
  for (int i = 0; i < kDraws; ++i) {
    RandomStream random(1, static_cast<std::uint64_t>(i));
    const auto rates = inflow.draw_rates(random, kBegin, 14, 0.5, false);
    REQUIRE(rates.size() == 14);
    REQUIRE(rates.front() == rates.back());
    total += rates.front();
    squares += rates.front() * rates.front();
  }
  const double variance = 5 * (2.0 / 28 + 1.0 / 14);
  CHECK(std::abs(total / kDraws - 5) < 4 * std::sqrt(variance / kDraws));
  CHECK(squares / kDraws - std::pow(total / kDraws, 2) == Approx(variance).epsilon(0.05));
}

TEST_CASE("inflow options that cannot be are refused") {
  const DatedStatistics statistics = created({1, 2, 3});
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const double bad : {-1.0, nan}) {
    CHECK_THROWS_AS(fit_inflow(statistics, {}, {.usual_deviation = bad}), InvalidArgument);
    CHECK_THROWS_AS(fit_inflow(statistics, {}, {.usual_growth = bad}), InvalidArgument);
    CHECK_THROWS_AS(fit_inflow(statistics, {}, {.usual_season = bad}), InvalidArgument);
    CHECK_THROWS_AS(fit_inflow(statistics, {}, {.growth_half_life = bad}), InvalidArgument);
    CHECK_THROWS_AS(fit_inflow(statistics, {}, {.season_years = bad}), InvalidArgument);
  }
  CHECK_THROWS_AS(fit_inflow(statistics, {}, {.most_days = 0}), InvalidArgument);
  CHECK_THROWS_AS(fit_inflow(DatedStatistics{}), InvalidArgument);
}
