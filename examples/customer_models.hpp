#pragma once
// The models of customer_value: each fitted to the orders known at a day, and the customers valued by it.

#include <putki/putki.hpp>

#include "command_line.hpp"

#include <cmath>
#include <map>
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

/// Calls f(value, customers) for each value of the attribute that a customer has, in byte order; customers are places
/// in `ids`.
template <class F>
void for_each_segment(const putki::OrderLog& log, const std::string& by, const std::vector<putki::CustomerId>& ids,
                      F&& f) {
  const putki::Attribute& attribute = log.attribute(by);
  std::map<std::string, std::vector<std::size_t>> segments;
  for (std::size_t c = 0; c < ids.size(); ++c)
    segments[attribute.values[attribute.codes[putki::index(ids[c])]]].push_back(c);
  for (const auto& [value, customers] : segments) f(value, customers);
}

inline putki::SegmentValue segment_value(const std::string& name, const putki::CustomerBaseValue& base,
                                         const putki::ParameterFit& parameters) {
  return {.segment = name,
          .customers = base.customers.size(),
          .repeat_buyers = base.repeat_buyers,
          .parameters = parameters,
          .purchases = base.purchases,
          .residual_value = base.residual_value};
}

/// Segments of purchasers.
template <class Cell, class Fit>
putki::SegmentValues value_segments(const putki::OrderLog& log, const std::vector<putki::CustomerId>& ids,
                                    const std::vector<putki::CustomerRecord<Cell>>& records, const Fit& fit,
                                    bool has_spend, double days_per_unit, const ValueQuestion& question,
                                    double horizon) {
  std::vector<std::string> names;
  std::vector<std::vector<putki::CustomerRecord<Cell>>> members;
  std::vector<putki::CellCounts<Cell>> cells;
  std::vector<putki::CellCounts<putki::SpendCell>> spend;
  for_each_segment(log, question.by, ids, [&](const std::string& value, const std::vector<std::size_t>& customers) {
    names.push_back(value);
    members.emplace_back();
    cells.emplace_back();
    spend.emplace_back();
    for (const std::size_t c : customers) {
      members.back().push_back(records[c]);
      cells.back().add(records[c].cell);
      if (records[c].priced_repeats > 0) spend.back().add({records[c].priced_repeats, records[c].repeat_spend});
    }
  });
  const auto models = putki::fit_segments(cells, fit, question.seed);
  std::optional<putki::SegmentModels<putki::GammaGamma>> spends;
  if (has_spend)
    spends = putki::fit_segments(
        spend, [](const putki::CellCounts<putki::SpendCell>& some) { return putki::fit_gamma_gamma(some); },
        question.seed);
  const bool discrete = std::is_same_v<Cell, putki::OpportunityCell>;
  const double continuous = putki::rate_per_unit(question.annual_discount, days_per_unit);
  putki::SegmentValues by{question.by, models.pooled_customers, {}};
  for (std::size_t s = 0; s < names.size(); ++s) {
    const auto& model = models.models[s];
    const std::optional<putki::GammaGamma> amounts = spends ? std::optional(spends->models[s]) : std::nullopt;
    const auto base =
        putki::value_customer_base(model, members[s], amounts, base_options(question, horizon, days_per_unit));
    putki::SegmentValue& segment = by.segments.emplace_back(segment_value(names[s], base, model.fit()));
    segment.newcomer_purchases = model.expected_purchases(horizon);
    if (!amounts) continue;
    segment.newcomer_spend = amounts->expected_spend();
    segment.newcomer_value =
        *segment.newcomer_spend * (1 + model.discounted_purchases(discrete ? std::expm1(continuous) : continuous));
  }
  return by;
}

/// Segments of customers under contract; fees are averages of each.
template <class Fit>
putki::SegmentValues value_contract_segments(const putki::OrderLog& log, const std::vector<putki::CustomerId>& ids,
                                             const std::vector<putki::ContractRecord>& records, const Fit& fit,
                                             unsigned unseen, double days_per_unit, const ValueQuestion& question,
                                             double horizon) {
  std::vector<std::string> names;
  std::vector<std::vector<putki::ContractRecord>> members;
  std::vector<putki::TenureStatistics> cells;
  for_each_segment(log, question.by, ids, [&](const std::string& value, const std::vector<std::size_t>& customers) {
    names.push_back(value);
    members.emplace_back();
    cells.emplace_back();
    for (const std::size_t c : customers) {
      members.back().push_back(records[c]);
      cells.back().add(records[c].cell);
    }
  });
  const auto models = putki::fit_segments(cells, fit, question.seed);
  const double rate = std::expm1(putki::rate_per_unit(question.annual_discount, days_per_unit));
  putki::SegmentValues by{question.by, models.pooled_customers, {}};
  for (std::size_t s = 0; s < names.size(); ++s) {
    const auto& model = models.models[s];
    const auto base = putki::value_contracts(model, members[s], unseen, base_options(question, horizon, days_per_unit));
    putki::SegmentValue& segment = by.segments.emplace_back(segment_value(names[s], base, model.fit()));
    segment.newcomer_purchases = model.expected_renewals(0, horizon);
    if (!base.residual_value) continue;
    double fees = 0;
    for (const putki::CustomerValue& customer : base.customers) fees += *customer.expected_spend;
    segment.newcomer_spend = fees / static_cast<double>(base.customers.size());
    segment.newcomer_value = *segment.newcomer_spend * model.discounted_periods(rate);
  }
  return by;
}

/// Each customer's value of the attribute asked for; empty when none was.
inline std::vector<std::string> segment_names(const putki::OrderLog& log, const std::vector<putki::CustomerId>& ids,
                                              const std::string& by) {
  std::vector<std::string> names;
  if (by.empty()) return names;
  const putki::Attribute& attribute = log.attribute(by);
  for (const putki::CustomerId id : ids) names.push_back(attribute.values[attribute.codes[putki::index(id)]]);
  return names;
}

inline putki::CustomerSegmentsOptions segments_options(const ValueQuestion& question, double days_per_unit) {
  return {.annual_discount = question.annual_discount, .days_per_unit = days_per_unit, .seed = question.seed};
}

/// What every purchase model is asked.
template <class Cell, class Model>
void value_by(const putki::OrderLog& log, const std::vector<putki::CustomerId>& ids,
              const std::vector<putki::CustomerRecord<Cell>>& records,
              Model (*fit_model)(const putki::CellCounts<Cell>&, const putki::ValueFitOptions&), double days_per_unit,
              const ValueQuestion& question, putki::CustomerValueReport& report) {
  const auto fit = [&](const putki::CellCounts<Cell>& some) { return fit_model(some, {}); };
  report.as_of = question.as_of;
  report.annual_discount = question.annual_discount;
  putki::CellCounts<Cell> cells;
  putki::CellCounts<putki::SpendCell> spend;
  for (const auto& record : records) {
    cells.add(record.cell);
    if (record.priced_repeats > 0) spend.add({record.priced_repeats, record.repeat_spend});
  }
  const auto model = fit(cells);
  report.parameters = model.fit();
  const auto spend_model = fit_spend(spend, report);
  if (question.segments != nullptr) {
    if (!spend_model) throw putki::NotEnoughData("what customers will spend cannot be told: " + report.notes.back());
    *question.segments = putki::segment_purchasers(fit_model, records, segment_names(log, ids, question.by),
                                                   segments_options(question, days_per_unit));
    return;
  }
  if (question.to_come != nullptr) {
    if (!spend_model) throw putki::NotEnoughData("what customers will spend cannot be told: " + report.notes.back());
    question.to_come->revenue = putki::CustomerRevenue::of_purchases(model, *spend_model, records, days_per_unit);
    return;
  }
  report.base =
      putki::value_customer_base(model, records, spend_model, base_options(question, report.horizon, days_per_unit));
  if (!question.by.empty())
    report.by =
        value_segments(log, ids, records, fit, spend_model.has_value(), days_per_unit, question, report.horizon);
}

/// BG/NBD, MBG/NBD, Pareto/NBD: time in weeks from the first order.
template <class Model>
putki::CustomerValueReport value_continuous(const putki::OrderView& view, const ValueQuestion& question,
                                            Model (*fit)(const putki::CellCounts<putki::PurchaseCell>&,
                                                         const putki::ValueFitOptions&)) {
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
  value_by(view.log(), ids, records, fit, 7, question, report);
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
  value_by(view.log(), ids, records, &putki::fit_bg_bb, days_of(question.period), question, report);
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
    // Renewals are due so many whole periods after the first order.
    const double length = days_of(question.period), age = purchases[c].history.age_days;
    records.push_back({std::string(view.log().customer_name(purchases[c].customer)), tenures[c].cell, fee,
                       purchases[c].spent, length - std::fmod(age, length)});
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
    *question.segments = putki::segment_contracts(fit, records, segment_names(view.log(), ids, question.by), unseen,
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
  report.base = putki::value_contracts(model, records, unseen, base_options(question, report.horizon, days));
  if (!question.by.empty())
    report.by = value_contract_segments(
        view.log(), ids, records, [&](const putki::TenureStatistics& cells) { return fit(cells, {}); }, unseen, days,
        question, report.horizon);
  return report;
}

inline const std::vector<CustomerModel> kCustomerModels = {
    {"bg_nbd", "BG/NBD", ModelKind::continuous,
     [](const putki::OrderView& view, const ValueQuestion& question) {
       return value_continuous(view, question, &putki::fit_bg_nbd);
     }},
    {"mbg_nbd", "MBG/NBD", ModelKind::continuous,
     [](const putki::OrderView& view, const ValueQuestion& question) {
       return value_continuous(view, question, &putki::fit_mbg_nbd);
     }},
    {"pareto_nbd", "Pareto/NBD", ModelKind::continuous,
     [](const putki::OrderView& view, const ValueQuestion& question) {
       return value_continuous(view, question, &putki::fit_pareto_nbd);
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
}

}  // namespace example
