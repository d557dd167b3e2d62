#include <putki/stats/grouped_statistics.hpp>

#include <putki/core/error.hpp>

#include "stats/dated_counts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace putki {
namespace {

constexpr double kMillion = 1e6;

/// Calls f(visit, amount known when it began) in the order of for_each_visit.
template <class F>
void for_each_sized_visit(const AsOf& view, F&& f) {
  const auto amounts = view.log().amounts();
  Money known = kNoAmount;
  std::uint32_t seen = 0;
  view.for_each_visit([&](const Visit& visit) {
    if (visit.number == 0) {
      known = kNoAmount;
      seen = visit.entry;
    }
    for (; seen <= visit.entry; ++seen)
      if (amounts[seen] != kNoAmount) known = amounts[seen];
    f(visit, known);
  });
}

}  // namespace

GroupedStatistics::GroupedStatistics(StageGraph graph, GroupedStatisticsOptions options)
    : graph_(std::move(graph)), options_(std::move(options)) {
  for (std::size_t i = 0; i < options_.size_limits.size(); ++i)
    if (options_.size_limits[i].minor <= (i > 0 ? options_.size_limits[i - 1].minor : 0))
      throw InvalidArgument(
          fmt::format("size limits must ascend from above 0; number {} is {}", i + 1, options_.size_limits[i].units()));
}

const StageGraph& GroupedStatistics::graph() const {
  if (!graph_) throw InvalidArgument("grouped statistics without a stage graph: nothing was counted yet");
  return *graph_;
}

void GroupedStatistics::check_day(DayNumber day) {
  if (as_of_day_ && *as_of_day_ != day)
    throw InvalidArgument(fmt::format("grouped statistics as of {} and of {} cannot be added",
                                      to_string(to_day(*as_of_day_)), to_string(to_day(day))),
                          ErrorCode::incompatible);
  as_of_day_ = day;
}

std::uint32_t GroupedStatistics::band_of(Money amount) const {
  if (options_.size_limits.empty() || amount == kNoAmount || amount.minor <= 0) return 0;
  const auto above = std::upper_bound(options_.size_limits.begin(), options_.size_limits.end(), amount,
                                      [](Money a, Money b) { return a.minor < b.minor; });
  return static_cast<std::uint32_t>(above - options_.size_limits.begin()) + 1;
}

std::optional<double> GroupedStatistics::size_of(std::uint32_t band) const {
  std::int64_t log_sizes = 0;
  std::uint64_t sized = 0;
  for (const auto& [group, counts] : groups_)
    if (group.band == band && band > 0) {
      log_sizes += counts.log_sizes;
      sized += counts.sized;
    }
  if (sized == 0) return std::nullopt;
  return std::exp(static_cast<double>(log_sizes) / kMillion / static_cast<double>(sized));
}

void GroupedStatistics::update(const AsOf& view) {
  if (!(graph() == view.graph()))
    throw InvalidArgument("grouped statistics: the view is of another stage graph", ErrorCode::incompatible);
  const EventLog& log = view.log();
  const Attribute* const attribute =
      options_.segment_by.empty() || log.deal_count() == 0 ? nullptr : &log.attribute(options_.segment_by);
  check_day(view.first_unknown_day());

  const std::size_t bands = options_.size_limits.empty() ? 1 : options_.size_limits.size() + 2;
  std::vector<Counts> found((attribute != nullptr ? attribute->values.size() : 1) * bands);
  const auto days = log.days();
  for_each_sized_visit(view, [&](const Visit& visit, Money amount) {
    const std::size_t segment = attribute != nullptr ? attribute->codes[index(visit.deal)] : 0;
    const std::uint32_t band = band_of(amount);
    Counts& counts = found[segment * bands + band];
    const DayNumber entered = days[visit.entry];
    if (visit.number == 0) counts.creations.push_back({visit.stage, entered, 1});
    if (graph_->is_terminal(visit.stage)) return;
    const DayNumber left = visit.next == kNoStage ? *as_of_day_ : std::max(days[visit.exit], entered);
    counts.visits.push_back({visit.stage, visit.next, entered, left, 1});
    if (band > 0) {
      counts.log_sizes += std::llround(kMillion * std::log(amount.units()));
      counts.sized += 1;
    }
  });
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i].visits.empty() && found[i].creations.empty()) continue;
    const std::string segment = attribute != nullptr ? attribute->values[i / bands] : std::string();
    Counts& counts = groups_[{segment, static_cast<std::uint32_t>(i % bands)}];
    counts.visits.insert(counts.visits.end(), found[i].visits.begin(), found[i].visits.end());
    counts.creations.insert(counts.creations.end(), found[i].creations.begin(), found[i].creations.end());
    counts.log_sizes += found[i].log_sizes;
    counts.sized += found[i].sized;
    compact(counts.visits);
    compact(counts.creations);
  }
}

void GroupedStatistics::merge(const GroupedStatistics& other) {
  if (!other.graph_) return;
  if (!graph_) {
    *this = other;
    return;
  }
  if (!(*graph_ == *other.graph_))
    throw InvalidArgument("grouped statistics of two stage graphs cannot be merged", ErrorCode::incompatible);
  if (!(options_ == other.options_))
    throw InvalidArgument("grouped statistics with different groups cannot be merged", ErrorCode::incompatible);
  if (other.as_of_day_) check_day(*other.as_of_day_);
  const std::map<Group, Counts> added = other.groups_;  // other may be this
  for (const auto& [group, more] : added) {
    Counts& counts = groups_[group];
    counts.visits.insert(counts.visits.end(), more.visits.begin(), more.visits.end());
    counts.creations.insert(counts.creations.end(), more.creations.begin(), more.creations.end());
    counts.log_sizes += more.log_sizes;
    counts.sized += more.sized;
    compact(counts.visits);
    compact(counts.creations);
  }
}

std::vector<Money> size_limits(const AsOf& view, int bands) {
  std::vector<Money> sizes;
  for_each_sized_visit(view, [&](const Visit& visit, Money amount) {
    if (amount != kNoAmount && amount.minor > 0 && !view.graph().is_terminal(visit.stage)) sizes.push_back(amount);
  });
  const auto smaller = [](Money a, Money b) { return a.minor < b.minor; };
  std::sort(sizes.begin(), sizes.end(), smaller);
  std::vector<Money> limits;
  for (int b = 1; b < bands && !sizes.empty(); ++b) {
    const Money limit = sizes[sizes.size() * static_cast<std::size_t>(b) / static_cast<std::size_t>(bands)];
    if (smaller(limits.empty() ? sizes.front() : limits.back(), limit)) limits.push_back(limit);
  }
  return limits;
}

}  // namespace putki
