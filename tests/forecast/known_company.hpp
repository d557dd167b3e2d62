#pragma once
/// \file
/// Companies of known truth: deals walk through stages, who is won becomes a customer and buys again or renews. From
/// two years of history everything is fitted; the next four quarters of the same simulation are what the joined
/// forecast is held against. Shares no code with the library's simulations.

#include "forecast/known_truth.hpp"

#include <putki/core/parallel.hpp>
#include <putki/events/order_log_builder.hpp>
#include <putki/forecast/recurring_revenue.hpp>
#include <putki/stats/order_statistics.hpp>

namespace putki::calibration {

/// 2024 and 2025, then the quarters of 2026.
inline constexpr int kCompanyHistory = 366 + 365, kQuarters = 4;
inline constexpr std::array<int, kQuarters + 1> kQuarterEdges{0, 90, 181, 273, 365};
inline constexpr int kCompanyDays = kCompanyHistory + kQuarterEdges.back();
inline constexpr int kContractDays = 28;

enum class Following {
  purchases,  ///< BG/NBD, each purchase of a Gamma-Gamma amount
  contracts,  ///< renewed every four weeks, sBG; each renewal brings the deal's amount
};

struct Company {
  std::string name;
  Following following;
  Truth pipeline;
  double contract_alpha = 1.2, contract_beta = 12;  // of the chance to leave at a renewal
  double r = 1.5, alpha = 10, a = 0.6, b = 3;       // of purchases, in weeks
  double p = 4, q = 5, gamma = 2'000;               // of what is spent on each
};

inline std::vector<Company> companies() {
  const Truth pipeline{.name = "line",
                       .stages = {{0.1, 0.12, {{1, 0.6}, {4, 0.4}}},
                                  {0.02, 0.06, {{2, 0.6}, {4, 0.4}}},
                                  {0.02, 0.05, {{3, 0.6}, {4, 0.4}}}},
                       .new_per_day = 2};
  return {{.name = "purchases", .following = Following::purchases, .pipeline = pipeline},
          {.name = "contracts", .following = Following::contracts, .pipeline = pipeline}};
}

struct CompanyHistory {
  EventLog deals;
  OrderLog orders;
  std::array<double, kQuarters> sales{};      // of deals won in each quarter to come
  std::array<double, kQuarters> recurring{};  // all that customers bring after their sale
};

/// The days on which somebody won at noon of day 0 brings money again, up to `days`.
inline std::vector<int> days_of_purchases(const Company& company, int days, RandomStream& random) {
  const double rate = random.gamma(company.r) / company.alpha / 7, leaves = random.beta(company.a, company.b);
  std::vector<int> found;
  for (double time = 0.5;;) {
    time += random.exponential() / rate;
    if (time >= days) return found;
    found.push_back(static_cast<int>(time));
    if (random.uniform() < leaves) return found;
  }
}

/// The day on which the contract ends; after `days` where it goes on until then.
inline int end_of_contract(const Company& company, int days, RandomStream& random) {
  const double leaves = random.beta(company.contract_alpha, company.contract_beta);
  int end = kContractDays;
  while (end <= days && random.uniform() >= leaves) end += kContractDays;
  return end;
}

inline CompanyHistory simulate_company(const Company& company, RandomStream& random) {
  const Truth& truth = company.pipeline;
  StageGraph::Builder graph;
  for (std::size_t j = 0; j < truth.stages.size(); ++j) graph.stage("Stage " + std::to_string(j));
  graph.stage("Won", StageKind::won).stage("Lost", StageKind::lost);
  EventLogBuilder deals(graph.build());
  OrderLogBuilder orders;
  std::array<double, kQuarters> sales{}, recurring{};
  const auto quarter = [](int day) {
    return static_cast<std::size_t>(std::ranges::upper_bound(kQuarterEdges, day - kCompanyHistory) -
                                    kQuarterEdges.begin() - 1);
  };
  const auto becomes_customer = [&](const std::string& name, int won, Money sale) {
    const CustomerId customer = orders.customer(name);
    const auto noon = [&](int day) { return kBegin + Days{day} + std::chrono::hours{12}; };
    const int rest = kCompanyDays - won;
    if (won >= kCompanyHistory) sales[quarter(won)] += sale.units();
    const bool is_contract = company.following == Following::contracts;
    const int end = is_contract ? end_of_contract(company, rest, random) : 0;
    std::vector<int> days;
    if (is_contract)
      for (int day = kContractDays; day < std::min(end, rest); day += kContractDays) days.push_back(day);
    else
      days = days_of_purchases(company, rest, random);
    const DayNumber ends = is_contract && end <= rest ? day_number(kBegin + Days{won + end}) : kNoDay;
    const double own = random.gamma(company.q) / company.gamma;
    orders.add({.customer = customer, .time = noon(won), .amount = sale, .contract_end = ends});
    for (const int day : days) {
      const Money amount = is_contract ? sale : Money::from_units(random.gamma(company.p) / own);
      orders.add({.customer = customer, .time = noon(won + day), .amount = amount, .contract_end = ends});
      if (won + day >= kCompanyHistory) recurring[quarter(won + day)] += amount.units();
    }
  };

  int created_so_far = 0;
  for (int created = 0; created < kCompanyDays; ++created)
    for (std::uint64_t i = random.poisson(truth.new_per_day); i > 0; --i) {
      const std::string name = "D" + std::to_string(created_so_far++);
      const DealId deal = deals.deal(name);
      const Money amount = Money::from_units(std::round(100'000 * std::exp(0.6 * random.normal())) / 100);
      std::size_t stage = 0;
      int steps = 0, age = 0;
      const auto record = [&](int day) {
        deals.add({.deal = deal,
                   .time = kBegin + Days{day} + std::chrono::hours{8} + std::chrono::minutes{5 * steps++},
                   .stage = static_cast<StageId>(stage),
                   .amount = amount});
      };
      record(created);
      for (int day = created; day < kCompanyDays && stage < truth.stages.size(); ++day, ++age)
        for (bool moved = true; moved && stage < truth.stages.size();) {
          moved = false;
          double pick = random.uniform();
          for (const Exit& exit : truth.stages[stage].exits) {
            const double chance = exit.share * leaving(truth, stage, age);
            if (pick < chance) {
              stage = exit.to;
              moved = true;
              break;
            }
            pick -= chance;
          }
          if (!moved) break;
          age = 0;
          record(day);
          if (stage == truth.won()) becomes_customer(name, day, amount);
        }
    }
  return {deals.build(), orders.build(), sales, recurring};
}

inline CustomerRevenue fit_customers(const Company& company, const OrderView& view) {
  const auto purchases = customer_purchases(view);
  if (company.following == Following::contracts) {
    const auto tenures = customer_tenures(view, {.days = kContractDays}, TenureSource::contract_ends);
    TenureStatistics statistics;
    std::vector<ContractRecord> records;
    for (std::size_t c = 0; c < tenures.size(); ++c) {
      statistics.add(tenures[c].cell);
      records.push_back({.customer = {},
                         .cell = tenures[c].cell,
                         .fee = purchases[c].spent.units() / tenures[c].periods_paid,
                         .spent = purchases[c].spent,
                         .due_days = kContractDays - purchases[c].history.age_days % kContractDays});
    }
    // Newcomers pay what their deal brought: 1 for each 1 of it.
    return CustomerRevenue::of_contracts(fit_sbg(statistics), records, 0, kContractDays, 1.0);
  }
  PurchaseStatistics statistics;
  std::vector<CustomerRecord<PurchaseCell>> records;
  for (const CustomerPurchases& customer : purchases) {
    const PurchaseHistory& seen = customer.history;
    statistics.add(seen);
    records.push_back(
        {{}, {seen.repeats, seen.recency_days, seen.age_days}, seen.priced_repeats, seen.repeat_spend, customer.spent});
  }
  return CustomerRevenue::of_purchases(fit_bg_nbd(statistics.purchases()), fit_gamma_gamma(statistics.spend()),
                                       records);
}

/// A place for each thing that is forecast: recurring by quarter, all revenue by quarter, and both for the year.
inline constexpr std::size_t kForecastThings = 2 * kQuarters + 2;
inline const char* name_of_thing(std::size_t thing) {
  static constexpr const char* kNames[kForecastThings] = {
      "recurring, quarter 1", "recurring, quarter 2", "recurring, quarter 3", "recurring, quarter 4", "recurring, year",
      "all, quarter 1",       "all, quarter 2",       "all, quarter 3",       "all, quarter 4",       "all, year"};
  return kNames[thing];
}

struct CompanyReplication {
  std::array<double, kForecastThings> place{};  // randomised PIT
  std::array<double, kForecastThings> bias{};   // expected less actual
  std::array<double, kForecastThings> actual{};
  std::array<double, kForecastThings> sd{};
};

inline CompanyReplication replicate_company(const Company& company, std::uint64_t number, std::size_t draws) {
  RandomStream random(number, 17);
  const CompanyHistory history = simulate_company(company, random);
  const Day today = kBegin + Days{kCompanyHistory};
  const AsOf view(history.deals, today);
  const ForecastModel model = fit_forecast_model(view, {.threads = 1});
  const CustomerRevenue customers = fit_customers(company, OrderView(history.orders, today));
  RecurringOptions options{.draws = draws, .threads = 1};
  if (company.following == Following::contracts) options.typical_sale = 1;

  CompanyReplication result;
  const auto note = [&](std::size_t thing, const RevenueDistribution& revenue, double mean, double actual) {
    const double below = 1 - revenue.probability_at_least(actual - 0.001), upto = revenue.cdf(actual + 0.001);
    result.place[thing] = below + random.uniform() * (upto - below);
    result.bias[thing] = mean - actual;
    result.actual[thing] = actual;
    result.sd[thing] = revenue.sd();
  };
  const RecurringForecast forecast = forecast_with_recurring(
      model, OpenPipeline::as_of_view(view), customers,
      {.horizon_days = kQuarterEdges.back(), .period = PeriodUnit::quarter, .threads = 1}, options);
  double recurring = 0, sales = 0;
  for (std::size_t q = 0; q <= kQuarters; ++q) {
    const RecurringPeriod& period = q < kQuarters ? forecast.periods[q] : forecast.total;
    const double of_quarter = q < kQuarters ? history.recurring[q] : recurring,
                 sales_of_quarter = q < kQuarters ? history.sales[q] : sales;
    recurring += of_quarter;
    sales += sales_of_quarter;
    note(q, period.recurring_revenue, period.recurring.mean, of_quarter);
    note(kQuarters + 1 + q, period.revenue, period.mean, of_quarter + sales_of_quarter);
  }
  return result;
}

inline int inside(std::span<const CompanyReplication> replications, std::size_t thing, double level) {
  return static_cast<int>(std::count_if(
      replications.begin(), replications.end(),
      [&](const CompanyReplication& replication) { return std::abs(replication.place[thing] - 0.5) <= level / 2; }));
}

}  // namespace putki::calibration
