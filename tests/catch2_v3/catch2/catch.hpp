#pragma once
// The tests are written for Catch2 2.13, which Debian 12 has. Where version 3 is found, as on newer systems, this
// header stands in for its single one.
#include <catch2/catch_approx.hpp>
#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_predicate.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <catch2/matchers/catch_matchers_vector.hpp>
#include <string>

namespace Catch {
namespace Matchers {
inline StringContainsMatcher Contains(const std::string& part, CaseSensitive sensitive = CaseSensitive::Yes) {
  return ContainsSubstring(part, sensitive);
}
}  // namespace Matchers
using namespace Matchers;
}  // namespace Catch
using Catch::Approx;
