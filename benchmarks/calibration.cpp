// Are the forecast's intervals as wide as they say, on pipelines whose truth is known?
//
// Each pipeline is simulated from its own hazards, deal by deal and day by day, for 26 weeks of history and four more;
// the model is fitted by its defaults to the view at the end of the history and forecasts what the same simulation goes
// on to bring. Over many replications central intervals of 50, 80 and 95 % must hold as many outcomes as binomial
// limits allow (99 % of the time each), by the randomised probability integral transform, which is uniform for a
// calibrated forecast even where revenue has atoms (Czado, Gneiting & Held 2009). Exits 1 when one does not.
//
//     putki_calibration [REPLICATIONS = 200] [PIPELINE]
//
// Then what was estimated beside what is true: mean over replications and their standard deviation.

#include <putki/core/parallel.hpp>

#include "forecast/known_truth.hpp"

#include <cstdio>
#include <cstdlib>

namespace {

using namespace putki;
using namespace putki::calibration;

bool report(const Truth& truth, const std::vector<Replication>& replications) {
  const int n = static_cast<int>(replications.size());
  bool good = true;
  for (std::size_t h = 0; h < kHorizons.size(); ++h) {
    std::printf("%-14s %4d", truth.name.c_str(), kHorizons[h]);
    for (const double level : kLevels) {
      const int held = inside(replications, h, level);
      const bool within = within_limits(held, n, level, 0.99);
      std::printf("  %5.1f %%%c", 100.0 * held / n, within ? ' ' : '*');
      good = good && within;
    }
    double bias = 0, actual = 0, sd = 0, square = 0, place = 0;
    for (const Replication& r : replications) {
      bias += r.bias[h] / n;
      square += r.bias[h] * r.bias[h] / n;
      actual += r.actual[h] / n;
      sd += r.sd[h] / n;
      place += r.place[h] / n;
    }
    std::printf("  %7.3f  %+6.1f %%  %6.1f %%  %6.1f %%\n", place, 100 * bias / actual, 100 * sd / actual,
                100 * std::sqrt(square) / actual);
  }
  return good;
}

void report_estimates(const std::vector<Replication>& replications) {
  const double n = static_cast<double>(replications.size());
  for (std::size_t e = 0; e < replications.front().estimates.size(); ++e) {
    double mean = 0, square = 0;
    for (const Replication& r : replications) {
      mean += r.estimates[e].value / n;
      square += r.estimates[e].value * r.estimates[e].value / n;
    }
    std::printf("    %-28s true %8.4f  mean %8.4f  sd %8.4f\n", replications.front().estimates[e].name,
                replications.front().estimates[e].truth, mean, std::sqrt(std::max(square - mean * mean, 0.0)));
  }
}

}  // namespace

int main(int argc, char** argv) {
  const int count = argc > 1 ? std::atoi(argv[1]) : 200;
  if (count < 1) {
    std::fprintf(stderr, "putki_calibration: '%s' replications; 1 or more are needed\n", argv[1]);
    return 2;
  }
  std::printf("Outcomes inside central intervals, %d replications (*: outside the binomial limits)\n\n", count);
  std::printf("%-14s %4s  %7s  %7s  %7s   %7s  %8s  %8s  %8s\n", "Pipeline", "Days", "50 %", "80 %", "95 %", "PIT",
              "Bias", "SD", "RMSE");
  bool good = true, found = false;
  for (const Truth& truth : truths()) {
    if (argc > 2 && truth.name != argv[2]) continue;
    found = true;
    std::vector<Replication> replications(static_cast<std::size_t>(count));
    parallel_for(replications.size(), [&](std::size_t i) { replications[i] = replicate(truth, 1'000 + i); });
    good = report(truth, replications) && good;
    report_estimates(replications);
    std::fflush(stdout);
  }
  if (!found) {
    std::fprintf(stderr, "putki_calibration: no pipeline '%s'\n", argv[2]);
    return 2;
  }
  return good ? 0 : 1;
}
