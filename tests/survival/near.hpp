#pragma once

#include <catch2/catch.hpp>

namespace putki::test {

// Equal up to the twelve digits that the references have.
inline Approx near(double value) {
  return Approx(value).epsilon(1e-10).margin(1e-12);
}

}  // namespace putki::test
