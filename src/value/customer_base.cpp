#include <putki/value/customer_base.hpp>

#include <putki/core/parallel.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <type_traits>

#include "value/valuing.hpp"

namespace putki {

// How much less a purchase at time t is worth.
struct Discounting {
  double rate;  // as the model takes it
  bool by_period;
  double at(double time) const { return by_period ? std::exp(-std::log1p(rate) * time) : std::exp(-rate * time); }
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

// One possible future of everybody, under one draw of the parameters.
template <class Model>
Future draw_future(const Model& fitted, const std::vector<CustomerRecord<typename Model::Customer>>& customers,
                   const std::optional<GammaGamma>& fitted_spend, const CustomerBaseOptions& options,
                   const Discounting& discount, double longest, RandomStream stream) {
  const Model model = fitted.with_parameters(fitted.fit().draw(stream));
  std::optional<GammaGamma> spend;
  if (fitted_spend) spend = fitted_spend->with_parameters(fitted_spend->fit().draw(stream));
  Future future;
  std::vector<double> times;
  for (const auto& record : customers) {
    times.clear();
    model.simulate(record.cell, spend ? std::max(longest, options.horizon) : options.horizon, stream, times);
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

}  // namespace

template <PurchaseModel Model>
CustomerBaseValue value_customer_base(const Model& model,
                                      const std::vector<CustomerRecord<typename Model::Customer>>& customers,
                                      const std::optional<GammaGamma>& spend, const CustomerBaseOptions& options) {
  check_options(options);
  if constexpr (!kIsDiscrete<Model>) {
    if (model.days_per_unit() != options.days_per_unit) {
      throw InvalidArgument("a unit of " + std::to_string(options.days_per_unit) + " days; the model's has " +
                            std::to_string(model.days_per_unit()));
    }
  }
  const Discounting discount = discounting<Model>(options);
  double longest = longest_future_days(options.annual_discount) / options.days_per_unit;
  if (kIsDiscrete<Model>) longest = std::floor(longest);

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
        futures[d] = draw_future(model, customers, spend, options, discount, longest, RandomStream(options.seed, d));
      },
      options.threads, options.progress);
  set_limits(base, futures);
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
