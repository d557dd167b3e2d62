#pragma once
/// \file
/// Directly-follows: which stage follows which, how often, after how long, with how much money.
///
/// A move is one visit followed by the next; a row that repeats the stage is no move. `count` is moves, not deals: a
/// deal that makes a move twice counts twice. The time of a move from i to j is the real time of the visit to i that
/// ended in j, from its first row to the row that leaves. Totals are exact (microseconds), so statistics of shards of
/// deals, merged, equal those of the whole bit for bit, at any number of threads. Moves of reopened deals (out of a
/// won or lost stage) are moves.
///
/// `value` adds up the amount last known at the view of each deal that moved, once per move; moves of deals without any
/// known amount are counted in `without_amount`, never as zero.
///
/// The mean time is that of *completed* moves, as every process-mining tool shows it. It says how long the moves took
/// that were made, not how long a deal will stay: visits still open are not in it, and while the pipeline grows the
/// long ones are missing most. For how long deals stay see stage_medians.hpp and stage_times (stage_flow.hpp), which
/// treat the open ones as censored.
///
/// How this differs from what CRMs show. Stage reports divide "deals now beyond" by "deals ever in" and so cannot tell
/// a skip from a step, or a step back from a step forth; they take each pair of neighbouring stages of one ideal line.
/// Here every pair that occurred has its own line.
///
/// Cost: one pass over stages and times (10 bytes an event; with values the amounts too), about 8 ns a move on one
/// core. Memory: stages^2 counters a thread up to 256 stages, pairs that occurred above. No deals: everything empty.

#include <putki/core/money.hpp>
#include <putki/events/as_of.hpp>

#include <chrono>
#include <cstdint>
#include <vector>

namespace putki {

/// A sum of durations that cannot overflow or round: whole days and a rest.
struct TotalTime {
  std::int64_t days = 0;
  std::int64_t microseconds = 0;                          ///< 0 <= microseconds < one day
  TotalTime& operator+=(std::chrono::microseconds more);  ///< `more` is 0 or longer
  TotalTime& operator+=(const TotalTime& more);
  /// In real days; 0 of nothing.
  double mean_days(std::uint64_t count) const;
  friend bool operator==(const TotalTime&, const TotalTime&) = default;
};

/// All moves from one stage straight to another.
struct DirectMove {
  StageId from;
  StageId to;
  std::uint64_t count = 0;
  TotalTime time;                    ///< spent in `from` before
  Money value;                       ///< of moves of deals with a known amount
  std::uint64_t without_amount = 0;  ///< moves of the others
  double mean_days() const { return time.mean_days(count); }
  friend bool operator==(const DirectMove&, const DirectMove&) = default;
};

/// Counts of shards of deals, merged, are those of the whole; the default value is the identity.
struct DirectlyFollows {
  std::uint64_t deals = 0;            ///< known in the view
  std::uint64_t count = 0;            ///< moves
  std::vector<std::uint64_t> begun;   ///< by stage: deals whose first stage it was
  std::vector<std::uint64_t> stands;  ///< by stage: deals there at the view, terminal stages included
  std::vector<DirectMove> moves;      ///< those that occurred, by from, then to
  /// The line of one pair; nothing when it never occurred. O(log moves).
  const DirectMove* find(StageId from, StageId to) const;
  /// InvalidArgument (ErrorCode::incompatible) when both have stages and not the same number, or one has values and the
  /// other has not.
  void merge(const DirectlyFollows& other);
  bool with_values = false;  ///< as asked for
  friend bool operator==(const DirectlyFollows&, const DirectlyFollows&) = default;
};

struct DirectlyFollowsOptions {
  /// Add up amounts too; without, `value` and `without_amount` stay 0.
  bool values = true;
  /// 0: one per core. The result does not depend on it.
  unsigned threads = 1;
};

DirectlyFollows directly_follows(const AsOf& view, const DirectlyFollowsOptions& options = {});

}  // namespace putki
