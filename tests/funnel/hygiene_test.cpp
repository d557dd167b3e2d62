#include <putki/funnel/hygiene.hpp>

#include <putki/core/error.hpp>

#include "random_log.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

using namespace putki;
using std::chrono::hours;

namespace {

StageGraph hygiene_graph() {
  return StageGraph::Builder()
      .stage("Lead")
      .stage("Parked", StageKind::on_hold)
      .stage("Offer")
      .stage("Won", StageKind::won)
      .stage("Lost", StageKind::lost)
      .build();
}

struct NaiveHygieneSpell {
  double days;
  int end;  // 0: none yet, 1: won, 2: lost
};

/// Shares ended won and lost, and not ended, by `days`: the product-limit by its definition, a pass over all spells for
/// every distinct time.
struct NaiveHygieneShares {
  double won = 0, lost = 0, open = 1;
};
NaiveHygieneShares naive_hygiene_shares(const std::vector<NaiveHygieneSpell>& spells, double days) {
  std::set<double> times;
  for (const auto& spell : spells)
    if (spell.end > 0 && spell.days <= days) times.insert(spell.days);
  NaiveHygieneShares shares;
  for (const double time : times) {
    double at_risk = 0, won = 0, lost = 0;
    for (const auto& spell : spells) {
      at_risk += spell.days >= time ? 1 : 0;
      won += spell.days == time && spell.end == 1 ? 1 : 0;
      lost += spell.days == time && spell.end == 2 ? 1 : 0;
    }
    shares.won += shares.open * won / at_risk;
    shares.lost += shares.open * lost / at_risk;
    shares.open *= 1 - (won + lost) / at_risk;
  }
  return shares;
}

std::optional<double> naive_hygiene_limit(const std::vector<NaiveHygieneSpell>& spells, double share, int least) {
  if (std::count_if(spells.begin(), spells.end(), [](const auto& s) { return s.end > 0; }) < least) return std::nullopt;
  const double all = 1 - naive_hygiene_shares(spells, 1e9).open;
  std::set<double> times;
  for (const auto& spell : spells) times.insert(spell.days);
  for (const double time : times)
    if (1 - naive_hygiene_shares(spells, time).open >= share * all - 1e-12) return time;
  return *times.rbegin();
}

struct NaiveHygieneDeal {
  std::string name, stage;
  bool open = false;
  std::optional<std::int64_t> amount;
  std::optional<int> expected;
  double open_days = 0, silent_days = 0;
  NaiveHygieneSpell life{0, 0};
  std::map<std::string, NaiveHygieneSpell> from_stage;
  std::set<std::string> findings;
};

double hygiene_days(Timestamp from, Timestamp to) {
  return std::chrono::duration<double, std::ratio<86'400>>(to - from).count();
}

struct NaiveHygiene {
  std::vector<NaiveHygieneDeal> deals;
  std::map<std::string, std::optional<double>> limits;
  std::optional<double> zombie;
};

NaiveHygiene naive_hygiene(const StageGraph& graph, const std::vector<test::DealHistory>& histories, Timestamp now,
                           int least, bool dates_known, bool amounts_known) {
  NaiveHygiene result;
  std::map<std::string, std::vector<NaiveHygieneSpell>> silences;
  std::vector<NaiveHygieneSpell> lives;
  for (const auto& history : histories) {
    NaiveHygieneDeal deal;
    deal.name = history.name;
    Timestamp opened, ended, last, created;
    bool is_open = false, has_ended = false, known = false;
    std::string last_stage;
    int end = 0;
    std::map<std::string, Timestamp> entered;
    for (const auto& change : history.changes) {
      if (change.time > now) break;
      const std::string stage = graph.stage(change.stage).name;
      const bool closes = stage == "Won" || stage == "Lost";
      if (known && last_stage != "Won" && last_stage != "Lost")
        silences[last_stage].push_back({hygiene_days(last, change.time), 1});
      if (!known) created = change.time;
      if (closes && !has_ended) {
        has_ended = true;
        ended = change.time;
        end = stage == "Won" ? 1 : 2;
      }
      if (!closes && !has_ended) entered.try_emplace(stage, change.time);
      if (!closes && !is_open) opened = change.time;
      is_open = !closes;
      if (change.amount != kNoAmount) deal.amount = change.amount.minor;
      if (change.expected_close != kNoDay) deal.expected = change.expected_close;
      last = change.time;
      known = true;
      last_stage = stage;
    }
    if (!known) continue;
    const Timestamp until = has_ended ? ended : now;
    deal.stage = last_stage;
    deal.open = is_open;
    if (is_open) deal.open_days = hygiene_days(opened, now);
    deal.silent_days = hygiene_days(last, now);
    if (deal.open) silences[last_stage].push_back({deal.silent_days, 0});
    deal.life = {hygiene_days(created, until), end};
    for (const auto& [stage, time] : entered) deal.from_stage[stage] = {hygiene_days(time, until), end};
    lives.push_back(deal.life);
    result.deals.push_back(deal);
  }
  for (const char* stage : {"Lead", "Offer"}) result.limits[stage] = naive_hygiene_limit(silences[stage], 0.95, least);
  if (const auto limit = naive_hygiene_limit(lives, 0.9, least)) result.zombie = 2 * *limit;
  const int today = static_cast<int>(std::chrono::floor<Days>(now).time_since_epoch().count());
  for (NaiveHygieneDeal& deal : result.deals) {
    if (!deal.open) continue;
    if (deal.expected && *deal.expected < today) deal.findings.insert("past_close");
    if (!deal.expected && dates_known) deal.findings.insert("no_close");
    if (!deal.amount && amounts_known) deal.findings.insert("no_amount");
    if (deal.amount == 0) deal.findings.insert("zero_amount");
    if (deal.stage == "Parked") continue;
    if (result.limits[deal.stage] && deal.silent_days > *result.limits[deal.stage]) deal.findings.insert("silent");
    if (result.zombie && deal.open_days > *result.zombie) deal.findings.insert("zombie");
  }
  return result;
}

void require_headline(const HygieneHeadline& headline, const StageGraph& graph,
                      const std::vector<NaiveHygieneDeal>& deals, double days) {
  std::uint64_t open = 0, without = 0;
  std::int64_t cents = 0;
  std::vector<NaiveHygieneSpell> lives;
  std::map<std::string, std::int64_t> value;
  std::map<std::string, std::vector<NaiveHygieneSpell>> from_stage;
  for (const NaiveHygieneDeal& deal : deals) {
    lives.push_back(deal.life);
    for (const auto& [stage, spell] : deal.from_stage) from_stage[stage].push_back(spell);
    if (!deal.open) continue;
    ++open;
    without += deal.amount ? 0 : 1;
    cents += deal.amount.value_or(0);
    value[deal.stage] += deal.amount.value_or(0);
  }
  REQUIRE(headline.open_deals == open);
  REQUIRE(headline.without_amount == without);
  REQUIRE(headline.open_value.minor == cents);
  REQUIRE(headline.close_rate == Approx(naive_hygiene_shares(lives, days).won).margin(1e-12));
  double weighted = 0;
  for (std::size_t s = 0; s < graph.stage_count(); ++s) {
    const std::string stage = graph.stage(static_cast<StageId>(s)).name;
    const double expected = static_cast<double>(value[stage]) / 100 * naive_hygiene_shares(from_stage[stage], days).won;
    REQUIRE(headline.weighted_by_stage[s] == Approx(expected).margin(1e-9));
    weighted += expected;
  }
  REQUIRE(headline.weighted == Approx(weighted).margin(1e-9));
  if (headline.median_lifetime)
    REQUIRE(naive_hygiene_shares(lives, *headline.median_lifetime).open <= 0.5 + 1e-7);
  else
    REQUIRE(naive_hygiene_shares(lives, 1e9).open > 0.5 - 1e-7);
}

test::DealHistory hygiene_history(std::string name, const std::vector<std::pair<int, StageId>>& changes,
                                  Money amount = Money{10'000}) {
  test::DealHistory history{.name = std::move(name), .region = "", .changes = {}};
  for (const auto& [day, stage] : changes)
    history.changes.push_back({test::kFirstInstant + hours{24 * day + 6}, stage, amount});
  return history;
}

}  // namespace

TEST_CASE("Findings, limits and effects are those of a naive reading of the histories") {
  const StageGraph graph = hygiene_graph();
  std::mt19937 random(61);
  for (int round = 0; round < 1000; ++round) {
    const auto histories = test::random_histories(random, graph, {.deals = 14, .most_changes = 6, .amounts = true});
    const EventLog log = test::build_log(graph, histories);
    const Timestamp now = test::kFirstInstant + hours{6 * (random() % 400)};
    const bool amounts_known =
        std::any_of(log.amounts().begin(), log.amounts().end(), [](Money amount) { return amount != kNoAmount; });
    const int least = 4;
    const double days = 5 + static_cast<double>(random() % 30);
    const NaiveHygiene naive =
        naive_hygiene(graph, histories, now, least, !log.expected_closes().empty(), amounts_known);
    const Hygiene found = hygiene(AsOf(log, now), {.least_silences = least, .close_rate_days = days});
    const auto same_limit = [](const std::optional<double>& a, const std::optional<double>& b) {
      return a.has_value() == b.has_value() && (!a || std::abs(*a - *b) < 1e-9);
    };
    REQUIRE(same_limit(found.zombie_limit, naive.zombie));
    REQUIRE(same_limit(found.silence_limits[0], naive.limits.at("Lead")));
    REQUIRE(same_limit(found.silence_limits[2], naive.limits.at("Offer")));
    REQUIRE_FALSE(found.silence_limits[1]);
    REQUIRE_FALSE(found.silence_limits[3]);

    std::map<std::string, const HygieneDeal*> listed;
    for (const HygieneDeal& deal : found.deals) listed[deal.name] = &deal;
    std::size_t flagged = 0;
    for (const NaiveHygieneDeal& deal : naive.deals) {
      flagged += deal.findings.empty() ? 0 : 1;
      REQUIRE(listed.contains(deal.name) == !deal.findings.empty());
      if (deal.findings.empty()) continue;
      for (std::size_t f = 0; f < kHygieneFindings; ++f)
        REQUIRE(listed[deal.name]->findings[f] == deal.findings.contains(to_string(static_cast<HygieneFinding>(f))));
      REQUIRE(listed[deal.name]->open_days == Approx(deal.open_days));
      REQUIRE(listed[deal.name]->silent_days == Approx(deal.silent_days));
    }
    REQUIRE(found.deals.size() == flagged);
    REQUIRE(found.any.deals == flagged);

    require_headline(found.all, graph, naive.deals, days);
    const auto effect_is = [&](const HygieneEffect& effect, const auto& hit) {
      std::vector<NaiveHygieneDeal> kept, lost;
      std::uint64_t count = 0;
      std::int64_t cents = 0;
      for (NaiveHygieneDeal deal : naive.deals) {
        if (!hit(deal)) {
          kept.push_back(deal);
        } else {
          ++count;
          cents += deal.amount.value_or(0);
          deal.open = false;
          if (deal.life.end == 0) deal.life.end = 2;
          for (auto& [stage, spell] : deal.from_stage)
            if (spell.end == 0) spell.end = 2;
        }
        lost.push_back(deal);
      }
      REQUIRE(effect.deals == count);
      REQUIRE(effect.value.minor == cents);
      require_headline(effect.removed, graph, kept, days);
      require_headline(effect.as_lost, graph, lost, days);
    };
    for (std::size_t f = 0; f < kHygieneFindings; ++f)
      effect_is(found.effects[f], [&](const NaiveHygieneDeal& deal) {
        return deal.findings.contains(to_string(static_cast<HygieneFinding>(f)));
      });
    effect_is(found.any, [](const NaiveHygieneDeal& deal) { return !deal.findings.empty(); });
  }
}

TEST_CASE("Deals abandoned for good neither stretch the limit of silence nor hide behind it") {
  // 20 deals silent for 1 .. 20 days and then lost; 10 left alone since day 0, seen on day 100
  std::vector<test::DealHistory> histories;
  for (int i = 1; i <= 20; ++i)
    histories.push_back(hygiene_history("moves " + std::to_string(i), {{0, StageId{0}}, {i, StageId{4}}}));
  for (int i = 0; i < 10; ++i) histories.push_back(hygiene_history("left " + std::to_string(i), {{0, StageId{0}}}));
  const AsOf view(test::build_log(hygiene_graph(), histories), test::kFirstInstant + hours{24 * 100 + 6});
  const Hygiene found = hygiene(view);
  // nobody was censored before day 100: the limit is the 19th of the 20 silences that ended
  CHECK(found.silence_limits[0] == Approx(19));
  CHECK(found.zombie_limit == Approx(2 * 18));
  CHECK(found.effect(HygieneFinding::silent).deals == 10);
  CHECK(found.effect(HygieneFinding::zombie).deals == 10);
  CHECK(found.all.open_deals == 10);
  CHECK(found.any.removed.open_deals == 0);
  CHECK_FALSE(found.effect(HygieneFinding::no_close).deals);  // the log has no dates at all
  CHECK_FALSE(found.dates_known);
  // half of 30 ended by day 15; of the 20 left without the abandoned, by day 10.5
  CHECK(found.all.median_lifetime == Approx(15.5));
  CHECK(found.any.removed.median_lifetime == Approx(10.5));
  CHECK_FALSE(hygiene(view, {.least_silences = 21}).silence_limits[0]);
  CHECK(hygiene(view, {.zombie_days = 101}).effect(HygieneFinding::zombie).deals == 0);
  CHECK(hygiene(view, {.zombie_days = 99}).effect(HygieneFinding::zombie).deals == 10);
}

TEST_CASE("Striking abandoned deals out flatters the close rate, closing them as lost does not") {
  std::vector<test::DealHistory> histories;
  for (int i = 0; i < 30; ++i)
    histories.push_back(
        hygiene_history("ends " + std::to_string(i), {{0, StageId{0}}, {5 + i % 7, i < 10 ? StageId{3} : StageId{4}}}));
  for (int i = 0; i < 30; ++i) histories.push_back(hygiene_history("left " + std::to_string(i), {{0, StageId{0}}}));
  const Hygiene found =
      hygiene(AsOf(test::build_log(hygiene_graph(), histories), test::kFirstInstant + hours{24 * 80}));
  CHECK(found.all.close_rate == Approx(1.0 / 6));  // 10 of 60
  CHECK(found.effect(HygieneFinding::zombie).deals == 30);
  CHECK(found.effect(HygieneFinding::zombie).removed.close_rate == Approx(1.0 / 3));
  CHECK(found.effect(HygieneFinding::zombie).as_lost.close_rate == Approx(1.0 / 6));
}

TEST_CASE("Parked deals are neither silent nor zombies; logs without amounts have none missing") {
  std::vector<test::DealHistory> histories;
  for (int i = 1; i <= 25; ++i)
    histories.push_back(hygiene_history("ends " + std::to_string(i), {{0, StageId{0}}, {i, StageId{4}}}, kNoAmount));
  histories.push_back(hygiene_history("parked", {{0, StageId{0}}, {1, StageId{1}}}, kNoAmount));
  histories.push_back(hygiene_history("reopened", {{0, StageId{0}}, {1, StageId{3}}, {95, StageId{0}}}, kNoAmount));
  const Hygiene found =
      hygiene(AsOf(test::build_log(hygiene_graph(), histories), test::kFirstInstant + hours{24 * 100}));
  CHECK(found.all.open_deals == 2);
  CHECK_FALSE(found.amounts_known);
  CHECK(found.any.deals == 0);
  CHECK(found.deals.empty());
}

TEST_CASE("The list is worst first and may be cut; nothing open gives nothing") {
  const StageGraph graph = hygiene_graph();
  std::mt19937 random(62);
  const AsOf view(test::build_log(graph, test::random_histories(random, graph, {.deals = 60, .amounts = true})),
                  test::kFirstInstant + hours{24 * 120});
  const Hygiene all = hygiene(view), some = hygiene(view, {.list_limit = 3});
  REQUIRE(all.deals.size() > 10);
  for (std::size_t i = 1; i < all.deals.size(); ++i) {
    REQUIRE(all.deals[i - 1].finding_count() >= all.deals[i].finding_count());
    if (all.deals[i - 1].finding_count() == all.deals[i].finding_count())
      REQUIRE(all.deals[i - 1].amount >= all.deals[i].amount);
  }
  REQUIRE(some.deals.size() == 3);
  CHECK(some.deals[2].name == all.deals[2].name);
  CHECK(some.any.deals == all.deals.size());

  const Hygiene empty = hygiene(AsOf(EventLog(graph), test::kFirstInstant));
  CHECK(empty.all.open_deals == 0);
  CHECK(empty.all.close_rate == 0);
  CHECK_FALSE(empty.zombie_limit);
  CHECK(empty.deals.empty());
}

TEST_CASE("Hygiene without sense is refused") {
  const AsOf view(EventLog(hygiene_graph()), test::kFirstInstant);
  const auto refused = [&](const HygieneOptions& options) { CHECK_THROWS_AS(hygiene(view, options), InvalidArgument); };
  refused({.silent_share = 1});
  refused({.least_silences = 0});
  refused({.zombie_lifetimes = 0});
  refused({.zombie_days = std::nan("")});
  refused({.close_rate_days = -1});
}
