#include <putki/report/stage_card_report.hpp>

#include "report/metric_text.hpp"

#include <ostream>

namespace putki {
namespace {

std::string stage_title(const StageCards& cards, StageId stage, std::size_t width = 15) {
  return shortened(cards.graph.stage(stage).name, width);
}

Json presence_json(const StagePresence& presence) {
  return {{"opening", count_json(presence.opening)},   {"entered", count_json(presence.entered)},
          {"advanced", count_json(presence.advanced)}, {"won", count_json(presence.won)},
          {"lost", count_json(presence.lost)},         {"back", count_json(presence.back)},
          {"sideways", count_json(presence.sideways)}, {"still_there", count_json(presence.still_there)}};
}

std::string z_text(const std::optional<double>& z) {
  if (!z) return "-";
  return with_sign(*z);
}

void write_first_lines(std::ostream& out, const StageCards& cards) {
  const StageCard *fullest = nullptr, *emptiest = nullptr;
  for (const StageCard& card : cards.cards) {
    if (!card.z_score) continue;
    if (fullest == nullptr || *card.z_score > *fullest->z_score) fullest = &card;
    if (emptiest == nullptr || *card.z_score < *emptiest->z_score) emptiest = &card;
  }
  const auto line = [&](const StageCard& card, const char* what) {
    out << stage_title(cards, card.presence.stage) << ' ' << what << ": "
        << counted(static_cast<double>(card.presence.still_there.deals), "deal")
        << ", where its arrivals and pace explain " << fmt::format("{:.1f}", card.expected->value) << ".\n";
  };
  const bool full = fullest != nullptr && *fullest->z_score > 2, dry = emptiest != nullptr && *emptiest->z_score < -2;
  if (full) line(*fullest, "is congested");
  if (dry) line(*emptiest, "runs dry");
  if (!full && !dry) out << "No stage holds clearly more or fewer deals than its own pace explains.\n";
  out << '\n';
}

void write_now(std::ostream& out, const StageCards& cards) {
  using enum TextTable::Align;
  double largest = 0;
  for (const StageCard& card : cards.cards) largest = std::max(largest, card.presence.still_there.value.units());
  const double unit = money_unit(largest, 1e8);
  TextTable table({left, right, right, right, right, right, right, right});
  table.row(
      {"Now", "Deals", unit > 1 ? "Value/" + with_commas(unit) : "Value", "Expected", "95 %", "z", "Age", "90 %"});
  table.rule();
  for (const StageCard& card : cards.cards) {
    const auto& expected = card.expected;
    table.row({stage_title(cards, card.presence.stage), whole_number(card.presence.still_there.deals),
               with_commas(card.presence.still_there.value.units() / unit),
               expected ? fmt::format("{}{:.1f}", card.stay_complete ? "" : ">", expected->value) : "-",
               expected ? fmt::format("{:.0f}-{:.0f}", expected->interval->lower, expected->interval->upper) : "-",
               z_text(card.z_score), days_text(card.median_age), days_text(card.p90_age)});
  }
  table.write(out);
  out << "Expected: arrivals since " << to_string(cards.since)
      << " x mean stay, open stays censored (Little);\n>: stays last longer than has been seen; z: standard deviations "
         "above expected.\nAge: median, and 90 % are younger.\n";
}

void write_window(std::ostream& out, const StageCards& cards) {
  using enum TextTable::Align;
  TextTable table({left, right, right, right, right, right, right, right, right});
  table.row({"Since " + to_string(cards.since), "There", "+Came", "=On", "+Lost", "+Back", "+Aside", "+Still", "Won"});
  table.rule();
  for (const StageCard& card : cards.cards) {
    const StagePresence& presence = card.presence;
    table.row({stage_title(cards, presence.stage), whole_number(presence.opening.deals),
               whole_number(presence.entered.deals), whole_number(presence.advanced.deals),
               whole_number(presence.lost.deals), whole_number(presence.back.deals),
               whole_number(presence.sideways.deals), whole_number(presence.still_there.deals),
               whole_number(presence.won.deals)});
  }
  out << '\n';
  table.write(out);
  out << "There + came = on + lost + back + aside + still there; Won: of those gone on.\n";
}

void write_ways(std::ostream& out, const StageCards& cards) {
  using enum TextTable::Align;
  TextTable table({left, right, right, right, left, right, right});
  table.row({"Stay", "Median", "95 % limits", "90 %", fmt::format("By {:g} d to", cards.age_days), "%", "95 %"});
  table.rule();
  for (const StageCard& card : cards.cards) {
    std::vector<std::string> begin{stage_title(cards, card.presence.stage, 14), duration_text(card.median_stay),
                                   duration_limits(card.median_stay), days_text(card.p90_stay)};
    const auto row = [&](const std::string& to, const std::optional<MetricEstimate>& share) {
      std::vector<std::string> cells = begin;
      cells.insert(cells.end(), {to, percent_text(share), percent_limits(share)});
      table.row(cells);
      begin.assign(4, "");
    };
    row("still there", card.still_there_by_age);
    for (const StageTransition& transition : card.transitions)
      row(stage_title(cards, transition.to, 14), transition.share);
  }
  out << '\n';
  table.write(out);
}

void write_leaving(std::ostream& out, const StageCards& cards) {
  using enum TextTable::Align;
  double largest = 0;
  for (const StageCard& card : cards.cards)
    for (const MetricEstimate& estimate : {card.lost_per_30_days, card.won_per_30_days})
      largest = std::max(largest, estimate.interval ? estimate.interval->upper : estimate.value);
  const double unit = money_unit(largest, 1e7);
  TextTable table({left, right, right, right, right});
  table.row({"Value leaving", "Lost", "95 % limits", "Won", "95 % limits"});
  table.rule();
  for (const StageCard& card : cards.cards)
    table.row({stage_title(cards, card.presence.stage), money_text(card.lost_per_30_days, unit),
               money_limits(card.lost_per_30_days, unit), money_text(card.won_per_30_days, unit),
               money_limits(card.won_per_30_days, unit)});
  out << '\n';
  table.write(out);
  out << "Per 30 days" << (unit > 1 ? ", in units of " + with_commas(unit) : "") << ", straight from the stage.\n";
}

}  // namespace

std::string to_json(const StageCards& cards) {
  const auto name = [&](StageId stage) { return cards.graph.stage(stage).name; };
  Json list = Json::array();
  for (const StageCard& card : cards.cards) {
    Json transitions = Json::array();
    for (const StageTransition& transition : card.transitions)
      transitions.push_back({{"to", name(transition.to)}, {"share", estimate_json(transition.share)}});
    list.push_back({{"stage", name(card.presence.stage)},
                    {"kind", to_string(cards.graph.kind(card.presence.stage))},
                    {"active", count_json(card.presence.still_there)},
                    {"median_age", number_or_null(card.median_age)},
                    {"p90_age", number_or_null(card.p90_age)},
                    {"arrivals_per_day", card.arrivals_per_day},
                    {"mean_stay", estimate_json(card.mean_stay)},
                    {"stay_complete", card.stay_complete},
                    {"expected", estimate_json(card.expected)},
                    {"z_score", number_or_null(card.z_score)},
                    {"window", presence_json(card.presence)},
                    {"median_stay", estimate_json(card.median_stay)},
                    {"p90_stay", number_or_null(card.p90_stay)},
                    {"still_there_by_age", estimate_json(card.still_there_by_age)},
                    {"transitions", transitions},
                    {"lost_per_30_days", estimate_json(card.lost_per_30_days)},
                    {"won_per_30_days", estimate_json(card.won_per_30_days)}});
  }
  const Json json{{"as_of", to_string(cards.as_of)},
                  {"since", to_string(cards.since)},
                  {"window_days", cards.window_days},
                  {"age_days", cards.age_days},
                  {"cards", list}};
  return json.dump(2);
}

void write_tables(std::ostream& out, const StageCards& cards) {
  bool any = false;
  for (const StageCard& card : cards.cards) any = any || card.mean_stay;
  if (!any) {
    out << "No deal was in any stage by " << to_string(cards.as_of) << ".\n";
    return;
  }
  write_first_lines(out, cards);
  write_now(out, cards);
  write_window(out, cards);
  write_ways(out, cards);
  write_leaving(out, cards);
}

}  // namespace putki
