#include "forecast/segment_win_rates.hpp"

#include <putki/model/absorbing_chain.hpp>

#include <algorithm>
#include <cmath>

namespace putki {
namespace {

constexpr std::uint64_t kSeed = 1;
constexpr int kDraws = 200;

/// A cumulative hazard of each move, multiplied, and back.
HazardTable multiplied(const HazardTable& table, const MoveFactors& factors) {
  std::vector<StageHazard> stages;
  for (std::size_t j = 0; j < table.graph().stage_count(); ++j) {
    stages.push_back(table.stage(static_cast<StageId>(j)));
    StageHazard& stage = stages.back();
    if (j >= factors.size() || factors[j].empty()) continue;
    for (std::size_t bin = 0; bin < stage.begins.size(); ++bin) {
      const auto row = stage.hazard.row(bin);
      const double leaving = std::min(stage.leaving(bin), 1.0);
      double weighted = 0;
      for (std::size_t k = 0; k < row.size(); ++k) weighted += row[k] *= factors[j][k];
      if (!(weighted > 0)) continue;
      const double now = leaving < 1 ? -std::expm1(std::log1p(-leaving) * weighted / leaving) : 1.0;
      for (double& hazard : row) hazard *= now / weighted;
    }
  }
  return HazardTable(table.graph(), std::move(stages));
}

/// By segment, each its bands' mean, and last of all new deals.
std::vector<double> rates_of(const ForecastModel& model, const std::vector<MoveFactors>& factors) {
  const StageModel& stages = model.stages.stages();
  const std::size_t segments = model.groups.segments().size();
  std::vector<double> rates(segments + 1);
  for (std::size_t g = 0; g < factors.size(); ++g) {
    const double share = model.groups.shares()[g];
    if (share == 0) continue;
    const AbsorbingChain chain = absorbing_chain(multiplied(stages.hazards(), factors[g]));
    double rate = 0;
    for (std::size_t j = 0; j < chain.win_probability.size(); ++j)
      if (stages.entry_shares()[j] > 0) rate += stages.entry_shares()[j] * chain.win_probability[j];
    const std::size_t segment = model.groups.segment_of_group(g);
    rates[segment] += rate * share / model.groups.share_of_segment(segment);
    rates[segments] += rate * share;
  }
  return rates;
}

}  // namespace

std::vector<SegmentWinRate> segment_win_rates(const ForecastModel& model) {
  const std::size_t segments = model.groups.segments().size();
  const auto modes = rates_of(model, model.groups.expected());
  std::vector<double> sum(segments), squares(segments);
  RandomStream random(kSeed, 0);
  const int draws = model.groups.is_pooled() ? 0 : kDraws;
  for (int i = 0; i < draws; ++i) {
    const auto drawn = rates_of(model, model.groups.draw(random, false));
    for (std::size_t s = 0; s < segments; ++s) {
      const double lead = drawn[s] - drawn[segments];
      sum[s] += lead / draws;
      squares[s] += lead * lead / draws;
    }
  }
  std::vector<SegmentWinRate> rates;
  for (std::size_t s = 0; s < segments; ++s) {
    const bool pooled = model.groups.is_pooled();
    rates.push_back({pooled ? modes[segments] : modes[s], pooled ? 0.0 : modes[s] - modes[segments],
                     std::sqrt(std::max(squares[s] - sum[s] * sum[s], 0.0))});
  }
  return rates;
}

}  // namespace putki
