#pragma once

namespace putki {

// Logarithms of the Poisson and binomial probabilities of k, without the cancellation of log-factorials: absolute error
// below 1e-13 near the mode at any mean (Loader 2000, "Fast and accurate computation of binomial probabilities").
// k is a whole number; mean > 0; 0 < probability < 1, 0 <= k <= trials.
double log_poisson_mass(double k, double mean);
double log_binomial_mass(double k, double trials, double probability);

}  // namespace putki
