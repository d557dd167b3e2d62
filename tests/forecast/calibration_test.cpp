// The first replications of benchmarks/calibration.cpp, which does many: do forecasts fitted by default to pipelines of
// known truth hold what comes as often as they say?

#include <putki/core/parallel.hpp>

#include "forecast/known_truth.hpp"

#include <catch2/catch.hpp>

using namespace putki;
using namespace putki::calibration;

namespace {

#if defined(NDEBUG) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
constexpr int kReplications = 40;
#else
constexpr int kReplications = 4;
#endif

std::vector<Replication> replicate_all(const std::string& name) {
  const std::vector<Truth> all = truths();
  const auto truth = std::find_if(all.begin(), all.end(), [&](const Truth& t) { return t.name == name; });
  REQUIRE(truth != all.end());
  std::vector<Replication> replications(kReplications);
  parallel_for(
      replications.size(), [&](std::size_t i) { replications[i] = replicate(*truth, 1'000 + i); }, 2);
  return replications;
}

}  // namespace

TEST_CASE("intervals hold what pipelines of known truth go on to bring, and hazards are found again", "[parallel]") {
  for (const char* name : {"looping", "weekly rhythm"}) {
    const std::vector<Replication> replications = replicate_all(name);
    // Twelve counts: each outside its limits once in two thousand runs, all within in 99.4 %.
    for (std::size_t h = 0; h < kHorizons.size(); ++h)
      for (const double level : kLevels) {
        const int held = inside(replications, h, level);
        INFO(name << ", " << kHorizons[h] << " days: " << held << " of " << kReplications << " in " << level);
        CHECK(within_limits(held, kReplications, level, 0.9995));
      }
    for (std::size_t e = 0; e < replications.front().estimates.size(); ++e) {
      const Estimate& first = replications.front().estimates[e];
      if (std::string(first.name).find("age") == std::string::npos) continue;
      double mean = 0, square = 0;
      for (const Replication& r : replications) {
        mean += r.estimates[e].value / kReplications;
        square += r.estimates[e].value * r.estimates[e].value / kReplications;
      }
      // Within 4 standard errors of the mean over replications, and the 15 % that bins of ages and shrinkage may cost.
      const double error = std::sqrt(std::max(square - mean * mean, 0.0) / (kReplications - 1));
      INFO(name << ", " << first.name << ": " << mean << " +- " << error << ", true " << first.truth);
      CHECK(std::abs(mean - first.truth) < 4 * error + 0.15 * first.truth);
    }
  }
}
