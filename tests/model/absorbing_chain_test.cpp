#include <putki/model/absorbing_chain.hpp>
#include <putki/model/first_passage.hpp>

#include "model/random_hazards.hpp"

#include <catch2/catch.hpp>

#include <cmath>

using namespace putki;

TEST_CASE("gambler's ruin has its textbook win probabilities and duration") {
  // Fortune 1 .. 4 between ruin at 0 and fame at 5, fair coin: win k/5, duration k (5 - k) plays (Feller I, XIV.2-3).
  StageGraph::Builder builder;
  for (int k = 1; k <= 4; ++k) builder.stage(std::to_string(k));
  const StageGraph graph = builder.stage("Fame", StageKind::won).stage("Ruin", StageKind::lost).build();
  Matrix moves(6, 6);
  for (std::size_t k = 0; k < 4; ++k) {
    moves(k, k == 0 ? 5 : k - 1) += 0.5;
    moves(k, k + 1) += 0.5;
  }
  const AbsorbingChain chain = absorbing_chain(graph, moves, {1, 1, 1, 1, 0, 0});
  for (std::size_t k = 0; k < 4; ++k) {
    const double fortune = static_cast<double>(k) + 1;
    CHECK(chain.win_probability[k] == Approx(fortune / 5));
    CHECK(chain.ends(k, 5) == Approx(1 - fortune / 5));
    CHECK(chain.days_to_end[k] == Approx(fortune * (5 - fortune)));
  }
  CHECK(chain.visits(0, 0) == Approx(1.6));  // 2 k (n - k') / n for k <= k'
  CHECK(chain.win_probability[4] == 1);
  CHECK(chain.win_probability[5] == 0);
}

TEST_CASE("the chain's win probability is the limit of first passage, its time the sum of staying") {
  RandomStream random(11, 0);
  for (int repeat = 0; repeat < 30; ++repeat) {
    const HazardTable hazards = random_hazards(random, 3);
    const AbsorbingChain chain = absorbing_chain(hazards);
    const std::vector<StageId> ends{StageId{3}, StageId{4}};
    const FirstPassage to_won(hazards, 4000), to_any(hazards, 4000, ends);
    for (std::size_t j = 0; j < 3; ++j) {
      const auto stage = static_cast<StageId>(j);
      if (to_any.from_entry(stage, 4000) > 1 - 1e-12) {
        CHECK(chain.win_probability[j] == Approx(to_won.from_entry(stage, 4000)).margin(1e-9));
        double days = 0;  // E[T] = sum over d of P(T > d), T whole days
        for (int d = 0; d < 4000; ++d) days += 1 - to_any.from_entry(stage, d);
        CHECK(chain.days_to_end[j] == Approx(days).epsilon(1e-6).margin(1e-9));
      }
      CHECK(chain.ends(j, 3) + chain.ends(j, 4) <= 1 + 1e-9);
    }
  }
}

TEST_CASE("deals in a loop without exit never end and take for ever") {
  const StageGraph graph = StageGraph::Builder().stage("A").stage("B").stage("C").stage("Won", StageKind::won).build();
  Matrix moves(4, 4);
  moves(0, 1) = 1;
  moves(1, 0) = 1;
  moves(2, 0) = 0.5;
  moves(2, 3) = 0.5;
  const AbsorbingChain chain = absorbing_chain(graph, moves, {1, 1, 1, 0});
  CHECK(chain.win_probability[0] == 0);
  CHECK(chain.win_probability[2] == Approx(0.5));
  CHECK(std::isinf(chain.days_to_end[0]));
  CHECK(std::isinf(chain.days_to_end[2]));
}

TEST_CASE("transition rows that are no probabilities are refused") {
  const StageGraph graph = StageGraph::Builder().stage("A").stage("Won", StageKind::won).build();
  Matrix moves(2, 2);
  moves(0, 1) = 1.2;
  CHECK_THROWS_AS(absorbing_chain(graph, moves, {1, 0}), InvalidArgument);
  moves(0, 1) = std::nan("");
  CHECK_THROWS_AS(absorbing_chain(graph, moves, {1, 0}), InvalidArgument);
  CHECK_THROWS_AS(absorbing_chain(graph, Matrix(3, 3), {1, 0}), InvalidArgument);
}
