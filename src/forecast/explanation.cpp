#include <putki/forecast/explanation.hpp>

#include <algorithm>
#include <string>

namespace putki {

ForecastExplanation explain_forecast(const ForecastModel& model, const OpenPipeline& pipeline,
                                     const ForecastOptions& options, std::size_t most_deals) {
  ForecastOptions whole = options;
  whole.period = std::nullopt;
  ForecastExplanation explanation{.graph = model.stages.graph(),
                                  .deals = deal_parts(model, pipeline, whole),
                                  .without_first = std::nullopt,
                                  .levers = levers(model, pipeline, whole)};
  if (!explanation.deals.empty()) {
    const std::string first[] = {explanation.deals.front().name};
    explanation.without_first = forecast(model, pipeline.without(first), whole);
  }
  explanation.deals.resize(std::min(explanation.deals.size(), most_deals));
  return explanation;
}

}  // namespace putki
