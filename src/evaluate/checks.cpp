#include "evaluate/checks.hpp"

#include <putki/core/error.hpp>

#include <fmt/format.h>

#include <cmath>

namespace putki {

void check_outcome(double actual) {
  if (!std::isfinite(actual))
    throw InvalidArgument(fmt::format("an outcome of {}: it must be a finite number", actual));
}

void check_probability(double probability) {
  if (!(probability >= 0 && probability <= 1))
    throw InvalidArgument(fmt::format("a probability of {}: 0 to 1 is allowed", probability));
}

void check_level(const char* what, double level) {
  if (!(level > 0 && level < 1))
    throw InvalidArgument(fmt::format("{} is {}: it must be between 0 and 1", what, level));
}

}  // namespace putki
