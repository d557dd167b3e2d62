#pragma once
// Words and cuts that several figures share.

#include <putki/report/figure.hpp>

#include "report/number_format.hpp"

#include <cstdint>
#include <string>

namespace putki {

// `12 s`, `45 min`, `2.5 h`, `12.0 d` in the language: the largest unit of which there is one.
std::string duration_words(double days, const FigureOptions& options, const NumberFormat& format);

// `1 deal`, `1,234 deals` in the language: the texts `key`.one and `key`.many, the number in place of {0}.
std::string counted_words(std::uint64_t count, const char* key, const FigureOptions& options,
                          const NumberFormat& format);

// A name for the middle of a sentence or a picture: one line of at most 40 characters.
std::string short_name(const std::string& name);

}  // namespace putki
