#include "value/purchase_model.hpp"

#include <putki/core/error.hpp>
#include <putki/value/purchase_model.hpp>

#include "value/fitting.hpp"
#include "value/log_gamma.hpp"

#include <fmt/format.h>
#include <boost/math/special_functions/beta.hpp>

#include <cmath>

namespace putki {

double rate_per_unit(double annual, double days_per_unit) {
  if (!(annual > -1) || !std::isfinite(annual))
    throw InvalidArgument(fmt::format("yearly discount rate {}; above -1 is allowed", annual));
  check_days_per_unit(days_per_unit);
  return std::log1p(annual) * days_per_unit / 365.25;
}

void check_horizon(double horizon) {
  if (!(horizon >= 0) || !std::isfinite(horizon))
    throw InvalidArgument(fmt::format("horizon {}; 0 or more, and finite, is allowed", horizon));
}

void check_rate(double rate) {
  if (!(rate > 0) || !std::isfinite(rate))
    throw InvalidArgument(fmt::format("discount rate {} per unit; above 0 is allowed", rate));
}

UnitCustomer in_units(const PurchaseCell& cell, double days_per_unit, double count) {
  check_cell(cell);
  return {static_cast<double>(cell.repeats), cell.recency_days / days_per_unit, cell.age_days / days_per_unit, count};
}

std::vector<UnitCustomer> in_units(const CellCounts<PurchaseCell>& customers, double days_per_unit, const char* model) {
  std::vector<UnitCustomer> rows;
  rows.reserve(customers.distinct());
  double purchases = 0, age = 0;
  for (const auto& [cell, count] : customers.cells()) {
    rows.push_back(in_units(cell, days_per_unit, static_cast<double>(count)));
    purchases += rows.back().x * rows.back().count;
    age += rows.back().age * rows.back().count;
  }
  if (!(purchases > 0) || !(age > 0))
    throw NotEnoughData(
        fmt::format("{}: {} customers without a repeat purchase; one with some at an age above 0 is needed", model,
                    customers.total()));
  return rows;
}

double mean_age(const std::vector<UnitCustomer>& customers) {
  double age = 0, count = 0;
  for (const UnitCustomer& customer : customers) {
    age += customer.age * customer.count;
    count += customer.count;
  }
  return age / count;
}

std::vector<double> if_alive(double alive, std::vector<double> masses) {
  for (double& mass : masses) mass *= alive;
  masses[0] += 1 - alive;
  return masses;
}

NegativeBinomialMasses negative_binomial_masses(double r, double alpha, double t, std::size_t most) {
  NegativeBinomialMasses masses{std::vector<double>(most + 1), std::vector<double>(most + 2)};
  const double z = t / (alpha + t), log_z = std::log(z), log_rest = -std::log1p(t / alpha);
  double log_mass = r * log_rest;
  for (std::size_t k = 0; k <= most; ++k) {
    const auto number = static_cast<double>(k);
    masses.mass[k] = std::exp(log_mass);
    log_mass += std::log((r + number) / (number + 1)) + log_z;
  }
  masses.at_least[most + 1] = t > 0 ? boost::math::ibeta(static_cast<double>(most + 1), r, z) : 0;
  for (std::size_t k = most + 1; k-- > 0;) masses.at_least[k] = masses.at_least[k + 1] + masses.mass[k];
  return masses;
}

}  // namespace putki
