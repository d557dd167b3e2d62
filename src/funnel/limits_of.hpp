#pragma once
// 95 % limits of the estimates of this layer.

#include <putki/funnel/metric_estimate.hpp>
#include <putki/survival/weighted_incidence.hpp>

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace putki {

inline constexpr double kNormal95 = 1.959963984540054;

// value +- 1.96 standard errors.
MetricEstimate plain_estimate(double value, double std_error);
// Of a quantity above zero: the same on the log scale, so that limits stay above zero; plain for a value of zero.
MetricEstimate positive_estimate(double value, double std_error);
// Of a probability, on the log(-log) scale. Where the estimate is 0 or 1 and so shows no spread: the exact limits of a
// binomial of `followed` trials none (all) of which ended so.
MetricEstimate share_estimate(double value, double std_error, std::size_t followed);

// Clopper & Pearson 1934, two-sided 95 %, where none (all) of the trials succeeded; [0, 1] without trials.
Interval exact_limits_of_none(std::size_t trials);
Interval exact_limits_of_all(std::size_t trials);

// Standard error of sum of slope * estimate, all estimated from the same observations.
double combined_std_error(const std::vector<std::pair<double, const std::vector<double>*>>& parts);

// Two-sided 95 % quantile of Student's t. `freedom` >= 1.
double student_95(double freedom);

// Limits of the median of `sorted` by order statistics: exact, at least 95 %; absent below six values.
std::optional<Interval> median_limits(std::span<const double> sorted);
double median_of(std::span<const double> sorted);  // of at least one value

}  // namespace putki
