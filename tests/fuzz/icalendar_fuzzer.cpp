// Any bytes are a calendar, whose days are in order and of 1970 to 2099, or an InputError in one line; folding a line
// that is read changes nothing.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <putki/core/error.hpp>
#include <putki/ingest/icalendar.hpp>
#include <string>
#include <string_view>

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const auto days = putki::parse_icalendar_days_off(text);
    require(std::is_sorted(days.begin(), days.end()));
    require(std::adjacent_find(days.begin(), days.end()) == days.end());
    require(days.empty() || (days.front() >= putki::Day{} && putki::to_string(days.back()) <= "2099-12-31"));
    std::string folded(text.substr(0, text.starts_with("\xef\xbb\xbf") ? 4 : 1));
    for (const char byte : text.substr(folded.size())) {
      if (byte != '\n' && byte != '\r' && folded.back() != '\n') folded += "\r\n ";
      folded += byte;
    }
    require(putki::parse_icalendar_days_off(folded) == days);
  } catch (const putki::InputError& error) {
    require(std::string_view(error.what()).find('\n') == std::string_view::npos);
  }
  return 0;
}
