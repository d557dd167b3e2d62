#pragma once
// Money won per day by stock, by flow and by the textbook: metrics.hpp says what they are.

#include <putki/funnel/metrics.hpp>

#include "funnel/deal_lives.hpp"

#include <vector>

namespace putki {

// `metrics` with its counts, closed share and lifetimes in place.
Velocity velocity(const AsOf& view, const std::vector<DealLife>& lives, const FunnelMetrics& metrics,
                  double window_days);

}  // namespace putki
