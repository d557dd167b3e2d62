#pragma once
#include <putki/graph/good.hpp>
