#pragma once
/// \file
/// Progress of long work, and the way to stop it.

#include <putki/core/error.hpp>

#include <functional>

namespace putki {

/// Called now and then with the share done in [0, 1], which never decreases within one piece of work; on the thread
/// that asked for the work, so it needs no locks. Return false to stop: the function that reports then throws
/// `Cancelled` and leaves its inputs as they were. What it throws itself passes through the same way. An empty function
/// is allowed.
using Progress = std::function<bool(double share_done)>;

/// Calls `progress` when there is one; throws Cancelled when it answers false.
inline void report_progress(const Progress& progress, double share_done) {
  if (progress && !progress(share_done)) throw Cancelled();
}

}  // namespace putki
