#pragma once
// The log-likelihoods of the purchase models by their parameters, for fits that put something before them.

#include <putki/core/matrix.hpp>
#include <putki/value/bg_nbd.hpp>

#include "value/purchase_model.hpp"

#include <span>
#include <vector>

namespace putki {

// Value; the derivatives by the four parameters are added to `gradient` and `hessian`, which come zeroed.
double beta_geometric_log_likelihood(const std::vector<UnitCustomer>& customers, FirstToss toss,
                                     std::span<const double> at, std::span<double> gradient, Matrix& hessian);
double pareto_log_likelihood(const std::vector<UnitCustomer>& customers, std::span<const double> at,
                             std::span<double> gradient, Matrix& hessian);

}  // namespace putki
