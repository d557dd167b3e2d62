#include "report/figure_words.hpp"

#include "report/text_table.hpp"
#include "report/texts.hpp"

namespace putki {

std::string duration_words(double days, const FigureOptions& options, const NumberFormat& format) {
  const char* key = "duration.days";
  double value = days;
  int decimals = days < 100 ? 1 : 0;
  if (days < 1. / 1440) {
    key = "duration.seconds";
    value = 86'400 * days;
    decimals = 0;
  } else if (days < 1. / 24) {
    key = "duration.minutes";
    value = 1440 * days;
    decimals = 0;
  } else if (days < 1) {
    key = "duration.hours";
    value = 24 * days;
  }
  return text(options.language, key, {format.number(value, decimals)});
}

std::string counted_words(std::uint64_t count, const char* key, const FigureOptions& options,
                          const NumberFormat& format) {
  return text(options.language, std::string(key) + (count == 1 ? ".one" : ".many"),
              {format.number(static_cast<double>(count))});
}

std::string short_name(const std::string& name) {
  constexpr std::size_t kShortName = 40;
  return shortened(name, kShortName);
}

}  // namespace putki
