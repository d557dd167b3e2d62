#pragma once
// Pointwise limits of a probability, and looking a step function up.

#include <putki/core/interval.hpp>
#include <putki/survival/kaplan_meier.hpp>

#include <cstddef>
#include <optional>
#include <span>

namespace putki::survival_detail {

// Two-sided standard normal quantile of `level`; InvalidArgument unless 0 < level < 1.
double normal_width(double level);

// For an estimate strictly between 0 and 1.
Interval probability_limits(double estimate, double std_error, double width, IntervalKind kind);

// Index of the last time <= `time`; nothing before the first. InvalidArgument when NaN.
std::optional<std::size_t> step_at(std::span<const double> times, double time);

}  // namespace putki::survival_detail
