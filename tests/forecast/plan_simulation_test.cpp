// What a plan promises, put to the test by simulation: with the leads it asks for the target is met in the promised
// share of runs, with clearly fewer it is not.
#include <putki/forecast/leads_needed.hpp>
#include <putki/forecast/simulation.hpp>
#include <putki/ingest/csv_reader.hpp>
#include <putki/ingest/pipeline_definition.hpp>

#include "forecast/known_pipelines.hpp"
#include "forecast/scenarios.hpp"
#include "forecast/walking.hpp"
#include "model/random_hazards.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <string>

using namespace putki;

namespace {

struct Case {
  std::string name;
  ForecastModel model;
  OpenPipeline pipeline;
  int days;
  std::size_t runs;
};

Case from_file(const std::string& name, const std::string& history, const char* day, int days, std::size_t runs) {
  const std::string data = PUTKI_SOURCE_DIR "/examples/data/";
  const PipelineDefinition definition = read_pipeline_definition(data + name);
  const ReadLog log = read_csv(data + history, definition);
  const AsOf view(log.log, *parse_day(day));
  ForecastModelOptions options{.learn_shock = false, .threads = 2};
  if (definition.calendar) options.calendar = *definition.calendar;
  return {name, fit_forecast_model(view, options), OpenPipeline::as_of_view(view), days, runs};
}

Case random_case(std::uint64_t seed) {
  RandomStream random(seed, 9);
  const HazardTable hazards = random_hazards(random, 3);
  std::vector<Matrix> posterior(5);
  for (std::size_t j = 0; j < 3; ++j) {
    const StageHazard& exits = hazards.stage(static_cast<StageId>(j));
    if (exits.targets.empty()) continue;
    posterior[j] = Matrix(exits.begins.size(), exits.targets.size() + 1);
    for (std::size_t b = 0; b < exits.begins.size(); ++b) {
      for (std::size_t k = 0; k < exits.targets.size(); ++k) posterior[j](b, k) = 60 * exits.hazard(b, k);
      posterior[j](b, exits.targets.size()) = 60 * (1 - exits.leaving(b));
    }
  }
  std::vector<double> amounts;
  for (int i = 0; i < 30; ++i) amounts.push_back(1000 * std::exp(0.8 * random.normal()));
  ForecastModel model{DatedModel(StageModel(hazards, posterior, {0.7, 0.3, 0, 0, 0})),
                      InflowModel{0.6 * random.uniform(), 1.5, 56}, AmountDistribution::from_values(amounts)};
  model.shock = CommonShock::of_size(0.3);
  OpenPipeline pipeline = known_pipeline();
  for (int i = 0; i < 15; ++i)
    pipeline.deals.push_back({"d" + std::to_string(i), static_cast<StageId>(random.below(3)),
                              static_cast<int>(random.below(15)),
                              i % 4 == 3 ? std::nullopt : std::optional(1000 * std::exp(0.8 * random.normal()))});
  return {"random " + std::to_string(seed), std::move(model), std::move(pipeline), 14, 6'400};
}

/// Share of runs that meet the target, every deal walked day by day. Leads enter `stage` on the first day or, without
/// one, by the entry mix on any day.
double walked_share(const Case& subject, const PlanOptions& options, std::optional<StageId> stage, int leads,
                    std::uint64_t seed) {
  const ForecastModel& model = subject.model;
  const std::vector<Scenario> scenarios = draw_scenarios(model, subject.pipeline.first_day, options.forecast);
  const std::vector<double>& mix = model.stages.stages().entry_shares();
  const int days = subject.days;
  std::size_t met = 0;
  for (std::size_t run = 0; run < subject.runs; ++run) {
    RandomStream random(seed, run);
    const Scenario& scenario = scenarios[run % scenarios.size()];
    double revenue = 0;
    const auto walk = [&](StageId from, int age, int day, std::optional<double> amount) {
      if (walk_to_win(scenario.hazards, from, age, day, days, random))
        revenue += amount ? *amount : model.amounts.sample(random);
    };
    const auto by_mix = [&](int day) {
      double pick = random.uniform();
      std::size_t j = 0;
      while (j + 1 < mix.size() && pick >= mix[j]) pick -= mix[j++];
      walk(static_cast<StageId>(j), 0, day, std::nullopt);
    };
    for (const OpenDeal& deal : subject.pipeline.deals) walk(deal.stage, deal.age_days, 0, deal.amount);
    for (int day = 0; day < days; ++day)
      for (std::uint64_t n = random.poisson(scenario.created_per_day[static_cast<std::size_t>(day)]); n > 0; --n)
        by_mix(day);
    for (int i = 0; i < leads; ++i) {
      if (stage)
        walk(*stage, 0, 0, std::nullopt);
      else
        by_mix(static_cast<int>(random.below(static_cast<std::uint64_t>(days))));
    }
    met += revenue >= options.target - 1e-6 ? 1 : 0;
  }
  return static_cast<double>(met) / static_cast<double>(subject.runs);
}

/// The same by the library's simulation, the leads as open deals of age 0: common shock and all.
double simulated_share(const Case& subject, const PlanOptions& options, StageId stage, int leads) {
  OpenPipeline with = subject.pipeline;
  for (int i = 0; i < leads; ++i) with.deals.push_back({"lead " + std::to_string(i), stage, 0, std::nullopt});
  const std::size_t draws = static_cast<std::size_t>(options.forecast.parameter_draws);
  const Simulation runs = simulate(subject.model, with, options.forecast,
                                   {.draws = std::max<std::size_t>(subject.runs / draws, 1) * draws, .threads = 2});
  return runs.total.probability_at_least(options.target - 1e-6);
}

}  // namespace

TEST_CASE("with the leads a plan asks for the target is met in the promised share of runs", "[parallel][slow]") {
  std::vector<Case> cases;
  cases.push_back(from_file("bpic2012_offers.json", "bpic2012_history.csv", "2012-01-13", 21, 1'280));
  cases.push_back(from_file("crm_export.json", "crm_export.csv", "2024-06-28", 92, 3'200));
  for (std::uint64_t seed = 1; seed <= 6; ++seed) cases.push_back(random_case(seed));

  int asked = 0, fewer_fail = 0;
  for (const Case& subject : cases)
    for (const bool shock : {false, true}) {
      PlanOptions options{.target = 0,
                          .forecast = {.horizon_days = subject.days,
                                       .parameter_draws = 32,
                                       .uncertain = {.common_shock = shock},
                                       .threads = 2},
                          .confidence = shock ? 0.8 : 0.9,
                          .most_leads = 3'000};
      const Forecast now = forecast(subject.model, subject.pipeline, options.forecast);
      options.target = now.total.revenue.quantile(0.9) + now.total.revenue.sd();
      const LeadsPlan plan = leads_needed(subject.model, subject.pipeline, options);
      // Five deviations: with some forty comparisons, one false alarm in 40,000 changes of the code.
      const double noise = 5 * std::sqrt(0.25 / static_cast<double>(subject.runs));
      const auto check = [&](const std::string& what, const LeadsNeeded& needed, const auto& share) {
        if (needed.answer != LeadsAnswer::needed) return;
        INFO(subject.name << (shock ? ", shock, " : ", ") << what << ": " << needed.leads << " leads");
        ++asked;
        const double promised = share(needed.leads);
        CHECK(promised >= options.confidence - noise);
        CHECK(std::abs(promised - needed.probability) < noise);
        const int fewer = needed.leads * 3 / 5;
        if (needed.leads < 3) return;
        CHECK(share(fewer) < options.confidence);
        ++fewer_fail;
      };
      for (const StageLeads* stage : {&plan.stages.front(), &plan.stages.back()})
        check("today", stage->today, [&](int leads) {
          return shock ? simulated_share(subject, options, stage->stage, leads)
                       : walked_share(subject, options, stage->stage, leads, 5);
        });
      if (!shock)
        check("evenly", plan.evenly, [&](int leads) { return walked_share(subject, options, std::nullopt, leads, 6); });
    }
  CHECK(asked > 20);
  CHECK(fewer_fail > 12);
}
