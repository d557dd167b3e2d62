// CustomerRevenue of who buys when he likes: purchase models and spend.

#include <putki/core/error.hpp>

#include "value/fitting.hpp"
#include "value/revenue_records.hpp"
#include "value/valuing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace putki {

// When purchases of a model fall, in days and in its units.
template <class Model>
struct PurchaseClock {
  double days_per_unit;
  // What the model takes for a horizon of so many days: those of discrete models are whole.
  double units(double days) const {
    if constexpr (kBuysByPeriod<Model>) return DueDays{days_per_unit, days_per_unit}.count(days);
    return days / days_per_unit;
  }
  double day(double time) const { return time * days_per_unit; }
};

struct Spender {
  std::int32_t priced_repeats = 0;
  Money repeat_spend = {};
  double expected(const GammaGamma& spend) const {
    return priced_repeats > 0 ? spend.expected_spend(SpendCell{priced_repeats, repeat_spend}) : spend.expected_spend();
  }
  double draw_mean(const GammaGamma& spend, RandomStream& stream) const {
    return priced_repeats > 0 ? spend.simulate_mean(SpendCell{priced_repeats, repeat_spend}, stream)
                              : spend.simulate_mean(stream);
  }
};

// 0 purchases bring nothing, of infinite expected spend, too.
inline double spent_on(double purchases, double spend) {
  return purchases > 0 ? purchases * spend : 0;
}

template <class Model>
struct PurchaseRecords final : CustomerRevenue::Records {
  using Cell = typename Model::Customer;
  struct Customer {
    Cell cell;
    Spender spender;
  };
  Model model;
  std::optional<GammaGamma> spend;
  PurchaseClock<Model> clock;
  std::vector<Customer> customers;
  // Distinct records, each with the expected spend of a purchase of all its customers together.
  std::map<Cell, double> spend_by_cell;

  PurchaseRecords(const Model& purchases, const std::optional<GammaGamma>& amounts, double days_per_unit)
      : model(purchases), spend(amounts), clock{days_per_unit} {}

  std::size_t customer_count() const override { return customers.size(); }

  double expected(double from, double to) const override {
    double sum = 0;
    for (const auto& [cell, of_purchase] : spend_by_cell)
      sum += spent_on(purchases_between(from, to, cell), of_purchase);
    return sum;
  }
  double expected_of_newcomer(double from, double to) const override {
    return spent_on(purchases_between(from, to, Cell{}), spend->expected_spend());
  }
  double residual_value(double annual_discount) const override {
    const double rate = model_rate<Model>(annual_discount, clock.days_per_unit);
    double sum = 0;
    for (const auto& [cell, of_purchase] : spend_by_cell)
      sum += spent_on(model.discounted_purchases(cell, rate), of_purchase);
    return sum;
  }
  double residual_value_of_newcomer(double annual_discount) const override {
    return spent_on(model.discounted_purchases(model_rate<Model>(annual_discount, clock.days_per_unit)),
                    spend->expected_spend());
  }
  std::shared_ptr<const CustomerRevenue::World::Drawn> draw(RandomStream& stream) const override;

 private:
  double purchases_between(double from, double to, const Cell& cell) const {
    const double before = clock.units(from), until = clock.units(to);
    if (before == until) return 0;
    return model.expected_purchases(cell, until) - model.expected_purchases(cell, before);
  }
};

template <class Model>
struct PurchaseWorld final : CustomerRevenue::World::Drawn {
  const PurchaseRecords<Model>& records;
  Model model;
  std::optional<GammaGamma> spend;

  PurchaseWorld(const PurchaseRecords<Model>& of, RandomStream& stream)
      : records(of), model(of.model.with_parameters(of.model.fit().draw(stream))) {
    if (of.spend) spend = of.spend->with_parameters(of.spend->fit().draw(stream));
  }

  void add_customers(std::span<const double> edges, RandomStream& stream, std::span<double> revenue) const override {
    const double horizon = records.clock.units(edges.back());
    std::vector<double> times;
    for (const auto& [cell, spender] : records.customers) {
      times.clear();
      model.simulate(cell, horizon, stream, times);
      if (!times.empty()) add(times, 0, edges, spender, stream, revenue, 1);
    }
  }
  void add_newcomer(double won, std::span<const double> edges, RandomStream& stream, std::span<double> revenue,
                    double scale) const override {
    std::vector<double> times;
    model.simulate(records.clock.units(edges.back() - won), stream, times);
    if (!times.empty()) add(times, won, edges, {}, stream, revenue, scale);
  }
  CustomersFuture future(double horizon, double annual_discount, RandomStream& stream) const override {
    const Discount discount = discount_at(annual_discount);
    CustomersFuture all;
    std::vector<double> times;
    for (const auto& [cell, spender] : records.customers) {
      times.clear();
      model.simulate(cell, spend ? std::max(discount.horizon, horizon) : horizon, stream, times);
      if (times.empty()) continue;
      all.purchases += static_cast<double>(std::upper_bound(times.begin(), times.end(), horizon) - times.begin());
      if (spend) all.value += discounted(times, discount, spender, stream);
    }
    return all;
  }
  double residual_value_of_newcomer(double annual_discount, RandomStream& stream) const override {
    const Discount discount = discount_at(annual_discount);
    std::vector<double> times;
    model.simulate(discount.horizon, stream, times);
    return times.empty() ? 0 : discounted(times, discount, {}, stream);
  }

 private:
  struct Discount {
    double rate, horizon;  // per unit, continuous; in units
  };
  Discount discount_at(double annual_discount) const {
    return {rate_per_unit(annual_discount, records.clock.days_per_unit),
            records.clock.units(longest_future_days(annual_discount))};
  }
  // Purchases of one period are drawn together: their sum has a gamma law again.
  void add(const std::vector<double>& times, double start, std::span<const double> edges, const Spender& spender,
           RandomStream& stream, std::span<double> revenue, double scale) const {
    const double mean = spender.draw_mean(*spend, stream);
    auto time = times.begin();
    const auto skip_until = [&](double edge) {
      const auto first = time;
      while (time != times.end() && start + records.clock.day(*time) <= edge) ++time;
      return static_cast<std::uint64_t>(time - first);
    };
    skip_until(edges[0]);
    for (std::size_t p = 0; p < revenue.size() && time != times.end(); ++p)
      if (const std::uint64_t purchases = skip_until(edges[p + 1]); purchases > 0)
        revenue[p] += scale * spend->simulate_total(mean, purchases, stream);
  }
  double discounted(const std::vector<double>& times, const Discount& discount, const Spender& spender,
                    RandomStream& stream) const {
    const double mean = spender.draw_mean(*spend, stream);
    double sum = 0;
    for (const double time : times) sum += std::exp(-discount.rate * time) * spend->simulate_total(mean, 1, stream);
    return sum;
  }
};

template <class Model>
std::shared_ptr<const CustomerRevenue::World::Drawn> PurchaseRecords<Model>::draw(RandomStream& stream) const {
  return std::make_shared<PurchaseWorld<Model>>(*this, stream);
}

template <PurchaseModel Model>
std::shared_ptr<const CustomerRevenue::Records> purchase_records(
    const Model& model, const std::optional<GammaGamma>& spend,
    const std::vector<CustomerRecord<typename Model::Customer>>& customers, double days_per_unit) {
  check_days_per_unit(days_per_unit);
  if constexpr (!kBuysByPeriod<Model>) {
    if (model.days_per_unit() != days_per_unit)
      throw InvalidArgument(fmt::format("a unit of {} days; the model's has {}", days_per_unit, model.days_per_unit()));
  }
  auto records = std::make_shared<PurchaseRecords<Model>>(model, spend, days_per_unit);
  records->customers.reserve(customers.size());
  for (const auto& customer : customers) {
    check_cell(customer.cell);
    const Spender spender{customer.priced_repeats, customer.repeat_spend};
    if (spender.priced_repeats < 0)
      throw InvalidArgument(fmt::format("{} priced repeat purchases; 0 or more are allowed", spender.priced_repeats));
    records->customers.push_back({customer.cell, spender});
    if (spend) records->spend_by_cell[customer.cell] += spender.expected(*spend);
  }
  return records;
}

template <PurchaseModel Model>
CustomerRevenue CustomerRevenue::of_purchases(const Model& model, const GammaGamma& spend,
                                              const std::vector<CustomerRecord<typename Model::Customer>>& customers,
                                              double days_per_unit) {
  return CustomerRevenue(purchase_records(model, std::optional(spend), customers, days_per_unit));
}

#define PUTKI_REVENUE_OF(Model)                                                                                     \
  template std::shared_ptr<const CustomerRevenue::Records> purchase_records(                                        \
      const Model&, const std::optional<GammaGamma>&, const std::vector<CustomerRecord<Model::Customer>>&, double); \
  template CustomerRevenue CustomerRevenue::of_purchases(const Model&, const GammaGamma&,                           \
                                                         const std::vector<CustomerRecord<Model::Customer>>&, double)
PUTKI_REVENUE_OF(BgNbd);
PUTKI_REVENUE_OF(MbgNbd);
PUTKI_REVENUE_OF(ParetoNbd);
PUTKI_REVENUE_OF(BgBb);
#undef PUTKI_REVENUE_OF

}  // namespace putki
