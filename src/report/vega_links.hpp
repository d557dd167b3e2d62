#pragma once
// Where a page without its own Vega loads it from: what npm publishes, by way of a public mirror, at one version each.
//
// To go to other versions, in a scratch folder:
//   npm install vega@VERSION vega-interpreter@VERSION
//   sha384sum node_modules/vega/build/vega.min.js node_modules/vega-interpreter/build/vega-interpreter.min.js
// and put both here. The ctest `report: a linked page ..` compares them when CMake is given
// -DPUTKI_NPM_DIR=node_modules.

#include <array>
#include <string>
#include <string_view>

namespace putki {

struct VegaLink {
  std::string_view address;
  std::string_view file;    // below node_modules
  std::string_view sha384;  // hexadecimal
};

constexpr std::array<VegaLink, 2> kVegaLinks = {
    {{"https://cdn.jsdelivr.net/npm/vega@5.22.1/build/vega.min.js", "vega/build/vega.min.js",
      "01978a782b04e8cb186beda7fb372c257191c9c97a2f3aa3459e255475692fa74d98ed79c925f087b0558b3b6f48230e"},
     {"https://cdn.jsdelivr.net/npm/vega-interpreter@1.0.4/build/vega-interpreter.min.js",
      "vega-interpreter/build/vega-interpreter.min.js",
      "59359d6fd9865442716011eb90163c13a334d464dc531bf0ddc6ce17991b944c74677b5964725d610a84398d45eebb96"}}};

// The bytes of an even number of lower-case hexadecimal digits.
inline std::string bytes_of(std::string_view hexadecimal) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hexadecimal.size(); i += 2)
    bytes += static_cast<char>(16 * digit(hexadecimal[i]) + digit(hexadecimal[i + 1]));
  return bytes;
}

}  // namespace putki
