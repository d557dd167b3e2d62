#pragma once
#include <putki/core/error.hpp>
#include <putki/graph/other.hpp>
#include <vector>
