#pragma once

namespace putki {

// ln Gamma(z + by) - ln Gamma(z) and its first two derivatives by z; z > 0, by >= 0. By sums for a small whole `by`,
// else so that nothing cancels: relative accuracy 1e-14 or better up to z + by = 1e15.
struct LogGammaStep {
  double value = 0;
  double first = 0;
  double second = 0;
};
LogGammaStep log_gamma_step(double z, double by);
// The value alone.
double log_gamma_ratio(double z, double by);

}  // namespace putki
