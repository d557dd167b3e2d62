# Reference numbers of comparison_test.cpp. Run: Rscript comparison_reference.R (R 4.2.2, survival 3.5-3).
for (p in list(c(.5, .75, .9), c(.1, .15, .8), c(.17, .2, .8), c(.02, .01, .95)))
  cat(sprintf("n %g -> %g, power %g: %.10g\n", p[1], p[2], p[3], power.prop.test(p1 = p[1], p2 = p[2], power = p[3], tol = 1e-10)$n))
for (n in c(50, 500, 5000))
  cat(sprintf("detectable from .2 with %g each: %.10g\n", n, power.prop.test(n = n, p1 = .2, power = .8, tol = 1e-12)$p2))
improved <- function(a, b, c, d) integrate(function(x) dbeta(x, c, d) * pbeta(x, a, b), 0, 1, rel.tol = 1e-11, subdivisions = 2000)$value
for (k in list(c(20.5, 80.5, 30.5, 70.5), c(.5, 10.5, 3.5, 7.5), c(200.5, 1800.5, 215.5, 1785.5), c(2.5, 1.5, .5, 5.5), c(1, 3, 1.2, 2)))
  cat(sprintf("P(Beta(%g, %g) < Beta(%g, %g)): %.10g\n", k[1], k[2], k[3], k[4], improved(k[1], k[2], k[3], k[4])))
