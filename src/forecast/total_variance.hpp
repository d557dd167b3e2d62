#pragma once
/// \file
/// The law of total variance over draws of the parameters and, within each, nodes of the common shock.

#include <cstdint>
#include <vector>

namespace putki {

/// Weighted variance with a running mean, so that large means do not swallow small variances.
class RunningVariance {
 public:
  void add(double value, double weight) {
    if (weight <= 0) return;
    weight_ += weight;
    const double change = value - mean_;
    mean_ += change * weight / weight_;
    scatter_ += weight * change * (value - mean_);
  }
  double weight() const { return weight_; }
  double mean() const { return mean_; }
  /// Weights taken as they are: times their sum, when that is not 1.
  double scatter() const { return scatter_; }

 private:
  double weight_ = 0, mean_ = 0, scatter_ = 0;
};

/// Means of scenarios, given draw by draw.
class MeansByDraw {
 public:
  void add(double mean, double weight, std::uint32_t draw) {
    if (draw >= draws_.size()) draws_.resize(draw + std::size_t{1});
    draws_[draw].add(mean, weight);
  }
  /// E_p Var_z
  double within() const {
    double sum = 0;
    for (const RunningVariance& draw : draws_) sum += draw.scatter();
    return sum;
  }
  /// Var_p E_z
  double between() const {
    RunningVariance means;
    for (const RunningVariance& draw : draws_) means.add(draw.mean(), draw.weight());
    return means.scatter();
  }

 private:
  std::vector<RunningVariance> draws_;
};

}  // namespace putki
