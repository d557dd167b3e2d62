#pragma once
/// \file
/// From win probabilities to the distribution of revenue, by inverting its characteristic function.

#include <putki/core/matrix.hpp>
#include <putki/forecast/forecast.hpp>

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
  /// Parameter draw of each scenario, ascending from 0: those of one draw are the nodes of its common shock.
  std::vector<std::uint32_t> draws;
  std::vector<Deal> deals;
  AmountDistribution amounts;    ///< of new wins and of deals without an amount
  AmountRevision revision = {};  ///< of the deals with one
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
  VarianceParts parts;
};
RevenueMoments moments_of(const RevenueProblem& problem);
/// The same when the number of wins is no surprise: deals bring win x amount, new ones their expected revenue.
RevenueMoments moments_of_expected_wins(const RevenueProblem& problem);

/// Three ways, by the number and size of deals:
/// - amounts on a common lattice no finer than the distribution needs: discrete Fourier inversion, exact steps;
/// - many deals, whose characteristic function dies out: Fourier-cosine series (COS);
/// - few deals of uneven size: their 2^n sums, or the steps of single wins, as exact atoms; the rest on a fine lattice
///   with amounts split between neighbouring points, which keeps the mean, each point spread evenly over its cell.
RevenueDistribution invert(const RevenueProblem& problem);
/// The distribution of what deals bring in expectation, given amounts and scenario: atoms, one a scenario, when amounts
/// are known; otherwise sums of unknown amounts on a lattice of 8,192 points that keeps the mean.
RevenueDistribution distribution_of_expected_wins(const RevenueProblem& problem);

}  // namespace putki
