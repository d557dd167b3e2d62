#include <putki/funnel/stage_card.hpp>

#include <putki/core/error.hpp>

#include "random_log.hpp"
#include "simulated_pipeline.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <map>
#include <string>

using namespace putki;
using std::chrono::hours;

namespace {

const Day kCardDay{std::chrono::year{2012} / 1 / 1};

StageGraph card_graph() {
  return StageGraph::Builder()
      .stage("Lead")
      .stage("Hold", StageKind::on_hold)
      .stage("Offer")
      .stage("Won", StageKind::won)
      .stage("Lost", StageKind::lost)
      .build();
}

// Which way a move goes, by a table written by hand.
std::string naive_way(const std::string& from, const std::string& to) {
  if (to == "Won") return "advanced";
  if (to == "Lost") return "lost";
  if (from == "Won" || from == "Lost") return "back";
  if (from == "Hold" || to == "Hold") return "sideways";
  return from == "Lead" ? "advanced" : "back";
}

// The stays of one history that reach into (since, instant], into the parts of each stage.
void add_naive(std::map<std::string, std::map<std::string, CountAndValue>>& parts, const StageGraph& graph,
               const test::DealHistory& history, Timestamp since, Timestamp instant) {
  const auto name = [&](StageId stage) { return graph.stage(stage).name; };
  const auto& changes = history.changes;
  for (std::size_t i = 0; i < changes.size() && changes[i].time <= instant;) {
    std::size_t end = i;  // the change that moves the deal out
    while (end < changes.size() && changes[end].time <= instant && changes[end].stage == changes[i].stage) ++end;
    const bool moved = end < changes.size() && changes[end].time <= instant;
    if (!moved || changes[end].time > since) {
      const bool lost = name(changes[i].stage) == "Lost" || (moved && name(changes[end].stage) == "Lost");
      Money worth = kNoAmount;
      for (std::size_t k = 0; k < end + (moved ? 1 : 0); ++k)
        if (changes[k].amount != kNoAmount && !(lost && changes[k].amount.minor == 0)) worth = changes[k].amount;
      auto& part = parts[name(changes[i].stage)];
      part[changes[i].time <= since ? "opening" : "entered"].add(worth);
      part[moved ? naive_way(name(changes[i].stage), name(changes[end].stage)) : "still_there"].add(worth);
      if (moved && name(changes[end].stage) == "Won") part["won"].add(worth);
    }
    i = end;
  }
}

test::DealHistory stays(std::string name, std::vector<std::tuple<int, std::size_t, double>> changes) {
  test::DealHistory history{.name = std::move(name), .region = "", .changes = {}};
  for (const auto& [day, stage, amount] : changes)
    history.changes.push_back({test::kFirstInstant + hours{24 * day}, static_cast<StageId>(stage),
                               amount < 0 ? kNoAmount : Money::from_units(amount)});
  return history;
}

}  // namespace

TEST_CASE("What was there or came went somewhere or is there, in deals and to the cent, as a naive walk finds") {
  const StageGraph graph = card_graph();
  std::mt19937 random(61);
  for (int round = 0; round < 2000; ++round) {
    const auto histories = test::random_histories(
        random, graph,
        {.deals = static_cast<int>(random() % 12), .most_changes = 9, .date_only = round % 3 == 0, .amounts = true});
    const Timestamp since = test::kFirstInstant + hours{6 * (random() % 150)};
    const Timestamp instant = since + hours{6 * (random() % 150)};
    const StagePresences presences =
        stage_presences(AsOf(test::build_log(graph, histories, ReopenPolicy::keep), instant), since);
    std::map<std::string, std::map<std::string, CountAndValue>> naive;
    for (const auto& history : histories) add_naive(naive, graph, history, since, instant);
    for (const StagePresence& p : presences.stages) {
      auto& expected = naive[graph.stage(p.stage).name];
      REQUIRE(p.opening == expected["opening"]);
      REQUIRE(p.entered == expected["entered"]);
      REQUIRE(p.advanced == expected["advanced"]);
      REQUIRE(p.won == expected["won"]);
      REQUIRE(p.lost == expected["lost"]);
      REQUIRE(p.back == expected["back"]);
      REQUIRE(p.sideways == expected["sideways"]);
      REQUIRE(p.still_there == expected["still_there"]);
      CountAndValue came = p.opening, went = p.advanced;
      came.merge(p.entered);
      for (const CountAndValue& part : {p.lost, p.back, p.sideways, p.still_there}) went.merge(part);
      REQUIRE(came == went);
    }
  }
}

TEST_CASE("A window's end is the next one's beginning") {
  const StageGraph graph = card_graph();
  std::mt19937 random(62);
  for (int round = 0; round < 200; ++round) {
    const EventLog log = test::build_log(graph, test::random_histories(random, graph, {}), ReopenPolicy::keep);
    const Timestamp middle = test::kFirstInstant + hours{6 * (random() % 200)};
    const StagePresences before = stage_presences(AsOf(log, middle), test::kFirstInstant);
    const StagePresences after = stage_presences(AsOf(log, middle + hours{24 * 9}), middle);
    for (std::size_t s = 0; s < graph.stage_count(); ++s)
      REQUIRE(before.stages[s].still_there.deals == after.stages[s].opening.deals);
  }
}

TEST_CASE("A card by hand: Little's law, ages, stays, value leaving") {
  const StageGraph graph = card_graph();
  // Lead, as of day 40, window of the 30 days from day 10.
  const EventLog log = test::build_log(graph, std::vector<test::DealHistory>{
                                                  stays("a", {{0, 0, 100}, {4, 2, -1}, {30, 3, 250}}),
                                                  stays("b", {{0, 0, 600}, {20, 4, 0}}),
                                                  stays("c", {{20, 0, 100}, {24, 2, -1}}),
                                                  stays("d", {{30, 0, 500}}),
                                                  stays("e", {{36, 0, -1}}),
                                              });
  const StageCards cards = stage_cards(AsOf(log, kCardDay + Days{40}), {.since = kCardDay + Days{10}, .age_days = 5});
  REQUIRE(cards.cards.size() == 3);
  const StageCard& lead = cards.cards[0];
  CHECK(lead.presence.opening == CountAndValue{1, Money::from_units(600), 0});  // not worth 0
  CHECK(lead.presence.entered.deals == 3);
  CHECK(lead.presence.still_there == CountAndValue{2, Money::from_units(500), 1});
  CHECK(lead.median_age == 7.0);  // 4 and 10
  CHECK(lead.p90_age == 10.0);
  // Stays: 4, 20, 4 ended, 10 and 4 go on. At risk on day 4: 5, two end; on day 20: 1 ends.
  const double mean = 4 + 0.6 * 16;
  CHECK(lead.mean_stay->value == Approx(mean));
  CHECK(lead.stay_complete);
  CHECK(lead.arrivals_per_day == Approx(0.1));
  CHECK(lead.expected->value == Approx(0.1 * mean));
  CHECK(*lead.z_score == Approx((2 - 0.1 * mean) / std::sqrt(0.1 * mean)));
  CHECK(lead.median_stay->value == 20);
  CHECK(lead.still_there_by_age->value == Approx(0.6));
  REQUIRE(lead.transitions.size() == 2);
  CHECK(lead.transitions[0].share->value == Approx(0.4));
  CHECK(lead.transitions[1].share->value == 0);
  CHECK(lead.transitions[1].share->interval->upper == Approx(1 - std::pow(0.025, 1.0 / 4)));  // four watched for 5 days
  CHECK(lead.lost_per_30_days.value == 600);
  CHECK(lead.lost_per_30_days.std_error == 600.0);
  CHECK(lead.won_per_30_days.value == 0);
  CHECK_FALSE(lead.won_per_30_days.interval);
  const StageCard& offer = cards.cards[2];
  CHECK(offer.won_per_30_days.value == 250);
  CHECK(offer.presence.opening.deals == 1);
  CHECK_FALSE(cards.cards[1].mean_stay);  // nobody was ever on hold
}

TEST_CASE("In a steady state the number there is what Little's law expects") {
  const test::TruePipeline truth{
      .days = 300, .inflow = 3, .p = 0.4, .win = {20, 2}, .loss = {15, 1}, .two_stages = true};
  double squares = 0, sum = 0;
  int held = 0;
  const int rounds = 150;
  // Lead is left by the lost after 15 days on average, by the won after half of 20.
  const double expected = 3 * (0.6 * 15 + 0.4 * 10);
  for (int round = 0; round < rounds; ++round) {
    const StageCards cards = stage_cards(test::simulate(truth, RandomStream(63, static_cast<std::uint64_t>(round))),
                                         {.since = test::kSimulatedEnd - Days{200}});
    const StageCard& lead = cards.cards[0];
    sum += *lead.z_score;
    squares += *lead.z_score * *lead.z_score;
    held += lead.expected->interval->lower <= expected && expected <= lead.expected->interval->upper;
  }
  // Mean 0, variance a little off 1 for the estimated expectation: 150 scores
  CHECK(std::abs(sum / rounds) < 3.5 / std::sqrt(rounds));
  CHECK(squares / rounds > 0.6);
  CHECK(squares / rounds < 1.5);
  CHECK(held >= 134);  // 142.5 +- 2.7
}

TEST_CASE("Cards without deals are empty, and questions without sense are refused") {
  const AsOf view(EventLog(card_graph()), kCardDay);
  const StageCards cards = stage_cards(view);
  REQUIRE(cards.cards.size() == 3);
  CHECK(cards.cards[0].presence.still_there.deals == 0);
  CHECK_FALSE(cards.cards[0].expected);
  CHECK_FALSE(cards.cards[0].z_score);
  CHECK_THROWS_AS(stage_cards(view, {.since = kCardDay}), InvalidArgument);
  CHECK_THROWS_AS(stage_cards(view, {.age_days = 0}), InvalidArgument);
  CHECK_THROWS_AS(stage_presences(view, Timestamp(kCardDay) + hours{1}), InvalidArgument);
  StagePresences two{.stages = {{}, {}}}, three{.stages = {{}, {}, {}}};
  CHECK_THROWS_AS(two.merge(three), InvalidArgument);
}
