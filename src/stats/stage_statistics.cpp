#include <putki/stats/stage_statistics.hpp>

#include <putki/core/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace putki {
namespace {

constexpr std::size_t kNoRow = std::numeric_limits<std::size_t>::max();
constexpr int kLargestCap = kLastLogDay - kFirstLogDay + 1;

// The one place where two days become an age: on calendar days, or on the business days of a calendar.
struct CalendarClock {
  DayNumber age(DayNumber entered, DayNumber left) const { return left - entered; }
};
struct BusinessClock {
  const std::uint16_t* running_count;
  DayNumber age(DayNumber entered, DayNumber left) const { return running_count[left] - running_count[entered]; }
};

// The bin of a visit; ages below 0 come from a clock put back over midnight.
std::size_t bin_of(DayNumber age, DayNumber oldest_bin) {
  return static_cast<std::size_t>(std::min(std::max(age, DayNumber{0}), oldest_bin));
}

void check_stage(const StageGraph& graph, StageId stage, const char* role) {
  if (index(stage) >= graph.stage_count())
    throw InvalidArgument(
        fmt::format("stage statistics: {} is stage {}; the graph has {}", role, index(stage), graph.stage_count()));
}

}  // namespace

// Where the counts of a visit go.
struct StageStatistics::Target {
  Target() = default;
  explicit Target(Cell& cell) : visits(cell.visits.data()), entries(cell.entries.data()) {}
  std::uint64_t* visits = nullptr;
  std::uint64_t* entries = nullptr;
};

// To one cell when nothing splits them.
class StageStatistics::OneCell {
 public:
  explicit OneCell(StageStatistics& statistics) : target_(statistics.cell(Key{"", 0})) {}
  Target of(DealId /*deal*/, DayNumber /*entry_day*/) { return target_; }

 private:
  Target target_;
};

// By segment of the deal and period of the entry day: two look-ups, a cell made at its first visit.
class StageStatistics::SplitCells {
 public:
  SplitCells(StageStatistics& statistics, const AsOf& view) : statistics_(statistics) {
    const StageStatisticsOptions& options = statistics.options_;
    if (!options.segment_by.empty()) {
      const Attribute& attribute = view.log().attribute(options.segment_by);
      segments_ = attribute.values;
      segment_of_deal_ = attribute.codes;
    }
    lay_out_periods(view.log(), options.entry_period);
    targets_.resize(segments_.size() * periods_.size());
  }

  Target of(DealId deal, DayNumber entry_day) {
    const std::size_t segment = segment_of_deal_.empty() ? 0 : segment_of_deal_[index(deal)];
    const std::size_t period = period_of_day_[static_cast<std::size_t>(entry_day - first_day_)];
    Target& target = targets_[segment * periods_.size() + period];
    if (target.visits == nullptr) target = Target(statistics_.cell({segments_[segment], periods_[period]}));
    return target;
  }

 private:
  void lay_out_periods(const EventLog& log, std::optional<PeriodUnit> unit) {
    const auto days = log.days();
    if (days.empty()) return;
    const auto [first, last] = std::minmax_element(days.begin(), days.end());
    first_day_ = *first;
    period_of_day_.resize(static_cast<std::size_t>(*last - *first) + 1);
    if (!unit) {
      periods_ = {0};
      return;
    }
    DayNumber period_end = *first;
    for (std::size_t i = 0; i < period_of_day_.size(); ++i) {
      const DayNumber day = first_day_ + static_cast<DayNumber>(i);
      if (day >= period_end) {
        const Period period = period_containing(to_day(day), *unit);
        periods_.push_back(day_number(period.begin));
        period_end = day_number(period.end);
      }
      period_of_day_[i] = static_cast<std::uint32_t>(periods_.size() - 1);
    }
  }

  StageStatistics& statistics_;
  std::vector<std::string> segments_ = {""};
  std::span<const std::uint32_t> segment_of_deal_;
  DayNumber first_day_ = 0;
  std::vector<std::uint32_t> period_of_day_;
  std::vector<DayNumber> periods_;
  std::vector<Target> targets_;  // [segment][period], null until seen
};

StageStatistics::StageStatistics(StageGraph graph, StageStatisticsOptions options)
    : graph_(std::move(graph)), options_(std::move(options)) {
  if (options_.cap_days < 0 || options_.cap_days > kLargestCap)
    throw InvalidArgument(
        fmt::format("stage statistics: cap_days is {}; allowed: 0 to {}", options_.cap_days, kLargestCap));
  const std::size_t row = (graph_->stage_count() + 1) * bin_count();
  for (const Stage& stage : graph_->stages()) {
    rows_.push_back(is_terminal(stage.kind) ? kNoRow : cell_size_);
    if (!is_terminal(stage.kind)) cell_size_ += row;
  }
  zeros_.resize(bin_count());
}

template <class Clock, class Cells>
void StageStatistics::count_visits(const AsOf& view, DayNumber today, Clock clock, Cells&& given) const {
  auto cells = std::move(given);  // known to nobody else, it is kept in registers
  const DayNumber* const days = view.log().days().data();
  const StageId* const stages = view.log().stages().data();
  const std::size_t* const rows = rows_.data();
  const std::size_t bins = bin_count();
  const std::size_t censored = graph_->stage_count();
  const DayNumber oldest_bin = options_.cap_days + 1;
  view.for_each_deal([&](DealId deal, std::uint32_t i, std::uint32_t last) {
    StageId stage = stages[i];
    DayNumber entered = days[i];
    const auto count = [&](std::size_t to, DayNumber left) {
      const std::size_t row = rows[index(stage)];
      if (row == kNoRow) return;
      ++cells.of(deal, entered).visits[row + to * bins + bin_of(clock.age(entered, left), oldest_bin)];
    };
    ++cells.of(deal, entered).entries[index(stage)];
    while (++i < last) {
      if (stages[i] == stage) continue;
      count(index(stages[i]), days[i]);
      stage = stages[i];
      entered = days[i];
    }
    count(censored, today);
  });
}

void StageStatistics::update(const AsOf& view) {
  if (!(graph() == view.graph()))
    throw InvalidArgument("stage statistics: the view is of another stage graph", ErrorCode::incompatible);
  if (view.log().deal_count() == 0) return;
  // A view of before 1970 knows nothing; one of after 2099 cannot say what business days have gone by.
  const DayNumber today = std::max(view.first_unknown_day(), kFirstLogDay);
  const auto running_count = options_.clock.running_count();
  if (!running_count.empty()) options_.clock.business_days_between(Day{}, to_day(today));
  const auto count_into = [&](auto cells) {
    if (running_count.empty()) return count_visits(view, today, CalendarClock{}, std::move(cells));
    count_visits(view, today, BusinessClock{running_count.data()}, std::move(cells));
  };
  if (options_.entry_period || !options_.segment_by.empty()) {
    count_into(SplitCells(*this, view));
    return;
  }
  count_into(OneCell(*this));
  std::erase_if(cells_, [](const auto& item) {
    return std::all_of(item.second.entries.begin(), item.second.entries.end(), [](auto n) { return n == 0; });
  });
}

void StageStatistics::merge(const StageStatistics& other) {
  if (!other.graph_) return;
  if (!graph_) {
    *this = other;
    return;
  }
  if (!(*graph_ == *other.graph_))
    throw InvalidArgument("stage statistics: merge of counts on different stage graphs", ErrorCode::incompatible);
  if (!(options_ == other.options_))
    throw InvalidArgument("stage statistics: merge of counts with different options", ErrorCode::incompatible);
  for (const auto& [key, theirs] : other.cells_) {
    Cell& ours = cell(key);
    for (std::size_t i = 0; i < theirs.visits.size(); ++i) ours.visits[i] += theirs.visits[i];
    for (std::size_t i = 0; i < theirs.entries.size(); ++i) ours.entries[i] += theirs.entries[i];
  }
}

const StageGraph& StageStatistics::graph() const {
  if (!graph_) throw InvalidArgument("stage statistics: the empty identity has no stage graph");
  return *graph_;
}

std::vector<std::string> StageStatistics::segments() const {
  std::vector<std::string> names;
  for (const auto& [key, cell] : cells_)
    if (names.empty() || names.back() != key.segment) names.push_back(key.segment);
  return names;
}

std::vector<Day> StageStatistics::periods() const {
  std::vector<Day> days;
  for (const auto& [key, cell] : cells_) days.push_back(to_day(key.period));
  std::sort(days.begin(), days.end());
  days.erase(std::unique(days.begin(), days.end()), days.end());
  return days;
}

std::span<const std::uint64_t> StageStatistics::counts(std::string_view segment, Day period, StageId from,
                                                       StageId to) const {
  check_stage(graph(), from, "from");
  if (to != kNoStage) check_stage(graph(), to, "to");
  const auto found = cells_.find(Key{std::string(segment), day_number(period)});
  const std::size_t row = rows_[index(from)];
  if (found == cells_.end() || row == kNoRow) return zeros_;
  const std::size_t column = to == kNoStage ? graph_->stage_count() : index(to);
  return std::span<const std::uint64_t>(found->second.visits).subspan(row + column * bin_count(), bin_count());
}

std::vector<std::uint64_t> StageStatistics::counts(StageId from, StageId to) const {
  std::vector<std::uint64_t> sum(counts("", Day{}, from, to).size());
  for (const auto& [key, cell] : cells_) {
    const auto part = counts(key.segment, to_day(key.period), from, to);
    std::transform(part.begin(), part.end(), sum.begin(), sum.begin(), std::plus<>());
  }
  return sum;
}

std::vector<std::uint64_t> StageStatistics::first_entries() const {
  std::vector<std::uint64_t> sum(graph().stage_count());
  for (const auto& [key, cell] : cells_)
    std::transform(cell.entries.begin(), cell.entries.end(), sum.begin(), sum.begin(), std::plus<>());
  return sum;
}

std::uint64_t StageStatistics::visit_count() const {
  std::uint64_t sum = 0;
  for (const auto& [key, cell] : cells_)
    for (const std::uint64_t count : cell.visits) sum += count;
  return sum;
}

StageStatistics::Cell& StageStatistics::cell(const Key& key) {
  const auto [place, made] = cells_.try_emplace(key);
  if (made) {
    place->second.visits.resize(cell_size_);
    place->second.entries.resize(graph_->stage_count());
  }
  return place->second;
}

}  // namespace putki
