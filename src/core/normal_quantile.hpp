#pragma once

namespace putki {

// Quantile of the standard normal distribution, 0 < p < 1; relative error below 1e-15 (Wichura 1988, algorithm AS 241,
// PPND16).
double normal_quantile(double p);
// The same at p = 1/2 + q, which keeps the digits of a small q. -1/2 < q < 1/2.
double normal_quantile_from_centre(double q);

}  // namespace putki
