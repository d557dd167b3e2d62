#include <putki/report/plan_report.hpp>

#include "report/json.hpp"
#include "report/text_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ostream>

namespace putki {
namespace {

using enum TextTable::Align;

/// Stages hold their name whole up to here.
constexpr std::size_t kStageWidth = 24;

const char* name(LeadsAnswer answer) {
  switch (answer) {
    case LeadsAnswer::none_needed:
      return "none_needed";
    case LeadsAnswer::needed:
      return "needed";
    case LeadsAnswer::too_late:
      return "too_late";
    case LeadsAnswer::beyond_limit:
      return "beyond_limit";
  }
  return "";
}

const char* name(LevelInflowAnswer answer) {
  switch (answer) {
    case LevelInflowAnswer::meets_target:
      return "meets_target";
    case LevelInflowAnswer::capacity_too_small:
      return "capacity_too_small";
    case LevelInflowAnswer::too_late:
      return "too_late";
  }
  return "";
}

Json optional_day(const std::optional<Day>& day) {
  return day ? Json(to_string(*day)) : Json();
}
Json optional_number(const std::optional<double>& number) {
  return number && std::isfinite(*number) ? Json(*number) : Json();
}

Json with_leads(Json json, const LeadsNeeded& needed) {
  json["answer"] = name(needed.answer);
  json["leads"] = needed.leads;
  json["probability"] = needed.probability;
  json["probability_with_one_fewer"] = needed.probability_with_one_fewer;
  json["win_chance"] = needed.win_chance;
  return json;
}

Json period_json(const Period& period) {
  return {{"begin", to_string(period.begin)}, {"end", to_string(period.end)}};
}

double leads_per_week(const Plan& plan) {
  return plan.leads.evenly.leads * 7.0 / static_cast<double>((plan.horizon.end - plan.first_day).count());
}

std::string leads_cell(const LeadsNeeded& needed) {
  switch (needed.answer) {
    case LeadsAnswer::none_needed:
      return "none";
    case LeadsAnswer::needed:
      return with_commas(needed.leads);
    case LeadsAnswer::too_late:
      return "too late";
    case LeadsAnswer::beyond_limit:
      return "over " + with_commas(needed.leads);
  }
  return "";
}

std::string day_cell(const std::optional<Day>& day) {
  return day ? to_string(*day) : "already";
}

}  // namespace

std::string to_json(const Plan& plan, const StageGraph& graph) {
  const auto stage_name = [&](StageId stage) { return graph.stage(stage).name; };
  Json json{{"as_of", to_string(plan.as_of)},
            {"first_day", to_string(plan.first_day)},
            {"begin", to_string(plan.horizon.begin)},
            {"end", to_string(plan.horizon.end)},
            {"target", plan.target},
            {"confidence", plan.confidence},
            {"booked", plan.booked},
            {"expected", plan.expected},
            {"probability", plan.coverage.probability}};

  Json today = Json::array(), weeks = Json::array();
  for (const StageLeads& stage : plan.leads.stages) {
    Json entry = with_leads({{"stage", stage_name(stage.stage)}}, stage.today);
    entry["last_day"] = optional_day(stage.last_day);
    entry["last_day_at_all"] = optional_day(stage.last_day_at_all);
    today.push_back(entry);
  }
  for (const WeekLeads& week : plan.leads.weeks) weeks.push_back(with_leads(period_json(week.week), week.needed));
  Json evenly = with_leads(Json::object(), plan.leads.evenly);
  evenly["per_week"] = leads_per_week(plan);
  json["leads"] = {{"today", today},
                   {"weeks", weeks},
                   {"evenly", evenly},
                   {"last_day", optional_day(plan.leads.last_day)},
                   {"last_day_at_all", optional_day(plan.leads.last_day_at_all)}};

  json["coverage"] = {{"open_value", plan.coverage.open_value},
                      {"remaining_target", plan.coverage.remaining_target},
                      {"coverage", optional_number(plan.coverage.coverage)},
                      {"required", optional_number(plan.coverage.required)}};

  Json stages = Json::array(), gaps = Json::array(), planned = Json::array();
  for (const StageOccupancy& stage : plan.occupancy.stages)
    stages.push_back(
        {{"stage", stage_name(stage.stage)},
         {"visits", stage.visits},
         {"mean_stay_days", optional_number(stage.mean_stay_days)},
         {"needed", optional_number(stage.needed)},
         {"actual", stage.actual},
         {"z_score", stage.z_score},
         {"usual", {{"lower", optional_number(stage.usual.lower)}, {"upper", optional_number(stage.usual.upper)}}}});
  json["occupancy"] = {{"revenue_per_day", plan.occupancy.revenue_per_day},
                       {"win_probability", plan.occupancy.win_probability},
                       {"mean_amount", plan.occupancy.mean_amount},
                       {"inflow_needed_per_day", optional_number(plan.occupancy.inflow_needed)},
                       {"inflow_now_per_day", plan.occupancy.inflow_now},
                       {"stages", stages}};
  for (const PeriodGap& gap : plan.gaps) {
    Json entry = period_json(gap.period);
    entry["share"] = gap.share;
    entry["expected"] = gap.expected;
    entry["probability"] = gap.probability;
    entry["falls_short"] = gap.falls_short;
    entry["cause"] = nullptr;
    if (gap.cause) {
      entry["cause"] = {{"source", nullptr}, {"shortage", gap.cause->shortage}};
      if (gap.cause->stage) entry["cause"]["source"] = stage_name(*gap.cause->stage);
    }
    gaps.push_back(entry);
  }
  json["gaps"] = gaps;
  for (const PlannedWeek& week : plan.inflow.weeks) {
    Json entry = period_json(week.week);
    entry["leads"] = week.leads;
    entry["usual_leads"] = week.usual_leads;
    entry["win_chance"] = week.win_chance;
    entry["work_in_progress"] = week.work_in_progress;
    planned.push_back(entry);
  }
  json["inflow"] = {{"answer", name(plan.inflow.answer)},
                    {"weeks", planned},
                    {"expected_revenue", plan.inflow.expected_revenue},
                    {"probability", plan.inflow.probability},
                    {"present_work", plan.inflow.present_work},
                    {"peak_work", plan.inflow.peak_work},
                    {"peak_day", to_string(plan.inflow.peak_day)},
                    {"capacity_needed", optional_number(plan.inflow.capacity_needed)}};
  return json.dump(2);
}

namespace {

/// Writes one answer; amounts in `unit`.
class Answer {
 public:
  Answer(std::ostream& out, const Plan& plan, const StageGraph& graph, const PlanOptions& options)
      : out_(out), plan_(plan), graph_(graph), options_(options) {
    while (std::max(std::abs(plan.target), plan.expected) / unit_ >= 1e9) unit_ *= 1000;
  }

  void heading(const std::string& pipeline_name, const OpenPipeline& pipeline) const {
    double value = 0, without_amount = 0;
    for (const OpenDeal& deal : pipeline.deals) {
      value += deal.amount.value_or(0);
      without_amount += deal.amount ? 0 : 1;
    }
    out_ << "Plan" << (pipeline_name.empty() ? "" : ": ") << shortened(pipeline_name, 50) << ", as of "
         << to_string(plan_.as_of) << '\n'
         << counted(static_cast<double>(pipeline.deals.size()), "deal") << " open, worth " << money(value);
    if (without_amount > 0) out_ << " (" << with_commas(without_amount) << " of unknown amount)";
    if (plan_.horizon.begin < plan_.first_day)
      out_ << ";\nbooked since " << to_string(plan_.horizon.begin) << ": " << money(plan_.booked);
    out_ << "\n\nTarget: " << money(plan_.target) << " up to and including " << last_day() << ", with "
         << percent(plan_.confidence, 0) << " confidence"
         << (unit_ > 1 ? fmt::format("\n(amounts in units of {})", with_commas(unit_)) : "") << ".\n"
         << "Chance now: " << percent(plan_.coverage.probability) << ". Expected: " << money(plan_.expected);
    if (plan_.booked != 0) out_ << ", of which " << money(plan_.booked) << " is booked";
    out_ << ".\n";
  }

  void leads() const {
    out_ << "\nHow many more leads?\n";
    const char* const besides =
        options_.in_place_of_inflow ? "in place of the usual inflow" : "besides the usual inflow";
    if (plan_.leads.evenly.answer == LeadsAnswer::none_needed) {
      out_ << "None: what is there and what comes anyway do it.\n";
    } else {
      TextTable stages({left, right, right, right});
      stages.row({"If they stood today in", "Leads", "Each won by then", "Too late after"});
      stages.rule();
      for (const StageLeads& stage : plan_.leads.stages)
        stages.row({stage_name(stage.stage), leads_cell(stage.today), percent(stage.today.win_chance),
                    day_cell(stage.last_day)});
      stages.write(out_);
      out_ << '\n';
      TextTable weeks({left, right, right});
      weeks.row({"If they came in the week from", "Leads", "Each won by then"});
      weeks.rule();
      for (const WeekLeads& week : plan_.leads.weeks) {
        if (week.needed.win_chance < options_.least_chance && week.week.begin > plan_.leads.last_day.value_or(Day{})) {
          weeks.row({to_string(week.week.begin) + " or later", "too late", "below " + least_chance()});
          break;
        }
        weeks.row({to_string(week.week.begin), leads_cell(week.needed), percent(week.needed.win_chance)});
      }
      weeks.rule();
      weeks.row(
          {"Spread evenly over all days", leads_cell(plan_.leads.evenly), percent(plan_.leads.evenly.win_chance)});
      weeks.write(out_);
      out_ << "Each line alone does it; leads come " << besides;
      if (plan_.leads.evenly.answer == LeadsAnswer::needed)
        out_ << ".\nSpread evenly that is " << fmt::format("{:.1f}", leads_per_week(plan_)) << " more a week";
      out_ << ".\n";
    }
    out_ << "\nFrom when on is a new lead too late?\n";
    if (plan_.leads.last_day)
      out_ << "After " << to_string(*plan_.leads.last_day) << ": its chance to be won by " << last_day() << " is below "
           << least_chance() << ".\n";
    else
      out_ << "Already today: no lead has a chance of " << least_chance() << " to be won by " << last_day() << ".\n";
    if (plan_.leads.last_day_at_all && *plan_.leads.last_day_at_all + Days{1} < plan_.horizon.end)
      out_ << "After " << to_string(*plan_.leads.last_day_at_all) << " it has none at all.\n";
  }

  void coverage() const {
    const PipelineCoverage& of = plan_.coverage;
    out_ << "\nIs there enough in the pipeline?\n";
    if (!of.coverage) {
      out_ << "The target is booked already.\n";
      return;
    }
    out_ << "It holds " << fmt::format("{:.2f}", *of.coverage) << " times the " << money(of.remaining_target)
         << " still to come;\n";
    if (of.required && *of.required == 0)
      out_ << "new deals alone would do it.\n";
    else if (of.required)
      out_ << percent(plan_.confidence, 0) << " confidence takes " << fmt::format("{:.2f}", *of.required)
           << " times, in the present mix of stages and ages.\n";
    else
      out_ << "no multiple of it would do.\n";
  }

  void gaps() const {
    out_ << "\nWhere are the gaps?\n";
    TextTable periods({left, right, right, right, left});
    periods.row({"From", "Share of target", "Expected", "Chance of it", "Short of"});
    periods.rule();
    bool caused = false;
    for (const PeriodGap& gap : plan_.gaps) {
      std::string cause;
      if (gap.cause) cause = gap.cause->stage ? stage_name(*gap.cause->stage) : "new deals";
      caused = caused || gap.cause;
      periods.row(
          {to_string(gap.period.begin), money(gap.share), money(gap.expected), percent(gap.probability, 0), cause});
    }
    periods.write(out_);
    const auto expected = std::find_if(plan_.gaps.begin(), plan_.gaps.end(),
                                       [](const PeriodGap& gap) { return gap.expected < gap.share; });
    const auto unsure =
        std::find_if(plan_.gaps.begin(), plan_.gaps.end(), [](const PeriodGap& gap) { return gap.falls_short; });
    if (expected != plan_.gaps.end())
      out_ << "The first expected to fall short begins on " << to_string(expected->period.begin) << ".\n";
    else
      out_ << "None is expected to fall short.\n";
    if (unsure != plan_.gaps.end())
      out_ << "The first to bring its share with less than " << percent(plan_.confidence, 0)
           << " confidence: " << to_string(unsure->period.begin) << ".\n";
    out_ << "Shares are by days, of what is still to come.\n";
    if (caused) out_ << "Short of: what makes up half or more of the money missing there.\n";

    const Occupancy& steady = plan_.occupancy;
    if (!steady.inflow_needed) {
      out_ << "New deals have brought nothing so far: no number of them would.\n";
      return;
    }
    out_ << '\n';
    TextTable stages({left, right, right, right, right, right});
    stages.row({"Deals in", "Now", "Needed", "Usual then", "Score", "Days there"});
    stages.rule();
    for (const StageOccupancy& stage : steady.stages) {
      const bool finite = std::isfinite(stage.needed);
      stages.row({stage_name(stage.stage), with_commas(stage.actual),
                  finite ? fmt::format("{:.1f}", stage.needed) : "-",
                  finite ? with_commas(stage.usual.lower) + " to " + with_commas(stage.usual.upper) : "-",
                  finite ? fmt::format("{:+.1f}", stage.z_score) : "-",
                  std::isfinite(stage.mean_stay_days) ? fmt::format("{:.1f}", stage.mean_stay_days) : "-"});
    }
    stages.write(out_);
    out_ << "Needed: to earn what is left at an even pace, on average; that takes\n"
         << fmt::format("{:.1f}", 7 * *steady.inflow_needed) << " new deals a week, against "
         << fmt::format("{:.1f}", 7 * steady.inflow_now) << " that come.\n";
  }

  void inflow() const {
    const LevelInflow& of = plan_.inflow;
    out_ << "\nThe weekly plan\n";
    switch (of.answer) {
      case LevelInflowAnswer::too_late:
        out_ << "There is none: no lead that comes now brings anything by " << last_day() << ".\n";
        return;
      case LevelInflowAnswer::capacity_too_small:
        out_ << "Within " << counted(*options_.capacity, "open deal") << " the target cannot be met; it would take "
             << with_commas(std::ceil(of.capacity_needed.value_or(0))) << ".\nThe most that fits:\n";
        break;
      case LevelInflowAnswer::meets_target:
        if (std::all_of(of.weeks.begin(), of.weeks.end(), [](const PlannedWeek& week) { return week.leads == 0; })) {
          out_ << "The target is met without a single new lead.\n";
          return;
        }
        out_ << "All new leads, as level as possible"
             << (options_.capacity ? " within " + counted(*options_.capacity, "open deal") : "") << ":\n";
    }
    TextTable weeks({left, right, right, right, right});
    weeks.row({"Week from", "Leads", "Come anyway", "Each won by then", "Deals open then"});
    weeks.rule();
    for (const PlannedWeek& week : of.weeks)
      weeks.row({to_string(week.week.begin), fmt::format("{:.1f}", week.leads), fmt::format("{:.1f}", week.usual_leads),
                 percent(week.win_chance), fmt::format("{:.1f}", week.work_in_progress)});
    weeks.write(out_);
    out_ << "Expected " << money(of.expected_revenue) << "; chance of the target " << percent(of.probability)
         << ". Most deals open: " << fmt::format("{:.1f}", of.peak_work)
         << (of.peak_work > of.present_work ? ",\non " : ",\nnow, ") << to_string(of.peak_day)
         << ".\nOpen then: when the week ends.\n";
  }

 private:
  std::string money(double amount) const { return with_commas(amount / unit_); }
  std::string stage_name(StageId stage) const { return shortened(graph_.stage(stage).name, kStageWidth); }
  std::string least_chance() const { return percent(options_.least_chance, options_.least_chance < 0.01 ? 2 : 0); }
  std::string last_day() const { return to_string(plan_.horizon.end - Days{1}); }

  std::ostream& out_;
  const Plan& plan_;
  const StageGraph& graph_;
  const PlanOptions& options_;
  double unit_ = 1;
};

}  // namespace

void write_answer(std::ostream& out, const std::string& name, const Plan& plan, const OpenPipeline& pipeline,
                  const StageGraph& graph, const PlanOptions& options) {
  const Answer answer(out, plan, graph, options);
  answer.heading(name, pipeline);
  answer.leads();
  answer.coverage();
  answer.gaps();
  answer.inflow();
}

}  // namespace putki
