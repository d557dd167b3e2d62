// The exact forecast against the simulation, which shares none of its first-passage recursion and inversion, in
// settings as unlike each other as we can think of.
//
// The band. For n draws the largest distance between the true cdf and that of the sample exceeds 1.628 / sqrt(n) with
// probability 1 % (Kolmogorov's law; less where the law has atoms, and less by the evenly spread parameter draws): the
// simulation's own 99 % band. With m comparisons made together some may leave it: the number that does is at most
// Binomial(m, 1 %). So the test demands that all stay within the band of level 1 - (1 - 0.99^(1/m)), by the inequality
// of Dvoretzky, Kiefer & Wolfowitz with Massart's constant (sqrt(log(2 / alpha) / 2n)), and that no more leave their
// own 99 % band than all but one run in a thousand would let. Seeds are fixed; the settings were not chosen by their
// result.

#include <putki/forecast/simulation.hpp>

#include "forecast/known_pipelines.hpp"
#include "model/random_hazards.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

using namespace putki;

namespace {

#if defined(__has_feature)
#define PUTKI_HAS_FEATURE(name) __has_feature(name)
#else
#define PUTKI_HAS_FEATURE(name) 0
#endif

// A multiple of 64, so that every parameter draw is drawn from equally often.
#if defined(PUTKI_AGREEMENT_DRAWS)
constexpr std::size_t kDraws = PUTKI_AGREEMENT_DRAWS;
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || PUTKI_HAS_FEATURE(address_sanitizer) || \
    PUTKI_HAS_FEATURE(thread_sanitizer) || !defined(NDEBUG)
constexpr std::size_t kDraws = 64 * 250;
#else
constexpr std::size_t kDraws = 64 * 15'625;  // a million
#endif

/// Largest distance between the exact cdf and that of the sample, from both sides of every step. Between two points
/// both rise, so that a stretch whose ends rule out a larger distance is not looked into: the cosine series is slow to
/// ask.
double distance(const RevenueDistribution& exact, const RevenueDistribution& sample) {
  const auto points = sample.points(), cumulative = sample.cumulative();
  struct Place {
    std::size_t i;
    double below, upto;  // exact probability of less than the point, and of no more
  };
  double worst = 0;
  const auto look = [&](std::size_t i) {
    const Place place{i, 1 - exact.probability_at_least(points[i]), exact.cdf(points[i])};
    worst = std::max(
        {worst, std::abs(place.upto - cumulative[i]), std::abs(place.below - (i > 0 ? cumulative[i - 1] : 0.0))});
    return place;
  };
  struct Stretch {
    Place from, to;
  };
  std::vector<Stretch> left{{look(0), look(points.size() - 1)}};
  while (!left.empty()) {
    const auto [from, to] = left.back();
    left.pop_back();
    if (to.i - from.i < 2) continue;
    const double most = std::max(to.below - cumulative[from.i], cumulative[to.i - 1] - from.upto);
    if (most <= worst) continue;
    const Place middle = look(from.i + (to.i - from.i) / 2);
    left.push_back({from, middle});
    left.push_back({middle, to});
  }
  return worst;
}

/// How well hazards are known: a Dirichlet posterior worth so many days at risk in each bin.
StageModel known_from(const HazardTable& hazards, double days, std::vector<double> entry_shares) {
  std::vector<Matrix> posterior(hazards.graph().stage_count());
  for (std::size_t j = 0; j < posterior.size(); ++j) {
    const StageHazard& exits = hazards.stage(static_cast<StageId>(j));
    if (exits.targets.empty()) continue;
    posterior[j] = Matrix(exits.begins.size(), exits.targets.size() + 1);
    for (std::size_t b = 0; b < exits.begins.size(); ++b) {
      for (std::size_t k = 0; k < exits.targets.size(); ++k) posterior[j](b, k) = days * exits.hazard(b, k);
      posterior[j](b, exits.targets.size()) = days * std::max(1 - exits.leaving(b), 0.0);
    }
  }
  return {hazards, std::move(posterior), std::move(entry_shares)};
}

/// Lead, Offer, Talks, a pause that deals come back from, Won, Lost: slow, with ages that matter.
HazardTable sales_chain() {
  StageGraph::Builder builder;
  builder.stage("Lead").stage("Offer").stage("Talks").stage("Paused", StageKind::on_hold);
  builder.stage("Won", StageKind::won).stage("Lost", StageKind::lost);
  const auto exits = [](std::vector<std::size_t> targets, std::vector<int> begins,
                        std::vector<std::vector<double>> rows) {
    StageHazard hazard;
    for (const std::size_t target : targets) hazard.targets.push_back(static_cast<StageId>(target));
    hazard.begins = std::move(begins);
    hazard.hazard = Matrix(rows.size(), targets.size());
    for (std::size_t b = 0; b < rows.size(); ++b)
      for (std::size_t k = 0; k < targets.size(); ++k) hazard.hazard(b, k) = rows[b][k];
    return hazard;
  };
  std::vector<StageHazard> stages(6);
  stages[0] = exits({1, 5}, {0, 1, 8, 30}, {{0.2, 0.05}, {0.08, 0.03}, {0.03, 0.04}, {0.01, 0.02}});
  stages[1] =
      exits({0, 2, 3, 5}, {0, 1, 20}, {{0.01, 0.1, 0, 0.02}, {0.01, 0.05, 0.02, 0.03}, {0.005, 0.02, 0.01, 0.03}});
  stages[2] = exits({1, 4, 5}, {0, 1, 10}, {{0.01, 0.02, 0.01}, {0.02, 0.06, 0.03}, {0.02, 0.03, 0.04}});
  stages[3] = exits({1, 5}, {0, 14}, {{0.01, 0.005}, {0.05, 0.02}});
  return {builder.build(), std::move(stages)};
}

constexpr std::size_t kOpen = 4;  // open stages of the chain
const std::vector<double> kChainEntries{0.8, 0.2, 0, 0, 0, 0};

/// Factors of Monday .. Sunday, the mean rate uncertain by a tenth, days by a fifth.
void give_rhythm(InflowModel& inflow, const std::array<double, kDayTypes>& factors) {
  InflowModel::Course course{.weight = 1,
                             .persistence = 0.5,
                             .deviation = 0.05,
                             .coefficients = {0},
                             .spread = Matrix(kDayTypes + 2, kDayTypes + 2),
                             .level = 0,
                             .level_slopes = std::vector<double>(kDayTypes + 2),
                             .level_deviation = 0.05};
  for (const double factor : factors) course.coefficients.push_back(std::log(factor));
  course.coefficients.push_back(0);
  course.spread(0, 0) = 0.1;
  inflow.courses = {course};
  inflow.day_dispersion = 0.04;
}

struct Setting {
  const char* name;
  ForecastModel model;
  OpenPipeline pipeline = known_pipeline();
  ForecastOptions options = {.horizon_days = 28};
};

std::vector<double> drawn_amounts(RandomStream& random, std::size_t count, double scale, double spread,
                                  double step = 0) {
  std::vector<double> amounts;
  for (std::size_t i = 0; i < count; ++i) {
    const double amount = scale * std::exp(spread * random.normal());
    amounts.push_back(step > 0 ? std::ceil(amount / step) * step : std::round(100 * amount) / 100);
  }
  return amounts;
}

Setting chain(const char* name, double inflow, double days = 400) {
  RandomStream random(71, 0);
  ForecastModel model{DatedModel(known_from(sales_chain(), days, kChainEntries)), InflowModel{inflow, 1.5, 56},
                      AmountDistribution::from_values(drawn_amounts(random, 80, 1000, 0.8)), CommonShock::of_size(0)};
  return {.name = name, .model = std::move(model)};
}

void add_deals(Setting& setting, std::size_t count, double spread = 0.8, double step = 0, double missing = 0.1) {
  RandomStream random(72, count);
  for (const double amount : drawn_amounts(random, count, 1000, spread, step)) {
    const auto stage = static_cast<StageId>(random.below(kOpen));
    const int age = static_cast<int>(12 * random.exponential());
    const bool known = random.uniform() >= missing;
    setting.pipeline.deals.push_back({"d", stage, age, known ? std::optional(amount) : std::nullopt});
  }
}

std::vector<Setting> settings() {
  std::vector<Setting> all;
  const auto next = [&](Setting setting, const std::function<void(Setting&)>& change) {
    change(setting);
    all.push_back(std::move(setting));
  };
  next(chain("no deals, no inflow", 0), [](Setting&) {});
  next(chain("no deals", 4), [](Setting&) {});
  next(chain("zero inflow", 0), [](Setting& s) { add_deals(s, 60); });
  next(chain("one deal", 0), [](Setting& s) { s.pipeline.deals = {{"d", StageId{2}, 3, 1234.56}}; });
  next(chain("three deals", 0), [](Setting& s) { add_deals(s, 3, 0.8, 0, 0); });
  next(chain("three deals and a trickle of new ones, shaken", 0.2), [](Setting& s) {
    add_deals(s, 3);
    s.model.shock = CommonShock::of_size(0.2);
  });
  next(chain("one huge deal", 0.5), [](Setting& s) {
    add_deals(s, 40);
    s.pipeline.deals.push_back({"huge", StageId{1}, 2, 1.2e6});
  });
  next(chain("many and one huge deal, shock as the prior has it", 5), [](Setting& s) {
    add_deals(s, 800);
    s.pipeline.deals.push_back({"huge", StageId{2}, 5, 3.4e6});
    s.model.shock = CommonShock::prior();
  });
  next(chain("20,000 deals", 50, 4'000), [](Setting& s) {
    add_deals(s, 20'000);
    s.model.shock = CommonShock::prior();
  });
  next(chain("20,000 deals of known parameters, no shock", 50), [](Setting& s) {
    add_deals(s, 20'000, 0.8, 0, 0);
    s.options = {.horizon_days = 7, .parameter_draws = 0, .uncertain = {.common_shock = false}};
  });
  next(chain("parameters known, shock on", 2), [](Setting& s) {
    add_deals(s, 300);
    s.model.shock = CommonShock::prior();
    s.options.parameter_draws = 0;
  });
  next(chain("parameters hardly known", 2, 15), [](Setting& s) { add_deals(s, 300); });
  next(chain("a week shaken hard", 3), [](Setting& s) {
    add_deals(s, 2'000);
    s.model.shock = CommonShock::of_size(0.35);
    s.options.horizon_days = 7;
  });
  next(chain("weekly rhythm, speeds that drift", 3), [](Setting& s) {
    add_deals(s, 250);
    std::vector<StageRhythm> rhythm(6);
    const Level drifting(
        {{.weight = 0.6, .persistence = 0.9, .deviation = 0.3, .dispersion = 1.5, .level = 0.2, .variance = 0.02},
         {.weight = 0.4, .persistence = 0.97, .deviation = 0.2, .dispersion = 1, .level = -0.1, .variance = 0.01}},
        5);
    for (std::size_t j = 0; j < kOpen; ++j) {
      const std::size_t targets = s.model.stages.stages().hazards().stage(static_cast<StageId>(j)).targets.size();
      rhythm[j].entry_day = rhythm[j].later = Matrix(targets, kDayTypes);
      for (std::size_t k = 0; k < targets; ++k)
        for (std::size_t day = 0; day < kDayTypes; ++day) {
          rhythm[j].entry_day(k, day) = day < 5 ? 1.3 : 0.1;
          rhythm[j].later(k, day) = day < 5 ? 1.2 + 0.1 * static_cast<double>(day) : 0.05;
        }
      rhythm[j].speed = drifting;
    }
    s.model.stages = DatedModel(s.model.stages.stages(), BusinessCalendar::weekdays(), rhythm);
    give_rhythm(s.model.inflow, {1.5, 1.4, 1.4, 1.2, 1.2, 0.2, 0.1});
  });
  for (const std::uint64_t seed : {11, 12}) {
    RandomStream random(seed, 0);
    const HazardTable hazards = random_hazards(random, kOpen);
    next(chain(seed == 11 ? "loops and many moves a day" : "other loops, shaken", 2), [&](Setting& s) {
      s.model.stages = DatedModel(known_from(hazards, 80, {0.5, 0.3, 0.2, 0, 0, 0}));
      add_deals(s, 120);
      s.options.horizon_days = 10;
      s.model.shock = CommonShock::of_size(seed == 11 ? 0 : 0.25);
    });
  }
  next(chain("no amount known", 0.5), [](Setting& s) { add_deals(s, 150, 0.8, 0, 1); });
  next(chain("amounts in steps of 500", 1), [](Setting& s) {
    RandomStream random(73, 0);
    s.model.amounts = AmountDistribution::from_values(drawn_amounts(random, 50, 3000, 0.6, 500));
    add_deals(s, 90, 0.6, 500);
  });
  next(chain("uneven amounts", 1), [](Setting& s) {
    RandomStream random(74, 0);
    s.model.amounts = AmountDistribution::from_values(drawn_amounts(random, 400, 200, 2));
    add_deals(s, 200, 2.2);
  });
  next(chain("rarely won", 0.01, 4'000), [](Setting& s) {
    add_deals(s, 200, 1);
    s.options.horizon_days = 1;
  });
  next(chain("months, booked money before them", 2), [](Setting& s) {
    add_deals(s, 150);
    s.model.shock = CommonShock::prior();
    s.pipeline.booked_since = s.pipeline.as_of - Days{10};
    s.pipeline.bookings = {{s.pipeline.as_of - Days{3}, 7'000}, {s.pipeline.as_of - Days{2}, 555.5}};
    s.options = {.horizon_days = 75, .period = PeriodUnit::month};
  });
  next(chain("weeks, shaken hard", 6), [](Setting& s) {
    add_deals(s, 700);
    s.model.shock = CommonShock::of_size(0.35);
    s.options = {.horizon_days = 24, .period = PeriodUnit::week};
  });
  next(chain("dates only: the horizon begins tomorrow", 3), [](Setting& s) {
    add_deals(s, 100);
    give_rhythm(s.model.inflow, {1.5, 1.5, 1.5, 1.5, 1, 1e-9, 1e-9});
    s.pipeline.first_day = s.pipeline.booked_since = s.pipeline.as_of + Days{1};
    s.options.horizon_days = 5;
  });
  next(chain("a quarter", 3), [](Setting& s) {
    add_deals(s, 400);
    s.model.shock = CommonShock::prior();
    s.options.horizon_days = 92;
  });
  return all;
}

RevenueDistribution period_of(const Simulation& simulated, std::size_t p) {
  if (simulated.periods.size() == 1) return simulated.total;
  std::vector<double> sample(simulated.revenue.rows());
  for (std::size_t draw = 0; draw < sample.size(); ++draw) sample[draw] = simulated.revenue(draw, p);
  std::sort(sample.begin(), sample.end());
  return RevenueDistribution::from_sample(std::move(sample));
}

}  // namespace

TEST_CASE("exact and simulated forecasts agree within the simulation's own band in two dozen settings", "[parallel]") {
  struct Comparison {
    std::string name;
    double distance;
  };
  std::vector<Comparison> comparisons;
  for (const Setting& setting : settings()) {
    const Forecast exact = forecast(setting.model, setting.pipeline, setting.options);
    const Simulation simulated =
        simulate(setting.model, setting.pipeline, setting.options, {.draws = kDraws, .threads = 2});
    REQUIRE(exact.periods.size() == simulated.periods.size());
    for (std::size_t p = 0; p < exact.periods.size(); ++p) {
      REQUIRE(exact.periods[p].period == simulated.periods[p]);
      const RevenueDistribution sample = period_of(simulated, p);
      const RevenueDistribution& revenue = exact.periods[p].revenue;
      comparisons.push_back({std::string(setting.name) + ", period " + std::to_string(p), distance(revenue, sample)});
      INFO(comparisons.back().name);
      CHECK(std::abs(revenue.mean() - sample.mean()) <= 5 * revenue.sd() / std::sqrt(kDraws) + 1e-9);
      CHECK(sample.sd() == Approx(revenue.sd()).epsilon(0.05).margin(1e-9));
    }
  }
  const double draws = kDraws, together = static_cast<double>(comparisons.size());
  const double own_band = 1.628 / std::sqrt(draws);
  const double alpha = 1 - std::pow(0.99, 1 / together);
  const double family_band = std::sqrt(std::log(2 / alpha) / (2 * draws));
  int outside = 0;
  for (const Comparison& comparison : comparisons) {
    INFO(comparison.name << ": " << comparison.distance * std::sqrt(draws) << " / sqrt(draws)");
    CHECK(comparison.distance < family_band);
    outside += comparison.distance >= own_band;
  }
  // P(Binomial(30, 1 %) >= 4) = 0.0002, P(>= 3) = 0.003
  CHECK(outside <= 3);
}
