#include <putki/report/pipeline_value_report.hpp>

#include "report/worth_text.hpp"

#include <algorithm>
#include <ostream>

namespace putki {
namespace {

Json worth_json(const ForecastTotal& total) {
  return {{"expected", total.expected}, {"mean", total.mean},         {"sd", total.sd},
          {"q10", total.quantile(0.1)}, {"q50", total.quantile(0.5)}, {"q90", total.quantile(0.9)}};
}

Json won_json(const WonValue& won) {
  return {{"wins", won.wins},
          {"sales", worth_json(won.sales)},
          {"later", worth_json(won.later)},
          {"total", worth_json(won.total)}};
}

// `, of which 40 % is what their customers buy later`
std::string share_of_later(const WonValue& won) {
  if (!(won.total.expected > 0)) return "";
  return ", of which " + percent(won.later.expected / won.total.expected, 0) + " is what their customers buy later";
}

}  // namespace

std::string to_json(const PipelineValue& value) {
  const Json json{{"as_of", to_string(value.as_of)},
                  {"horizon_days", value.horizon_days},
                  {"discount", value.annual_discount},
                  {"margin", margin_json(value.margin)},
                  {"value_is", value_is(value.margin)},
                  {"open_deals", value.open_deals},
                  {"customers", value.customer_count},
                  {"parts",
                   {{"open", won_json(value.open)},
                    {"not_yet_created", won_json(value.not_yet_created)},
                    {"customers", worth_json(value.customers)}}},
                  {"total", worth_json(value.total)}};
  return json.dump(2);
}

void write_tables(std::ostream& out, const PipelineValue& value) {
  using enum TextTable::Align;
  const bool one = value.open_deals == 1;
  out << wrapped(
      fmt::format("The {} {} worth {}{}; deals still to be created within {}, {}{}; the {} of today, {}. Together {}.",
                  counted(static_cast<double>(value.open_deals), "open deal"), one ? "is" : "are",
                  money_in_words(value.open.total.expected), share_of_later(value.open),
                  counted(value.horizon_days, "day"), money_in_words(value.not_yet_created.total.expected),
                  share_of_later(value.not_yet_created), counted(static_cast<double>(value.customer_count), "customer"),
                  money_in_words(value.customers.expected), money_in_words(value.total.expected)));
  out << wrapped(
      fmt::format("{} worth on {}, discounted at {:.4g} % a year; deals won within {} and all that their "
                  "customers buy afterwards.",
                  kind_of_value(value.margin), to_string(value.as_of), 100 * value.annual_discount,
                  counted(value.horizon_days, "day")));
  const double unit = money_unit(std::max(value.total.expected, value.total.quantile(0.9)), 1e9);
  TextTable table({left, right, right, right, right});
  table.row({"Part", "Expected", "10 %", "50 %", "90 %"});
  table.rule();
  const auto row = [&](const std::string& name, const ForecastTotal& total) {
    table.row({name, with_commas(total.expected / unit), with_commas(total.quantile(0.1) / unit),
               with_commas(total.quantile(0.5) / unit), with_commas(total.quantile(0.9) / unit)});
  };
  const auto rows = [&](const std::string& name, const WonValue& won) {
    row(fmt::format("{}, {:.1f} won", name, won.wins), won.total);
    row("  sales", won.sales);
    row("  later purchases", won.later);
  };
  out << '\n';
  rows("Open deals", value.open);
  rows("Not yet created", value.not_yet_created);
  row("Customers of today", value.customers);
  table.rule();
  row("Together", value.total);
  table.write(out);
  out << fmt::format("\n10, 50, 90 %: points of {} joint draws; parts' points do not add up.\n",
                     with_commas(static_cast<double>(value.total.sample.size())));
  if (unit > 1) out << "In units of " << with_commas(unit) << ".\n";
}

}  // namespace putki
