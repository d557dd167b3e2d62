#include "pipeline.hpp"

namespace crm {
putki::StageGraph pipeline() {
  return putki::StageGraph::b2b_template();
}
}  // namespace crm
