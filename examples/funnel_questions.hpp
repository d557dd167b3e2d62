#pragma once
// What the sections of funnel_report are asked, and how the command line asks it.

#include "command_line.hpp"
#include "step_section.hpp"

#include <putki/putki.hpp>

#include <CLI/CLI.hpp>

#include <optional>
#include <string>

namespace example {

constexpr std::size_t kMostListed = 1'000'000'000;  ///< what lists may be asked to hold

/// One block a section; a field's default is what the section does without the option.
struct FunnelQuestions {
  putki::Day as_of{};
  putki::Day since{};  ///< sections that look at a window look at [since, as_of)
  std::string by;      ///< attribute; empty: none

  putki::FunnelSummaryOptions stages;
  putki::InputSummary input;  ///< what was read and set aside

  // metrics, definitions
  std::optional<double> close_days;  ///< age at which close rates are read; nothing: usual_close_days of the whole
  std::string metrics_period = "month";

  // cards
  double card_days = putki::StageCardOptions{}.age_days;

  // plan
  double at_age = 0;  ///< days in the stage, 0: from its entry

  // funnel
  StepArguments steps;

  // cohorts
  std::string cohort;  ///< week, month, quarter; empty: by the length of the history
  putki::CohortOptions cohorts;

  // movement
  std::optional<putki::Day> closing_from, closing_before;
  std::size_t most_listed = 0;  ///< deals per list, in hygiene too; 0: all

  // balance, paths
  putki::BalanceOptions balance;
  putki::PathsOptions paths;

  // ready
  std::string within = "7d";  ///< the days looked ahead

  // hygiene, strengths
  putki::HygieneOptions hygiene;
  double false_discoveries = 0.1;  ///< share of what is named that may be chance

  // change
  std::optional<putki::Day> change_on;               ///< none: since
  std::string compare, change_reach, change_adjust;  ///< "COLUMN=A,B", a stage, a column; empty: none
  int change_window = 0, change_within = 0;
};

inline void add_options(CLI::App& app, FunnelQuestions& questions) {
  add_step_options(app, questions.steps);
  app.add_option("--within", questions.within, "ready: chances within so many days, such as 7d or 2w")
      ->capture_default_str();
  app.add_option("--false-discoveries", questions.false_discoveries,
                 "strengths: share of the differences named that may be chance")
      ->capture_default_str();
  app.add_option("--at-age", questions.at_age, "plan: what comes next for deals in their stage for so many days")
      ->capture_default_str();
  app.add_option("--close-days", questions.close_days,
                 "metrics, definitions: age in days at which the close rate is read (default: by when 90 % of wins "
                 "have come)");
  app.add_option("--metrics-period", questions.metrics_period, "metrics: rows by day, week, month, quarter or year")
      ->capture_default_str();
  app.add_option("--card-days", questions.card_days, "cards: age in a stage at which its ways out are read, in days")
      ->capture_default_str();
  app.add_option("--cohort", questions.cohort,
                 "cohorts: by week, month or quarter of creation (default: by the length of the history)");
  app.add_option("--cohorts", questions.cohorts.most_cohorts, "cohorts: how many are shown, the latest")
      ->check(CLI::Range(1, 1'000))
      ->capture_default_str();
  const auto day = [&app](const std::string& option, std::optional<putki::Day>& answer, const std::string& help) {
    app.add_option_function<std::string>(
        option, [option, &answer](const std::string& text) { answer = day_argument(option, text); }, help);
  };
  day("--closing-from", questions.closing_from,
      "movement: only the pipeline expected to close from this day on (with --closing-before)");
  day("--closing-before", questions.closing_before, "movement: .. and before this day");
  app.add_option("--most-listed", questions.most_listed,
                 "movement, hygiene: most deals per list in JSON, the largest; 0: all")
      ->check(CLI::Range(std::size_t{0}, kMostListed))
      ->capture_default_str();
  day("--change-on", questions.change_on,
      "change: first day of the new way; deals created before and after it are compared (default: --since)");
  app.add_option("--compare", questions.compare,
                 "change: COLUMN=A,B compares two values of a column among deals created from then on, in place of "
                 "before and after");
  app.add_option("--change-within", questions.change_within,
                 "change: age in days by which a deal must be won (default: half the days since the change, up to 90)");
  app.add_option("--change-window", questions.change_window,
                 "change: days of creation on either side (default: all days since the change)");
  app.add_option("--change-reach", questions.change_reach, "change: the stage to reach, in place of winning");
  app.add_option("--change-adjust", questions.change_adjust,
                 "change: a column whose values are compared like with like, its mix held equal");
  app.add_option_function<std::string>(
      "--balance-by",
      [&questions](const std::string& text) { questions.balance.unit = putki::parse_period_unit(text); },
      "balance: count by day, week, month, quarter or year [week]");
  app.add_option("--weeks-ahead", questions.balance.weeks_ahead, "balance: weeks to project, up to 104")
      ->capture_default_str();
  app.add_option("--zombie-lifetimes", questions.hygiene.zombie_lifetimes,
                 "hygiene: a deal is open too long at so many times the age by which 90 % have ended")
      ->capture_default_str();
  app.add_option("--zombie-days", questions.hygiene.zombie_days, "hygiene: .. or at so many days");
  app.add_option("--paths-within", questions.paths.horizon_days,
                 "paths: wins and days are counted this many days from going back or passing a gate")
      ->capture_default_str();
  app.add_option("--most-ways", questions.paths.most_variants, "paths: most ways listed in JSON; 0: all")
      ->check(CLI::Range(std::size_t{0}, kMostListed))
      ->capture_default_str();
}

inline putki::Cohorts cohort_answer(const putki::AsOf& view, const FunnelQuestions& questions) {
  putki::CohortOptions options = questions.cohorts;
  if (!questions.cohort.empty()) {
    if (questions.cohort != "week" && questions.cohort != "month" && questions.cohort != "quarter")
      throw putki::InvalidArgument("--cohort is '" + questions.cohort + "'; allowed are week, month, quarter");
    options.unit = putki::parse_period_unit(questions.cohort);
  }
  return putki::cohorts(view, options);
}

inline putki::Movement movement_answer(const putki::AsOf& view, const FunnelQuestions& questions) {
  putki::MovementOptions options;
  if (questions.closing_from.has_value() != questions.closing_before.has_value())
    throw putki::InvalidArgument("--closing-from and --closing-before go together");
  if (questions.closing_from) options.period = putki::Period{*questions.closing_from, *questions.closing_before};
  if (questions.most_listed > 0) options.list_limit = questions.most_listed;
  return putki::movement(view, view.log().time_zone().start_of(questions.since), options);
}

inline putki::ChangeComparison change_answer(const putki::AsOf& view, const FunnelQuestions& questions) {
  putki::ChangeOptions options;
  options.change_on = questions.change_on.value_or(questions.since);
  options.window_days = questions.change_window;
  options.follow_up_days = questions.change_within;
  options.adjust_for = questions.change_adjust;
  if (!questions.change_reach.empty()) {
    options.reach = view.graph().find(questions.change_reach);
    if (!options.reach)
      throw putki::InvalidArgument("--change-reach is '" + questions.change_reach + "', no stage of the definition");
  }
  if (!questions.compare.empty()) {
    const std::size_t equals = questions.compare.find('='), comma = questions.compare.find(',', equals);
    if (equals == std::string::npos || equals == 0 || comma == std::string::npos)
      throw putki::InvalidArgument("--compare is '" + questions.compare +
                                   "'; write a column and two of its values, such as Owner=Aino,Bo");
    options.attribute = questions.compare.substr(0, equals);
    options.first_value = questions.compare.substr(equals + 1, comma - equals - 1);
    options.second_value = questions.compare.substr(comma + 1);
  }
  return putki::compare_change(view, options);
}

}  // namespace example
