#pragma once
// The sections of funnel_report: one line each in `kFunnelSections`, made of a function of the funnel layer and the
// writers of its result.

#include "funnel_questions.hpp"

#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

namespace example {

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
    {"week", "This week",
     [](const putki::AsOf& view, const FunnelQuestions& questions) {
       return answer(putki::this_week(view, view.log().time_zone().start_of(questions.since)));
     }},
    {"stages", "Stages",
     [](const putki::AsOf& view, const FunnelQuestions& questions) {
       const auto summary = std::make_shared<putki::FunnelSummary>(putki::summarize_funnel(view, questions.stages));
       return SectionAnswer{[summary](std::ostream& out) { write_tables(out, *summary); },
                            [summary, input = questions.input] { return to_json(*summary, input); }};
     }},
    {"metrics", "The four metrics",
     [](const putki::AsOf& view, const FunnelQuestions& questions) {
       return answer(putki::funnel_metrics(view, {.since = questions.since,
                                                  .horizon_days = questions.close_days,
                                                  .period = putki::parse_period_unit(questions.metrics_period)}));
     }},
    {"cards", "Stage cards",
     [](const putki::AsOf& view, const FunnelQuestions& questions) {
       return answer(putki::stage_cards(view, {.since = questions.since, .age_days = questions.card_days}));
     }},
    {"plan", "Action plan",
     [](const putki::AsOf& view, const FunnelQuestions& questions) {
       return answer(putki::action_plan(view, {.at_age_days = questions.at_age}));
     }},
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
    {"balance", "Balance and rhythm",
     [](const putki::AsOf& view, const FunnelQuestions& questions) {
       return answer(putki::balance(view, view.log().time_zone().start_of(questions.since), questions.balance));
     }},
    {"paths", "Paths",
     [](const putki::AsOf& view, const FunnelQuestions& questions) {
       return answer(putki::paths(view, questions.paths));
     }},
    {"ready", "Readiness",
     [](const putki::AsOf& view, const FunnelQuestions& questions) {
       const putki::ReadinessOptions options{.within_days =
                                                 static_cast<double>(duration_argument("--within", questions.within))};
       return answer(putki::ReadinessReport{putki::readiness(view, options), putki::readiness_record(view, options)});
     }},
    {"hygiene", "Hygiene",
     [](const putki::AsOf& view, const FunnelQuestions& questions) {
       putki::HygieneOptions options = questions.hygiene;
       if (questions.most_listed > 0) options.list_limit = questions.most_listed;
       return answer(putki::hygiene(view, options));
     }},
    {"strengths", "Strengths and weaknesses",
     [](const putki::AsOf& view, const FunnelQuestions& questions) {
       putki::StrengthsOptions options{.false_discovery_rate = questions.false_discoveries};
       if (!questions.by.empty()) options.attributes = {questions.by};
       return answer(putki::strengths(view, options));
     },
     true},
    {"change", "Did the change work",
     [](const putki::AsOf& view, const FunnelQuestions& questions) { return answer(change_answer(view, questions)); }},
    {"definitions", "Close rate by definition",
     [](const putki::AsOf& view, const FunnelQuestions& questions) {
       return answer(putki::close_rates(view, {.since = questions.since, .horizon_days = questions.close_days}));
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
