#include <putki/ingest/pipeline_definition.hpp>

#include <algorithm>

#include "core/in_quotes.hpp"
#include "core/name_problem.hpp"
#include "core/nearest.hpp"
#include "ingest/calendar_json.hpp"
#include "ingest/strict_json.hpp"
#include "ingest/text_file.hpp"

namespace putki {

namespace {

using detail::in_quotes;
using detail::JsonValue;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), detail::ascii_lower);
  return text;
}

// A text that will stand in tables and messages: one line, not too long.
std::string line_of_text(const JsonValue& value) {
  std::string text = value.text();
  const std::string problem = detail::name_problem(text);
  if (!problem.empty()) value.refuse(in_quotes(text) + " " + problem);
  return text;
}

// Every raw name the definition speaks of, by lower case, with what it stands for.
class RawNames {
 public:
  void add_name(const JsonValue& place, const std::string& name, StageId stage) {
    const auto [found, fresh] = meanings_.try_emplace(lower(name), Meaning{name, stage, true});
    if (!fresh)
      place.refuse(in_quotes(name) + " is " + found->second.words(stages_) +
                   ", too; names must differ by more than case");
    stages_.push_back(name);
  }
  void add_alias(const JsonValue& place, const std::string& alias, StageId stage) {
    const auto [found, fresh] = meanings_.try_emplace(lower(alias), Meaning{alias, stage, false});
    if (!fresh && found->second.stage != stage)
      place.refuse(in_quotes(alias) + " is " + found->second.words(stages_) +
                   ", too; a raw name can mean one stage only");
  }
  void add_ignored(const JsonValue& place, const std::string& name) {
    const auto [found, fresh] = meanings_.try_emplace(lower(name), Meaning{name, kNoStage, false});
    if (!fresh && found->second.stage != kNoStage)
      place.refuse(in_quotes(name) + " is " + found->second.words(stages_) + ", too; it cannot be ignored");
  }
  // The stage of exactly this name.
  std::string stage(const JsonValue& place) const { return stage(place, place.text()); }
  std::string stage(const JsonValue& place, const std::string& name) const {
    const auto found = meanings_.find(lower(name));
    if (found != meanings_.end() && found->second.is_name && found->second.text == name) return name;
    if (found != meanings_.end() && found->second.stage != kNoStage)
      place.refuse(in_quotes(name) + " is no stage; did you mean " + in_quotes(stages_[index(found->second.stage)]) +
                   "?");
    place.refuse(in_quotes(name) + " is no stage" + detail::did_you_mean(name, stages_));
  }

 private:
  struct Meaning {
    std::string text;
    StageId stage;
    bool is_name;
    std::string words(const std::vector<std::string>& stages) const {
      if (is_name) return "the name of stages[" + std::to_string(index(stage)) + "]";
      return "an alias of stage " + in_quotes(stages[index(stage)]);
    }
  };
  std::unordered_map<std::string, Meaning> meanings_;
  std::vector<std::string> stages_;
};

struct Stages {
  StageGraph graph;
  std::unordered_map<std::string, StageId> aliases;
  std::vector<std::string> ignored;
  RawNames names;
};

Stages read_stages(const JsonValue& root) {
  const JsonValue list = root.required("stages");
  const std::vector<JsonValue> items = list.items();
  if (items.empty()) list.refuse("is empty; a pipeline has at least one open and one won stage");
  if (items.size() > 65'534) list.refuse("has " + std::to_string(items.size()) + " stages; at most 65534 are allowed");

  StageGraph::Builder builder;
  RawNames names;
  std::unordered_map<std::string, StageId> aliases;
  bool has_won = false;
  for (std::size_t i = 0; i < items.size(); ++i) {
    items[i].only_keys({"name", "kind", "aliases"});
    const JsonValue name_value = items[i].required("name");
    const std::string name = line_of_text(name_value);
    names.add_name(name_value, name, static_cast<StageId>(i));
    aliases.emplace(name, static_cast<StageId>(i));
    StageKind kind = StageKind::open;
    if (const auto given = items[i].member("kind"))
      kind = given->choice<StageKind>({{"open", StageKind::open},
                                       {"on_hold", StageKind::on_hold},
                                       {"won", StageKind::won},
                                       {"lost", StageKind::lost}});
    has_won = has_won || kind == StageKind::won;
    builder.stage(name, kind);
  }
  if (!has_won) list.refuse("has no stage of kind \"won\"; without one no deal can ever be won");
  for (std::size_t i = 0; i < items.size(); ++i)
    if (const auto given = items[i].member("aliases"))
      for (const JsonValue& value : given->items()) {
        const std::string alias = line_of_text(value);
        names.add_alias(value, alias, static_cast<StageId>(i));
        aliases.emplace(alias, static_cast<StageId>(i));
      }

  std::vector<std::string> ignored;
  if (const auto given = root.member("ignore"))
    for (const JsonValue& value : given->items()) {
      ignored.push_back(line_of_text(value));
      names.add_ignored(value, ignored.back());
    }
  if (const auto given = root.member("moves"))
    for (const JsonValue& move : given->items()) {
      const std::vector<JsonValue> ends = move.items();
      if (ends.size() != 2)
        move.refuse("is an array of " + std::to_string(ends.size()) + "; a move is a pair [\"from\", \"to\"]");
      builder.move(names.stage(ends[0]), names.stage(ends[1]));
    }
  if (const auto given = root.member("entries"))
    for (const JsonValue& entry : given->items()) builder.entry(names.stage(entry));
  return {builder.build(), std::move(aliases), std::move(ignored), std::move(names)};
}

// Column names as they are read, each held by one role only.
class Columns {
 public:
  explicit Columns(const JsonValue& object) : object_(object) {}

  std::string required(std::string_view role) { return take(object_.required(role), role); }
  std::string optional(std::string_view role) {
    const auto given = object_.member(role);
    return given ? take(*given, role) : std::string();
  }
  std::vector<std::string> attributes() {
    std::vector<std::string> result;
    if (const auto given = object_.member("attributes"))
      for (const JsonValue& value : given->items()) result.push_back(take(value, "attributes"));
    return result;
  }
  std::map<std::string, std::string> stage_dates(const RawNames& names) {
    std::map<std::string, std::string> result;
    const JsonValue given = object_.required("stage_dates");
    for (const auto& [stage, value] : given.members()) result[names.stage(given, stage)] = take(value, "stage_dates");
    if (result.empty()) given.refuse("is empty; at least one stage needs a date column");
    return result;
  }

 private:
  std::string take(const JsonValue& value, std::string_view role) {
    std::string column = value.text();
    if (column.empty()) value.refuse("is empty; the name of a column is needed");
    if (column.size() > 1'000)
      value.refuse(in_quotes(column) + " has " + std::to_string(column.size()) + " bytes; at most 1000 are allowed");
    const auto [found, fresh] = roles_.try_emplace(column, role);
    if (!fresh) value.refuse("is " + in_quotes(column) + ", which is the column of " + found->second + ", too");
    return column;
  }

  const JsonValue& object_;
  std::unordered_map<std::string, std::string> roles_;
};

ColumnNames read_columns(const JsonValue& object, ExportShape shape, const RawNames& names) {
  Columns columns(object);
  ColumnNames result;
  switch (shape) {
    case ExportShape::history:
      object.only_keys({"deal", "stage", "time", "amount", "expected_close", "attributes"}, " in shape history");
      result.deal = columns.required("deal");
      result.stage = columns.required("stage");
      result.time = columns.required("time");
      break;
    case ExportShape::deals:
      object.only_keys({"deal", "stage", "created", "closed", "amount", "expected_close", "attributes"},
                       " in shape deals");
      result.deal = columns.required("deal");
      result.stage = columns.required("stage");
      result.created = columns.required("created");
      result.closed = columns.optional("closed");
      break;
    case ExportShape::stage_dates:
      object.only_keys({"deal", "stage_dates", "amount", "expected_close", "attributes"}, " in shape stage_dates");
      result.deal = columns.required("deal");
      result.stage_dates = columns.stage_dates(names);
      break;
  }
  result.amount = columns.optional("amount");
  result.expected_close = columns.optional("expected_close");
  result.attributes = columns.attributes();
  return result;
}

ReadFormats read_formats(const JsonValue& object) {
  object.only_keys({"time", "decimal", "thousands", "separator"});
  ReadFormats formats;
  if (const auto given = object.member("time"))
    formats.time = given->choice<TimeFormat>({{"auto", TimeFormat::automatic},
                                              {"iso8601", TimeFormat::iso8601},
                                              {"mdy", TimeFormat::month_day_year},
                                              {"dmy", TimeFormat::day_month_year},
                                              {"epoch_s", TimeFormat::epoch_seconds},
                                              {"epoch_ms", TimeFormat::epoch_milliseconds}});
  if (const auto given = object.member("decimal")) formats.decimal = given->choice<char>({{".", '.'}, {",", ','}});
  if (const auto given = object.member("thousands")) {
    const std::string& mark = given->raw_text();
    formats.thousands = mark == "\u00a0" || mark == "\u202f"
                            ? ' '
                            : given->choice<char>({{"", '\0'}, {".", '.'}, {",", ','}, {" ", ' '}, {"'", '\''}});
    if (formats.thousands == formats.decimal) given->refuse_value("it cannot be the decimal mark, too");
  }
  if (const auto given = object.member("separator"))
    formats.separator = given->raw_text() == "\t"
                            ? '\t'
                            : given->choice<char>({{"auto", '\0'}, {",", ','}, {";", ';'}, {"tab", '\t'}, {"|", '|'}});
  return formats;
}

PipelineDefinition parse(std::string_view json, std::string_view where, const std::filesystem::path* folder) {
  const nlohmann::json document = detail::parse_strict_json(json, where);
  const JsonValue root(document, where);
  root.only_keys({"name", "time_zone", "calendar", "stages", "moves", "entries", "ignore", "shape", "columns",
                  "formats", "reopened"});
  Stages stages = read_stages(root);
  PipelineDefinition definition{.name = {}, .graph = std::move(stages.graph)};
  definition.aliases = std::move(stages.aliases);
  definition.ignored = std::move(stages.ignored);
  if (const auto given = root.member("name"); given && !given->text().empty()) definition.name = line_of_text(*given);
  if (const auto given = root.member("time_zone")) {
    const std::string zone = line_of_text(*given);
    try {
      definition.time_zone = TimeZone::parse(zone);
    } catch (const DefinitionError& error) {
      throw DefinitionError(std::string(where) + ": time_zone: " + error.what());
    }
  }
  if (const auto given = root.member("calendar")) definition.calendar = detail::read_calendar(*given, folder);
  if (const auto given = root.member("shape"))
    definition.shape = given->choice<ExportShape>(
        {{"history", ExportShape::history}, {"deals", ExportShape::deals}, {"stage_dates", ExportShape::stage_dates}});
  definition.columns = read_columns(root.required("columns"), definition.shape, stages.names);
  if (const auto given = root.member("formats")) definition.formats = read_formats(*given);
  if (const auto given = root.member("reopened"))
    definition.reopened = given->choice<ReopenPolicy>({{"keep", ReopenPolicy::keep}, {"ignore", ReopenPolicy::ignore}});
  return definition;
}

}  // namespace

PipelineDefinition parse_pipeline_definition(std::string_view json, std::string_view where) {
  return parse(json, where, nullptr);
}

PipelineDefinition read_pipeline_definition(const std::filesystem::path& file) {
  const std::filesystem::path folder = file.parent_path();
  return parse(detail::read_text_file(file, "a definition file", detail::kLargestJson), file.string(), &folder);
}

}  // namespace putki
