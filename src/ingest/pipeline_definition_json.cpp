// A pipeline definition as JSON.

#include <putki/ingest/pipeline_definition.hpp>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "ingest/calendar_json.hpp"

namespace putki {

namespace {

using nlohmann::ordered_json;

// The word for a value that an enumeration names; an index past the last is a value no enumerator has.
template <class Enum, std::size_t N>
std::string_view word(Enum value, const std::array<std::string_view, N>& words, std::string_view what) {
  const auto i = static_cast<std::size_t>(value);
  if (i >= N) throw DefinitionError("definition: " + std::string(what) + " " + std::to_string(i) + " does not exist");
  return words[i];
}

std::string mark(char c) {
  return c == '\0' ? std::string() : std::string(1, c);
}

ordered_json stages_of(const PipelineDefinition& definition) {
  const StageGraph& graph = definition.graph;
  std::vector<std::vector<std::string>> aliases(graph.stage_count());
  for (const auto& [raw, stage] : definition.aliases) {
    if (raw != graph.stage(stage).name) aliases[index(stage)].push_back(raw);
  }
  ordered_json stages = ordered_json::array();
  for (std::size_t i = 0; i < graph.stage_count(); ++i) {
    const Stage& stage = graph.stages()[i];
    std::sort(aliases[i].begin(), aliases[i].end());
    ordered_json one = {{"name", stage.name}, {"kind", to_string(stage.kind)}};
    if (!aliases[i].empty()) one["aliases"] = aliases[i];
    stages.push_back(std::move(one));
  }
  return stages;
}

ordered_json moves_of(const StageGraph& graph) {
  ordered_json moves = ordered_json::array();
  const auto add = [&](StageId from, StageId to) {
    moves.push_back(ordered_json::array({graph.stage(from).name, graph.stage(to).name}));
  };
  for (std::size_t i = 0; i < graph.stage_count(); ++i) {
    const StageId from = static_cast<StageId>(i);
    for (const StageId to : graph.next_stages(from)) add(from, to);
  }
  for (const StructureFinding& finding : graph.check())
    if (finding.problem == StructureProblem::move_to_itself) add(finding.stage, finding.stage);
  return moves;
}

ordered_json columns_of(const ColumnNames& names) {
  ordered_json columns = ordered_json::object();
  const auto add = [&](const char* role, const std::string& column) {
    if (!column.empty()) columns[role] = column;
  };
  add("deal", names.deal);
  add("stage", names.stage);
  add("time", names.time);
  add("created", names.created);
  add("closed", names.closed);
  if (!names.stage_dates.empty()) columns["stage_dates"] = names.stage_dates;
  add("amount", names.amount);
  add("expected_close", names.expected_close);
  if (!names.attributes.empty()) columns["attributes"] = names.attributes;
  return columns;
}

ordered_json formats_of(const ReadFormats& formats) {
  constexpr std::array<std::string_view, 6> kTimes = {"auto", "iso8601", "mdy", "dmy", "epoch_s", "epoch_ms"};
  const auto separator = [&] {
    if (formats.separator == '\0') return std::string("auto");
    return formats.separator == '\t' ? std::string("tab") : mark(formats.separator);
  };
  return {{"time", word(formats.time, kTimes, "time format")},
          {"decimal", mark(formats.decimal)},
          {"thousands", mark(formats.thousands)},
          {"separator", separator()}};
}

}  // namespace

std::string to_json(const PipelineDefinition& definition) {
  constexpr std::array<std::string_view, 3> kShapes = {"history", "deals", "stage_dates"};
  constexpr std::array<std::string_view, 2> kPolicies = {"keep", "ignore"};
  ordered_json root;
  root["name"] = definition.name;
  root["time_zone"] = definition.time_zone.text();
  if (definition.calendar) root["calendar"] = detail::calendar_json(*definition.calendar);
  root["stages"] = stages_of(definition);
  if (definition.graph.declares_moves()) root["moves"] = moves_of(definition.graph);
  ordered_json entries = ordered_json::array();
  for (const StageId entry : definition.graph.entries()) entries.push_back(definition.graph.stage(entry).name);
  root["entries"] = std::move(entries);
  root["ignore"] = definition.ignored;
  root["shape"] = word(definition.shape, kShapes, "export shape");
  root["columns"] = columns_of(definition.columns);
  root["formats"] = formats_of(definition.formats);
  root["reopened"] = word(definition.reopened, kPolicies, "reopen policy");
  std::string text;
  try {
    text = root.dump(2) + "\n";
  } catch (const nlohmann::json::exception&) {
    throw DefinitionError("definition: a text in it is not UTF-8");
  }
  parse_pipeline_definition(text);  // says what is wrong with a value that no file could hold
  return text;
}

}  // namespace putki
