#pragma once
// The models of customer_value: each fitted to the orders known at a day, and the customers valued by it.

#include <putki/putki.hpp>

#include "command_line.hpp"
#include "covariate_columns.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

namespace example {

/// Customers as the forecast takes them, in place of a report of what each is worth.
struct CustomersToCome {
  putki::CustomerRevenue revenue;
  std::optional<double> fee;  ///< under contract: what a customer pays a period, on average
};

struct ValueQuestion {
  putki::Day as_of{};
  int horizon_days = 273;
  double annual_discount = 0.15;
  putki::PurchasePeriod period;
  bool has_contract_ends = false;
  std::string by;  ///< attribute; empty: none
  std::vector<std::string> covariates = {};
  std::uint64_t seed = 1;
  CustomersToCome* to_come = nullptr;           ///< filled in place of valuing each customer, when set
  putki::CustomerSegments* segments = nullptr;  ///< the same, with those of each value of `by`
  putki::Progress progress;
};

inline double discount_argument(const std::string& text) {
  const double rate = number_argument("--discount", text);
  if (!(rate > 0 && rate <= 1))
    throw putki::InvalidArgument("--discount is " + text +
                                 "; allowed are rates above 0 up to 1, such as 0.15 for 15 % a year");
  return rate;
}

/// `28d`, `4w`, or a unit of the calendar; empty: months.
inline putki::PurchasePeriod period_argument(const std::string& text, const std::string& option = "--period") {
  for (const putki::PeriodUnit unit : {putki::PeriodUnit::day, putki::PeriodUnit::week, putki::PeriodUnit::month,
                                       putki::PeriodUnit::quarter, putki::PeriodUnit::year})
    if (text == putki::to_string(unit)) return {.unit = unit};
  if (text.empty()) return {.unit = putki::PeriodUnit::month};
  if (text.front() < '0' || text.front() > '9')
    throw putki::InvalidArgument(option + " is '" + text +
                                 "'; write days or weeks, such as 28d or 4w, or day, week, month, quarter, year");
  return {.days = duration_argument(option, text)};
}

inline double days_of(const putki::PurchasePeriod& period) {
  if (period.days > 0) return period.days;
  switch (period.unit) {
    case putki::PeriodUnit::day:
      return 1;
    case putki::PeriodUnit::week:
      return 7;
    case putki::PeriodUnit::month:
      return 365.25 / 12;
    case putki::PeriodUnit::quarter:
      return 365.25 / 4;
    case putki::PeriodUnit::year:
      return 365.25;
  }
  return 1;
}

/// `month`, `4-week period`
inline std::string name_of(const putki::PurchasePeriod& period) {
  if (period.days == 0) return putki::to_string(period.unit);
  const bool weeks = period.days % 7 == 0;
  return std::to_string(weeks ? period.days / 7 : period.days) + (weeks ? "-week period" : "-day period");
}

inline putki::ReadFormats order_formats(const std::string& time, const std::string& decimal,
                                        const std::string& thousands) {
  putki::ReadFormats formats;
  const std::vector<std::pair<std::string, putki::TimeFormat>> times = {
      {"auto", putki::TimeFormat::automatic},        {"iso8601", putki::TimeFormat::iso8601},
      {"mdy", putki::TimeFormat::month_day_year},    {"dmy", putki::TimeFormat::day_month_year},
      {"epoch_s", putki::TimeFormat::epoch_seconds}, {"epoch_ms", putki::TimeFormat::epoch_milliseconds}};
  const auto found = std::ranges::find(times, time, &std::pair<std::string, putki::TimeFormat>::first);
  if (found == times.end())
    throw putki::InvalidArgument("--date-format is '" + time +
                                 "'; allowed are auto, iso8601, mdy, dmy, epoch_s, epoch_ms");
  formats.time = found->second;
  if (decimal != "." && decimal != ",")
    throw putki::InvalidArgument("--decimal is '" + decimal + "'; allowed are . and ,");
  formats.decimal = decimal.front();
  if (thousands.size() > 1 || (thousands.size() == 1 && std::string(".,' ").find(thousands) == std::string::npos))
    throw putki::InvalidArgument("--thousands is '" + thousands + "'; allowed are . , ' and a blank");
  if (!thousands.empty()) formats.thousands = thousands.front();
  return formats;
}

/// Says which option tells what the dates leave open.
inline putki::ReadOrders read_orders(const std::string& file, const putki::OrderColumns& columns,
                                     const putki::OrderReadOptions& options) {
  try {
    return putki::read_orders_csv(file, columns, options);
  } catch (const putki::InputError& error) {
    if (error.code() != putki::ErrorCode::ambiguous) throw;
    throw putki::InputError(error.what() + std::string(" (--date-format)"), error.code());
  }
}

enum class ModelKind { continuous, discrete, contractual };

struct CustomerModel {
  const char* name;   ///< as --model takes it
  const char* title;  ///< of its papers
  ModelKind kind;
  putki::CustomerValueReport (*value)(const putki::OrderView&, const ValueQuestion&);
};

/// Gamma-Gamma where amounts of repeat purchases are known; else a note why not.
inline std::optional<putki::GammaGamma> fit_spend(const putki::CellCounts<putki::SpendCell>& spend,
                                                  putki::CustomerValueReport& report) {
  try {
    std::optional<putki::GammaGamma> model = putki::fit_gamma_gamma(spend);
    report.spend_parameters = model->fit();
    return model;
  } catch (const putki::NotEnoughData& why) {
    report.notes.push_back(std::string("no residual value: ") + why.what());
    return std::nullopt;
  }
}

inline void require_customers(const putki::OrderView& view, bool any) {
  if (any) return;
  const auto first = view.log().first_time(), last = view.log().last_time();
  if (!first) throw putki::InputError("there is no order that could be used");
  const auto day = [&](putki::Timestamp time) { return putki::to_string(view.log().time_zone().day_of(time)); };
  throw putki::InvalidArgument("nobody had bought anything by " + putki::to_string(view.day()) +
                               "; the orders run from " + day(*first) + " to " + day(*last));
}

inline void note_age_of_orders(const putki::OrderView& view, putki::CustomerValueReport& report) {
  const putki::Day last = view.log().time_zone().day_of(*view.log().last_time());
  if (view.day() > last + putki::Days{14})
    report.notes.push_back("the orders end on " + putki::to_string(last) + ", " +
                           std::to_string((view.day() - last).count()) + " days before " +
                           putki::to_string(view.day()) + ": customers are taken not to have bought since");
}

inline putki::CustomerBaseOptions base_options(const ValueQuestion& question, double horizon, double days_per_unit) {
  return {.horizon = horizon,
          .annual_discount = question.annual_discount,
          .days_per_unit = days_per_unit,
          .seed = question.seed,
          .threads = 0,
          .progress = question.progress};
}

inline putki::CustomerSegmentsOptions segments_options(const ValueQuestion& question, double days_per_unit) {
  return {.annual_discount = question.annual_discount, .days_per_unit = days_per_unit, .seed = question.seed};
}

/// The value of an attribute that each customer has; nothing when none is asked for.
inline std::vector<std::string> segments_of(const putki::OrderLog& log, const std::string& by,
                                            const std::vector<putki::CustomerId>& customers) {
  std::vector<std::string> segments;
  if (by.empty()) return segments;
  const putki::Attribute& attribute = log.attribute(by);
  for (const putki::CustomerId customer : customers)
    segments.emplace_back(attribute.values[attribute.codes[putki::index(customer)]]);
  return segments;
}

template <class Model>
using Fit = Model (*)(const putki::CellCounts<typename Model::Customer>&, const putki::ValueFitOptions&);

/// What every purchase model is asked.
template <class Model>
void value_by(const putki::OrderLog& log, const std::vector<putki::CustomerId>& ids,
              const std::vector<putki::CustomerRecord<typename Model::Customer>>& records, Fit<Model> fit,
              double days_per_unit, const ValueQuestion& question, putki::CustomerValueReport& report) {
  report.as_of = question.as_of;
  report.annual_discount = question.annual_discount;
  putki::CellCounts<typename Model::Customer> cells;
  putki::CellCounts<putki::SpendCell> spend;
  for (const auto& record : records) {
    cells.add(record.cell);
    if (record.priced_repeats > 0) spend.add({record.priced_repeats, record.repeat_spend});
  }
  const Model model = fit(cells, {.days_per_unit = days_per_unit});
  report.parameters = model.fit();
  const auto spend_model = fit_spend(spend, report);
  if (question.segments != nullptr) {
    if (!spend_model) throw putki::NotEnoughData("what customers will spend cannot be told: " + report.notes.back());
    *question.segments = putki::segment_purchasers(fit, records, segments_of(log, question.by, ids),
                                                   segments_options(question, days_per_unit));
    return;
  }
  if (question.to_come != nullptr) {
    if (!spend_model) throw putki::NotEnoughData("what customers will spend cannot be told: " + report.notes.back());
    question.to_come->revenue = putki::CustomerRevenue::of_purchases(model, *spend_model, records, days_per_unit);
    return;
  }
  const putki::CustomerBaseOptions options = base_options(question, report.horizon, days_per_unit);
  report.base = putki::value_customer_base(model, records, spend_model, options);
  if (question.by.empty()) return;
  report.by = putki::value_segments(records, segments_of(log, question.by, ids), fit, options);
  report.by->attribute = question.by;
}

/// One model whose parameters the covariates move.
template <class Model>
void value_with_covariates(const putki::OrderLog& log, const std::vector<putki::CustomerId>& ids,
                           const std::vector<putki::CustomerRecord<putki::PurchaseCell>>& records,
                           const ValueQuestion& question, putki::CustomerValueReport& report) {
  report.as_of = question.as_of;
  report.annual_discount = question.annual_discount;
  const CovariateColumns columns = covariate_columns(log, question.covariates, ids);
  putki::CovariateStatistics customers(columns.names);
  putki::CellCounts<putki::SpendCell> spend;
  for (std::size_t c = 0; c < records.size(); ++c) {
    customers.add(records[c].cell, columns.of_customer[c]);
    if (records[c].priced_repeats > 0) spend.add({records[c].priced_repeats, records[c].repeat_spend});
  }
  const auto model = putki::fit_with_covariates<Model>(customers);
  report.parameters = model.base();
  report.covariates = putki::CovariateReport{model.effects(), *model.likelihood_ratio()};
  report.notes.insert(report.notes.end(), columns.notes.begin(), columns.notes.end());
  report.base = putki::value_customer_base(model, records, columns.of_customer, fit_spend(spend, report),
                                           base_options(question, report.horizon, 7));
}

/// BG/NBD, MBG/NBD, Pareto/NBD: time in weeks from the first order.
template <class Model>
putki::CustomerValueReport value_continuous(const putki::OrderView& view, const ValueQuestion& question,
                                            Fit<Model> fit) {
  std::vector<putki::CustomerId> ids;
  std::vector<putki::CustomerRecord<putki::PurchaseCell>> records;
  for (const putki::CustomerPurchases& customer : putki::customer_purchases(view)) {
    const putki::PurchaseHistory& history = customer.history;
    ids.push_back(customer.customer);
    records.push_back({std::string(view.log().customer_name(customer.customer)),
                       {history.repeats, history.recency_days, history.age_days},
                       history.priced_repeats,
                       history.repeat_spend,
                       customer.spent});
  }
  require_customers(view, !records.empty());
  putki::CustomerValueReport report;
  note_age_of_orders(view, report);
  report.horizon = question.horizon_days / 7.0;
  if (question.covariates.empty())
    value_by<Model>(view.log(), ids, records, fit, 7, question, report);
  else
    value_with_covariates<Model>(view.log(), ids, records, question, report);
  return report;
}

/// The horizon in whole periods, the nearest number of them, one at least.
inline void set_periods(const ValueQuestion& question, putki::CustomerValueReport& report) {
  report.time_unit = name_of(question.period);
  const double periods = question.horizon_days / days_of(question.period);
  report.horizon = std::max(1.0, std::round(periods));
  if (question.to_come == nullptr && question.segments == nullptr && std::abs(periods - report.horizon) > 0.1)
    report.notes.push_back("the horizon of " + counted(static_cast<std::uint64_t>(question.horizon_days), "day") +
                           " is taken as " + counted(static_cast<std::uint64_t>(report.horizon), report.time_unit));
}

/// BG/BB: a chance to buy in each whole period after the one of the first order.
inline putki::CustomerValueReport value_discrete(const putki::OrderView& view, const ValueQuestion& question) {
  const auto purchases = putki::customer_purchases(view);
  const auto opportunities = putki::customer_opportunities(view, question.period);
  require_customers(view, !purchases.empty());
  putki::CustomerValueReport report;
  note_age_of_orders(view, report);
  set_periods(question, report);
  std::vector<putki::CustomerId> ids;
  std::vector<putki::CustomerRecord<putki::OpportunityCell>> records;
  std::uint64_t without = 0;
  for (std::size_t c = 0; c < purchases.size(); ++c) {
    const putki::CustomerOpportunities& seen = opportunities[c];
    ids.push_back(seen.customer);
    without += seen.cell.opportunities == 0 ? 1 : 0;
    records.push_back({std::string(view.log().customer_name(seen.customer)), seen.cell, seen.priced_periods, seen.spend,
                       purchases[c].spent});
  }
  if (without > 0)
    report.notes.push_back(counted(without, "customer") + " first bought less than a whole " + report.time_unit +
                           " ago and tell nothing yet");
  value_by<putki::BgBb>(view.log(), ids, records, &putki::fit_bg_bb, days_of(question.period), question, report);
  return report;
}

/// sBG, beta-discrete-Weibull: contracts renewed at the end of each period.
template <class Model>
putki::CustomerValueReport value_contractual(const putki::OrderView& view, const ValueQuestion& question,
                                             Model (*fit)(const putki::TenureStatistics&,
                                                          const putki::ValueFitOptions&)) {
  const auto purchases = putki::customer_purchases(view);
  require_customers(view, !purchases.empty());
  const auto source = question.has_contract_ends ? putki::TenureSource::contract_ends : putki::TenureSource::renewals;
  const auto tenures = putki::customer_tenures(view, question.period, source);
  putki::CustomerValueReport report;
  report.contractual = true;
  report.as_of = question.as_of;
  report.annual_discount = question.annual_discount;
  if (!question.has_contract_ends) note_age_of_orders(view, report);
  set_periods(question, report);
  putki::TenureStatistics statistics;
  std::vector<putki::CustomerId> ids;
  std::vector<putki::ContractRecord> records;
  std::uint64_t ended = 0, back = 0;
  for (std::size_t c = 0; c < purchases.size(); ++c) {
    statistics.add(tenures[c].cell);
    ids.push_back(tenures[c].customer);
    ended += tenures[c].cell.ended ? 1 : 0;
    back += tenures[c].came_back ? 1 : 0;
    std::optional<double> fee;
    if (purchases[c].spent > putki::Money{0}) fee = purchases[c].spent.units() / tenures[c].periods_paid;
    // Renewals are due on anniversaries of the first order, by the calendar, which no month of average length follows;
    // in a period at most, though some months are longer.
    const double length = days_of(question.period);
    const putki::DayNumber next = tenures[c].next_renewal;
    std::optional<double> due;
    if (next != putki::kNoDay) due = std::min<double>(length, next - view.first_unknown_day() + 1);
    records.push_back({std::string(view.log().customer_name(purchases[c].customer)), tenures[c].cell, fee,
                       purchases[c].spent, due, tenures[c].has_left});
  }
  // A contract lapsed and taken up again is common; most of them is no contract.
  if (back * 10 > ended)
    report.notes.push_back(std::to_string(back) + " of " + std::to_string(ended) + " customers who let a " +
                           report.time_unit +
                           " pass without an order came back: these orders hardly show contracts; see bg_nbd, bg_bb");
  const Model model = fit(statistics, {});
  report.parameters = model.fit();
  const unsigned unseen = question.has_contract_ends ? 0 : 1;
  const double days = days_of(question.period);
  if (question.segments != nullptr) {
    *question.segments = putki::segment_contracts(fit, records, segments_of(view.log(), question.by, ids), unseen,
                                                  segments_options(question, days));
    return report;
  }
  if (question.to_come != nullptr) {
    double fees = 0, payers = 0;
    for (const putki::ContractRecord& record : records) {
      fees += record.fee.value_or(0);
      payers += record.fee ? 1 : 0;
    }
    question.to_come->revenue = putki::CustomerRevenue::of_contracts(model, records, unseen, days);
    question.to_come->fee = fees / payers;
    return report;
  }
  const auto options = base_options(question, report.horizon, days);
  report.base = putki::value_contracts(model, records, unseen, options);
  if (question.by.empty()) return report;
  report.by = putki::value_contract_segments(records, segments_of(view.log(), question.by, ids), fit, unseen, options);
  report.by->attribute = question.by;
  return report;
}

inline const std::vector<CustomerModel> kCustomerModels = {
    {"bg_nbd", "BG/NBD", ModelKind::continuous,
     [](const putki::OrderView& view, const ValueQuestion& question) {
       return value_continuous<putki::BgNbd>(view, question, &putki::fit_bg_nbd);
     }},
    {"mbg_nbd", "MBG/NBD", ModelKind::continuous,
     [](const putki::OrderView& view, const ValueQuestion& question) {
       return value_continuous<putki::MbgNbd>(view, question, &putki::fit_mbg_nbd);
     }},
    {"pareto_nbd", "Pareto/NBD", ModelKind::continuous,
     [](const putki::OrderView& view, const ValueQuestion& question) {
       return value_continuous<putki::ParetoNbd>(view, question, &putki::fit_pareto_nbd);
     }},
    {"bg_bb", "BG/BB", ModelKind::discrete, &value_discrete},
    {"sbg", "sBG", ModelKind::contractual,
     [](const putki::OrderView& view, const ValueQuestion& question) {
       return value_contractual(view, question, &putki::fit_sbg);
     }},
    {"bdw", "Beta-discrete-Weibull", ModelKind::contractual,
     [](const putki::OrderView& view, const ValueQuestion& question) {
       return value_contractual(view, question, &putki::fit_beta_discrete_weibull);
     }},
};

inline std::string customer_model_help() {
  std::string names;
  for (const CustomerModel& model : kCustomerModels) names += (names.empty() ? "" : ", ") + std::string(model.name);
  return "One of " + names +
         ". Without a contract, customers fall silent: bg_nbd, mbg_nbd (also after the first order), pareto_nbd (at "
         "any "
         "time), bg_bb (one chance to buy in each period). Under contract they renew or leave: sbg, bdw";
}

inline const CustomerModel& customer_model(const std::string& name, const std::string& option = "--model") {
  std::string names;
  for (const CustomerModel& model : kCustomerModels) {
    if (name == model.name) return model;
    names += (names.empty() ? "" : ", ") + std::string(model.name);
  }
  throw putki::InvalidArgument(option + " is '" + name + "'; allowed are " + names);
}

/// Options that the model would not heed are refused.
inline void check_question(const CustomerModel& model, const ValueQuestion& question, const std::string& period,
                           const std::string& period_option = "--period") {
  if (!period.empty() && model.kind == ModelKind::continuous)
    throw putki::InvalidArgument(period_option + " is for bg_bb, sbg and bdw; " + std::string(model.name) +
                                 " has no periods, its time is continuous");
  if (question.has_contract_ends && model.kind != ModelKind::contractual)
    throw putki::InvalidArgument("--contract-end is for sbg and bdw; " + std::string(model.name) +
                                 " is for customers who leave without saying so");
  if (!question.covariates.empty() && model.kind != ModelKind::continuous)
    throw putki::InvalidArgument("--covariate is for bg_nbd, mbg_nbd and pareto_nbd; with " + std::string(model.name) +
                                 " see --by");
  if (!question.covariates.empty() && !question.by.empty())
    throw putki::InvalidArgument(
        "--by gives each value a model of its own, --covariate moves the parameters of one: give one of the two");
}

}  // namespace example
