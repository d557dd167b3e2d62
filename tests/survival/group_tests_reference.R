# Reference numbers of log_rank_test.cpp and gray_test_test.cpp. Run: Rscript group_tests_reference.R
# (R 4.2.2, survival 3.5-3, cmprsk 2.2-11, KMsurv 0.1-5).
library(survival)
library(cmprsk)
show <- function(name, x) cat(sprintf("%-36s", name), paste(sprintf("%.12g", x), collapse = ", "), "\n")
test <- function(name, fit) {
  show(paste(name, "observed"), if (is.matrix(fit$obs)) rowSums(fit$obs) else fit$obs)
  show(paste(name, "expected"), if (is.matrix(fit$exp)) rowSums(fit$exp) else fit$exp)
  show(paste(name, "chi-square, p"), c(fit$chisq, fit$pvalue))
}

cat("# Freireich et al. 1963: 6-MP and placebo\n")
mp <- data.frame(time = c(6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35,
                          1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23),
                 end = c(1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, rep(1, 21)),
                 arm = rep(0:1, each = 21))
test("6-MP", survdiff(Surv(time, end) ~ arm, mp))
test("6-MP rho 1", survdiff(Surv(time, end) ~ arm, mp, rho = 1))
cat("# ovarian\n")
test("ovarian", survdiff(Surv(futime, fustat) ~ rx, ovarian))
test("ovarian in strata of residual disease", survdiff(Surv(futime, fustat) ~ rx + strata(resid.ds), ovarian))
show("ovarian time", ovarian$futime); show("status", ovarian$fustat); show("rx", ovarian$rx); show("resid", ovarian$resid.ds)

# The same numbers in any language: x <- 75 x + 74 modulo 65537.
state <- 1
draw <- function(n) { state <<- (75 * state + 74) %% 65537; state %% n }
sample_of <- function(n, groups, last) {
  state <<- 1
  rows <- t(sapply(seq_len(n), function(i) c(group = draw(groups), time = 1 + draw(last), cause = draw(3), stratum = draw(2))))
  rows <- as.data.frame(rows)
  rows$time <- rows$time + 2 * rows$group * (rows$cause == 1)  # so that the groups differ
  rows
}
for (shape in list(c(40, 2, 10), c(120, 3, 12), c(300, 4, 100))) {
  d <- sample_of(shape[1], shape[2], shape[3])
  name <- paste(shape, collapse = "/")
  test(paste("drawn", name), survdiff(Surv(time, cause > 0) ~ group, d))
  test(paste("drawn cause 1", name), survdiff(Surv(time, cause == 1) ~ group, d))
  test(paste("drawn strata", name), survdiff(Surv(time, cause > 0) ~ group + strata(stratum), d))
  test(paste("drawn rho 1", name), survdiff(Surv(time, cause > 0) ~ group, d, rho = 1))
  g <- cuminc(d$time, d$cause, d$group)$Tests
  for (k in 1:2) show(paste("Gray", name, "cause", k), g[k, 1:3])
  g <- cuminc(d$time, d$cause, d$group, strata = d$stratum)$Tests
  for (k in 1:2) show(paste("Gray strata", name, "cause", k), g[k, 1:3])
}

cat("# left truncation without ties: the score test of Cox's model is the log-rank test\n")
entry <- c(0, 0, 1.5, 2.2, 0.3, 3.1, 4.4, 1.1, 0, 2.9)
time <- c(2, 3.3, 6.1, 4.5, 5.2, 7.7, 8.3, 9.9, 1.2, 6.6)
end <- c(1, 1, 0, 1, 1, 1, 1, 0, 1, 1)
group <- c(0, 1, 2, 0, 1, 2, 0, 1, 2, 0)
show("truncated score test", coxph(Surv(entry, time, end) ~ factor(group))$score)

cat("# bone marrow transplants, Klein & Moeschberger 2003, section 1.3: relapse, death in remission; three diseases\n")
data(bmt, package = "KMsurv")
cause <- ifelse(bmt$d2 == 1, 1, ifelse(bmt$d1 == 1, 2, 0))
for (g in 1:3) show(paste("disease", g, "days"), bmt$t2[bmt$group == g])
for (g in 1:3) show(paste("disease", g, "cause"), cause[bmt$group == g])
g <- cuminc(bmt$t2, cause, bmt$group)$Tests
for (k in 1:2) show(paste("Gray transplants, cause", k), g[k, 1:3])
test("transplants", survdiff(Surv(t2, cause > 0) ~ group, bmt))

cat("# stem cell transplants, Scrucca, Santucci & Aversa 2010: relapse, death without it; ALL and AML\n")
months <- list(c(0.67, 131.77, 24.03, 1.47, 2.23, 124.83, 10.53, 123.9, 2, 1.7, 3.57, 0.4, 0.87, 121.1, 7.5, 6.13,
  2.8, 5.37, 2.87, 3.07, 1.7, 1.8, 3.63, 112.23, 1.67, 7.53, 6.03, 2.53, 8, 82.6, 6, 4.23, 7.47, 13.07, 1.43, 72.93,
  71.83, 8.17, 7.57, 2.4, 1.1, 3.3, 1.23, 56.6, 8.63, 1.1, 5.43, 45.3, 43.67, 4.17, 20.83, 0.37, 0.27, 35.5, 4.07,
  7.93, 17.23, 3.43, 12.17, 29.2, 3.63, 24.77, 6.6, 9.43, 1.87, 19.9, 7.63, 2.23, 3.23, 16.83, 16.13, 2.7, 10.3),
  c(9.5, 6.33, 2.3, 5.27, 6.3, 10.9, 114.7, 114.1, 35, 112.93, 7.63, 110.37, 20.93, 2.83, 9.63, 3.17, 9.97, 5.7,
  106.13, 4.2, 9.17, 8.73, 85.1, 4.8, 3.57, 81.67, 6.2, 3.47, 1, 6.1, 77, 76.03, 28.53, 1.97, 67.8, 70.2, 3.03, 5.87,
  68.83, 9.13, 6.07, 59.17, 58.23, 58, 3.6, 1.6, 5.63, 4.4, 13.8, 49.27, 9.2, 6.7, 12.57, 11.8, 43.2, 6.63, 42.5,
  1.87, 1.23, 41.3, 3.9, 4.57, 4.4, 3.7, 3.4, 8.6, 1.3, 35.5, 2, 8.8, 32.63, 7.2, 9, 6, 29.9, 28.7, 42.17, 0.13,
  12.27, 26.13, 4.73, 3.93, 2.03, 5, 5.6, 1.2, 5.23, 3.5, 2.8, 1.47, 0.87, 7.2, 3.57, 4.57, 1.77, 16.6, 15.17, 7,
  2.53, 14.5, 2.3, 10.2, 9.97, 7.63))
status <- list(c(2, 0, 2, 2, 2, 0, 2, 0, 1, 2, 1, 2, 2, 0, 2, 1, 2, 1, 1, 1, 1, 1, 2, 0, 1, 1, 2, 1, 2, 0, 2, 1, 2, 1,
  2, 0, 0, 2, 1, 1, 2, 2, 1, 0, 1, 1, 2, 0, 0, 2, 1, 2, 2, 0, 1, 1, 1, 2, 2, 0, 1, 0, 2, 1, 1, 0, 1, 1, 2, 0, 0, 2,
  1), c(1, 2, 2, 2, 2, 2, 0, 0, 1, 0, 2, 0, 2, 2, 2, 2, 2, 1, 0, 1, 2, 2, 0, 2, 2, 0, 1, 2, 2, 2, 0, 0, 1, 2, 0, 0, 1,
  1, 0, 1, 1, 0, 0, 0, 2, 1, 1, 2, 2, 0, 2, 2, 1, 2, 0, 1, 0, 1, 2, 0, 2, 2, 2, 2, 2, 2, 1, 0, 2, 2, 0, 2, 2, 1, 0, 0,
  1, 2, 1, 0, 1, 2, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 0, 0, 1, 1, 0, 1, 0, 0, 1))
g <- cuminc(unlist(months), unlist(status), rep(0:1, lengths(months)))$Tests
for (k in 1:2) show(paste("Gray stem cells, cause", k), g[k, 1:3])
