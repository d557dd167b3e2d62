#include <putki/funnel/step_funnel.hpp>

#include <putki/core/error.hpp>

#include "random_log.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <functional>
#include <map>

using namespace putki;
using std::chrono::hours;
using std::chrono::microseconds;
using test::DealHistory;
using test::NaiveVisit;

namespace {

bool among(const std::vector<StageId>& stages, StageId stage) {
  return std::find(stages.begin(), stages.end(), stage) != stages.end();
}

// What one attempt came to: by step the earliest time, found by trying every choice of visits.
struct NaiveAttempt {
  std::size_t entry;
  Timestamp begin;
  std::vector<std::optional<Timestamp>> reached;
};

// All chains of visits from `taken` (a visit for step `step`) on.
void try_chains(const StepFunnelQuestion& question, const std::vector<NaiveVisit>& visits, std::size_t step,
                std::size_t taken, NaiveAttempt& attempt) {
  auto& best = attempt.reached[step];
  if (!best || visits[taken].entered < *best) best = visits[taken].entered;
  for (std::size_t next = step + 1; next < question.steps.size(); ++next) {
    const FunnelStep& to = question.steps[next];
    for (std::size_t v = taken + 1; v < visits.size(); ++v) {
      if (question.order == StepOrder::strict && v != taken + 1) continue;
      if (!among(to.stages, visits[v].stage)) continue;
      const auto gap = visits[v].entered - visits[taken].entered;
      if (to.min_gap && gap < *to.min_gap) continue;
      if (to.max_gap && gap > *to.max_gap) continue;
      if (question.window && visits[v].entered - attempt.begin > *question.window) continue;
      bool excluded = false;
      for (std::size_t between = taken + 1; between < v; ++between)
        for (const FunnelExclusion& exclusion : question.exclusions) {
          const std::size_t before = std::min(exclusion.before, question.steps.size() - 1);
          const bool applies = step >= exclusion.after && (exclusion.before == kLastStep || next <= before);
          if (applies && among(exclusion.stages, visits[between].stage)) excluded = true;
        }
      if (!excluded) try_chains(question, visits, next, v, attempt);
    }
    if (!to.optional) break;
  }
}

// Most steps that visits first .. last can do, each visit one: every assignment.
std::size_t most_steps(const StepFunnelQuestion& question, const std::vector<NaiveVisit>& visits, std::size_t first,
                       std::size_t last, unsigned done = 0) {
  if (first > last) return 0;
  std::size_t most = most_steps(question, visits, first + 1, last, done);
  for (std::size_t k = 0; k < question.steps.size(); ++k)
    if ((done >> k & 1) == 0 && among(question.steps[k].stages, visits[first].stage))
      most = std::max(most, 1 + most_steps(question, visits, first + 1, last, done | 1u << k));
  return most;
}

std::vector<NaiveAttempt> naive_unordered(const StepFunnelQuestion& question, const std::vector<NaiveVisit>& visits) {
  std::vector<NaiveAttempt> attempts;
  bool running = false;
  for (std::size_t v = 0; v < visits.size(); ++v) {
    bool of_steps = false, excluded = false;
    for (const FunnelStep& step : question.steps) of_steps |= among(step.stages, visits[v].stage);
    for (const auto& exclusion : question.exclusions) excluded |= among(exclusion.stages, visits[v].stage);
    if (running && question.window && visits[v].entered - attempts.back().begin > *question.window) running = false;
    if (!running) {
      if (!of_steps) continue;
      attempts.push_back({v, visits[v].entered, std::vector<std::optional<Timestamp>>(question.steps.size())});
      running = true;
    }
    NaiveAttempt& attempt = attempts.back();
    const std::size_t before = v == attempt.entry ? 0 : most_steps(question, visits, attempt.entry, v - 1);
    const std::size_t now = most_steps(question, visits, attempt.entry, v);
    if (now > before) {
      attempt.reached[now - 1] = visits[v].entered;
      if (now == question.steps.size()) running = false;
    } else if (excluded) {
      running = false;
    }
  }
  return attempts;
}

std::vector<NaiveAttempt> naive_attempts(const StepFunnelQuestion& question, const std::vector<NaiveVisit>& visits) {
  std::vector<NaiveAttempt> attempts;
  if (question.order == StepOrder::unordered) {
    attempts = naive_unordered(question, visits);
  } else {
    for (std::size_t v = 0; v < visits.size(); ++v) {
      if (!among(question.steps[0].stages, visits[v].stage)) continue;
      attempts.push_back({v, visits[v].entered, std::vector<std::optional<Timestamp>>(question.steps.size())});
      try_chains(question, visits, 0, v, attempts.back());
    }
  }
  if (attempts.empty() || question.entries == StepEntries::every) return attempts;
  return {question.entries == StepEntries::first ? attempts.front() : attempts.back()};
}

Money naive_amount(const DealHistory& history, const StageGraph& graph, Timestamp instant, StepValue value,
                   std::size_t entry_visit) {
  Money amount = kNoAmount;
  std::size_t visit = 0;
  const DealHistory::Change* previous = nullptr;
  for (const auto& change : history.changes) {
    if (change.time > instant) break;
    if (previous != nullptr && previous->stage != change.stage) ++visit;
    // the entry is known with the row that makes it, not with rows that repeat its stage
    const bool repeats = previous != nullptr && previous->stage == change.stage;
    if (value == StepValue::at_entry && (visit > entry_visit || (visit == entry_visit && repeats))) break;
    previous = &change;
    if (change.amount == kNoAmount) continue;
    if (value == StepValue::latest && change.amount == Money{0} && graph.kind(change.stage) == StageKind::lost)
      continue;
    amount = change.amount;
  }
  return amount;
}

struct NaiveFunnel {
  StepFunnelCounts counts;
  std::vector<std::vector<double>> gaps;  // [step] days since the step before, of attempts that count
  struct Seen {
    double days;
    std::vector<std::optional<double>> reached;
  };
  std::vector<Seen> seen;
};

NaiveFunnel naive_funnel(const StageGraph& graph, const std::vector<DealHistory>& histories, Timestamp instant,
                         const StepFunnelQuestion& question,
                         const std::function<bool(const std::vector<NaiveVisit>&, std::size_t)>& counts_here = {}) {
  const std::size_t steps = question.steps.size();
  NaiveFunnel funnel;
  funnel.counts.mature.resize(steps);
  funnel.counts.immature.resize(steps);
  funnel.gaps.resize(steps);
  for (const DealHistory& history : histories) {
    const auto visits = test::naive_visits(history, instant);
    if (visits.empty()) continue;
    ++funnel.counts.deals;
    for (const NaiveAttempt& attempt : naive_attempts(question, visits)) {
      if (counts_here && !counts_here(visits, attempt.entry)) continue;
      const bool mature = question.window && attempt.begin + *question.window <= instant;
      const Money amount = question.value == StepValue::none
                               ? kNoAmount
                               : naive_amount(history, graph, instant, question.value, attempt.entry);
      const double alive = elapsed_days(attempt.begin, instant);
      NaiveFunnel::Seen seen{alive, {}};
      if (question.window) seen.days = std::min(alive, elapsed_days(Timestamp{}, Timestamp{} + *question.window));
      std::size_t previous = 0;
      for (std::size_t k = 0; k < steps; ++k) {
        seen.reached.push_back({});
        if (attempt.reached[k]) {
          StepTally& tally = (mature ? funnel.counts.mature : funnel.counts.immature)[k];
          ++tally.attempts;
          if (amount != kNoAmount) {
            ++tally.amounts_known;
            tally.amount += amount;
          }
          seen.reached.back() = elapsed_days(attempt.begin, *attempt.reached[k]);
          if (mature || !question.window)
            funnel.gaps[k].push_back(elapsed_days(*attempt.reached[previous], *attempt.reached[k]));
        }
        if (!question.steps[k].optional) previous = k;
      }
      funnel.seen.push_back(std::move(seen));
    }
  }
  return funnel;
}

// One minus the product over times of ends of (1 - ends / at risk).
double naive_share(const std::vector<NaiveFunnel::Seen>& seen, std::size_t k) {
  std::map<double, double> ends;
  for (const auto& attempt : seen)
    if (attempt.reached[k]) ends[*attempt.reached[k]] += 1;
  double without = 1;
  for (const auto& [time, ended] : ends) {
    double at_risk = 0;
    for (const auto& attempt : seen) at_risk += attempt.reached[k].value_or(attempt.days) >= time ? 1 : 0;
    without *= 1 - ended / at_risk;
  }
  return 1 - without;
}

StepFunnelQuestion random_question(std::mt19937& random, const StageGraph& graph) {
  const auto below = [&](std::size_t n) { return random() % n; };
  const auto some_stages = [&] {
    std::vector<StageId> stages{static_cast<StageId>(below(graph.stage_count()))};
    if (below(4) == 0) stages.push_back(static_cast<StageId>(below(graph.stage_count())));
    return stages;
  };
  StepFunnelQuestion question{.steps = {}};
  question.order = static_cast<StepOrder>(below(3));
  question.entries = static_cast<StepEntries>(below(3));
  question.value = static_cast<StepValue>(below(3));
  question.threads = 1;
  const bool unordered = question.order == StepOrder::unordered;
  const std::size_t steps = 1 + below(4);
  for (std::size_t k = 0; k < steps; ++k) {
    FunnelStep step{.stages = some_stages()};
    if (k > 0 && !unordered) {
      step.optional = below(4) == 0;
      if (below(4) == 0) step.min_gap = hours{6 * below(40)};
      if (below(4) == 0) step.max_gap = step.min_gap.value_or(microseconds{0}) + hours{6 * below(80)};
    }
    question.steps.push_back(step);
  }
  question.window = hours{6 * (1 + below(160))};
  if (below(4) == 0) question.window.reset();
  for (std::size_t x = below(3); x-- > 0;) {
    FunnelExclusion exclusion{.stages = some_stages()};
    if (!unordered && steps > 1 && below(2) == 0) {
      exclusion.after = below(steps - 1);
      exclusion.before = exclusion.after + 1 + below(steps - 1 - exclusion.after);
      if (question.steps[exclusion.after].optional || question.steps[exclusion.before].optional)
        exclusion = {.stages = exclusion.stages};
    }
    question.exclusions.push_back(exclusion);
  }
  return question;
}

StageGraph small_graph() {
  StageGraph::Builder builder;
  builder.stage("Lead").stage("Talk").stage("Offer").stage("Parked", StageKind::on_hold);
  return builder.stage("Won", StageKind::won).stage("Lost", StageKind::lost).build();
}

StageId stage(std::size_t s) {
  return static_cast<StageId>(s);
}

constexpr std::size_t kLead = 0, kTalk = 1, kOffer = 2, kWon = 4, kLost = 5;

DealHistory history(std::string name, std::vector<std::pair<int, std::size_t>> changes) {
  DealHistory result{.name = std::move(name), .region = "", .changes = {}};
  for (const auto& [day, at] : changes) result.changes.push_back({test::kFirstInstant + Days{day}, stage(at)});
  return result;
}

AsOf view_of(const std::vector<DealHistory>& histories, int day) {
  return AsOf(test::build_log(small_graph(), histories), test::kFirstInstant + Days{day});
}

std::uint64_t reached(const StepFunnel& funnel, std::size_t k) {
  return funnel.steps[k].mature.attempts;
}

}  // namespace

TEST_CASE("Step funnels of every order, gap, exclusion and entry equal an exhaustive search over visits") {
  const StageGraph graph = small_graph();
  std::mt19937 random(41);
  std::size_t attempts = 0, completed = 0;
  for (int round = 0; round < 16'000; ++round) {
    const auto histories =
        test::random_histories(random, graph, {.deals = 12, .most_changes = 9, .amounts = round % 2 == 0});
    const Timestamp instant = test::kFirstInstant + hours{6 * (random() % 300)};
    const AsOf view(test::build_log(graph, histories), instant);
    const StepFunnelQuestion question = random_question(random, graph);
    const NaiveFunnel naive = naive_funnel(graph, histories, instant, question);
    INFO("round " << round << ", " << to_string(question.order) << ", " << to_string(question.entries));
    REQUIRE(count_step_funnel(view, question) == naive.counts);
    const StepFunnel funnel = step_funnel(view, question);
    REQUIRE(funnel.counts == naive.counts);
    for (std::size_t k = 0; k < funnel.steps.size(); ++k) {
      auto gaps = naive.gaps[k];
      std::sort(gaps.begin(), gaps.end());
      REQUIRE(funnel.steps[k].median_days.has_value() == !gaps.empty());
      if (!gaps.empty()) REQUIRE(*funnel.steps[k].median_days == Approx(gaps[(gaps.size() - 1) / 2]).margin(1e-9));
      REQUIRE(funnel.steps[k].by_window.share == Approx(naive_share(naive.seen, k)).margin(1e-12));
      const Interval limits = funnel.steps[k].by_window.interval;
      REQUIRE(limits.lower <= funnel.steps[k].by_window.share + 1e-12);
      REQUIRE(limits.upper >= funnel.steps[k].by_window.share - 1e-12);
    }
    attempts += naive.seen.size();
    completed += naive.counts.mature.back().attempts;
  }
  CHECK(attempts > 80'000);  // else little was tried
  CHECK(completed > 8'000);
}

TEST_CASE("The common funnels, counted on the short way, equal the exhaustive search") {
  const StageGraph graph = small_graph();
  std::mt19937 random(42);
  for (int round = 0; round < 1'000; ++round) {
    const auto histories = test::random_histories(random, graph, {.deals = 15, .most_changes = 10});
    const Timestamp instant = test::kFirstInstant + hours{6 * (random() % 300)};
    const AsOf view(test::build_log(graph, histories), instant);
    StepFunnelQuestion question{.steps = {}};
    for (const std::size_t s : {kLead, kTalk, kOffer, kWon})
      if (random() % 4 != 0) question.steps.push_back({.stages = {stage(s)}});
    if (question.steps.empty()) question.steps.push_back({.stages = {stage(kTalk), stage(kLost)}});
    question.window = hours{6 * (1 + random() % 160)};
    if (round % 3 == 0) question.window.reset();
    REQUIRE(count_step_funnel(view, question) == naive_funnel(graph, histories, instant, question).counts);
    // and by a filter, which walks a selection
    std::vector<DealHistory> northern;
    for (const auto& deal : histories)
      if (deal.region == "north") northern.push_back(deal);
    REQUIRE(count_step_funnel(view.where("region", "north"), question) ==
            naive_funnel(graph, northern, instant, question).counts);
  }
}

TEST_CASE("By origin, each attempt is with the stage that its deal came from") {
  const StageGraph graph = small_graph();
  std::mt19937 random(43);
  for (int round = 0; round < 300; ++round) {
    const auto histories = test::random_histories(random, graph, {.deals = 15, .amounts = true});
    const Timestamp instant = test::kFirstInstant + hours{6 * (random() % 300)};
    const AsOf view(test::build_log(graph, histories), instant);
    const StepFunnelQuestion question = random_question(random, graph);
    for (const StepOrigin origin : {StepOrigin::first, StepOrigin::last}) {
      const auto parts = step_funnel_by_origin(view, question, origin);
      StepFunnelCounts sum;
      for (const StepFunnelPart& part : parts) {
        const NaiveFunnel naive = naive_funnel(
            graph, histories, instant, question, [&](const std::vector<NaiveVisit>& visits, std::size_t entry) {
              const StageId from = entry == 0                    ? kNoStage
                                   : origin == StepOrigin::first ? visits.front().stage
                                                                 : visits[entry - 1].stage;
              return from == part.stage;
            });
        REQUIRE(part.funnel.counts.mature == naive.counts.mature);
        REQUIRE(part.funnel.counts.immature == naive.counts.immature);
        REQUIRE(part.funnel.counts.deals <= naive.counts.deals);
        sum.merge(part.funnel.counts);
      }
      const StepFunnelCounts whole = count_step_funnel(view, question);
      if (parts.empty()) continue;
      REQUIRE(sum.mature == whole.mature);
      REQUIRE(sum.immature == whole.immature);
    }
  }
}

TEST_CASE("Threads and the way of splitting deals do not change a step funnel") {
  const StageGraph graph = small_graph();
  std::mt19937 random(44);
  const auto histories = test::random_histories(random, graph, {.deals = 70'000, .most_changes = 6});
  const AsOf view(test::build_log(graph, histories), test::kFirstInstant + Days{50});
  StepFunnelQuestion question{.steps = {{.stages = {stage(kLead)}}, {.stages = {stage(kOffer)}}}, .window = Days{20}};
  const StepFunnelCounts one = [&] {
    question.threads = 1;
    return count_step_funnel(view, question);
  }();
  question.threads = 4;
  CHECK(count_step_funnel(view, question) == one);
  CHECK(step_funnel(view, question).counts == one);
  StepFunnelCounts of_regions;
  for (const AsOfPart& part : view.split_by("region")) of_regions.merge(count_step_funnel(part.view, question));
  CHECK(of_regions == one);
}

TEST_CASE("A minimum gap takes a later visit where the first comes too soon") {
  // Talk on day 1 is too soon after Lead; Talk on day 6 is not. Greedy matching would take day 1 and lose the deal.
  const AsOf view = view_of({history("a", {{0, kLead}, {1, kTalk}, {3, kOffer}, {6, kTalk}, {9, kWon}})}, 100);
  StepFunnelQuestion question{.steps = {{.stages = {stage(kLead)}},
                                        {.stages = {stage(kTalk)}, .min_gap = Days{5}},
                                        {.stages = {stage(kWon)}, .max_gap = Days{3}}}};
  const StepFunnel funnel = step_funnel(view, question);
  CHECK(reached(funnel, 1) == 1);
  CHECK(reached(funnel, 2) == 1);
  CHECK(funnel.steps[1].median_days.value() == 6);
  CHECK(funnel.steps[2].median_days.value() == 3);
  question.steps[2].max_gap = Days{2};
  CHECK(reached(step_funnel(view, question), 2) == 0);
}

TEST_CASE("An exclusion may be outlived by a later visit, and a strict funnel has nothing between") {
  const AsOf view = view_of({history("a", {{0, kLead}, {1, kTalk}, {2, kLost}, {3, kTalk}, {4, kWon}})}, 100);
  StepFunnelQuestion question{
      .steps = {{.stages = {stage(kLead)}}, {.stages = {stage(kTalk)}}, {.stages = {stage(kWon)}}},
      .exclusions = {{.stages = {stage(kLost)}, .after = 1, .before = 2}}};
  // after the Talk of day 3 nothing was lost
  CHECK(reached(step_funnel(view, question), 2) == 1);
  // but from Lead to that Talk something was
  question.exclusions[0].after = 0;
  CHECK(reached(step_funnel(view, question), 2) == 0);
  question.exclusions.clear();
  question.order = StepOrder::strict;
  const StepFunnel strict = step_funnel(view, question);
  CHECK(reached(strict, 1) == 1);
  CHECK(reached(strict, 2) == 0);
}

TEST_CASE("Entries younger than the window are no failures") {
  // By hand: three deals seen for the whole ten days, of which one won on day 4; one seen for 6 days, won on day 5; one
  // seen for 4 days.
  std::vector<DealHistory> histories{history("a", {{0, kLead}, {4, kWon}}), history("b", {{0, kLead}, {3, kLost}}),
                                     history("c", {{0, kLead}}), history("d", {{14, kLead}, {19, kWon}}),
                                     history("e", {{16, kLead}})};
  const StepFunnelQuestion question{.steps = {{.stages = {stage(kLead)}}, {.stages = {stage(kWon)}}},
                                    .window = Days{10}};
  const StepFunnel funnel = step_funnel(view_of(histories, 20), question);
  CHECK(funnel.steps[0].mature.attempts == 3);
  CHECK(funnel.steps[0].immature.attempts == 2);
  CHECK(funnel.steps[1].mature.attempts == 1);
  CHECK(funnel.steps[1].immature.attempts == 1);
  CHECK(funnel.steps[1].from_first.share == Approx(1.0 / 3));
  CHECK(funnel.seen_days == 10);
  // at risk on day 4: all five. On day 5: b, c (lost or not, they are seen ten days) and d.
  CHECK(funnel.steps[1].by_window.share == Approx(1 - (4.0 / 5) * (2.0 / 3)));
  // Greenwood 1/(5 4) + 1/(3 2) = 0.21667, S = 8/15: on the log-log scale S^exp(-+1.96 sqrt(0.21667) / ln S) by hand
  CHECK(funnel.steps[1].by_window.interval.lower == Approx(1 - 0.8631).margin(1e-3));
  CHECK(funnel.steps[1].by_window.interval.upper == Approx(1 - 0.0683).margin(1e-3));
  // Wilson 1927 for 1 of 3, by hand: (0.42691 -+ 0.36542)
  CHECK(funnel.steps[1].from_first.interval.lower == Approx(0.0615).margin(1e-4));
  CHECK(funnel.steps[1].from_first.interval.upper == Approx(0.7923).margin(1e-4));
}

TEST_CASE("With every attempt mature the share by the window is the share of attempts") {
  const StageGraph graph = small_graph();
  std::mt19937 random(45);
  for (int round = 0; round < 200; ++round) {
    StepFunnelQuestion question = random_question(random, graph);
    question.window = Days{1 + random() % 30};
    const AsOf view(test::build_log(graph, test::random_histories(random, graph)), test::kFirstInstant + Days{100});
    const StepFunnel funnel = step_funnel(view, question);
    CHECK(funnel.counts.immature.front().attempts == 0);
    for (const StepFigures& step : funnel.steps)
      REQUIRE(step.by_window.share == Approx(step.from_first.share).margin(1e-12));
  }
}

TEST_CASE("Steps of the main way: gates, or ranks where there are none, and any won stage") {
  const auto names = [](const StageGraph& graph) {
    std::string text;
    for (const FunnelStep& step : main_steps(graph)) {
      for (const StageId at : step.stages) text += graph.stage(at).name + ",";
      text += ";";
    }
    return text;
  };
  CHECK(names(small_graph()) == "Lead,;Talk,;Offer,;Won,;");
  StageGraph::Builder branching;
  branching.stage("Lead").stage("Demo").stage("Trial").stage("Talk").stage("Won", StageKind::won);
  branching.move("Lead", "Demo").move("Lead", "Trial").move("Demo", "Talk").move("Trial", "Talk").move("Talk", "Won");
  CHECK(names(branching.build()) == "Lead,;Talk,;Won,;");
}

TEST_CASE("A funnel of no deals is of zeros, and unwinnable graphs have funnels") {
  const StageGraph graph = StageGraph::Builder().stage("Lead").build();
  CHECK(main_steps(graph).size() == 1);
  const StepFunnel funnel = step_funnel(AsOf::end_of(EventLog(graph)), {.steps = main_steps(graph)});
  REQUIRE(funnel.steps.size() == 1);
  CHECK(funnel.counts.deals == 0);
  CHECK(funnel.steps[0].from_first.share == 0);
  CHECK(funnel.steps[0].from_first.interval == Interval{0, 1});
  CHECK(funnel.steps[0].by_window.interval == Interval{0, 1});
  CHECK_FALSE(funnel.steps[0].median_days.has_value());
  CHECK(step_funnel_by_origin(AsOf::end_of(EventLog(graph)), {.steps = main_steps(graph)}, StepOrigin::first).empty());
}

TEST_CASE("A graph of 200 stages has a main way of as many steps as a funnel takes") {
  StageGraph::Builder builder;
  for (int s = 0; s < 200; ++s) builder.stage("Stage " + std::to_string(s));
  const StageGraph graph = builder.stage("Won", StageKind::won).build();
  const auto steps = main_steps(graph);
  REQUIRE(steps.size() == 63);
  CHECK(steps.back().stages == std::vector<StageId>{stage(200)});
  DealHistory all{.name = "all", .region = "", .changes = {}};
  for (std::size_t s = 0; s <= 200; ++s) all.changes.push_back({test::kFirstInstant + hours{s}, stage(s)});
  const AsOf view(test::build_log(graph, std::vector<DealHistory>{all}), test::kFirstInstant + Days{100});
  CHECK(count_step_funnel(view, {.steps = steps}).mature.back().attempts == 1);
  CHECK(count_step_funnel(view, {.steps = steps, .order = StepOrder::unordered}).mature.back().attempts == 1);
  CHECK(count_step_funnel(view, {.steps = steps, .order = StepOrder::strict}).mature.back().attempts == 0);
}

TEST_CASE("Step funnels refuse what has no meaning") {
  const AsOf view = view_of({history("a", {{0, kLead}})}, 10);
  const StepFunnelQuestion good{.steps = {{.stages = {stage(0)}}, {.stages = {stage(1)}}}};
  const auto refuses = [&](StepFunnelQuestion bad, const char* words) {
    CHECK_THROWS_WITH(count_step_funnel(view, bad), Catch::Contains(words));
    CHECK_THROWS_AS(step_funnel(view, bad), InvalidArgument);
  };
  const auto changed = [&](auto&& change) {
    StepFunnelQuestion question = good;
    change(question);
    return question;
  };
  using Q = StepFunnelQuestion;
  refuses(changed([](Q& q) { q.steps.clear(); }), "0 steps; 1 to 63");
  refuses(changed([](Q& q) { q.steps.resize(64, {.stages = {StageId{0}}}); }), "64 steps");
  refuses(changed([](Q& q) { q.steps[1].stages.clear(); }), "step 2 has no stage");
  refuses(changed([](Q& q) { q.steps[1].stages = {StageId{6}}; }), "step 2 has stage 6; the graph has 6");
  refuses(changed([](Q& q) { q.steps[0].optional = true; }), "step 1 is optional");
  refuses(changed([](Q& q) { q.steps[0].min_gap = Days{1}; }), "step 1 has a gap");
  refuses(changed([](Q& q) { q.steps[1].min_gap = Days{-1}; }), "step 2 has a minimum gap below 0");
  refuses(changed([](Q& q) { q.steps[1].min_gap = Days{2}, q.steps[1].max_gap = Days{1}; }), "below the minimum");
  refuses(changed([](Q& q) { q.window = microseconds{0}; }), "a window of 0 days");
  refuses(changed([](Q& q) { q.order = StepOrder::unordered, q.steps[1].optional = true; }), "step 2 is optional");
  refuses(changed([](Q& q) { q.exclusions = {{.stages = {}}}; }), "exclusion 1 has no stage");
  refuses(changed([](Q& q) { q.exclusions = {{.stages = {StageId{2}}, .after = 1}}; }), "must end after it begins");
  refuses(changed([](Q& q) { q.exclusions = {{.stages = {StageId{2}}, .before = 2}}; }), "there are 2 steps");
  CHECK_THROWS_WITH(parse_step_order("sorted"), Catch::Contains("'sorted'; allowed are ordered, strict, unordered"));
  CHECK(parse_step_entries("latest") == StepEntries::latest);

  StepFunnelCounts two = count_step_funnel(view, good);
  StepFunnelQuestion longer = good;
  longer.steps.push_back({.stages = {stage(2)}});
  CHECK_THROWS_WITH(two.merge(count_step_funnel(view, longer)), Catch::Contains("of 2 and of 3 steps"));
}
