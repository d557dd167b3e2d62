#pragma once
// Cumulative incidence read honestly: nothing beyond what was watched, and limits where nothing was seen.

#include <putki/events/as_of.hpp>
#include <putki/survival/aalen_johansen.hpp>
#include <putki/survival/weighted_incidence.hpp>

#include "funnel/limits_of.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

namespace putki {

// Real days from entering `stage` to the view, by visit.
inline std::vector<double> visits_followed(const AsOf& view, StageId stage) {
  std::vector<double> followed;
  view.for_each_visit([&](const Visit& visit) {
    if (visit.stage == stage) followed.push_back(elapsed_days(view.log().times()[visit.entry], view.instant()));
  });
  return followed;
}

// The same from creation, by deal.
inline std::vector<double> deals_followed(const AsOf& view) {
  std::vector<double> followed;
  view.for_each_deal([&](DealId, std::uint32_t first, std::uint32_t) {
    followed.push_back(elapsed_days(view.log().times()[first], view.instant()));
  });
  return followed;
}

class FollowedIncidence {
 public:
  // `followed`: for how long each was or could have been watched, up to the view.
  FollowedIncidence(const Durations& durations, std::vector<double> followed)
      : curve_(aalen_johansen(durations)), followed_(std::move(followed)) {
    std::sort(followed_.begin(), followed_.end());
    for (const double time : durations.time) last_time_ = std::max(last_time_, time);
  }

  const CumulativeIncidence& curve() const { return curve_; }
  double last_time() const { return last_time_; }

  // As WeightedIncidence::known_at.
  bool known_at(double time) const {
    if (followed_.empty()) return false;
    return time <= last_time_ || (!curve_.times.empty() && curve_.incidence[0].back() <= kNegligibleShare);
  }
  // Watched up to `time`, or as long as any was: an unselected sample, all of whose ends up to there are known.
  std::size_t followed_to(double time) const {
    const auto first = std::lower_bound(followed_.begin(), followed_.end(), std::min(time, last_time_));
    return static_cast<std::size_t>(followed_.end() - first);
  }
  // Limits where all ended alike, or none so: exact for the sample of those followed.
  Interval limits(int cause, double time) const {
    return *share_estimate(curve_.probability(cause, time), curve_.std_error(cause, time), followed_to(time)).interval;
  }
  std::optional<MetricEstimate> at(int cause, double time) const {
    if (!known_at(time)) return std::nullopt;
    return share_estimate(curve_.probability(cause, time), curve_.std_error(cause, time), followed_to(time));
  }

 private:
  CumulativeIncidence curve_;
  std::vector<double> followed_;
  double last_time_ = 0;
};

}  // namespace putki
