#pragma once
/// \file
/// Refusals that the scores share. Each throws InvalidArgument.

namespace putki {

/// An outcome is a finite number.
void check_outcome(double actual);
/// A probability is in [0, 1].
void check_probability(double probability);
/// A level is inside (0, 1); `what` begins the message.
void check_level(const char* what, double level);

}  // namespace putki
