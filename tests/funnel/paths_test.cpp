#include <putki/funnel/paths.hpp>

#include <putki/core/error.hpp>

#include "funnel/weighted_spells.hpp"
#include "random_log.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

using namespace putki;
using std::chrono::hours;

namespace {

// Lead, Demo or Trial, Talk, Offer, Won; Talk may fall back to Lead. Gates: Lead, Talk, Offer.
StageGraph gated_graph() {
  StageGraph::Builder builder;
  builder.stage("Lead").stage("Parked", StageKind::on_hold).stage("Demo").stage("Trial").stage("Talk").stage("Offer");
  builder.stage("Won", StageKind::won).stage("Lost", StageKind::lost);
  builder.move("Lead", "Demo").move("Lead", "Trial").move("Demo", "Talk").move("Trial", "Talk");
  builder.move("Talk", "Offer").move("Offer", "Won").move("Talk", "Lead").move("Lead", "Parked");
  builder.move("Parked", "Lead").move("Offer", "Talk");
  for (const char* stage : {"Lead", "Demo", "Trial", "Talk", "Offer"}) builder.move(stage, "Lost");
  return builder.entry("Lead").build();
}
const std::map<std::string, int> kRank{{"Lead", 0}, {"Demo", 1}, {"Trial", 1}, {"Talk", 2}, {"Offer", 3}};
const std::map<std::string, std::set<std::string>> kBeyond{
    {"Lead", {"Demo", "Trial", "Talk", "Offer", "Won"}}, {"Talk", {"Offer", "Won"}}, {"Offer", {"Won"}}};

bool ended(const std::string& stage) {
  return stage == "Won" || stage == "Lost";
}

// A deal as names and days, worked out from its history alone.
struct NaiveDeal {
  std::vector<std::string> stages;
  std::vector<double> entered, left;  // left: the view where it still is
};

std::vector<NaiveDeal> naive_deals(const StageGraph& graph, const std::vector<test::DealHistory>& histories,
                                   Timestamp instant) {
  std::vector<NaiveDeal> deals;
  const auto days = [](Timestamp time) { return static_cast<double>((time - test::kFirstInstant).count()) / 86'400e6; };
  for (const auto& history : histories) {
    NaiveDeal deal;
    for (const auto& visit : test::naive_visits(history, instant)) {
      deal.stages.push_back(graph.stage(visit.stage).name);
      deal.entered.push_back(days(visit.entered));
      deal.left.push_back(days(visit.next == kNoStage ? instant : visit.left));
    }
    if (!deal.stages.empty()) deals.push_back(deal);
  }
  return deals;
}

bool back(const NaiveDeal& deal, std::size_t v) {
  if (v + 1 >= deal.stages.size()) return false;
  const auto from = kRank.find(deal.stages[v]), to = kRank.find(deal.stages[v + 1]);
  return from != kRank.end() && to != kRank.end() && to->second < from->second;
}

// From `begin` to the next won or lost stage among the visits from v on.
WeightedSpell naive_spell(const NaiveDeal& deal, std::size_t v, double begin, double weight, std::size_t number) {
  for (; v < deal.stages.size(); ++v)
    if (ended(deal.stages[v]))
      return {deal.entered[v] - begin, deal.stages[v] == "Won" ? SpellEnd::won : SpellEnd::lost, weight,
              static_cast<std::uint32_t>(number)};
  return {deal.left.back() - begin, SpellEnd::censored, weight, static_cast<std::uint32_t>(number)};
}

struct NaiveFigures {
  double won = 0, days = 0;
};

// Both estimates from their definitions.
NaiveFigures naive_figures(const std::vector<WeightedSpell>& spells, double horizon) {
  std::set<double> times;
  for (const auto& spell : spells)
    if (spell.end != SpellEnd::censored && spell.time <= horizon) times.insert(spell.time);
  double survival = 1, from = 0;
  NaiveFigures figures;
  for (const double time : times) {
    double risk = 0, ends = 0, wins = 0;
    for (const auto& spell : spells) {
      if (spell.time >= time) risk += spell.weight;
      if (spell.time != time || spell.end == SpellEnd::censored) continue;
      ends += spell.weight;
      if (spell.end == SpellEnd::won) wins += spell.weight;
    }
    figures.days += survival * (time - from);
    from = time;
    figures.won += survival * wins / risk;
    survival *= 1 - ends / risk;
  }
  figures.days += survival * (horizon - from);
  return figures;
}

// What the difference of a and b changes by when all spells of a deal weigh a little more: squared and added up.
NaiveFigures naive_variances(const std::vector<WeightedSpell>& a, const std::vector<WeightedSpell>& b, double horizon) {
  std::set<std::uint32_t> clusters;
  for (const auto* spells : {&a, &b})
    for (const auto& spell : *spells) clusters.insert(spell.cluster);
  NaiveFigures variances;
  const auto difference = [&](std::uint32_t cluster, double factor) {
    auto heavier_a = a, heavier_b = b;
    for (auto* spells : {&heavier_a, &heavier_b})
      for (auto& spell : *spells)
        if (spell.cluster == cluster) spell.weight *= factor;
    const auto fa = naive_figures(heavier_a, horizon), fb = naive_figures(heavier_b, horizon);
    return NaiveFigures{fa.won - fb.won, fa.days - fb.days};
  };
  constexpr double kStep = 1e-4;
  for (const auto cluster : clusters) {
    const auto more = difference(cluster, 1 + kStep), less = difference(cluster, 1 - kStep);
    variances.won += std::pow((more.won - less.won) / (2 * kStep), 2);
    variances.days += std::pow((more.days - less.days) / (2 * kStep), 2);
  }
  return variances;
}

std::vector<std::string> names(const StageGraph& graph, const std::vector<StageId>& stages) {
  std::vector<std::string> result;
  for (const StageId stage : stages) result.push_back(graph.stage(stage).name);
  return result;
}

struct RandomPaths {
  std::vector<test::DealHistory> histories;
  Timestamp instant;
  AsOf view;
  std::vector<NaiveDeal> deals;
  RandomPaths(std::mt19937& random, const StageGraph& graph, int most_deals = 30)
      : histories(test::random_histories(random, graph,
                                         {.deals = 1 + static_cast<int>(random() % static_cast<unsigned>(most_deals)),
                                          .most_changes = 1 + static_cast<int>(random() % 10),
                                          .date_only = random() % 5 == 0,
                                          .amounts = true})),
        instant(test::kFirstInstant + hours{6 * (random() % 260)}),
        view(test::build_log(graph, histories), instant),
        deals(naive_deals(graph, histories, instant)) {}
};

}  // namespace

TEST_CASE("Variants are the paths of a naive walk, with their ends, medians and coverage") {
  std::mt19937 random(71);
  const StageGraph graph = gated_graph();
  for (int round = 0; round < 1200; ++round) {
    const RandomPaths data(random, graph);
    struct Naive {
      std::uint64_t won = 0, lost = 0, open = 0;
      std::vector<double> days;
    };
    std::map<std::vector<std::string>, Naive> expected;
    std::uint64_t finished = 0;
    for (const NaiveDeal& deal : data.deals) {
      auto path = deal.stages;
      const std::string stands = path.back();
      if (ended(stands)) path.pop_back();
      Naive& naive = expected[path];
      ++(stands == "Won" ? naive.won : stands == "Lost" ? naive.lost : naive.open);
      if (!ended(stands)) continue;
      ++finished;
      naive.days.push_back(deal.entered.back() - deal.entered.front());
    }
    const PathVariants variants = path_variants(count_paths(data.view), 0);
    REQUIRE(variants.deals == data.deals.size());
    REQUIRE(variants.finished == finished);
    REQUIRE(variants.distinct == expected.size());
    REQUIRE(variants.variants.size() == expected.size());
    double covered = 0, covered_finished = 0;
    std::uint64_t most = variants.deals;
    for (const PathVariant& variant : variants.variants) {
      Naive& naive = expected.at(names(graph, variant.stages));
      REQUIRE(variant.won == naive.won);
      REQUIRE(variant.lost == naive.lost);
      REQUIRE(variant.open == naive.open);
      const std::uint64_t deals = naive.won + naive.lost + naive.open;
      REQUIRE(deals <= most);
      most = deals;
      covered += variant.share_of_deals;
      covered_finished += variant.share_of_finished;
      REQUIRE(variant.share_of_deals == Approx(static_cast<double>(deals) / static_cast<double>(data.deals.size())));
      REQUIRE(variant.covered_deals == Approx(covered));
      REQUIRE(variant.covered_finished == Approx(covered_finished).margin(1e-12));
      REQUIRE(variant.median_days.has_value() == !naive.days.empty());
      if (naive.days.empty()) continue;
      std::sort(naive.days.begin(), naive.days.end());
      const std::size_t n = naive.days.size();
      REQUIRE(*variant.median_days == Approx(0.5 * (naive.days[(n - 1) / 2] + naive.days[n / 2])).margin(1e-12));
      REQUIRE(*variant.share_won == Approx(static_cast<double>(naive.won) / static_cast<double>(n)));
      REQUIRE(variant.share_won_limits.lower <= *variant.share_won);
      REQUIRE(variant.share_won_limits.upper >= *variant.share_won);
    }
    if (!data.deals.empty()) REQUIRE(covered == Approx(1));
    if (finished > 0) REQUIRE(covered_finished == Approx(1));
    REQUIRE(path_variants(count_paths(data.view), 2).variants.size() == std::min<std::size_t>(2, expected.size()));
  }
}

TEST_CASE("Won value is of deals won with a known amount, the others are counted apart") {
  const StageGraph graph = gated_graph();
  std::mt19937 random(72);
  for (int round = 0; round < 300; ++round) {
    const RandomPaths data(random, graph);
    std::int64_t cents = 0;
    std::uint64_t without = 0;
    for (const auto& history : data.histories) {
      const auto visits = test::naive_visits(history, data.instant);
      if (visits.empty() || graph.stage(visits.back().stage).name != "Won") continue;
      Money amount = kNoAmount;
      for (const auto& change : history.changes)
        if (change.time <= data.instant && change.amount != kNoAmount) amount = change.amount;
      if (amount == kNoAmount)
        ++without;
      else
        cents += amount.minor;
    }
    Money value;
    std::uint64_t without_amount = 0;
    for (const PathVariant& variant : path_variants(count_paths(data.view), 0).variants) {
      value += variant.won_value;
      without_amount += variant.won_without_amount;
    }
    REQUIRE(value.minor == cents);
    REQUIRE(without_amount == without);
  }
}

TEST_CASE("Conformance is that of a naive walk along the declared moves") {
  std::mt19937 random(73);
  const StageGraph graph = gated_graph();
  const std::set<std::pair<std::string, std::string>> declared{
      {"Lead", "Demo"}, {"Lead", "Trial"}, {"Demo", "Talk"},   {"Trial", "Talk"},  {"Talk", "Offer"},
      {"Offer", "Won"}, {"Talk", "Lead"},  {"Lead", "Parked"}, {"Parked", "Lead"}, {"Offer", "Talk"},
      {"Lead", "Lost"}, {"Demo", "Lost"},  {"Trial", "Lost"},  {"Talk", "Lost"},   {"Offer", "Lost"}};
  for (int round = 0; round < 1200; ++round) {
    const RandomPaths data(random, graph);
    std::uint64_t conforming = 0, elsewhere = 0, moves = 0, followed = 0;
    std::map<std::pair<std::string, std::string>, std::pair<std::uint64_t, std::set<const NaiveDeal*>>> others;
    for (const NaiveDeal& deal : data.deals) {
      bool conforms = deal.stages[0] == "Lead";
      elsewhere += conforms ? 0 : 1;
      for (std::size_t v = 1; v < deal.stages.size(); ++v) {
        ++moves;
        const std::pair move(deal.stages[v - 1], deal.stages[v]);
        if (declared.contains(move)) {
          ++followed;
          continue;
        }
        conforms = false;
        ++others[move].first;
        others[move].second.insert(&deal);
      }
      conforming += conforms ? 1 : 0;
    }
    const Conformance result = conformance(data.view);
    REQUIRE(result.declares_moves);
    REQUIRE(result.deals == data.deals.size());
    REQUIRE(result.conforming == conforming);
    REQUIRE(result.began_elsewhere == elsewhere);
    REQUIRE(result.moves == moves);
    REQUIRE(result.declared == followed);
    REQUIRE(result.undeclared.size() == others.size());
    for (const UndeclaredMove& move : result.undeclared) {
      const auto& naive = others.at({graph.stage(move.from).name, graph.stage(move.to).name});
      REQUIRE(move.count == naive.first);
      REQUIRE(move.deals == naive.second.size());
    }
  }
  // without declared moves everything is allowed
  const RandomPaths free(random, StageGraph::Builder().stage("A").stage("B").stage("Won", StageKind::won).build());
  const Conformance all = conformance(free.view);
  CHECK_FALSE(all.declares_moves);
  CHECK(all.conforming == all.deals);
  CHECK(all.declared == all.moves);
}

TEST_CASE("Rework is counted as by a naive walk") {
  std::mt19937 random(74);
  const StageGraph graph = gated_graph();
  for (int round = 0; round < 1200; ++round) {
    const RandomPaths data(random, graph);
    std::uint64_t went_back = 0, reopened = 0, moves = 0;
    std::map<std::pair<std::string, std::string>, std::pair<std::uint64_t, std::set<const NaiveDeal*>>> loops;
    for (const NaiveDeal& deal : data.deals) {
      bool any = false, again = false;
      for (std::size_t v = 0; v + 1 < deal.stages.size(); ++v) {
        again = again || (ended(deal.stages[v]) && !ended(deal.stages[v + 1]));
        if (!back(deal, v)) continue;
        any = true;
        ++moves;
        auto& loop = loops[{deal.stages[v], deal.stages[v + 1]}];
        ++loop.first;
        loop.second.insert(&deal);
      }
      went_back += any ? 1 : 0;
      reopened += again ? 1 : 0;
    }
    const ReworkCounts counts = count_rework(data.view);
    REQUIRE(counts.deals == data.deals.size());
    REQUIRE(counts.went_back == went_back);
    REQUIRE(counts.moves_back == moves);
    REQUIRE(counts.reopened == reopened);
    REQUIRE(counts.loops.size() == loops.size());
    for (const ReworkLoop& loop : counts.loops) {
      const auto& naive = loops.at({graph.stage(loop.from).name, graph.stage(loop.to).name});
      REQUIRE(loop.count == naive.first);
      REQUIRE(loop.deals == naive.second.size());
    }
  }
}

TEST_CASE("The price of rework is that of all who were there at the same age, by definition") {
  std::mt19937 random(75);
  const StageGraph graph = gated_graph();
  int priced = 0;
  for (int round = 0; round < 600; ++round) {
    const RandomPaths data(random, graph, 40);
    const double horizon = 5.0 + static_cast<double>(random() % 40);
    std::vector<WeightedSpell> gone, there;
    std::uint64_t unmatched = 0;
    // times as counts of quarter days are exact, so ties are ties
    for (std::size_t d = 0; d < data.deals.size(); ++d) {
      const NaiveDeal& deal = data.deals[d];
      std::size_t v = 0;
      while (v < deal.stages.size() && !back(deal, v)) ++v;
      if (v == deal.stages.size()) continue;
      const double age = deal.left[v] - deal.entered[v];
      std::vector<WeightedSpell> comparable;
      for (std::size_t e = 0; e < data.deals.size(); ++e) {
        const NaiveDeal& other = data.deals[e];
        for (std::size_t w = 0; w < other.stages.size(); ++w) {
          if (other.stages[w] == deal.stages[v] && other.left[w] - other.entered[w] > age)
            comparable.push_back(naive_spell(other, w + 1, other.entered[w] + age, 1, e));
          if (back(other, w)) break;  // later visits are of a deal that has gone back
        }
      }
      if (comparable.empty()) {
        ++unmatched;
        continue;
      }
      gone.push_back(naive_spell(deal, v + 1, deal.left[v], 1, d));
      for (WeightedSpell spell : comparable) {
        spell.weight = 1.0 / static_cast<double>(comparable.size());
        there.push_back(spell);
      }
    }
    const auto price = rework_price(data.view, {.horizon_days = horizon, .most_comparables = 1000});
    REQUIRE(price.has_value() == !gone.empty());
    if (!price) continue;
    ++priced;
    REQUIRE(price->matched == gone.size());
    REQUIRE(price->unmatched == unmatched);
    REQUIRE(price->comparables == there.size());
    const NaiveFigures a = naive_figures(gone, horizon), b = naive_figures(there, horizon);
    REQUIRE(price->won_back.value == Approx(a.won).margin(1e-9));
    REQUIRE(price->won_comparable.value == Approx(b.won).margin(1e-9));
    REQUIRE(price->win_difference.value == Approx(a.won - b.won).margin(1e-9));
    REQUIRE(price->days_back.value == Approx(a.days).margin(1e-9));
    REQUIRE(price->days_comparable.value == Approx(b.days).margin(1e-9));
    REQUIRE(price->extra_days.value == Approx(a.days - b.days).margin(1e-9));
    if (round % 10 != 0) continue;
    const NaiveFigures variances = naive_variances(gone, there, horizon);
    REQUIRE(price->win_difference.std_error == Approx(std::sqrt(variances.won)).epsilon(1e-4).margin(1e-5));
    REQUIRE(price->extra_days.std_error == Approx(std::sqrt(variances.days)).epsilon(1e-4).margin(1e-4));
  }
  CHECK(priced > 300);
}

TEST_CASE("Weighted incidence and its clustered errors are those of R") {
  // paths_reference.R
  std::vector<WeightedSpell> spells;
  const double times[] = {2, 3, 3, 5, 7, 7, 8, 10, 12, 15, 15, 20};
  const int ends[] = {1, 0, 2, 1, 2, 1, 0, 1, 2, 0, 1, 0};
  const double weights[] = {1, 0.5, 2, 1, 0.25, 1.5, 1, 1, 0.5, 1, 2, 1};
  const std::uint32_t clusters[] = {1, 2, 1, 3, 4, 4, 5, 6, 2, 7, 8, 8};
  for (std::size_t i = 0; i < 12; ++i)
    spells.push_back({times[i], static_cast<SpellEnd>(ends[i]), weights[i], clusters[i]});
  const SpellOutcome at10 = spell_outcome(spells, 10);
  const auto error = [&](const std::vector<double>& influence) {
    std::map<std::uint32_t, double> sums;
    for (std::size_t i = 0; i < influence.size(); ++i) sums[clusters[i]] += influence[i];
    double sum = 0;
    for (const auto& [cluster, value] : sums) sum += value * value;
    return std::sqrt(sum);
  };
  CHECK(at10.won == Approx(0.382810618105).epsilon(1e-8));
  CHECK(error(at10.won_influence) == Approx(0.154423467792).epsilon(1e-8));
  CHECK(at10.mean_days == Approx(7.42713301537).epsilon(1e-8));
  CHECK(error(at10.days_influence) == Approx(1.35654064253).epsilon(1e-8));
}

TEST_CASE("Gates are passed or skipped as by a naive walk, and close at their Aalen-Johansen rates") {
  std::mt19937 random(76);
  const StageGraph graph = gated_graph();
  for (int round = 0; round < 800; ++round) {
    const RandomPaths data(random, graph);
    const double horizon = 5.0 + static_cast<double>(random() % 40);
    const auto gates = skipped_gates(data.view, horizon);
    REQUIRE(gates.size() == 3);
    for (const SkippedGate& result : gates) {
      const std::string gate = graph.stage(result.gate).name;
      std::uint64_t later = 0, never = 0;
      std::map<bool, std::vector<WeightedSpell>> spells;  // by having been in the gate
      for (std::size_t d = 0; d < data.deals.size(); ++d) {
        const NaiveDeal& deal = data.deals[d];
        std::size_t v = 0;
        bool been = false;
        for (; v < deal.stages.size() && !kBeyond.at(gate).contains(deal.stages[v]); ++v)
          been = been || deal.stages[v] == gate;
        if (v == deal.stages.size()) {
          ++never;
          continue;
        }
        spells[been].push_back(naive_spell(deal, v, deal.entered[v], 1, d));
        if (!been && std::find(deal.stages.begin(), deal.stages.end(), gate) != deal.stages.end()) ++later;
      }
      REQUIRE(result.never_beyond == never);
      REQUIRE(result.later == later);
      for (const bool been : {false, true}) {
        const GateSide& side = been ? result.through : result.skipped;
        const auto& naive = spells[been];
        REQUIRE(side.deals == naive.size());
        const auto how = [&](SpellEnd end) {
          return static_cast<std::uint64_t>(
              std::count_if(naive.begin(), naive.end(), [&](const auto& spell) { return spell.end == end; }));
        };
        REQUIRE(side.won == how(SpellEnd::won));
        REQUIRE(side.lost == how(SpellEnd::lost));
        REQUIRE(side.open == how(SpellEnd::censored));
        REQUIRE(side.close_rate.has_value() == (gate != "Offer" && !naive.empty()));
        if (side.close_rate) REQUIRE(*side.close_rate == Approx(naive_figures(naive, horizon).won).margin(1e-9));
      }
    }
  }
}

TEST_CASE("Rework that does nothing costs nothing, rework that costs is found out") {
  // Every deal waits 10 days in the second stage. A third then falls back; from that day on deals that fell back and
  // those that did not need the same time and win as often, or `days` longer.
  const StageGraph graph = StageGraph::b2b_template();
  for (const double days : {0.0, 12.0}) {
    std::mt19937 random(77);
    std::exponential_distribution<double> wait(1.0 / 15);
    EventLogBuilder builder(graph);
    for (int d = 0; d < 9'000; ++d) {
      const DealId deal = builder.deal("deal " + std::to_string(d));
      const auto add = [&](double day, std::uint16_t stage) {
        builder.add({.deal = deal,
                     .time = test::kFirstInstant + std::chrono::seconds{static_cast<std::int64_t>(day * 86'400)},
                     .stage = StageId{stage}});
      };
      const double begin = static_cast<double>(random() % 300);
      const bool back = random() % 3 == 0;
      const double decision = begin + 1 + 10 + (back ? 0.0 : 0.5);
      const double end = decision + wait(random) + (back ? days : 0);
      add(begin, 0), add(begin + 1, 1), add(decision, back ? 0 : 2);
      if (end < 300) add(end, random() % 10 < 4 ? 5 : 6);
    }
    const AsOf view(builder.build(), test::kFirstInstant + hours{24 * 300});
    const ReworkPrice price = rework_price(view, {.horizon_days = 90, .most_comparables = 20}).value();
    CHECK(price.matched > 2'500);
    // Half a day of waiting before they go on is also theirs.
    CHECK(std::abs(price.extra_days.value - (days - 0.5)) < 4 * price.extra_days.std_error);
    CHECK(price.extra_days.std_error < 1.0);
    CHECK((price.extra_days.limits.lower > 0) == (days > 0));
    CHECK(std::abs(price.win_difference.value) < 4 * price.win_difference.std_error + 0.004);
  }
}

TEST_CASE("Without deals there are no paths, and options without sense are refused") {
  const AsOf nothing = AsOf::end_of(EventLog(gated_graph()));
  const Paths empty = paths(nothing);
  CHECK(empty.variants.variants.empty());
  CHECK(empty.rework.went_back == 0);
  CHECK_FALSE(empty.rework_price);
  REQUIRE(empty.gates.size() == 3);
  CHECK(empty.gates[0].through.deals == 0);
  CHECK_FALSE(empty.gates[0].through.close_rate);
  CHECK(empty.conformance.deals == 0);
  for (const double horizon : {0.0, -1.0, std::nan(""), HUGE_VAL}) {
    CHECK_THROWS_AS(skipped_gates(nothing, horizon), InvalidArgument);
    CHECK_THROWS_AS(rework_price(nothing, {.horizon_days = horizon}), InvalidArgument);
  }
  CHECK_THROWS_AS(rework_price(nothing, {.most_comparables = 0}), InvalidArgument);
  PathCounts counts = count_paths(nothing);
  CHECK_THROWS_AS(counts.merge(count_paths(AsOf::end_of(EventLog(StageGraph::b2b_template())))), InvalidArgument);
}
