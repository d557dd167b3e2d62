#include <putki/report/lead_value_report.hpp>

#include "report/worth_text.hpp"

#include <algorithm>
#include <ostream>

namespace putki {
namespace {

struct LeadSums {
  double value = 0, later = 0;
};

LeadSums sums_of(const LeadValues& values) {
  LeadSums sums;
  for (const LeadValue& lead : values.leads) {
    sums.value += lead.value();
    sums.later += lead.value_of_later;
  }
  return sums;
}

}  // namespace

std::string to_json(const LeadValues& values, const StageGraph& graph) {
  Json leads = Json::array();
  for (const LeadValue& lead : values.leads)
    leads.push_back({{"deal", lead.name},
                     {"stage", graph.stage(lead.stage).name},
                     {"age_days", lead.age_days},
                     {"segment", lead.segment},
                     {"valued_as", lead.valued_as.empty() ? Json(nullptr) : Json(lead.valued_as)},
                     {"amount", number_or_null(lead.amount)},
                     {"chance_within", lead.chance_within},
                     {"chance_ever", lead.chance_ever},
                     {"days_to_win", number_or_null(lead.days_to_win)},
                     {"sale", lead.sale},
                     {"later", lead.later},
                     {"value_of_sale", lead.value_of_sale},
                     {"value_of_later", lead.value_of_later},
                     {"value", lead.value()},
                     {"value_within", lead.value_within},
                     {"rank_by_size", lead.rank_by_size},
                     {"rank_by_value", lead.rank_by_value}});
  const LeadSums sums = sums_of(values);
  const Json json{{"as_of", to_string(values.as_of)},    {"horizon_days", values.horizon_days},
                  {"discount", values.annual_discount},  {"margin", margin_json(values.margin)},
                  {"value_is", value_is(values.margin)}, {"value", sums.value},
                  {"value_of_later", sums.later},        {"leads", leads}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

void write_tables(std::ostream& out, const LeadValues& values, const StageGraph& graph, std::size_t listed) {
  using enum TextTable::Align;
  if (values.leads.empty()) {
    out << "No deal is open on " << to_string(values.as_of) << ".\n";
    return;
  }
  const LeadSums sums = sums_of(values);
  const std::size_t count = std::min(listed, values.leads.size());
  const auto misplaced = std::count_if(values.leads.begin(), values.leads.begin() + static_cast<std::ptrdiff_t>(count),
                                       [&](const LeadValue& lead) { return lead.rank_by_size > count; });
  std::string finding = fmt::format("Won sooner or later, the {} {} worth {}",
                                    counted(static_cast<double>(values.leads.size()), "open deal"),
                                    values.leads.size() == 1 ? "is" : "are", money_in_words(sums.value));
  if (sums.value > 0) finding += ", of which " + percent(sums.later / sums.value, 0) + " is bought after the sale";
  if (values.leads.size() > count)
    finding += fmt::format("; {} of the {} most valuable {} not among the {} largest", misplaced, count,
                           misplaced == 1 ? "is" : "are", count);
  out << wrapped(finding + ".");
  out << wrapped(fmt::format("{} worth on {}, discounted at {:.4g} % a year from the day of winning.",
                             kind_of_value(values.margin), to_string(values.as_of), 100 * values.annual_discount));

  double largest = 0;
  bool segments = false;
  for (std::size_t i = 0; i < count; ++i) {
    const LeadValue& lead = values.leads[i];
    for (const double money : {lead.sale, lead.later, lead.value()})
      if (std::isfinite(money)) largest = std::max(largest, money);
    segments = segments || !lead.segment.empty();
  }
  const double unit = money_unit(largest, 1e7);
  TextTable table({right, right, left, left, right, right, right, right, right});
  table.row({"", "Size", "Deal", segments ? "From" : "Stage", "Ever", "Days", "Sale", "Later", "Value"});
  table.rule();
  for (std::size_t i = 0; i < count; ++i) {
    const LeadValue& lead = values.leads[i];
    table.row({std::to_string(lead.rank_by_value), with_commas(static_cast<double>(lead.rank_by_size)),
               shortened(lead.name, 14),
               shortened(segments ? lead.segment.empty() ? "unknown" : lead.segment : graph.stage(lead.stage).name, 10),
               percent(lead.chance_ever, 0), lead.days_to_win ? with_commas(*lead.days_to_win) : "-",
               with_commas(lead.sale / unit), with_commas(lead.later / unit), with_commas(lead.value() / unit)});
  }
  out << '\n';
  table.write(out);
  out << '\n'
      << wrapped(
             "Size: rank by amount. Ever: chance of being won; Days until then. Sale, Later: if won, what it brings "
             "and "
             "what its customer buys afterwards. Value: expected.");
  if (unit > 1) out << "In units of " << with_commas(unit) << ".\n";
}

}  // namespace putki
