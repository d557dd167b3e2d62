#include <putki/report/value_report.hpp>

#include <fmt/format.h>

#include "report/json.hpp"
#include "report/text_table.hpp"

#include <algorithm>
#include <cmath>
#include <ostream>

namespace putki {
namespace {

constexpr std::size_t kMostRetentionRows = 24;

std::optional<double> error_of(const ParameterFit& fit, std::size_t i) {
  return i < fit.std_errors.size() ? std::optional(fit.std_errors[i]) : std::nullopt;
}

std::optional<Interval> limits_of(const ParameterFit& fit, std::size_t i) {
  return i < fit.log_covariance.rows() ? std::optional(fit.interval(i)) : std::nullopt;
}

Json parameters_json(const ParameterFit& fit) {
  Json parameters = Json::object();
  for (std::size_t i = 0; i < fit.values.size(); ++i) {
    const auto limits = limits_of(fit, i);
    parameters[fit.names[i]] = {{"value", fit.values[i]},
                                {"std_error", number_or_null(error_of(fit, i))},
                                {"lower", limits ? Json(limits->lower) : Json(nullptr)},
                                {"upper", limits ? Json(limits->upper) : Json(nullptr)}};
  }
  return parameters;
}

// Of a total that was not drawn there are none.
std::optional<Interval> limits_of(const ValueTotal& total) {
  return total.sample.empty() ? std::nullopt : std::optional(total.interval(0.8));
}

Json total_json(const ValueTotal& total) {
  const auto limits = limits_of(total);
  return {{"mean", total.expected},
          {"q10", limits ? Json(limits->lower) : Json(nullptr)},
          {"q90", limits ? Json(limits->upper) : Json(nullptr)}};
}

std::string number_text(double value) {
  return std::isfinite(value) ? fmt::format("{:.5g}", value) : "-";
}

void write_parameters(std::ostream& out, const ParameterFit& fit) {
  using enum TextTable::Align;
  TextTable table({left, right, right, right});
  table.row({"Parameter", "Value", "Std error", "95 % limits"});
  table.rule();
  for (std::size_t i = 0; i < fit.values.size(); ++i) {
    const auto error = error_of(fit, i);
    const auto limits = limits_of(fit, i);
    table.row({fit.names[i], fmt::format("{:.4f}", fit.values[i]), error ? number_text(*error) : "-",
               limits ? number_text(limits->lower) + " - " + number_text(limits->upper) : "-"});
  }
  table.write(out);
  out << fmt::format("Log-likelihood {:.4f}{}\n", fit.info.log_likelihood,
                     fit.info.converged ? "" : "; the fit did not converge");
}

Json covariates_json(const CovariateReport& covariates) {
  Json effects = Json::array();
  for (const CovariateEffect& effect : covariates.effects) {
    const Interval limits = effect.interval();
    effects.push_back({{"covariate", effect.covariate},
                       {"parameter", effect.parameter},
                       {"value", effect.value},
                       {"std_error", number_or_null(effect.std_error)},
                       {"lower", effect.std_error ? Json(limits.lower) : Json(nullptr)},
                       {"upper", effect.std_error ? Json(limits.upper) : Json(nullptr)},
                       {"p_value", effect.std_error ? Json(effect.p_value()) : Json(nullptr)}});
  }
  return effects;
}

std::string p_value_text(double p) {
  return p < 0.0001 ? "< 0.0001" : fmt::format("{:.4f}", p);
}

std::string effect_text(double value) {
  return fmt::format("{:.3g}", value);
}

void write_effects(std::ostream& out, const CovariateReport& covariates) {
  using enum TextTable::Align;
  TextTable table({left, left, right, right, right, right});
  table.row({"Covariate", "On", "Effect", "Std error", "95 % limits", "p"});
  table.rule();
  bool beta = false;
  for (const CovariateEffect& effect : covariates.effects) {
    const Interval limits = effect.interval();
    beta = beta || effect.parameter == "beta";
    table.row({shortened(effect.covariate, 16), effect.parameter, effect_text(effect.value),
               effect.std_error ? effect_text(*effect.std_error) : "-",
               effect.std_error ? effect_text(limits.lower) + " to " + effect_text(limits.upper) : "-",
               effect.std_error ? p_value_text(effect.p_value()) : "-"});
  }
  out << "\nEffects of one unit of a covariate; above are the parameters where all are 0:\n\n";
  table.write(out);
  out << "Above 0: on alpha buys more often, "
      << (beta ? "on beta leaves sooner\n" : "on a leaves sooner, on b stays longer\n");
  const EffectTest& test = covariates.likelihood_ratio;
  out << fmt::format("Against none: chi-square {:.2f}, {} degrees of freedom, p {}\n", test.chi_square,
                     test.degrees_of_freedom, p_value_text(test.p_value));
}

Json segments_json(const SegmentValues& by) {
  Json segments = Json::array();
  for (const SegmentValue& segment : by.segments) {
    segments.push_back(
        {{"segment", segment.segment},
         {"customers", segment.customers},
         {"repeat_buyers", segment.repeat_buyers},
         {"parameters", parameters_json(segment.parameters)},
         {"repeat_purchases", total_json(segment.purchases)},
         {"residual_value", segment.residual_value ? total_json(*segment.residual_value) : Json(nullptr)},
         {"newcomer",
          {{"expected_repeat_purchases", segment.newcomer_purchases},
           {"expected_spend", number_or_null(segment.newcomer_spend)},
           {"value", number_or_null(segment.newcomer_value)}}}});
  }
  return {{"attribute", by.attribute},
          {"pooled_customers", std::isfinite(by.pooled_customers) ? Json(by.pooled_customers) : Json(nullptr)},
          {"segments", segments}};
}

Json retention_json(const std::vector<RetentionPoint>& retention) {
  Json points = Json::array();
  for (const RetentionPoint& point : retention) {
    points.push_back({{"renewal", point.renewal},
                      {"kaplan_meier", point.kaplan_meier},
                      {"lower", point.limits.lower},
                      {"upper", point.limits.upper},
                      {"model", point.model}});
  }
  return points;
}

// Long curves by every second, third, .. renewal.
void write_retention(std::ostream& out, const std::vector<RetentionPoint>& retention) {
  using enum TextTable::Align;
  TextTable table({right, right, right, right});
  table.row({"Renewals", "Kaplan-Meier", "95 % limits", "Model"});
  table.rule();
  const std::size_t step = (retention.size() + kMostRetentionRows - 1) / kMostRetentionRows;
  for (std::size_t n = 0; n < retention.size(); ++n) {
    if ((n + 1) % step != 0 && n + 1 != retention.size()) continue;
    const RetentionPoint& point = retention[n];
    table.row({std::to_string(point.renewal), percent(point.kaplan_meier, 1),
               fmt::format("{:.1f} - {:.1f} %", 100 * point.limits.lower, 100 * point.limits.upper),
               percent(point.model, 1)});
  }
  out << "\nContracts with so many renewals or more, as seen (no model) and by the model:\n\n";
  table.write(out);
}

void write_value_segments(std::ostream& out, const CustomerValueReport& report, const SegmentValues& by) {
  using enum TextTable::Align;
  TextTable table({left, right, right, right, right, right, right});
  table.row({shortened(by.attribute, 20), "Customers", report.contractual ? "Renewed" : "Again",
             fmt::format("Next {:g}", report.horizon), "Residual", fmt::format("New: {:g}", report.horizon),
             "New: value"});
  table.rule();
  for (const SegmentValue& segment : by.segments) {
    const auto customers = static_cast<double>(segment.customers);
    table.row({segment.segment.empty() ? "unknown" : shortened(segment.segment, 20), with_commas(customers),
               percent(static_cast<double>(segment.repeat_buyers) / customers, 0),
               with_commas(segment.purchases.expected),
               segment.residual_value ? with_commas(segment.residual_value->expected) : "-",
               fmt::format("{:.2f}", segment.newcomer_purchases),
               segment.newcomer_value && std::isfinite(*segment.newcomer_value)
                   ? fmt::format("{:.2f}", *segment.newcomer_value)
                   : "-"});
  }
  std::string heading = "By " + by.attribute + ", each with a model of its own";
  heading += std::isinf(by.pooled_customers)
                 ? "; no difference between them lasts:"
                 : fmt::format(
                       " that leans on the others as on {:g} customers more; what they are worth need not add "
                       "up to all:",
                       by.pooled_customers);
  out << '\n' << wrapped(heading) << '\n';
  table.write(out);
  out << (report.contractual ? "New: renewals of a new customer to be expected, and all periods' worth\n"
                             : "New: a new customer's repeat purchases to be expected, and all purchases' worth\n");
}

// What ranks customers: money where it is known, else purchases.
double customer_worth(const CustomerValue& customer) {
  return customer.residual_value.value_or(customer.expected_purchases);
}

void write_customers(std::ostream& out, const CustomerValueReport& report,
                     const std::vector<const CustomerValue*>& customers) {
  using enum TextTable::Align;
  const bool money = report.base.residual_value.has_value();
  std::vector<TextTable::Align> columns(money ? 9 : 6, right);
  columns.front() = left;
  TextTable table(columns);
  std::vector<std::string> headings{"Customer", report.contractual ? "Renewed" : "Repeats", "Age"};
  if (!report.contractual) headings.emplace_back("Silent");
  headings.insert(headings.end(), {"Alive", fmt::format("Next {:g}", report.horizon)});
  if (money) headings.insert(headings.end(), {"Spent", report.contractual ? "Fee" : "Basket", "Residual"});
  table.row(headings);
  table.rule();
  for (const CustomerValue* customer : customers) {
    std::vector<std::string> cells{shortened(customer->customer, 18), with_commas(customer->repeats),
                                   fmt::format("{:.1f}", customer->age)};
    if (!report.contractual) cells.push_back(fmt::format("{:.1f}", customer->age - customer->recency));
    cells.push_back(percent(customer->probability_alive, 0));
    cells.push_back(fmt::format("{:.2f}", customer->expected_purchases));
    if (money) {
      cells.push_back(with_commas(customer->spent.units()));
      cells.push_back(customer->expected_spend ? fmt::format("{:.2f}", *customer->expected_spend) : "-");
      cells.push_back(customer->residual_value ? with_commas(*customer->residual_value) : "-");
    }
    table.row(cells);
  }
  table.write(out);
}

std::string units_text(const CustomerValueReport& report) {
  return fmt::format("{:g} {}{}", report.horizon, report.time_unit, report.horizon == 1 ? "" : "s");
}

}  // namespace

std::string to_json(const CustomerValueReport& report, const InputSummary& input) {
  Json fit = Json::array(), detail = Json::array();
  for (const CountFit& line : report.base.fit) {
    fit.push_back(
        {{"count", line.count}, {"or_more", line.or_more}, {"observed", line.observed}, {"expected", line.expected}});
  }
  for (const CustomerValue& customer : report.base.customers) {
    detail.push_back({{"customer", customer.customer},
                      {"x", customer.repeats},
                      {"t_x", customer.recency},
                      {"T", customer.age},
                      {"spent", customer.spent.units()},
                      {"probability_alive", customer.probability_alive},
                      {"expected_repeat_purchases", customer.expected_purchases},
                      {"expected_spend", number_or_null(customer.expected_spend)},
                      {"residual_value", number_or_null(customer.residual_value)}});
  }
  std::vector<std::string> warnings = report.parameters.info.warnings;
  if (report.spend_parameters) {
    const auto& more = report.spend_parameters->info.warnings;
    warnings.insert(warnings.end(), more.begin(), more.end());
  }
  warnings.insert(warnings.end(), report.notes.begin(), report.notes.end());
  Json json{{"model", report.model},
            {"as_of", to_string(report.as_of)},
            {"time_unit", report.time_unit},
            {"horizon", report.horizon},
            {"discount", report.annual_discount},
            {"customers", report.base.customers.size()},
            {"repeat_buyers", report.base.repeat_buyers},
            {"parameters", parameters_json(report.parameters)},
            {"log_likelihood", report.parameters.info.log_likelihood},
            {"converged", report.parameters.info.converged},
            {"warnings", warnings}};
  json["covariates"] = report.covariates ? covariates_json(*report.covariates) : Json::array();
  json["covariates_test"] = nullptr;
  if (report.covariates) {
    const EffectTest& test = report.covariates->likelihood_ratio;
    json["covariates_test"] = {
        {"chi_square", test.chi_square}, {"degrees_of_freedom", test.degrees_of_freedom}, {"p_value", test.p_value}};
  }
  json["spend_parameters"] = report.spend_parameters ? parameters_json(*report.spend_parameters) : Json(nullptr);
  json["fit"] = fit;
  json["retention"] = report.contractual ? retention_json(report.base.retention) : Json(nullptr);
  json["expected_repeat_purchases"] = report.base.purchases.expected;
  json["repeat_purchases"] = total_json(report.base.purchases);
  json["residual_value"] = report.base.residual_value ? total_json(*report.base.residual_value) : Json(nullptr);
  json["customers_detail"] = detail;
  json["by"] = report.by ? segments_json(*report.by) : Json(nullptr);
  json["rows_read"] = input.rows_read;
  json["rows_used"] = input.rows_used;
  json["findings"] = findings_json(input.findings);
  json["notes"] = findings_json(input.notes);
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

void write_tables(std::ostream& out, const CustomerValueReport& report, std::size_t listed) {
  using enum TextTable::Align;
  const CustomerBaseValue& base = report.base;
  const auto counted = [](double count) { return with_commas(count); };
  out << counted(static_cast<double>(base.customers.size()))
      << (base.customers.size() == 1 ? " customer" : " customers") << " known on " << to_string(report.as_of) << ", "
      << counted(static_cast<double>(base.repeat_buyers))
      << (report.contractual ? " of them renewed\n" : " of them bought again\n");
  const auto some = [&](double count) { return count < 20 ? fmt::format("{:.1f}", count) : counted(count); };
  const std::string things = report.contractual ? "renewals" : "repeat purchases";
  const auto limits_text = [](const ValueTotal& total, auto&& text) {
    const auto limits = limits_of(total);
    return limits ? fmt::format(", 80 % interval {} to {}", text(limits->lower), text(limits->upper)) : "";
  };
  out << fmt::format("Next {}: {} {} expected{}\n", units_text(report), some(base.purchases.expected), things,
                     limits_text(base.purchases, some));
  if (base.residual_value) {
    out << wrapped(fmt::format("Residual value of all, at {} a year: {}{}", percent(report.annual_discount, 0),
                               counted(base.residual_value->expected), limits_text(*base.residual_value, counted)),
                   2);
  } else {
    out << "Residual value: not known without amounts of repeat purchases\n";
  }

  out << '\n' << report.model_name << ", time in " << report.time_unit << "s from the first order\n\n";
  write_parameters(out, report.parameters);
  if (report.covariates) write_effects(out, *report.covariates);
  if (report.spend_parameters) {
    out << "\nSpend per purchase, Gamma-Gamma\n\n";
    write_parameters(out, *report.spend_parameters);
  }

  TextTable fit({right, right, right});
  fit.row({report.contractual ? "Ended after" : "Repeats", "Observed", "Expected"});
  fit.rule();
  for (const CountFit& line : base.fit) {
    fit.row({std::to_string(line.count) + (line.or_more ? "+" : ""), counted(line.observed),
             fmt::format("{:.1f}", line.expected)});
  }
  out << (report.contractual ? "\nContracts ended after so many " + report.time_unit + "s:\n\n"
                             : "\nCustomers by repeat purchases until then:\n\n");
  fit.write(out);
  if (!report.base.retention.empty()) write_retention(out, report.base.retention);
  if (report.by) write_value_segments(out, report, *report.by);

  std::vector<const CustomerValue*> best, slipping;
  for (const CustomerValue& customer : base.customers) {
    if (customer_worth(customer) > 0) best.push_back(&customer);
    if (customer.probability_alive >= 0.1 && customer.probability_alive < 0.5) slipping.push_back(&customer);
  }
  const auto rank = [&](std::vector<const CustomerValue*>& customers, auto&& score) {
    std::stable_sort(customers.begin(), customers.end(),
                     [&](const CustomerValue* a, const CustomerValue* b) { return score(*a) > score(*b); });
    customers.resize(std::min(customers.size(), listed));
  };
  rank(best, customer_worth);
  if (!best.empty()) {
    out << "\nThe best customers, by " << (base.residual_value ? "residual value" : things + " to come") << ":\n\n";
    write_customers(out, report, best);
  }
  if (report.contractual) return;
  // What they would be worth if they were still here, times the chance that they are not.
  rank(slipping, [](const CustomerValue& customer) {
    return customer_worth(customer) * (1 - customer.probability_alive) / customer.probability_alive;
  });
  if (slipping.empty()) {
    out << "\nNobody is slipping away: no customer is alive with a chance of 10 to 50 %\n";
  } else {
    out << "\nSlipping away: less likely alive than not, by what would be lost with them:\n\n";
    write_customers(out, report, slipping);
  }
}

}  // namespace putki
