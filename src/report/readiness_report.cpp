#include <fmt/format.h>
#include <putki/evaluate/reliability.hpp>
#include <putki/evaluate/scores.hpp>
#include <putki/report/readiness_report.hpp>

#include "report/json.hpp"
#include "report/text_table.hpp"

#include <algorithm>
#include <optional>
#include <ostream>

namespace putki {
namespace {

constexpr std::size_t kDealsShown = 20;

// What was said about one kind of move against what came.
struct ReadinessCheck {
  double said = 0, came = 0, brier = 0, brier_one_share = 0;
  std::optional<double> brier_stage_share;
  std::vector<ReliabilityBin> bins;
};

ReadinessCheck check_readiness_record(const ReadinessRecord& record, double ReadinessOutcome::*chance,
                                      bool ReadinessOutcome::*happened,
                                      std::optional<double> ReadinessOutcome::*stage_share) {
  ReadinessCheck result;
  std::vector<double> said;
  std::vector<bool> came;
  double of_stage = 0;
  bool all_stages = stage_share != nullptr;
  for (const ReadinessOutcome& outcome : record.outcomes) {
    said.push_back(outcome.*chance);
    came.push_back(outcome.*happened);
    result.said += said.back();
    result.came += came.back() ? 1 : 0;
    result.brier += brier_score(said.back(), came.back());
  }
  const auto n = static_cast<double>(said.size());
  const double share = result.came / n;
  result.brier /= n;
  result.brier_one_share = share * (1 - share);
  // Where no earlier instant had a deal in the stage, the share of all stages stands in.
  for (const ReadinessOutcome& outcome : record.outcomes)
    if (all_stages) of_stage += brier_score((outcome.*stage_share).value_or(share), outcome.*happened);
  if (all_stages) result.brier_stage_share = of_stage / n;
  result.bins = reliability(said, came, {.bins = 5, .binning = Binning::equal_count});
  return result;
}

ReadinessCheck advance_check(const ReadinessRecord& record) {
  return check_readiness_record(record, &ReadinessOutcome::advance, &ReadinessOutcome::advanced,
                                &ReadinessOutcome::stage_advance);
}
ReadinessCheck lost_check(const ReadinessRecord& record) {
  return check_readiness_record(record, &ReadinessOutcome::lost, &ReadinessOutcome::was_lost,
                                &ReadinessOutcome::stage_lost);
}
ReadinessCheck win_check(const ReadinessRecord& record) {
  return check_readiness_record(record, &ReadinessOutcome::win, &ReadinessOutcome::won, nullptr);
}

Json readiness_chance_json(const Chance& chance) {
  return {
      {"probability", chance.probability}, {"std_error", chance.std_error}, {"limits", interval_json(chance.limits)}};
}

Json readiness_check_json(const ReadinessCheck& check) {
  Json bins = Json::array();
  for (const ReliabilityBin& bin : check.bins)
    bins.push_back({{"lower", bin.lower},
                    {"upper", bin.upper},
                    {"count", bin.count},
                    {"said", bin.mean_probability},
                    {"came", bin.share},
                    {"limits", interval_json(bin.limits)}});
  return {{"said", check.said},
          {"came", check.came},
          {"brier", check.brier},
          {"brier_one_share", check.brier_one_share},
          {"brier_stage_share", number_or_null(check.brier_stage_share)},
          {"bins", bins}};
}

// Why this deal wants a word: the first that holds.
std::string readiness_reason(const ReadyDeal& deal) {
  const double advance = deal.advance.probability, lost = deal.lost.probability;
  if (lost > advance && lost >= 0.25) return "loss near";
  if (deal.stalled) return "stalled";
  if (deal.silent) return "silent";
  if (deal.overdue) return "overdue";
  if (lost > advance && lost >= 0.05) return "loss likelier";
  if (deal.won_next.probability >= 0.05) return "may be won";
  if (advance >= 0.5) return "advancing";
  return deal.from_tail ? "few so old" : "";
}

void write_readiness_record(std::ostream& out, const ReadinessRecord& record) {
  using enum TextTable::Align;
  const std::vector<std::pair<const char*, ReadinessCheck>> checks{
      {"advance", advance_check(record)}, {"lost", lost_check(record)}, {"win", win_check(record)}};
  out << '\n'
      << wrapped("How such chances did at " + counted(static_cast<double>(record.origins.size()), "past instant") +
                 ", from what was known then (" + counted(static_cast<double>(record.outcomes.size()), "deal") + "):")
      << '\n';
  TextTable bins({left, right, right, right, right, left});
  bins.row({"Chance to", "Deals", "Said %", "Came %", "95 % limits", "Verdict"});
  bins.rule();
  for (const auto& [kind, check] : checks) {
    bool begun = false;
    for (const ReliabilityBin& bin : check.bins) {
      const double p = bin.mean_probability;
      bins.row({begun ? "" : kind, with_commas(static_cast<double>(bin.count)), fmt::format("{:.1f}", 100 * p),
                fmt::format("{:.1f}", 100 * bin.share),
                fmt::format("{:.1f}-{:.1f}", 100 * bin.limits.lower, 100 * bin.limits.upper),
                p < bin.limits.lower   ? "too low"
                : p > bin.limits.upper ? "too high"
                                       : "within"});
      begun = true;
    }
  }
  bins.write(out);
  out << "Limits as if deals were independent; those of one week have more in common.\n";
  out << "\nMean squared error (Brier score), smaller is better:\n";
  for (const auto& [kind, check] : checks) {
    out << fmt::format("  {:<8} {:.4f}; one share for all deals {:.4f}", kind, check.brier, check.brier_one_share);
    if (check.brier_stage_share) out << fmt::format(", one for each stage {:.4f}", *check.brier_stage_share);
    out << '\n';
  }
}

}  // namespace

std::string to_json(const ReadinessReport& report) {
  const Readiness& ready = report.ready;
  const auto name = [&](StageId stage) { return ready.graph.stage(stage).name; };
  Json stages = Json::array(), deals = Json::array();
  for (const StageClock& clock : ready.stages)
    stages.push_back({{"stage", name(clock.stage)},
                      {"visits", clock.visits},
                      {"advances", clock.advances},
                      {"curve_until", number_or_null(clock.curve_until)},
                      {"tail_hazard", clock.tail_hazard},
                      {"overdue_days", number_or_null(clock.overdue_days)},
                      {"stalled_days", number_or_null(clock.stalled_days)},
                      {"silent_days", number_or_null(clock.silent_days)}});
  for (const ReadyDeal& deal : ready.deals)
    deals.push_back({{"deal", deal.deal},
                     {"stage", name(deal.stage)},
                     {"age_days", deal.age_days},
                     {"silent_days", deal.silent_days},
                     {"amount", deal.amount == kNoAmount ? Json(nullptr) : Json(deal.amount.units())},
                     {"advance", readiness_chance_json(deal.advance)},
                     {"won_next", readiness_chance_json(deal.won_next)},
                     {"lost", readiness_chance_json(deal.lost)},
                     {"elsewhere", readiness_chance_json(deal.elsewhere)},
                     {"still_here", deal.still_here},
                     {"win", deal.win},
                     {"expected_value", number_or_null(deal.expected_value)},
                     {"at_stake", number_or_null(deal.at_stake)},
                     {"at_risk", number_or_null(deal.at_risk)},
                     {"rests_on", deal.rests_on},
                     {"from_tail", deal.from_tail},
                     {"overdue", deal.overdue},
                     {"stalled", deal.stalled},
                     {"silent", deal.silent}});
  Json json{{"as_of", to_string(ready.as_of)},
            {"within_days", ready.within_days},
            {"open_deals", ready.deals.size()},
            {"without_amount", ready.without_amount},
            {"expected_value", ready.expected_value},
            {"stages", stages},
            {"deals", deals},
            {"record", nullptr}};
  if (!report.record.outcomes.empty()) {
    Json origins = Json::array();
    for (const Day origin : report.record.origins) origins.push_back(to_string(origin));
    json["record"] = {{"origins", origins},
                      {"outcomes", report.record.outcomes.size()},
                      {"advance", readiness_check_json(advance_check(report.record))},
                      {"lost", readiness_check_json(lost_check(report.record))},
                      {"win", readiness_check_json(win_check(report.record))}};
  }
  return json.dump(2);
}

void write_tables(std::ostream& out, const ReadinessReport& report) {
  using enum TextTable::Align;
  const Readiness& ready = report.ready;
  const auto name = [&](StageId stage) { return shortened(ready.graph.stage(stage).name, 12); };
  if (ready.deals.empty()) {
    out << "No deal is open on " << to_string(ready.as_of) << ".\n";
    return;
  }
  double advance = 0, lost = 0, at_risk = 0, win = 0;
  std::size_t overdue = 0, stalled = 0;
  for (const ReadyDeal& deal : ready.deals) {
    advance += deal.advance.probability;
    lost += deal.lost.probability;
    win += deal.win;
    at_risk += deal.at_risk.value_or(0);
    overdue += deal.overdue ? 1 : 0;
    stalled += deal.stalled ? 1 : 0;
  }
  const bool amounts = ready.without_amount < ready.deals.size();
  const std::string of_money =
      amounts ? ", worth " + with_commas(ready.expected_value) + "; " + with_commas(at_risk) + " at risk of loss" : "";
  out << fmt::format("Within {:g} day{} of {}, of {}, expect {:.1f} to advance and\n", ready.within_days,
                     ready.within_days == 1 ? "" : "s", to_string(ready.as_of),
                     counted(static_cast<double>(ready.deals.size()), "open deal"), advance)
      << wrapped(fmt::format("{:.1f} to be lost; {:.1f} won{}.", lost, win, of_money))
      << fmt::format("{} overdue, {} stalled", overdue, stalled);
  if (ready.without_amount > 0) out << fmt::format("; {} without an amount, listed last", ready.without_amount);
  out << ".\n\nContact first: the most money on which a decision is near (amount x chance that\nthe deal advances "
         "or "
         "is "
         "lost; the loss part of it beside).\n\n";

  double largest = 0;
  for (const ReadyDeal& deal : ready.deals) largest = std::max(largest, deal.at_stake.value_or(0));
  const double unit = money_unit(largest, 1e6);
  const auto money = [&](std::optional<double> value) { return value ? with_commas(*value / unit) : std::string("-"); };
  const auto chance = [](const Chance& of) { return fmt::format("{:.0f}", 100 * of.probability); };
  TextTable table({left, left, right, right, right, right, right, left});
  table.row({"Deal", "Stage", "Age", "Adv.%", "Lost%", "At stake", "As loss", "Why"});
  table.rule();
  for (std::size_t i = 0; i < std::min(kDealsShown, ready.deals.size()); ++i) {
    const ReadyDeal& deal = ready.deals[i];
    table.row({shortened(deal.deal, 10), name(deal.stage), days_text(deal.age_days), chance(deal.advance),
               chance(deal.lost), money(deal.at_stake), money(deal.at_risk), readiness_reason(deal)});
  }
  table.write(out);
  if (ready.deals.size() > kDealsShown)
    out << ".. and " << with_commas(static_cast<double>(ready.deals.size() - kDealsShown))
        << " more (all in the JSON)\n";
  if (unit > 1) out << "Money in units of " << with_commas(unit) << ".\n";

  out << fmt::format(
      "\nOverdue: {:g} % of those who advance have by then. Stalled: {:g} % of all stays\nare over. Silent: so are "
      "{:g} % of times between records.\n\n",
      100 * ready.overdue_share, 100 * ready.stalled_share, 100 * ready.stalled_share);
  TextTable clocks({left, right, right, right, right, right});
  clocks.row({"Stage", "Visits", "Advanced", "Overdue after", "Stalled after", "Silent after"});
  clocks.rule();
  for (const StageClock& clock : ready.stages)
    clocks.row({name(clock.stage), with_commas(static_cast<double>(clock.visits)),
                with_commas(static_cast<double>(clock.advances)), days_text(clock.overdue_days),
                days_text(clock.stalled_days), days_text(clock.silent_days)});
  clocks.write(out);
  if (!report.record.outcomes.empty()) write_readiness_record(out, report.record);
}

}  // namespace putki
