#include <putki/forecast/pipeline_value.hpp>

#include "forecast/newcomer_worth.hpp"
#include "forecast/segment_amounts.hpp"
#include "forecast/win_draws.hpp"
#include "forecast/win_worth.hpp"
#include "forecast/won_pieces.hpp"

#include <putki/core/error.hpp>
#include <putki/core/parallel.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace putki {
namespace {

constexpr std::size_t kLeastJointDraws = 20;
constexpr std::size_t kJointDrawsPerTask = 8;
/// Customers' streams are those of another seed than the pipeline's.
constexpr std::uint64_t kWorldsSeed = 0x776f726c6473;

/// What is drawn, or expected, of each part.
struct PartValues {
  double open_sales = 0, open_later = 0, new_sales = 0, new_later = 0, customers = 0;
  double open() const { return open_sales + open_later; }
  double not_yet_created() const { return new_sales + new_later; }
  double total() const { return open() + not_yet_created() + customers; }
};

/// Which customer segment a new deal of each segment of the model's groups brings newcomers of.
std::vector<const CustomerSegment*> segments_of_new_deals(const ForecastModel& model,
                                                          const CustomerSegments& customers) {
  std::vector<const CustomerSegment*> of;
  for (std::size_t s = 0; s < model.groups.segments().size(); ++s) of.push_back(&customers.of(segment_name(model, s)));
  return of;
}

struct ExpectedValues {
  PartValues parts;
  double open_wins = 0, new_wins = 0;
};

ExpectedValues expected_values(const ForecastModel& model, const OpenPipeline& pipeline,
                               const CustomerSegments& customers, const ForecastOptions& forecast_options,
                               const PipelineValueOptions& options) {
  ExpectedValues expected;
  const Margin& margin = options.margin;
  const DealCells cells = group_deals(model, pipeline);
  const WonPieces won = expected_pieces(model, pipeline, cells, forecast_options);
  NewcomerWorth newcomers(customers, options.annual_discount);
  std::vector<double> chance(cells.cells.size()), discounted(cells.cells.size());
  for (std::size_t p = 0; p < won.pieces.size(); ++p) {
    const double discount = discounted_to_view(won.pieces[p], pipeline, options.annual_discount);
    for (std::size_t c = 0; c < chance.size(); ++c) {
      chance[c] += won.chances(p, c);
      discounted[c] += won.chances(p, c) * discount;
    }
    for (std::size_t s = 0; s < won.new_wins.columns(); ++s) {
      const double wins = won.new_wins(p, s), sale = amounts_of(model, s).mean();
      if (!(wins > 0)) continue;
      expected.new_wins += wins;
      expected.parts.new_sales += wins * discount * margin.sales * sale;
      expected.parts.new_later += wins * discount * margin.later * newcomers.later(segment_name(model, s), sale);
    }
  }
  for (std::size_t i = 0; i < pipeline.deals.size(); ++i) {
    const OpenDeal& deal = pipeline.deals[i];
    const std::size_t c = cells.cell_of_deal[i];
    const WinWorth worth(amounts_of(model, amount_segment(model, deal)), model.revision);
    const double sale = worth.mean(model.revision.usable(deal.amount));
    expected.open_wins += chance[c];
    expected.parts.open_sales += discounted[c] * margin.sales * sale;
    expected.parts.open_later += discounted[c] * margin.later * newcomers.later(deal.segment, sale);
  }
  expected.parts.customers = margin.later * customers.everybody.revenue.residual_value(options.annual_discount);
  return expected;
}

std::vector<PartValues> drawn_values(const ForecastModel& model, const OpenPipeline& pipeline,
                                     const CustomerSegments& customers, const ForecastOptions& forecast_options,
                                     const PipelineValueOptions& options) {
  const std::vector<HorizonPeriod> pieces = cut_into_won_pieces(pipeline, options.horizon_days);
  const WinDraws wins_of(model, pipeline, forecast_options, pieces, WinChanceSource::first_passage, options.threads);
  std::vector<double> discounts;
  for (const HorizonPeriod& piece : pieces)
    discounts.push_back(discounted_to_view(piece, pipeline, options.annual_discount));

  // Places in the list of worlds: everybody's, then the segments'.
  const auto place_of = [&](const CustomerSegment& segment) {
    return &segment == &customers.everybody ? std::size_t{0}
                                            : static_cast<std::size_t>(&segment - customers.segments.data()) + 1;
  };
  std::vector<std::size_t> world_of_deal, world_of_new;
  for (const OpenDeal& deal : pipeline.deals) world_of_deal.push_back(place_of(customers.of(deal.segment)));
  std::vector<double> shares;  // of new deals, cumulative
  for (const CustomerSegment* segment : segments_of_new_deals(model, customers)) {
    world_of_new.push_back(place_of(*segment));
    shares.push_back((shares.empty() ? 0.0 : shares.back()) + model.groups.share_of_segment(shares.size()));
  }

  std::vector<PartValues> drawn(options.draws);
  parallel_for(
      (options.draws + kJointDrawsPerTask - 1) / kJointDrawsPerTask,
      [&](std::size_t task) {
        WinDraws::Workspace work = wins_of.workspace();
        std::vector<DrawnWin> wins;
        const std::size_t first = task * kJointDrawsPerTask;
        for (std::size_t draw = first; draw < std::min(options.draws, first + kJointDrawsPerTask); ++draw) {
          wins.clear();
          wins_of.wins(draw, work, wins);
          RandomStream random(options.seed ^ kWorldsSeed, draw);
          std::vector<CustomerRevenue::World> worlds{customers.everybody.revenue.draw(random)};
          for (const CustomerSegment& segment : customers.segments) worlds.push_back(segment.revenue.draw(random));
          PartValues& value = drawn[draw];
          value.customers = options.margin.later * worlds.front().residual_value(options.annual_discount, random);
          for (const DrawnWin& win : wins) {
            std::size_t world = 0;
            if (win.is_open) {
              world = world_of_deal[win.of];
            } else if (win.of != kNoSegment) {
              world = world_of_new[win.of];
            } else if (shares.size() > 1) {  // segments that are alike to the pipeline may not be so as customers
              const auto at = std::upper_bound(shares.begin(), shares.end() - 1, random.uniform() * shares.back());
              world = world_of_new[static_cast<std::size_t>(at - shares.begin())];
            }
            const CustomerSegment& segment = world == 0 ? customers.everybody : customers.segments[world - 1];
            const double sale = options.margin.sales * discounts[win.period] * win.amount,
                         later = options.margin.later * discounts[win.period] *
                                 NewcomerWorth::scale(segment, win.amount) *
                                 worlds[world].residual_value_of_newcomer(options.annual_discount, random);
            (win.is_open ? value.open_sales : value.new_sales) += sale;
            (win.is_open ? value.open_later : value.new_later) += later;
          }
        }
      },
      options.threads, options.progress);
  return drawn;
}

/// One part of all draws.
template <class Part>
ForecastTotal total_of(const PartValues& expected, const std::vector<PartValues>& drawn, Part&& part) {
  std::vector<double> sample;
  sample.reserve(drawn.size());
  for (const PartValues& values : drawn) sample.push_back(part(values));
  return summarised(part(expected), std::move(sample));
}

}  // namespace

PipelineValue pipeline_value(const ForecastModel& model, const OpenPipeline& pipeline,
                             const CustomerSegments& customers, const PipelineValueOptions& options) {
  ForecastOptions forecast_options{.horizon_days = options.horizon_days,
                                   .parameter_draws = options.parameter_draws,
                                   .uncertain = {.common_shock = options.common_shock},
                                   .seed = options.seed,
                                   .threads = options.threads};
  check_forecast_input(model, pipeline, forecast_options);
  check_worth_input(options.annual_discount, options.margin);
  if (options.draws < kLeastJointDraws)
    throw InvalidArgument(
        fmt::format("pipeline value from {} draws; at least {} are needed", options.draws, kLeastJointDraws));
  const ExpectedValues expected = expected_values(model, pipeline, customers, forecast_options, options);
  const std::vector<PartValues> drawn = drawn_values(model, pipeline, customers, forecast_options, options);
  const auto part = [&](auto&& of) { return total_of(expected.parts, drawn, of); };
  return {.as_of = pipeline.as_of,
          .horizon_days = options.horizon_days,
          .annual_discount = options.annual_discount,
          .margin = options.margin,
          .open_deals = pipeline.deals.size(),
          .customer_count = customers.everybody.revenue.customer_count(),
          .open = {.wins = expected.open_wins,
                   .sales = part([](const PartValues& v) { return v.open_sales; }),
                   .later = part([](const PartValues& v) { return v.open_later; }),
                   .total = part([](const PartValues& v) { return v.open(); })},
          .not_yet_created = {.wins = expected.new_wins,
                              .sales = part([](const PartValues& v) { return v.new_sales; }),
                              .later = part([](const PartValues& v) { return v.new_later; }),
                              .total = part([](const PartValues& v) { return v.not_yet_created(); })},
          .customers = part([](const PartValues& v) { return v.customers; }),
          .total = part([](const PartValues& v) { return v.total(); })};
}

PipelineValue pipeline_value(const ForecastModel& model, const OpenPipeline& pipeline, const CustomerRevenue& customers,
                             const PipelineValueOptions& options) {
  CustomerSegments everybody;
  everybody.everybody.revenue = customers;
  return pipeline_value(model, pipeline, everybody, options);
}

}  // namespace putki
