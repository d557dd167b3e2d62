// CustomerRevenue of who is under contract: renewals and fees.

#include <putki/core/error.hpp>

#include "value/fitting.hpp"
#include "value/revenue_records.hpp"
#include "value/valuing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace putki {

template <RenewalChance chance>
struct ContractRecords final : CustomerRevenue::Records {
  struct Customer {
    std::int32_t survived;
    double due;  // days to the next renewal
    double fee;
  };
  ContractModel<chance> model;
  double unseen;
  double period;  // days
  double newcomer_fee;
  std::vector<Customer> customers;
  std::map<std::pair<std::int32_t, double>, double> fees_by_age;  // and days to the next renewal

  ContractRecords(const ContractModel<chance>& renewals, unsigned renewals_unseen, double days_per_unit, double fee)
      : model(renewals), unseen(renewals_unseen), period(days_per_unit), newcomer_fee(fee) {}

  DueDays due_from(double first) const { return {first, period}; }
  DueDays due_of_newcomer(double won) const { return {won + period, period}; }

  std::size_t customer_count() const override { return customers.size(); }

  double expected(double from, double to) const override {
    double sum = 0;
    for (const auto& [customer, fees] : fees_by_age) {
      const DueDays days = due_from(customer.second);
      sum += fees * renewals_between(customer.first, unseen + days.count(from), unseen + days.count(to));
    }
    return sum;
  }
  double expected_of_newcomer(double from, double to) const override {
    const DueDays days = due_of_newcomer(0);
    return newcomer_fee * renewals_between(0, days.count(from), days.count(to));
  }
  double residual_value(double annual_discount) const override {
    const double continuous = rate_per_unit(annual_discount, period), rate = std::expm1(continuous);
    double sum = 0;
    for (const auto& [customer, fees] : fees_by_age) {
      const auto& [age, due] = customer;
      sum += fees * model.survival_after(age, unseen) * model.discounted_renewals(age + unseen, rate) *
             std::exp(-due / period * continuous);
    }
    return sum;
  }
  double residual_value_of_newcomer(double annual_discount) const override {
    const double rate = std::expm1(rate_per_unit(annual_discount, period));
    return newcomer_fee * model.discounted_renewals(0, rate) / (1 + rate);
  }
  std::shared_ptr<const CustomerRevenue::World::Drawn> draw(RandomStream& stream) const override;

 private:
  double renewals_between(double age, double before, double until) const {
    if (before == until) return 0;
    return model.expected_renewals(age, until) - model.expected_renewals(age, before);
  }
};

template <RenewalChance chance>
struct ContractWorld final : CustomerRevenue::World::Drawn {
  const ContractRecords<chance>& records;
  ContractModel<chance> model;

  ContractWorld(const ContractRecords<chance>& of, RandomStream& stream)
      : records(of), model(of.model.with_parameters(of.model.fit().draw(stream))) {}

  void add_customers(std::span<const double> edges, RandomStream& stream, std::span<double> revenue) const override {
    for (const auto& [age, due, fee] : records.customers) {
      const DueDays days = records.due_from(due);
      add(renewals_to_come(age, days.count(edges.back()), stream), days, edges, fee, revenue);
    }
  }
  void add_newcomer(double won, std::span<const double> edges, RandomStream& stream, std::span<double> revenue,
                    double scale) const override {
    const DueDays days = records.due_of_newcomer(won);
    const double most = days.count(edges.back());
    if (most == 0) return;
    add(static_cast<double>(model.simulate(0, static_cast<std::uint64_t>(most), stream)), days, edges,
        scale * records.newcomer_fee, revenue);
  }
  CustomersFuture future(double horizon, double annual_discount, RandomStream& stream) const override {
    const double longest = longest_future_days(annual_discount), rate = rate_per_unit(annual_discount, records.period);
    CustomersFuture all;
    for (const auto& [age, due, fee] : records.customers) {
      const double to_come = renewals_to_come(age, std::max(horizon, records.due_from(due).count(longest)), stream);
      all.purchases += std::min(to_come, horizon);
      all.value += fee * worth_of_renewals(to_come, due / records.period, rate);
    }
    return all;
  }
  double residual_value_of_newcomer(double annual_discount, RandomStream& stream) const override {
    const double most = records.due_of_newcomer(0).count(longest_future_days(annual_discount));
    const auto made = static_cast<double>(model.simulate(0, static_cast<std::uint64_t>(most), stream));
    return records.newcomer_fee * worth_of_renewals(made, 1, rate_per_unit(annual_discount, records.period));
  }

 private:
  double renewals_to_come(double age, double most, RandomStream& stream) const {
    const auto made =
        static_cast<double>(model.simulate(age, static_cast<std::uint64_t>(records.unseen + most), stream));
    return std::max(0.0, made - records.unseen);
  }
  static void add(double renewals, const DueDays& days, std::span<const double> edges, double fee,
                  std::span<double> revenue) {
    double before = std::min(renewals, days.count(edges[0]));
    for (std::size_t p = 0; p < revenue.size() && before < renewals; ++p) {
      const double until = std::min(renewals, days.count(edges[p + 1]));
      revenue[p] += fee * (until - before);
      before = until;
    }
  }
};

template <RenewalChance chance>
std::shared_ptr<const CustomerRevenue::World::Drawn> ContractRecords<chance>::draw(RandomStream& stream) const {
  return std::make_shared<ContractWorld<chance>>(*this, stream);
}

template <RenewalChance chance>
std::shared_ptr<const CustomerRevenue::Records> contract_records(const ContractModel<chance>& model,
                                                                 const std::vector<ContractRecord>& customers,
                                                                 unsigned unseen, double days_per_unit,
                                                                 double usual_fee, double newcomer_fee) {
  check_days_per_unit(days_per_unit);
  check_unseen(unseen);
  auto records = std::make_shared<ContractRecords<chance>>(model, unseen, days_per_unit, newcomer_fee);
  for (const ContractRecord& customer : customers) {
    check_cell(customer.cell);
    if (!customer.stays()) continue;
    const double fee = customer.fee.value_or(usual_fee), due = days_until_renewal(customer, days_per_unit);
    records->customers.push_back({customer.cell.survived, due, fee});
    records->fees_by_age[{customer.cell.survived, due}] += fee;
  }
  return records;
}

template <RenewalChance chance>
CustomerRevenue CustomerRevenue::of_contracts(const ContractModel<chance>& model,
                                              const std::vector<ContractRecord>& customers, unsigned unseen,
                                              double days_per_unit, std::optional<double> newcomer_fee) {
  if (newcomer_fee && !std::isfinite(*newcomer_fee))
    throw InvalidArgument(fmt::format("fee {} of a newcomer; a finite amount is allowed", *newcomer_fee));
  const std::optional<double> mean = mean_fee(customers);
  if (!mean && !customers.empty())
    throw NotEnoughData(
        fmt::format("revenue of {} customers under contract, nobody's fee known; one is needed", customers.size()));
  const double usual = mean.value_or(0);
  return CustomerRevenue(
      contract_records(model, customers, unseen, days_per_unit, usual, newcomer_fee.value_or(usual)));
}

#define PUTKI_REVENUE_OF(Model)                                                                                      \
  template std::shared_ptr<const CustomerRevenue::Records> contract_records(                                         \
      const Model&, const std::vector<ContractRecord>&, unsigned, double, double, double);                           \
  template CustomerRevenue CustomerRevenue::of_contracts(const Model&, const std::vector<ContractRecord>&, unsigned, \
                                                         double, std::optional<double>)
PUTKI_REVENUE_OF(Sbg);
PUTKI_REVENUE_OF(BetaDiscreteWeibull);
#undef PUTKI_REVENUE_OF

}  // namespace putki
