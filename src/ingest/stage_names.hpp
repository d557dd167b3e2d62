#pragma once
// What a raw stage name means. A file has few different names and many rows: each name is looked up in the definition
// once and then found by its bytes.

#include <putki/ingest/pipeline_definition.hpp>

#include "core/string_table.hpp"

namespace putki {

class StageNames {
 public:
  static constexpr StageId kUnknown = kNoStage;
  static constexpr StageId kIgnored{0xfffe};

  explicit StageNames(const PipelineDefinition& definition);

  // Exactly after trimming, else without regard to ASCII case; where that means two things it means nothing.
  StageId meaning_of(std::string_view raw) {
    const std::uint32_t seen = seen_.find(raw);
    return seen != StringTable::kAbsent ? meanings_[seen] : look_up(raw);
  }

 private:
  StageId look_up(std::string_view raw);

  std::unordered_map<std::string, StageId> exact_;
  std::unordered_map<std::string, StageId> lower_;
  StringTable seen_;
  std::vector<StageId> meanings_;
};

}  // namespace putki
