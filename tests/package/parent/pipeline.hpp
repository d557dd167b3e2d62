#pragma once
#include <putki/graph/stage_graph.hpp>

namespace crm {
putki::StageGraph pipeline();
}
