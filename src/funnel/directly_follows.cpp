#include <putki/funnel/directly_follows.hpp>

#include <fmt/format.h>
#include <putki/core/error.hpp>

#include "funnel/deal_amount.hpp"
#include "funnel/deal_ranges.hpp"

#include <algorithm>
#include <limits>
#include <mutex>
#include <unordered_map>

namespace putki {
namespace {

constexpr std::int64_t kDayLength = 86'400'000'000;
constexpr std::size_t kMostDenseStages = 256;

// Sums of one stretch of deals. Stays of a deal follow one another, so a stretch's time is at most deals x span of the
// log: stretches are cut so that 64 bits hold it.
struct MoveCell {
  std::uint64_t count = 0;
  std::int64_t time = 0;
  Money value;
  std::uint64_t without_amount = 0;
};

class DenseCells {
 public:
  explicit DenseCells(std::size_t stages) : stages_(stages), cells_(stages * stages) {}
  MoveCell& at(StageId from, StageId to) { return cells_[index(from) * stages_ + index(to)]; }
  template <class F>
  void for_each(F&& f) const {
    for (std::size_t i = 0; i < cells_.size(); ++i)
      if (cells_[i].count > 0) f(static_cast<StageId>(i / stages_), static_cast<StageId>(i % stages_), cells_[i]);
  }

 private:
  std::size_t stages_;
  std::vector<MoveCell> cells_;
};

class SparseCells {
 public:
  explicit SparseCells(std::size_t) {}
  MoveCell& at(StageId from, StageId to) {
    return cells_[(static_cast<std::uint32_t>(from) << 16) | static_cast<std::uint32_t>(to)];
  }
  template <class F>
  void for_each(F&& f) const {
    for (const auto& [key, cell] : cells_) f(static_cast<StageId>(key >> 16), static_cast<StageId>(key & 0xffff), cell);
  }

 private:
  std::unordered_map<std::uint32_t, MoveCell> cells_;
};

bool before(const DirectMove& move, StageId from, StageId to) {
  return move.from != from ? move.from < from : move.to < to;
}

// `to` plus `from`, both ordered.
void add_moves(std::vector<DirectMove>& to, const std::vector<DirectMove>& from) {
  std::vector<DirectMove> sum;
  sum.reserve(to.size() + from.size());
  auto a = to.begin();
  for (const DirectMove& move : from) {
    while (a != to.end() && before(*a, move.from, move.to)) sum.push_back(*a++);
    sum.push_back(move);
    if (a == to.end() || before(move, a->from, a->to)) continue;
    sum.back().count += a->count;
    sum.back().time += a->time;
    sum.back().value += a->value;
    sum.back().without_amount += a->without_amount;
    ++a;
  }
  sum.insert(sum.end(), a, to.end());
  to = std::move(sum);
}

template <class Cells, bool kValues>
DirectlyFollows follow(const AsOf& view, DealRange range) {
  const EventLog& log = view.log();
  const std::size_t stage_count = log.graph().stage_count();
  const StageId* stages = log.stages().data();
  const Timestamp* times = log.times().data();
  const auto amounts = log.amounts();
  Cells cells(stage_count);
  DirectlyFollows result;
  result.begun.resize(stage_count);
  result.stands.resize(stage_count);
  for_each_deal_between(view, range.begin, range.end, [&](DealId, std::uint32_t first, std::uint32_t last) {
    Money amount = kNoAmount;
    if constexpr (kValues) amount = last_amount_of(amounts, first, last);
    StageId here = stages[first];
    Timestamp entered = times[first];
    ++result.deals;
    ++result.begun[index(here)];
    for (std::uint32_t i = first + 1; i < last; ++i) {
      const StageId next = stages[i];
      if (next == here) continue;
      MoveCell& cell = cells.at(here, next);
      ++cell.count;
      cell.time += (times[i] - entered).count();
      if constexpr (kValues) {
        if (amount != kNoAmount)
          cell.value += amount;
        else
          ++cell.without_amount;
      }
      here = next;
      entered = times[i];
    }
    ++result.stands[index(here)];
  });
  cells.for_each([&](StageId from, StageId to, const MoveCell& cell) {
    result.count += cell.count;
    result.moves.push_back({.from = from,
                            .to = to,
                            .count = cell.count,
                            .time = {},
                            .value = cell.value,
                            .without_amount = cell.without_amount});
    result.moves.back().time += std::chrono::microseconds{cell.time};
  });
  std::sort(result.moves.begin(), result.moves.end(),
            [](const auto& a, const auto& b) { return before(a, b.from, b.to); });
  result.with_values = kValues;
  return result;
}

DirectlyFollows follow(const AsOf& view, DealRange range, bool values) {
  if (view.graph().stage_count() > kMostDenseStages)
    return values ? follow<SparseCells, true>(view, range) : follow<SparseCells, false>(view, range);
  return values ? follow<DenseCells, true>(view, range) : follow<DenseCells, false>(view, range);
}

void add_counts(std::vector<std::uint64_t>& to, const std::vector<std::uint64_t>& from) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += from[i];
}

}  // namespace

TotalTime& TotalTime::operator+=(std::chrono::microseconds more) {
  return *this += TotalTime{more.count() / kDayLength, more.count() % kDayLength};
}

TotalTime& TotalTime::operator+=(const TotalTime& more) {
  days += more.days;
  microseconds += more.microseconds;
  if (microseconds >= kDayLength) {
    microseconds -= kDayLength;
    ++days;
  }
  return *this;
}

double TotalTime::mean_days(std::uint64_t count) const {
  if (count == 0) return 0;
  return (static_cast<double>(days) + static_cast<double>(microseconds) / static_cast<double>(kDayLength)) /
         static_cast<double>(count);
}

const DirectMove* DirectlyFollows::find(StageId from, StageId to) const {
  const auto found =
      std::partition_point(moves.begin(), moves.end(), [&](const DirectMove& move) { return before(move, from, to); });
  return found != moves.end() && found->from == from && found->to == to ? &*found : nullptr;
}

void DirectlyFollows::merge(const DirectlyFollows& other) {
  if (other.begun.empty()) return;
  if (begun.empty()) {
    *this = other;
    return;
  }
  if (begun.size() != other.begun.size())
    throw InvalidArgument(
        fmt::format("moves of {} and of {} stages cannot be merged", begun.size(), other.begun.size()),
        ErrorCode::incompatible);
  if (with_values != other.with_values)
    throw InvalidArgument("moves with values and moves without cannot be merged", ErrorCode::incompatible);
  const DirectlyFollows copy = &other == this ? other : DirectlyFollows{};
  const DirectlyFollows& more = &other == this ? copy : other;
  deals += more.deals;
  count += more.count;
  add_counts(begun, more.begun);
  add_counts(stands, more.stands);
  add_moves(moves, more.moves);
}

DirectlyFollows directly_follows(const AsOf& view, const DirectlyFollowsOptions& options) {
  const EventLog& log = view.log();
  const std::int64_t span = log.event_count() > 0 ? (*log.last_time() - *log.first_time()).count() : 0;
  constexpr std::int64_t kMostDeals = 1 << 16;  // so that several threads share even a short span evenly
  const std::int64_t most = std::clamp<std::int64_t>(
      std::numeric_limits<std::int64_t>::max() / std::max<std::int64_t>(span, 1), 1, kMostDeals);
  DirectlyFollows result;
  result.begun.resize(view.graph().stage_count());
  result.stands.resize(view.graph().stage_count());
  result.with_values = options.values;
  const auto ranges = deal_ranges(view, static_cast<std::size_t>(most));
  std::mutex adding;
  parallel_for(
      ranges.size(),
      [&](std::size_t i) {
        const DirectlyFollows part = follow(view, ranges[i], options.values);
        const std::scoped_lock lock(adding);
        result.merge(part);
      },
      options.threads);
  return result;
}

}  // namespace putki
