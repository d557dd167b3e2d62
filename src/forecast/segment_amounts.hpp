#pragma once
/// \file
/// What won deals bring, segment by segment.

#include <putki/forecast/forecast.hpp>

#include <string>
#include <vector>

namespace putki {

/// One distribution a segment of `groups`, each drawn to `pooled` as far as segments are alike; empty where they do not
/// differ, or when there is one.
std::vector<AmountDistribution> fit_segment_amounts(const AsOf& view, const std::string& by, const GroupEffects& groups,
                                                    const AmountDistribution& pooled, const AmountOptions& options);

/// The amounts of a segment; of all where they do not differ.
inline const AmountDistribution& amounts_of(const ForecastModel& model, std::size_t segment) {
  return model.segment_amounts.empty() ? model.amounts : model.segment_amounts[segment];
}
/// Number of the segment that a deal belongs to, 0 where amounts do not differ.
inline std::size_t amount_segment(const ForecastModel& model, const OpenDeal& deal) {
  return model.segment_amounts.empty() ? 0 : model.groups.segment_of(deal.segment);
}

}  // namespace putki
