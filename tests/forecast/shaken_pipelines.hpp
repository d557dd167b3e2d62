#pragma once
/// \file
/// Random pipelines with every uncertainty: loops and same-day moves, hazards with a posterior, weekday factors, a
/// shock, unknown amounts.

#include <putki/forecast/forecast.hpp>

#include "forecast/known_pipelines.hpp"
#include "model/random_hazards.hpp"

#include <cmath>

namespace putki {

struct ShakenPipeline {
  ForecastModel model;
  OpenPipeline pipeline;
};

inline ShakenPipeline shaken_pipeline(std::uint64_t seed, int deals, double shock, bool weekdays = true,
                                      Clock clock = Clock::calendar) {
  RandomStream random(seed, 7);
  const HazardTable hazards = random_hazards(random, 3);
  std::vector<Matrix> posterior(5);
  std::vector<StageRhythm> rhythm(5);
  for (std::size_t j = 0; j < 3; ++j) {
    const StageHazard& exits = hazards.stage(static_cast<StageId>(j));
    if (exits.targets.empty()) continue;
    posterior[j] = Matrix(exits.begins.size(), exits.targets.size() + 1);
    for (std::size_t b = 0; b < exits.begins.size(); ++b) {
      for (std::size_t k = 0; k < exits.targets.size(); ++k) posterior[j](b, k) = 40 * exits.hazard(b, k);
      posterior[j](b, exits.targets.size()) = 40 * (1 - exits.leaving(b));
    }
    if (!weekdays) continue;
    rhythm[j].entry_day = rhythm[j].later = Matrix(exits.targets.size(), kDayTypes);
    for (Matrix* const factors : {&rhythm[j].entry_day, &rhythm[j].later})
      for (double& factor : factors->values()) factor = 0.2 + 1.3 * random.uniform();
  }
  std::vector<double> drawn;
  for (int i = 0; i < 20; ++i) drawn.push_back(std::ceil(2000 * std::exp(0.7 * random.normal())));
  ShakenPipeline shaken{
      {DatedModel(StageModel(hazards, posterior, {0.6, 0.4, 0, 0, 0}), BusinessCalendar::weekdays(), rhythm, clock),
       InflowModel{1.5, 1.5, 56}, AmountDistribution::from_values(drawn), CommonShock::of_size(shock)},
      known_pipeline()};
  for (int i = 0; i < deals; ++i)
    shaken.pipeline.deals.push_back({"deal " + std::to_string(i), static_cast<StageId>(random.below(3)),
                                     static_cast<int>(random.below(12)),
                                     i % 4 == 3 ? std::nullopt : std::optional<double>(500 + 100 * random.below(40))});
  return shaken;
}

}  // namespace putki
