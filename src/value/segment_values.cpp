#include <putki/value/segment_values.hpp>

#include <putki/core/error.hpp>
#include <putki/value/segment_models.hpp>

#include "value/valuing.hpp"

#include <fmt/format.h>

#include <cmath>
#include <map>

namespace putki {
namespace {

// Records by segment, in byte order.
template <class Record>
std::map<std::string, std::vector<Record>> by_segment(const std::vector<Record>& customers,
                                                      const std::vector<std::string>& segments) {
  if (customers.size() != segments.size())
    throw InvalidArgument(
        fmt::format("{} customers in {} segments given; one for each is needed", customers.size(), segments.size()));
  std::map<std::string, std::vector<Record>> members;
  for (std::size_t c = 0; c < customers.size(); ++c) members[segments[c]].push_back(customers[c]);
  return members;
}

SegmentValue segment_value(const std::string& segment, const CustomerBaseValue& base, const ParameterFit& parameters) {
  return {.segment = segment,
          .customers = base.customers.size(),
          .repeat_buyers = base.repeat_buyers,
          .parameters = parameters,
          .purchases = base.purchases,
          .residual_value = base.residual_value};
}

// Nothing where nobody's amounts are known.
std::optional<SegmentModels<GammaGamma>> fit_spend_segments(const std::vector<CellCounts<SpendCell>>& spend,
                                                            std::uint64_t seed) {
  try {
    return fit_segments(
        spend, [](const CellCounts<SpendCell>& cells) { return fit_gamma_gamma(cells); }, seed);
  } catch (const NotEnoughData&) {
    return std::nullopt;
  }
}

}  // namespace

template <PurchaseModel Model>
SegmentValues value_segments(const std::vector<CustomerRecord<typename Model::Customer>>& customers,
                             const std::vector<std::string>& segments,
                             Model (*fit)(const CellCounts<typename Model::Customer>&, const ValueFitOptions&),
                             const CustomerBaseOptions& options) {
  using Cell = typename Model::Customer;
  check_options(options);
  const auto members = by_segment(customers, segments);
  SegmentValues values;
  if (members.empty()) return values;
  std::vector<CellCounts<Cell>> cells;
  std::vector<CellCounts<SpendCell>> spend;
  for (const auto& [segment, records] : members) {
    CellCounts<Cell>& seen = cells.emplace_back();
    CellCounts<SpendCell>& spent = spend.emplace_back();
    for (const CustomerRecord<Cell>& record : records) {
      seen.add(record.cell);
      if (record.priced_repeats > 0) spent.add({record.priced_repeats, record.repeat_spend});
    }
  }
  const ValueFitOptions fit_options{.days_per_unit = options.days_per_unit};
  const auto models = fit_segments(
      cells, [&](const CellCounts<Cell>& some) { return fit(some, fit_options); }, options.seed);
  const auto spends = fit_spend_segments(spend, options.seed);
  const double rate = model_rate<Model>(options.annual_discount, options.days_per_unit);
  values.pooled_customers = models.pooled_customers;
  for (const auto& [segment, records] : members) {
    const std::size_t s = values.segments.size();
    const Model& model = models.models[s];
    const std::optional<GammaGamma> amounts = spends ? std::optional(spends->models[s]) : std::nullopt;
    SegmentValue& value = values.segments.emplace_back(
        segment_value(segment, value_customer_base(model, records, amounts, options), model.fit()));
    value.newcomer_purchases = model.expected_purchases(options.horizon);
    if (!amounts) continue;
    value.newcomer_spend = amounts->expected_spend();
    value.newcomer_value = *value.newcomer_spend * (1 + model.discounted_purchases(rate));
  }
  return values;
}

template <RenewalChance chance>
SegmentValues value_contract_segments(const std::vector<ContractRecord>& customers,
                                      const std::vector<std::string>& segments,
                                      ContractModel<chance> (*fit)(const TenureStatistics&, const ValueFitOptions&),
                                      unsigned unseen, const CustomerBaseOptions& options) {
  check_options(options);
  check_unseen(unseen);
  const auto members = by_segment(customers, segments);
  SegmentValues values;
  if (members.empty()) return values;
  std::vector<TenureStatistics> cells;
  for (const auto& [segment, records] : members) {
    TenureStatistics& seen = cells.emplace_back();
    for (const ContractRecord& record : records) seen.add(record.cell);
  }
  const auto models = fit_segments(
      cells, [&](const TenureStatistics& some) { return fit(some, {}); }, options.seed);
  const double rate = std::expm1(rate_per_unit(options.annual_discount, options.days_per_unit));
  values.pooled_customers = models.pooled_customers;
  for (const auto& [segment, records] : members) {
    const ContractModel<chance>& model = models.models[values.segments.size()];
    const CustomerBaseValue base = value_contracts(model, records, unseen, options);
    SegmentValue& value = values.segments.emplace_back(segment_value(segment, base, model.fit()));
    value.newcomer_purchases = model.expected_renewals(0, options.horizon);
    if (!base.residual_value) continue;
    double fees = 0;
    for (const CustomerValue& customer : base.customers) fees += *customer.expected_spend;
    value.newcomer_spend = fees / static_cast<double>(base.customers.size());
    value.newcomer_value = *value.newcomer_spend * model.discounted_periods(rate);
  }
  return values;
}

#define PUTKI_SEGMENTS_OF(Model)                                                            \
  template SegmentValues value_segments(                                                    \
      const std::vector<CustomerRecord<Model::Customer>>&, const std::vector<std::string>&, \
      Model (*)(const CellCounts<Model::Customer>&, const ValueFitOptions&), const CustomerBaseOptions&)
PUTKI_SEGMENTS_OF(BgNbd);
PUTKI_SEGMENTS_OF(MbgNbd);
PUTKI_SEGMENTS_OF(ParetoNbd);
PUTKI_SEGMENTS_OF(BgBb);
#undef PUTKI_SEGMENTS_OF
template SegmentValues value_contract_segments(const std::vector<ContractRecord>&, const std::vector<std::string>&,
                                               Sbg (*)(const TenureStatistics&, const ValueFitOptions&), unsigned,
                                               const CustomerBaseOptions&);
template SegmentValues value_contract_segments(const std::vector<ContractRecord>&, const std::vector<std::string>&,
                                               BetaDiscreteWeibull (*)(const TenureStatistics&, const ValueFitOptions&),
                                               unsigned, const CustomerBaseOptions&);

}  // namespace putki
