// Customers under contract, valued.

#include <putki/core/error.hpp>
#include <putki/survival/kaplan_meier.hpp>

#include <algorithm>
#include <cmath>
#include <map>

#include "value/revenue_records.hpp"
#include "value/valuing.hpp"

namespace putki {
namespace {

constexpr std::int32_t kLastEnd = 24;  // periods from which on ends are counted together

// Who was there to renew for the n-th time (at n - 1), and how many of them left.
struct RenewalCounts {
  std::vector<double> at_risk, left;
};
RenewalCounts renewal_counts(const std::vector<ContractRecord>& customers, std::size_t most) {
  RenewalCounts counts{std::vector<double>(most, 0), std::vector<double>(most, 0)};
  for (const ContractRecord& customer : customers) {
    const TenureCell& cell = customer.cell;
    const auto decisions = static_cast<std::size_t>(cell.survived) + (cell.ended ? 1 : 0);
    for (auto n = static_cast<std::size_t>(cell.entered); n < decisions; ++n) ++counts.at_risk[n];
    if (cell.ended) ++counts.left[static_cast<std::size_t>(cell.survived)];
  }
  return counts;
}

std::vector<CountFit> contract_fit(const RenewalCounts& counts, const std::vector<double>& retention) {
  std::vector<CountFit> fit;
  for (std::size_t n = 0; n < retention.size(); ++n) {
    if (fit.size() < kLastEnd) fit.push_back({.count = static_cast<std::int32_t>(n + 1)});
    CountFit& line = fit.back();
    line.or_more = n + 1 > kLastEnd || (n + 1 == kLastEnd && n + 1 < retention.size());
    line.observed += counts.left[n];
    line.expected += counts.at_risk[n] * (1 - retention[n]);
  }
  return fit;
}

// `retention`: the model's, of each renewal.
std::vector<RetentionPoint> retention_curve(const RenewalCounts& counts, const std::vector<double>& retention) {
  const auto seen = [](double customers) { return customers > 0; };
  const auto first = std::find_if(counts.at_risk.begin(), counts.at_risk.end(), seen);
  const auto last = std::find_if_not(first, counts.at_risk.end(), seen);
  CountedDurations table{.time = {}, .ends = {{}}, .at_risk = {}};
  std::vector<RetentionPoint> curve;
  double model = 1;
  for (auto here = first; here != last; ++here) {
    const auto n = static_cast<std::size_t>(here - counts.at_risk.begin());
    model *= retention[n];
    table.time.push_back(static_cast<double>(n + 1));
    table.at_risk.push_back(*here);
    table.ends[0].push_back(counts.left[n]);
    curve.push_back({.renewal = static_cast<std::int32_t>(n + 1), .model = model});
  }
  const SurvivalCurve observed = kaplan_meier(table);
  for (RetentionPoint& point : curve) {
    point.kaplan_meier = observed.survival(point.renewal);
    point.limits = observed.interval(point.renewal);
  }
  return curve;
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
  const double continuous = rate_per_unit(options.annual_discount, options.days_per_unit);
  const double rate = std::expm1(continuous);
  const std::optional<double> fee = mean_fee(customers);
  const auto records =
      contract_records(model, customers, unseen, options.days_per_unit, fee.value_or(0), fee.value_or(0));

  std::int32_t most = 0;
  for (const ContractRecord& customer : customers)
    most = std::max(most, customer.cell.survived + (customer.cell.ended ? 1 : 0));
  std::vector<double> retention;
  for (std::int32_t n = 1; n <= most; ++n) retention.push_back(model.retention(n));

  CustomerBaseValue base;
  const RenewalCounts counts = renewal_counts(customers, retention.size());
  base.fit = contract_fit(counts, retention);
  base.retention = retention_curve(counts, retention);
  if (fee) base.residual_value.emplace();
  struct Outlook {
    double alive, renewals, worth;  // worth: at the next renewal
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
    if (fee) value.residual_value = 0;
    if (fee) value.expected_spend = customer.fee.value_or(*fee);
    if (!customer.stays()) continue;
    const auto [place, is_new] = outlooks.try_emplace(cell.survived);
    if (is_new) {
      const double now = cell.survived + static_cast<double>(unseen);
      const double alive = model.survival_after(cell.survived, unseen);
      place->second = {alive, alive * model.expected_renewals(now, options.horizon),
                       alive * model.discounted_renewals(now, rate)};
    }
    value.probability_alive = place->second.alive;
    value.expected_purchases = place->second.renewals;
    base.purchases.expected += value.expected_purchases;
    if (!fee) continue;
    const double until = days_until_renewal(customer, options.days_per_unit) / options.days_per_unit;
    value.residual_value = place->second.worth * std::exp(-until * continuous) * *value.expected_spend;
    base.residual_value->expected += *value.residual_value;
  }

  draw_totals(base, *records, options);
  return base;
}

template CustomerBaseValue value_contracts(const Sbg&, const std::vector<ContractRecord>&, unsigned,
                                           const CustomerBaseOptions&);
template CustomerBaseValue value_contracts(const BetaDiscreteWeibull&, const std::vector<ContractRecord>&, unsigned,
                                           const CustomerBaseOptions&);

}  // namespace putki
