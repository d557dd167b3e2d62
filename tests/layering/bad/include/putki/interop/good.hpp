#pragma once
#include <Eigen/Core>
#include <putki/graph/good.hpp>
