#pragma once
// "Did you mean": the candidate closest to a misspelt name.

#include <algorithm>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/in_quotes.hpp"

namespace putki::detail {

constexpr char ascii_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Letters to insert, delete, replace or swap with their neighbour, without regard to ASCII case (optimal string
/// alignment distance).
inline std::size_t edit_distance(std::string_view a, std::string_view b) {
  const auto same = [&](std::size_t i, std::size_t j) { return ascii_lower(a[i]) == ascii_lower(b[j]); };
  std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::swap(before, above);
    std::swap(above, row);
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      row[j + 1] = std::min({above[j] + (same(i, j) ? 0 : 1), row[j] + 1, above[j + 1] + 1});
      if (i > 0 && j > 0 && same(i, j - 1) && same(i - 1, j)) row[j + 1] = std::min(row[j + 1], before[j - 1] + 1);
    }
  }
  return row.back();
}

/// The closest candidate when a third of the letters or fewer differ. Long texts and single letters are not compared.
template <class Candidates>
std::optional<std::string> nearest(std::string_view name, const Candidates& candidates) {
  constexpr std::size_t kLongest = 64;
  if (name.size() > kLongest) return std::nullopt;
  std::optional<std::string> best;
  std::size_t allowed = std::max<std::size_t>(1, name.size() / 3) + 1;
  for (const std::string_view candidate : candidates) {
    if (candidate.size() < 2 || candidate.size() > kLongest) continue;
    const std::size_t distance = edit_distance(name, candidate);
    if (distance < allowed) {
      allowed = distance;
      best = candidate;
    }
  }
  return best;
}

/// `; did you mean "Proposal"?`, or nothing when no candidate is close.
template <class Candidates>
std::string did_you_mean(std::string_view name, const Candidates& candidates) {
  const std::optional<std::string> guess = nearest(name, candidates);
  return guess ? "; did you mean " + in_quotes(*guess) + "?" : std::string();
}

}  // namespace putki::detail
