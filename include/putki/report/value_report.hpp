#pragma once
/// \file
/// What customers are worth, for people (tables of at most 80 columns) and for programs (JSON).
///
/// Output is UTF-8 and does not depend on the locale. What is absent (a standard error that the data do not decide,
/// money where no amounts are known) is null in JSON and "-" in tables.

#include <putki/report/funnel_report.hpp>
#include <putki/value/segment_values.hpp>

#include <iosfwd>
#include <string>

namespace putki {

/// A valued customer base with what was asked, to be printed.
struct CustomerValueReport {
  std::string model;         ///< "bg_nbd", .., as programs name it
  std::string model_name;    ///< "BG/NBD", .., as people do
  bool contractual = false;  ///< customers under contract: x are renewals, the fit is by periods of the contract
  Day as_of{};
  std::string time_unit = "week";  ///< one unit of the model's time
  double horizon = 0;              ///< in such units
  double annual_discount = 0;
  ParameterFit parameters;
  std::optional<ParameterFit> spend_parameters;
  CustomerBaseValue base;
  std::optional<SegmentValues> by;
  std::vector<std::string> notes;  ///< lines for a person, besides the fits' own warnings
};

/// `{"model", "as_of", "time_unit", "horizon", "discount", "customers", "repeat_buyers",
///   "parameters": {"r": {"value", "std_error", "lower", "upper"}, ..}, "log_likelihood", "converged", "warnings",
///   "spend_parameters": {..} or null, "fit": [{"count", "or_more", "observed", "expected"}],
///   "retention": null or, of contracts, [{"renewal", "kaplan_meier", "lower", "upper", "model"}],
///   "expected_repeat_purchases", "repeat_purchases": {"mean", "q10", "q90"},
///   "residual_value": {"mean", "q10", "q90"} or null,
///   "customers_detail": [{"customer", "x", "t_x", "T", "spent", "probability_alive", "expected_repeat_purchases",
///                         "expected_spend", "residual_value"}],
///   "by": null or {"attribute", "pooled_customers" (null: segments do not differ), "segments": [{"segment",
///          "customers", "repeat_buyers", "parameters", "repeat_purchases", "residual_value",
///          "newcomer": {"expected_repeat_purchases", "expected_spend", "value"}}]},
///   "rows_read", "rows_used", "findings": [{"rule", "count"}], "notes": [{"rule", "count"}]}`
/// Parameters by the names of their paper; lower and upper are 95 % limits. Customers in the order of the input.
std::string to_json(const CustomerValueReport& report, const InputSummary& input = {});

/// Totals with their 80 % interval, parameters, fit against the data, retention of contracts, segments, the best
/// customers, those slipping away. `listed`: rows of the lists of customers.
void write_tables(std::ostream& out, const CustomerValueReport& report, std::size_t listed = 10);

}  // namespace putki
