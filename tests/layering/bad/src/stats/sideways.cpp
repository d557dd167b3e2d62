#include <nlohmann/json.hpp>
#include <putki/stats/good.hpp>

#include "../graph/detail.hpp"
#include "graph/detail.hpp"
#include "putki/survival/curves.hpp"
#include "stats/detail.hpp"
