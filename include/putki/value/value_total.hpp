#pragma once
/// \file
/// A total of customers, or anything else that value models tell, with what is not known of it.
///
/// A total is uncertain because each customer's future is, which averages out over many, and because the parameters are
/// estimated, which does not: an interval from the first alone is too narrow for a large base. So totals come as a
/// sample of the predictive distribution: each draw takes parameters from the fit's normal law of their logarithms
/// (ParameterFit::draw) and then one future of every customer given his history. A model whose parameters were given
/// has no parameter uncertainty to draw from: only the customers' futures vary then.
///
/// Values, safe to read from several threads. Default: an empty sample, of which no quantile is known.

#include <putki/core/interval.hpp>
#include <putki/core/random.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace putki {

struct ValueTotal {
  double expected = 0;  ///< at the estimated parameters, exact
  double mean = 0;      ///< of the sample: over the parameters' uncertainty too
  double sd = 0;
  std::vector<double> sample = {};  ///< ascending, one a draw
  /// Smallest sampled total that a share p does not exceed. InvalidArgument: p outside [0, 1], an empty sample.
  double quantile(double p) const;
  /// Equal-tailed. InvalidArgument: level not inside (0, 1), an empty sample.
  Interval interval(double level = 0.8) const;
};

/// Mean, deviation and order of a sample, in any order.
ValueTotal summarised(double expected, std::vector<double> sample);

/// Any function of a model (`probability_alive`, `expected_purchases` of a customer, ..) under the uncertainty of the
/// parameters alone. The function is called with models of the same kind, `draws` times; draw i uses stream i of the
/// seed.
template <class Model, class Quantity>
ValueTotal under_parameters(const Model& model, Quantity&& quantity, std::size_t draws = 1000, std::uint64_t seed = 1) {
  std::vector<double> sample;
  for (std::size_t i = 0; i < draws; ++i) {
    RandomStream stream(seed, i);
    sample.push_back(quantity(model.with_parameters(model.fit().draw(stream))));
  }
  return summarised(quantity(model), std::move(sample));
}

}  // namespace putki
