#include <putki/forecast/lead_value.hpp>

#include "forecast/newcomer_worth.hpp"
#include "forecast/segment_amounts.hpp"
#include "forecast/win_worth.hpp"
#include "forecast/won_pieces.hpp"

#include <algorithm>

namespace putki {
namespace {

/// Of one cell: chances, discounted chances and days, summed over pieces.
struct CellOutlook {
  double chance = 0, discounted = 0, days = 0;
  void add(double won, double discount, double day) {
    chance += won;
    discounted += won * discount;
    days += won * day;
  }
};

std::vector<CellOutlook> outlooks_of(const WonPieces& won, const OpenPipeline& pipeline, double annual_discount) {
  std::vector<CellOutlook> outlooks(won.chances.columns());
  for (std::size_t p = 0; p < won.pieces.size(); ++p) {
    const double discount = discounted_to_view(won.pieces[p], pipeline, annual_discount),
                 day = days_to_middle(won.pieces[p], pipeline);
    for (std::size_t c = 0; c < outlooks.size(); ++c) outlooks[c].add(won.chances(p, c), discount, day);
  }
  return outlooks;
}

/// Ranks by `score`, highest first; equal ones share the better rank.
template <class Score, class Rank>
void rank(std::vector<LeadValue>& leads, Score&& score, Rank&& rank_of) {
  std::vector<LeadValue*> order;
  for (LeadValue& lead : leads) order.push_back(&lead);
  std::stable_sort(order.begin(), order.end(),
                   [&](const LeadValue* a, const LeadValue* b) { return score(*a) > score(*b); });
  for (std::size_t i = 0; i < order.size(); ++i)
    rank_of(*order[i]) = i > 0 && score(*order[i]) == score(*order[i - 1]) ? rank_of(*order[i - 1]) : i + 1;
}

}  // namespace

LeadValues lead_values(const ForecastModel& model, const OpenPipeline& pipeline, const CustomerSegments& customers,
                       const LeadValueOptions& options) {
  const ForecastOptions forecast_options{.horizon_days = options.horizon_days,
                                         .parameter_draws = options.parameter_draws,
                                         .uncertain = options.uncertain,
                                         .seed = options.seed,
                                         .threads = options.threads,
                                         .progress = options.progress};
  check_forecast_input(model, pipeline, forecast_options);
  check_worth_input(options.annual_discount, options.margin);
  LeadValues result{.as_of = pipeline.as_of,
                    .horizon_days = options.horizon_days,
                    .annual_discount = options.annual_discount,
                    .margin = options.margin,
                    .leads = {}};
  if (pipeline.deals.empty()) return result;

  const DealCells cells = group_deals(model, pipeline);
  const auto within =
      outlooks_of(expected_pieces(model, pipeline, cells, forecast_options), pipeline, options.annual_discount);
  const auto after = outlooks_of(pieces_after(model, pipeline, cells, options.horizon_days, kEverDays), pipeline,
                                 options.annual_discount);
  NewcomerWorth newcomers(customers, options.annual_discount);
  for (std::size_t i = 0; i < pipeline.deals.size(); ++i) {
    const OpenDeal& deal = pipeline.deals[i];
    const std::size_t c = cells.cell_of_deal[i];
    const WinWorth won(amounts_of(model, amount_segment(model, deal)), model.revision);
    const double sale = won.mean(model.revision.usable(deal.amount));
    LeadValue& lead = result.leads.emplace_back(LeadValue{.name = deal.name, .stage = deal.stage});
    lead.age_days = deal.age_days;
    lead.segment = deal.segment;
    lead.valued_as = customers.of(deal.segment).name;
    lead.amount = deal.amount;
    // What the draws leave to win after the horizon cannot be more than what is not won in it.
    const double rest = std::min(after[c].chance, 1 - within[c].chance),
                 kept = after[c].chance > 0 ? rest / after[c].chance : 0;
    lead.chance_within = within[c].chance;
    lead.chance_ever = within[c].chance + rest;
    if (lead.chance_ever > 0) lead.days_to_win = (within[c].days + kept * after[c].days) / lead.chance_ever;
    lead.size = sale;
    lead.sale = options.margin.sales * sale;
    lead.later = options.margin.later * newcomers.later(deal.segment, sale);
    const double discounted = within[c].discounted + kept * after[c].discounted;
    lead.value_of_sale = discounted * lead.sale;
    lead.value_of_later = discounted * lead.later;
    lead.value_within = within[c].discounted * (lead.sale + lead.later);
  }
  rank(
      result.leads, [](const LeadValue& lead) { return lead.size; },
      [](LeadValue& lead) -> std::size_t& { return lead.rank_by_size; });
  rank(
      result.leads, [](const LeadValue& lead) { return lead.value(); },
      [](LeadValue& lead) -> std::size_t& { return lead.rank_by_value; });
  std::stable_sort(result.leads.begin(), result.leads.end(),
                   [](const LeadValue& a, const LeadValue& b) { return a.value() > b.value(); });
  return result;
}

}  // namespace putki
