#include <putki/core/error.hpp>
#include <putki/forecast/leads_needed.hpp>

#include "forecast/known_pipelines.hpp"
#include "forecast/scenarios.hpp"
#include "forecast/walking.hpp"
#include "model/random_hazards.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

using namespace putki;

namespace {

PlanOptions one_day(double target, double confidence) {
  return {.target = target, .forecast = {.horizon_days = 1, .parameter_draws = 0}, .confidence = confidence};
}

/// P(sum >= target) of independent wins, one probability each, amounts from an atomic distribution: by convolution.
class Convolution {
 public:
  void add(double win, const std::map<double, double>& amounts) {
    std::map<double, double> next;
    for (const auto& [sum, chance] : sums_) {
      next[sum] += chance * (1 - win);
      for (const auto& [amount, share] : amounts) next[sum + amount] += chance * win * share;
    }
    sums_ = std::move(next);
  }
  void add_poisson(double mean, const std::map<double, double>& amounts) {
    const std::map<double, double> before = std::exchange(sums_, {});
    std::map<double, double> wins{{0.0, 1.0}};
    double chance = std::exp(-mean);
    for (int n = 0; chance > 1e-15 || n < mean; chance *= mean / ++n) {
      for (const auto& [a, p] : before)
        for (const auto& [b, q] : wins) sums_[a + b] += chance * p * q;
      std::map<double, double> more;
      for (const auto& [b, q] : wins)
        for (const auto& [amount, share] : amounts) more[b + amount] += q * share;
      wins = std::move(more);
    }
  }
  double at_least(double target) const {
    double sum = 0;
    for (const auto& [value, chance] : sums_)
      if (value >= target) sum += chance;
    return sum;
  }

 private:
  std::map<double, double> sums_{{0.0, 1.0}};
};

}  // namespace

TEST_CASE("leads needed by hand: coins that must come up heads") {
  // Won within the day with a chance of 1/2: n leads bring a first win with 1 - 2^-n, a second with 1 - (n + 1) 2^-n.
  const ForecastModel model = known_model({0.5}, 0, AmountDistribution::from_values({100}));
  const OpenPipeline pipeline = known_pipeline();
  const LeadsPlan first = leads_needed(model, pipeline, one_day(100, 0.8));
  REQUIRE(first.stages.size() == 1);
  const LeadsNeeded& today = first.stages[0].today;
  CHECK(today.answer == LeadsAnswer::needed);
  CHECK(today.leads == 3);
  CHECK(today.probability == Approx(1 - 1.0 / 8));
  CHECK(today.probability_with_one_fewer == Approx(1 - 1.0 / 4));
  CHECK(today.win_chance == Approx(0.5));
  CHECK(first.probability == 0);
  REQUIRE(first.weeks.size() == 1);
  CHECK(first.weeks[0].needed.leads == 3);
  CHECK(first.evenly.leads == 3);
  CHECK(leads_needed(model, pipeline, one_day(200, 0.8)).evenly.leads == 5);   // 1 - 6 / 32 = 0.81, 1 - 5 / 16 = 0.69
  CHECK(leads_needed(model, pipeline, one_day(100, 0.75)).evenly.leads == 2);  // exactly the confidence is enough

  OpenPipeline booked = known_pipeline();
  booked.booked_since = booked.as_of - Days{3};
  booked.bookings = {{booked.as_of - Days{1}, 100}};
  CHECK(leads_needed(model, booked, one_day(100, 0.8)).evenly.answer == LeadsAnswer::none_needed);
  CHECK(leads_needed(model, booked, one_day(200, 0.8)).evenly.leads == 3);
}

TEST_CASE("leads come besides the usual inflow, or in its place") {
  // With Poisson wins of mean 1/2 a win is missing with exp(-1/2) 2^-n = 0.607, 0.303, 0.152, 0.076.
  const ForecastModel model = known_model({0.5}, 1, AmountDistribution::from_values({100}));
  PlanOptions options = one_day(100, 0.9);
  CHECK(leads_needed(model, known_pipeline(), options).evenly.leads == 3);
  CHECK(leads_needed(model, known_pipeline(), options).probability == Approx(1 - std::exp(-0.5)));
  options.in_place_of_inflow = true;
  CHECK(leads_needed(model, known_pipeline(), options).evenly.leads == 4);  // 2^-4 = 0.0625
  CHECK(leads_needed(model, known_pipeline(), options).probability == 0);
}

TEST_CASE("no number of leads is an answer: too late, worth nothing, beyond the limit") {
  ForecastModel model = known_model({0.0}, 1, AmountDistribution::from_values({100}));
  const LeadsPlan never = leads_needed(model, known_pipeline(), one_day(100, 0.8));
  CHECK(never.stages[0].today.answer == LeadsAnswer::too_late);
  CHECK(never.stages[0].today.leads == 0);
  CHECK_FALSE(never.last_day);
  CHECK_FALSE(never.last_day_at_all);
  model = known_model({0.5}, 1, AmountDistribution());
  CHECK(leads_needed(model, known_pipeline(), one_day(100, 0.8)).evenly.answer == LeadsAnswer::too_late);
  model = known_model({0.5}, 0, AmountDistribution::from_values({100}));
  PlanOptions options = one_day(1000, 0.8);
  options.most_leads = 12;
  const LeadsPlan few = leads_needed(model, known_pipeline(), options);
  CHECK(few.evenly.answer == LeadsAnswer::beyond_limit);
  CHECK(few.evenly.leads == 12);
  CHECK(few.evenly.probability == Approx((66 + 12 + 1) / 4096.0));  // 10, 11 or 12 heads of 12
  CHECK(leads_needed(model, known_pipeline(), one_day(0, 0.8)).evenly.answer == LeadsAnswer::none_needed);
}

TEST_CASE("the last day that matters is the last with the chance asked for") {
  // Won each day with 0.1, lost with 0.45: a lead that has d days left is won with 0.1 (1 - 0.45^d) / 0.55.
  const ForecastModel model = known_model({0.1}, 0, AmountDistribution::from_values({100}));
  PlanOptions options{.target = 100, .forecast = {.horizon_days = 10, .parameter_draws = 0}};
  const auto chance = [](int days) { return 0.1 * (1 - std::pow(0.45, days)) / 0.55; };
  for (const int left : {1, 3, 10}) {
    options.least_chance = chance(left) - 1e-9;
    const LeadsPlan plan = leads_needed(model, known_pipeline(), options);
    CHECK(plan.last_day == known_pipeline().first_day + Days{10 - left});
    CHECK(plan.stages[0].last_day == plan.last_day);
    CHECK(plan.last_day_at_all == known_pipeline().first_day + Days{9});
  }
  options.least_chance = chance(10) + 1e-9;
  CHECK_FALSE(leads_needed(model, known_pipeline(), options).last_day);
}

TEST_CASE("leads needed agree with convolutions of walked chances, one fewer does not do it", "[parallel]") {
  RandomStream random(42, 0);
  int answered = 0;
  for (int trial = 0; trial < 25; ++trial) {
    const HazardTable hazards = random_hazards(random, 3);
    const std::map<double, double> amounts{{100, 0.5}, {200, 0.25}, {700, 0.25}};
    ForecastModel model{DatedModel(StageModel(hazards, std::vector<Matrix>(5), {0.6, 0.4, 0, 0, 0})),
                        InflowModel{.per_day = 0.3 * random.uniform(), .dispersion = 1, .window_days = 1e9},
                        AmountDistribution::from_values({100, 100, 200, 700})};
    if (trial % 2 == 1) model.shock = CommonShock::of_size(0.4);
    OpenPipeline pipeline = known_pipeline();
    for (std::uint64_t i = random.below(6); i > 0; --i)
      pipeline.deals.push_back(
          {"d" + std::to_string(i), static_cast<StageId>(random.below(3)), static_cast<int>(random.below(8)),
           i % 3 == 0 ? std::nullopt : std::optional(100.0 * static_cast<double>(1 + random.below(5)))});
    const int days = 5 + static_cast<int>(random.below(12));
    const double target = 100.0 * static_cast<double>(8 + random.below(20)), confidence = 0.5 + 0.45 * random.uniform();
    PlanOptions options{.target = target,
                        .forecast = {.horizon_days = days, .parameter_draws = 0, .threads = 2},
                        .confidence = confidence,
                        .most_leads = 400};
    const LeadsPlan plan = leads_needed(model, pipeline, options);

    const std::vector<Scenario> scenarios = draw_scenarios(model, pipeline.first_day, options.forecast);
    REQUIRE(scenarios.size() == 1);
    const DatedHazards& dated = scenarios[0].hazards;
    const auto entering = [&](int day) {
      return 0.6 * push_mass(dated, StageId{0}, 0, day, days).won +
             0.4 * push_mass(dated, StageId{1}, 0, day, days).won;
    };
    double new_chance = 0, created = 0, even = 0;
    for (int day = 0; day < days; ++day) {
      const double rate = scenarios[0].created_per_day[static_cast<std::size_t>(day)];
      created += rate;
      new_chance += rate * entering(day);
      even += entering(day) / days;
    }
    new_chance /= created;
    const auto oracle = [&](double lead_chance, int leads) {
      double sum = 0;
      for (const ShockNode& node : shock_nodes(scenarios[0].shock, 0, days)) {
        const auto shifted = [&](double p) { return 1 / (1 + (1 - p) / p * std::exp(-node.shift)); };
        Convolution revenue;
        for (const OpenDeal& deal : pipeline.deals) {
          const double p = push_mass(dated, deal.stage, deal.age_days, 0, days).won;
          if (p > 0) revenue.add(shifted(p), deal.amount ? std::map<double, double>{{*deal.amount, 1}} : amounts);
        }
        if (new_chance > 0) revenue.add_poisson(created * shifted(new_chance), amounts);
        for (int i = 0; i < leads; ++i) revenue.add(shifted(lead_chance), amounts);
        sum += node.weight * revenue.at_least(options.target);
      }
      return sum;
    };

    const auto check = [&](const LeadsNeeded& needed, double chance) {
      INFO("trial " << trial << ", chance " << chance << ", " << needed.leads << " leads");
      if (needed.answer == LeadsAnswer::too_late) {
        CHECK(chance < 1e-12);
        return;
      }
      if (needed.answer == LeadsAnswer::none_needed) {
        CHECK(oracle(chance, 0) >= options.confidence - 1e-8);
        return;
      }
      if (needed.leads > 60) return;  // convolutions would take long
      ++answered;
      CHECK(needed.probability == Approx(oracle(chance, needed.leads)).margin(1e-7));
      CHECK(needed.probability_with_one_fewer == Approx(oracle(chance, needed.leads - 1)).margin(1e-7));
      if (needed.answer != LeadsAnswer::needed) return;
      CHECK(needed.probability >= options.confidence);
      CHECK(needed.probability_with_one_fewer < options.confidence);
    };
    for (const StageLeads& stage : plan.stages) check(stage.today, push_mass(dated, stage.stage, 0, 0, days).won);
    check(plan.evenly, even);
  }
  CHECK(answered > 20);
}

TEST_CASE("earlier leads are never needed in greater number where chances only fall") {
  const ForecastModel model = known_model({0.03}, 0.2, AmountDistribution::from_values({100, 300}));
  PlanOptions options{.target = 2000, .forecast = {.horizon_days = 35}};
  const LeadsPlan plan = leads_needed(model, known_pipeline(), options);
  REQUIRE(plan.weeks.size() == 6);  // Wednesday 2024-05-01 to Tuesday 2024-06-04
  for (std::size_t w = 1; w < plan.weeks.size(); ++w)
    CHECK(plan.weeks[w].needed.leads >= plan.weeks[w - 1].needed.leads);
}

TEST_CASE("leads needed do not depend on the thread count", "[parallel]") {
  const ForecastModel model = known_model({0.03, 0.2}, 0.5, AmountDistribution::from_values({100, 300}));
  PlanOptions options{.target = 3000, .forecast = {.horizon_days = 30, .threads = 1}};
  const LeadsPlan one = leads_needed(model, known_pipeline(), options);
  options.forecast.threads = 4;
  const LeadsPlan four = leads_needed(model, known_pipeline(), options);
  REQUIRE(one.stages.size() == four.stages.size());
  for (std::size_t j = 0; j < one.stages.size(); ++j) {
    CHECK(one.stages[j].today.leads == four.stages[j].today.leads);
    CHECK(one.stages[j].today.probability == four.stages[j].today.probability);
  }
  CHECK(one.evenly.probability == four.evenly.probability);
}

TEST_CASE("options of a plan that make no sense are refused") {
  const ForecastModel model = known_model({0.5}, 0, AmountDistribution::from_values({100}));
  const auto refused = [&](auto change) {
    PlanOptions options = one_day(100, 0.8);
    change(options);
    CHECK_THROWS_AS(leads_needed(model, known_pipeline(), options), InvalidArgument);
  };
  refused([](PlanOptions& options) { options.target = std::nan(""); });
  refused([](PlanOptions& options) { options.confidence = 1; });
  refused([](PlanOptions& options) { options.confidence = 0; });
  refused([](PlanOptions& options) { options.least_chance = 0; });
  refused([](PlanOptions& options) { options.most_leads = 0; });
  refused([](PlanOptions& options) { options.capacity = -1; });
  refused([](PlanOptions& options) { options.forecast.horizon_days = 0; });
  PlanOptions stopped = one_day(100, 0.8);
  stopped.forecast.progress = [](double) { return false; };
  CHECK_THROWS_AS(leads_needed(model, known_pipeline(), stopped), Cancelled);
}
