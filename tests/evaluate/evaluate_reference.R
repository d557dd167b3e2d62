# Reference numbers of scores_test.cpp and diebold_mariano_test.cpp. Run: Rscript evaluate_reference.R (R 4.2.2, no
# packages).
show <- function(name, x) cat(sprintf("%-36s", name), paste(sprintf("%.12g", x), collapse = ", "), "\n")

cat("# CRPS as an integral of the squared distance of distribution functions\n")
crps <- function(cdf, y, lower, upper) {
  part <- function(f, a, b) if (b > a) integrate(f, a, b, rel.tol = 1e-12, abs.tol = 0, subdivisions = 1000)$value else 0
  part(function(x) cdf(x)^2, lower, y) + part(function(x) (1 - cdf(x))^2, y, upper)
}
for (y in c(3, 8, 20)) show(paste("gamma, shape 4, rate 1/2, at", y), crps(function(x) pgamma(x, 4, 0.5), y, 0, 120))
show("expected, same gamma",
     integrate(function(x) pgamma(x, 4, 0.5) * pgamma(x, 4, 0.5, lower.tail = FALSE), 0, 120, rel.tol = 1e-12)$value)

cat("# Diebold-Mariano, Bartlett weights, correction of Harvey, Leybourne & Newbold\n")
dm <- function(d, h) {
  n <- length(d)
  gamma <- acf(d, type = "covariance", lag.max = h - 1, plot = FALSE)$acf[, 1, 1]
  variance <- (gamma[1] + 2 * sum((1 - seq_len(h - 1) / h) * gamma[-1])) / n
  statistic <- mean(d) / sqrt(variance) * sqrt((n + 1 - 2 * h + h * (h - 1) / n) / n)
  c(mean(d), statistic, 2 * pt(-abs(statistic), n - 1))
}
a <- c(2.1, 3.4, 1.9, 2.8, 4.0, 3.1, 2.2, 2.7, 3.3, 2.5, 1.8, 2.9)
b <- c(2.6, 3.1, 2.8, 3.9, 4.1, 3.8, 2.1, 3.5, 3.2, 3.4, 2.4, 3.0)
for (h in c(1, 2, 4)) show(paste("h =", h), dm(a - b, h))
