#include "forecast/won_pieces.hpp"

#include "forecast/win_masses.hpp"

#include <putki/core/error.hpp>
#include <putki/core/parallel.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace putki {
namespace {

constexpr int kDaysInWeeks = 731;
constexpr double kDaysPerYear = 365.25;
/// Scenarios whose wins are held at once.
constexpr std::size_t kScenariosTogether = 8;

/// Averages one scenario's wins over the nodes of each piece's shock.
void add_expected(const ForecastModel& model, const Scenario& scenario, const WinMasses& wins, double weight,
                  WonPieces& sum) {
  const std::size_t segments = model.groups.segments().size();
  for (std::size_t p = 0; p < sum.pieces.size(); ++p)
    for (const ShockNode& node : shock_nodes(scenario.shock, sum.pieces[p].begin, sum.pieces[p].end)) {
      const double share = weight * node.weight, factor = std::exp(node.shift);
      const auto shifted = [factor](double chance) { return chance * factor / (1 - chance + chance * factor); };
      for (std::size_t c = 0; c < sum.chances.columns(); ++c) sum.chances(p, c) += share * shifted(wins.cell(p, c));
      for (std::size_t s = 0; s < wins.created.size(); ++s) {
        if (!(wins.created[s] > 0)) continue;
        const double won = wins.created[s] * shifted(std::min(wins.new_wins(p, s) / wins.created[s], 1.0));
        if (wins.created.size() == segments) {
          sum.new_wins(p, s) += share * won;
        } else {  // of like hazards
          for (std::size_t of = 0; of < segments; ++of)
            sum.new_wins(p, of) += share * won * model.groups.share_of_segment(of);
        }
      }
    }
}

}  // namespace

void check_worth_input(double annual_discount, const Margin& margin) {
  if (!(annual_discount > 0) || !std::isfinite(annual_discount))
    throw InvalidArgument(
        fmt::format("annual discount is {}; it must be above 0 and finite, such as 0.15", annual_discount));
  for (const auto& [what, share] : {std::pair{"sales", margin.sales}, std::pair{"later purchases", margin.later}})
    if (!(share >= 0 && share <= 1)) throw InvalidArgument(fmt::format("margin of {} is {}; 0 to 1", what, share));
}

std::vector<HorizonPeriod> cut_into_won_pieces(const OpenPipeline& pipeline, int horizon_days) {
  std::vector<HorizonPeriod> pieces;
  const Day first = pipeline.first_day, end = first + Days{horizon_days},
            weeks_end = first + Days{std::min(horizon_days, kDaysInWeeks)};
  const auto add = [&](const std::vector<Period>& periods) {
    for (const Period& period : periods)
      pieces.push_back({period, static_cast<int>((period.begin - first).count()),
                        static_cast<int>((period.end - first).count()), 0.0});
  };
  add(split_into_periods(first, weeks_end, PeriodUnit::week));
  add(split_into_periods(weeks_end, end, PeriodUnit::month));
  return pieces;
}

double days_to_middle(const HorizonPeriod& piece, const OpenPipeline& pipeline) {
  return static_cast<double>((pipeline.first_day - pipeline.as_of).count()) + 0.5 * (piece.begin + piece.end);
}

double discounted_to_view(const HorizonPeriod& piece, const OpenPipeline& pipeline, double annual_discount) {
  return std::exp(-std::log1p(annual_discount) * days_to_middle(piece, pipeline) / kDaysPerYear);
}

WonPieces expected_pieces(const ForecastModel& model, const OpenPipeline& pipeline, const DealCells& cells,
                          const ForecastOptions& options) {
  WonPieces sum{.pieces = cut_into_won_pieces(pipeline, options.horizon_days), .chances = {}, .new_wins = {}};
  sum.chances = Matrix(sum.pieces.size(), cells.cells.size());
  sum.new_wins = Matrix(sum.pieces.size(), model.groups.segments().size());
  const std::vector<Scenario> scenarios = draw_scenarios(model, pipeline.first_day, options);
  const double weight = 1 / static_cast<double>(scenarios.size());
  std::vector<WinMasses> wins(kScenariosTogether);
  for (std::size_t begin = 0; begin < scenarios.size(); begin += kScenariosTogether) {
    const std::size_t count = std::min(kScenariosTogether, scenarios.size() - begin);
    parallel_for(
        count,
        [&](std::size_t i) {
          wins[i] = push_wins(scenarios[begin + i], cells.cells, model.stages.stages().entry_shares(), sum.pieces,
                              model.groups);
        },
        options.threads);
    for (std::size_t i = 0; i < count; ++i) add_expected(model, scenarios[begin + i], wins[i], weight, sum);
    report_progress(options.progress, static_cast<double>(begin + count) / static_cast<double>(scenarios.size()));
  }
  for (std::size_t c = 0; c < cells.cells.size(); ++c) {  // as simulate: the last pieces give way
    double any = 0;
    for (std::size_t p = 0; p < sum.pieces.size(); ++p) {
      sum.chances(p, c) = std::min(sum.chances(p, c), 1 - any);
      any += sum.chances(p, c);
    }
  }
  return sum;
}

WonPieces pieces_after(const ForecastModel& model, const OpenPipeline& pipeline, const DealCells& cells,
                       int horizon_days, int days) {
  std::vector<HorizonPeriod> pieces;
  const auto piece = [&](int begin, int end) {
    pieces.push_back({{pipeline.first_day + Days{begin}, pipeline.first_day + Days{end}}, begin, end, 0.0});
  };
  piece(0, horizon_days);
  constexpr int kLaterPieceDays = 28;
  for (int begin = horizon_days; begin < days; begin += kLaterPieceDays)
    piece(begin, std::min(begin + kLaterPieceDays, days));
  const int last = pieces.back().end;
  const Scenario means{model.stages.expected(pipeline.first_day, last),
                       std::vector<double>(static_cast<std::size_t>(last)),
                       {},
                       model.groups.is_pooled() ? std::vector<MoveFactors>() : model.groups.expected()};
  WinMasses wins = push_wins(means, cells.cells, model.stages.stages().entry_shares(), pieces, model.groups);
  WonPieces after{.pieces = {pieces.begin() + 1, pieces.end()}, .chances = {}, .new_wins = {}};
  after.chances = Matrix(after.pieces.size(), cells.cells.size());
  for (std::size_t p = 0; p < after.pieces.size(); ++p)
    for (std::size_t c = 0; c < cells.cells.size(); ++c) after.chances(p, c) = wins.cell(p + 1, c);
  return after;
}

std::string_view segment_name(const ForecastModel& model, std::size_t segment) {
  return model.groups.segments()[segment].name;
}

}  // namespace putki
