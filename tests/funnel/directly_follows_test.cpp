#include <putki/funnel/directly_follows.hpp>

#include <putki/core/error.hpp>

#include "random_log.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <utility>

using namespace putki;
using std::chrono::hours;

namespace {

struct NaiveMoves {
  std::uint64_t count = 0;
  std::chrono::microseconds time{0};
  std::int64_t cents = 0;
  std::uint64_t without_amount = 0;
};

struct NaiveFollows {
  std::uint64_t deals = 0, count = 0;
  std::map<StageId, std::uint64_t> begun, stands;
  std::map<std::pair<StageId, StageId>, NaiveMoves> moves;
};

NaiveFollows naive_follows(const std::vector<test::DealHistory>& histories, Timestamp instant) {
  NaiveFollows result;
  for (const auto& history : histories) {
    const auto visits = test::naive_visits(history, instant);
    if (visits.empty()) continue;
    ++result.deals;
    ++result.begun[visits.front().stage];
    ++result.stands[visits.back().stage];
    Money amount = kNoAmount;
    for (const auto& change : history.changes)
      if (change.time <= instant && change.amount != kNoAmount) amount = change.amount;
    for (const auto& visit : visits) {
      if (visit.next == kNoStage) continue;
      ++result.count;
      NaiveMoves& moves = result.moves[{visit.stage, visit.next}];
      ++moves.count;
      moves.time += visit.left - visit.entered;
      if (amount == kNoAmount)
        ++moves.without_amount;
      else
        moves.cents += amount.minor;
    }
  }
  return result;
}

void check_equal(const DirectlyFollows& follows, const NaiveFollows& naive) {
  REQUIRE(follows.deals == naive.deals);
  REQUIRE(follows.count == naive.count);
  for (std::size_t s = 0; s < follows.begun.size(); ++s) {
    const auto at = [&](const auto& counts) {
      const auto found = counts.find(static_cast<StageId>(s));
      return found == counts.end() ? 0 : found->second;
    };
    REQUIRE(follows.begun[s] == at(naive.begun));
    REQUIRE(follows.stands[s] == at(naive.stands));
  }
  REQUIRE(follows.moves.size() == naive.moves.size());
  auto move = follows.moves.begin();
  for (const auto& [pair, moves] : naive.moves) {  // a map: in the same order
    REQUIRE(move->from == pair.first);
    REQUIRE(move->to == pair.second);
    REQUIRE(move->count == moves.count);
    REQUIRE(std::chrono::microseconds(hours{24} * move->time.days).count() + move->time.microseconds ==
            moves.time.count());
    REQUIRE(move->mean_days() ==
            Approx(static_cast<double>(moves.time.count()) / 86'400e6 / static_cast<double>(moves.count)));
    REQUIRE(move->value.minor == moves.cents);
    REQUIRE(move->without_amount == moves.without_amount);
    REQUIRE(follows.find(pair.first, pair.second) == &*move);
    ++move;
  }
}

StageGraph many_stages(std::size_t stages) {
  StageGraph::Builder builder;
  for (std::size_t s = 0; s < stages; ++s) builder.stage("S" + std::to_string(s));
  return builder.build();
}

}  // namespace

TEST_CASE("Directly-follows equal those of a naive walk, with loops, skips, ties, reopened deals and amounts") {
  std::mt19937 random(51);
  for (const StageGraph& graph : {StageGraph::b2b_template(), many_stages(3)})
    for (int round = 0; round < 1500; ++round) {
      const auto histories = test::random_histories(
          random, graph, {.deals = 1 + round % 20, .most_changes = 10, .date_only = round % 7 == 0, .amounts = true});
      const Timestamp instant = test::kFirstInstant + hours{6 * (random() % 260)};
      const AsOf view(test::build_log(graph, histories), instant);
      check_equal(directly_follows(view, {.values = true, .threads = 1U + round % 2}),
                  naive_follows(histories, instant));
    }
}

TEST_CASE("More stages than a table holds are followed all the same") {
  const StageGraph graph = many_stages(700);
  std::mt19937 random(52);
  const auto histories = test::random_histories(random, graph, {.deals = 300, .most_changes = 12, .amounts = true});
  check_equal(directly_follows(AsOf::end_of(test::build_log(graph, histories))),
              naive_follows(histories, test::kFirstInstant + hours{24 * 100}));
}

TEST_CASE("Moves of the values of an attribute add up to the whole") {
  const StageGraph graph = StageGraph::b2b_template();
  std::mt19937 random(53);
  for (int round = 0; round < 50; ++round) {
    const AsOf view(test::build_log(graph, test::random_histories(random, graph, {.amounts = true})),
                    test::kFirstInstant + hours{24 * 40});
    DirectlyFollows sum;
    for (const AsOfPart& part : view.split_by("region")) sum.merge(directly_follows(part.view));
    REQUIRE(sum == directly_follows(view));
    std::uint64_t begun = 0;  // every deal begins once; every move leads on from there
    for (const auto deals : sum.begun) begun += deals;
    REQUIRE(begun == sum.deals);
  }
}

TEST_CASE("Totals of moves neither overflow nor round") {
  TotalTime time;
  const std::chrono::microseconds century = hours{24 * 36'525};
  for (int i = 0; i < 5'000; ++i) time += century + std::chrono::microseconds{700'000};
  CHECK(time.days == 5'000 * 36'525LL);  // 1.6e19 microseconds would not fit 64 bits
  CHECK(time.microseconds == 3'500'000'000);
  time += time;
  CHECK(time.microseconds == 7'000'000'000);
  CHECK(TotalTime{}.mean_days(0) == 0);
  CHECK(TotalTime{7, 43'200'000'000}.mean_days(3) == Approx(2.5));
}

TEST_CASE("Without deals nothing follows, and what cannot be merged is refused") {
  const DirectlyFollows empty = directly_follows(AsOf::end_of(EventLog(StageGraph::b2b_template())));
  CHECK(empty.deals == 0);
  CHECK(empty.moves.empty());
  CHECK(empty.begun.size() == 7);
  CHECK(empty.find(StageId{0}, StageId{1}) == nullptr);
  DirectlyFollows other = directly_follows(AsOf::end_of(EventLog(many_stages(3))));
  CHECK_THROWS_AS(other.merge(empty), InvalidArgument);
  DirectlyFollows without = directly_follows(AsOf::end_of(EventLog(many_stages(3))), {.values = false});
  CHECK_THROWS_AS(other.merge(without), InvalidArgument);
}
