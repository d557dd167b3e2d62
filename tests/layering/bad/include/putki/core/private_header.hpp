#pragma once
#include <core/other.hpp>

#include "core/detail.hpp"
