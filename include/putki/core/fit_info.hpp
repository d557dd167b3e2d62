#pragma once
/// \file
/// How a fit went: every model carries one. Not converging is a result to look at, never an exception or a print.

#include <string>
#include <vector>

namespace putki {

struct FitInfo {
  bool converged = true;
  int iterations = 0;
  double log_likelihood = 0.0;
  std::vector<std::string> warnings;  ///< one line each, for a person
};

}  // namespace putki
