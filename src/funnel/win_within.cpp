#include "funnel/win_within.hpp"

#include <algorithm>
#include <cmath>

namespace putki {
namespace {

// Whole days fall on borders of steps, so that logs of dates lose nothing.
std::size_t steps_within(double days) {
  const auto whole = static_cast<std::size_t>(std::ceil(days));
  return whole * std::max<std::size_t>(1, (128 + whole - 1) / whole);
}

}  // namespace

WinWithin::WinWithin(const StageGraph& graph, const std::vector<StageCourse>& courses, double within_days)
    : within_days_(within_days), steps_(steps_within(within_days)) {
  const std::size_t n = graph.stage_count();
  std::vector<std::vector<StageCourse::Masses>> masses(n);
  for (std::size_t s = 0; s < n; ++s) {
    kinds_.push_back(graph.kind(static_cast<StageId>(s)));
    won_.emplace_back(steps_ + 1, kinds_[s] == StageKind::won ? 1.0 : 0.0);
    if (!is_terminal(kinds_[s])) masses[s] = courses[s].masses(StageCourse::kFresh, within_days, steps_);
  }
  std::vector<double> known(n), next(n);
  for (std::size_t step = 0; step <= steps_; ++step) {
    // What earlier steps say; then moves at once and within the first step, which lead back to this one. They carry
    // less than all of the probability around a loop, or nothing is won from it: iterating from 0 finds the least
    // solution, which is the probability.
    for (std::size_t s = 0; s < n; ++s) {
      if (is_terminal(kinds_[s])) continue;
      known[s] = 0;
      for (const StageCourse::Masses& of : masses[s]) known[s] += after(of, step);
    }
    for (int round = 0; round < 500; ++round) {
      double change = 0;
      for (std::size_t s = 0; s < n; ++s) {
        if (is_terminal(kinds_[s])) continue;
        next[s] = known[s];
        for (const StageCourse::Masses& of : masses[s]) {
          const std::size_t j = static_cast<std::size_t>(of.cause) - 1;
          if (is_terminal(kinds_[j])) continue;
          next[s] += (of.at_once + (step > 0 ? 0.5 * of.in_cell[0] : 0.0)) * won_[j][step];
        }
        change = std::max(change, std::abs(next[s] - won_[s][step]));
      }
      for (std::size_t s = 0; s < n; ++s)
        if (!is_terminal(kinds_[s])) won_[s][step] = next[s];
      if (change < 1e-15) break;
    }
  }
}

// Through one next stage within so many steps, without what the present step itself would have to say.
double WinWithin::after(const StageCourse::Masses& masses, std::size_t steps) const {
  const std::size_t j = static_cast<std::size_t>(masses.cause) - 1;
  double sum = 0;
  if (kinds_[j] == StageKind::lost) return 0;
  if (kinds_[j] == StageKind::won) {
    sum = masses.at_once;
    for (std::size_t cell = 0; cell < steps; ++cell) sum += masses.in_cell[cell];
    return sum;
  }
  const std::vector<double>& won = won_[j];
  for (std::size_t cell = 0; cell < steps; ++cell)
    sum += 0.5 * masses.in_cell[cell] * (won[steps - cell - 1] + (cell > 0 ? won[steps - cell] : 0.0));
  return sum;
}

double WinWithin::of(const StageCourse& course, double age) const {
  double sum = 0;
  for (const StageCourse::Masses& masses : course.masses(age, within_days_, steps_)) {
    sum += after(masses, steps_);
    const std::size_t j = static_cast<std::size_t>(masses.cause) - 1;
    if (!is_terminal(kinds_[j])) sum += (masses.at_once + 0.5 * masses.in_cell[0]) * won_[j][steps_];
  }
  return std::clamp(sum, 0.0, 1.0);
}

}  // namespace putki
