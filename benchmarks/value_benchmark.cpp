// Fitting the value models to the 23,570 customers of CDNOW, beside a plain version: one likelihood a customer,
// gradients by differences, as most packages have it; and predictions for all of them, expected and drawn.

#include <putki/value/bg_nbd.hpp>
#include <putki/value/customer_revenue.hpp>
#include <putki/value/gamma_gamma.hpp>
#include <putki/value/pareto_nbd.hpp>

#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdio>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

namespace {

using namespace putki;

const PurchaseStatistics& cdnow() {
  static const PurchaseStatistics statistics = [] {
    PurchaseStatistics read;
    std::ifstream in(PUTKI_VALUE_DATA);
    std::string line;
    std::getline(in, line);
    int x = 0, last = 0, age = 0;
    long long cents = 0, count = 0;
    while (std::getline(in, line))
      if (std::sscanf(line.c_str(), "%d,%d,%d,%lld,%lld", &x, &last, &age, &cents, &count) == 5)
        read.add({x, last, age, x, Money{cents}}, static_cast<std::uint64_t>(count));
    return read;
  }();
  return statistics;
}

struct PlainCustomer {
  double x, t, age;
};
const std::vector<PlainCustomer>& plain_customers() {
  static const std::vector<PlainCustomer> customers = [] {
    std::vector<PlainCustomer> each;
    for (const auto& [cell, count] : cdnow().purchases().cells())
      each.insert(each.end(), count, {static_cast<double>(cell.repeats), cell.recency_days / 7.0, cell.age_days / 7.0});
    return each;
  }();
  return customers;
}
struct PlainSpend {
  double x, mean;
};
const std::vector<PlainSpend>& plain_spend() {
  static const std::vector<PlainSpend> customers = [] {
    std::vector<PlainSpend> each;
    for (const auto& [cell, count] : cdnow().spend().cells())
      if (cell.total.minor > 0)
        each.insert(each.end(), count, {static_cast<double>(cell.purchases), cell.total.units() / cell.purchases});
    return each;
  }();
  return customers;
}

double log_gamma(double x) {
  return std::lgamma(x);  // one thread here
}

double plain_bg(const std::vector<double>& at) {
  const double r = at[0], alpha = at[1], a = at[2], b = at[3];
  double sum = 0;
  for (const auto& [x, t, age] : plain_customers()) {
    const double beta = log_gamma(a + b) - log_gamma(b) + log_gamma(b + x) - log_gamma(a + b + x);
    const double first = -(r + x) * std::log(alpha + age);
    const double second = x > 0 ? std::log(a / (b + x - 1)) - (r + x) * std::log(alpha + t) : -INFINITY;
    const double top = std::max(first, second);
    sum += log_gamma(r + x) - log_gamma(r) + r * std::log(alpha) + beta + top +
           std::log(std::exp(first - top) + std::exp(second - top));
  }
  return sum;
}

double plain_mbg(const std::vector<double>& at) {
  const double r = at[0], alpha = at[1], a = at[2], b = at[3];
  double sum = 0;
  for (const auto& [x, t, age] : plain_customers()) {
    const double beta = log_gamma(a + b) - log_gamma(b) + log_gamma(b + x + 1) - log_gamma(a + b + x + 1);
    const double first = -(r + x) * std::log(alpha + age);
    const double second = std::log(a / (b + x)) - (r + x) * std::log(alpha + t);
    const double top = std::max(first, second);
    sum += log_gamma(r + x) - log_gamma(r) + r * std::log(alpha) + beta + top +
           std::log(std::exp(first - top) + std::exp(second - top));
  }
  return sum;
}

double hypergeometric(double a, double b, double c, double z) {
  double term = 1, sum = 1;
  for (double k = 0; k < 10000 && std::abs(term) > 1e-13 * std::abs(sum); ++k)
    sum += term *= (a + k) * (b + k) / ((c + k) * (k + 1)) * z;
  return sum;
}

double plain_pareto(const std::vector<double>& at) {
  const double r = at[0], alpha = at[1], s = at[2], beta = at[3];
  const double larger = std::max(alpha, beta), apart = std::abs(alpha - beta);
  double sum = 0;
  for (const PlainCustomer& customer : plain_customers()) {
    const double x = customer.x, t = customer.t, age = customer.age;
    const double both = r + s + x, b = alpha >= beta ? s + 1 : r + x;
    const auto f = [&](double when) {
      return hypergeometric(both, b, both + 1, apart / (larger + when)) *
             std::pow((larger + t) / (larger + when), both);
    };
    const double scale = -both * std::log(larger + t);
    const double alive = -(r + x) * std::log(alpha + age) - s * std::log(beta + age);
    sum += log_gamma(r + x) - log_gamma(r) + r * std::log(alpha) + s * std::log(beta) + scale +
           std::log(std::exp(alive - scale) + s / both * (f(t) - f(age)));
  }
  return sum;
}

double plain_gamma_gamma(const std::vector<double>& at) {
  const double p = at[0], q = at[1], gamma = at[2];
  double sum = 0;
  for (const auto& [x, mean] : plain_spend())
    sum += log_gamma(p * x + q) - log_gamma(p * x) - log_gamma(q) + q * std::log(gamma) + (p * x - 1) * std::log(mean) +
           p * x * std::log(x) - (p * x + q) * std::log(gamma + x * mean);
  return sum;
}

/// BFGS over the logarithms, gradients by central differences, steps halved until they gain.
std::vector<double> by_differences(const std::function<double(const std::vector<double>&)>& f,
                                   std::vector<double> start) {
  const std::size_t n = start.size();
  std::vector<double> x(n);
  for (std::size_t i = 0; i < n; ++i) x[i] = std::log(start[i]);
  const auto value = [&](const std::vector<double>& at) {
    std::vector<double> natural(n);
    for (std::size_t i = 0; i < n; ++i) natural[i] = std::exp(at[i]);
    return -f(natural);
  };
  const auto slope = [&](std::vector<double> at) {
    std::vector<double> g(n);
    for (std::size_t i = 0; i < n; ++i) {
      const double here = at[i];
      at[i] = here + 1e-5;
      const double up = value(at);
      at[i] = here - 1e-5;
      g[i] = (up - value(at)) / 2e-5;
      at[i] = here;
    }
    return g;
  };
  std::vector<std::vector<double>> inverse(n, std::vector<double>(n));
  double now = value(x);
  std::vector<double> g = slope(x);
  double length = 0;
  for (const double one : g) length += one * one;
  for (std::size_t i = 0; i < n; ++i) inverse[i][i] = 1 / std::sqrt(length);
  for (int step = 0; step < 200; ++step) {
    std::vector<double> d(n);
    double down = 0;
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) d[i] -= inverse[i][j] * g[j];
      down += d[i] * g[i];
    }
    double share = 1, next = 0;
    std::vector<double> moved(n);
    for (int halvings = 0; halvings < 40; ++halvings, share /= 2) {
      for (std::size_t i = 0; i < n; ++i) moved[i] = x[i] + share * d[i];
      next = value(moved);
      if (next <= now + 1e-4 * share * down) break;
    }
    if (!(next < now) || now - next < 1e-9 * std::abs(now)) break;
    const std::vector<double> after = slope(moved);
    std::vector<double> s(n), y(n), hy(n);
    double sy = 0, yhy = 0;
    for (std::size_t i = 0; i < n; ++i) s[i] = moved[i] - x[i], y[i] = after[i] - g[i], sy += s[i] * y[i];
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) hy[i] += inverse[i][j] * y[j];
      yhy += y[i] * hy[i];
    }
    if (sy > 0)
      for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j)
          inverse[i][j] += (1 + yhy / sy) * s[i] * s[j] / sy - (hy[i] * s[j] + s[i] * hy[j]) / sy;
    x = moved, g = after, now = next;
  }
  for (double& one : x) one = std::exp(one);
  return x;
}

/// The answer of the one must be the other's, by their common plain likelihood.
void compare(benchmark::State& state, const std::function<double(const std::vector<double>&)>& plain,
             const std::vector<double>& fitted, double claimed) {
  if (cdnow().customers() != 23570) state.SkipWithError("the data are not there");
  if (std::abs(plain(fitted) - claimed) > 1e-3) state.SkipWithError("the likelihood is not what was claimed");
}

void bg_nbd(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(fit_bg_nbd(cdnow().purchases()));
  const BgNbd model = fit_bg_nbd(cdnow().purchases());
  compare(state, plain_bg, model.fit().values, model.fit().info.log_likelihood);
}
void mbg_nbd(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(fit_mbg_nbd(cdnow().purchases()));
  const MbgNbd model = fit_mbg_nbd(cdnow().purchases());
  compare(state, plain_mbg, model.fit().values, model.fit().info.log_likelihood);
}
void pareto_nbd(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(fit_pareto_nbd(cdnow().purchases()));
  const ParetoNbd model = fit_pareto_nbd(cdnow().purchases());
  compare(state, plain_pareto, model.fit().values, model.fit().info.log_likelihood);
}
void gamma_gamma(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(fit_gamma_gamma(cdnow().spend()));
  const GammaGamma model = fit_gamma_gamma(cdnow().spend());
  compare(state, plain_gamma_gamma, model.fit().values, model.fit().info.log_likelihood);
}
BENCHMARK(bg_nbd)->Unit(benchmark::kMillisecond);
BENCHMARK(mbg_nbd)->Unit(benchmark::kMillisecond);
BENCHMARK(pareto_nbd)->Unit(benchmark::kMillisecond);
BENCHMARK(gamma_gamma)->Unit(benchmark::kMillisecond);

template <class Plain>
void differences(benchmark::State& state, Plain plain, std::vector<double> start, double best) {
  std::vector<double> found;
  for (auto _ : state) found = by_differences(plain, start);
  if (std::abs(plain(found) - best) > 0.05) state.SkipWithError("the plain version does not find the maximum");
}
void bg_nbd_by_differences(benchmark::State& state) {
  differences(state, plain_bg, {1, 30, 1, 2}, fit_bg_nbd(cdnow().purchases()).fit().info.log_likelihood);
}
void mbg_nbd_by_differences(benchmark::State& state) {
  differences(state, plain_mbg, {1, 30, 1, 2}, fit_mbg_nbd(cdnow().purchases()).fit().info.log_likelihood);
}
void pareto_nbd_by_differences(benchmark::State& state) {
  differences(state, plain_pareto, {1, 30, 1, 30}, fit_pareto_nbd(cdnow().purchases()).fit().info.log_likelihood);
}
void gamma_gamma_by_differences(benchmark::State& state) {
  differences(state, plain_gamma_gamma, {2, 2, 20}, fit_gamma_gamma(cdnow().spend()).fit().info.log_likelihood);
}
BENCHMARK(bg_nbd_by_differences)->Unit(benchmark::kMillisecond)->Iterations(2);
BENCHMARK(mbg_nbd_by_differences)->Unit(benchmark::kMillisecond)->Iterations(2);
BENCHMARK(pareto_nbd_by_differences)->Unit(benchmark::kMillisecond)->Iterations(1);
BENCHMARK(gamma_gamma_by_differences)->Unit(benchmark::kMillisecond)->Iterations(2);

/// One answer for each of the 23,570, as a base is scored: distinct customers once.
template <class Model, class Question>
void score(benchmark::State& state, const Model& model, Question question, double least, double most) {
  double total = 0;
  for (auto _ : state) {
    total = 0;
    cdnow().purchases().for_each([&](const PurchaseCell& cell, std::uint64_t count) {
      total += static_cast<double>(count) * question(model, cell);
    });
    benchmark::DoNotOptimize(total);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(cdnow().customers()));
  state.counters["distinct"] = static_cast<double>(cdnow().purchases().distinct());
  if (!(total > least && total < most)) state.SkipWithError("the total is not plausible");
}
constexpr auto kAlive = [](const auto& model, const PurchaseCell& cell) { return model.probability_alive(cell); };
constexpr auto kExpected = [](const auto& model, const PurchaseCell& cell) {
  return model.expected_purchases(cell, 39);
};
void bg_nbd_alive(benchmark::State& state) {
  score(state, fit_bg_nbd(cdnow().purchases()), kAlive, 10000, 23570);
}
void bg_nbd_expected(benchmark::State& state) {
  score(state, fit_bg_nbd(cdnow().purchases()), kExpected, 10000, 25000);
}
void pareto_nbd_alive(benchmark::State& state) {
  score(state, fit_pareto_nbd(cdnow().purchases()), kAlive, 5000, 23570);
}
void pareto_nbd_expected(benchmark::State& state) {
  score(state, fit_pareto_nbd(cdnow().purchases()), kExpected, 10000, 25000);
}
BENCHMARK(bg_nbd_alive)->Unit(benchmark::kMillisecond);
BENCHMARK(bg_nbd_expected)->Unit(benchmark::kMillisecond);
BENCHMARK(pareto_nbd_alive)->Unit(benchmark::kMillisecond);
BENCHMARK(pareto_nbd_expected)->Unit(benchmark::kMillisecond);

/// What a forecast of revenue draws again and again, by months: a year of the whole base, a newcomer's.
constexpr int kMonths = 12;
std::vector<double> months() {
  std::vector<double> edges;
  for (int m = 0; m <= kMonths; ++m) edges.push_back(30.0 * m);
  return edges;
}
template <class Model>
CustomerRevenue cdnow_revenue(const Model& fitted) {
  std::vector<CustomerRecord<PurchaseCell>> customers;
  cdnow().purchases().for_each([&](const PurchaseCell& cell, std::uint64_t count) {
    customers.insert(customers.end(), count, {"", cell});
  });
  return CustomerRevenue::of_purchases(fitted.with_parameters(fitted.fit().values), GammaGamma(6.25, 3.74, 15.44),
                                       customers);
}
template <class Draw>
void draw_futures(benchmark::State& state, const CustomerRevenue& revenue, double expected, std::int64_t customers,
                  Draw draw) {
  RandomStream stream(1, 0);
  const CustomerRevenue::World world = revenue.draw(stream);
  const std::vector<double> edges = months();
  std::vector<double> sums(kMonths);
  for (auto _ : state) draw(world, edges, stream, sums);
  double total = 0;
  for (const double sum : sums) total += sum;
  const auto rounds = static_cast<double>(state.iterations());
  state.SetItemsProcessed(state.iterations() * customers);
  // A base of 23,570 has a deviation of some 2 %, a newcomer one of 300 %.
  if (std::abs(total / rounds - expected) > (customers > 1 ? 0.1 : 20 / std::sqrt(rounds)) * expected)
    state.SkipWithError("the futures drawn do not bring what is expected");
}
template <class Model>
void draw_base(benchmark::State& state, const Model& model) {
  const CustomerRevenue revenue = cdnow_revenue(model);
  draw_futures(state, revenue, revenue.expected(0, 30 * kMonths), static_cast<std::int64_t>(cdnow().customers()),
               [](const CustomerRevenue::World& world, const std::vector<double>& edges, RandomStream& stream,
                  std::vector<double>& sums) { world.add_customers(edges, stream, sums); });
}
template <class Model>
void draw_newcomer(benchmark::State& state, const Model& model) {
  const CustomerRevenue revenue = cdnow_revenue(model);
  draw_futures(state, revenue, revenue.expected_of_newcomer(0, 30 * kMonths), 1,
               [](const CustomerRevenue::World& world, const std::vector<double>& edges, RandomStream& stream,
                  std::vector<double>& sums) { world.add_newcomer(0, edges, stream, sums); });
}
void bg_nbd_base_drawn(benchmark::State& state) {
  draw_base(state, fit_bg_nbd(cdnow().purchases()));
}
void pareto_nbd_base_drawn(benchmark::State& state) {
  draw_base(state, fit_pareto_nbd(cdnow().purchases()));
}
void bg_nbd_newcomer_drawn(benchmark::State& state) {
  draw_newcomer(state, fit_bg_nbd(cdnow().purchases()));
}
void pareto_nbd_newcomer_drawn(benchmark::State& state) {
  draw_newcomer(state, fit_pareto_nbd(cdnow().purchases()));
}
BENCHMARK(bg_nbd_base_drawn)->Unit(benchmark::kMillisecond);
BENCHMARK(pareto_nbd_base_drawn)->Unit(benchmark::kMillisecond);
BENCHMARK(bg_nbd_newcomer_drawn);
BENCHMARK(pareto_nbd_newcomer_drawn);

}  // namespace

BENCHMARK_MAIN();
