#include <putki/stats/dated_statistics.hpp>

#include <putki/core/error.hpp>

#include "stats/dated_counts.hpp"

#include <fmt/format.h>

namespace putki {

DatedStatistics::DatedStatistics(StageGraph graph) : graph_(std::move(graph)) {}

const StageGraph& DatedStatistics::graph() const {
  if (!graph_) throw InvalidArgument("dated statistics without a stage graph: nothing was counted yet");
  return *graph_;
}

void DatedStatistics::check_day(DayNumber day) {
  if (as_of_day_ && *as_of_day_ != day)
    throw InvalidArgument(fmt::format("dated statistics as of {} and of {} cannot be added",
                                      to_string(to_day(*as_of_day_)), to_string(to_day(day))),
                          ErrorCode::incompatible);
  as_of_day_ = day;
}

void DatedStatistics::update(const AsOf& view) {
  if (!(graph() == view.graph()))
    throw InvalidArgument("dated statistics: the view is of another stage graph", ErrorCode::incompatible);
  check_day(view.first_unknown_day());
  const auto days = view.log().days();
  view.for_each_visit([&](const Visit& visit) {
    const DayNumber entered = days[visit.entry];
    if (visit.number == 0) creations_.push_back({visit.stage, entered, 1});
    if (graph_->is_terminal(visit.stage)) return;
    // A clock put back over midnight can make a day end before it began.
    const DayNumber left = visit.next == kNoStage ? *as_of_day_ : std::max(days[visit.exit], entered);
    visits_.push_back({visit.stage, visit.next, entered, left, 1});
  });
  compact(visits_);
  compact(creations_);
}

void DatedStatistics::merge(const DatedStatistics& other) {
  if (!other.graph_) return;
  if (!graph_) {
    *this = other;
    return;
  }
  if (!(*graph_ == *other.graph_))
    throw InvalidArgument("dated statistics of two stage graphs cannot be merged", ErrorCode::incompatible);
  if (other.as_of_day_) check_day(*other.as_of_day_);
  visits_.insert(visits_.end(), other.visits_.begin(), other.visits_.end());
  creations_.insert(creations_.end(), other.creations_.begin(), other.creations_.end());
  compact(visits_);
  compact(creations_);
}

DatedStatistics DatedStatistics::known_before(DayNumber day) const {
  DatedStatistics known(graph());
  if (!as_of_day_ || day > *as_of_day_)
    throw InvalidArgument(fmt::format("dated statistics as of {}: what was known on {} cannot be told",
                                      as_of_day_ ? to_string(to_day(*as_of_day_)) : "no day", to_string(to_day(day))));
  known.as_of_day_ = day;
  for (const Visits& visit : visits_) {
    if (visit.entered >= day) continue;
    known.visits_.push_back(visit);
    if (visit.left < day) continue;
    known.visits_.back().to = kNoStage;
    known.visits_.back().left = day;
  }
  for (const Creations& creation : creations_)
    if (creation.day < day) known.creations_.push_back(creation);
  compact(known.visits_);
  return known;
}

bool operator==(const DatedStatistics& a, const DatedStatistics& b) {
  return a.graph_ == b.graph_ && a.as_of_day_ == b.as_of_day_ && a.visits_ == b.visits_ && a.creations_ == b.creations_;
}

}  // namespace putki
