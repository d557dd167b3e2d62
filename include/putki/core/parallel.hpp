#pragma once
/// \file
/// A parallel loop whose result does not depend on the number of threads.
///
/// Nothing global: a call starts its threads and ends them, so calls from several threads and from inside a body
/// cannot wait for each other. Cost: 50-100 us to start a thread, then 40 ns an index; give an index at least
/// microseconds of work.

#include <putki/core/progress.hpp>

#include <cstddef>
#include <functional>

namespace putki {

/// Calls `body(i)` once for every i in [0, count), on up to `threads` threads, the caller's among them (0: one per
/// core; 1: in order, on the caller's; never more than `count` or 256). Indices are taken in order, so neighbours run
/// at about the same time. `count` 0 does nothing, not even report.
///
/// The result does not depend on `threads` when bodies write to places of their own, by i, and read nothing that
/// another body writes. Everything they wrote is visible to the caller afterwards.
///
/// When bodies throw, no further index is taken, those running end, and the exception of the smallest index that threw
/// is rethrown; it is the one that a loop in order would have met. `progress` is called on the caller's thread,
/// at most a thousand times and once at the end with 1; when it stops the loop or throws, the same applies and bodies'
/// exceptions go first. Threads that the system does not grant are done without.
void parallel_for(std::size_t count, const std::function<void(std::size_t)>& body, unsigned threads = 0,
                  const Progress& progress = {});

}  // namespace putki
