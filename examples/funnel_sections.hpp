#pragma once
// The sections of funnel_report: one line each in `kFunnelSections`, made of a function of the funnel layer and the
// writers of its result.

#include "command_line.hpp"
#include "step_section.hpp"

#include <putki/putki.hpp>

#include <CLI/CLI.hpp>

#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace example {

/// What sections are asked. A section's own options are added here and in add_options.
struct FunnelQuestions {
  putki::Day as_of{};
  putki::Day since{};  ///< sections that look at a window look at [since, as_of)
  std::string by;      ///< attribute; empty: none

  // funnel
  StepArguments steps;

  std::string within = "7d";  ///< ready: the days looked ahead
  double at_age = 0;          ///< plan: days in the stage, 0: from its entry
  // metrics, definitions
  std::optional<double> close_days;  ///< age at which close rates are read; nothing: usual_close_days of the whole

  // cohorts
  std::string cohort;  ///< week, month, quarter; empty: by the length of the history
  putki::CohortOptions cohorts;

  // movement
  std::optional<putki::Day> closing_from, closing_before;
  std::size_t most_listed = 0;  ///< deals per list; 0: all

  putki::PathsOptions paths;
};

inline void add_options(CLI::App& app, FunnelQuestions& questions) {
  add_step_options(app, questions.steps);
  app.add_option("--within", questions.within, "ready: chances within so many days, such as 7d or 2w")
      ->capture_default_str();
  app.add_option("--at-age", questions.at_age, "plan: what comes next for deals in their stage for so many days")
      ->capture_default_str();
  app.add_option("--close-days", questions.close_days,
                 "metrics, definitions: age in days at which the close rate is read (default: by when 90 % of wins "
                 "have come)");
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
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--paths-within", questions.paths.horizon_days,
                 "paths: wins and days are counted this many days from going back or passing a gate")
      ->capture_default_str();
  app.add_option("--most-ways", questions.paths.most_variants, "paths: most ways listed in JSON; 0: all")
      ->check(CLI::NonNegativeNumber)
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

/// A section answered: for people and for programs.
struct SectionAnswer {
  std::function<void(std::ostream&)> write;
  std::function<std::string()> json;
};

template <class Result>
SectionAnswer answer(Result result) {
  const auto kept = std::make_shared<const Result>(std::move(result));
  return {[kept](std::ostream& out) { write_tables(out, *kept); }, [kept] { return to_json(*kept); }};
}

struct FunnelSection {
  const char* name;
  const char* title;
  SectionAnswer (*ask)(const putki::AsOf&, const FunnelQuestions&);
  bool compares_values = false;  ///< `by` is part of the answer; else the section is repeated for each value
};

inline const std::vector<FunnelSection> kFunnelSections = {
    {"stages", "Stages",
     [](const putki::AsOf& view, const FunnelQuestions&) { return answer(putki::summarize_funnel(view)); }},
    {"funnel", "Funnel by steps",
     [](const putki::AsOf& view, const FunnelQuestions& questions) {
       return answer(step_section(view, questions.steps));
     }},
    {"cohorts", "Cohorts by creation",
     [](const putki::AsOf& view, const FunnelQuestions& questions) { return answer(cohort_answer(view, questions)); }},
    {"movement", "Movement",
     [](const putki::AsOf& view, const FunnelQuestions& questions) {
       return answer(movement_answer(view, questions));
     }},
    {"plan", "Action plan",
     [](const putki::AsOf& view, const FunnelQuestions& questions) {
       return answer(putki::action_plan(view, {.at_age_days = questions.at_age}));
     }},
    {"ready", "Readiness",
     [](const putki::AsOf& view, const FunnelQuestions& questions) {
       const putki::ReadinessOptions options{.within_days =
                                                 static_cast<double>(duration_argument("--within", questions.within))};
       return answer(putki::ReadinessReport{putki::readiness(view, options), putki::readiness_record(view, options)});
     }},
    {"metrics", "The four metrics",
     [](const putki::AsOf& view, const FunnelQuestions& questions) {
       return answer(putki::funnel_metrics(view, {.since = questions.since, .horizon_days = questions.close_days}));
     }},
    {"cards", "Stage cards",
     [](const putki::AsOf& view, const FunnelQuestions& questions) {
       return answer(putki::stage_cards(view, {.since = questions.since}));
     }},
    {"definitions", "Close rate by definition",
     [](const putki::AsOf& view, const FunnelQuestions& questions) {
       return answer(putki::close_rates(view, {.since = questions.since, .horizon_days = questions.close_days}));
     }},
    {"paths", "Paths",
     [](const putki::AsOf& view, const FunnelQuestions& questions) {
       return answer(putki::paths(view, questions.paths));
     }},
};

inline std::string funnel_section_names() {
  std::string names;
  for (const FunnelSection& section : kFunnelSections) names += (names.empty() ? "" : ", ") + std::string(section.name);
  return names;
}

/// In the order of kFunnelSections, each once.
inline std::vector<FunnelSection> chosen_sections(const std::vector<std::string>& names) {
  std::vector<FunnelSection> chosen;
  for (const std::string& name : names)
    if (name != "all" &&
        std::ranges::none_of(kFunnelSections, [&](const auto& section) { return section.name == name; }))
      throw putki::InvalidArgument("--section is '" + name + "'; allowed are " + funnel_section_names() + ", all");
  for (const FunnelSection& section : kFunnelSections)
    if (std::ranges::any_of(names, [&](const auto& name) { return name == section.name || name == "all"; }))
      chosen.push_back(section);
  return chosen;
}

/// A heading, what the section says, and the same for each value of `by`.
inline void write_sections(std::ostream& out, const std::vector<FunnelSection>& sections, const putki::AsOf& view,
                           const FunnelQuestions& questions) {
  bool begun = false;
  for (const FunnelSection& section : sections) {
    out << (begun ? "\n" : "") << "== " << section.title << " ==\n\n";
    begun = true;
    section.ask(view, questions).write(out);
    if (questions.by.empty() || section.compares_values) continue;
    for (const putki::AsOfPart& part : view.split_by(questions.by)) {
      out << "\n-- " << section.title << ", " << questions.by << ": " << (part.value.empty() ? "unknown" : part.value)
          << " --\n\n";
      section.ask(part.view, questions).write(out);
    }
  }
}

/// `{"as_of", "since", "<section>": .., "by": {"attribute", "segments": [{"segment", "<section>": ..}]}}`
inline std::string sections_json(const std::vector<FunnelSection>& sections, const putki::AsOf& view,
                                 const FunnelQuestions& questions) {
  std::string json = "{\n\"as_of\": \"" + putki::to_string(questions.as_of) + "\",\n\"since\": \"" +
                     putki::to_string(questions.since) + '"';
  for (const FunnelSection& section : sections)
    json += ",\n\"" + std::string(section.name) + "\": " + section.ask(view, questions).json();
  if (!questions.by.empty()) {
    json += ",\n\"by\": {\"attribute\": " + putki::json_text(questions.by) + ", \"segments\": [";
    bool begun = false;
    for (const putki::AsOfPart& part : view.split_by(questions.by)) {
      json += (begun ? ",\n{" : "\n{") + std::string("\"segment\": ") + putki::json_text(part.value);
      begun = true;
      for (const FunnelSection& section : sections)
        if (!section.compares_values)
          json += ",\n\"" + std::string(section.name) + "\": " + section.ask(part.view, questions).json();
      json += "}";
    }
    json += "]}";
  }
  return json + "\n}";
}

}  // namespace example
