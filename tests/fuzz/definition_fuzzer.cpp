// Any bytes are a pipeline definition or an Error; what was read can be written and read again, and its graph answers
// every question.
#include <cstdint>
#include <cstdlib>
#include <putki/core/error.hpp>
#include <putki/ingest/pipeline_definition.hpp>
#include <string_view>

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const putki::PipelineDefinition definition = putki::parse_pipeline_definition(text);
    require(putki::parse_pipeline_definition(putki::to_json(definition)) == definition);
    const putki::StageGraph& graph = definition.graph;
    require(graph.stage_count() > 0);
    require(graph.ranks().size() == graph.stage_count());
    require(graph.gates().size() <= graph.stage_count());
    static_cast<void>(graph.check());
    for (const auto& [raw_name, stage] : definition.aliases) require(putki::index(stage) < graph.stage_count());
  } catch (const putki::Error& error) {
    require(std::string_view(error.what()).find('\n') == std::string_view::npos);
  }
  return 0;
}
