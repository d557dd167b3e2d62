#include <putki/value/value_total.hpp>

#include <putki/core/error.hpp>
#include <putki/value/bg_nbd.hpp>

#include "value/real_customers.hpp"

#include <catch2/catch.hpp>

#include <cmath>

using namespace putki;

TEST_CASE("A sample's mean, deviation and quantiles are those worked by hand, in whatever order it came") {
  const ValueTotal total = summarised(5, {9, 1, 4, 2, 4});
  CHECK(total.expected == 5);
  CHECK(total.mean == Approx(4));
  CHECK(total.sd == Approx(std::sqrt((25. + 9 + 0 + 4 + 0) / 4)));
  CHECK(total.sample == std::vector<double>{1, 2, 4, 4, 9});
  CHECK(total.quantile(0) == 1);
  CHECK(total.quantile(.2) == 1);
  CHECK(total.quantile(.21) == 2);
  CHECK(total.quantile(.8) == 4);
  CHECK(total.quantile(1) == 9);
  CHECK(total.interval(.5).lower == 2);
  CHECK(total.interval(.5).upper == 4);
  CHECK(summarised(3, {7}).sd == 0);
}

TEST_CASE("A total says what it cannot tell") {
  const ValueTotal total = summarised(1, {1, 2});
  for (const double bad : {-.1, 1.1, std::nan("")}) CHECK_THROWS_AS(total.quantile(bad), InvalidArgument);
  for (const double bad : {0., 1., std::nan("")}) CHECK_THROWS_AS(total.interval(bad), InvalidArgument);
  CHECK_THROWS_AS(ValueTotal{}.quantile(.5), InvalidArgument);
  CHECK_THROWS_AS(ValueTotal{}.interval(), InvalidArgument);
  CHECK(summarised(2, {}).mean == 0);
}

TEST_CASE("A customer's limits come from the parameters' uncertainty") {
  const BgNbd model = fit_bg_nbd(test::cdnow_statistics().purchases());
  const PurchaseCell cell{2, 213, 272};
  const auto limits = under_parameters(
      model, [&](const BgNbd& here) { return here.expected_purchases(cell, 39); }, 2000);
  // The delta method on the logarithms, by differences.
  std::vector<double> slope;
  for (std::size_t i = 0; i < 4; ++i) {
    auto up = model.fit().values, down = up;
    up[i] *= 1.001, down[i] /= 1.001;
    slope.push_back((model.with_parameters(up).expected_purchases(cell, 39) -
                     model.with_parameters(down).expected_purchases(cell, 39)) /
                    (2 * std::log(1.001)));
  }
  double variance = 0;
  for (std::size_t i = 0; i < 4; ++i)
    for (std::size_t j = 0; j < 4; ++j) variance += slope[i] * slope[j] * model.fit().log_covariance(i, j);
  CHECK(limits.sd == Approx(std::sqrt(variance)).epsilon(.08));
  CHECK(limits.expected == model.expected_purchases(cell, 39));
}
