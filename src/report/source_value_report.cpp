#include <putki/report/source_value_report.hpp>

#include "report/worth_text.hpp"

#include <algorithm>
#include <ostream>

namespace putki {
namespace {

Json limited(double value, const Interval& limits) {
  return {{"value", value}, {"lower", limits.lower}, {"upper", limits.upper}};
}

Json source_json(const SourceValue& source) {
  Json year = nullptr;
  if (source.year) {
    year = {{"periods", source.year->periods},
            {"expected", source.year->expected},
            {"lower", source.year->limits.lower},
            {"upper", source.year->limits.upper},
            {"observed", number_or_null(source.year->observed)},
            {"observed_lower", source.year->observed ? Json(source.year->observed_limits.lower) : Json(nullptr)},
            {"observed_upper", source.year->observed ? Json(source.year->observed_limits.upper) : Json(nullptr)}};
  }
  return {{"source", source.source},
          {"leads", source.leads},
          {"won_by_age", source.won_by_age ? limited(*source.won_by_age, source.won_by_age_limits) : Json(nullptr)},
          {"win_rate", source.win_rate},
          {"win_rate_error", source.win_rate_error},
          {"sale", source.sale},
          {"customers", source.customers},
          {"repeat_share", number_or_null(source.repeat_share())},
          {"alive_share", number_or_null(source.alive_share())},
          {"year", year},
          {"later_of_everybody", source.later_of_everybody},
          {"later", limited(source.later, source.later_limits)},
          {"lead_value", limited(source.lead_value, source.lead_value_limits)},
          {"difference", source.difference}};
}

std::string source_title(const SourceValue& source) {
  return source.source.empty() ? "unknown" : shortened(source.source, 14);
}

std::string share_text(std::optional<double> share) {
  return share ? fmt::format("{:.0f}", 100 * *share) : "-";
}

// `12 (8-18)`
std::string share_with_limits(std::optional<double> share, const Interval& limits) {
  return share ? fmt::format("{:.0f} ({:.0f}-{:.0f})", 100 * *share, 100 * limits.lower, 100 * limits.upper) : "-";
}

// Whether the limits of two sources leave it open which is better.
bool apart(const SourceValue& better, const SourceValue& worse) {
  return better.lead_value_limits.lower > worse.lead_value_limits.upper;
}

std::string finding_of(const SourceValues& values) {
  if (values.sources.empty()) return "No source is known.";
  const SourceValue &best = values.sources.front(), &worst = values.sources.back();
  const std::string mean = money_in_words(values.all.lead_value);
  if (values.sources.size() == 1)
    return fmt::format("There is one {}, {}; a lead of it is worth {}.", values.by, source_title(best),
                       money_in_words(best.lead_value));
  std::string finding;
  if (apart(best, worst)) {
    finding =
        fmt::format("Leads of {} are worth most, {} each, those of {} least, {}; on average {}.", source_title(best),
                    money_in_words(best.lead_value), source_title(worst), money_in_words(worst.lead_value), mean);
  } else {
    finding = fmt::format(
        "No {} has leads that are surely worth more than another's: from {} ({}) to {} ({}), on average {}.", values.by,
        money_in_words(worst.lead_value), source_title(worst), money_in_words(best.lead_value), source_title(best),
        mean);
  }
  if (std::isinf(values.pooled_customers))
    finding += " How long customers stay shows no difference between them that would last.";
  return finding;
}

void write_lead_worth(std::ostream& out, const SourceValues& values, std::size_t count) {
  using enum TextTable::Align;
  double largest = 0;
  const auto widen = [&](const SourceValue& source) {
    for (const double money : {source.sale, source.later, source.lead_value_limits.upper})
      if (std::isfinite(money)) largest = std::max(largest, money);
  };
  widen(values.all);
  for (std::size_t i = 0; i < count; ++i) widen(values.sources[i]);
  const double unit = money_unit(largest, 1e6);
  TextTable table({left, right, right, right, right, right, right, right});
  table.row({shortened(values.by, 14), "Leads", "Win %", "Sale", "Later", "Lead", "80 % limits", "From all"});
  table.rule();
  const auto row = [&](const std::string& title, const SourceValue& source, bool all) {
    const auto money = [&](double value) { return with_commas(value / unit); };
    table.row({title, with_commas(static_cast<double>(source.leads)), fmt::format("{:.1f}", 100 * source.win_rate),
               money(source.sale), money(source.later) + (source.later_of_everybody ? "*" : ""),
               money(source.lead_value),
               money(source.lead_value_limits.lower) + "-" + money(source.lead_value_limits.upper),
               all ? "" : (source.difference > 0 ? "+" : "") + money(source.difference)});
  };
  bool borrowed = false;
  for (std::size_t i = 0; i < count; ++i) {
    row(source_title(values.sources[i]), values.sources[i], false);
    borrowed = borrowed || values.sources[i].later_of_everybody;
  }
  table.rule();
  row("All", values.all, true);
  table.write(out);
  out << wrapped(
      "Win: of 100 new leads, how many are won in the end. Later: what a new customer buys after the sale. Lead: "
      "Win x (Sale + Later).");
  if (borrowed) out << "*: no customers of its own, taken as all are.\n";
  if (unit > 1) out << "In units of " << with_commas(unit) << ".\n";
}

void write_stays(std::ostream& out, const SourceValues& values, std::size_t count) {
  using enum TextTable::Align;
  const bool contracts = values.all.year.has_value();
  TextTable table(contracts ? std::vector{left, right, right, right, right, right, right}
                            : std::vector{left, right, right, right, right});
  std::vector<std::string> headings{shortened(values.by, 14),
                                    values.by_days ? fmt::format("Won by {:g} d", *values.by_days) : "Won", "Customers",
                                    contracts ? "Renewed" : "Again", "Here"};
  if (contracts) headings.insert(headings.end(), {"1 year", "Seen"});
  table.row(headings);
  table.rule();
  const auto row = [&](const std::string& title, const SourceValue& source) {
    std::vector<std::string> cells{title, share_with_limits(source.won_by_age, source.won_by_age_limits),
                                   with_commas(static_cast<double>(source.customers)),
                                   share_text(source.repeat_share()), share_text(source.alive_share())};
    if (contracts && source.year) {
      cells.push_back(share_with_limits(source.year->expected, source.year->limits));
      cells.push_back(share_with_limits(source.year->observed, source.year->observed_limits));
    } else if (contracts) {
      cells.insert(cells.end(), {"-", "-"});
    }
    table.row(cells);
  };
  for (std::size_t i = 0; i < count; ++i) row(source_title(values.sources[i]), values.sources[i]);
  table.rule();
  row("All", values.all);
  table.write(out);
  out << wrapped(std::string("Percent, with 80 % limits. Won: of its own leads, without the model. ") +
                 (contracts ? "Here: still under contract. 1 year: there after a year; Seen: of its own customers, "
                              "without the model."
                            : "Here: customers of today who may buy again."));
}

}  // namespace

std::string to_json(const SourceValues& values) {
  Json sources = Json::array();
  for (const SourceValue& source : values.sources) sources.push_back(source_json(source));
  const Json json{
      {"by", values.by},
      {"as_of", to_string(values.as_of)},
      {"discount", values.annual_discount},
      {"margin", margin_json(values.margin)},
      {"value_is", value_is(values.margin)},
      {"by_days", number_or_null(values.by_days)},
      {"pooled_customers", std::isfinite(values.pooled_customers) ? Json(values.pooled_customers) : Json(nullptr)},
      {"all", source_json(values.all)},
      {"sources", sources}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

void write_tables(std::ostream& out, const SourceValues& values, std::size_t listed) {
  out << wrapped(finding_of(values));
  out << wrapped(fmt::format("{} on the day of winning, discounted at {:.4g} % a year; as known on {}.",
                             kind_of_value(values.margin), 100 * values.annual_discount, to_string(values.as_of)));
  const std::size_t count = std::min(listed, values.sources.size());
  if (count == 0) return;
  out << '\n';
  write_lead_worth(out, values, count);
  out << '\n';
  write_stays(out, values, count);
  if (count < values.sources.size())
    out << "and " << counted(static_cast<double>(values.sources.size() - count), "more") << '\n';
}

}  // namespace putki
