#include <putki/value/customer_base.hpp>

#include <putki/core/parallel.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <type_traits>
#include <utility>

#include "value/valuing.hpp"

namespace putki {

// How much less a purchase at time t is worth.
struct Discounting {
  double rate;  // as the model takes it
  bool by_period;
  double at(double time) const { return by_period ? std::exp(-std::log1p(rate) * time) : std::exp(-rate * time); }
};

// Customers of one group share a model; what is not known of the models is drawn for all groups together.
template <class Model>
struct CustomerGroups {
  std::vector<Model> models;             // at the estimates
  std::vector<std::size_t> of_customer;  // empty: all are of the first
  std::function<std::vector<Model>(RandomStream&)> drawn;
  std::size_t group_of(std::size_t customer) const { return of_customer.empty() ? 0 : of_customer[customer]; }
};

namespace {

constexpr std::int32_t kOpenCount = 7;  // repeat purchases from which on customers are counted together

template <class Model>
constexpr bool kIsDiscrete = std::is_same_v<typename Model::Customer, OpportunityCell>;

template <class Model>
Discounting discounting(const CustomerBaseOptions& options) {
  const double continuous = rate_per_unit(options.annual_discount, options.days_per_unit);
  return {kIsDiscrete<Model> ? std::expm1(continuous) : continuous, kIsDiscrete<Model>};
}

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
std::vector<CountFit> repeat_fit(const CustomerGroups<Model>& groups,
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
  for (const auto& [seen_for, count] : ages) {
    const auto& [group, age] = seen_for;
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

// One possible future of everybody, under one draw of the parameters.
template <class Model>
Future draw_future(const CustomerGroups<Model>& groups,
                   const std::vector<CustomerRecord<typename Model::Customer>>& customers,
                   const std::optional<GammaGamma>& fitted_spend, const CustomerBaseOptions& options,
                   const Discounting& discount, double longest, RandomStream stream) {
  const std::vector<Model> models = groups.drawn(stream);
  std::optional<GammaGamma> spend;
  if (fitted_spend) spend = fitted_spend->with_parameters(fitted_spend->fit().draw(stream));
  Future future;
  std::vector<double> times;
  for (std::size_t c = 0; c < customers.size(); ++c) {
    const auto& record = customers[c];
    times.clear();
    models[groups.group_of(c)].simulate(record.cell, spend ? std::max(longest, options.horizon) : options.horizon,
                                        stream, times);
    future.purchases +=
        static_cast<double>(std::upper_bound(times.begin(), times.end(), options.horizon) - times.begin());
    if (!spend || times.empty()) continue;
    const double mean = record.priced_repeats > 0
                            ? spend->simulate_mean(SpendCell{record.priced_repeats, record.repeat_spend}, stream)
                            : spend->simulate_mean(stream);
    for (const double time : times) future.value += discount.at(time) * spend->simulate_total(mean, 1, stream);
  }
  return future;
}

template <class Model>
void check_unit(const Model& model, const CustomerBaseOptions& options) {
  if constexpr (!kIsDiscrete<Model>) {
    if (model.days_per_unit() != options.days_per_unit) {
      throw InvalidArgument("a unit of " + std::to_string(options.days_per_unit) + " days; the model's has " +
                            std::to_string(model.days_per_unit()));
    }
  }
}

}  // namespace

template <class Model>
CustomerBaseValue value_groups(const CustomerGroups<Model>& groups,
                               const std::vector<CustomerRecord<typename Model::Customer>>& customers,
                               const std::optional<GammaGamma>& spend, const CustomerBaseOptions& options) {
  const Discounting discount = discounting<Model>(options);
  double longest = longest_future(rate_per_unit(options.annual_discount, options.days_per_unit), options);
  if (kIsDiscrete<Model>) longest = std::floor(longest);

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
      CustomerValue& value = place->second;
      const Seen times = seen(record.cell, options.days_per_unit);
      value.repeats = times.repeats;
      value.recency = times.recency;
      value.age = times.age;
      value.probability_alive = model.probability_alive(record.cell);
      value.expected_purchases = model.expected_purchases(record.cell, options.horizon);
      if (spend) value.residual_value = model.discounted_purchases(record.cell, discount.rate);
    }
    CustomerValue& value = base.customers.emplace_back(place->second);
    value.customer = record.customer;
    value.spent = record.spent;
    base.purchases.mean += value.expected_purchases;
    base.repeat_buyers += value.repeats > 0 ? 1 : 0;
    if (!spend) continue;
    value.expected_spend = record.priced_repeats > 0
                               ? spend->expected_spend(SpendCell{record.priced_repeats, record.repeat_spend})
                               : spend->expected_spend();
    value.residual_value = *value.residual_value * *value.expected_spend;
    base.residual_value->mean += *value.residual_value;
  }

  std::vector<Future> futures(options.draws);
  parallel_for(
      options.draws,
      [&](std::size_t d) {
        futures[d] = draw_future(groups, customers, spend, options, discount, longest, RandomStream(options.seed, d));
      },
      options.threads, options.progress);
  set_limits(base, futures);
  return base;
}

template <PurchaseModel Model>
CustomerBaseValue value_customer_base(const Model& model,
                                      const std::vector<CustomerRecord<typename Model::Customer>>& customers,
                                      const std::optional<GammaGamma>& spend, const CustomerBaseOptions& options) {
  check_options(options);
  check_unit(model, options);
  const CustomerGroups<Model> one{.models = {model}, .of_customer = {}, .drawn = [&](RandomStream& stream) {
                                    return std::vector<Model>{model.with_parameters(model.fit().draw(stream))};
                                  }};
  return value_groups(one, customers, spend, options);
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
  CustomerGroups<Model> groups;
  for (const std::vector<double>& values : covariates) {
    const auto [place, is_new] = places.try_emplace(values, distinct.size());
    if (is_new) {
      distinct.push_back(values);
      groups.models.push_back(model.model_for(values));
      check_unit(groups.models.back(), options);
    }
    groups.of_customer.push_back(place->second);
  }
  groups.drawn = [&](RandomStream& stream) {
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
