#pragma once
#include <putki/cellar/barrel.hpp>
#include <putki/everything.hpp>
