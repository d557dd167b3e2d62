#pragma once
// Close rates of a group of deals: watched from creation, and textbook.

#include <putki/funnel/metrics.hpp>

#include "funnel/deal_lives.hpp"

#include <vector>

namespace putki {

CloseRateByAge close_rate_by_age(const std::vector<DealLife>& lives, double horizon);
// Of lives that have ended.
ClosedShare closed_share(const std::vector<DealLife>& ended);
// Share of value among deals of which all is known: sum of v w / sum of v over known amounts, with the error of a ratio
// over deals; absent without value.
std::optional<MetricEstimate> value_share(const std::vector<DealLife>& lives);
// Wilson's; absent without trials.
std::optional<MetricEstimate> counted_share(std::uint64_t successes, std::uint64_t trials);

}  // namespace putki
