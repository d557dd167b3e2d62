#pragma once
/// \file
/// From win probabilities to the distribution of revenue, by inverting its characteristic function.

#include <putki/core/matrix.hpp>
#include <putki/forecast/amount_distribution.hpp>
#include <putki/forecast/revenue_distribution.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace putki {

/// Scenarios with weights; in each, deals win independently and new wins are Poisson.
struct RevenueProblem {
  struct Deal {
    std::uint32_t cell;            ///< row of `win`
    std::optional<double> amount;  ///< nothing: one draw of `amounts`
  };
  Matrix win;                    ///< cells x scenarios
  std::vector<double> new_wins;  ///< expected number, by scenario
  std::vector<double> weights;   ///< by scenario, sum to 1
  std::vector<Deal> deals;
  AmountDistribution amounts;  ///< of new wins and of deals without an amount
};

struct RevenueMoments {
  double open_mean = 0;
  double open_variance = 0;
  double new_mean = 0;
  double new_variance = 0;
  double mean = 0;
  double variance = 0;
  double open_wins = 0;
  double new_wins = 0;
};
RevenueMoments moments_of(const RevenueProblem& problem);

/// Three ways, by the number and size of deals:
/// - amounts on a common lattice no finer than the distribution needs: discrete Fourier inversion, exact steps;
/// - many deals, whose characteristic function dies out: Fourier-cosine series (COS);
/// - few deals of uneven size: their 2^n sums, or the steps of single wins, as exact atoms; the rest on a fine lattice
///   with amounts split between neighbouring points, which keeps the mean, each point spread evenly over its cell.
RevenueDistribution invert(const RevenueProblem& problem);

}  // namespace putki
