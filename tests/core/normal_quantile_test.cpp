#include "core/normal_quantile.hpp"

#include <boost/math/distributions/normal.hpp>
#include <catch2/catch.hpp>

using namespace putki;

TEST_CASE("normal quantiles are those of R's qnorm") {
  // sprintf("%.16g", qnorm(p))
  struct Expected {
    double p;
    double quantile;
  };
  for (const Expected& e :
       {Expected{1e-300, -37.0470962993612}, Expected{1e-20, -9.262340089798405}, Expected{1e-09, -5.997807015007687},
        Expected{0.001, -3.090232306167813}, Expected{0.025, -1.959963984540054}, Expected{0.0749, -1.440238267527963},
        Expected{0.0751, -1.43882539275254}, Expected{0.3, -0.5244005127080407}, Expected{0.5, 0.0},
        Expected{0.7, 0.5244005127080407}, Expected{0.975, 1.959963984540054}, Expected{0.999999, 4.753424308817089}}) {
    CAPTURE(e.p);
    CHECK(normal_quantile(e.p) == Approx(e.quantile).epsilon(2e-15).margin(0));
  }
}

TEST_CASE("normal quantiles agree with Boost.Math over the whole range") {
  const boost::math::normal_distribution<double> normal;
  for (int n = 1; n < 2000; ++n) {
    const double p = n / 2000.0;
    CAPTURE(p);
    REQUIRE(normal_quantile(p) == Approx(quantile(normal, p)).epsilon(1e-14).margin(1e-15));
    REQUIRE(normal_quantile_from_centre(p - 0.5) == Approx(quantile(normal, p)).epsilon(1e-14).margin(1e-15));
  }
  for (double p = 1e-3; p > 1e-290; p /= 7.0) {
    CAPTURE(p);
    REQUIRE(normal_quantile(p) == Approx(quantile(normal, p)).epsilon(1e-14).margin(0));
  }
}
