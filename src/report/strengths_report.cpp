#include <fmt/format.h>
#include <putki/report/strengths_report.hpp>

#include "report/json.hpp"
#include "report/text_table.hpp"

#include <algorithm>
#include <cmath>
#include <ostream>
#include <vector>

namespace putki {
namespace {

std::string strength_amount(StrengthMeasure measure, double amount) {
  return measure == StrengthMeasure::stay ? days_text(amount) : percent(amount);
}

std::string strength_limits(const Strength& strength) {
  const bool days = strength.measure == StrengthMeasure::stay;
  const double scale = days ? 1 : 100;
  return with_sign(scale * strength.limits.lower) + " to " + with_sign(scale * strength.limits.upper);
}

void write_strengths(std::ostream& out, const Strengths& strengths, const std::vector<const Strength*>& shown) {
  using enum TextTable::Align;
  double largest = 0;
  for (const Strength* strength : shown) largest = std::max(largest, std::abs(strength->money_per_month.value_or(0)));
  const double unit = money_unit(largest, 1e7);
  TextTable table({left, left, right, right, right, right, right});
  table.row({"Who", "Where", "Visits", "Here", "Others", "Diff., 95 %", "Money/mon."});
  table.rule();
  for (const Strength* strength : shown) {
    std::string where = "won";
    if (strength->stage != kNoStage)
      where = shortened(strengths.graph.stage(strength->stage).name, 11) +
              (strength->measure == StrengthMeasure::stay ? " days" : "");
    table.row({shortened(strength->value.empty() ? "(unknown)" : strength->value, 12), where,
               with_commas(static_cast<double>(strength->visits)), strength_amount(strength->measure, strength->here),
               strength_amount(strength->measure, strength->others), strength_limits(*strength),
               strength->money_per_month ? with_commas(*strength->money_per_month / unit) : "-"});
  }
  table.write(out);
  if (unit > 1) out << "Money in units of " << with_commas(unit) << ".\n";
}

}  // namespace

std::string to_json(const Strengths& strengths) {
  Json comparisons = Json::array();
  for (const Strength& strength : strengths.comparisons)
    comparisons.push_back(
        {{"attribute", strength.attribute},
         {"value", strength.value},
         {"measure", to_string(strength.measure)},
         {"stage", strength.stage == kNoStage ? Json(nullptr) : Json(strengths.graph.stage(strength.stage).name)},
         {"by_days", strength.by_days},
         {"visits", strength.visits},
         {"other_visits", strength.other_visits},
         {"here", strength.here},
         {"others", strength.others},
         {"difference", strength.difference},
         {"limits", interval_json(strength.limits)},
         {"shrunk", strength.shrunk},
         {"better", strength.better},
         {"z", strength.z},
         {"p_value", strength.p_value},
         {"q_value", strength.q_value},
         {"discovery", strength.discovery},
         {"visits_per_month", strength.visits_per_month},
         {"worth", number_or_null(strength.worth)},
         {"money_per_month", number_or_null(strength.money_per_month)}});
  return Json{{"as_of", to_string(strengths.as_of)}, {"false_discovery_rate", strengths.false_discovery_rate},
              {"attributes", strengths.attributes},  {"discoveries", strengths.discoveries},
              {"too_few", strengths.too_few},        {"too_young", strengths.too_young},
              {"comparisons", comparisons}}
      .dump(2);
}

void write_tables(std::ostream& out, const Strengths& strengths) {
  constexpr std::size_t kShown = 10;
  if (strengths.attributes.empty()) {
    out << "Deals have no attributes (the definition's \"attributes\") by which to compare.\n";
    return;
  }
  std::string attributes;
  for (const std::string& name : strengths.attributes)
    attributes += (attributes.empty() ? "" : ", ") + shortened(name, 20);
  if (strengths.comparisons.empty()) {
    out << "Nothing could be compared by " << attributes << ": too few deals, or too young.\n";
    return;
  }
  std::vector<const Strength*> weak, strong, nearest;
  for (const Strength& strength : strengths.comparisons) {
    if (strength.discovery) (strength.better ? strong : weak).push_back(&strength);
    if (nearest.size() < 3) nearest.push_back(&strength);
  }
  out << fmt::format(
      "By {}: {} {} and {} {} stand out in {} comparisons\n(expect at most {:g} % of those named to be chance).\n",
      attributes, weak.size(), weak.size() == 1 ? "weakness" : "weaknesses", strong.size(),
      strong.size() == 1 ? "strength" : "strengths", strengths.comparisons.size(),
      100 * strengths.false_discovery_rate);
  for (auto& [title, list] : {std::pair{"\nWeaknesses, and what the gap to the others costs a month:\n\n", &weak},
                              std::pair{"\nStrengths, and what they bring a month:\n\n", &strong}}) {
    if (list->empty()) continue;
    out << title;
    const std::size_t more = list->size() > kShown ? list->size() - kShown : 0;
    list->resize(list->size() - more);
    write_strengths(out, strengths, *list);
    if (more > 0) out << ".. and " << more << " more (all in the JSON)\n";
  }
  if (strengths.discoveries == 0) {
    out << "\nNothing differs more than chance would make it. Nearest to it:\n\n";
    write_strengths(out, strengths, nearest);
  }
  out << "\nA stage's name: share of visits that advance; with \"days\": mean days there;\n"
         "won: share of deals won. Each by the age at which nearly all such moves have\n"
         "come; open deals are no failures. Money: of the difference without the part\n"
         "that chance adds.\n";
}

}  // namespace putki
