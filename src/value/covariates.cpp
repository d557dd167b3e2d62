#include <putki/value/covariates.hpp>

#include <putki/core/error.hpp>

#include "core/normal_quantile.hpp"
#include "value/fitting.hpp"
#include "value/likelihoods.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <Eigen/Dense>
#include <boost/math/special_functions/gamma.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <type_traits>
#include <utility>

namespace putki {

// Customers of one vector of covariates, which is standardised.
struct CovariateGroup {
  std::vector<double> values;
  std::vector<UnitCustomer> customers;
};

struct StandardisedCovariates {
  std::vector<double> mean = {}, deviation = {};
  std::vector<CovariateGroup> groups = {};
  std::vector<std::string> warnings = {};
};

namespace {

// A covariate whose variance is explained by those before it but for these shares.
constexpr double kCollinear = 1e-9, kNearlyCollinear = 0.01;
// Parameters beyond e^-300 .. e^300 are not tried.
constexpr double kFarthestLogarithm = 300;

// Which parameters of a model have effects, and which way.
struct EffectPlace {
  std::size_t parameter;
  double sign;
};
template <class Model>
std::vector<EffectPlace> effect_places() {
  if constexpr (std::is_same_v<Model, ParetoNbd>)
    return {{1, -1}, {3, -1}};
  else
    return {{1, -1}, {2, 1}, {3, 1}};
}

template <class Model>
std::vector<std::string> parameter_names() {
  if constexpr (std::is_same_v<Model, ParetoNbd>)
    return {"r", "alpha", "s", "beta"};
  else
    return {"r", "alpha", "a", "b"};
}

template <class Model>
double covariate_likelihood(const std::vector<UnitCustomer>& customers, std::span<const double> at,
                            std::span<double> gradient, Matrix& hessian) {
  if constexpr (std::is_same_v<Model, ParetoNbd>)
    return pareto_log_likelihood(customers, at, gradient, hessian);
  else
    return beta_geometric_log_likelihood(customers, std::is_same_v<Model, MbgNbd> ? FirstToss::yes : FirstToss::no, at,
                                         gradient, hessian);
}

template <class Model>
Model plain_fit(const CellCounts<PurchaseCell>& customers, const ValueFitOptions& options) {
  if constexpr (std::is_same_v<Model, ParetoNbd>)
    return fit_pareto_nbd(customers, options);
  else if constexpr (std::is_same_v<Model, MbgNbd>)
    return fit_mbg_nbd(customers, options);
  else
    return fit_bg_nbd(customers, options);
}

void check_covariate_names(const std::vector<std::string>& names) {
  for (auto name = names.begin(); name != names.end(); ++name) {
    if (name->empty()) throw InvalidArgument("a covariate without a name");
    if (std::find(names.begin(), name, *name) != name)
      throw InvalidArgument(fmt::format("two covariates of the name '{}'", *name));
  }
}

void check_covariate_values(std::span<const double> values, const std::vector<std::string>& names) {
  if (values.size() != names.size())
    throw InvalidArgument(
        fmt::format("{} values of covariates; {} are needed: {}", values.size(), names.size(), fmt::join(names, ", ")));
  for (std::size_t j = 0; j < names.size(); ++j)
    if (!std::isfinite(values[j]))
      throw InvalidArgument(fmt::format("covariate {} is {}; finite numbers are allowed", names[j], values[j]));
}

double chi_square_tail(double chi_square, std::size_t degrees) {
  return degrees == 0 ? 1 : boost::math::gamma_q(0.5 * static_cast<double>(degrees), 0.5 * std::max(chi_square, 0.0));
}

// InvalidArgument where a covariate is constant or a combination of those before it.
StandardisedCovariates standardised(const CovariateStatistics& customers, double days_per_unit) {
  const auto& names = customers.names();
  const std::size_t p = names.size();
  const auto all = static_cast<double>(customers.customers());
  StandardisedCovariates result{.mean = std::vector<double>(p), .deviation = std::vector<double>(p)};
  // Sums of large values and of their squares may overflow, means of shares do not.
  for (const auto& [values, cells] : customers.groups())
    for (std::size_t j = 0; j < p; ++j) result.mean[j] += values[j] * (static_cast<double>(cells.total()) / all);
  for (std::size_t j = 0; j < p; ++j) {
    double largest = 0, sum = 0;
    for (const auto& [values, cells] : customers.groups())
      largest = std::max(largest, std::abs(values[j] - result.mean[j]));
    for (const auto& [values, cells] : customers.groups()) {
      const double apart = largest > 0 ? (values[j] - result.mean[j]) / largest : 0;
      sum += apart * apart * (static_cast<double>(cells.total()) / all);
    }
    result.deviation[j] = largest * std::sqrt(sum);
    if (!(result.deviation[j] > 1e-12 * std::abs(result.mean[j])) || !std::isfinite(result.deviation[j]))
      throw InvalidArgument(fmt::format("covariate {} is {:g} for all {} customers: it cannot have an effect", names[j],
                                        customers.groups().begin()->first[j], customers.customers()));
  }
  const auto size = static_cast<Eigen::Index>(p);
  Eigen::MatrixXd correlation = Eigen::MatrixXd::Zero(size, size);
  for (const auto& [values, cells] : customers.groups()) {
    CovariateGroup& group = result.groups.emplace_back();
    for (std::size_t j = 0; j < p; ++j) group.values.push_back((values[j] - result.mean[j]) / result.deviation[j]);
    group.customers.reserve(cells.distinct());
    cells.for_each([&](const PurchaseCell& cell, std::uint64_t count) {
      group.customers.push_back(in_units(cell, days_per_unit, static_cast<double>(count)));
    });
    const Eigen::Map<const Eigen::VectorXd> z(group.values.data(), size);
    correlation += static_cast<double>(cells.total()) / all * z * z.transpose();
  }
  for (Eigen::Index j = 1; j < size; ++j) {
    const Eigen::VectorXd with = correlation.col(j).head(j);
    const double left = correlation(j, j) - with.dot(correlation.topLeftCorner(j, j).llt().solve(with));
    if (left > kNearlyCollinear) continue;
    const std::span<const std::string> before(names.data(), static_cast<std::size_t>(j));
    const std::string& name = names[static_cast<std::size_t>(j)];
    if (!(left > kCollinear))
      throw InvalidArgument(
          fmt::format("covariate {} is a combination of {}: leave one out", name, fmt::join(before, ", ")));
    result.warnings.push_back(fmt::format("covariate {} is nearly a combination of {}: their effects are uncertain",
                                          name, fmt::join(before, ", ")));
  }
  return result;
}

// Log-likelihood by the logarithms of the base parameters and the effects of the standardised covariates.
template <class Model>
double effects_likelihood(const std::vector<CovariateGroup>& groups, std::size_t covariates, std::span<const double> x,
                          std::span<double> gradient, Matrix& hessian) {
  static const std::vector<EffectPlace> places = effect_places<Model>();
  struct Term {
    std::size_t parameter, coordinate;
    double slope;
  };
  std::vector<Term> terms;  // of d ln parameter / d coordinate, those that are not 0
  for (std::size_t k = 0; k < 4; ++k) terms.push_back({k, k, 1});
  for (std::size_t e = 0; e < places.size(); ++e)
    for (std::size_t j = 0; j < covariates; ++j) terms.push_back({places[e].parameter, 4 + e * covariates + j, 0});
  std::array<double, 4> at{}, slope{};
  Matrix bend(4, 4);
  double value = 0;
  for (const CovariateGroup& group : groups) {
    std::array<double, 4> logarithm{x[0], x[1], x[2], x[3]};
    for (std::size_t e = 0, t = 4; e < places.size(); ++e)
      for (std::size_t j = 0; j < covariates; ++j, ++t) {
        terms[t].slope = places[e].sign * group.values[j];
        logarithm[places[e].parameter] += terms[t].slope * x[terms[t].coordinate];
      }
    for (std::size_t k = 0; k < 4; ++k) {
      if (!(std::abs(logarithm[k]) < kFarthestLogarithm)) return -std::numeric_limits<double>::infinity();
      at[k] = std::exp(logarithm[k]);
    }
    slope.fill(0);
    std::fill(bend.values().begin(), bend.values().end(), 0.0);
    value += covariate_likelihood<Model>(group.customers, at, slope, bend);
    for (std::size_t i = 0; i < 4; ++i) {
      for (std::size_t k = 0; k < 4; ++k) bend(i, k) *= at[i] * at[k];
      slope[i] *= at[i];
      bend(i, i) += slope[i];
    }
    for (const Term& one : terms) {
      gradient[one.coordinate] += one.slope * slope[one.parameter];
      for (const Term& other : terms) {
        if (other.coordinate > one.coordinate) break;
        hessian(one.coordinate, other.coordinate) += one.slope * other.slope * bend(one.parameter, other.parameter);
      }
    }
  }
  mirror_lower_triangle(hessian);
  return value;
}

// Of standardised covariates to their own scale: base parameters where they are 0, effects of one unit.
Matrix to_own_scale(const StandardisedCovariates& covariates, const std::vector<EffectPlace>& places) {
  const std::size_t p = covariates.mean.size(), n = 4 + places.size() * p;
  Matrix to(n, n);
  for (std::size_t k = 0; k < 4; ++k) to(k, k) = 1;
  for (std::size_t e = 0; e < places.size(); ++e)
    for (std::size_t j = 0; j < p; ++j) {
      const std::size_t i = 4 + e * p + j;
      to(i, i) = 1 / covariates.deviation[j];
      to(places[e].parameter, i) = -places[e].sign * covariates.mean[j] / covariates.deviation[j];
    }
  return to;
}

using CovariateSquare = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
Eigen::Map<const CovariateSquare> square_of(const Matrix& matrix) {
  return {matrix.values().data(), static_cast<Eigen::Index>(matrix.rows()),
          static_cast<Eigen::Index>(matrix.columns())};
}
Matrix matrix_of(const Eigen::MatrixXd& from) {
  Matrix to(static_cast<std::size_t>(from.rows()), static_cast<std::size_t>(from.cols()));
  for (std::size_t i = 0; i < to.rows(); ++i)
    for (std::size_t j = 0; j < to.columns(); ++j)
      to(i, j) = from(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j));
  return to;
}
Matrix top_left(const Matrix& from, std::size_t size) {
  Matrix to(size, size);
  for (std::size_t i = 0; i < size; ++i)
    for (std::size_t j = 0; j < size; ++j) to(i, j) = from(i, j);
  return to;
}

}  // namespace

CovariateStatistics::CovariateStatistics(std::vector<std::string> names) : names_(std::move(names)) {
  check_covariate_names(names_);
}

void CovariateStatistics::add(const PurchaseCell& cell, std::span<const double> values, std::uint64_t count) {
  check_covariate_values(values, names_);
  check_cell(cell);
  if (count == 0) return;
  std::vector<double> key(values.begin(), values.end());
  for (double& value : key) value += 0.0;  // no -0
  groups_[std::move(key)].add(cell, count);
}

void CovariateStatistics::merge(const CovariateStatistics& other) {
  if (other.names_.empty() && other.empty()) return;
  if (names_.empty() && empty()) {
    *this = other;
    return;
  }
  if (names_ != other.names_)
    throw InvalidArgument(
        fmt::format("covariates {} and {} cannot be merged", fmt::join(names_, ", "), fmt::join(other.names_, ", ")));
  if (&other == this) {
    for (auto& [values, cells] : groups_) cells.merge(cells);
  } else {
    for (const auto& [values, cells] : other.groups_) groups_[values].merge(cells);
  }
}

std::uint64_t CovariateStatistics::customers() const {
  std::uint64_t total = 0;
  for (const auto& [values, cells] : groups_) total += cells.total();
  return total;
}

CellCounts<PurchaseCell> CovariateStatistics::purchases() const {
  CellCounts<PurchaseCell> all;
  for (const auto& [values, cells] : groups_) all.merge(cells);
  return all;
}

Interval CovariateEffect::interval(double level) const {
  if (!(level > 0 && level < 1)) throw InvalidArgument(fmt::format("level {}; between 0 and 1 is allowed", level));
  const double reach =
      std_error ? normal_quantile(0.5 + 0.5 * level) * *std_error : std::numeric_limits<double>::infinity();
  return {value - reach, value + reach};
}

double CovariateEffect::p_value() const {
  return std_error ? std::erfc(std::abs(value / *std_error) / std::numbers::sqrt2) : 1;
}

template <class Model>
CovariateModel<Model>::CovariateModel(const Model& base, const std::vector<std::string>& covariates,
                                      std::span<const double> effects)
    : base_(base.fit()), days_per_unit_(base.days_per_unit()), covariates_(covariates) {
  check_covariate_names(covariates_);
  const std::vector<std::string> parameters = effect_parameters();
  if (effects.size() != parameters.size() * covariates_.size())
    throw InvalidArgument(fmt::format("{} effects of {} covariates on {}; {} are needed", effects.size(),
                                      covariates_.size(), fmt::join(parameters, ", "),
                                      parameters.size() * covariates_.size()));
  base_ = given_parameters(base_.names, base_.values, "covariates");
  for (const std::string& parameter : parameters)
    for (const std::string& covariate : covariates_) {
      const double value = effects[effects_.size()];
      if (!std::isfinite(value))
        throw InvalidArgument(
            fmt::format("effect of {} on {} is {}; finite numbers are allowed", covariate, parameter, value));
      effects_.push_back({.covariate = covariate, .parameter = parameter, .value = value});
    }
}

template <class Model>
std::vector<std::string> CovariateModel<Model>::effect_parameters() {
  std::vector<std::string> names;
  for (const EffectPlace& place : effect_places<Model>()) names.push_back(parameter_names<Model>()[place.parameter]);
  return names;
}

template <class Model>
EffectTest CovariateModel<Model>::test(std::size_t covariate) const {
  const std::size_t p = covariates_.size();
  if (covariate >= p) throw InvalidArgument(fmt::format("covariate {} of a model that has {}", covariate, p));
  const std::size_t places = effects_.size() / p;
  EffectTest test{.degrees_of_freedom = places};
  if (!effects_.front().std_error) return test;
  const auto size = static_cast<Eigen::Index>(places);
  Eigen::VectorXd value(size);
  Eigen::MatrixXd covariance(size, size);
  for (std::size_t i = 0; i < places; ++i) {
    value(static_cast<Eigen::Index>(i)) = effects_[i * p + covariate].value;
    for (std::size_t j = 0; j < places; ++j)
      covariance(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) =
          covariance_(4 + i * p + covariate, 4 + j * p + covariate);
  }
  test.chi_square = value.dot(covariance.llt().solve(value));
  test.p_value = chi_square_tail(test.chi_square, places);
  return test;
}

template <class Model>
Model CovariateModel<Model>::model_for(std::span<const double> values) const {
  check_covariate_values(values, covariates_);
  const std::vector<EffectPlace> places = effect_places<Model>();
  const std::size_t p = covariates_.size(), n = 4 + effects_.size();
  Matrix slopes(4, n);
  ParameterFit fit;
  fit.names = base_.names;
  fit.customers = base_.customers;
  fit.info = base_.info;
  std::array<double, 4> by{};
  for (std::size_t k = 0; k < 4; ++k) slopes(k, k) = 1;
  for (std::size_t e = 0; e < places.size(); ++e)
    for (std::size_t j = 0; j < p; ++j) {
      slopes(places[e].parameter, 4 + e * p + j) = places[e].sign * values[j];
      by[places[e].parameter] += places[e].sign * values[j] * effects_[e * p + j].value;
    }
  for (std::size_t k = 0; k < 4; ++k) fit.values.push_back(base_.values[k] * std::exp(by[k]));
  if (covariance_.rows() > 0) {
    const auto slope = square_of(slopes);
    set_log_covariance(fit, matrix_of(slope * square_of(covariance_) * slope.transpose()), !base_.std_errors.empty());
  }
  return Model(std::move(fit), days_per_unit_);
}

template <class Model>
double CovariateModel<Model>::log_likelihood(const CovariateStatistics& customers) const {
  if (customers.empty()) return 0;
  if (customers.names() != covariates_)
    throw InvalidArgument(fmt::format("customers with covariates {}; the model has {}",
                                      fmt::join(customers.names(), ", "), fmt::join(covariates_, ", ")));
  double value = 0;
  for (const auto& [values, cells] : customers.groups()) value += model_for(values).log_likelihood(cells);
  return value;
}

template <class Model>
CovariateModel<Model> CovariateModel<Model>::draw(RandomStream& stream) const {
  const std::size_t n = 4 + effects_.size();
  Eigen::VectorXd moved(static_cast<Eigen::Index>(n));
  for (Eigen::Index i = 0; i < moved.size(); ++i) moved(i) = stream.normal();
  if (covariance_.rows() > 0)
    moved = square_of(covariance_).llt().matrixL() * moved;
  else
    moved.setZero();
  std::vector<double> values(4), effects;
  for (std::size_t k = 0; k < 4; ++k) values[k] = base_.values[k] * std::exp(moved(static_cast<Eigen::Index>(k)));
  for (std::size_t i = 0; i < effects_.size(); ++i)
    effects.push_back(effects_[i].value + moved(static_cast<Eigen::Index>(4 + i)));
  return CovariateModel(Model(values[0], values[1], values[2], values[3], days_per_unit_), covariates_, effects);
}

template <class Model>
CovariateModel<Model> fit_with_covariates(const CovariateStatistics& customers, const ValueFitOptions& options) {
  const Model plain = plain_fit<Model>(customers.purchases(), options);
  const std::size_t p = customers.names().size();
  const std::vector<EffectPlace> places = effect_places<Model>();
  const std::size_t n = 4 + places.size() * p;
  CovariateModel<Model> model(plain, customers.names(), std::vector<double>(places.size() * p));
  model.base_ = plain.fit();
  model.covariance_ = plain.fit().log_covariance;
  model.likelihood_ratio_.emplace();
  if (p == 0) return model;
  if (customers.customers() <= n)
    throw NotEnoughData(
        fmt::format("{} customers for {} parameters and effects; more customers are needed", customers.customers(), n));

  StandardisedCovariates covariates = standardised(customers, options.days_per_unit);
  std::vector<std::string> names = parameter_names<Model>();
  for (const CovariateEffect& effect : model.effects_)
    names.push_back("the effect of " + effect.covariate + " on " + effect.parameter);
  std::vector<double> start(n);
  for (std::size_t k = 0; k < 4; ++k) start[k] = std::log(plain.fit().values[k]);
  CoordinateFit found = fit_coordinates(
      names, std::move(start),
      [&](std::span<const double> x, std::span<double> gradient, Matrix& hessian) {
        return effects_likelihood<Model>(covariates.groups, p, x, gradient, hessian);
      },
      options);

  const Matrix to = to_own_scale(covariates, places);
  const auto transform = square_of(to);
  const Eigen::VectorXd at =
      transform * Eigen::Map<const Eigen::VectorXd>(found.at.data(), static_cast<Eigen::Index>(n));
  model.covariance_ = matrix_of(transform * square_of(found.covariance) * transform.transpose());
  ParameterFit base;
  base.names = parameter_names<Model>();
  base.customers = customers.customers();
  base.info = std::move(found.info);
  base.info.warnings.insert(base.info.warnings.end(), covariates.warnings.begin(), covariates.warnings.end());
  for (std::size_t k = 0; k < 4; ++k) {
    const double logarithm = at(static_cast<Eigen::Index>(k));
    if (!(std::abs(logarithm) < kFarthestLogarithm))
      throw InvalidArgument(fmt::format(
          "{} where all covariates are 0 would be e^{:.0f}: subtract something from {}, so that 0 is near their values",
          base.names[k], logarithm, fmt::join(customers.names(), ", ")));
    base.values.push_back(std::exp(logarithm));
  }
  set_log_covariance(base, top_left(model.covariance_, 4), found.decided);
  for (std::size_t i = 0; i < model.effects_.size(); ++i) {
    model.effects_[i].value = at(static_cast<Eigen::Index>(4 + i));
    if (found.decided) model.effects_[i].std_error = std::sqrt(model.covariance_(4 + i, 4 + i));
  }
  const double gained = 2 * (base.info.log_likelihood - plain.fit().info.log_likelihood);
  model.likelihood_ratio_ =
      EffectTest{.chi_square = gained, .degrees_of_freedom = n - 4, .p_value = chi_square_tail(gained, n - 4)};
  model.base_ = std::move(base);
  return model;
}

#define PUTKI_COVARIATES_OF(Model)      \
  template class CovariateModel<Model>; \
  template CovariateModel<Model> fit_with_covariates(const CovariateStatistics&, const ValueFitOptions&)
PUTKI_COVARIATES_OF(BgNbd);
PUTKI_COVARIATES_OF(MbgNbd);
PUTKI_COVARIATES_OF(ParetoNbd);
#undef PUTKI_COVARIATES_OF

}  // namespace putki
