#include "core/log_mass.hpp"

#include <array>
#include <cmath>
#include <numbers>

namespace putki {
namespace {

// log(n!) - log(sqrt(2 pi n) (n / e)^n)
double stirling_error(double n) {
  static constexpr std::array kSmall{0.0,
                                     0.0810614667953272582,
                                     0.0413406959554092941,
                                     0.0276779256849983391,
                                     0.0207906721037650931,
                                     0.0166446911898211921,
                                     0.0138761288230707480,
                                     0.0118967099458917701,
                                     0.0104112652619720965,
                                     0.0092554621827127329,
                                     0.0083305634333631286,
                                     0.0075736754879518408,
                                     0.0069428401072095266,
                                     0.0064089941880042071,
                                     0.0059513701127588475,
                                     0.0055547335519628013};
  if (n < 16.0) return kSmall[static_cast<std::size_t>(n)];
  const double square = n * n;
  return (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - (1.0 / 1680 - 1.0 / 1188 / square) / square) / square) / square) / n;
}

// x log(x / mean) + mean - x, x > 0.
double deviance(double x, double mean) {
  const double difference = x - mean;
  if (std::abs(difference) >= 0.1 * (x + mean)) return x * std::log(x / mean) - difference;
  const double v = difference / (x + mean);
  double sum = difference * v;
  double term = 2.0 * x * v;
  for (int j = 3;; j += 2) {
    term *= v * v;
    const double next = sum + term / j;
    if (next == sum) return sum;
    sum = next;
  }
}

}  // namespace

double log_poisson_mass(double k, double mean) {
  if (k == 0.0) return -mean;
  return -stirling_error(k) - deviance(k, mean) - 0.5 * std::log(2.0 * std::numbers::pi * k);
}

double log_binomial_mass(double k, double trials, double probability) {
  if (k == 0.0) return trials * std::log1p(-probability);
  if (k == trials) return trials * std::log(probability);
  const double rest = trials - k;
  return stirling_error(trials) - stirling_error(k) - stirling_error(rest) - deviance(k, trials * probability) -
         deviance(rest, trials * (1.0 - probability)) - 0.5 * std::log(2.0 * std::numbers::pi * k * (rest / trials));
}

}  // namespace putki
