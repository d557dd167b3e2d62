#include "report/texts.hpp"

#include <algorithm>
#include <iterator>
#include <stdexcept>

namespace putki {
namespace {

struct Message {
  std::string_view key, english, finnish;
};
// By key, in byte order.
constexpr Message kMessages[] = {
#include "report/texts.inc"
};

}  // namespace

std::string text(Language language, std::string_view key, std::initializer_list<std::string_view> values) {
  const Message* found = std::lower_bound(std::begin(kMessages), std::end(kMessages), key,
                                          [](const Message& m, std::string_view wanted) { return m.key < wanted; });
  if (found == std::end(kMessages) || found->key != key) throw std::logic_error("no text for " + std::string(key));
  const std::string_view pattern = language == Language::finnish ? found->finnish : found->english;
  std::string result;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '{' && i + 2 < pattern.size() && pattern[i + 2] == '}') {
      result += values.begin()[static_cast<std::size_t>(pattern[i + 1] - '0')];
      i += 2;
    } else {
      result += pattern[i];
    }
  }
  return result;
}

}  // namespace putki
