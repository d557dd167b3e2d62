// Segments that learn from each other, on populations whose truth is known.

#include <putki/value/contract.hpp>
#include <putki/value/segment_models.hpp>

#include <catch2/catch.hpp>

using namespace putki;

namespace {

Sbg fit_tenures(const TenureStatistics& cells) {
  return fit_sbg(cells);
}

// Contracts of customers who leave each time with a chance of their own, Beta(a, b), seen for 8 periods.
TenureStatistics contracts(RandomStream& random, int customers, double a, double b) {
  TenureStatistics cells;
  for (int c = 0; c < customers; ++c) {
    const double leaves = random.beta(a, b);
    TenureCell cell;
    while (!cell.ended && cell.survived < 8) {
      cell.ended = random.uniform() < leaves;
      cell.survived += cell.ended ? 0 : 1;
    }
    cells.add(cell);
  }
  return cells;
}

}  // namespace

TEST_CASE("a segment alone has the pool's model") {
  RandomStream random(1, 0);
  const auto fitted = fit_segments(std::vector<TenureStatistics>{contracts(random, 300, 0.7, 2)}, fit_tenures);
  REQUIRE(fitted.models.size() == 1);
  CHECK(fitted.models[0].fit().values == fitted.pool.fit().values);
  CHECK(fitted.pool.fit().customers == 300);
}

TEST_CASE("large segments that differ speak for themselves, to the digit where nothing is pooled") {
  RandomStream random(2, 0);
  const std::vector<TenureStatistics> segments = {contracts(random, 8000, 0.5, 4), contracts(random, 8000, 3, 1.5)};
  const auto fitted = fit_segments(segments, fit_tenures);
  CHECK(fitted.pooled_customers <= 300);
  for (std::size_t s = 0; s < 2; ++s) {
    const auto own = detail::fit_with_pool(segments[s], segments[1 - s], 0, fit_tenures);
    const Sbg direct = fit_sbg(segments[s]);
    for (std::size_t i = 0; i < 2; ++i) {
      CHECK(own.value().fit().values[i] == Approx(direct.fit().values[i]));
      CHECK(own->fit().std_errors[i] == Approx(direct.fit().std_errors[i]));
    }
    CHECK(fitted.models[s].survival(8) == Approx(direct.survival(8)).margin(0.02));
  }
}

TEST_CASE("segments that do not differ are taken together") {
  int together = 0;
  for (std::uint64_t round = 0; round < 10; ++round) {
    RandomStream random(3, round);
    std::vector<TenureStatistics> segments;
    for (int s = 0; s < 8; ++s) segments.push_back(contracts(random, 60, 0.7, 2));
    together += fit_segments(segments, fit_tenures).pooled_customers >= 100 ? 1 : 0;
  }
  CHECK(together >= 8);
}

TEST_CASE("the pooled customers weigh as if they belonged to the segment") {
  RandomStream random(4, 0);
  const TenureStatistics own = contracts(random, 100, 0.5, 3), others = contracts(random, 500, 2, 2);
  // 50 of 500: each of the others counts a tenth, which is own customers ten times and the others once.
  TenureStatistics weighed = others;
  for (int i = 0; i < 10; ++i) weighed.merge(own);
  const auto fitted = detail::fit_with_pool(own, others, 50, fit_tenures);
  const Sbg wanted = fit_sbg(weighed);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(fitted.value().fit().values[i] == Approx(wanted.fit().values[i]).epsilon(1e-5));
    CHECK(fitted->fit().std_errors[i] == Approx(wanted.fit().std_errors[i] * std::sqrt(10)).epsilon(1e-3));
  }
}

TEST_CASE("small segments that differ some are foretold better than by either extreme") {
  double shrunk = 0, pooled = 0, apart = 0;
  for (std::uint64_t round = 0; round < 12; ++round) {
    RandomStream random(5, round);
    std::vector<TenureStatistics> seen, to_come;
    for (int s = 0; s < 12; ++s) {
      const double stay = 1 + 3 * random.uniform();
      seen.push_back(contracts(random, 60, 0.8, stay));
      to_come.push_back(contracts(random, 2000, 0.8, stay));
    }
    const auto fitted = fit_segments(seen, fit_tenures);
    for (std::size_t s = 0; s < seen.size(); ++s) {
      shrunk += fitted.models[s].log_likelihood(to_come[s]);
      pooled += fitted.pool.log_likelihood(to_come[s]);
      const auto own = detail::fit_with_pool(seen[s], TenureStatistics{}, 0, fit_tenures);
      apart += (own ? *own : fitted.pool).log_likelihood(to_come[s]);
    }
  }
  CHECK(shrunk > pooled);
  CHECK(shrunk > apart);
}

TEST_CASE("a segment of few leans on thirty of the others where the large ones stand alone") {
  RandomStream random(7, 0);
  TenureStatistics loyal;
  for (int c = 0; c < 3; ++c) loyal.add({.survived = 6});
  const std::vector<TenureStatistics> segments = {contracts(random, 8000, 0.5, 4), contracts(random, 8000, 3, 1.5),
                                                  loyal};
  const auto fitted = fit_segments(segments, fit_tenures);
  REQUIRE(fitted.pooled_customers <= 300);
  TenureStatistics others = segments[0];
  others.merge(segments[1]);
  const double pooled = std::max(fitted.pooled_customers, 30.0);
  const auto wanted = detail::fit_with_pool(loyal, others, pooled, fit_tenures);
  CHECK(fitted.models[2].fit().values == wanted.value().fit().values);
  // None of the three left; 30 of all, of whom a good half leaves in 6 periods, speak louder.
  CHECK(fitted.models[2].survival(6) < fitted.pool.survival(6) + 0.15);
}

TEST_CASE("where no pooling is best, a segment of few still leans on thirty") {
  // One leaves in ten times, against six of ten: thirty of either among 400 of the other do harm.
  RandomStream random(8, 0);
  const TenureStatistics stay = contracts(random, 400, 4, 36), leave = contracts(random, 400, 24, 16);
  TenureStatistics few;
  for (int c = 0; c < 3; ++c) few.add({.survived = 2, .ended = c == 0});
  const std::vector<TenureStatistics> segments = {stay, leave, few};
  const auto fitted = fit_segments(segments, fit_tenures);
  REQUIRE(fitted.pooled_customers == 0);
  TenureStatistics others = stay;
  others.merge(leave);
  CHECK(fitted.models[2].fit().values == detail::fit_with_pool(few, others, 30, fit_tenures).value().fit().values);
}

TEST_CASE("empty segments have the pool's model, and nobody at all is not enough") {
  RandomStream random(6, 0);
  const auto fitted =
      fit_segments(std::vector<TenureStatistics>{contracts(random, 300, 0.7, 2), TenureStatistics{}}, fit_tenures);
  CHECK(fitted.models.size() == 2);
  CHECK_THROWS_AS(fit_segments(std::vector<TenureStatistics>(2), fit_tenures), NotEnoughData);
}
