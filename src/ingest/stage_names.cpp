#include "ingest/stage_names.hpp"

#include "ingest/cell_text.hpp"

namespace putki {

StageNames::StageNames(const PipelineDefinition& definition) : exact_(definition.aliases) {
  for (const std::string& ignored : definition.ignored) exact_.emplace(ignored, kIgnored);
  for (std::size_t s = 0; s < definition.graph.stage_count(); ++s) {
    exact_.emplace(definition.graph.stage(static_cast<StageId>(s)).name, static_cast<StageId>(s));
  }
  for (const auto& [name, meaning] : exact_) {
    const auto [place, is_new] = lower_.emplace(lower_ascii(name), meaning);
    if (!is_new && place->second != meaning) place->second = kUnknown;
  }
}

StageId StageNames::look_up(std::string_view raw) {
  const std::string name(trimmed(raw));
  StageId meaning = kUnknown;
  if (const auto exact = exact_.find(name); exact != exact_.end()) {
    meaning = exact->second;
  } else if (const auto lower = lower_.find(lower_ascii(name)); lower != lower_.end()) {
    meaning = lower->second;
  }
  seen_.intern(raw);
  meanings_.push_back(meaning);
  return meaning;
}

}  // namespace putki
