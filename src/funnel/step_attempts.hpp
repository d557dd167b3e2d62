#pragma once
// Finds the attempts of a deal at a step funnel, by the rules of step_funnel.hpp.

#include <putki/funnel/step_funnel.hpp>

#include <cstdint>
#include <limits>
#include <vector>

namespace putki {

// Microseconds since the epoch; what no visit has.
inline constexpr std::int64_t kNotReached = std::numeric_limits<std::int64_t>::max();

struct StepAttempt {
  std::size_t entry;                         // visit of the deal that it starts at
  std::int64_t begin;                        // its time
  const std::vector<std::int64_t>& reached;  // by step (unordered: by number of steps done), kNotReached
};

struct StepVisit {
  StageId stage;
  std::uint32_t event;
  std::int64_t time;
};

// A question made ready for matching: stages as bits. The question has been checked.
class StepPlan {
 public:
  StepPlan(const StageGraph& graph, const StepFunnelQuestion& question);

  const StepFunnelQuestion& question() const { return *question_; }
  std::size_t steps() const { return question_->steps.size(); }
  // Bit k: a visit to the stage can be step k.
  const std::vector<std::uint64_t>& step_bits() const { return step_bits_; }
  const std::vector<std::uint64_t>& exclusion_bits() const { return exclusion_bits_; }
  // Greedy matching is exact, and a row that repeats a stage cannot be taken for another visit: ordered, first entries,
  // no gaps, exclusions or optional steps, no stage in two steps that follow one another.
  bool simple() const { return simple_ && question_->entries == StepEntries::first; }
  // Greedy matching is exact for every entry: as above, whatever the entries.
  bool greedy() const { return greedy_; }

  // From the step taken last to the next one taken.
  struct Move {
    std::size_t from, to;
    std::int64_t min_gap, max_gap;
    std::uint64_t exclusions;
  };
  const std::vector<Move>& moves() const { return moves_; }  // by `to` descending
  std::int64_t window() const { return window_; }            // the largest number when there is none

 private:
  const StepFunnelQuestion* question_;
  std::vector<std::uint64_t> step_bits_, exclusion_bits_;
  std::vector<Move> moves_;
  std::int64_t window_;
  bool greedy_, simple_;
};

// Buffers are kept from deal to deal: one matcher a thread.
class StepMatcher {
 public:
  explicit StepMatcher(const StepPlan& plan);

  // Calls f(const StepAttempt&) for each attempt of a deal with these visits.
  template <class F>
  void match(const std::vector<StepVisit>& visits, F&& f) {
    if (plan_.question().order == StepOrder::unordered) return match_unordered(visits, f);
    const bool leaps = plan_.greedy() && plan_.question().entries == StepEntries::every;
    if (leaps) find_next(visits);
    const auto one = [&](std::size_t entry) {
      leaps ? leap(visits, entry) : follow(visits, entry);
      f(StepAttempt{entry, visits[entry].time, reached_});
    };
    const auto is_entry = [&](std::size_t v) { return (plan_.step_bits()[index(visits[v].stage)] & 1) != 0; };
    if (plan_.question().entries == StepEntries::latest) {
      for (std::size_t v = visits.size(); v-- > 0;)
        if (is_entry(v)) return one(v);
      return;
    }
    for (std::size_t v = 0; v < visits.size(); ++v) {
      if (!is_entry(v)) continue;
      one(v);
      if (plan_.question().entries == StepEntries::first) return;
    }
  }

 private:
  template <class F>
  void match_unordered(const std::vector<StepVisit>& visits, F& f) {
    constexpr std::size_t kNone = static_cast<std::size_t>(-1);
    std::size_t latest = kNone;
    for (std::size_t v = 0; v < visits.size();) {
      if (plan_.step_bits()[index(visits[v].stage)] == 0) {
        ++v;
        continue;
      }
      const std::size_t next = gather(visits, v);
      latest = v;
      if (plan_.question().entries != StepEntries::latest) f(StepAttempt{v, visits[v].time, reached_});
      if (plan_.question().entries == StepEntries::first) return;
      v = next;
    }
    if (plan_.question().entries != StepEntries::latest || latest == kNone) return;
    gather(visits, latest);
    f(StepAttempt{latest, visits[latest].time, reached_});
  }

  // Where every entry of a long deal is followed: from each visit on the next one to each step, then a step at a time.
  void find_next(const std::vector<StepVisit>& visits);
  void leap(const std::vector<StepVisit>& visits, std::size_t entry);
  // Fill reached_ for the attempt at visit `entry`; `gather` returns the visit after its end.
  void follow(const std::vector<StepVisit>& visits, std::size_t entry);
  std::size_t gather(const std::vector<StepVisit>& visits, std::size_t entry);
  bool augment(const std::vector<StepVisit>& visits, std::size_t visit, std::uint64_t& tried);

  const StepPlan& plan_;
  std::vector<std::int64_t> reached_;
  std::vector<std::vector<std::size_t>> ends_;   // by step: visits that can be it, ascending
  std::vector<std::size_t> cursors_, barriers_;  // by move: ends_ old enough; first visit after which none is excluded
  std::vector<std::size_t> next_;                // [visit * steps + step]
  std::vector<std::size_t> owners_;              // by step: the visit matched to it
};

}  // namespace putki
