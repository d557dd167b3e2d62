#pragma once
// The laws of every mergeable summary: a monoid whose value depends on what was counted, not on how it was dealt out to
// shards. A trial draws inputs and summarises any stretch [first, last) of them:
//
//     struct Trial {
//       using Summary = ..;
//       explicit Trial(std::mt19937& random);
//       std::size_t size() const;
//       Summary summarise(std::size_t first, std::size_t last) const;
//     };

#include <catch2/catch.hpp>

#include <cstddef>
#include <random>

namespace putki::test {

template <class Summary>
Summary merged(Summary a, const Summary& b) {
  a.merge(b);
  return a;
}

// A default value is the identity of merge.
template <class Trial>
void check_identity() {
  std::mt19937 random(1);
  for (int round = 0; round < 10; ++round) {
    const Trial trial(random);
    const auto summary = trial.summarise(0, trial.size());
    const typename Trial::Summary identity;
    CHECK(merged(summary, identity) == summary);
    CHECK(merged(identity, summary) == summary);
    CHECK(merged(identity, identity) == identity);
    CHECK_FALSE(summary == identity);
  }
}

// Merge is commutative and associative.
template <class Trial>
void check_commutative_and_associative() {
  std::mt19937 random(2);
  for (int round = 0; round < 10; ++round) {
    const Trial trial(random);
    const std::size_t n = trial.size();
    const auto a = trial.summarise(0, n / 4), b = trial.summarise(n / 4, n / 2), c = trial.summarise(n / 2, n);
    CHECK(merged(a, b) == merged(b, a));
    CHECK(merged(merged(a, b), c) == merged(a, merged(b, c)));
  }
}

// Split anywhere and merged, it is the summary of the whole.
template <class Trial>
void check_split_anywhere() {
  std::mt19937 random(3);
  for (int round = 0; round < 3; ++round) {
    const Trial trial(random);
    const auto whole = trial.summarise(0, trial.size());
    for (std::size_t cut = 0; cut <= trial.size(); ++cut)
      CHECK(merged(trial.summarise(0, cut), trial.summarise(cut, trial.size())) == whole);
    typename Trial::Summary one_by_one;
    for (std::size_t i = 0; i < trial.size(); ++i) one_by_one.merge(trial.summarise(i, i + 1));
    CHECK(one_by_one == whole);
  }
}

// Merging a value into itself doubles it as a copy would.
template <class Trial>
void check_merge_into_itself() {
  std::mt19937 random(4);
  const Trial trial(random);
  auto summary = trial.summarise(0, trial.size());
  const auto doubled = merged(summary, summary);
  summary.merge(summary);
  CHECK(summary == doubled);
}

}  // namespace putki::test
