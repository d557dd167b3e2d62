// The laws of every value model. To add one: give it a trial and put that into `Models`, and into `Purchases` where it
// answers the questions of purchase_model.hpp.
#include <putki/core/error.hpp>
#include <putki/value/bg_bb.hpp>
#include <putki/value/bg_nbd.hpp>
#include <putki/value/contract.hpp>
#include <putki/value/gamma_gamma.hpp>
#include <putki/value/pareto_nbd.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <tuple>
#include <type_traits>
#include <vector>

using namespace putki;

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN(), kInfinity = std::numeric_limits<double>::infinity();

template <class ModelType>
struct ContinuousTrial {
  using Model = ModelType;
  using Cell = PurchaseCell;
  static Model truth() { return Model(.9, 6, .8, std::is_same_v<Model, ParetoNbd> ? 9 : 2.5); }
  static std::vector<Cell> customers(int number) {
    std::vector<Cell> cells;
    RandomStream stream(21, 0);
    for (int i = 0; i < number; ++i) {
      Cell cell{.age_days = 180 + i % 90};
      std::vector<double> times;
      truth().simulate(cell.age_days / 7., stream, times);
      cell.repeats = static_cast<int>(times.size());
      if (!times.empty()) cell.recency_days = static_cast<int>(times.back() * 7);
      cells.push_back(cell);
    }
    return cells;
  }
  // x, t_x, T grow in units that fit every model
  static Cell cell(int x, int last, int age) { return {x, 10 * last, 10 * age}; }
  static std::vector<Cell> impossible() { return {{-1, 0, 5}, {0, 3, 5}, {1, 6, 5}, {1, -1, 5}, {0, 0, -1}}; }
  static std::vector<Cell> silent() { return {{0, 0, 5}, {0, 0, 90}, {0, 0, 0}}; }
};
struct BgNbdTrial : ContinuousTrial<BgNbd> {
  static Model fit(const CellCounts<Cell>& cells, double unit = 7) {
    return fit_bg_nbd(cells, {.days_per_unit = unit});
  }
};
struct MbgNbdTrial : ContinuousTrial<MbgNbd> {
  static Model fit(const CellCounts<Cell>& cells, double unit = 7) {
    return fit_mbg_nbd(cells, {.days_per_unit = unit});
  }
};
struct ParetoNbdTrial : ContinuousTrial<ParetoNbd> {
  static Model fit(const CellCounts<Cell>& cells, double unit = 7) {
    return fit_pareto_nbd(cells, {.days_per_unit = unit});
  }
};

struct BgBbTrial {
  using Model = BgBb;
  using Cell = OpportunityCell;
  static Model truth() { return BgBb(1.2, .8, .7, 2.5); }
  static Model fit(const CellCounts<Cell>& cells) { return fit_bg_bb(cells); }
  static std::vector<Cell> customers(int number) {
    std::vector<Cell> cells;
    RandomStream stream(22, 0);
    for (int i = 0; i < number; ++i) {
      const int n = 5 + i % 4;
      std::vector<double> times;
      truth().simulate(n, stream, times);
      cells.push_back({static_cast<int>(times.size()), times.empty() ? 0 : static_cast<int>(times.back()), n});
    }
    return cells;
  }
  static Cell cell(int x, int last, int age) { return {x, last, age}; }
  static std::vector<Cell> impossible() { return {{-1, 0, 5}, {0, 3, 5}, {1, 6, 5}, {2, 1, 5}, {0, 0, -1}}; }
  static std::vector<Cell> silent() { return {{0, 0, 5}, {0, 0, 0}}; }
};

template <class ModelType, std::size_t parameters>
struct ContractTrial {
  using Model = ModelType;
  using Cell = TenureCell;
  static Model truth() {
    static constexpr std::array kTruth{.9, 2.5, .8};
    return Model(std::span<const double>(kTruth.data(), parameters));
  }
  static std::vector<Cell> customers(int number) {
    std::vector<Cell> cells;
    RandomStream stream(23, 0);
    for (int i = 0; i < number; ++i) {
      const int age = 4 + i % 9,
                survived = static_cast<int>(truth().simulate(0, static_cast<std::uint64_t>(age), stream));
      cells.push_back({survived, survived < age, 0});
    }
    return cells;
  }
  static std::vector<Cell> impossible() { return {{-1, false, 0}, {2, true, 3}, {2, true, -1}}; }
  static std::vector<Cell> silent() { return {{3, false, 0}, {5, false, 1}}; }
};
struct SbgTrial : ContractTrial<Sbg, 2> {
  static Model fit(const CellCounts<Cell>& cells) { return fit_sbg(cells); }
};
struct WeibullTrial : ContractTrial<BetaDiscreteWeibull, 3> {
  static Model fit(const CellCounts<Cell>& cells) { return fit_beta_discrete_weibull(cells); }
};

struct GammaGammaTrial {
  using Model = GammaGamma;
  using Cell = SpendCell;
  static Model truth() { return GammaGamma(4, 3, 20); }
  static Model fit(const CellCounts<Cell>& cells) { return fit_gamma_gamma(cells); }
  static std::vector<Cell> customers(int number) {
    std::vector<Cell> cells;
    RandomStream stream(24, 0);
    for (int i = 0; i < number; ++i) {
      const int x = 1 + i % 5;
      const double total = truth().simulate_total(truth().simulate_mean(stream), static_cast<std::uint64_t>(x), stream);
      cells.push_back({x, Money::from_units(std::max(.01, total))});
    }
    return cells;
  }
  static std::vector<Cell> impossible() { return {{0, {100}}, {-2, {100}}, {1, kNoAmount}}; }
  static std::vector<Cell> silent() { return {{1, {0}}, {3, {-50}}}; }
};

template <class Cells>
CellCounts<typename Cells::value_type> counted(const Cells& cells) {
  CellCounts<typename Cells::value_type> counts;
  for (const auto& cell : cells) counts.add(cell);
  return counts;
}

using Models = std::tuple<BgNbdTrial, MbgNbdTrial, ParetoNbdTrial, BgBbTrial, SbgTrial, WeibullTrial, GammaGammaTrial>;
using Purchases = std::tuple<BgNbdTrial, MbgNbdTrial, ParetoNbdTrial, BgBbTrial>;
using Continuous = std::tuple<BgNbdTrial, MbgNbdTrial, ParetoNbdTrial>;

static_assert(PurchaseModel<BgNbd> && PurchaseModel<MbgNbd> && PurchaseModel<ParetoNbd> && PurchaseModel<BgBb>);

}  // namespace

TEMPLATE_LIST_TEST_CASE("A fit does not depend on the order of customers or on shards", "", Models) {
  auto cells = TestType::customers(600);
  const auto whole = counted(cells);
  const auto model = TestType::fit(whole);
  CHECK(model.fit().info.converged);
  CHECK(model.fit().customers == 600);
  std::mt19937 random(5);
  std::shuffle(cells.begin(), cells.end(), random);
  auto shard = counted(std::vector(cells.begin(), cells.begin() + 200));
  const auto rest = counted(std::vector(cells.begin() + 200, cells.end()));
  CHECK(model.log_likelihood(shard) + model.log_likelihood(rest) == Approx(model.log_likelihood(whole)).epsilon(1e-12));
  shard.merge(rest);
  CHECK(TestType::fit(shard).fit().values == model.fit().values);
  CHECK(TestType::fit(shard).fit().std_errors == model.fit().std_errors);
}

TEMPLATE_LIST_TEST_CASE("Twice the customers are the same estimate, surer by the square root of two", "", Models) {
  const auto cells = TestType::customers(600);
  auto twice = counted(cells);
  twice.merge(counted(cells));
  const auto one = TestType::fit(counted(cells)), two = TestType::fit(twice);
  for (std::size_t i = 0; i < one.fit().values.size(); ++i) {
    CHECK(two.fit().values[i] == Approx(one.fit().values[i]).epsilon(1e-6));
    CHECK(two.fit().std_errors[i] == Approx(one.fit().std_errors[i] / std::sqrt(2)).epsilon(1e-5));
  }
  CHECK(two.fit().info.log_likelihood == Approx(2 * one.fit().info.log_likelihood).epsilon(1e-10));
}

TEMPLATE_LIST_TEST_CASE("The fit is the top of the likelihood and its errors are the curvature there", "", Models) {
  const auto customers = counted(TestType::customers(600));
  const auto model = TestType::fit(customers);
  const auto& fit = model.fit();
  CHECK(model.log_likelihood(customers) == Approx(fit.info.log_likelihood).epsilon(1e-10));
  const std::size_t n = fit.values.size();
  REQUIRE(fit.std_errors.size() == n);
  const auto at = [&](std::vector<double> values) { return model.with_parameters(values).log_likelihood(customers); };
  // Differences in steps of standard errors, fourth order in the gradient.
  const auto moved = [&](std::size_t i, double by, std::size_t j, double also) {
    auto values = fit.values;
    values[i] += by * fit.std_errors[i];
    values[j] += also * fit.std_errors[j];
    return at(values);
  };
  const double top = at(fit.values), step = .01;
  Matrix information(n, n);
  for (std::size_t i = 0; i < n; ++i) {
    const double near = moved(i, step, i, 0) - moved(i, -step, i, 0),
                 far = moved(i, 2 * step, i, 0) - moved(i, -2 * step, i, 0);
    CHECK(std::abs(8 * near - far) / (12 * step) < 2e-5);
    CHECK(moved(i, .3, i, 0) < top);
    CHECK(moved(i, -.3, i, 0) < top);
    for (std::size_t j = 0; j < n; ++j)
      information(i, j) =
          -(moved(i, step, j, step) - moved(i, step, j, -step) - moved(i, -step, j, step) + moved(i, -step, j, -step)) /
          (4 * step * step * fit.std_errors[i] * fit.std_errors[j]);
  }
  // information * covariance = 1
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) {
      double sum = 0;
      for (std::size_t k = 0; k < n; ++k) sum += information(i, k) * fit.covariance(k, j);
      CHECK(sum * fit.std_errors[i] / fit.std_errors[j] == Approx(i == j ? 1 : 0).margin(.02));
    }
}

TEMPLATE_LIST_TEST_CASE("The truth is found within its standard errors", "", Models) {
  const auto model = TestType::fit(counted(TestType::customers(20000)));
  const auto truth = TestType::truth();
  for (std::size_t i = 0; i < model.fit().values.size(); ++i)
    CHECK(std::abs(model.fit().values[i] - truth.fit().values[i]) < 3.5 * model.fit().std_errors[i]);
}

TEMPLATE_LIST_TEST_CASE("Another unit of time is the same model", "", Continuous) {
  const auto customers = counted(TestType::customers(600));
  const auto weeks = TestType::fit(customers), days = TestType::fit(customers, 1);
  CHECK(days.r() == Approx(weeks.r()).epsilon(1e-8));
  CHECK(days.alpha() == Approx(7 * weeks.alpha()).epsilon(1e-8));
  CHECK(days.fit().values[2] == Approx(weeks.fit().values[2]).epsilon(1e-7));
  const bool timed = std::is_same_v<TestType, ParetoNbdTrial>;
  CHECK(days.fit().values[3] == Approx((timed ? 7 : 1) * weeks.fit().values[3]).epsilon(1e-7));
  const PurchaseCell cell{3, 60, 100};
  CHECK(days.probability_alive(cell) == Approx(weeks.probability_alive(cell)).epsilon(1e-8));
  CHECK(days.expected_purchases(cell, 70) == Approx(weeks.expected_purchases(cell, 10)).epsilon(1e-8));
  CHECK(days.discounted_purchases(cell, .01) == Approx(weeks.discounted_purchases(cell, .07)).epsilon(1e-7));
  CHECK(rate_per_unit(.15, 7) == Approx(7 * rate_per_unit(.15, 1)).epsilon(1e-14));
}

TEMPLATE_LIST_TEST_CASE("A newcomer is a customer seen for no time", "", Purchases) {
  const auto model = TestType::truth();
  const typename TestType::Cell newcomer{};
  for (const double horizon : {0., 1., 10., 2000.}) {
    CHECK(model.expected_purchases(newcomer, horizon) == model.expected_purchases(horizon));
    CHECK(model.purchase_probabilities(newcomer, horizon, 5) == model.purchase_probabilities(horizon, 5));
  }
  CHECK(model.discounted_purchases(newcomer, .1) == model.discounted_purchases(.1));
  CHECK(model.expected_purchases(0) == 0);
  CHECK(model.purchase_probabilities(0, 2) == std::vector<double>{1, 0, 0});
}

TEMPLATE_LIST_TEST_CASE("Masses sum to one and have the expected mean", "", Purchases) {
  const auto model = TestType::truth();
  for (const auto& cell : {TestType::cell(0, 0, 0), TestType::cell(0, 0, 9), TestType::cell(3, 5, 9)}) {
    const auto masses = model.purchase_probabilities(cell, 5, 600);
    double sum = 0, mean = 0;
    for (std::size_t k = 0; k < masses.size(); ++k) {
      CHECK(masses[k] >= 0);
      sum += masses[k];
      mean += static_cast<double>(k) * masses[k];
    }
    CHECK(sum == Approx(1).epsilon(1e-9));
    CHECK(mean == Approx(model.expected_purchases(cell, 5)).epsilon(1e-8));
  }
}

TEMPLATE_LIST_TEST_CASE("Simulated futures have the expected number and the masses of the model", "", Purchases) {
  const auto model = TestType::truth();
  for (const auto& cell : {TestType::cell(0, 0, 0), TestType::cell(0, 0, 9), TestType::cell(4, 15, 20)}) {
    RandomStream stream(4, 4);
    const int draws = 30000;
    std::vector<double> count(200), times;
    double total = 0, squares = 0, worth = 0, worth_squares = 0;
    for (int i = 0; i < draws; ++i) {
      times.clear();
      model.simulate(cell, 30, stream, times);
      CHECK_FALSE((!times.empty() && (times.front() <= 0 || times.back() > 30)));
      const auto number = static_cast<double>(times.size());
      total += number;
      squares += number * number;
      double here = 0;
      const bool by_period = std::is_same_v<TestType, BgBbTrial>;
      for (const double time : times) here += by_period ? std::pow(1.3, -time) : std::exp(-.3 * time);
      worth += here;
      worth_squares += here * here;
      count[std::min<std::size_t>(times.size(), 199)] += 1;
    }
    // Four standard errors; purchases beyond 30 units are worth e^-9 at most.
    const auto error = [&](double sum, double of_squares) { return std::sqrt(of_squares - sum * sum / draws) / draws; };
    CHECK(std::abs(total / draws - model.expected_purchases(cell, 30)) < 4 * error(total, squares));
    CHECK(std::abs(worth / draws - model.discounted_purchases(cell, .3)) < 4 * error(worth, worth_squares) + 2e-4);
    const auto masses = model.purchase_probabilities(cell, 30, 4);
    for (std::size_t k = 0; k <= 4; ++k)
      CHECK(std::abs(count[k] / draws - masses[k]) < 4 * std::sqrt(masses[k] * (1 - masses[k]) / draws) + 1e-9);
  }
}

TEMPLATE_LIST_TEST_CASE("Silence, recency, horizon and rate move the answers the way they must", "", Purchases) {
  const auto model = TestType::truth();
  for (const int x : {1, 2, 4}) {
    double before = 2;
    for (int age = 6; age < 40; ++age) {  // longer silent, less alive
      const double alive = model.probability_alive(TestType::cell(x, 5, age));
      CHECK(alive < before);
      before = alive;
    }
    before = -1;
    for (int last = x; last <= 30; ++last) {  // seen later, more alive
      const double alive = model.probability_alive(TestType::cell(x, last, 30));
      CHECK(alive > before);
      CHECK(alive <= 1);
      before = alive;
    }
  }
  const auto cell = TestType::cell(3, 5, 9);
  double expected = 0, discounted = kInfinity;
  for (int step = 1; step < 40; ++step) {
    CHECK(model.expected_purchases(cell, step * step) > expected);
    expected = model.expected_purchases(cell, step * step);
    CHECK(model.discounted_purchases(cell, .002 * step) < discounted);
    discounted = model.discounted_purchases(cell, .002 * step);
  }
}

TEMPLATE_LIST_TEST_CASE("Records that cannot be are refused everywhere", "", Models) {
  typename std::remove_cvref_t<decltype(counted(TestType::customers(1)))> counts;
  for (const auto& cell : TestType::impossible()) CHECK_THROWS_AS(counts.add(cell), InvalidArgument);
  CHECK(counts.empty());
  CHECK_THROWS_AS(TestType::fit(counts), NotEnoughData);
  const auto model = TestType::truth();
  CHECK(model.log_likelihood(counts) == 0);
  for (const auto& cell : TestType::silent()) {
    counts.add(cell, 7);
    CHECK_THROWS_AS(TestType::fit(counts), NotEnoughData);
  }
  for (std::size_t i = 0; i < model.fit().values.size(); ++i)
    for (const double bad : {0., -1., kNan, kInfinity}) {
      auto values = model.fit().values;
      values[i] = bad;
      CHECK_THROWS_AS(model.with_parameters(values), InvalidArgument);
    }
  CHECK_THROWS_AS(model.with_parameters(std::vector<double>{1}), InvalidArgument);
}

TEMPLATE_LIST_TEST_CASE("Bad questions are refused", "", Purchases) {
  const auto model = TestType::truth();
  const auto cell = TestType::cell(3, 5, 9);
  for (const double bad : {-1., kNan, kInfinity}) {
    CHECK_THROWS_AS(model.expected_purchases(bad), InvalidArgument);
    CHECK_THROWS_AS(model.expected_purchases(cell, bad), InvalidArgument);
    CHECK_THROWS_AS(model.purchase_probabilities(cell, bad, 2), InvalidArgument);
    CHECK_THROWS_AS(model.discounted_purchases(cell, bad), InvalidArgument);
    RandomStream stream(1, 1);
    std::vector<double> times;
    CHECK_THROWS_AS(model.simulate(cell, bad, stream, times), InvalidArgument);
  }
  CHECK_THROWS_AS(model.discounted_purchases(0.), InvalidArgument);
  for (const auto& wrong : TestType::impossible()) {
    CHECK_THROWS_AS(model.probability_alive(wrong), InvalidArgument);
    CHECK_THROWS_AS(model.expected_purchases(wrong, 1), InvalidArgument);
  }
}

TEMPLATE_LIST_TEST_CASE("Few or equal customers give a fit or say why not, never nonsense", "", Models) {
  const auto cells = TestType::customers(40);
  for (std::size_t number = 1; number <= cells.size(); number += number < 8 ? 1 : 8) {
    auto counts = counted(std::vector(cells.begin(), cells.begin() + static_cast<std::ptrdiff_t>(number)));
    try {
      const auto model = TestType::fit(counts);
      CHECK(std::isfinite(model.fit().info.log_likelihood));
      for (const double value : model.fit().values) CHECK((value > 0 && std::isfinite(value)));
      CHECK((model.fit().std_errors.empty() || model.fit().info.converged));
      if (model.fit().std_errors.empty()) CHECK_FALSE(model.fit().info.warnings.empty());
      RandomStream stream(1, number);
      for (const double value : model.fit().draw(stream)) CHECK((value > 0 && std::isfinite(value)));
      for (std::size_t i = 0; i < model.fit().values.size(); ++i) {
        const Interval limits = model.fit().interval(i, .8);
        CHECK(limits.lower <= model.fit().values[i]);
        CHECK(limits.upper >= model.fit().values[i]);
      }
    } catch (const NotEnoughData&) {
      SUCCEED("says why not");
    }
  }
}

TEMPLATE_LIST_TEST_CASE("Any parameters and any history give finite answers within their bounds", "", Purchases) {
  using Cell = typename TestType::Cell;
  RandomStream stream(31, 0);
  const auto between = [&](double low, double high) { return low * std::pow(high / low, stream.uniform()); };
  for (int round = 0; round < 400; ++round) {
    const auto model = TestType::truth().with_parameters(
        std::vector<double>{between(1e-6, 1e3), between(1e-6, 1e6), between(1e-6, 1e6), between(1e-6, 1e6)});
    constexpr bool discrete = std::is_same_v<Cell, OpportunityCell>;
    const int age = static_cast<int>(between(1, discrete ? 1000 : 70000));
    const int last = static_cast<int>(stream.below(static_cast<std::uint64_t>(age) + 1));
    const int x = last == 0 ? 0 : std::min(static_cast<int>(between(1, 10001)), discrete ? last : 10000);
    const Cell cell{x, last, age};
    const double horizon = std::ceil(between(1, 1e4)), rate = between(1e-3, 1);
    CAPTURE(model.fit().values, x, last, age, horizon, rate);
    CellCounts<Cell> one;
    one.add(cell);
    CHECK(std::isfinite(model.log_likelihood(one)));
    const double alive = model.probability_alive(cell), expected = model.expected_purchases(cell, horizon);
    CHECK((alive >= 0 && alive <= 1));
    CHECK((expected >= 0 && std::isfinite(expected)));
    CHECK(expected <= model.expected_purchases(cell, 2 * horizon) * (1 + 1e-9));
    const double discounted = model.discounted_purchases(cell, rate);
    CHECK((discounted >= 0 && std::isfinite(discounted)));
    double sum = 0;
    for (const double mass : model.purchase_probabilities(cell, horizon, 20)) {
      CHECK(mass >= 0);
      sum += mass;
    }
    CHECK(sum <= 1 + 1e-7);
  }
}
