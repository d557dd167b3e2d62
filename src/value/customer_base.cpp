#include <putki/value/customer_base.hpp>

#include <algorithm>
#include <map>

#include "value/revenue_records.hpp"
#include "value/valuing.hpp"

namespace putki {
namespace {

constexpr std::int32_t kOpenCount = 7;  // repeat purchases from which on customers are counted together

// A record in units of the model's time.
struct Seen {
  std::int32_t repeats;
  double recency;
  double age;
};
Seen seen(const PurchaseCell& cell, double days_per_unit) {
  return {cell.repeats, cell.recency_days / days_per_unit, cell.age_days / days_per_unit};
}
Seen seen(const OpportunityCell& cell, double) {
  return {cell.purchases, static_cast<double>(cell.recency), static_cast<double>(cell.opportunities)};
}

// Newcomers' counts at the ages of the customers: what the model expects to have been seen.
template <class Model>
std::vector<CountFit> repeat_fit(const Model& model,
                                 const std::vector<CustomerRecord<typename Model::Customer>>& customers,
                                 double days_per_unit) {
  std::vector<CountFit> fit;
  for (std::int32_t k = 0; k <= kOpenCount; ++k) fit.push_back({.count = k, .or_more = k == kOpenCount});
  std::map<double, double> ages;
  for (const auto& customer : customers) {
    const Seen record = seen(customer.cell, days_per_unit);
    ++ages[record.age];
    ++fit[static_cast<std::size_t>(std::min(record.repeats, kOpenCount))].observed;
  }
  for (const auto& [age, count] : ages) {
    const std::vector<double> mass = model.purchase_probabilities(age, kOpenCount - 1);
    double rest = 1;
    for (std::size_t k = 0; k < mass.size(); ++k) {
      fit[k].expected += count * mass[k];
      rest -= mass[k];
    }
    fit.back().expected += count * std::max(rest, 0.0);
  }
  return fit;
}

}  // namespace

template <PurchaseModel Model>
CustomerBaseValue value_customer_base(const Model& model,
                                      const std::vector<CustomerRecord<typename Model::Customer>>& customers,
                                      const std::optional<GammaGamma>& spend, const CustomerBaseOptions& options) {
  check_options(options);
  const auto records = purchase_records(model, spend, customers, options.days_per_unit);
  const double rate = model_rate<Model>(options.annual_discount, options.days_per_unit);

  CustomerBaseValue base;
  base.fit = repeat_fit(model, customers, options.days_per_unit);
  // Customers of one record are alike, but for their money.
  std::map<typename Model::Customer, CustomerValue> alike;
  if (spend) base.residual_value.emplace();
  for (const auto& record : customers) {
    const auto [place, is_new] = alike.try_emplace(record.cell);
    if (is_new) {
      CustomerValue& value = place->second;
      const Seen times = seen(record.cell, options.days_per_unit);
      value.repeats = times.repeats;
      value.recency = times.recency;
      value.age = times.age;
      value.probability_alive = model.probability_alive(record.cell);
      value.expected_purchases = model.expected_purchases(record.cell, options.horizon);
      if (spend) value.residual_value = model.discounted_purchases(record.cell, rate);
    }
    CustomerValue& value = base.customers.emplace_back(place->second);
    value.customer = record.customer;
    value.spent = record.spent;
    base.purchases.expected += value.expected_purchases;
    base.repeat_buyers += value.repeats > 0 ? 1 : 0;
    if (!spend) continue;
    value.expected_spend = record.priced_repeats > 0
                               ? spend->expected_spend(SpendCell{record.priced_repeats, record.repeat_spend})
                               : spend->expected_spend();
    value.residual_value = *value.residual_value * *value.expected_spend;
    base.residual_value->expected += *value.residual_value;
  }

  draw_totals(base, *records, options);
  return base;
}

template CustomerBaseValue value_customer_base(const BgNbd&, const std::vector<CustomerRecord<PurchaseCell>>&,
                                               const std::optional<GammaGamma>&, const CustomerBaseOptions&);
template CustomerBaseValue value_customer_base(const MbgNbd&, const std::vector<CustomerRecord<PurchaseCell>>&,
                                               const std::optional<GammaGamma>&, const CustomerBaseOptions&);
template CustomerBaseValue value_customer_base(const ParetoNbd&, const std::vector<CustomerRecord<PurchaseCell>>&,
                                               const std::optional<GammaGamma>&, const CustomerBaseOptions&);

template CustomerBaseValue value_customer_base(const BgBb&, const std::vector<CustomerRecord<OpportunityCell>>&,
                                               const std::optional<GammaGamma>&, const CustomerBaseOptions&);

}  // namespace putki
