#pragma once
/// \file
/// The chain ladder: what cohorts will still bring, from how older cohorts developed, with the distribution-free
/// standard error of Mack (1993, ASTIN Bulletin 23, 213-225).
///
/// A triangle holds cumulative amounts: row i a cohort (deals created in one period), oldest first, column j the
/// periods since creation. With n rows, row i is known in columns 0 .. n - 1 - i; nothing develops after the last
/// column. For column j, with sums over the rows known in column j + 1,
///
///     factor f_j = sum C_{i,j+1} / sum C_{i,j},    variance s_j = sum C_ij (C_{i,j+1} / C_ij - f_j)^2 / (n - j - 2),
///
/// the last variance by Mack's rule min(s_{n-3}^2 / s_{n-4}, s_{n-4}, s_{n-3}). What a cohort is expected to reach is
/// its latest amount times the factors ahead; the error of that has a part from the process, s_j C_j a column, and a
/// part from the estimated factors, which cohorts share.
///
/// Where a classical triangle would divide by zero: a column without any amount has factor 1 and variance 0 (so
/// cohorts still in it are expected to bring nothing); a row with nothing in column j is left out of variance j; with
/// fewer than 4 rows the last variance is that of the column before, or 0.
///
/// Amounts in any unit of money. Pure functions; O(n^2). No rows: everything 0.

#include <putki/core/matrix.hpp>

#include <optional>
#include <vector>

namespace putki {

struct ChainLadder {
  std::vector<double> latest;     ///< per row, oldest first: the last known amount
  std::vector<double> factors;    ///< per column but the last
  std::vector<double> variances;  ///< likewise
  std::vector<double> volumes;    ///< likewise: the sum that the factor divides by
};

/// From a square matrix; elements right of the known ones are not read. InvalidArgument: not square, an amount below 0
/// or not finite.
ChainLadder fit_chain_ladder(const Matrix& cumulative);

/// What is still to come, with the root mean square error of that prediction.
struct Reserve {
  double amount = 0;
  double standard_error = 0;
};

struct Reserves {
  std::vector<Reserve> cohorts;  ///< oldest first
  Reserve total;                 ///< its error heeds that cohorts share the factors
};

/// The part due within so many further periods; without a number, all of it. InvalidArgument: below 0.
Reserves reserves(const ChainLadder& ladder, std::optional<int> periods = std::nullopt);

}  // namespace putki
