#include <putki/core/error.hpp>
#include <putki/value/customer_base.hpp>

#include <algorithm>
#include <map>
#include <utility>

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
std::vector<CountFit> repeat_fit(const PurchaseGroups<Model>& groups,
                                 const std::vector<CustomerRecord<typename Model::Customer>>& customers,
                                 double days_per_unit) {
  std::vector<CountFit> fit;
  for (std::int32_t k = 0; k <= kOpenCount; ++k) fit.push_back({.count = k, .or_more = k == kOpenCount});
  std::map<std::pair<std::size_t, double>, double> ages;  // by group
  for (std::size_t c = 0; c < customers.size(); ++c) {
    const Seen record = seen(customers[c].cell, days_per_unit);
    ++ages[{groups.group_of(c), record.age}];
    ++fit[static_cast<std::size_t>(std::min(record.repeats, kOpenCount))].observed;
  }
  for (const auto& [alike, count] : ages) {
    const auto& [group, age] = alike;
    const std::vector<double> mass = groups.models[group].purchase_probabilities(age, kOpenCount - 1);
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

template <class Model>
CustomerBaseValue value_groups(const PurchaseGroups<Model>& groups,
                               const std::vector<CustomerRecord<typename Model::Customer>>& customers,
                               const std::optional<GammaGamma>& spend, const CustomerBaseOptions& options) {
  const auto records = purchase_records(groups, spend, customers, options.days_per_unit);
  const double rate = model_rate<Model>(options.annual_discount, options.days_per_unit);

  CustomerBaseValue base;
  base.fit = repeat_fit(groups, customers, options.days_per_unit);
  // Customers of one record and group are alike, but for their money.
  std::map<std::pair<std::size_t, typename Model::Customer>, CustomerValue> alike;
  if (spend) base.residual_value.emplace();
  for (std::size_t c = 0; c < customers.size(); ++c) {
    const auto& record = customers[c];
    const Model& model = groups.models[groups.group_of(c)];
    const auto [place, is_new] = alike.try_emplace({groups.group_of(c), record.cell});
    if (is_new) {
      report_progress(options.progress, 0);  // the draws are what is counted; until then it can only be stopped
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

template <PurchaseModel Model>
CustomerBaseValue value_customer_base(const Model& model,
                                      const std::vector<CustomerRecord<typename Model::Customer>>& customers,
                                      const std::optional<GammaGamma>& spend, const CustomerBaseOptions& options) {
  check_options(options);
  return value_groups(one_group(model), customers, spend, options);
}

template <class Model>
CustomerBaseValue value_customer_base(const CovariateModel<Model>& model,
                                      const std::vector<CustomerRecord<PurchaseCell>>& customers,
                                      std::span<const std::vector<double>> covariates,
                                      const std::optional<GammaGamma>& spend, const CustomerBaseOptions& options) {
  check_options(options);
  if (covariates.size() != customers.size())
    throw InvalidArgument("covariates of " + std::to_string(covariates.size()) + " customers; of each of " +
                          std::to_string(customers.size()) + " they are needed");
  std::map<std::vector<double>, std::size_t> places;
  std::vector<std::vector<double>> distinct;
  PurchaseGroups<Model> groups;
  for (const std::vector<double>& values : covariates) {
    const auto [place, is_new] = places.try_emplace(values, distinct.size());
    if (is_new) {
      distinct.push_back(values);
      groups.models.push_back(model.model_for(values));
    }
    groups.of_customer.push_back(place->second);
  }
  groups.drawn = [&model, &distinct](RandomStream& stream) {
    const CovariateModel<Model> drawn = model.draw(stream);
    std::vector<Model> models;
    models.reserve(distinct.size());
    for (const std::vector<double>& values : distinct) models.push_back(drawn.model_for(values));
    return models;
  };
  return value_groups(groups, customers, spend, options);
}

#define PUTKI_VALUE_WITH_COVARIATES(Model)                                            \
  template CustomerBaseValue value_customer_base(                                     \
      const CovariateModel<Model>&, const std::vector<CustomerRecord<PurchaseCell>>&, \
      std::span<const std::vector<double>>, const std::optional<GammaGamma>&, const CustomerBaseOptions&)
PUTKI_VALUE_WITH_COVARIATES(BgNbd);
PUTKI_VALUE_WITH_COVARIATES(MbgNbd);
PUTKI_VALUE_WITH_COVARIATES(ParetoNbd);
#undef PUTKI_VALUE_WITH_COVARIATES

template CustomerBaseValue value_customer_base(const BgNbd&, const std::vector<CustomerRecord<PurchaseCell>>&,
                                               const std::optional<GammaGamma>&, const CustomerBaseOptions&);
template CustomerBaseValue value_customer_base(const MbgNbd&, const std::vector<CustomerRecord<PurchaseCell>>&,
                                               const std::optional<GammaGamma>&, const CustomerBaseOptions&);
template CustomerBaseValue value_customer_base(const ParetoNbd&, const std::vector<CustomerRecord<PurchaseCell>>&,
                                               const std::optional<GammaGamma>&, const CustomerBaseOptions&);

template CustomerBaseValue value_customer_base(const BgBb&, const std::vector<CustomerRecord<OpportunityCell>>&,
                                               const std::optional<GammaGamma>&, const CustomerBaseOptions&);

}  // namespace putki
