#pragma once
/// \file
/// Cohorts carried forward along the factors of a chain ladder.

#include <putki/evaluate/chain_ladder.hpp>

#include <span>
#include <vector>

namespace putki {

/// A cohort that stands at `amount` in column `from`, known up to `variance`, and is carried to column `to`.
struct Development {
  double amount;
  std::size_t from;
  std::size_t to;
  double variance = 0;
};

struct Developed {
  double amount;
  double process_variance;     ///< of its own
  double estimation_variance;  ///< of the factors
};

Developed develop(const ChainLadder& ladder, const Development& cohort);

/// Variance that the estimated factors give to the sum of all cohorts.
double shared_estimation_variance(const ChainLadder& ladder, std::span<const Development> cohorts);

}  // namespace putki
