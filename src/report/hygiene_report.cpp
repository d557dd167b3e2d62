#include <putki/report/hygiene_report.hpp>

#include "report/json.hpp"
#include "report/text_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>

namespace putki {
namespace {

constexpr std::size_t kWorstShown = 10;

struct HygieneWords {
  const char* title;  // of the table of findings
  const char* mark;   // in the list of deals
};
constexpr HygieneWords kHygieneWords[kHygieneFindings] = {{"Past close date", "late"},   {"No close date", "undated"},
                                                          {"Silent too long", "silent"}, {"No amount", "blank"},
                                                          {"Amount of zero", "zero"},    {"Open too long", "old"}};

bool is_open_stage(const StageGraph& graph, std::size_t stage) {
  return !graph.is_terminal(static_cast<StageId>(stage));
}

Json headline_json(const StageGraph& graph, const HygieneHeadline& headline) {
  Json by_stage = Json::array();
  for (std::size_t s = 0; s < headline.weighted_by_stage.size(); ++s)
    if (is_open_stage(graph, s))
      by_stage.push_back(
          {{"stage", graph.stage(static_cast<StageId>(s)).name}, {"value", headline.weighted_by_stage[s]}});
  return {{"open_deals", headline.open_deals},
          {"open_value", headline.open_value.units()},
          {"without_amount", headline.without_amount},
          {"close_rate", headline.close_rate},
          {"close_rate_interval", interval_json(headline.close_rate_limits)},
          {"weighted_pipeline", headline.weighted},
          {"weighted_by_stage", by_stage},
          {"median_lifetime_days", number_or_null(headline.median_lifetime)}};
}

Json effect_json(const StageGraph& graph, const HygieneEffect& effect) {
  return {{"deals", effect.deals},
          {"value", effect.value.units()},
          {"removed", headline_json(graph, effect.removed)},
          {"as_lost", headline_json(graph, effect.as_lost)}};
}

std::string hygiene_count(std::uint64_t number) {
  return with_commas(static_cast<double>(number));
}

void write_hygiene_headline(std::ostream& out, const Hygiene& hygiene) {
  const HygieneHeadline& all = hygiene.all;
  if (all.open_deals == 0) {
    out << "No deal is open on " << to_string(hygiene.as_of) << ": nothing to clean.\n";
    return;
  }
  if (hygiene.any.deals == 0) {
    out << (all.open_deals == 1
                ? std::string("The one open deal is not in doubt.\n")
                : fmt::format("None of the {} open deals is in doubt.\n", hygiene_count(all.open_deals)));
    return;
  }
  out << wrapped(fmt::format("{} of {} ({}), worth {} of {}, {} in doubt.", hygiene_count(hygiene.any.deals),
                             counted(static_cast<double>(all.open_deals), "open deal"),
                             percent(static_cast<double>(hygiene.any.deals) / static_cast<double>(all.open_deals), 0),
                             with_commas(hygiene.any.value.units()), with_commas(all.open_value.units()),
                             hygiene.any.deals == 1 ? "is" : "are"));
}

void write_effects(std::ostream& out, const Hygiene& hygiene) {
  using enum TextTable::Align;
  const double unit = money_unit(std::max(hygiene.all.open_value.units(), hygiene.all.weighted), 1e8);
  TextTable table({left, right, right, right, right, right, right});
  table.row({"", "Deals", "Value", "Close rate", "if lost", "Weighted", "Median life"});
  table.rule();
  const auto row = [&](const std::string& title, std::uint64_t deals, Money value, const HygieneHeadline& removed,
                       const HygieneHeadline& as_lost) {
    table.row({title, hygiene_count(deals), with_commas(value.units() / unit), percent(removed.close_rate),
               percent(as_lost.close_rate), with_commas(as_lost.weighted / unit), days_text(removed.median_lifetime)});
  };
  row("All open deals", hygiene.all.open_deals, hygiene.all.open_value, hygiene.all, hygiene.all);
  for (std::size_t f = 0; f < kHygieneFindings; ++f) {
    const HygieneEffect& effect = hygiene.effects[f];
    if (effect.deals > 0) row(kHygieneWords[f].title, effect.deals, effect.value, effect.removed, effect.as_lost);
  }
  row("Any of these", hygiene.any.deals, hygiene.any.value, hygiene.any.removed, hygiene.any.as_lost);
  out << fmt::format(
      "\nWithout the deals of each line: close rate within {:g} days and median lifetime\n"
      "if they are struck out; close rate and weighted pipeline if they are lost today{}:\n\n",
      hygiene.options.close_rate_days,
      unit == 1 ? std::string() : fmt::format("\n(money in units of {})", with_commas(unit)));
  table.write(out);
}

void write_stage_limits(std::ostream& out, const Hygiene& hygiene) {
  using enum TextTable::Align;
  TextTable table({left, right, right, right});
  table.row({"Stage", "Silent after", "Weighted now", "when clean"});
  table.rule();
  for (std::size_t s = 0; s < hygiene.silence_limits.size(); ++s) {
    if (!is_open_stage(hygiene.graph, s)) continue;
    table.row({shortened(hygiene.graph.stage(static_cast<StageId>(s)).name, 24), days_text(hygiene.silence_limits[s]),
               with_commas(hygiene.all.weighted_by_stage[s]), with_commas(hygiene.any.as_lost.weighted_by_stage[s])});
  }
  out << '\n';
  table.write(out);
  if (hygiene.zombie_limit)
    out << "Open too long: for more than " << days_text(hygiene.zombie_limit) << ".\n";
  else
    out << "Too few deals have ended to say what is open too long.\n";
}

void write_worst(std::ostream& out, const Hygiene& hygiene) {
  using enum TextTable::Align;
  if (hygiene.deals.empty()) return;
  TextTable table({left, left, right, right, right, left});
  table.row({"Deal", "Stage", "Amount", "Open", "Silent", ""});
  table.rule();
  for (std::size_t i = 0; i < std::min(hygiene.deals.size(), kWorstShown); ++i) {
    const HygieneDeal& deal = hygiene.deals[i];
    std::string marks;
    for (std::size_t f = 0; f < kHygieneFindings; ++f)
      if (deal.findings[f]) marks += (marks.empty() ? "" : " ") + std::string(kHygieneWords[f].mark);
    table.row({shortened(deal.name, 14), shortened(hygiene.graph.stage(deal.stage).name, 12),
               deal.amount == kNoAmount ? "-" : with_commas(deal.amount.units()), days_text(deal.open_days),
               days_text(deal.silent_days), marks});
  }
  out << "\nThe worst:\n\n";
  table.write(out);
  if (hygiene.any.deals > kWorstShown)
    out << fmt::format("and {} more\n", hygiene_count(hygiene.any.deals - kWorstShown));
}

}  // namespace

std::string to_json(const Hygiene& hygiene) {
  Json limits = Json::array(), findings = Json::object(), deals = Json::array();
  for (std::size_t s = 0; s < hygiene.silence_limits.size(); ++s)
    if (is_open_stage(hygiene.graph, s))
      limits.push_back({{"stage", hygiene.graph.stage(static_cast<StageId>(s)).name},
                        {"days", number_or_null(hygiene.silence_limits[s])}});
  for (std::size_t f = 0; f < kHygieneFindings; ++f)
    findings[to_string(static_cast<HygieneFinding>(f))] = effect_json(hygiene.graph, hygiene.effects[f]);
  findings["any"] = effect_json(hygiene.graph, hygiene.any);
  for (const HygieneDeal& deal : hygiene.deals) {
    Json found = Json::array();
    for (std::size_t f = 0; f < kHygieneFindings; ++f)
      if (deal.findings[f]) found.push_back(to_string(static_cast<HygieneFinding>(f)));
    deals.push_back({{"deal", deal.name},
                     {"stage", hygiene.graph.stage(deal.stage).name},
                     {"amount", deal.amount == kNoAmount ? Json(nullptr) : Json(deal.amount.units())},
                     {"expected_close", deal.expected_close ? Json(to_string(*deal.expected_close)) : Json(nullptr)},
                     {"open_days", deal.open_days},
                     {"silent_days", deal.silent_days},
                     {"findings", found}});
  }
  const Json json{{"as_of", to_string(hygiene.as_of)},
                  {"amounts_known", hygiene.amounts_known},
                  {"dates_known", hygiene.dates_known},
                  {"date_only", hygiene.date_only},
                  {"close_rate_days", hygiene.options.close_rate_days},
                  {"zombie_limit_days", number_or_null(hygiene.zombie_limit)},
                  {"silence_limits", limits},
                  {"all", headline_json(hygiene.graph, hygiene.all)},
                  {"findings", findings},
                  {"deals", deals}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

void write_tables(std::ostream& out, const Hygiene& hygiene) {
  write_hygiene_headline(out, hygiene);
  if (hygiene.all.open_deals > 0) {
    if (hygiene.any.deals > 0) write_effects(out, hygiene);
    write_stage_limits(out, hygiene);
    write_worst(out, hygiene);
  }
  if (!hygiene.dates_known) out << "The history has no expected closes: none can be past or missing.\n";
  if (!hygiene.amounts_known) out << "The history has no amounts: none can be missing.\n";
  if (hygiene.date_only) out << "The history has dates only: silences are whole days.\n";
}

}  // namespace putki
