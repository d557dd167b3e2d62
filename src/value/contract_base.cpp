// Customers under contract, valued.

#include <putki/core/error.hpp>
#include <putki/core/parallel.hpp>

#include <algorithm>
#include <cmath>
#include <map>

#include "value/valuing.hpp"

namespace putki {
namespace {

constexpr std::int32_t kLastEnd = 24;  // periods from which on ends are counted together

// Who was there to renew for the n-th time, and how many of them left.
std::vector<CountFit> contract_fit(const std::vector<ContractRecord>& customers, const std::vector<double>& retention) {
  std::vector<double> at_risk(retention.size(), 0), left(retention.size(), 0);
  for (const ContractRecord& customer : customers) {
    const TenureCell& cell = customer.cell;
    const auto decisions = static_cast<std::size_t>(cell.survived) + (cell.ended ? 1 : 0);
    for (auto n = static_cast<std::size_t>(cell.entered); n < decisions; ++n) ++at_risk[n];
    if (cell.ended) ++left[static_cast<std::size_t>(cell.survived)];
  }
  std::vector<CountFit> fit;
  for (std::size_t n = 0; n < retention.size(); ++n) {
    if (fit.size() < kLastEnd) fit.push_back({.count = static_cast<std::int32_t>(n + 1)});
    CountFit& line = fit.back();
    line.or_more = n + 1 > kLastEnd || (n + 1 == kLastEnd && n + 1 < retention.size());
    line.observed += left[n];
    line.expected += at_risk[n] * (1 - retention[n]);
  }
  return fit;
}

}  // namespace

template <RenewalChance chance>
CustomerBaseValue value_contracts(const ContractModel<chance>& model, const std::vector<ContractRecord>& customers,
                                  unsigned unseen, const CustomerBaseOptions& options) {
  check_options(options);
  if (options.horizon != std::floor(options.horizon)) {
    throw InvalidArgument("horizon is " + std::to_string(options.horizon) +
                          "; of contracts, whole periods are allowed");
  }
  check_unseen(unseen);
  const double continuous = rate_per_unit(options.annual_discount, options.days_per_unit);
  const double rate = std::expm1(continuous);
  const auto longest = static_cast<std::uint64_t>(
      std::max(longest_future_days(options.annual_discount) / options.days_per_unit, options.horizon));
  const auto horizon = static_cast<std::uint64_t>(options.horizon);

  double fees = 0, payers = 0;
  std::int32_t most = 0;
  for (const ContractRecord& customer : customers) {
    check_cell(customer.cell);
    fees += customer.fee.value_or(0);
    payers += customer.fee ? 1 : 0;
    most = std::max(most, customer.cell.survived + (customer.cell.ended ? 1 : 0));
  }
  std::vector<double> retention;
  for (std::int32_t n = 1; n <= most; ++n) retention.push_back(model.retention(n));

  CustomerBaseValue base;
  base.fit = contract_fit(customers, retention);
  if (payers > 0) base.residual_value.emplace();
  const auto fee_of = [&](const ContractRecord& customer) { return customer.fee.value_or(fees / payers); };
  struct Outlook {
    double alive, renewals, worth;
  };
  std::map<std::int32_t, Outlook> outlooks;
  for (const ContractRecord& customer : customers) {
    const TenureCell& cell = customer.cell;
    base.repeat_buyers += cell.survived > 0 ? 1 : 0;
    CustomerValue& value = base.customers.emplace_back();
    value.customer = customer.customer;
    value.spent = customer.spent;
    value.repeats = cell.survived;
    value.recency = cell.survived;
    value.age = cell.survived + (cell.ended ? 1 : 0);
    if (payers > 0) value.residual_value = 0;
    if (payers > 0) value.expected_spend = fee_of(customer);
    if (cell.ended) continue;
    const auto [place, is_new] = outlooks.try_emplace(cell.survived);
    if (is_new) {
      const double now = cell.survived + static_cast<double>(unseen);
      const double alive = model.survival_after(cell.survived, unseen);
      place->second = {alive, alive * model.expected_renewals(now, options.horizon),
                       alive * model.discounted_renewals(now, rate) * std::exp(-kUntilRenewal * continuous)};
    }
    value.probability_alive = place->second.alive;
    value.expected_purchases = place->second.renewals;
    base.purchases.mean += value.expected_purchases;
    if (payers == 0) continue;
    value.residual_value = place->second.worth * *value.expected_spend;
    base.residual_value->mean += *value.residual_value;
  }

  std::vector<Future> futures(options.draws);
  parallel_for(
      options.draws,
      [&](std::size_t d) {
        RandomStream stream(options.seed, d);
        const auto drawn = model.with_parameters(model.fit().draw(stream));
        for (const ContractRecord& customer : customers) {
          if (customer.cell.ended) continue;
          const std::uint64_t made = drawn.simulate(customer.cell.survived, longest + unseen, stream);
          const std::uint64_t to_come = made - std::min<std::uint64_t>(made, unseen);
          futures[d].purchases += static_cast<double>(std::min(to_come, horizon));
          if (payers > 0)
            futures[d].value +=
                fee_of(customer) * worth_of_renewals(static_cast<double>(to_come), kUntilRenewal, continuous);
        }
      },
      options.threads, options.progress);
  set_limits(base, futures);
  return base;
}

template CustomerBaseValue value_contracts(const Sbg&, const std::vector<ContractRecord>&, unsigned,
                                           const CustomerBaseOptions&);
template CustomerBaseValue value_contracts(const BetaDiscreteWeibull&, const std::vector<ContractRecord>&, unsigned,
                                           const CustomerBaseOptions&);

}  // namespace putki
