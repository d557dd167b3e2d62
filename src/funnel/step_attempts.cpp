#include "funnel/step_attempts.hpp"

#include <algorithm>

namespace putki {
namespace {

constexpr std::size_t kNoVisit = static_cast<std::size_t>(-1);

}  // namespace

StepPlan::StepPlan(const StageGraph& graph, const StepFunnelQuestion& question)
    : question_(&question),
      step_bits_(graph.stage_count()),
      exclusion_bits_(graph.stage_count()),
      window_(question.window ? question.window->count() : std::numeric_limits<std::int64_t>::max()),
      greedy_(question.order == StepOrder::ordered && question.exclusions.empty()),
      simple_(true) {
  for (std::size_t k = 0; k < steps(); ++k) {
    const FunnelStep& step = question.steps[k];
    for (const StageId stage : step.stages) step_bits_[index(stage)] |= std::uint64_t{1} << k;
    if (step.optional || step.min_gap || step.max_gap) greedy_ = false;
  }
  for (std::size_t x = 0; x < question.exclusions.size(); ++x)
    for (const StageId stage : question.exclusions[x].stages) exclusion_bits_[index(stage)] |= std::uint64_t{1} << x;
  for (const std::uint64_t bits : step_bits_)
    if ((bits & (bits >> 1)) != 0) simple_ = false;
  simple_ = simple_ && greedy_;

  for (std::size_t to = steps(); to-- > 1;)
    for (std::size_t from = to; from-- > 0;) {
      const FunnelStep& step = question.steps[to];
      Move move{.from = from,
                .to = to,
                .min_gap = step.min_gap ? step.min_gap->count() : 0,
                .max_gap = step.max_gap ? step.max_gap->count() : std::numeric_limits<std::int64_t>::max(),
                .exclusions = 0};
      for (std::size_t x = 0; x < question.exclusions.size(); ++x)
        if (from >= question.exclusions[x].after && to <= question.exclusions[x].before)
          move.exclusions |= std::uint64_t{1} << x;
      moves_.push_back(move);
      if (!question.steps[from].optional) break;
    }
}

StepMatcher::StepMatcher(const StepPlan& plan)
    : plan_(plan),
      reached_(plan.steps()),
      ends_(plan.steps()),
      cursors_(plan.moves().size()),
      barriers_(plan.moves().size()),
      owners_(plan.steps()) {}

void StepMatcher::find_next(const std::vector<StepVisit>& visits) {
  const std::size_t steps = plan_.steps();
  next_.assign((visits.size() + 1) * steps, kNoVisit);
  for (std::size_t v = visits.size(); v-- > 0;) {
    const std::uint64_t can_be = plan_.step_bits()[index(visits[v].stage)];
    for (std::size_t k = 0; k < steps; ++k)
      next_[v * steps + k] = (can_be >> k & 1) != 0 ? v : next_[(v + 1) * steps + k];
  }
}

void StepMatcher::leap(const std::vector<StepVisit>& visits, std::size_t entry) {
  std::fill(reached_.begin(), reached_.end(), kNotReached);
  reached_[0] = visits[entry].time;
  std::size_t at = entry;
  for (std::size_t k = 1; k < plan_.steps(); ++k) {
    at = next_[(at + 1) * plan_.steps() + k];
    if (at == kNoVisit || visits[at].time - visits[entry].time > plan_.window()) return;
    reached_[k] = visits[at].time;
  }
}

// Visit i can be step `to` when some end j < i of the step before keeps min_gap <= t_i - t_j <= max_gap and no excluded
// visit lies between. Times ascend, so the last j that keeps min_gap is the best one for both other rules, and it only
// moves forward with i: one pass.
void StepMatcher::follow(const std::vector<StepVisit>& visits, std::size_t entry) {
  const auto& moves = plan_.moves();
  const bool strict = plan_.question().order == StepOrder::strict;
  std::fill(reached_.begin(), reached_.end(), kNotReached);
  for (auto& ends : ends_) ends.clear();
  std::fill(cursors_.begin(), cursors_.end(), 0);
  std::fill(barriers_.begin(), barriers_.end(), entry);
  ends_[0].push_back(entry);
  reached_[0] = visits[entry].time;
  std::size_t missing = plan_.steps() - 1;
  for (std::size_t i = entry + 1; i < visits.size() && missing > 0; ++i) {
    const std::int64_t time = visits[i].time;
    if (time - visits[entry].time > plan_.window()) break;
    const std::uint64_t steps = plan_.step_bits()[index(visits[i].stage)];
    const std::uint64_t exclusions = plan_.exclusion_bits()[index(visits[i].stage)];
    for (std::size_t m = 0; m < moves.size(); ++m) {
      const StepPlan::Move& move = moves[m];
      if ((steps >> move.to & 1) != 0) {
        const auto& from = ends_[move.from];
        std::size_t& old = cursors_[m];
        while (old < from.size() && time - visits[from[old]].time >= move.min_gap) ++old;
        // by `to` descending, so the visit itself is not among the ends of an earlier step yet
        if (old > 0) {
          const std::size_t j = from[old - 1];
          const bool keeps = time - visits[j].time <= move.max_gap && j >= barriers_[m] && (!strict || j + 1 == i);
          auto& ends = ends_[move.to];
          if (keeps && (ends.empty() || ends.back() != i)) {
            ends.push_back(i);
            if (reached_[move.to] == kNotReached) {
              reached_[move.to] = time;
              --missing;
            }
          }
        }
      }
      if ((exclusions & move.exclusions) != 0) barriers_[m] = i;
    }
  }
}

// Kuhn's augmenting path: the visit takes a step, whose visit takes another, and so on to a step nobody has.
bool StepMatcher::augment(const std::vector<StepVisit>& visits, std::size_t visit, std::uint64_t& tried) {
  const std::uint64_t can_be = plan_.step_bits()[index(visits[visit].stage)];
  for (std::size_t k = 0; k < plan_.steps(); ++k) {
    if ((can_be & ~tried & std::uint64_t{1} << k) == 0) continue;
    tried |= std::uint64_t{1} << k;
    if (owners_[k] == kNoVisit || augment(visits, owners_[k], tried)) {
      owners_[k] = visit;
      return true;
    }
  }
  return false;
}

// A visit that finds no augmenting path now finds none later, so each is tried once.
std::size_t StepMatcher::gather(const std::vector<StepVisit>& visits, std::size_t entry) {
  std::fill(reached_.begin(), reached_.end(), kNotReached);
  std::fill(owners_.begin(), owners_.end(), kNoVisit);
  std::size_t done = 0;
  for (std::size_t i = entry; i < visits.size(); ++i) {
    if (visits[i].time - visits[entry].time > plan_.window()) return i;
    std::uint64_t tried = 0;
    if (augment(visits, i, tried)) {
      reached_[done] = visits[i].time;
      if (++done == plan_.steps()) return i + 1;
    } else if (plan_.exclusion_bits()[index(visits[i].stage)] != 0) {
      return i + 1;
    }
  }
  return visits.size();
}

}  // namespace putki
