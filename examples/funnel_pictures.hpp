#pragma once
// The page of funnel_report: which sections have pictures, and what they are made of.

#include "funnel_questions.hpp"
#include "funnel_sections.hpp"
#include "picture_arguments.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace example {

struct FunnelPictures {
  const char* section;  ///< of kFunnelSections
  putki::PageSection (*make)(const putki::AsOf&, const FunnelQuestions&, const putki::FigureOptions&);
};

inline putki::PageSection stage_pictures(const putki::AsOf& view, const FunnelQuestions& questions,
                                         const putki::FigureOptions& options) {
  // Transitions are read at the window of the steps, as in the section `funnel`.
  const auto window = step_question(questions.steps, view.graph()).window;
  const double days = window ? putki::elapsed_days({}, putki::Timestamp(*window)) : 90;
  std::vector<putki::StageStay> stays;
  for (std::size_t i = 0; i < view.graph().stage_count(); ++i)
    if (const auto stage = static_cast<putki::StageId>(i); !view.graph().is_terminal(stage))
      stays.push_back({stage, putki::stage_times(view, stage).stay});
  return putki::stages_section(
      putki::summarize_funnel(view, {.days = {days}}), putki::reach_and_transition(view, {.days = days}),
      putki::stage_traffic(putki::directly_follows(view), putki::stage_medians(view)), stays, options);
}

inline const std::vector<FunnelPictures> kFunnelPictures = {
    {"week",
     [](const putki::AsOf& view, const FunnelQuestions& questions, const putki::FigureOptions& options) {
       return putki::week_section(putki::this_week(view, view.log().time_zone().start_of(questions.since)),
                                  putki::stage_worths(view), options);
     }},
    {"stages", stage_pictures},
    {"cards",
     [](const putki::AsOf& view, const FunnelQuestions& questions, const putki::FigureOptions& options) {
       const putki::Readiness ready = putki::readiness(view);
       return putki::cards_section(
           putki::stage_cards(view, {.since = questions.since, .age_days = questions.card_days}),
           putki::stage_stocks(view), &ready, options);
     }},
    {"cohorts",
     [](const putki::AsOf& view, const FunnelQuestions& questions, const putki::FigureOptions& options) {
       return putki::cohorts_section(cohort_answer(view, questions), options);
     }},
    {"movement",
     [](const putki::AsOf& view, const FunnelQuestions& questions, const putki::FigureOptions& options) {
       return putki::movement_section(movement_answer(view, questions), options);
     }},
    {"balance",
     [](const putki::AsOf& view, const FunnelQuestions& questions, const putki::FigureOptions& options) {
       return putki::stock_section(view.graph(), putki::stage_stocks(view, questions.balance.unit), options);
     }},
};

/// Those of the sections chosen; of none chosen: all. InvalidArgument when the chosen ones have no pictures.
inline std::vector<FunnelPictures> chosen_pictures(const std::vector<FunnelSection>& chosen) {
  if (chosen.empty()) return kFunnelPictures;
  std::vector<FunnelPictures> pictures;
  std::string names;
  for (const FunnelPictures& one : kFunnelPictures) {
    names += (names.empty() ? "" : ", ") + std::string(one.section);
    if (std::ranges::any_of(chosen, [&](const auto& section) { return section.name == std::string(one.section); }))
      pictures.push_back(one);
  }
  if (pictures.empty())
    throw putki::InvalidArgument("--html: none of the sections chosen has pictures; those that have are " + names);
  return pictures;
}

inline constexpr std::size_t kMostValuesOnPage = 12;

/// Every section, and after it the same for each value of `by`, the twelve with the most deals.
inline std::vector<putki::PageSection> funnel_page(const std::vector<FunnelPictures>& pictures, const putki::AsOf& view,
                                                   const FunnelQuestions& questions,
                                                   const putki::FigureOptions& options) {
  std::vector<putki::AsOfPart> parts;
  if (!questions.by.empty()) {
    parts = view.split_by(questions.by);
    const auto deals = [](const putki::AsOfPart& part) { return part.view.selection().size(); };
    std::ranges::stable_sort(parts, [&](const auto& a, const auto& b) { return deals(a) > deals(b); });
    if (parts.size() > kMostValuesOnPage) parts.erase(parts.begin() + kMostValuesOnPage, parts.end());
  }
  std::vector<putki::PageSection> sections;
  for (const FunnelPictures& one : pictures) {
    sections.push_back(one.make(view, questions, options));
    const std::string title = sections.back().title;
    for (const putki::AsOfPart& part : parts) {
      sections.push_back(one.make(part.view, questions, options));
      sections.back().title = title + ", " + questions.by + ": " + (part.value.empty() ? "–" : part.value);
    }
  }
  return sections;
}

}  // namespace example
