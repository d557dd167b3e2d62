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
