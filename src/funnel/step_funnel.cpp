#include <fmt/format.h>
#include <putki/core/error.hpp>
#include <putki/core/parallel.hpp>
#include <putki/funnel/step_funnel.hpp>
#include <putki/survival/kaplan_meier.hpp>

#include "funnel/deal_amount.hpp"
#include "funnel/step_attempts.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

namespace putki {
namespace {

constexpr std::size_t kMostSteps = 63;
constexpr std::size_t kMostExclusions = 64;
// Enough work for a thread; small logs stay on the caller's.
constexpr std::size_t kDealsAtATime = 32'768;

template <class Enum, std::size_t n>
Enum parse_step_word(const char* what, std::string_view text, const Enum (&values)[n]) {
  std::string allowed;
  for (const Enum value : values) {
    if (to_string(value) == text) return value;
    allowed += (allowed.empty() ? "" : ", ") + to_string(value);
  }
  throw InvalidArgument(fmt::format("{} is '{}'; allowed are {}", what, text, allowed));
}

void check_step_stages(const StageGraph& graph, const std::vector<StageId>& stages, const std::string& what) {
  if (stages.empty()) throw InvalidArgument(fmt::format("step funnel: {} has no stage", what));
  for (const StageId stage : stages)
    if (index(stage) >= graph.stage_count())
      throw InvalidArgument(
          fmt::format("step funnel: {} has stage {}; the graph has {}", what, index(stage), graph.stage_count()));
}

void check_step_question(const StageGraph& graph, const StepFunnelQuestion& question) {
  const auto refuse = [](const std::string& what) { throw InvalidArgument("step funnel: " + what); };
  const std::size_t steps = question.steps.size();
  if (steps == 0 || steps > kMostSteps) refuse(fmt::format("{} steps; 1 to {} are allowed", steps, kMostSteps));
  if (question.exclusions.size() > kMostExclusions)
    refuse(fmt::format("{} exclusions; at most {} are allowed", question.exclusions.size(), kMostExclusions));
  if (question.window && question.window->count() <= 0)
    refuse(fmt::format("a window of {:g} days; it must be above 0", elapsed_days({}, Timestamp(*question.window))));
  const bool unordered = question.order == StepOrder::unordered;
  for (std::size_t k = 0; k < steps; ++k) {
    const FunnelStep& step = question.steps[k];
    const std::string place = fmt::format("step {}", k + 1);
    check_step_stages(graph, step.stages, place);
    if (step.optional && (k == 0 || unordered))
      refuse(place + " is optional; the first step and steps in any order cannot be");
    if (!step.min_gap && !step.max_gap) continue;
    if (k == 0 || unordered) refuse(place + " has a gap; the first step and steps in any order follow no other");
    if (step.min_gap && step.min_gap->count() < 0) refuse(place + " has a minimum gap below 0");
    if (step.max_gap && *step.max_gap < step.min_gap.value_or(std::chrono::microseconds{0}))
      refuse(place + " has a maximum gap below " + (step.min_gap ? "the minimum" : "0"));
  }
  for (std::size_t x = 0; x < question.exclusions.size(); ++x) {
    const FunnelExclusion& exclusion = question.exclusions[x];
    const std::string place = fmt::format("exclusion {}", x + 1);
    check_step_stages(graph, exclusion.stages, place);
    if (exclusion.after == 0 && exclusion.before == kLastStep) continue;
    if (unordered) refuse(place + " lies between two steps; steps in any order have nothing between them");
    const std::size_t before = std::min(exclusion.before, steps - 1);
    if (exclusion.after >= before || (exclusion.before != kLastStep && exclusion.before >= steps))
      refuse(fmt::format("{} from step {} to step {}; there are {} steps, and it must end after it begins", place,
                         exclusion.after + 1, exclusion.before == kLastStep ? steps : exclusion.before + 1, steps));
    if (question.steps[exclusion.after].optional || (exclusion.before != kLastStep && question.steps[before].optional))
      refuse(place + " begins or ends at an optional step");
  }
}

// The deals of a view by place, cut into stretches that threads take.
class StepDeals {
 public:
  explicit StepDeals(const AsOf& view)
      : view_(&view), size_(view.selects_all() ? view.log().deal_count() : view.selection().size()) {}
  std::size_t stretches() const { return (size_ + kDealsAtATime - 1) / kDealsAtATime; }
  // Calls f(first event, end of known events) for every deal of the stretch with known events.
  template <class F>
  void for_each(std::size_t stretch, F&& f) const {
    const std::size_t end = std::min(size_, (stretch + 1) * kDealsAtATime);
    const auto offsets = view_->log().offsets();
    const auto selection = view_->selection();
    for (std::size_t place = stretch * kDealsAtATime; place < end; ++place) {
      const DealId deal = view_->selects_all() ? static_cast<DealId>(place) : selection[place];
      const std::uint32_t first = offsets[index(deal)];
      const std::uint32_t last = view_->known_end(deal);
      if (last > first) f(first, last);
    }
  }

 private:
  const AsOf* view_;
  std::size_t size_;
};

StepFunnelCounts no_step_counts(std::size_t steps) {
  StepFunnelCounts counts;
  counts.mature.resize(steps);
  counts.immature.resize(steps);
  return counts;
}

// Deals by the number of steps they came to: a deal takes the first visit to each step in turn. Without a branch on
// the data but for the end of the deal.
template <bool has_window>
StepFunnelCounts count_simple(const AsOf& view, const StepPlan& plan, const StepDeals& deals, std::size_t stretch) {
  const StageId* const stages = view.log().stages().data();
  const Timestamp* const times = view.log().times().data();
  const std::uint64_t* const bits = plan.step_bits().data();
  const std::int64_t window = plan.window();
  const std::int64_t instant = view.instant().time_since_epoch().count();
  StepFunnelCounts counts = no_step_counts(plan.steps());
  std::uint64_t came_to[2][kMostSteps + 1] = {};
  deals.for_each(stretch, [&](std::uint32_t first, std::uint32_t last) {
    ++counts.deals;
    unsigned step = 0;
    [[maybe_unused]] std::int64_t begin = 0;
    for (std::uint32_t i = first; i < last; ++i) {
      const auto hit = static_cast<unsigned>(bits[index(stages[i])] >> step & 1);
      if constexpr (has_window) {
        const std::int64_t time = times[i].time_since_epoch().count();
        begin = (hit & (step == 0)) != 0 ? time : begin;
        step += hit & static_cast<unsigned>(time - begin <= window);
      } else {
        step += hit;
      }
    }
    const bool mature = has_window && instant - begin >= window;
    ++came_to[mature ? 1 : 0][step];
  });
  std::uint64_t immature = 0, mature = 0;
  for (std::size_t k = plan.steps(); k-- > 0;) {
    counts.immature[k].attempts = immature += came_to[0][k + 1];
    counts.mature[k].attempts = mature += came_to[1][k + 1];
  }
  return counts;
}

// An attempt with what is asked of it beyond the match.
struct StepCase {
  const StepAttempt& attempt;
  bool mature;
  Money amount;  // kNoAmount: unknown
  StageId first_origin, last_origin;
};

Money step_amount(const AsOf& view, StepValue value, std::uint32_t first, std::uint32_t entry, std::uint32_t last) {
  if (value == StepValue::none) return kNoAmount;
  if (value == StepValue::at_entry) return last_amount_of(view.log().amounts(), first, entry + 1);
  return last_amount_unless_emptied(view.log(), first, last);
}

// Calls deal() for each deal of the stretch and f(const StepCase&) for each of its attempts.
template <class D, class F>
void for_each_attempt(const AsOf& view, const StepPlan& plan, const StepDeals& deals, std::size_t stretch, D&& deal,
                      F&& f) {
  const auto stages = view.log().stages();
  const auto times = view.log().times();
  const std::int64_t instant = view.instant().time_since_epoch().count();
  StepMatcher matcher(plan);
  std::vector<StepVisit> visits;
  deals.for_each(stretch, [&](std::uint32_t first, std::uint32_t last) {
    visits.clear();
    for (std::uint32_t i = first; i < last; ++i)
      if (i == first || stages[i] != stages[i - 1])
        visits.push_back({stages[i], i, times[i].time_since_epoch().count()});
    deal();
    matcher.match(visits, [&](const StepAttempt& attempt) {
      const std::size_t entry = attempt.entry;
      const bool mature = plan.question().window && instant - attempt.begin >= plan.window();
      f(StepCase{attempt, mature, step_amount(view, plan.question().value, first, visits[entry].event, last),
                 entry > 0 ? visits.front().stage : kNoStage, entry > 0 ? visits[entry - 1].stage : kNoStage});
    });
  });
}

void add_case(StepFunnelCounts& counts, const StepCase& found, std::size_t steps) {
  auto& tallies = found.mature ? counts.mature : counts.immature;
  for (std::size_t k = 0; k < steps; ++k) {
    if (found.attempt.reached[k] == kNotReached) continue;
    ++tallies[k].attempts;
    if (found.amount == kNoAmount) continue;
    ++tallies[k].amounts_known;
    tallies[k].amount += found.amount;
  }
}

double step_days(std::int64_t microseconds) {
  return elapsed_days({}, Timestamp(std::chrono::microseconds{microseconds}));
}

// What the figures of a funnel are made of: an element per attempt, in days since its entry.
struct StepSample {
  StepFunnelCounts counts;
  std::vector<double> seen;  // for how long, at most the window
  std::vector<bool> mature;
  std::vector<std::vector<double>> reached;  // [step], infinite when it was not
  std::size_t last_deal = 0;                 // by number from 1: counts each deal once

  explicit StepSample(std::size_t steps = 0) : counts(no_step_counts(steps)), reached(steps) {}
  void add(const StepCase& found, double seen_days) {
    add_case(counts, found, reached.size());
    seen.push_back(seen_days);
    mature.push_back(found.mature);
    for (std::size_t k = 0; k < reached.size(); ++k)
      reached[k].push_back(found.attempt.reached[k] == kNotReached
                               ? std::numeric_limits<double>::infinity()
                               : step_days(found.attempt.reached[k] - found.attempt.begin));
  }
  void append(const StepSample& other) {
    counts.merge(other.counts);
    seen.insert(seen.end(), other.seen.begin(), other.seen.end());
    mature.insert(mature.end(), other.mature.begin(), other.mature.end());
    for (std::size_t k = 0; k < reached.size(); ++k)
      reached[k].insert(reached[k].end(), other.reached[k].begin(), other.reached[k].end());
  }
};

// One sample for each part that `part_of` (below `parts`) puts attempts in; with one part all deals count.
std::vector<StepSample> step_samples(const AsOf& view, const StepFunnelQuestion& question, std::size_t parts,
                                     const std::function<std::size_t(const StepCase&)>& part_of) {
  check_step_question(view.graph(), question);
  const StepPlan plan(view.graph(), question);
  const StepDeals deals(view);
  const std::int64_t instant = view.instant().time_since_epoch().count();
  std::vector<std::vector<StepSample>> stretches(deals.stretches());
  parallel_for(
      stretches.size(),
      [&](std::size_t stretch) {
        std::vector<StepSample> samples(parts, StepSample(plan.steps()));
        std::size_t deal = 0;
        for_each_attempt(
            view, plan, deals, stretch, [&] { ++deal, samples.front().counts.deals += parts == 1 ? 1 : 0; },
            [&](const StepCase& found) {
              StepSample& sample = samples[part_of(found)];
              if (parts > 1 && sample.last_deal != deal) ++sample.counts.deals;
              sample.last_deal = deal;
              sample.add(found, step_days(std::min(plan.window(), instant - found.attempt.begin)));
            });
        stretches[stretch] = std::move(samples);
      },
      question.threads);
  std::vector<StepSample> whole(parts, StepSample(plan.steps()));
  for (auto& samples : stretches)
    for (std::size_t p = 0; p < parts; ++p) {
      whole[p].append(samples[p]);
      samples[p] = StepSample();
    }
  return whole;
}

ShareWithLimits wilson_share(std::uint64_t part, std::uint64_t whole) {
  const auto successes = static_cast<double>(part), trials = static_cast<double>(whole);
  return {whole == 0 ? 0 : successes / trials, wilson_interval(successes, trials)};
}

// Reached by `until`, the young for as long as they were seen. Where the curve has no spread to offer, Wilson's limits:
// when nobody came, of those seen that long; when all came, of all.
ShareWithLimits seen_share(const StepSample& sample, std::size_t k, double until) {
  const std::size_t n = sample.seen.size();
  if (n == 0 || k == 0) return {n == 0 ? 0.0 : 1.0, {n == 0 ? 0.0 : 1.0, 1}};
  Durations durations;
  std::uint64_t long_seen = 0, came = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const bool reached = std::isfinite(sample.reached[k][i]);
    durations.time.push_back(reached ? sample.reached[k][i] : sample.seen[i]);
    durations.cause.push_back(reached ? 1 : 0);
    long_seen += sample.seen[i] >= until ? 1 : 0;
    came += reached ? 1 : 0;
  }
  if (came == 0) return wilson_share(0, long_seen);
  if (came == n) return wilson_share(n, n);
  const SurvivalCurve without = kaplan_meier(durations);
  const Interval limits = without.interval(until);
  return {1 - without.survival(until), {1 - limits.upper, 1 - limits.lower}};
}

// Median of reached[k] - reached[previous] among attempts that count, previous nothing: since the entry.
std::optional<double> median_step_days(const StepSample& sample, bool mature_only, std::size_t k,
                                       std::size_t previous) {
  std::vector<double> days;
  for (std::size_t i = 0; i < sample.seen.size(); ++i)
    if (std::isfinite(sample.reached[k][i]) && (sample.mature[i] || !mature_only))
      days.push_back(sample.reached[k][i] - sample.reached[previous][i]);
  if (days.empty()) return std::nullopt;
  const auto middle = days.begin() + static_cast<std::ptrdiff_t>((days.size() - 1) / 2);
  std::nth_element(days.begin(), middle, days.end());
  return *middle;
}

StepFunnel step_figures(const AsOf& view, const StepFunnelQuestion& question, const StepSample& sample) {
  StepFunnel funnel{.question = question, .as_of = view.day(), .counts = sample.counts, .seen_days = 0, .steps = {}};
  for (const double days : sample.seen) funnel.seen_days = std::max(funnel.seen_days, days);
  const bool mature_only = question.window.has_value();
  const auto& basis = mature_only ? sample.counts.mature : sample.counts.immature;
  std::size_t previous = 0;
  std::vector<std::size_t> before;
  for (std::size_t k = 0; k < question.steps.size(); ++k) {
    const FunnelStep& step = question.steps[k];
    std::string label;
    if (question.order == StepOrder::unordered) {
      label = fmt::format("any {} step{}", k + 1, k == 0 ? "" : "s");
    } else {
      for (const StageId stage : step.stages) label += (label.empty() ? "" : " / ") + view.graph().stage(stage).name;
    }
    StepFigures figures{.label = label,
                        .optional = step.optional,
                        .mature = sample.counts.mature[k],
                        .immature = sample.counts.immature[k],
                        .from_first = wilson_share(basis[k].attempts, basis[0].attempts),
                        .from_previous = wilson_share(basis[k].attempts, basis[previous].attempts),
                        .dropped = basis[previous].attempts - basis[k].attempts,
                        .value_from_first = {},
                        .by_window = {},
                        .median_days = {},
                        .median_days_from_first = {}};
    if (basis[0].amount.minor > 0) figures.value_from_first = basis[k].amount.units() / basis[0].amount.units();
    funnel.steps.push_back(std::move(figures));
    before.push_back(previous);
    if (!step.optional) previous = k;
  }
  parallel_for(
      funnel.steps.size(),
      [&](std::size_t k) {
        funnel.steps[k].by_window = seen_share(sample, k, funnel.seen_days);
        funnel.steps[k].median_days = median_step_days(sample, mature_only, k, before[k]);
        funnel.steps[k].median_days_from_first = median_step_days(sample, mature_only, k, 0);
      },
      sample.seen.size() < kDealsAtATime ? 1 : question.threads);
  return funnel;
}

}  // namespace

std::string to_string(StepOrder order) {
  return order == StepOrder::ordered ? "ordered" : order == StepOrder::strict ? "strict" : "unordered";
}
std::string to_string(StepEntries entries) {
  return entries == StepEntries::first ? "first" : entries == StepEntries::latest ? "latest" : "every";
}
std::string to_string(StepValue value) {
  return value == StepValue::none ? "none" : value == StepValue::at_entry ? "at_entry" : "latest";
}
StepOrder parse_step_order(std::string_view text) {
  return parse_step_word("the order of steps", text, {StepOrder::ordered, StepOrder::strict, StepOrder::unordered});
}
StepEntries parse_step_entries(std::string_view text) {
  return parse_step_word("the entries of steps", text, {StepEntries::first, StepEntries::latest, StepEntries::every});
}

std::vector<FunnelStep> main_steps(const StageGraph& graph) {
  std::vector<FunnelStep> steps;
  const std::vector<StageId> gates = graph.gates();
  if (gates.size() >= 2) {
    for (const StageId gate : gates) steps.push_back({.stages = {gate}});
  } else {
    const std::vector<int> ranks = graph.ranks();
    std::vector<StageId> open = graph.stages_of(StageKind::open);
    std::stable_sort(open.begin(), open.end(), [&](StageId a, StageId b) { return ranks[index(a)] < ranks[index(b)]; });
    for (const StageId stage : open) {
      if (steps.empty() || ranks[index(steps.back().stages.front())] != ranks[index(stage)]) steps.push_back({});
      steps.back().stages.push_back(stage);
    }
  }
  if (steps.size() >= kMostSteps) steps.resize(kMostSteps - 1);
  const std::vector<StageId> won = graph.stages_of(StageKind::won);
  if (!won.empty()) steps.push_back({.stages = won});
  return steps;
}

StepTally& StepTally::operator+=(const StepTally& other) {
  attempts += other.attempts;
  amounts_known += other.amounts_known;
  amount += other.amount;
  return *this;
}

void StepFunnelCounts::merge(const StepFunnelCounts& other) {
  if (other.mature.empty()) return;
  if (mature.empty()) {
    *this = other;
    return;
  }
  if (mature.size() != other.mature.size())
    throw InvalidArgument(
        fmt::format("funnels of {} and of {} steps cannot be merged", mature.size(), other.mature.size()),
        ErrorCode::incompatible);
  deals += other.deals;
  for (std::size_t k = 0; k < mature.size(); ++k) {
    mature[k] += other.mature[k];
    immature[k] += other.immature[k];
  }
}

StepFunnelCounts count_step_funnel(const AsOf& view, const StepFunnelQuestion& question) {
  check_step_question(view.graph(), question);
  const StepPlan plan(view.graph(), question);
  const StepDeals deals(view);
  std::vector<StepFunnelCounts> stretches(deals.stretches());
  const bool simple = plan.simple() && question.value == StepValue::none;
  parallel_for(
      stretches.size(),
      [&](std::size_t stretch) {
        if (simple) {
          stretches[stretch] = question.window ? count_simple<true>(view, plan, deals, stretch)
                                               : count_simple<false>(view, plan, deals, stretch);
          return;
        }
        StepFunnelCounts counts = no_step_counts(plan.steps());
        for_each_attempt(
            view, plan, deals, stretch, [&] { ++counts.deals; },
            [&](const StepCase& found) { add_case(counts, found, plan.steps()); });
        stretches[stretch] = std::move(counts);
      },
      question.threads);
  StepFunnelCounts whole = no_step_counts(plan.steps());
  for (const StepFunnelCounts& counts : stretches) whole.merge(counts);
  return whole;
}

StepFunnel step_funnel(const AsOf& view, const StepFunnelQuestion& question) {
  return step_figures(view, question, step_samples(view, question, 1, [](const StepCase&) { return 0; }).front());
}

std::vector<StepFunnelPart> step_funnel_by_origin(const AsOf& view, const StepFunnelQuestion& question,
                                                  StepOrigin origin) {
  const std::size_t stages = view.graph().stage_count();
  const auto samples = step_samples(view, question, stages + 1, [&](const StepCase& found) {
    const StageId from = origin == StepOrigin::first ? found.first_origin : found.last_origin;
    return from == kNoStage ? stages : index(from);
  });
  std::vector<StepFunnelPart> parts;
  for (std::size_t p = 0; p <= stages; ++p)
    if (!samples[p].seen.empty())
      parts.push_back({p < stages ? static_cast<StageId>(p) : kNoStage, step_figures(view, question, samples[p])});
  return parts;
}

}  // namespace putki
