#include <putki/core/error.hpp>
#include <putki/events/event_log_builder.hpp>
#include <putki/model/stage_model.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <string>

using namespace putki;

namespace {

const StageGraph kGraph = StageGraph::Builder()
                              .stage("Lead")
                              .stage("Offer")
                              .stage("Won", StageKind::won)
                              .stage("Lost", StageKind::lost)
                              .build();
constexpr StageId kLead{0}, kOffer{1}, kWon{2}, kLost{3};

class Deals {
 public:
  /// `count` deals that enter Lead at noon and move on after `age` days, or stay when `to` is kNoStage.
  Deals& leads(int count, int age, StageId to) {
    for (int i = 0; i < count; ++i) {
      const DealId deal = builder_.deal(std::to_string(number_++));
      builder_.add({deal, Timestamp(begin_) + std::chrono::hours{12}, kLead});
      if (to != kNoStage) builder_.add({deal, Timestamp(begin_ + Days{age}) + std::chrono::hours{13}, to});
    }
    return *this;
  }
  StageStatistics count(int days_known) {
    StageStatistics statistics(kGraph);
    statistics.update(AsOf(builder_.build(), begin_ + Days{days_known}));
    return statistics;
  }

 private:
  EventLogBuilder builder_{kGraph};
  Day begin_ = *parse_day("2024-01-01");
  int number_ = 0;
};

}  // namespace

TEST_CASE("without shrinkage hazards are moves over days at risk") {
  // 100 leads: 20 to Offer and 10 lost on the day, 14 to Offer after 1 day, 7 lost after 2 days, 49 still there after 5
  // days.
  const auto statistics = Deals()
                              .leads(20, 0, kOffer)
                              .leads(10, 0, kLost)
                              .leads(14, 1, kOffer)
                              .leads(7, 2, kLost)
                              .leads(49, 0, kNoStage)
                              .count(5);
  const StageModel model = fit_stage_model(statistics, {.moves_per_bin = 1, .prior_moves = 0});
  const HazardTable& hazards = model.hazards();
  CHECK(hazards.hazard(kLead, kOffer, 0) == Approx(20 / 100.0));
  CHECK(hazards.hazard(kLead, kLost, 0) == Approx(10 / 100.0));
  CHECK(hazards.hazard(kLead, kOffer, 1) == Approx(14 / 70.0));
  CHECK(hazards.hazard(kLead, kLost, 1) == 0);
  CHECK(hazards.hazard(kLead, kLost, 2) == Approx(7 / 56.0));
  CHECK(hazards.hazard(kLead, kOffer, 2) == 0);
  // Ages 3 and 4 were survived by all 49, age 5 and on were never seen: the last bin runs on.
  CHECK(hazards.hazard(kLead, kOffer, 50) == 0);
  CHECK(model.entry_shares()[0] == 1);
}

TEST_CASE("the prior weighs as much as the moves it is worth") {
  const auto statistics = Deals().leads(20, 0, kOffer).leads(30, 1, kOffer).leads(50, 0, kNoStage).count(11);
  const StageModel model = fit_stage_model(statistics, {.moves_per_bin = 1, .prior_moves = 3});
  // Day 0: 20 moves in 100 days at risk. Reference of all ages: 50 moves in 100 + 80 + 50 x 9 days = 630; 3 moves
  // are 37.8 days.
  CHECK(model.hazards().hazard(kLead, kOffer, 0) == Approx((20 + 3.0) / (100 + 37.8)));
  // Age 1: 30 in 80. Reference of ages from 1: 30 moves in 530 days; 3 moves are 53 days.
  CHECK(model.hazards().hazard(kLead, kOffer, 1) == Approx((30 + 3.0) / (80 + 53.0)));
}

TEST_CASE("posterior draws scatter around the mean as their Dirichlet law says") {
  const auto statistics = Deals().leads(30, 0, kOffer).leads(20, 0, kLost).leads(50, 0, kNoStage).count(1);
  const StageModel model = fit_stage_model(statistics, {.prior_moves = 0});
  RandomStream random(4, 0);
  double sum = 0, squares = 0;
  constexpr int kDraws = 20'000;
  for (int i = 0; i < kDraws; ++i) {
    const HazardTable drawn = model.draw(random);
    const double offer = drawn.hazard(kLead, kOffer, 0), lost = drawn.hazard(kLead, kLost, 0);
    REQUIRE(offer + lost <= 1 + 1e-12);
    sum += offer;
    squares += offer * offer;
  }
  // Dirichlet(30, 20, 50): mean .3, variance .3 x .7 / 101
  CHECK(std::abs(sum / kDraws - 0.3) < 4 * std::sqrt(0.3 * 0.7 / 101 / kDraws));
  CHECK(squares / kDraws - std::pow(sum / kDraws, 2) == Approx(0.3 * 0.7 / 101).epsilon(0.05));
}

TEST_CASE("known hazards are recovered from a simulated history") {
  EventLogBuilder builder(kGraph);
  RandomStream random(9, 0);
  const Day begin = *parse_day("2020-01-01");
  for (int i = 0; i < 40'000; ++i) {
    const DealId deal = builder.deal(std::to_string(i));
    Day day = begin + Days{static_cast<int>(random.below(300))};
    builder.add({deal, Timestamp(day) + std::chrono::hours{9}, kLead});
    for (int age = 0; age < 400; ++age, day += Days{1}) {
      const double leaving = age < 5 ? 0.1 : 0.03;
      if (random.uniform() >= leaving) continue;
      builder.add({deal, Timestamp(day) + std::chrono::hours{10}, random.uniform() < 0.4 ? kWon : kLost});
      break;
    }
  }
  StageStatistics statistics(kGraph);
  statistics.update(AsOf(builder.build(), begin + Days{310}));
  const HazardTable hazards = fit_stage_model(statistics).hazards();
  for (const int age : {0, 2, 4}) CHECK(hazards.hazard(kLead, kWon, age) == Approx(0.04).epsilon(0.12));
  for (const int age : {6, 20, 60}) CHECK(hazards.hazard(kLead, kLost, age) == Approx(0.018).epsilon(0.25));
  CHECK(hazards.survival(kLead, 30) == Approx(std::pow(0.9, 5) * std::pow(0.97, 25)).epsilon(0.03));
}

TEST_CASE("no visits give a model in which nothing moves, and says so") {
  const StageModel model = fit_stage_model(StageStatistics(kGraph));
  CHECK(model.hazards().survival(kLead, 1000) == 1);
  REQUIRE(model.info().warnings.size() == 1);
  CHECK_THAT(model.info().warnings[0], Catch::Matchers::Contains("no visits"));
  const StageModel seen = fit_stage_model(Deals().leads(5, 1, kLost).count(3));
  REQUIRE(seen.info().warnings.size() == 1);
  CHECK_THAT(seen.info().warnings[0], Catch::Matchers::Contains("'Offer'"));
}

TEST_CASE("options and posteriors that cannot be are refused") {
  const auto statistics = Deals().leads(5, 1, kLost).count(3);
  CHECK_THROWS_AS(fit_stage_model(statistics, {.moves_per_bin = 0}), InvalidArgument);
  CHECK_THROWS_AS(fit_stage_model(statistics, {.prior_moves = -1}), InvalidArgument);
  CHECK_THROWS_AS(fit_stage_model(StageStatistics()), InvalidArgument);
  const StageModel model = fit_stage_model(statistics);
  CHECK_THROWS_AS(StageModel(model.hazards(), {}, model.entry_shares()), InvalidArgument);
  CHECK_THROWS_AS(StageModel(model.hazards(), std::vector<Matrix>(4, Matrix(9, 9)), model.entry_shares()),
                  InvalidArgument);
}
