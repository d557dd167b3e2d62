#include <putki/funnel/readiness.hpp>

#include <putki/core/error.hpp>
#include <putki/core/random.hpp>
#include <putki/ingest/csv_reader.hpp>

#include "funnel/stage_course.hpp"
#include "funnel/win_within.hpp"
#include "random_log.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <functional>
#include <map>
#include <set>

using namespace putki;
using std::chrono::hours;

namespace {

// b2b_template: five open stages in order, Won, Lost.
enum class Kind { advanced, lost, elsewhere };

Kind kind_of_move(const StageGraph& graph, StageId from, StageId to) {
  if (graph.kind(to) == StageKind::won) return Kind::advanced;
  if (graph.kind(to) == StageKind::lost) return Kind::lost;
  return index(to) > index(from) ? Kind::advanced : Kind::elsewhere;
}

struct NaiveStay {
  double days;
  StageId next;
};

std::map<std::size_t, std::vector<NaiveStay>> naive_stays(const std::vector<test::DealHistory>& histories,
                                                          Timestamp instant) {
  std::map<std::size_t, std::vector<NaiveStay>> stays;
  for (const auto& history : histories)
    for (const auto& visit : test::naive_visits(history, instant))
      stays[index(visit.stage)].push_back(
          {elapsed_days(visit.entered, visit.next == kNoStage ? instant : visit.left), visit.next});
  return stays;
}

struct NaiveChances {
  double advance = 0, lost = 0, elsewhere = 0, still = 1;
};

// Time after time, from the definition; then the pooled hazards beyond the age at which `least` are at risk.
NaiveChances naive_chances(const StageGraph& graph, StageId stage, const std::vector<NaiveStay>& stays, double age,
                           double within, std::size_t least) {
  std::vector<double> longest;
  std::set<double> times;
  std::multiset<double> end_times;
  for (const NaiveStay& stay : stays) {
    longest.push_back(stay.days);
    if (stay.next == kNoStage) continue;
    times.insert(stay.days);
    end_times.insert(stay.days);
  }
  std::sort(longest.rbegin(), longest.rend());
  const double until = longest.size() < least ? -1 : longest[least - 1];
  NaiveChances chances;
  const auto add = [&](StageId next, double mass) {
    const Kind kind = kind_of_move(graph, stage, next);
    (kind == Kind::advanced ? chances.advance : kind == Kind::lost ? chances.lost : chances.elsewhere) += mass;
  };
  for (const double time : times) {
    if (time <= age || time > age + within || time > until) continue;
    double at_risk = 0, ends = 0;
    for (const NaiveStay& stay : stays) at_risk += stay.days >= time;
    for (const NaiveStay& stay : stays)
      if (stay.days == time && stay.next != kNoStage) {
        add(stay.next, chances.still / at_risk);
        ++ends;
      }
    chances.still *= 1 - ends / at_risk;
  }
  // tail
  double begin = -1;
  if (end_times.size() >= least) {
    const double last_but = *std::next(end_times.rbegin(), static_cast<std::ptrdiff_t>(least) - 1);
    for (const NaiveStay& stay : stays)
      if (stay.days < last_but) begin = std::max(begin, stay.days);
  }
  double days = 0, ends = 0;
  std::map<StageId, double> by_next;
  for (const NaiveStay& stay : stays) {
    if (stay.days <= begin) continue;
    days += stay.days - std::max(begin, 0.0);
    if (stay.next != kNoStage) ++by_next[stay.next], ++ends;
  }
  const double rest = age + within - std::max(age, until);
  if (rest > 0 && ends > 0) {
    const double before = chances.still, left = std::exp(-ends / days * rest);
    for (const auto& [next, count] : by_next) add(next, before * count / ends * (1 - left));
    chances.still *= left;
  }
  return chances;
}

const AsOf& bpic2012_applications() {
  static const AsOf view = [] {
    const std::string data = std::string(PUTKI_SOURCE_DIR) + "/examples/data/";
    const PipelineDefinition definition = read_pipeline_definition(data + "bpic2012_applications.json");
    return AsOf(read_csv(data + "bpic2012_history.csv", definition).log, Day{std::chrono::year{2012} / 2 / 10});
  }();
  return view;
}

Durations durations_of(int causes, const std::vector<std::pair<double, int>>& observed) {
  Durations durations;
  durations.cause_count = causes;
  for (const auto& [time, cause] : observed) {
    durations.time.push_back(time);
    durations.cause.push_back(cause);
  }
  return durations;
}

}  // namespace

TEST_CASE("Chances of every open deal equal those worked out visit by visit") {
  const StageGraph graph = StageGraph::b2b_template();
  std::mt19937 random(71);
  std::size_t deals = 0, from_curve = 0, mixed = 0;
  for (int round = 0; round < 2'000; ++round) {
    const auto histories =
        test::random_histories(random, graph, {.date_only = round % 3 == 0, .amounts = round % 2 == 0});
    const Timestamp instant = test::kFirstInstant + hours{6 * (random() % 260)};
    const std::size_t least = 2 + random() % 6;
    const double within = round % 2 == 0 ? 7 : 0.25 * static_cast<double>(1 + random() % 200);
    const Readiness ready =
        readiness(AsOf(test::build_log(graph, histories), instant), {.within_days = within, .least_at_risk = least});
    auto stays = naive_stays(histories, instant);
    std::map<std::string, const ReadyDeal*> by_name;
    for (const ReadyDeal& deal : ready.deals) by_name[deal.deal] = &deal;
    std::size_t open = 0;
    for (const auto& history : histories) {
      const auto visits = test::naive_visits(history, instant);
      if (visits.empty() || graph.is_terminal(visits.back().stage)) continue;
      ++open;
      REQUIRE(by_name.count(history.name) == 1);
      const ReadyDeal& deal = *by_name[history.name];
      REQUIRE(deal.stage == visits.back().stage);
      const double age = elapsed_days(visits.back().entered, instant);
      REQUIRE(deal.age_days == age);
      const NaiveChances naive = naive_chances(graph, deal.stage, stays[index(deal.stage)], age, within, least);
      REQUIRE(deal.advance.probability == Approx(naive.advance).margin(1e-12));
      REQUIRE(deal.lost.probability == Approx(naive.lost).margin(1e-12));
      REQUIRE(deal.elsewhere.probability == Approx(naive.elsewhere).margin(1e-12));
      REQUIRE(deal.still_here == Approx(naive.still).margin(1e-12));
      REQUIRE(deal.advance.probability + deal.lost.probability + deal.elsewhere.probability + deal.still_here ==
              Approx(1.0).margin(1e-12));
      REQUIRE(deal.win >= deal.won_next.probability - 1e-9);
      REQUIRE(deal.win <= deal.advance.probability + deal.elsewhere.probability + 1e-9);
      for (const Chance& chance : {deal.advance, deal.lost, deal.elsewhere, deal.won_next}) {
        REQUIRE(chance.limits.lower <= chance.probability + 1e-12);
        REQUIRE(chance.limits.upper >= chance.probability - 1e-12);
        REQUIRE(chance.limits.upper > chance.limits.lower);
      }
      Money amount = kNoAmount;
      for (const auto& change : history.changes)
        if (change.time <= instant && change.amount != kNoAmount) amount = change.amount;
      REQUIRE(deal.amount == amount);
      REQUIRE(deal.at_stake.has_value() == (amount != kNoAmount));
      if (deal.at_stake) REQUIRE(*deal.at_stake == Approx(amount.units() * (naive.advance + naive.lost)).margin(1e-6));
      ++deals;
      from_curve += deal.from_tail ? 0 : 1;
      mixed += naive.advance > 0 && !deal.from_tail ? 1 : 0;
    }
    REQUIRE(ready.deals.size() == open);
    for (std::size_t i = 1; i < ready.deals.size(); ++i)
      REQUIRE(ready.deals[i - 1].at_stake.value_or(-1) >= ready.deals[i].at_stake.value_or(-1));
  }
  CHECK(deals > 20'000);
  CHECK(from_curve > 1'000);
  CHECK(mixed > 500);
}

TEST_CASE("BPI 2012: chances among those still there at an age, as R's survfit with start.time") {
  const StageGraph& graph = bpic2012_applications().graph();
  struct Reference {
    const char* stage;
    double age, advance, advance_error, lost, lost_error, still;
    std::size_t at_risk;
  };
  const Reference references[] = {
      {"Preaccepted", 3, 0.2202686287, 0.01451169383, 0.173426089, 0.01329101131, 0.6063052823, 831},
      {"Preaccepted", 12, 0.03424469155, 0.008691899891, 0.03915656756, 0.009313955336, 0.9265987409, 449},
      {"Preaccepted", 25, 0.002958579882, 0.002954200042, 0.9970414201, 0.002954200042, 0, 339},
      {"Finalized", 3, 0.09933430857, 0.004832151873, 0.1268052011, 0.005366945913, 0.7738604903, 4013},
      {"Finalized", 12, 0.2514669464, 0.008856129063, 0.1685091518, 0.007636202302, 0.5800239018, 2479},
      {"Finalized", 25, 0.137524627, 0.01197431339, 0.5249758077, 0.01748899064, 0.3374995654, 850}};
  for (const Reference& reference : references) {
    const StageId stage = graph.find(reference.stage).value();
    const StageCourse course(visit_durations(bpic2012_applications(), stage), 0);
    std::vector<double> advance(graph.stage_count() + 1), lost = advance, any(graph.stage_count() + 1, 1.0);
    for (std::size_t next = 0; next < graph.stage_count(); ++next) {
      const StageKind kind = graph.kind(static_cast<StageId>(next));
      (kind == StageKind::lost ? lost : advance)[next + 1] = 1;  // this pipeline never goes back
    }
    const double until = reference.age + 7;
    const auto advanced = course.share(reference.age, until, advance), away = course.share(reference.age, until, lost);
    CHECK(advanced.probability == Approx(reference.advance).epsilon(1e-8));
    CHECK(std::sqrt(advanced.variance) == Approx(reference.advance_error).epsilon(1e-8));
    CHECK(away.probability == Approx(reference.lost).epsilon(1e-8));
    CHECK(std::sqrt(away.variance) == Approx(reference.lost_error).epsilon(1e-8));
    CHECK(1 - course.share(reference.age, until, any).probability == Approx(reference.still).margin(1e-9));
    CHECK(course.at_risk_after(reference.age) == reference.at_risk);
  }
}

TEST_CASE("Sums from the last end time on give what a walk from the age gives, error and all") {
  std::mt19937 random(72);
  for (int round = 0; round < 2'000; ++round) {
    std::vector<std::pair<double, int>> observed;
    for (std::size_t i = 0; i < 1 + random() % 60; ++i)
      observed.push_back({0.5 * static_cast<double>(random() % 40), static_cast<int>(random() % 4)});
    const StageCourse course(durations_of(3, observed), random() % 2 == 0 ? 0 : 2 + random() % 8);
    for (const auto& weights : {std::vector<double>{0, 1, 0, 0}, {0, 1, 1, 1}, {0, 1, -1, 0}}) {
      const StageCourse::Prepared prepared = course.prepare(weights);
      for (const double age : {StageCourse::kFresh, 0.0, 3.0, 7.25, 15.0, 25.0}) {
        const double until = std::max(age, 0.0) + 0.5 * static_cast<double>(random() % 30);
        const auto walked = course.share(age, until, weights), looked_up = course.share(age, until, prepared);
        REQUIRE(looked_up.probability == Approx(walked.probability).margin(1e-12));
        REQUIRE(looked_up.variance == Approx(walked.variance).margin(1e-12));
      }
    }
  }
}

TEST_CASE("Without censoring limits are Wilson's of the plain share") {
  std::vector<std::pair<double, int>> observed;
  for (int i = 0; i < 40; ++i) observed.push_back({i, 1 + i % 2});
  const StageCourse course(durations_of(2, observed), 2);
  // 29 lasted longer than day 10; of them 3 ended by cause 1 (days 12, 14, 16) by day 17
  const auto share = course.share(10, 17, {0, 1, 0});
  CHECK(share.probability == Approx(3.0 / 29));
  const Interval limits = effective_limits(share, 29), wilson = wilson_interval(3, 29);
  CHECK(limits.lower == Approx(wilson.lower).epsilon(1e-9));
  CHECK(limits.upper == Approx(wilson.upper).epsilon(1e-9));
  // nothing seen: no spread, but no certainty either
  const auto nothing = course.share(10, 10.5, {0, 1, 0});
  CHECK(nothing.probability == 0);
  CHECK(effective_limits(nothing, 29).upper == Approx(wilson_interval(0, 29).upper));
}

TEST_CASE("Where few are left, pooled hazards go on from the curve") {
  // Four at risk down to day 10: those of 10, 12, 14 and 30 days. Four ends come last at 8, 10, 12 and 14; the last age
  // seen before 8 is 5, so they come from 1 + .. days spent after day 5.
  const StageCourse course(durations_of(2, {{1, 1}, {5, 0}, {8, 1}, {10, 2}, {12, 1}, {14, 1}, {30, 0}}), 4);
  CHECK(course.curve_until() == 10);
  const double days = 3 + 5 + 7 + 9 + 25, rate = 4 / days;
  CHECK(course.tail_hazard() == Approx(rate));
  // by hand: at risk 5 at day 8, 4 at day 10
  const double by_ten = 1.0 / 5, left = 4.0 / 5 * 3 / 4;
  CHECK(course.share(6, 16, {0, 1, 0}).probability == Approx(by_ten + left * 0.75 * (1 - std::exp(-rate * 6))));
  CHECK(course.share(6, 16, {0, 0, 1}).probability == Approx(4.0 / 5 / 4 + left * 0.25 * (1 - std::exp(-rate * 6))));
  CHECK(course.share(40, 47, {0, 1, 0}).probability == Approx(0.75 * (1 - std::exp(-rate * 7))));
  CHECK(course.rests_on(40) == 5);
  CHECK(course.rests_on(6) == 5);
  // nobody has left: nothing is foretold, with limits as wide as what it rests on
  const StageCourse silent(durations_of(2, {{3, 0}, {9, 0}}), 4);
  CHECK(silent.share(1, 8, {0, 1, 1}).probability == 0);
  CHECK(effective_limits(silent.share(1, 8, {0, 1, 1}), 2).upper == Approx(wilson_interval(0, 2).upper));
  // all left at once
  const StageCourse instant(durations_of(2, {{0, 1}, {0, 2}}), 4);
  CHECK(instant.share(2, 3, {0, 1, 0}).probability == Approx(0.5));
}

TEST_CASE("The error of curve and pooled hazards is that of repeated samples") {
  // Stays are exponential with two competing ends, 0.05 and 0.02 a day; a third of the visits is censored early.
  const int samples = 3'000;
  for (const double age : {2.0, 30.0, 80.0}) {
    double sum = 0, squares = 0, variances = 0;
    for (int sample = 0; sample < samples; ++sample) {
      RandomStream random(17, static_cast<std::uint64_t>(sample));
      std::vector<std::pair<double, int>> observed;
      for (int i = 0; i < 150; ++i) {
        const double advance = random.exponential() / 0.05, loss = random.exponential() / 0.02;
        const double end = std::min(advance, loss), seen = random.uniform() < 0.3 ? 60 * random.uniform() : 1e9;
        observed.push_back({std::min(end, seen), seen < end ? 0 : advance < loss ? 1 : 2});
      }
      const auto share = StageCourse(durations_of(2, observed), 20).share(age, age + 7, {0, 1, 0});
      sum += share.probability;
      squares += share.probability * share.probability;
      variances += share.variance;
    }
    const double mean = sum / samples, variance = squares / samples - mean * mean;
    const double truth = 0.05 / 0.07 * (1 - std::exp(-0.07 * 7));
    // ends that were chosen to be twenty over the days they took: up to 1 / 20 too high
    CHECK(mean == Approx(truth).epsilon(age < 10 ? 0.005 : 0.05));
    CHECK(std::sqrt(variances / samples) == Approx(std::sqrt(variance)).epsilon(age < 10 ? 0.05 : 0.12));
  }
}

TEST_CASE("On whole days the win by any number of moves is that of a walk day by day") {
  const StageGraph graph = StageGraph::b2b_template();
  const std::size_t open = 5, won = 5;
  std::mt19937 random(73);
  for (int round = 0; round < 60; ++round) {
    const auto histories = test::random_histories(random, graph, {.deals = 40, .date_only = true});
    const AsOf view(test::build_log(graph, histories), test::kFirstInstant + hours{24 * 50});
    const int within = 1 + static_cast<int>(random() % 15);
    std::vector<StageCourse> courses;
    auto stays = naive_stays(histories, view.instant());
    for (std::size_t s = 0; s < graph.stage_count(); ++s)
      courses.emplace_back(s < open ? visit_durations(view, static_cast<StageId>(s)) : durations_of(7, {}), 0);
    const WinWithin win(graph, courses, within);

    // mass[s][j][t] of a visit from age `from` on (-1: day 0 included), by the definition
    const auto mass = [&](std::size_t s, int from) {
      std::vector<std::vector<double>> result(7, std::vector<double>(static_cast<std::size_t>(within) + 1));
      double still = 1;
      const int begin = std::max(from, 0);
      for (int t = from + 1; t <= begin + within; ++t) {
        double at_risk = 0, ends = 0;
        for (const NaiveStay& stay : stays[s]) at_risk += stay.days >= t;
        for (const NaiveStay& stay : stays[s])
          if (stay.days == t && stay.next != kNoStage) {
            result[index(stay.next)][static_cast<std::size_t>(t - begin)] += still / at_risk;
            ++ends;
          }
        if (at_risk > 0) still *= 1 - ends / at_risk;
      }
      return result;
    };
    std::vector<std::vector<std::vector<double>>> fresh;
    for (std::size_t s = 0; s < open; ++s) fresh.push_back(mass(s, -1));
    std::vector<std::vector<double>> wins(7, std::vector<double>(static_cast<std::size_t>(within) + 1));
    const auto through = [&](const std::vector<std::vector<double>>& masses, int u) {
      double sum = 0;
      for (int t = 0; t <= u; ++t)
        for (std::size_t j = 0; j <= won; ++j)
          sum += masses[j][static_cast<std::size_t>(t)] * (j == won ? 1 : wins[j][static_cast<std::size_t>(u - t)]);
      return sum;
    };
    for (int u = 0; u <= within; ++u)
      for (int sweep = 0; sweep < 400; ++sweep)
        for (std::size_t s = 0; s < open; ++s) wins[s][static_cast<std::size_t>(u)] = through(fresh[s], u);
    for (std::size_t s = 0; s < open; ++s) {
      REQUIRE(win.of(courses[s], StageCourse::kFresh) == Approx(wins[s].back()).margin(1e-9));
      for (const int age : {0, 3, 17})
        REQUIRE(win.of(courses[s], age) == Approx(through(mass(s, age), within)).margin(1e-9));
    }
  }
}

TEST_CASE("With constant hazards the win by any number of moves is the textbook's") {
  // Lead -> Offer at 0.2 a day, Offer -> Won at 0.1 a day: 1 - (0.2 exp(-0.1 t) - 0.1 exp(-0.2 t)) / 0.1
  const StageGraph graph = StageGraph::linear(std::vector<std::string>{"Lead", "Offer"});
  std::vector<StageCourse> courses;
  for (const auto& [rate, cause] : {std::pair{0.2, 2}, {0.1, 3}, {0.0, 0}, {0.0, 0}}) {
    std::vector<std::pair<double, int>> observed;
    if (rate > 0) observed = {{2 / rate, cause}, {2 / rate, cause}, {0, 0}, {0, 0}};
    courses.emplace_back(durations_of(4, observed), 3);  // two ends in 4 / rate days..
    if (rate > 0) CHECK(courses.back().tail_hazard() == Approx(rate / 2));
  }
  const auto truth = [](double t) { return 1 - (0.1 * std::exp(-0.05 * t) - 0.05 * std::exp(-0.1 * t)) / 0.05; };
  for (const double within : {2.5, 10.0, 30.0}) {
    const WinWithin win(graph, courses, within);
    // at ages beyond every stay the curve plays no part
    CHECK(win.of(courses[1], 100) == Approx(1 - std::exp(-0.05 * within)).epsilon(1e-12));
  }
  // pooled hazards from entry on: fewer visits than are asked for
  std::vector<StageCourse> pooled;
  for (const auto& [days, cause] : {std::pair{10.0, 2}, {20.0, 3}})
    pooled.emplace_back(durations_of(4, {{days, cause}}), 3);
  pooled.emplace_back(durations_of(4, {}), 3);
  pooled.emplace_back(durations_of(4, {}), 3);
  for (const double within : {2.5, 10.0, 30.0})
    CHECK(WinWithin(graph, pooled, within).of(pooled[0], 4) == Approx(truth(within)).epsilon(2e-4));
}

TEST_CASE("Overdue, stalled and silent come from the stage's own history") {
  const StageGraph graph = StageGraph::linear(std::vector<std::string>{"Lead", "Offer"});
  EventLogBuilder builder(graph);
  const Timestamp begin = test::kFirstInstant;
  const auto add = [&](const std::string& deal, double day, int stage) {
    builder.add({builder.deal(deal), begin + hours{std::lround(24 * day)}, static_cast<StageId>(stage)});
  };
  // Twenty advance after 1 .. 20 days, twenty are lost after 41 .. 60.
  for (int i = 1; i <= 20; ++i) {
    add("advances" + std::to_string(i), 0, 0), add("advances" + std::to_string(i), i, 1);
    add("is lost" + std::to_string(i), 0, 0), add("is lost" + std::to_string(i), 40 + i, 3);
  }
  add("young", 80, 0);
  add("late", 70, 0);
  add("spoken to", 29, 0), add("spoken to", 84, 0);
  add("forgotten", 20, 0);
  const Readiness ready = readiness(AsOf(builder.build(), begin + hours{24 * 90}), {.least_at_risk = 2});
  REQUIRE(ready.stages.size() == 2);
  const StageClock& lead = ready.stages[0];
  CHECK(lead.visits == 44);
  CHECK(lead.advances == 20);
  // Those open at 10, 20, 61 and 70 days are censored. The first ten advances weigh 1/44 each, the next ten, when 34 of
  // 44 are left and 33 at risk, 34/44/33 = 0.0234 each: 0.2273 + 0.2342 in all. 90 % of that is 0.2273 + 8.03 x 0.0234,
  // so it comes with the 19th.
  REQUIRE(lead.overdue_days.has_value());
  CHECK(*lead.overdue_days == 19.0);
  // 34/44 x 23/33 = 0.5386 is left after day 20, with 22 at risk: 0.0245 each. 3 are left after day 59, 2 after day 60.
  REQUIRE(lead.stalled_days.has_value());
  CHECK(*lead.stalled_days == 60.0);
  std::map<std::string, ReadyDeal> deals;
  for (const ReadyDeal& deal : ready.deals) deals[deal.deal] = deal;
  CHECK_FALSE(deals["young"].overdue);
  CHECK(deals["late"].overdue);
  CHECK_FALSE(deals["late"].stalled);
  CHECK(deals["spoken to"].stalled);
  CHECK(deals["spoken to"].silent_days == 6);
  CHECK_FALSE(deals["spoken to"].silent);
  CHECK(deals["forgotten"].silent);
  // Offer: 20 visits, none ended
  CHECK(ready.stages[1].overdue_days == std::nullopt);
  CHECK(ready.stages[1].stalled_days == std::nullopt);
  CHECK(deals["advances3"].advance.probability == 0);
  CHECK(deals["advances3"].advance.limits.upper > 0.1);
}

TEST_CASE("The record of readiness is what was said then and what came") {
  const StageGraph graph = StageGraph::b2b_template();
  std::mt19937 random(75);
  for (int round = 0; round < 60; ++round) {
    const auto histories = test::random_histories(random, graph);
    const Timestamp instant = test::kFirstInstant + hours{24 * 55};
    const EventLog log = test::build_log(graph, histories);
    const ReadinessOptions options{.within_days = 5, .least_at_risk = 3};
    const ReadinessRecord record = readiness_record(AsOf(log, instant), options, 4);
    std::size_t at = 0;
    for (int back = 4; back > 0; --back) {
      const Timestamp origin = instant - hours{24 * 5 * back};
      // what comes later does not exist then
      std::vector<test::DealHistory> known = histories;
      for (auto& history : known)
        std::erase_if(history.changes, [&](const auto& change) { return change.time > origin; });
      const Readiness then = readiness(AsOf(test::build_log(graph, known), origin), options);
      for (const ReadyDeal& deal : then.deals) {
        REQUIRE(at < record.outcomes.size());
        const ReadinessOutcome& outcome = record.outcomes[at++];
        REQUIRE(outcome.stage == deal.stage);
        REQUIRE(outcome.advance == deal.advance.probability);
        REQUIRE(outcome.win == deal.win);
        const auto history = std::find_if(histories.begin(), histories.end(),
                                          [&](const auto& candidate) { return candidate.name == deal.deal; });
        StageId next = kNoStage;
        bool won = false, ended = false;
        for (const auto& change : history->changes) {
          if (change.time <= origin || change.time > origin + hours{24 * 5}) continue;
          if (next == kNoStage && change.stage != deal.stage) next = change.stage;
          if (!ended) won = graph.kind(change.stage) == StageKind::won;
          ended = ended || graph.is_terminal(change.stage);
        }
        REQUIRE(outcome.advanced == (next != kNoStage && kind_of_move(graph, deal.stage, next) == Kind::advanced));
        REQUIRE(outcome.was_lost == (next != kNoStage && kind_of_move(graph, deal.stage, next) == Kind::lost));
        REQUIRE(outcome.won == won);
      }
    }
    REQUIRE(at == record.outcomes.size());
  }
}

TEST_CASE("BPI 2012: chances said on twelve past Fridays came true, and say more than a share for the stage") {
  const AsOf view = bpic2012_applications().at(Day{std::chrono::year{2012} / 3 / 9});
  const ReadinessRecord record = readiness_record(view, {}, 12);
  CHECK(record.origins.size() == 12);
  double advance = 0, lost = 0, win = 0, advanced = 0, was_lost = 0, won = 0, n = 0;
  double brier = 0, brier_stage = 0;
  for (const ReadinessOutcome& outcome : record.outcomes) {
    advance += outcome.advance, lost += outcome.lost, win += outcome.win, ++n;
    advanced += outcome.advanced, was_lost += outcome.was_lost, won += outcome.won;
    if (!outcome.stage_lost) continue;
    brier += std::pow(outcome.lost - outcome.was_lost, 2);
    brier_stage += std::pow(*outcome.stage_lost - outcome.was_lost, 2);
  }
  // sums of independent outcomes: within three standard deviations, twice that for what a week has in common
  for (const auto& [said, came] : {std::pair{advance, advanced}, {lost, was_lost}, {win, won}})
    CHECK(std::abs(said - came) < 6 * std::sqrt(said * (1 - said / n)));
  CHECK(n > 5'000);
  CHECK(brier < 0.85 * brier_stage);
}

TEST_CASE("Readiness of nothing is nothing, and options out of range are refused") {
  const StageGraph graph = StageGraph::b2b_template();
  const AsOf empty = AsOf::end_of(EventLog(graph));
  const Readiness ready = readiness(empty);
  CHECK(ready.deals.empty());
  CHECK(ready.stages.size() == 5);
  CHECK(readiness_record(empty).outcomes.empty());
  for (const double within : {0.0, -1.0, 367.0, std::nan("")})
    CHECK_THROWS_AS(readiness(empty, {.within_days = within}), InvalidArgument);
  CHECK_THROWS_AS(readiness(empty, {.least_at_risk = 1}), InvalidArgument);
  CHECK_THROWS_AS(readiness(empty, {.overdue_share = 1.0}), InvalidArgument);
  CHECK_THROWS_AS(readiness(empty, {.stalled_share = 0.0}), InvalidArgument);
  CHECK_THROWS_AS(readiness_record(empty, {}, 0), InvalidArgument);
  CHECK_THROWS_AS(readiness_record(empty, {}, 1'001), InvalidArgument);
  // one deal; a graph without a won stage; 200 stages
  const StageGraph no_win = StageGraph::Builder().stage("A").stage("Gone", StageKind::lost).build();
  std::mt19937 random(76);
  CHECK(readiness(AsOf::end_of(test::build_log(no_win, test::random_histories(random, no_win, {.deals = 1}))))
            .expected_value == 0);
  StageGraph::Builder builder;
  for (int i = 0; i < 198; ++i) builder.stage("S" + std::to_string(i));
  const StageGraph wide = builder.stage("Won", StageKind::won).stage("Lost", StageKind::lost).build();
  CHECK(readiness(AsOf::end_of(test::build_log(wide, test::random_histories(random, wide, {.deals = 200}))))
            .deals.size() > 100);
}
