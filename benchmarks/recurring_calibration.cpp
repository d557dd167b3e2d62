// Are the intervals of the joined forecast as wide as they say, on companies whose truth is known?
//
// A company is simulated for two years (tests/forecast/known_company.hpp): deals walk through stages, who is won buys
// again by the BG/NBD and spends by the Gamma-Gamma model, or renews a contract by the sBG. Stage model, inflow, common
// shock, value model and spend are fitted to that history alone. The four quarters that the same simulation goes on to
// bring must lie inside central intervals of 50, 80 and 95 % as often as binomial limits allow (99 % of the time each).
// Exits 1 when one does not.
//
//     putki_recurring_calibration [REPLICATIONS = 200] [COMPANY]

#include "forecast/known_company.hpp"

#include <cstdio>
#include <cstdlib>

namespace {

using namespace putki;
using namespace putki::calibration;

constexpr std::size_t kCalibrationDraws = 2'000;

bool report(const Company& company, const std::vector<CompanyReplication>& replications) {
  const int n = static_cast<int>(replications.size());
  bool good = true;
  for (std::size_t thing = 0; thing < kForecastThings; ++thing) {
    std::printf("%-10s %-20s", company.name.c_str(), name_of_thing(thing));
    for (const double level : kLevels) {
      const int held = inside(replications, thing, level);
      const bool within = within_limits(held, n, level, 0.99);
      std::printf("  %5.1f %%%c", 100.0 * held / n, within ? ' ' : '*');
      good = good && within;
    }
    double bias = 0, actual = 0, sd = 0, square = 0, place = 0;
    for (const CompanyReplication& r : replications) {
      bias += r.bias[thing] / n;
      square += r.bias[thing] * r.bias[thing] / n;
      actual += r.actual[thing] / n;
      sd += r.sd[thing] / n;
      place += r.place[thing] / n;
    }
    std::printf("  %6.3f  %+6.1f %%  %6.1f %%  %6.1f %%\n", place, 100 * bias / actual, 100 * sd / actual,
                100 * std::sqrt(square) / actual);
  }
  return good;
}

}  // namespace

int main(int argc, char** argv) {
  const int count = argc > 1 ? std::atoi(argv[1]) : 200;
  if (count < 1) {
    std::fprintf(stderr, "putki_recurring_calibration: '%s' replications; 1 or more are needed\n", argv[1]);
    return 2;
  }
  std::printf("Outcomes inside central intervals, %d replications (*: outside the binomial limits)\n\n", count);
  std::printf("%-10s %-20s  %7s  %7s  %7s   %6s  %8s  %8s  %8s\n", "Company", "Revenue", "50 %", "80 %", "95 %", "PIT",
              "Bias", "SD", "RMSE");
  bool good = true, found = false;
  for (const Company& company : companies()) {
    if (argc > 2 && company.name != argv[2]) continue;
    found = true;
    std::vector<CompanyReplication> replications(static_cast<std::size_t>(count));
    parallel_for(replications.size(),
                 [&](std::size_t i) { replications[i] = replicate_company(company, 1'000 + i, kCalibrationDraws); });
    good = report(company, replications) && good;
    std::fflush(stdout);
  }
  if (!found) {
    std::fprintf(stderr, "putki_recurring_calibration: no company '%s'\n", argv[2]);
    return 2;
  }
  return good ? 0 : 1;
}
