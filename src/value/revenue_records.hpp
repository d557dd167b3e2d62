#pragma once
// The engine that draws customers' futures, whichever model they follow: behind CustomerRevenue and behind the totals
// of a customer base.

#include <putki/value/customer_revenue.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace putki {

// Arguments have been checked: CustomerRevenue does that for all models.
struct CustomerRevenue::Records {
  Records() = default;
  Records(const Records&) = delete;
  Records& operator=(const Records&) = delete;
  virtual ~Records() = default;
  virtual std::size_t customer_count() const = 0;
  virtual double expected(double from, double to) const = 0;
  virtual double expected_of_newcomer(double from, double to) const = 0;
  virtual double residual_value(double annual_discount) const = 0;
  virtual double residual_value_of_newcomer(double annual_discount) const = 0;
  virtual std::shared_ptr<const World::Drawn> draw(RandomStream& stream) const = 0;
};

// One possible future of all customers.
struct CustomersFuture {
  double purchases = 0;  // or renewals, within a horizon
  double value = 0;      // of those without end, discounted
};

struct CustomerRevenue::World::Drawn {
  Drawn() = default;
  Drawn(const Drawn&) = delete;
  Drawn& operator=(const Drawn&) = delete;
  virtual ~Drawn() = default;
  virtual void add_customers(std::span<const double> edges, RandomStream& stream, std::span<double> revenue) const = 0;
  virtual void add_newcomer(double won, std::span<const double> edges, RandomStream& stream, std::span<double> revenue,
                            double scale) const = 0;
  // The horizon is in units of the model's time; 0: nothing is counted.
  virtual CustomersFuture future(double horizon, double annual_discount, RandomStream& stream) const = 0;
  virtual double residual_value_of_newcomer(double annual_discount, RandomStream& stream) const = 0;
};

// Errors as CustomerRevenue's. Without a spend model purchases are counted and bring nothing.
template <PurchaseModel Model>
std::shared_ptr<const CustomerRevenue::Records> purchase_records(
    const Model& model, const std::optional<GammaGamma>& spend,
    const std::vector<CustomerRecord<typename Model::Customer>>& customers, double days_per_unit);
// Who pays as the others do pays `usual_fee`.
template <RenewalChance chance>
std::shared_ptr<const CustomerRevenue::Records> contract_records(const ContractModel<chance>& model,
                                                                 const std::vector<ContractRecord>& customers,
                                                                 unsigned unseen, double days_per_unit,
                                                                 double usual_fee, double newcomer_fee);

inline constexpr double kMostDueDays = 1e15;

// Days that come once in `period` days, the n-th (1, 2, ..) on day first + (n - 1) period.
struct DueDays {
  double first, period;
  double day(double n) const { return first + (n - 1) * period; }
  // How many have come by a day: exactly those with day(n) <= `by`, whatever the division rounds to. Of periods so
  // short that doubles cannot count them, as many as they can.
  double count(double by) const {
    double n = std::max(0.0, std::floor((by - first) / period) + 1);
    if (n > kMostDueDays) return kMostDueDays;
    while (day(n + 1) <= by) ++n;
    while (n > 0 && day(n) > by) --n;
    return n;
  }
};

}  // namespace putki
