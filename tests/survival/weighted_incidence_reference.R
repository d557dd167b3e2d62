# Reference numbers of weighted_incidence_test.cpp. Run: Rscript weighted_incidence_reference.R (R 4.2.2, survival 3.5-3).
library(survival)
time <- c(2, 3, 3, 5, 5, 6, 8, 8, 9, 11, 12, 12)
cause <- c(1, 2, 0, 1, 2, 0, 1, 1, 2, 0, 1, 0)
weight <- c(10, 2, 5, 1, 7.5, 3, 20, 0.5, 4, 6, 2, 9)
fit <- survfit(Surv(time, factor(cause)) ~ 1, weights = weight, id = seq_along(time))
s <- summary(fit, times = c(2, 5, 8, 12))
for (k in 1:3) {
  cat("cause", k - 1, "probability", sprintf("%.12g", s$pstate[, k]), "\n")
  cat("cause", k - 1, "std.err    ", sprintf("%.12g", s$std.err[, k]), "\n")
}
