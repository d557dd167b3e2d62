#pragma once

#include <putki/forecast/forecast.hpp>

#include <vector>

namespace putki {

/// Eventual win rates of new deals by segment, against all new deals, with the error of the difference.
struct SegmentWinRate {
  double rate;
  double lead;
  double error;
};
std::vector<SegmentWinRate> segment_win_rates(const ForecastModel& model);

}  // namespace putki
