#pragma once
// Small random samples full of ties, for the oracles of this layer.

#include <putki/stats/durations.hpp>

#include <random>

namespace putki::test {

struct SampleShape {
  int size = 12;
  int causes = 3;
  int last_time = 6;  // times are whole, 0 .. last_time: ties everywhere
  bool censored = true;
  bool truncated = false;
};

inline Durations random_durations(std::mt19937& random, const SampleShape& shape) {
  const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  Durations sample;
  sample.cause_count = shape.causes;
  for (int i = 0; i < shape.size; ++i) {
    const int time = shape.truncated ? 1 + below(shape.last_time) : below(shape.last_time + 1);
    sample.time.push_back(time);
    sample.cause.push_back(shape.censored ? below(shape.causes + 1) : 1 + below(shape.causes));
    if (shape.truncated) sample.entry.push_back(below(time));
  }
  return sample;
}

}  // namespace putki::test
