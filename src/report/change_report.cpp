#include <putki/report/change_report.hpp>

#include "report/json.hpp"
#include "report/text_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ostream>

namespace putki {
namespace {

Json change_difference_json(const Difference& difference) {
  return {
      {"value", difference.value}, {"std_error", difference.std_error}, {"limits", interval_json(difference.interval)}};
}

template <class Test>
Json change_test_json(const Test& test) {
  return {{"chi_square", test.chi_square}, {"degrees_of_freedom", test.degrees_of_freedom}, {"p_value", test.p_value}};
}

Json change_cohort_json(const ChangeCohort& cohort) {
  return {{"label", cohort.label},
          {"created_from", to_string(cohort.from)},
          {"created_before", to_string(cohort.to)},
          {"known_at", to_string(cohort.known)},
          {"deals", cohort.deals},
          {"succeeded", cohort.succeeded},
          {"ended", cohort.ended},
          {"complete", cohort.complete},
          {"complete_succeeded", cohort.complete_succeeded},
          {"share", cohort.share.probability},
          {"share_std_error", cohort.share.std_error},
          {"share_limits", interval_json(cohort.share_limits)},
          {"effective_trials", cohort.share.trials},
          {"days_open", cohort.days_open},
          {"days_open_std_error", cohort.days_open_std_error},
          {"won", cohort.won},
          {"won_without_amount", cohort.won_without_amount},
          {"won_amount", cohort.won_amount.units()},
          {"money_per_deal", number_or_null(cohort.money_per_deal)},
          {"money_std_error", cohort.money_per_deal ? Json(cohort.money_std_error) : Json(nullptr)}};
}

Json change_comparison_json(const CohortComparison& cohorts) {
  return {{"first", change_cohort_json(cohorts.first)},
          {"second", change_cohort_json(cohorts.second)},
          {"share", change_difference_json(cohorts.share)},
          {"always_valid", interval_json(cohorts.always_valid)},
          {"days_open", change_difference_json(cohorts.days_open)},
          {"money_per_deal", cohorts.money ? change_difference_json(*cohorts.money) : Json(nullptr)},
          {"log_rank", change_test_json(cohorts.speed)},
          {"gray", change_test_json(cohorts.outcome)},
          {"probability_of_improvement", cohorts.probability_of_improvement},
          {"detectable_increase", number_or_null(cohorts.detectable_increase)},
          {"detectable_decrease", number_or_null(cohorts.detectable_decrease)},
          {"deals_needed", number_or_null(cohorts.deals_needed)}};
}

Json adjusted_json(const AdjustedComparison& adjusted) {
  return {{"attribute", adjusted.attribute},
          {"values", adjusted.values},
          {"deals_left_out", adjusted.deals_left_out},
          {"share", change_difference_json(adjusted.share)},
          {"log_rank", change_test_json(adjusted.speed)},
          {"gray", change_test_json(adjusted.outcome)}};
}

std::string change_points(double share) {
  const std::string text = fmt::format("{:+.1f}", 100 * share);
  return text == "-0.0" ? "+0.0" : text;
}

std::string change_points_between(const Interval& limits) {
  return change_points(limits.lower) + " to " + change_points(limits.upper);
}

// "won within 14 days", "at Offer or beyond within 14 days"
std::string change_outcome_text(const ChangeComparison& change) {
  const std::string what = change.outcome == "won" ? "won" : "at " + shortened(change.outcome, 20) + " or beyond";
  return fmt::format("{} within {} day{}", what, change.follow_up_days, change.follow_up_days == 1 ? "" : "s");
}

std::string change_level_text(const ChangeComparison& change) {
  return fmt::format("{:g} %", std::round(1e4 * change.level) / 100);
}

std::string change_cohort_label(const ChangeCohort& cohort) {
  return cohort.label.empty() ? "unknown" : shortened(cohort.label, 12);
}

std::string change_deals_text(double deals) {
  return with_commas(deals) + (std::round(deals) == 1 ? " deal" : " deals");
}

// At most 80 columns; words are never cut.
void write_change_text(std::ostream& out, const std::string& text) {
  std::size_t column = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t end = std::min(text.find(' ', begin), text.size());
    if (text.compare(end, 2, " %") == 0) end = std::min(text.find(' ', end + 1), text.size());  // 12.3 % is one word
    const std::string word = text.substr(begin, end - begin);
    const auto width = static_cast<std::size_t>(
        std::count_if(word.begin(), word.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
    if (column > 0) out << (column + 1 + width > 80 ? '\n' : ' ');
    column = column == 0 || column + 1 + width > 80 ? width : column + 1 + width;
    out << word;
    begin = end + 1;
  }
  out << '\n';
}

std::string change_p_text(double p) {
  return p < 0.0001 ? "below 0.0001" : fmt::format("{:.4f}", p);
}

}  // namespace

std::string verdict_sentence(const ChangeComparison& change) {
  const CohortComparison& cohorts = change.cohorts;
  const ChangeCohort &first = cohorts.first, &second = cohorts.second;
  const bool dated = change.attribute.empty();
  if (change.verdict == ChangeVerdict::nothing_to_compare) {
    const ChangeCohort& empty = second.deals == 0 ? second : first;
    const std::string whose =
        dated ? "" : fmt::format(" of {} {}", shortened(change.attribute, 20), change_cohort_label(empty));
    return fmt::format("Nothing to compare: no deals{} were created from {} to {}.", whose, to_string(empty.from),
                       to_string(empty.to - Days{1}));
  }
  const std::string seen =
      fmt::format("{} of deals {} against {} {}, {} points (limits {})", percent(second.share.probability),
                  dated ? "created after the change were " + change_outcome_text(change)
                        : "of " + change_cohort_label(second) + " were " + change_outcome_text(change),
                  percent(first.share.probability), dated ? "before" : "of " + change_cohort_label(first),
                  change_points(cohorts.share.value), change_points_between(cohorts.share.interval));
  std::string sentence;
  switch (change.verdict) {
    case ChangeVerdict::better:
    case ChangeVerdict::worse:
      sentence = (change.verdict == ChangeVerdict::better ? "Better: " : "Worse: ") + seen + ".";
      sentence += change.sure_at_every_look
                      ? " That holds however often one has looked."
                      : " That holds for one look at a day fixed beforehand; for those who look often it is too early "
                        "to tell.";
      break;
    case ChangeVerdict::no_difference:
      sentence = fmt::format("No difference to speak of: {}; one of {:.1f} points or more is ruled out.", seen,
                             100 * change.worthwhile);
      break;
    default:
      sentence = "Too early to tell: " + seen + ".";
      if (cohorts.detectable_increase)
        sentence += fmt::format(" Cohorts of this size would find an increase of {:.1f} points {:.0f} times in 100",
                                100 * *cohorts.detectable_increase, 100 * change.power);
      else
        sentence += " Cohorts of this size would hardly find any increase";
      if (cohorts.deals_needed && *cohorts.deals_needed < 1e6)
        sentence += fmt::format("; the difference seen takes {} in each to be sure of.",
                                change_deals_text(std::ceil(*cohorts.deals_needed)));
      else
        sentence += ".";
      break;
  }
  if (!change.placebo_differs) return sentence;
  const bool found = change.verdict == ChangeVerdict::better || change.verdict == ChangeVerdict::worse;
  sentence += dated ? " But one window earlier, when nothing had changed, there was a difference as well"
                    : " But the two differed one window earlier as well";
  sentence += found ? ": it cannot be laid to the change." : ": weigh any difference here with care.";
  return sentence;
}

std::string to_json(const ChangeComparison& change) {
  const Json json{{"as_of", to_string(change.as_of)},
                  {"change_on", to_string(change.change_on)},
                  {"window_days", change.window_days},
                  {"follow_up_days", change.follow_up_days},
                  {"level", change.level},
                  {"power", change.power},
                  {"worthwhile", change.worthwhile},
                  {"outcome", change.outcome},
                  {"attribute", change.attribute.empty() ? Json(nullptr) : Json(change.attribute)},
                  {"verdict", to_string(change.verdict)},
                  {"sentence", verdict_sentence(change)},
                  {"sure_at_every_look", change.sure_at_every_look},
                  {"placebo_differs", change.placebo_differs},
                  {"comparison", change_comparison_json(change.cohorts)},
                  {"adjusted", change.adjusted ? adjusted_json(*change.adjusted) : Json(nullptr)},
                  {"placebo", change.placebo ? change_comparison_json(*change.placebo) : Json(nullptr)}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

void write_tables(std::ostream& out, const ChangeComparison& change) {
  using enum TextTable::Align;
  write_change_text(out, verdict_sentence(change));
  if (change.verdict == ChangeVerdict::nothing_to_compare) return;
  const CohortComparison& cohorts = change.cohorts;
  const ChangeCohort &first = cohorts.first, &second = cohorts.second;
  const bool dated = change.attribute.empty();

  const auto number = [](std::uint64_t n) { return with_commas(static_cast<double>(n)); };
  const auto share_of = [](const ChangeCohort& cohort) {
    return fmt::format("{:.1f}", 100 * cohort.share.probability);
  };
  const auto limits_of = [](const ChangeCohort& cohort) {
    return fmt::format("{:.1f}-{:.1f}", 100 * cohort.share_limits.lower, 100 * cohort.share_limits.upper);
  };
  const auto signed_money = [](double money) {
    const std::string text = with_commas(money);
    return text.front() == '-' ? text : "+" + text;
  };
  TextTable table({left, right, right, right, right});
  table.row({"", change_cohort_label(first), change_cohort_label(second), "Difference",
             change_level_text(change) + " limits"});
  table.rule();
  table.row({"Created from", to_string(first.from), to_string(second.from)});
  table.row({"  to", to_string(first.to - Days{1}), to_string(second.to - Days{1})});
  table.row({"Deals created", number(first.deals), number(second.deals)});
  table.row({"  seen to the end", number(first.complete), number(second.complete)});
  table.row({change.outcome == "won" ? "Won, percent" : "Got there, percent", share_of(first), share_of(second),
             change_points(cohorts.share.value), change_points_between(cohorts.share.interval)});
  table.row({"  " + change_level_text(change) + " limits", limits_of(first), limits_of(second)});
  table.row({"  if one looks often", "", "", "", change_points_between(cohorts.always_valid)});
  const auto days = [](const ChangeCohort& cohort) { return fmt::format("{:.2f}", cohort.days_open); };
  table.row({"Days until any end", days(first), days(second), fmt::format("{:+.2f}", cohorts.days_open.value),
             fmt::format("{:+.2f} to {:+.2f}", cohorts.days_open.interval.lower, cohorts.days_open.interval.upper)});
  double largest = std::max(first.money_per_deal.value_or(0), second.money_per_deal.value_or(0));
  if (cohorts.money)
    largest = std::max({largest, std::abs(cohorts.money->interval.lower), std::abs(cohorts.money->interval.upper)});
  const double unit = money_unit(largest, 1e5);
  const auto money = [&](const ChangeCohort& cohort) {
    return cohort.money_per_deal ? with_commas(*cohort.money_per_deal / unit) : std::string("-");
  };
  table.row({"Won money per deal", money(first), money(second),
             cohorts.money ? signed_money(cohorts.money->value / unit) : "-",
             cohorts.money ? signed_money(cohorts.money->interval.lower / unit) + " to " +
                                 signed_money(cohorts.money->interval.upper / unit)
                           : "-"});
  if (unit > 1) table.row({"  in units of " + with_commas(unit)});
  out << '\n';
  table.write(out);
  out << '\n';

  write_change_text(out,
                    fmt::format("Outcome: {} of creation, each deal of one cohort seen as long as its counterpart of "
                                "the other; deals still open are not failures. Days until any end count up to {}.",
                                change_outcome_text(change), change.follow_up_days));
  if (first.won_without_amount + second.won_without_amount > 0)
    write_change_text(
        out, fmt::format("{} won without an amount; they count as the other won ones do on average.",
                         change_deals_text(static_cast<double>(first.won_without_amount + second.won_without_amount))));
  out << '\n';
  write_change_text(
      out, fmt::format("Chance that {} is better: {}. Tests that nothing differs: outcome at all ages "
                       "(Gray) p = {}, time to any end (log-rank) p = {}.",
                       dated ? "after" : change_cohort_label(second), percent(cohorts.probability_of_improvement),
                       change_p_text(cohorts.outcome.p_value), change_p_text(cohorts.speed.p_value)));
  const auto detectable = [](const std::optional<double>& found, const char* sign) {
    return found ? fmt::format("{}{:.1f} points", sign, 100 * *found) : std::string("none");
  };
  write_change_text(
      out,
      fmt::format(
          "Smallest change that cohorts of this size find {:.0f} times in 100: up {}, down {}. "
          "Deals needed in each for the difference seen: {}.",
          100 * change.power, detectable(cohorts.detectable_increase, "+"),
          detectable(cohorts.detectable_decrease, "-"),
          cohorts.deals_needed && *cohorts.deals_needed < 1e9 ? with_commas(std::ceil(*cohorts.deals_needed)) : "-"));
  if (change.adjusted) {
    const AdjustedComparison& adjusted = *change.adjusted;
    std::string text = fmt::format("With the same mix of {}: {} points (limits {}); Gray p = {}, log-rank p = {}.",
                                   shortened(adjusted.attribute, 20), change_points(adjusted.share.value),
                                   change_points_between(adjusted.share.interval),
                                   change_p_text(adjusted.outcome.p_value), change_p_text(adjusted.speed.p_value));
    if (adjusted.deals_left_out > 0)
      text += fmt::format(" {} of values on one side only left out.",
                          change_deals_text(static_cast<double>(adjusted.deals_left_out)));
    write_change_text(out, text);
  }
  if (change.placebo) {
    const CohortComparison& placebo = *change.placebo;
    write_change_text(out,
                      fmt::format("Placebo, the same one window earlier ({} to {}{}): {} to {}, {} points (limits {}).",
                                  to_string(placebo.first.from), to_string(placebo.second.to - Days{1}),
                                  dated ? ", nothing changed" : "", percent(placebo.first.share.probability),
                                  percent(placebo.second.share.probability), change_points(placebo.share.value),
                                  change_points_between(placebo.share.interval)));
  } else {
    write_change_text(out, "No placebo: the history does not reach one window further back.");
  }
  out << '\n';
  write_change_text(out,
                    dated ? "Before and after is no experiment: season, the mix of deals and all else that changed in "
                            "those weeks are part of the difference."
                          : "This is an experiment only if chance decided which deal got which value; else the two "
                            "may differ in the deals they were given.");
}

}  // namespace putki
