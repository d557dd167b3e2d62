#include <putki/core/error.hpp>
#include <putki/core/random.hpp>
#include <putki/events/event_log_builder.hpp>
#include <putki/model/group_effects.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <cmath>

using namespace putki;

namespace {

constexpr StageId kOpen{0}, kWon{1}, kLost{2};
const Day kFirst{std::chrono::year{2024} / 1 / 1};

StageGraph one_stage() {
  return StageGraph::Builder().stage("Open").stage("Won", StageKind::won).stage("Lost", StageKind::lost).build();
}

// Deals come at any time of `days` days, and are won and lost in continuous time at these daily rates, by segment.
struct Rates {
  double win;
  double lose;
};
EventLog simulated(std::uint64_t seed, const std::vector<Rates>& segments, int deals_each, int days,
                   double amount_power = 0) {
  RandomStream random(seed, 0);
  EventLogBuilder builder(one_stage());
  for (std::size_t s = 0; s < segments.size(); ++s)
    for (int i = 0; i < deals_each; ++i) {
      const DealId deal = builder.deal(std::to_string(s) + "-" + std::to_string(i));
      builder.set_attribute(deal, "rep", "rep " + std::to_string(s));
      const double log_amount = random.normal();
      const Money amount = Money::from_units(1000 * std::exp(log_amount));
      const double win = segments[s].win * std::exp(amount_power * log_amount), created = days * random.uniform();
      const double ended = created + random.exponential() / (win + segments[s].lose);
      const StageId end = random.uniform() * (win + segments[s].lose) < win ? kWon : kLost;
      const auto at = [](double day) {
        return Timestamp{kFirst} + std::chrono::seconds{static_cast<std::int64_t>(day * 86'400)};
      };
      builder.add({.deal = deal, .time = at(created), .stage = kOpen, .amount = amount});
      builder.add({.deal = deal, .time = at(ended), .stage = end, .amount = Money::from_units(7)});
    }
  return builder.build();
}

GroupFit fit(const EventLog& log, int days, const GroupedStatisticsOptions& groups,
             const DatedModelOptions& options = {.weekday_factors = false, .levels = false}) {
  const AsOf view(log, kFirst + Days{days});
  DatedStatistics whole(log.graph());
  whole.update(view);
  GroupedStatistics grouped(log.graph(), groups);
  grouped.update(view);
  return fit_group_effects(grouped, fit_dated_model(whole, {}, options), options);
}

// Daily cumulative hazards of a group, by bin and target, from age 1 on.
std::vector<std::array<double, 2>> hazards_of(const GroupFit& found, std::size_t group) {
  const DatedHazards dated = found.model.expected(kFirst + Days{400}, 1).multiplied(found.effects.expected().at(group));
  const auto& exits = dated.exits(kOpen);
  std::vector<std::array<double, 2>> hazards;
  for (std::size_t bin = 1; bin < exits.begins.size(); ++bin) {
    const double all = -std::log(exits.stay_of(0, bin)), leaving = 1 - exits.stay_of(0, bin);
    hazards.push_back({all * exits.chances_of(0, bin)[0] / leaving, all * exits.chances_of(0, bin)[1] / leaving});
  }
  return hazards;
}

}  // namespace

TEST_CASE("Segments that win at other rates are told apart, though all lose alike") {
  const std::vector<Rates> truth{{0.02, 0.05}, {0.04, 0.05}, {0.08, 0.05}};
  const GroupFit found = fit(simulated(1, truth, 4000, 300), 300, {.segment_by = "rep"},
                             {.hazards = {.moves_per_bin = 1000}, .weekday_factors = false, .levels = false});
  REQUIRE(found.effects.info().converged);
  REQUIRE(found.effects.group_count() == 3);
  REQUIRE(found.effects.moves().size() == 2);
  CHECK(found.effects.moves()[0].to == kWon);
  for (std::size_t s = 0; s < 3; ++s) {
    CHECK(found.effects.segments()[s].name == "rep " + std::to_string(s));
    CHECK(found.effects.segments()[s].deals > 3900);
    CHECK(found.effects.shares()[s] == Approx(1.0 / 3).margin(0.01));
    // Constant at every age: no trace of the quick ones thinning out.
    for (const auto& [win, lose] : hazards_of(found, s)) {
      CHECK(win == Approx(truth[s].win).epsilon(0.12));
      CHECK(lose == Approx(truth[s].lose).epsilon(0.12));
    }
  }
  const MoveEffects& win = found.effects.moves()[0].effects;
  CHECK(win.effects[2] - win.effects[0] == Approx(std::log(4.0)).margin(0.1));
}

TEST_CASE("Hazards of most of a day are told apart as well") {
  // Half or nine tenths leave within a day of exposure: counting whole days at risk would halve the effect.
  const std::vector<Rates> truth{{0.5, 0.2}, {2.0, 0.2}};
  const GroupFit found = fit(simulated(2, truth, 20'000, 300), 300, {.segment_by = "rep"});
  for (std::size_t s = 0; s < 2; ++s) {
    const auto hazards = hazards_of(found, s);
    CHECK(hazards.front()[0] == Approx(truth[s].win).epsilon(0.06));
    CHECK(hazards.front()[1] == Approx(truth[s].lose).epsilon(0.1));
  }
}

TEST_CASE("Segments that do not differ leave the model as it was, bit for bit") {
  const EventLog log = simulated(3, {{0.04, 0.05}, {0.04, 0.05}, {0.04, 0.05}}, 500, 300);
  const DatedModelOptions options{.weekday_factors = false, .levels = false};
  const GroupFit found = fit(log, 300, {.segment_by = "rep"}, options);
  CHECK(found.effects.is_pooled());
  CHECK(found.effects.deviations() == std::vector<double>{0});
  DatedStatistics whole(log.graph());
  whole.update(AsOf(log, kFirst + Days{300}));
  const DatedModel alone = fit_dated_model(whole, {}, options);
  CHECK(found.model.stages().hazards().stage(kOpen).hazard == alone.stages().hazards().stage(kOpen).hazard);
  CHECK(found.model.stages().posterior(kOpen) == alone.stages().posterior(kOpen));
  for (const MoveFactors& factors : found.effects.expected())
    for (const auto& stage : factors) CHECK(stage.empty());
}

TEST_CASE("The power of the amount is found, and amounts learnt at closing are not looked at") {
  // All deals close at an amount of 7.
  const double power = 0.5;
  const EventLog log = simulated(4, {{0.04, 0.05}}, 12'000, 300, power);
  const AsOf view(log, kFirst + Days{300});
  const GroupFit found = fit(log, 300, {.size_limits = size_limits(view, 4)});
  REQUIRE(found.effects.names() == std::vector<std::string>{"size", "amount unknown"});
  CHECK(found.effects.group_count() == 5);
  const MoveEffects &win = found.effects.moves()[0].effects, &lose = found.effects.moves()[1].effects;
  // Per standard deviation of the bands' mean log amounts. Four quantile bands of a normal law have means
  // -1.271, -0.325, 0.325, 1.271 (of its deviation): their deviation is 0.928.
  CHECK(win.effects[0] / 0.928 == Approx(power).margin(3 * win.standard_error(0) + 0.02));
  CHECK(win.standard_error(0) == Approx(1 / std::sqrt(0.45 * 12'000)).epsilon(0.1));
  CHECK(std::abs(lose.effects[0]) < 3 * lose.standard_error(0) + 0.02);
  // Deals of the view: nothing known, then by size.
  CHECK(found.effects.group_of("anyone", std::nullopt) == 0);
  CHECK(found.effects.group_of("anyone", 0.0) == 0);
  CHECK(found.effects.group_of("anyone", 1.0) == 1);
  CHECK(found.effects.group_of("anyone", 1e6) == 4);
}

TEST_CASE("Small segments, the least frequent ones and strangers join 'other'") {
  const EventLog log = simulated(5, {{0.04, 0.05}, {0.1, 0.05}, {0.02, 0.05}}, 100, 100);
  const AsOf view(log, kFirst + Days{200});
  DatedStatistics whole(log.graph());
  whole.update(view);
  GroupedStatistics grouped(log.graph(), {.segment_by = "rep"});
  grouped.update(view);
  const DatedModel model = fit_dated_model(whole);
  const GroupEffects two = fit_group_effects(grouped, model, {}, {.most_segments = 2}).effects;
  REQUIRE(two.segments().size() == 3);
  CHECK(two.segments()[2].name == "other");
  CHECK(two.segments()[2].deals == 100);
  CHECK(two.segment_of("rep 1") == 1);
  CHECK(two.segment_of("nobody known") == 2);
  const GroupEffects none = fit_group_effects(grouped, model, {}, {.least_deals = 101}).effects;
  CHECK(none.segments().size() == 1);
  CHECK(none.is_pooled());
  CHECK_THROWS_AS(fit_group_effects(grouped, model, {}, {.most_segments = 0}), InvalidArgument);
  CHECK_THROWS_AS(fit_group_effects(GroupedStatistics(StageGraph::b2b_template()), model), InvalidArgument);
}

TEST_CASE("Draws have the posterior's spread, mirror each other, and keep the sum of moves") {
  const GroupFit found = fit(simulated(6, {{0.03, 0.05}, {0.06, 0.05}}, 300, 300), 300, {.segment_by = "rep"});
  REQUIRE_FALSE(found.effects.is_pooled());
  const auto modes = found.effects.expected();
  const MoveEffects& win = found.effects.moves()[0].effects;
  double sum = 0, squares = 0;
  const int draws = 20'000;
  for (int i = 0; i < draws; ++i) {
    RandomStream random(1, static_cast<std::uint64_t>(i));
    const auto drawn = found.effects.draw(random, false);
    const double apart = std::log(drawn[1][0][0] / drawn[0][0][0]);
    sum += apart;
    squares += apart * apart;
    if (i > 0) continue;
    RandomStream again(1, 0);
    const auto mirrored = found.effects.draw(again, true);
    CHECK(apart + std::log(mirrored[1][0][0] / mirrored[0][0][0]) ==
          Approx(2 * std::log(modes[1][0][0] / modes[0][0][0])));
  }
  const double mean = sum / draws, deviation = std::sqrt(squares / draws - mean * mean);
  // The intercept is in neither: it cancels in the difference.
  const double variance = win.covariance(1, 1) + win.covariance(2, 2) - 2 * win.covariance(1, 2);
  CHECK(mean == Approx(win.effects[1] - win.effects[0]).margin(0.01));
  CHECK(deviation == Approx(std::sqrt(variance)).epsilon(0.03));
}

TEST_CASE("Multiplied hazards are powers of staying") {
  Matrix hazard(2, 2);
  hazard(0, 0) = 0.3;
  hazard(0, 1) = 0.2;
  hazard(1, 0) = 0.75;
  hazard(1, 1) = 0.25;
  std::vector<StageHazard> stages(3);
  stages[0] = {.targets = {kWon, kLost}, .begins = {0, 1}, .hazard = hazard};
  const DatedModel model(StageModel(HazardTable(one_stage(), stages), std::vector<Matrix>(3), {1, 0, 0}));
  const DatedHazards dated = model.expected(kFirst, 1).multiplied({{2, 1}});
  const auto& exits = dated.exits(kOpen);
  // Cumulative hazard log 2, three fifths of it wins, which double: 1.6 log 2, wins three quarters of it.
  CHECK(exits.stay_of(0, 0) == Approx(std::pow(0.5, 1.6)));
  CHECK(exits.chances_of(0, 0)[0] == Approx(0.75 * (1 - std::pow(0.5, 1.6))));
  CHECK(exits.chances_of(0, 0)[1] == Approx(0.25 * (1 - std::pow(0.5, 1.6))));
  CHECK(exits.stay_of(0, 1) == 0);
  CHECK(exits.chances_of(0, 1)[0] == Approx(1.5 / 1.75));
  const DatedHazards none = model.expected(kFirst, 1).multiplied({{0, 0}});
  CHECK(none.exits(kOpen).stay_of(0, 0) == 1);
  CHECK(none.exits(kOpen).chances_of(0, 0)[0] == 0);
}
