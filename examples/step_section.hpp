#pragma once
// The section `funnel` of funnel_report: its options, and reach, transition and steps in one answer.

#include "command_line.hpp"

#include <algorithm>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

namespace example {

struct StepArguments {
  std::vector<std::string> steps, exclude, gaps;
  std::string order = "ordered", window = "90d", entries = "first", value = "at_entry", origin = "last";
};

inline void add_step_options(CLI::App& app, StepArguments& arguments) {
  app.add_option("--steps", arguments.steps,
                 "funnel: stages to follow, such as Lead,Demo+Trial,Offer?,Won (+ joins the stages of one step, ? "
                 "makes it optional; default: the pipeline's gates, or its open stages, and won)")
      ->delimiter(',');
  app.add_option("--order", arguments.order, "funnel: steps ordered, strict (nothing between) or unordered")
      ->capture_default_str();
  app.add_option("--window", arguments.window, "funnel: from the entry to a step, such as 90d or 12w; none: no limit")
      ->capture_default_str();
  app.add_option("--gap", arguments.gaps,
                 "funnel: least and most time from the step before, as STEP:LEAST:MOST, such as 3:1d:30d or 3::2w")
      ->delimiter(',');
  app.add_option("--exclude", arguments.exclude, "funnel: stages that end the way when visited between two steps")
      ->delimiter(',');
  app.add_option("--entries", arguments.entries, "funnel: which entries of a deal count: first, latest or every")
      ->capture_default_str();
  app.add_option("--step-value", arguments.value, "funnel: amounts of the steps: known at_entry, the latest, or none")
      ->capture_default_str();
  app.add_option("--origin", arguments.origin,
                 "funnel: where entries came from: the deal's first stage or its last before them")
      ->capture_default_str();
}

inline putki::StageId stage_argument(const std::string& option, const std::string& name,
                                     const putki::StageGraph& graph) {
  if (const auto stage = graph.find(name)) return *stage;
  std::string allowed;
  for (const putki::Stage& stage : graph.stages()) allowed += (allowed.empty() ? "" : ", ") + stage.name;
  throw putki::InvalidArgument(option + " has '" + name + "'; the stages are " + allowed);
}

inline std::vector<std::string> cut_at(const std::string& text, char mark) {
  std::vector<std::string> parts;
  std::istringstream in(text + mark);
  for (std::string part; std::getline(in, part, mark);) parts.push_back(part);
  return parts;
}

inline putki::StepFunnelQuestion step_question(const StepArguments& arguments, const putki::StageGraph& graph) {
  using putki::Days;
  putki::StepFunnelQuestion question{.steps = {}};
  for (const std::string& text : arguments.steps) {
    putki::FunnelStep step{.stages = {}};
    // a stage may itself be called so
    step.optional = !text.empty() && text.back() == '?' && !graph.find(text);
    const std::string names = step.optional ? text.substr(0, text.size() - 1) : text;
    if (const auto stage = graph.find(names))
      step.stages = {*stage};
    else
      for (const std::string& name : cut_at(names, '+')) step.stages.push_back(stage_argument("--steps", name, graph));
    question.steps.push_back(step);
  }
  if (question.steps.empty()) question.steps = putki::main_steps(graph);
  question.order = putki::parse_step_order(arguments.order);
  question.entries = putki::parse_step_entries(arguments.entries);
  question.window.reset();
  if (arguments.window != "none") question.window = Days{duration_argument("--window", arguments.window)};
  for (const std::string& text : arguments.gaps) {
    const auto parts = cut_at(text, ':');
    const auto step = parts.size() == 3 ? number_argument("--gap", parts[0]) : 0;
    if (!(step >= 2 && step <= static_cast<double>(question.steps.size()) && step == std::floor(step)))
      throw putki::InvalidArgument("--gap is '" + text + "'; write STEP:LEAST:MOST with a step from 2 to " +
                                   std::to_string(question.steps.size()) + ", such as 3:1d:30d");
    putki::FunnelStep& to = question.steps[static_cast<std::size_t>(step) - 1];
    if (!parts[1].empty()) to.min_gap = Days{duration_argument("--gap", parts[1])};
    if (!parts[2].empty()) to.max_gap = Days{duration_argument("--gap", parts[2])};
  }
  if (!arguments.exclude.empty()) {
    question.exclusions.push_back({.stages = {}});
    for (const std::string& name : arguments.exclude)
      question.exclusions.back().stages.push_back(stage_argument("--exclude", name, graph));
  }
  if (arguments.value == "at_entry")
    question.value = putki::StepValue::at_entry;
  else if (arguments.value == "latest")
    question.value = putki::StepValue::latest;
  else if (arguments.value != "none")
    throw putki::InvalidArgument("--step-value is '" + arguments.value + "'; allowed are at_entry, latest, none");
  return question;
}

struct StepSection {
  putki::StageGraph graph;
  putki::ReachAndTransition reach;
  putki::StepFunnel funnel;
  std::vector<putki::StepFunnelPart> origins;
};

inline StepSection step_section(const putki::AsOf& view, const StepArguments& arguments) {
  const putki::StepFunnelQuestion question = step_question(arguments, view.graph());
  if (arguments.origin != "first" && arguments.origin != "last")
    throw putki::InvalidArgument("--origin is '" + arguments.origin + "'; allowed are first, last");
  const auto origin = arguments.origin == "first" ? putki::StepOrigin::first : putki::StepOrigin::last;
  const double days = question.window ? putki::elapsed_days({}, putki::Timestamp(*question.window)) : 90;
  return {view.graph(), putki::reach_and_transition(view, {.days = days}), putki::step_funnel(view, question),
          putki::step_funnel_by_origin(view, question, origin)};
}

inline void write_tables(std::ostream& out, const StepSection& section) {
  putki::write_tables(out, section.funnel);
  if (section.origins.size() > 1) {
    out << "\nBy where the entries came from:\n\n";
    putki::write_tables(out, section.origins, section.graph);
  }
  if (section.reach.deals == 0) return;
  out << '\n';
  putki::write_tables(out, section.reach);
}

/// `{"steps": .., "origins": [..], "reach": ..}`
inline std::string to_json(const StepSection& section) {
  return "{\n\"steps\": " + putki::to_json(section.funnel) +
         ",\n\"origins\": " + putki::to_json(section.origins, section.graph) +
         ",\n\"reach\": " + putki::to_json(section.reach) + "\n}";
}

}  // namespace example
