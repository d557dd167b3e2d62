#include <putki/core/error.hpp>
#include <putki/value/covariates.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <type_traits>

using namespace putki;

namespace {

struct Observed {
  PurchaseCell cell;
  std::vector<double> covariates;
};

template <class Model>
Model base_model() {
  if constexpr (std::is_same_v<Model, ParetoNbd>)
    return ParetoNbd(.9, 8, .8, 12);
  else
    return Model(.9, 8, .8, 2.5);
}
template <class Model>
std::vector<double> true_effects() {  // by parameter, then covariate
  if constexpr (std::is_same_v<Model, ParetoNbd>)
    return {.5, -.2, -.4, .3};
  else
    return {.5, -.2, -.3, .2, .3, .2};
}

// A dummy and a number of five values, seen for 40 to 60 weeks.
template <class Model>
std::vector<Observed> simulated(const CovariateModel<Model>& truth, int number, RandomStream& stream) {
  std::vector<Observed> customers;
  for (int i = 0; i < number; ++i) {
    Observed& customer = customers.emplace_back();
    for (std::size_t j = 0; j < truth.covariates().size(); ++j)
      customer.covariates.push_back(j == 0 ? (stream.uniform() < .4 ? 1. : 0.) : static_cast<double>(stream.below(5)));
    customer.cell.age_days = 280 + 35 * static_cast<int>(stream.below(5));
    std::vector<double> times;
    truth.model_for(customer.covariates).simulate(customer.cell.age_days / 7., stream, times);
    customer.cell.repeats = static_cast<int>(times.size());
    if (!times.empty()) customer.cell.recency_days = static_cast<int>(std::lround(times.back() * 7));
    customer.cell.recency_days = std::min(customer.cell.recency_days, customer.cell.age_days);
  }
  return customers;
}

CovariateStatistics counted(const std::vector<std::string>& names, const std::vector<Observed>& customers) {
  CovariateStatistics counts(names);
  for (const Observed& customer : customers) counts.add(customer.cell, customer.covariates);
  return counts;
}

const std::vector<std::string> kNames{"referred", "basket"};

template <class Model>
const std::vector<Observed>& sample() {
  static const std::vector<Observed> customers = [] {
    RandomStream stream(71, 0);
    return simulated(CovariateModel<Model>(base_model<Model>(), kNames, true_effects<Model>()), 1200, stream);
  }();
  return customers;
}

template <class Model>
Model plain_fit_of(const CellCounts<PurchaseCell>& customers) {
  if constexpr (std::is_same_v<Model, ParetoNbd>) return fit_pareto_nbd(customers);
  if constexpr (std::is_same_v<Model, MbgNbd>) return fit_mbg_nbd(customers);
  if constexpr (std::is_same_v<Model, BgNbd>) return fit_bg_nbd(customers);
}

// ln of the base parameters, then the effects.
template <class Model>
std::vector<double> coordinates(const CovariateModel<Model>& model) {
  std::vector<double> at;
  for (const double value : model.base().values) at.push_back(std::log(value));
  for (const CovariateEffect& effect : model.effects()) at.push_back(effect.value);
  return at;
}
template <class Model>
CovariateModel<Model> at_coordinates(const CovariateModel<Model>& like, const std::vector<double>& at) {
  return CovariateModel<Model>(Model(std::exp(at[0]), std::exp(at[1]), std::exp(at[2]), std::exp(at[3])),
                               like.covariates(), std::span(at).subspan(4));
}

}  // namespace

TEMPLATE_TEST_CASE("A fit with covariates is the top of the likelihood and its errors are the curvature there", "",
                   BgNbd, MbgNbd, ParetoNbd) {
  const CovariateStatistics customers = counted(kNames, sample<TestType>());
  const auto model = fit_with_covariates<TestType>(customers);
  REQUIRE(model.base().info.converged);
  CHECK(model.base().info.warnings.empty());
  CHECK(model.base().customers == 1200);
  const std::vector<double> top = coordinates(model);
  const std::size_t n = top.size();
  REQUIRE(model.covariance().rows() == n);
  const auto value = [&](const std::vector<double>& at) { return at_coordinates(model, at).log_likelihood(customers); };
  const double highest = value(top);
  CHECK(highest == Approx(model.base().info.log_likelihood).epsilon(1e-11));
  std::vector<double> error(n);
  for (std::size_t i = 0; i < n; ++i) error[i] = std::sqrt(model.covariance()(i, i));
  // Differences in steps of standard errors.
  const double step = .02;
  const auto moved = [&](std::size_t i, double by, std::size_t j, double also) {
    std::vector<double> at = top;
    at[i] += by * error[i];
    at[j] += also * error[j];
    return value(at);
  };
  Matrix information(n, n);
  for (std::size_t i = 0; i < n; ++i) {
    const double near = moved(i, step, i, 0) - moved(i, -step, i, 0),
                 far = moved(i, 2 * step, i, 0) - moved(i, -2 * step, i, 0);
    CHECK(std::abs(8 * near - far) / (12 * step) < 5e-5);
    for (std::size_t j = 0; j <= i; ++j)
      information(i, j) = information(j, i) =
          -(moved(i, step, j, step) - moved(i, step, j, -step) - moved(i, -step, j, step) + moved(i, -step, j, -step)) /
          (4 * step * step * error[i] * error[j]);
  }
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) {
      double sum = 0;
      for (std::size_t k = 0; k < n; ++k) sum += information(i, k) * model.covariance()(k, j);
      CHECK(sum * error[i] / error[j] == Approx(i == j ? 1 : 0).margin(.02));
    }
}

TEMPLATE_TEST_CASE("What made simulated customers is found, and the 95 % limits hold it", "", BgNbd, MbgNbd,
                   ParetoNbd) {
  const CovariateModel<TestType> truth(base_model<TestType>(), kNames, true_effects<TestType>());
  const auto known = true_effects<TestType>();
  const int rounds = std::is_same_v<TestType, ParetoNbd> ? 25 : 60;
  int inside = 0, all = 0, undecided = 0;
  double squares = 0;
  std::vector<double> mean(known.size());
  for (int round = 0; round < rounds; ++round) {
    RandomStream stream(72, static_cast<std::uint64_t>(round));
    const auto model = fit_with_covariates<TestType>(counted(kNames, simulated(truth, 1500, stream)));
    if (model.base().std_errors.empty()) {  // some samples do not tell how customers differ in leaving
      CHECK_FALSE(model.base().info.warnings.empty());
      ++undecided;
      continue;
    }
    for (std::size_t i = 0; i < known.size(); ++i) {
      const CovariateEffect& effect = model.effects()[i];
      REQUIRE(effect.std_error.has_value());
      const double apart = (effect.value - known[i]) / *effect.std_error;
      CHECK(std::abs(apart) < 4.5);
      squares += apart * apart;
      mean[i] += apart / rounds;
      const Interval limits = effect.interval();
      inside += limits.lower <= known[i] && known[i] <= limits.upper;
      ++all;
    }
  }
  CAPTURE(inside, all, undecided);
  CHECK(undecided <= rounds / 20);
  CHECK(inside >= .90 * all);
  CHECK(inside <= .99 * all);
  CHECK(squares / all == Approx(1).margin(.3));
  // of a mean of `rounds` standard normal numbers
  for (const double apart : mean) CHECK(std::abs(apart) < 4 / std::sqrt(rounds));
}

TEMPLATE_TEST_CASE("No covariates and no effects are the plain model", "", BgNbd, MbgNbd, ParetoNbd) {
  const CovariateStatistics customers = counted(kNames, sample<TestType>());
  const TestType plain = plain_fit_of<TestType>(customers.purchases());
  CovariateStatistics bare;
  for (const Observed& customer : sample<TestType>()) bare.add(customer.cell, {});
  const auto without = fit_with_covariates<TestType>(bare);
  CHECK(without.base().values == plain.fit().values);
  CHECK(without.base().std_errors == plain.fit().std_errors);
  CHECK(without.model_for({}).fit().values == plain.fit().values);
  CHECK(without.model_for({}).fit().log_covariance == plain.fit().log_covariance);
  CHECK(without.likelihood_ratio()->degrees_of_freedom == 0);
  CHECK(without.likelihood_ratio()->p_value == 1);
  const std::vector<double> none(true_effects<TestType>().size());
  const CovariateModel<TestType> same(plain, kNames, none);
  CHECK(same.model_for(std::vector<double>{3, -8}).fit().values == plain.fit().values);
  CHECK(same.log_likelihood(customers) == Approx(plain.log_likelihood(customers.purchases())).epsilon(1e-12));
}

TEMPLATE_TEST_CASE("The scale and the zero of a covariate only rename what is found", "", BgNbd, MbgNbd, ParetoNbd) {
  std::vector<Observed> other = sample<TestType>();
  for (Observed& customer : other) customer.covariates[1] = 1000 * customer.covariates[1] + 500;
  const auto model = fit_with_covariates<TestType>(counted(kNames, sample<TestType>())),
             scaled = fit_with_covariates<TestType>(counted(kNames, other));
  const std::size_t parameters = CovariateModel<TestType>::effect_parameters().size();
  for (std::size_t i = 0; i < 2 * parameters; ++i) {
    const double by = i % 2 == 1 ? 1000 : 1;
    CHECK(scaled.effects()[i].value == Approx(model.effects()[i].value / by).epsilon(1e-6));
    CHECK(*scaled.effects()[i].std_error == Approx(*model.effects()[i].std_error / by).epsilon(1e-6));
    CHECK(scaled.effects()[i].p_value() == Approx(model.effects()[i].p_value()).epsilon(1e-5));
  }
  for (std::size_t j = 0; j < 2; ++j)
    CHECK(scaled.test(j).chi_square == Approx(model.test(j).chi_square).epsilon(1e-6));
  CHECK(scaled.likelihood_ratio()->chi_square == Approx(model.likelihood_ratio()->chi_square).epsilon(1e-8));
  // The plain model of somebody is the same, with its errors.
  const auto here = model.model_for(std::vector<double>{1, 3}), there = scaled.model_for(std::vector<double>{1, 3500});
  for (std::size_t k = 0; k < 4; ++k) {
    CHECK(there.fit().values[k] == Approx(here.fit().values[k]).epsilon(1e-6));
    CHECK(there.fit().std_errors[k] == Approx(here.fit().std_errors[k]).epsilon(1e-5));
  }
  // Those at (1, 3) made the zero: their model is the base.
  for (Observed& customer : other = sample<TestType>()) {
    customer.covariates[0] -= 1;
    customer.covariates[1] -= 3;
  }
  const auto moved = fit_with_covariates<TestType>(counted(kNames, other));
  for (std::size_t k = 0; k < 4; ++k) {
    CHECK(moved.base().values[k] == Approx(here.fit().values[k]).epsilon(1e-6));
    CHECK(moved.base().std_errors[k] == Approx(here.fit().std_errors[k]).epsilon(1e-5));
  }
}

TEMPLATE_TEST_CASE("The order of customers, shards and columns does not matter", "", BgNbd, MbgNbd, ParetoNbd) {
  auto customers = sample<TestType>();
  const CovariateStatistics whole = counted(kNames, customers);
  std::mt19937 random(9);
  std::shuffle(customers.begin(), customers.end(), random);
  CovariateStatistics merged;  // the identity
  merged.merge(counted(kNames, {customers.begin(), customers.begin() + 500}));
  merged.merge(counted(kNames, {customers.begin() + 500, customers.end()}));
  merged.merge(CovariateStatistics());
  CHECK(merged == whole);
  CHECK(merged.customers() == 1200);
  const auto model = fit_with_covariates<TestType>(whole), again = fit_with_covariates<TestType>(merged);
  CHECK(coordinates(again) == coordinates(model));
  for (Observed& customer : customers) std::swap(customer.covariates[0], customer.covariates[1]);
  const auto swapped = fit_with_covariates<TestType>(counted({kNames[1], kNames[0]}, customers));
  for (std::size_t i = 0; i < model.effects().size(); ++i)
    CHECK(swapped.effects()[i ^ 1].value == Approx(model.effects()[i].value).epsilon(1e-6).margin(1e-9));
}

TEMPLATE_TEST_CASE("Groups fit better apart than together, and best with everything of their own", "", BgNbd, MbgNbd,
                   ParetoNbd) {
  CovariateStatistics customers({"referred"});
  CellCounts<PurchaseCell> group[2];
  for (const Observed& customer : sample<TestType>()) {
    customers.add(customer.cell, std::span(customer.covariates).first(1));
    group[customer.covariates[0] > 0 ? 1 : 0].add(customer.cell);
  }
  const double pooled = plain_fit_of<TestType>(customers.purchases()).fit().info.log_likelihood;
  const double apart = plain_fit_of<TestType>(group[0]).fit().info.log_likelihood +
                       plain_fit_of<TestType>(group[1]).fit().info.log_likelihood;
  const auto model = fit_with_covariates<TestType>(customers);
  const double with = model.base().info.log_likelihood;
  CHECK(with > pooled);
  CHECK(with <= apart + 1e-6);
  const EffectTest test = *model.likelihood_ratio();
  CHECK(test.chi_square == Approx(2 * (with - pooled)).epsilon(1e-9));
  CHECK(test.degrees_of_freedom == CovariateModel<TestType>::effect_parameters().size());
  CHECK(test.p_value < 1e-3);  // an effect of .5 on 1,200 customers shows
  // Large samples: Wald's test of everything is near it.
  CHECK(model.test(0).degrees_of_freedom == test.degrees_of_freedom);
  CHECK(model.test(0).chi_square == Approx(test.chi_square).epsilon(.35));
}

TEMPLATE_TEST_CASE("Without an effect the likelihood ratio rejects as often as it says", "", BgNbd, MbgNbd, ParetoNbd) {
  const std::vector<std::string> name{"coin"};
  const std::vector<double> none(CovariateModel<TestType>::effect_parameters().size());
  const CovariateModel<TestType> truth(base_model<TestType>(), name, none);
  const int rounds = std::is_same_v<TestType, ParetoNbd> ? 60 : 200;
  int rejected = 0;
  double mean = 0;
  for (int round = 0; round < rounds; ++round) {
    RandomStream stream(73, static_cast<std::uint64_t>(round));
    const auto model = fit_with_covariates<TestType>(counted(name, simulated(truth, 500, stream)));
    const EffectTest test = *model.likelihood_ratio();
    CHECK(test.chi_square > -1e-6);
    rejected += test.p_value < .2;
    mean += test.p_value / rounds;
  }
  CAPTURE(rejected, mean);
  CHECK(rejected / static_cast<double>(rounds) == Approx(.2).margin(4 * std::sqrt(.16 / rounds)));
  CHECK(mean == Approx(.5).margin(4 * std::sqrt(1. / 12 / rounds)));
}

TEST_CASE("Draws have the covariance of the estimates, common to all groups") {
  const auto model = fit_with_covariates<BgNbd>(counted(kNames, sample<BgNbd>()));
  const std::vector<double> top = coordinates(model);
  const int draws = 20000;
  std::vector<double> sum(top.size()), squares(top.size());
  double product = 0;
  for (int i = 0; i < draws; ++i) {
    RandomStream stream(5, static_cast<std::uint64_t>(i));
    const std::vector<double> at = coordinates(model.draw(stream));
    for (std::size_t k = 0; k < at.size(); ++k) {
      sum[k] += (at[k] - top[k]) / draws;
      squares[k] += (at[k] - top[k]) * (at[k] - top[k]) / draws;
    }
    product += (at[1] - top[1]) * (at[4] - top[4]) / draws;  // ln alpha and the first effect on it
  }
  for (std::size_t k = 0; k < top.size(); ++k) {
    CHECK(squares[k] == Approx(model.covariance()(k, k)).epsilon(.05));
    CHECK(std::abs(sum[k]) < 4 * std::sqrt(model.covariance()(k, k) / draws));
  }
  CHECK(product == Approx(model.covariance()(1, 4)).epsilon(.1));
}

TEST_CASE("Covariates that can tell nothing are refused in one line that says which") {
  const auto& customers = sample<BgNbd>();
  const auto with = [&](const std::vector<std::string>& names, auto&& covariates) {
    CovariateStatistics counts(names);
    for (const Observed& customer : customers) counts.add(customer.cell, covariates(customer));
    return counts;
  };
  using Values = std::vector<double>;
  using Catch::Matchers::Message;
  CHECK_THROWS_MATCHES(fit_with_covariates<BgNbd>(with({"year"}, [](const Observed&) { return Values{1997}; })),
                       InvalidArgument,
                       Message("covariate year is 1997 for all 1200 customers: it cannot have an effect"));
  CHECK_THROWS_MATCHES(
      fit_with_covariates<BgNbd>(with({"yes", "basket", "no"},
                                      [](const Observed& c) {
                                        return Values{c.covariates[0], c.covariates[1], 1 - c.covariates[0]};
                                      })),
      InvalidArgument, Message("covariate no is a combination of yes, basket: leave one out"));
  CovariateStatistics counts(kNames);
  CHECK_THROWS_MATCHES(counts.add({1, 5, 9}, Values{0, std::nan("")}), InvalidArgument,
                       Message("covariate basket is nan; finite numbers are allowed"));
  CHECK_THROWS_AS(counts.add({1, 5, 9}, Values{0, std::numeric_limits<double>::infinity()}), InvalidArgument);
  CHECK_THROWS_AS(counts.add({1, 5, 9}, Values{0}), InvalidArgument);
  CHECK_THROWS_AS(counts.add({1, 10, 9}, Values{0, 1}), InvalidArgument);
  CHECK(counts.empty());
  CHECK_THROWS_AS(CovariateStatistics({"a", "a"}), InvalidArgument);
  CHECK_THROWS_AS(CovariateStatistics({""}), InvalidArgument);
  CovariateStatistics others({"a", "b"});
  others.add({1, 5, 9}, Values{0, 1});
  counts.add({1, 5, 9}, Values{0, 1});
  CHECK_THROWS_AS(counts.merge(others), InvalidArgument);
  CHECK_THROWS_AS(fit_with_covariates<BgNbd>(counts), NotEnoughData);
  CHECK_THROWS_AS(fit_with_covariates<BgNbd>(CovariateStatistics()), NotEnoughData);
  const CovariateModel<BgNbd> model(base_model<BgNbd>(), kNames, true_effects<BgNbd>());
  CHECK_THROWS_AS(model.model_for(Values{1}), InvalidArgument);
  CHECK_THROWS_AS(model.model_for(Values{1, std::nan("")}), InvalidArgument);
  CHECK_THROWS_AS(model.model_for(Values{1, 1e6}), InvalidArgument);
  CHECK_THROWS_AS(model.test(2), InvalidArgument);
  CHECK_THROWS_AS(model.effects()[0].interval(1), InvalidArgument);
  CHECK_THROWS_AS(model.log_likelihood(others), InvalidArgument);
  CHECK(model.log_likelihood({}) == 0);
  CHECK_THROWS_AS(CovariateModel<BgNbd>(base_model<BgNbd>(), kNames, Values{1, 2}), InvalidArgument);
  CHECK_FALSE(model.likelihood_ratio().has_value());
  CHECK(model.effects()[0].interval().lower == -std::numeric_limits<double>::infinity());
}

TEST_CASE("Covariates of which little can be learnt give warnings, and finite answers") {
  const auto& customers = sample<BgNbd>();
  // Nearly the same twice.
  CovariateStatistics twice({"basket", "twin"});
  for (std::size_t i = 0; i < customers.size(); ++i) {
    const double basket = customers[i].covariates[1];
    twice.add(customers[i].cell, std::vector<double>{basket, basket + (i % 40 == 0 ? .3 : 0)});
  }
  const auto doubled = fit_with_covariates<BgNbd>(twice);
  REQUIRE_FALSE(doubled.base().info.warnings.empty());
  CHECK(doubled.base().info.warnings.back() ==
        "covariate twin is nearly a combination of basket: their effects are uncertain");
  // Nobody of a group came back.
  CovariateStatistics silent({"lost"});
  for (const Observed& customer : customers) silent.add(customer.cell, std::vector<double>{0});
  silent.add({0, 0, 300}, std::vector<double>{1}, 60);
  const auto lost = fit_with_covariates<BgNbd>(silent);
  CHECK_FALSE(lost.base().info.warnings.empty());
  CHECK(lost.likelihood_ratio()->p_value < 1e-6);
  const auto theirs = lost.model_for(std::vector<double>{1});
  CHECK(theirs.expected_purchases({0, 0, 300}, 39) < .05);
  CHECK(lost.model_for(std::vector<double>{0}).expected_purchases({0, 0, 300}, 39) ==
        Approx(plain_fit_of<BgNbd>([&] {
                 CellCounts<PurchaseCell> all;
                 for (const Observed& customer : customers) all.add(customer.cell);
                 return all;
               }())
                   .expected_purchases({0, 0, 300}, 39))
            .epsilon(.05));
  RandomStream stream(1, 1);
  const auto drawn = lost.draw(stream);
  for (const double value : drawn.base().values) CHECK(std::isfinite(value));
}
