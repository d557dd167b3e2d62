// The first replications of benchmarks/recurring_calibration.cpp, which does many: do joined forecasts fitted by
// default to companies of known truth hold what comes as often as they say?

#include "forecast/known_company.hpp"

#include <catch2/catch.hpp>

using namespace putki;
using namespace putki::calibration;

namespace {

#if defined(NDEBUG) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
constexpr int kCompanyReplications = 40;
#else
constexpr int kCompanyReplications = 2;
#endif

}  // namespace

TEST_CASE(
    "intervals of recurring and of all revenue hold the four quarters that companies of known truth go on to have",
    "[parallel]") {
  for (const Company& company : companies()) {
    std::vector<CompanyReplication> replications(kCompanyReplications);
    parallel_for(
        replications.size(), [&](std::size_t i) { replications[i] = replicate_company(company, 1'000 + i, 500); }, 2);
    // Sixty counts, many of one year's quarters and so alike: each outside its limits once in ten thousand runs.
    for (std::size_t thing = 0; thing < kForecastThings; ++thing)
      for (const double level : kLevels) {
        const int held = inside(replications, thing, level);
        INFO(company.name << ", " << name_of_thing(thing) << ": " << held << " of " << kCompanyReplications << " in "
                          << level);
        CHECK(within_limits(held, kCompanyReplications, level, 0.9999));
      }
  }
}
