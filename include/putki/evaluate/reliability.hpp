#pragma once
/// \file
/// Do things forecast at 30 % happen in 30 % of cases? Probabilities against what happened, in bins.
///
/// A forecast is reliable when, bin by bin, the mean probability lies within the limits of the share that happened; of
/// ten bins with 95 % limits one may well lie outside by chance. Reliability alone is no merit (the base rate for
/// everyone is reliable): read it with the Brier score. Pure function, O(n log n). Nothing given: no bins.

#include <putki/core/interval.hpp>

#include <cstddef>
#include <span>
#include <vector>

namespace putki {

enum class Binning {
  equal_width,  ///< [0, 1/n), [1/n, 2/n), .. [1 - 1/n, 1]; bins without cases are left out
  equal_count,  ///< as even as equal probabilities, which stay together, allow; at most n
};

struct ReliabilityOptions {
  /// 1 .. 1,000
  int bins = 10;
  Binning binning = Binning::equal_width;
  /// Of the limits.
  double confidence = 0.95;
};

struct ReliabilityBin {
  double lower;  ///< the bin's border; with equal counts the least probability in it
  double upper;  ///< likewise the largest
  std::size_t count;
  double mean_probability;
  std::size_t happened;
  double share;     ///< happened / count
  Interval limits;  ///< Wilson limits of the share, cases taken as independent
};

/// Bins in ascending order. InvalidArgument: sizes differ, a probability outside [0, 1], options out of range.
std::vector<ReliabilityBin> reliability(std::span<const double> probabilities, const std::vector<bool>& happened,
                                        const ReliabilityOptions& options = {});

}  // namespace putki
