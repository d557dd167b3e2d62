#pragma once
/// \file
/// How many more leads a target takes, and from when on a new one comes too late.
///
/// *Leads needed* is the smallest n with P(booked + open + new + n leads >= target) >= confidence. A lead is a deal
/// that enters a stage on a day of the horizon; its amount is not known and drawn from what won deals brought. In each
/// scenario (parameter draw, node of the common shock) it is won by the end of the horizon with the chance that
/// DatedPassage::from_entry gives, its log-odds shifted as those of all deals, so that n leads bring a binomial number
/// of wins and all are lucky or unlucky together. Amounts are not below 0: a lead more never lowers the probability,
/// and n is found by bisection, helped by a normal approximation; n - 1 leads have been tried and do not do it.
///
/// Three questions, three numbers: if the leads stood in a stage today (as deals that enter it on the first day of the
/// horizon); if they came in one week, by the pipeline's entry mix and the week's rhythm; if each came on any day of
/// the horizon, alike.
///
/// *The last day that matters* is the last day of the horizon on which a deal that enters is won by the end with a
/// chance of at least PlanOptions::least_chance; *at all*: with a chance above 0. Chances are means over scenarios.
///
/// Cost: some 4 inversions a question, of the cost of one forecast; a question for each stage and week, in parallel by
/// `forecast.threads`. No deal was ever seen to enter: leads by week cannot come, and too_late is the answer.

#include <putki/forecast/plan_options.hpp>

#include <optional>
#include <vector>

namespace putki {

enum class LeadsAnswer {
  none_needed,   ///< the target is met with the confidence as things stand
  needed,        ///< `leads` more do it, one fewer does not
  too_late,      ///< no number does: a lead has no chance to bring anything by the end
  beyond_limit,  ///< PlanOptions::most_leads do not do it
};

struct LeadsNeeded {
  LeadsAnswer answer = LeadsAnswer::none_needed;
  /// 0 where none are needed or it is too late; the limit where it does not suffice.
  int leads = 0;
  double probability = 0;                 ///< of the target, with so many leads
  double probability_with_one_fewer = 0;  ///< the same as `probability` unless leads are needed
  double win_chance = 0;                  ///< of one lead by the end of the horizon
};

struct StageLeads {
  StageId stage;
  LeadsNeeded today;
  std::optional<Day> last_day;  ///< on which an entry to this stage matters; nothing: no day does
  std::optional<Day> last_day_at_all;
};

struct WeekLeads {
  Period week;  ///< Monday to Sunday, cut at the ends of the horizon
  LeadsNeeded needed;
};

struct LeadsPlan {
  double probability = 0;          ///< of the target, without a lead more
  std::vector<StageLeads> stages;  ///< open stages, on hold left out, in the graph's order
  std::vector<WeekLeads> weeks;
  LeadsNeeded evenly;           ///< on any day of the horizon
  std::optional<Day> last_day;  ///< of a lead by the entry mix
  std::optional<Day> last_day_at_all;
};

/// InvalidArgument: as `forecast`; a target or an option out of range. Cancelled on request.
LeadsPlan leads_needed(const ForecastModel& model, const OpenPipeline& pipeline, const PlanOptions& options);

}  // namespace putki
