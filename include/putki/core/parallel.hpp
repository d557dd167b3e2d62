#pragma once
/// \file
/// A parallel loop whose result does not depend on the number of threads.

#include <putki/core/progress.hpp>

#include <cstddef>
#include <functional>

namespace putki {

/// Calls `body(i)` once for every i in [0, count), on up to `threads` threads (0: one per core; 1: in order, on the
/// caller's). Bodies must write to places of their own, by i. The first exception (by index among those thrown before
/// the loop stopped) is rethrown after all running bodies ended.
void parallel_for(std::size_t count, const std::function<void(std::size_t)>& body, unsigned threads = 0,
                  const Progress& progress = {});

}  // namespace putki
