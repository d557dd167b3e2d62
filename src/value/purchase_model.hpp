#pragma once

#include <putki/stats/purchase_statistics.hpp>

#include <cstddef>
#include <vector>

namespace putki {

// A simulated future ends after as many purchases (or periods), so that no drawn rate can hang or fill the memory.
inline constexpr std::size_t kMostSimulated = 1'000'000;

// InvalidArgument unless 0 <= horizon < infinity; 0 < rate < infinity.
void check_horizon(double horizon);
void check_rate(double rate);

// A customer in the model's unit of time.
struct UnitCustomer {
  double x, t, age;
  double count;
};
UnitCustomer in_units(const PurchaseCell& cell, double days_per_unit, double count = 1);
// All distinct customers, by x. NotEnoughData without a repeat purchase.
std::vector<UnitCustomer> in_units(const CellCounts<PurchaseCell>& customers, double days_per_unit, const char* model);
// Repeat purchases per customer and mean age: where a search for parameters begins.
double mean_age(const std::vector<UnitCustomer>& customers);

// masses * alive, and 1 - alive at 0.
std::vector<double> if_alive(double alive, std::vector<double> masses);
// P(N >= k), k = 0 .. most + 1, and w_k = P(N = k), k = 0 .. most, N negative binomial: r, z = t / (alpha + t).
struct NegativeBinomialMasses {
  std::vector<double> mass, at_least;
};
NegativeBinomialMasses negative_binomial_masses(double r, double alpha, double t, std::size_t most);

}  // namespace putki
