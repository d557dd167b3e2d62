#include <putki/core/error.hpp>
#include <putki/forecast/forecast.hpp>
#include <putki/stats/grouped_statistics.hpp>

#include "forecast/segment_amounts.hpp"

#include <fmt/format.h>

namespace putki {
namespace {

constexpr int kMostSizeBands = 20;

}  // namespace

ForecastModel fit_forecast_model(const AsOf& view, const ForecastModelOptions& options, TrackRecord* record) {
  DatedStatistics statistics(view.graph());
  statistics.update(view);
  ForecastModel model{fit_dated_model(statistics, options.calendar, options.stages),
                      fit_inflow(statistics, options.calendar, options.inflow),
                      AmountDistribution::of_won_deals(view, options.amounts), CommonShock::prior(),
                      options.revise_amounts ? AmountRevision::of_won_deals(view, options.revision) : AmountRevision{}};
  if (!options.by.empty() || options.deal_size) {
    if (options.deal_size && (options.size_bands < 2 || options.size_bands > kMostSizeBands))
      throw InvalidArgument(fmt::format("{} size bands; allowed are 2 to {}", options.size_bands, kMostSizeBands));
    GroupedStatistics grouped(view.graph(), {.segment_by = options.by,
                                             .size_limits = options.deal_size ? size_limits(view, options.size_bands)
                                                                              : std::vector<Money>()});
    grouped.update(view);
    GroupFit fit = fit_group_effects(grouped, model.stages, options.stages, options.groups);
    model.stages = std::move(fit.model);
    model.groups = std::move(fit.effects);
    if (!options.by.empty())
      model.segment_amounts = fit_segment_amounts(view, options.by, model.groups, model.amounts, options.amounts);
  }
  if (!options.learn_shock) return model;
  TrackRecord own;
  TrackRecord& past = record != nullptr ? *record : own;
  past.extend(view, options);
  model.shock = past.shock(view.day());
  return model;
}

}  // namespace putki
